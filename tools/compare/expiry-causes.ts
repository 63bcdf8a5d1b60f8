import type { Why } from './balance-causes.ts';
import type { OldExpiry } from './old-records.ts';
import type { OurExpiries } from './our-records.ts';

const DAY_MS = 86_400_000;

type Dated = readonly [at: number, points: number];

const datedOf = (expiries: readonly OldExpiry[], after: number): Dated[] => {
  const sums = new Map<number, number>();
  for (const { points, expires_at } of expiries) {
    const at = expires_at === null ? Number.POSITIVE_INFINITY : Date.parse(expires_at);
    if (at > after && points > 0) sums.set(at, points + (sums.get(at) ?? 0));
  }
  return [...sums].sort(([a], [b]) => a - b);
};

const said = (dated: readonly Dated[]): string => {
  const shown = dated
    .slice(0, 4)
    .map(([at, points]) => `${points} ${Number.isFinite(at) ? new Date(at).toISOString() : 'never'}`);
  return dated.length === 0 ? 'none' : `${shown.join(', ')}${dated.length > 4 ? `, and ${dated.length - 4} more` : ''}`;
};

/** What stands on one side only, where the other has not as many points at this instant. */
const without = (some: readonly Dated[], others: readonly Dated[]): Dated[] => {
  const known = new Map(others);
  return some.flatMap(([at, points]): Dated[] => {
    const left = points - (known.get(at) ?? 0);
    return left > 0 ? [[at, left]] : [];
  });
};

/** Whether each point on one side has one on the other that expires within a day of it. Both are in order of time. */
const isWithinDay = (there: readonly Dated[], here: readonly Dated[]): boolean => {
  const left = here.map(([at, points]) => ({ at, points }));
  for (const [at, points] of there) {
    let wanted = points;
    for (const one of left) {
      if (wanted === 0) break;
      if (one.points === 0) continue;
      if (Math.abs(one.at - at) > DAY_MS || !Number.isFinite(at)) return false;
      const part = Math.min(wanted, one.points);
      one.points -= part;
      wanted -= part;
    }
    if (wanted > 0) return false;
  }
  return left.every(({ points }) => points === 0);
};

/** How the expiries of an account differ whose balances are the same; null: they do not. What never expires counts where the file names it. */
export const whyExpiries = (
  there: readonly OldExpiry[],
  { dated, never }: OurExpiries,
  at: number,
): (Why & { readonly there: string; readonly here: string }) | null => {
  const old = datedOf(there, at);
  const namesNever = there.some(({ expires_at }) => expires_at === null);
  const ours = datedOf(
    [
      ...dated.map(({ points, pending, expires_at }) => ({ points: points + pending, expires_at })),
      ...(namesNever ? [{ points: never, expires_at: null }] : []),
    ],
    at,
  );
  const [onlyThere, onlyHere] = [without(old, ours), without(ours, old)];
  if (onlyThere.length + onlyHere.length === 0) return null;
  const sides = { there: said(onlyThere), here: said(onlyHere) };
  return isWithinDay(onlyThere, onlyHere)
    ? { cause: 'expiry_day', detail: '', ...sides }
    : { cause: 'expiries', detail: '', ...sides };
};
