import type { LineFilter } from '../model/line-filter.ts';

type Line = { readonly sku: string; readonly categories: readonly string[] };
export type LineMatcher = (line: Line) => boolean;

/** The filter as a function: every filter present must hold. */
export const matchLines = (filter: LineFilter): LineMatcher => {
  const skuIn = filter.sku_in && new Set(filter.sku_in);
  const skuNotIn = filter.sku_not_in && new Set(filter.sku_not_in);
  const categoryIn = filter.category_in && new Set(filter.category_in);
  const categoryNotIn = filter.category_not_in && new Set(filter.category_not_in);
  return (line) =>
    (skuIn === undefined || skuIn.has(line.sku)) &&
    (skuNotIn === undefined || !skuNotIn.has(line.sku)) &&
    (categoryIn === undefined || line.categories.some((category) => categoryIn.has(category))) &&
    (categoryNotIn === undefined || !line.categories.some((category) => categoryNotIn.has(category)));
};
