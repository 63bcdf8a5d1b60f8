import { settled } from '../engine/decide.ts';
import type { Draft } from '../engine/draft.ts';
import { accountOf } from '../engine/draft.ts';
import { needsOfRead } from '../engine/needs.ts';
import { slidingOf } from '../engine/sliding.ts';
import type { ExpiringPoints } from '../model/account.ts';
import type { ProgramId } from '../model/ids.ts';
import { type Instant, instantText } from '../model/instant.ts';
import type { Lot } from '../model/lot.ts';
import type { Rules } from '../rules/rules.ts';
import type { Database } from '../store/database.ts';
import { listExpiring, type PointsLeft, sumNeverExpiring } from '../store/expiring-lots.ts';
import type { AccountKey } from '../store/lots.ts';
import { covers, LOOKS_MAX, loadForReading, nothingWanted } from './settle-for-reading.ts';

/** One row more than a page tells whether another follows. */
export interface ExpiringPage {
  readonly rows: readonly ExpiringPoints[];
  readonly never: PointsLeft;
}

type Sums = Map<Instant | null, { available: number; pending: number; sliding: number }>;

const add = (
  sums: Sums,
  at: Instant | null,
  { available, pending }: PointsLeft,
  sign: 1 | -1,
  slides: boolean,
): void => {
  const there = sums.get(at) ?? { available: 0, pending: 0, sliding: 0 };
  sums.set(at, {
    available: there.available + sign * available,
    pending: there.pending + sign * pending,
    sliding: there.sliding + (slides ? available + pending : 0),
  });
};

/** What settling in memory changed of the wallet's lots that do not slide, which the table does not know yet. */
const addUnwritten = (sums: Sums, draft: Draft, wallet: string): void => {
  const own = (lot: Lot | undefined, sign: 1 | -1): void => {
    if (lot?.wallet === wallet && lot.slides !== true) add(sums, lot.expires_at, lot, sign, false);
  };
  for (const [number, lot] of draft.lots) {
    own(draft.loaded.lots.get(number), -1);
    own(lot, 1);
  }
};

/**
 * What of a wallet expires after an instant, soonest first, and what never does; settled in memory, and as of one
 * moment. What settling changes beyond the last row read is told on the page it belongs to.
 */
const pageOf = (
  draft: Draft,
  wallet: string,
  read: readonly (PointsLeft & { readonly expires_at: Instant })[],
  whole: boolean,
  never: PointsLeft,
  after: Instant,
): ExpiringPage => {
  const sums: Sums = new Map();
  for (const { expires_at, ...points } of read) add(sums, expires_at, points, 1, false);
  add(sums, null, never, 1, false);
  addUnwritten(sums, draft, wallet);
  const sliding = slidingOf(accountOf(draft.state, wallet));
  if (sliding.at !== null) add(sums, sliding.at, sliding, 1, true);
  const { available, pending } = sums.get(null) ?? never;
  const last = whole ? Number.POSITIVE_INFINITY : (read.at(-1)?.expires_at ?? Number.POSITIVE_INFINITY);
  const rows = [...sums].flatMap(([at, points]): [Instant, ExpiringPoints][] => {
    if (at === null || at <= after || at > last || points.available + points.pending === 0) return [];
    const { available: now, pending: later, sliding: slides } = points;
    return [[at, { points: now, pending: later, sliding: slides, expires_at: instantText(at) }]];
  });
  return { rows: rows.sort(([a], [b]) => a - b).map(([, row]) => row), never: { available, pending } };
};

/** Reads the page after an instant. Null: there is no such member any more. */
export const readExpiring = async (
  database: Database,
  program: ProgramId,
  rules: Rules,
  account: AccountKey,
  after: Instant,
  limit: number,
  now: Instant,
): Promise<ExpiringPage | null> => {
  let plan = nothingWanted;
  for (let look = 1; ; look++) {
    const plans = new Map([[account.member, plan]]);
    const [members, read, never] = await database.read(program, (db) =>
      Promise.all([
        loadForReading(db, program, plans, now),
        listExpiring(db, program, account, after, limit),
        sumNeverExpiring(db, program, account),
      ]),
    );
    const found = members.get(account.member);
    if (found === undefined) return null;
    const wanted = needsOfRead(found.read.state, rules, now);
    if (covers(plan, wanted) || look > LOOKS_MAX)
      return pageOf(settled(found.working, rules, now), account.wallet, read, read.length < limit, never, after);
    plan = wanted;
  }
};
