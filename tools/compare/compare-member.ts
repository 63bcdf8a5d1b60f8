import type { Balances } from '../../src/model/account.ts';
import type { TierView } from '../../src/model/tier-view.ts';
import { isSame, whyBalance, withHeld } from './balance-causes.ts';
import type { Cause } from './causes.ts';
import { whyExpiries } from './expiry-causes.ts';
import type { OldAccount, OldMember, OldTier } from './old-records.ts';
import type { OurMember, OurRecords } from './our-records.ts';

/** One thing that is not the same on both sides. */
export interface Difference {
  readonly cause: Cause;
  readonly member: string;
  /** Of the file; null: it is not in it. */
  readonly row: number | null;
  /** The wallet, or the tier scheme. */
  readonly of: string | null;
  readonly there: string;
  readonly here: string;
  /** Points here less points there; 0 where it is not about a balance. */
  readonly points: number;
  readonly detail: string;
}

export interface Comparing {
  readonly ours: OurRecords;
  /** The instant that the file shows, in milliseconds. Null: now. */
  readonly asOf: number | null;
  readonly rounding: number;
}

const none = { available: 0, pending: 0, held: 0, debt: 0 };
const DAY_MS = 86_400_000;

const accountIn = (accounts: readonly Balances[], wallet: string): Balances =>
  accounts.find((account) => account.wallet === wallet) ?? { wallet, ...none };

const balanceText = ({
  available,
  pending,
  debt,
}: {
  available: number;
  pending: number | null;
  debt: number | null;
}) => [`${available}`, ...(pending ? [`${pending} pending`] : []), ...(debt ? [`${debt} owed`] : [])].join(', ');

const isUnmoved = (then: Balances, now: Balances): boolean =>
  then.available === now.available && then.pending === now.pending && then.debt === now.debt;

const compareAccount = async (
  { ours, asOf, rounding }: Comparing,
  { member, row }: OldMember,
  there: OldAccount,
  found: OurMember,
): Promise<Difference[]> => {
  const at = asOf ?? found.readAt;
  const here = withHeld(accountIn(found.accounts, there.wallet));
  const difference = { member, row, of: there.wallet };
  if (isSame(there, here)) {
    // What expires is known as it is now, but for points that are held: it is the same as then where nothing moved since.
    const now = accountIn(found.now, there.wallet);
    if (there.expiries === null || now.held > 0 || !isUnmoved(here, now)) return [];
    const why = whyExpiries(there.expiries, await ours.expiries(member, there.wallet), at);
    return why === null ? [] : [{ ...difference, ...why, points: 0 }];
  }
  const [entries, expiries] = await Promise.all([
    ours.entries(member, there.wallet, null),
    ours.expiries(member, there.wallet),
  ]);
  const why = whyBalance(there, { here, at, entries, expiries }, rounding);
  const sum = (side: { available: number; pending: number | null; debt: number | null }): number =>
    side.available + (there.pending === null ? 0 : (side.pending ?? 0)) - (there.debt === null ? 0 : (side.debt ?? 0));
  return [
    {
      ...difference,
      ...why,
      there: balanceText(there),
      here: balanceText(here),
      points: sum(here) - sum(there),
    },
  ];
};

const tierText = (tier: string | null, until: string | null): string =>
  tier === null ? 'none' : until === null ? tier : `${tier} until ${until}`;

const compareTier = async (
  { ours, asOf }: Comparing,
  { member, row }: OldMember,
  scheme: string,
  there: OldTier,
  tiers: readonly TierView[],
): Promise<Difference[]> => {
  const held = tiers.find((one) => one.scheme === scheme);
  const { tier = null, since = null, stay = null } = held ?? {};
  const until = stay?.until ?? null;
  const sides = { there: tierText(there.tier, there.until), here: tierText(tier, until) };
  const difference = { member, row, of: scheme, points: 0, ...sides };
  if (tier === there.tier) {
    const isShort =
      there.until !== null &&
      until !== null &&
      Date.parse(until) < Date.parse(there.until) - DAY_MS &&
      !stay?.qualified;
    return isShort ? [{ ...difference, cause: 'tier_date', detail: '' }] : [];
  }
  const detail = await ours.whyTier(member, scheme);
  const isSince = asOf !== null && since !== null && Date.parse(since) > asOf;
  return [{ ...difference, cause: isSince ? 'tier_since' : 'tier', detail }];
};

/** Everything that differs for one member of the file. */
export const compareMember = async (comparing: Comparing, old: OldMember): Promise<Difference[]> => {
  const { member, row } = old;
  const found = await comparing.ours.member(member);
  if (found === null) {
    const points = -old.accounts.reduce((sum, { available }) => sum + available, 0);
    const there = old.accounts.map((account) => `${account.wallet} ${balanceText(account)}`).join('; ');
    return [{ cause: 'missing_here', member, row, of: null, there, here: '', points, detail: '' }];
  }
  const differences: Difference[] = [];
  for (const account of old.accounts) differences.push(...(await compareAccount(comparing, old, account, found)));
  for (const [scheme, tier] of old.tiers)
    differences.push(...(await compareTier(comparing, old, scheme, tier, found.tiers)));
  return differences;
};

/** Members here whom a file lacks that says to have everybody. Who came after the instant is none of it. */
export async function* missingThere({ ours, asOf }: Comparing, seen: ReadonlySet<string>): AsyncGenerator<Difference> {
  for await (const { id, enrolled_at, accounts } of ours.members()) {
    if (seen.has(id) || (asOf !== null && Date.parse(enrolled_at) > asOf)) continue;
    const own = accounts.map(withHeld);
    const here = own.map((account) => `${account.wallet} ${balanceText(account)}`).join('; ');
    const points = own.reduce((sum, { available, pending, debt }) => sum + available + pending - debt, 0);
    yield { cause: 'missing_there', member: id, row: null, of: null, there: '', here, points, detail: '' };
  }
}
