import type { Balances } from '../../src/model/account.ts';
import type { LedgerEntryView } from '../../src/model/ledger-entry.ts';
import type { Cause } from './causes.ts';
import type { OldAccount } from './old-records.ts';
import type { OurExpiries } from './our-records.ts';

/*
 * Why a balance differs. Each cause is a guess that must come out to the point: another moment, what was reported late,
 * what expires about now, one thing that was done here only. The first that does is told.
 */

type Buckets = Pick<Balances, 'available' | 'pending' | 'debt'>;

export interface Why {
  readonly cause: Cause;
  readonly detail: string;
}

/** What is known of an account here around the instant. */
export interface Around {
  readonly here: Buckets;
  /** The instant that is compared, in milliseconds. */
  readonly at: number;
  /** The account's entries, the first first: at most the last 500. */
  readonly entries: readonly LedgerEntryView[];
  readonly expiries: OurExpiries;
}

const DAY_MS = 86_400_000;
/** How long before the instant a file may have been written, account by account. */
const LAG_MS = DAY_MS;
/** Systems round expiries to days, months, zones; those days are where the two say different things. */
const EXPIRY_MS = 3 * DAY_MS;

/** Held points are still the member's: the old system knows nothing of holds here. */
export const withHeld = <T extends { readonly available: number; readonly held: number }>(balances: T): T => ({
  ...balances,
  available: balances.available + balances.held,
});

/** What an entry adds to the buckets. Debt is shown positive: what flows into it makes it smaller. */
const effectOf = ({ from, to, points }: LedgerEntryView): Buckets => {
  const into = (bucket: string): number => (to === bucket ? points : 0) - (from === bucket ? points : 0);
  return { available: into('available') + into('held'), pending: into('pending'), debt: -into('debt') };
};

const sum = (a: Buckets, b: Buckets, sign = 1): Buckets => ({
  available: a.available + sign * b.available,
  pending: a.pending + sign * b.pending,
  debt: a.debt + sign * b.debt,
});
const nothing: Buckets = { available: 0, pending: 0, debt: 0 };

/** What the file does not say is not compared. */
export const isSame = (there: OldAccount, here: Buckets): boolean =>
  there.available === here.available &&
  (there.pending ?? here.pending) === here.pending &&
  (there.debt ?? here.debt) === here.debt;

const apart = (there: OldAccount, here: Buckets): number =>
  Math.abs(here.available - there.available) +
  Math.abs(here.pending - (there.pending ?? here.pending)) +
  Math.abs(here.debt - (there.debt ?? here.debt));

const named = (entries: readonly LedgerEntryView[]): string => {
  const names = [
    ...new Set(entries.map(({ cause, cause_id }) => (cause_id === null ? cause : `${cause} ${cause_id}`))),
  ];
  return names.length > 4 ? `${names.slice(0, 4).join(', ')} and ${names.length - 4} more` : names.join(', ');
};

const splitOtherwise = (there: OldAccount, here: Buckets): Why | null => {
  if ((there.debt ?? here.debt) !== here.debt) return null;
  const all = here.available + here.pending;
  if (here.pending + (there.pending ?? 0) === 0 || there.available + (there.pending ?? 0) !== all) return null;
  return { cause: 'pending', detail: `${here.pending} pending here, ${there.pending ?? 'not said'} there` };
};

const debtTakenOff = (there: OldAccount, here: Buckets): Why | null =>
  here.debt > 0 &&
  there.debt === null &&
  there.available === here.available - here.debt &&
  (there.pending ?? here.pending) === here.pending
    ? { cause: 'debt', detail: `${here.debt} owed here` }
    : null;

const movedSince = (there: OldAccount, { at, entries }: Around): Why | null => {
  const after = entries.filter(({ recorded_at }) => Date.parse(recorded_at) > at);
  const index = after.findIndex(({ balances }) => isSame(there, withHeld(balances)));
  return index === -1 ? null : { cause: 'moved_since', detail: `after ${named(after.slice(0, index + 1))}` };
};

const notYetThere = (there: OldAccount, { at, entries, here }: Around): Why | null => {
  const lately = entries.filter(
    ({ recorded_at }) => Date.parse(recorded_at) <= at && Date.parse(recorded_at) > at - LAG_MS,
  );
  let then = here;
  for (let index = lately.length - 1; index >= 0; index--) {
    const entry = lately[index];
    if (entry === undefined) break;
    then = sum(then, effectOf(entry), -1);
    if (isSame(there, then)) return { cause: 'not_yet_there', detail: `before ${named(lately.slice(index))}` };
  }
  return null;
};

const reportedLater = (there: OldAccount, { here, at, entries }: Around): Why | null => {
  const late = entries.filter(
    ({ recorded_at, occurred_at }) => Date.parse(recorded_at) > at && Date.parse(occurred_at) <= at,
  );
  const then = late.map(effectOf).reduce((all, one) => sum(all, one), here);
  return late.length > 0 && isSame(there, then) ? { cause: 'reported_later', detail: named(late) } : null;
};

const expiresAbout = (there: OldAccount, { here, at, entries, expiries }: Around): Why | null => {
  const gone = entries.filter(
    ({ movement, occurred_at, recorded_at }) =>
      movement === 'expire' && Date.parse(recorded_at) <= at && Date.parse(occurred_at) > at - EXPIRY_MS,
  );
  let points = 0;
  for (const entry of gone.toReversed()) {
    points += entry.points;
    if (isSame(there, { ...here, available: here.available + points }))
      return { cause: 'expiry', detail: `${points} expired here by ${entry.occurred_at}` };
  }
  points = 0;
  for (const expiry of expiries.dated) {
    if (Date.parse(expiry.expires_at) > at + EXPIRY_MS) break;
    points += expiry.points;
    if (isSame(there, { ...here, available: here.available - points }))
      return { cause: 'expiry', detail: `${points} expire here by ${expiry.expires_at}` };
  }
  return null;
};

/** One purchase, return, adjustment … without which the balances would be the same. */
const onlyHere = (there: OldAccount, { here, at, entries }: Around): Why | null => {
  const known = entries.filter(({ recorded_at, cause }) => Date.parse(recorded_at) <= at && cause !== 'opening');
  for (const some of Map.groupBy(known, ({ cause, cause_id, id }) => `${cause} ${cause_id ?? id}`).values()) {
    const effect = some.map(effectOf).reduce((all, one) => sum(all, one), nothing);
    if (isSame(there, sum(here, effect, -1))) return { cause: 'only_here', detail: named(some) };
  }
  return null;
};

/** Why an account differs that does. `rounding` is how many points that may be. */
export const whyBalance = (there: OldAccount, around: Around, rounding: number): Why =>
  splitOtherwise(there, around.here) ??
  debtTakenOff(there, around.here) ??
  movedSince(there, around) ??
  notYetThere(there, around) ??
  reportedLater(there, around) ??
  expiresAbout(there, around) ??
  (apart(there, around.here) <= rounding ? { cause: 'rounding', detail: '' } : null) ??
  onlyHere(there, around) ?? { cause: 'balance', detail: '' };
