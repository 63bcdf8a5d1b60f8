import type { Comparison, Condition } from '../../model/condition.ts';
import type { Fault } from '../../model/problem.ts';
import type { ConditionContext } from './field.ts';
import { fieldOf } from './fields.ts';
import { pointerTo } from './findings.ts';
import { keyOf, labelOf } from './label.ts';
import { childrenOf } from './walk.ts';

/** Which fields an enclosing `any` asks about being absent: nobody is surprised by those. */
type Guarded = ReadonlySet<string>;

const isAbsence = (condition: Condition): condition is { not: Comparison } =>
  'not' in condition && 'field' in condition.not && condition.not.op === 'exists';

const guardedBy = (condition: Condition, guarded: Guarded): Guarded =>
  'any' in condition
    ? new Set([...guarded, ...condition.any.filter(isAbsence).map((absence) => keyOf(absence.not))])
    : guarded;

const places = (condition: Condition, pointer: string): readonly (readonly [Condition, string])[] => {
  if ('all' in condition) return condition.all.map((child, index) => [child, `${pointer}/all/${index}`]);
  if ('any' in condition) return condition.any.map((child, index) => [child, `${pointer}/any/${index}`]);
  const name = 'not' in condition ? 'not' : 'where';
  return childrenOf(condition).map((child) => [child, pointerTo(pointer, name)]);
};

const find = (
  condition: Condition,
  context: ConditionContext,
  pointer: string,
  guarded: Guarded,
  negated: boolean,
): Fault[] => {
  if ('field' in condition) {
    const { op, field } = condition;
    const surprising = op === 'ne' || op === 'not_in' || (negated && op !== 'exists');
    if (!surprising || !fieldOf(context, condition).nullable || guarded.has(keyOf(condition))) return [];
    const label = labelOf(condition);
    const absence = JSON.stringify({ not: { ...referenceOf(condition), op: 'exists' } });
    return [
      {
        pointer,
        code: 'absent_is_unknown',
        detail: `members whose ${label} is absent do not match: ${op === 'ne' || op === 'not_in' ? op : `not ${op}`} of ${field} is unknown for them`,
        expected: `where they should match: {"any": [ …, ${absence} ]}`,
      },
    ];
  }
  const inside = guardedBy(condition, guarded);
  return places(condition, pointer).flatMap(([child, at]) =>
    find(child, context, at, inside, negated !== 'not' in condition),
  );
};

const referenceOf = ({ op: _op, value: _value, ...reference }: Comparison) => reference;

/** What of a checked condition may not be meant as it is written: nobody is refused for it. */
export const warningsOf = (condition: Condition, context: ConditionContext, pointer: string): Fault[] =>
  find(condition, context, pointer, new Set(), false);
