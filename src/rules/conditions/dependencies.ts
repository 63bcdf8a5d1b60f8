import { type Comparison, type Condition, type FieldReference, WINDOWS, type Window } from '../../model/condition.ts';
import type { ConditionContext } from './field.ts';
import { fieldOf } from './fields.ts';
import { schemeOf } from './held-fields.ts';
import { walletOf } from './member-fields.ts';
import { leavesOf, referencesOf } from './walk.ts';

/** What the answer of a condition depends on. Each list is sorted and without repetition. */
export interface Dependencies {
  readonly fields: readonly string[];
  /** Shortest first. */
  readonly windows: readonly Window[];
  readonly wallets: readonly string[];
  readonly schemes: readonly string[];
  readonly segments: readonly string[];
  /** The types of activity that are counted. */
  readonly activities: readonly string[];
  /** Whether what is kept about the person is read. */
  readonly person: boolean;
  /** Whether time alone may change the answer. */
  readonly time: boolean;
}

const TIMELY: ReadonlySet<string> = new Set(['within_last', 'older_than', 'anniversary_within']);

const sorted = (values: Iterable<string | undefined>): string[] =>
  [...new Set(values)].filter((value) => value !== undefined).sort();

const segmentsOf = (leaf: Condition): readonly string[] => {
  if (!('field' in leaf) || leaf.field !== 'segments') return [];
  return [(leaf as Comparison).value ?? []].flat() as string[];
};

const isTimely = (reference: FieldReference): boolean =>
  reference.window !== undefined || reference.field === 'days_enrolled';

export const dependenciesOf = (condition: Condition, context: ConditionContext): Dependencies => {
  const leaves = leavesOf(condition);
  const references = leaves
    .flatMap(referencesOf)
    .map((reference) => ({ reference, field: fieldOf(context, reference) }));
  const taking = (parameter: 'wallet' | 'scheme') =>
    references.filter(({ field }) => field.parameters.includes(parameter)).map(({ reference }) => reference);
  const windows = new Set(references.map(({ reference }) => reference.window));
  return {
    fields: sorted(references.map(({ field }) => field.name)),
    windows: WINDOWS.filter((window) => windows.has(window)),
    wallets: sorted(taking('wallet').map(walletOf)),
    schemes: sorted(taking('scheme').map((reference) => schemeOf(context.fields.schemes, reference))),
    segments: sorted(leaves.flatMap(segmentsOf)),
    activities: sorted(references.map(({ reference }) => reference.activity)),
    person: references.some(({ field }) => field.personal),
    time:
      references.some(({ reference }) => isTimely(reference)) ||
      leaves.some((leaf) => 'op' in leaf && TIMELY.has(leaf.op)),
  };
};
