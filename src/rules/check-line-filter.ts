import type { LineFilter } from '../model/line-filter.ts';
import type { Fault } from '../model/problem.ts';

const contradictory = (name: string, listed: readonly string[], keptOut: readonly string[]): Fault[] =>
  listed.length === 0 || listed.some((item) => !keptOut.includes(item))
    ? []
    : [
        {
          pointer: `/lines/${name}_in`,
          code: 'contradiction',
          detail: `all of it is in ${name}_not_in too: no line matches`,
          expected: `something that ${name}_not_in does not keep out`,
        },
      ];

/** A list of which nothing is left once what is kept out is taken from it. Of categories a line can have several. */
export const checkLineFilter = (lines: LineFilter | null): Fault[] => {
  const { sku_in = [], sku_not_in = [], category_in = [], category_not_in = [] } = lines ?? {};
  return [...contradictory('sku', sku_in, sku_not_in), ...contradictory('category', category_in, category_not_in)];
};
