interface Parsed {
  readonly count: number;
  readonly unit: string;
}

const parse = (duration: string): Parsed => ({ count: Number(duration.slice(1, -1)), unit: duration.slice(-1) });

/** Whole months of a duration in months or years; null for days and weeks. */
const monthsOf = ({ count, unit }: Parsed): number | null => (unit === 'M' ? count : unit === 'Y' ? count * 12 : null);

const daysOf = ({ count, unit }: Parsed): number => (unit === 'W' ? count * 7 : count);

/** Days that so many months have at least, wherever they begin: one has 28, twelve have 365. */
const fewestDays = (months: number): number =>
  Math.floor(months / 12) * 365 + (months % 12 === 0 ? 0 : (months % 12) * 30 - 2);

/** Days that so many months have at most: one has 31, twelve have 366. */
const mostDays = (months: number): number => Math.floor(months / 12) * 366 + (months % 12) * 31;

/** Days a duration comes to at least, wherever it begins. */
export const fewestDaysOf = (duration: string): number => {
  const parsed = parse(duration);
  const months = monthsOf(parsed);
  return months === null ? daysOf(parsed) : fewestDays(months);
};

/** Whether one duration is shorter than another whenever they begin: `P28D` may be as long as `P1M`, `P27D` is not. */
export const alwaysShorter = (one: string, other: string): boolean => {
  const [a, b] = [parse(one), parse(other)];
  const [aMonths, bMonths] = [monthsOf(a), monthsOf(b)];
  if (aMonths !== null && bMonths !== null) return aMonths < bMonths;
  return (aMonths === null ? daysOf(a) : mostDays(aMonths)) < (bMonths === null ? daysOf(b) : fewestDays(bMonths));
};
