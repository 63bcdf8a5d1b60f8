import { type Static, Type } from 'typebox';
import { limits } from './limits.ts';
import { closed } from './schema.ts';
import { text } from './text.ts';

const filterList = (what: string, example: string) =>
  Type.Array(text(limits.idLength, what, example), {
    minItems: 1,
    maxItems: limits.ruleLineFilters,
    uniqueItems: true,
  });

/** Which lines of a purchase a rule looks at: every filter present must hold. */
export const LineFilter = closed(
  {
    sku_in: Type.Optional(filterList('A stock keeping unit.', 'SHOE-42')),
    sku_not_in: Type.Optional(filterList('A stock keeping unit.', 'GIFTCARD')),
    category_in: Type.Optional(filterList('A category; a line matches when one of its categories is listed.', 'shoes')),
    category_not_in: Type.Optional(
      filterList('A category; a line matches when none of its categories is listed.', 'gift-cards'),
    ),
  },
  { minProperties: 1, description: 'Which lines count. Absent filters let every line pass.' },
);
export type LineFilter = Static<typeof LineFilter>;
