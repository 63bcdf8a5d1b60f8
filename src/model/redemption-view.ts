import type { Burn, RedemptionRow } from './decision.ts';
import { type MemberId, makeId } from './ids.ts';
import { type Instant, instantText, instantTextOrNull } from './instant.ts';
import type { Allocation } from './ledger-entry.ts';
import type { Money } from './money.ts';
import { worthOf } from './mul-div.ts';
import type { Redemption } from './redemption.ts';
import { sumPoints } from './sums.ts';
import type { VoucherRow } from './voucher.ts';
import { voucherView } from './voucher-view.ts';

/** The first `points` of what was taken from lots, in the order of taking, and the rest. */
export const divide = (
  parts: readonly Allocation[],
  points: number,
): readonly [first: Allocation[], rest: Allocation[]] => {
  const first: Allocation[] = [];
  const rest: Allocation[] = [];
  let left = points;
  for (const { lot, points: all } of parts) {
    const taken = Math.min(left, all);
    if (taken > 0) first.push({ lot, points: taken });
    if (all > taken) rest.push({ lot, points: all - taken });
    left -= taken;
  }
  if (left > 0) throw new Error(`${points} points of ${sumPoints(parts)}`);
  return [first, rest];
};

/** Points captured, those refunded since among them. */
export const capturedOf = ({ status, points, released }: RedemptionRow): number =>
  status === 'held' ? 0 : points - released;

/** A redemption as it stands at an instant: a hold lapses by time, whether or not that has been written. */
export const standingAt = <R extends RedemptionRow>(row: R, now: Instant): R =>
  row.status === 'held' && row.expires_at !== null && row.expires_at <= now
    ? { ...row, status: 'lapsed', released: row.points }
    : row;

/** What points pay, rounded down. */
export const moneyOf = (burn: Burn | null, points: number): Money | null =>
  burn === null ? null : { amount: worthOf(points, burn.value), currency: burn.currency };

const pointsIn = (parts: readonly Allocation[]): ReadonlyMap<number, number> =>
  new Map(parts.map(({ lot, points }) => [lot, points]));

/** A redemption as the API shows it. What was captured came first out of the lots, and what was refunded went back last. */
export const redemptionView = (
  row: RedemptionRow,
  voucher: VoucherRow | null,
  member: MemberId,
  externalId: string,
): Redemption => {
  const captured = capturedOf(row);
  const isHeld = row.status === 'held';
  const inCapture = pointsIn(divide(row.lots, captured)[0]);
  const inKept = pointsIn(divide(row.lots, captured - row.refunded)[0]);
  return {
    id: row.redemption_id,
    member: externalId,
    wallet: row.wallet,
    points: row.points,
    amount: moneyOf(row.burn, isHeld ? row.points : captured),
    burn_rule: row.burn?.rule ?? null,
    status: row.status,
    held: isHeld ? row.points : 0,
    captured,
    released: row.released,
    refunded: row.refunded,
    expires_at: instantTextOrNull(row.expires_at),
    entry_id: row.entry === null ? null : makeId('ent', member, row.entry),
    lots: row.lots.map(({ lot, points, expires_at }) => {
      const capturedOfLot = inCapture.get(lot) ?? 0;
      return {
        lot_id: makeId('lot', member, lot),
        points,
        captured: capturedOfLot,
        refunded: capturedOfLot - (inKept.get(lot) ?? 0),
        expires_at: instantTextOrNull(expires_at),
      };
    }),
    reward: row.reward === null ? null : { code: row.reward.code, name: row.reward.name, benefit: row.reward.benefit },
    voucher: voucher === null ? null : voucherView(voucher, member, externalId),
    recorded_at: instantText(row.recorded_at),
  };
};
