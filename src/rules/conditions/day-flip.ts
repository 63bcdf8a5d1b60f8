import type { Comparison } from '../../model/condition.ts';
import type { EpochDay } from '../../model/instant.ts';

/** Days ahead that are told of: some thousand years. No calendar has all that a number can say. */
const HORIZON = 365_000;

/**
 * The day after today on which a comparison of `days_enrolled` first changes its answer; null: on none. The count grows
 * by one each day, so that it changes when the count reaches, or passes, what it is compared with.
 */
export const daysEnrolledFlip = (
  { op, value }: Comparison,
  today: EpochDay,
  enrolledDay: EpochDay,
): EpochDay | null => {
  if (op === 'exists') return null;
  const turning = turningPoints(op, value);
  // Compared with something that is read: any day may be the one.
  if (turning === null) return today + 1;
  const days = turning.map((count) => enrolledDay + count).filter((day) => day > today && day <= today + HORIZON);
  return days.length === 0 ? null : Math.min(...days);
};

const turningPoints = (op: Comparison['op'], value: Comparison['value']): readonly number[] | null => {
  if (Array.isArray(value)) {
    const counts = value as readonly number[];
    if (op === 'between') return [counts[0] ?? 0, (counts[1] ?? 0) + 1];
    return counts.flatMap((count) => [count, count + 1]);
  }
  if (typeof value !== 'number') return null;
  switch (op) {
    case 'lt':
    case 'gte':
      return [value];
    case 'lte':
    case 'gt':
      return [value + 1];
    default:
      return [value, value + 1];
  }
};
