import { type Static, Type } from 'typebox';
import { defaulted, nullable } from './schema.ts';

/**
 * A whole number of one calendar unit, as ISO 8601 writes it: `P14D`, `P2W`, `P12M`, `P1Y`. At most 99 years or 9999 of
 * the others: what is so far away still has a year of four digits.
 */
export const Duration = (description: string) =>
  Type.String({
    pattern: '^P([1-9][0-9]{0,3}[DWM]|[1-9][0-9]?Y)$',
    description: `${description} ISO 8601, one unit.`,
    examples: ['P14D'],
  });

/** A duration that ends with the last day of a month, quarter or year where that is asked for. */
export const roundedDuration = (after: string) => ({
  after: Duration(after),
  round_up_to: nullable(
    Type.Enum(['month', 'quarter', 'year'], {
      description: 'Moves that day to the last of its month, quarter or year.',
    }),
    { default: null },
  ),
});

export const Expiry = defaulted(
  roundedDuration('Points can be used until the end of the local day so long after the purchase.'),
  {
    description: 'When points expire, in the program’s time zone. Null: never.',
    examples: [{ after: 'P12M', round_up_to: 'month' }],
  },
);
export type Expiry = Static<typeof Expiry>;
