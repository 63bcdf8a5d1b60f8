import type { Condition } from '../../model/condition.ts';
import { type CompiledClause, compileClauses } from './clauses.ts';
import { compileCondition, type Matcher } from './compile.ts';
import { type Dependencies, dependenciesOf } from './dependencies.ts';
import type { ConditionContext, FieldValue, Reader } from './field.ts';
import { fieldOf, readerOf } from './fields.ts';
import { compileNextFlip, type Flip } from './next-flip.ts';
import type { Subject } from './subject.ts';
import { fieldText } from './text-fields.ts';
import { leavesOf, referencesOf } from './walk.ts';

/** A condition with all that is derived from it once per revision. */
export interface CompiledCondition {
  readonly condition: Condition;
  readonly context: ConditionContext;
  /** True, false, or unknown (undefined). Only true matches. */
  readonly test: Matcher;
  readonly nextFlip: Flip;
  readonly dependencies: Dependencies;
  readonly clauses: readonly CompiledClause[];
  /** Everything it reads of the member and the trigger, each once; what it reads of lines is not among it. */
  readonly reads: readonly { readonly text: string; readonly read: Reader<Subject, FieldValue> }[];
}

export const compiled = (condition: Condition, context: ConditionContext): CompiledCondition => ({
  condition,
  context,
  test: compileCondition(condition, context),
  nextFlip: compileNextFlip(condition, context),
  dependencies: dependenciesOf(condition, context),
  clauses: compileClauses(condition, context),
  reads: [
    ...new Map(
      leavesOf(condition)
        .flatMap(referencesOf)
        .map((reference) => [fieldText(reference), reference]),
    ),
  ]
    .filter(([, reference]) => fieldOf(context, reference).subject !== 'line')
    .map(([text, reference]) => ({ text, read: readerOf(context, reference) })),
});
