import type { FieldReference } from '../../model/condition.ts';

const parametersOf = ({ window, wallet, scheme, activity }: FieldReference): string[] =>
  [activity, wallet, scheme, window].filter((parameter) => parameter !== undefined);

/** The name of what a reference reads: `spend 365d`. */
export const labelOf = (reference: FieldReference): string => [reference.field, ...parametersOf(reference)].join(' ');

/** The same for the same reference, different for others. */
export const keyOf = ({ field, window, wallet, scheme, activity }: FieldReference): string =>
  JSON.stringify([field, window, wallet, scheme, activity]);
