import { earlier, type Instant } from '../model/instant.ts';
import {
  ACCOUNT_BUCKETS,
  type AccountBucket,
  type Allocation,
  type Bucket,
  type LedgerEntry,
  type Movement,
} from '../model/ledger-entry.ts';
import type { Lot } from '../model/lot.ts';
import type { Account } from '../model/member-state.ts';
import type { PointValue } from '../model/wallet.ts';
import { accountOf, type Draft, lotOf, setAccount } from './draft.ts';
import { countSliding, noteExpiry } from './sliding.ts';

/** A movement of points to be applied: its buckets follow from what kind it is. */
export interface MovementOf {
  readonly movement: Movement;
  readonly wallet: string;
  readonly from: Bucket;
  readonly to: Bucket;
  readonly points: number;
  readonly occurredAt: Instant;
  /** Lots the points move within or leave. Empty where the movement makes a lot, or touches none (debt). */
  readonly allocations?: readonly Allocation[];
  /** The lot the movement makes; `earnedAt` where that was before the movement. */
  readonly makes?: {
    readonly value: PointValue | null;
    readonly earnedAt?: Instant;
    readonly availableAt: Instant;
    /** Null: never, or together with all others of the account whose expiry slides. */
    readonly expiresAt: Instant | null;
    readonly slides?: boolean;
  };
  readonly rules?: LedgerEntry['rules'];
}

const isAccountBucket = (bucket: Bucket): bucket is AccountBucket =>
  (ACCOUNT_BUCKETS as readonly string[]).includes(bucket);

/** Debt is at most zero inside and shown positive: what flows into it makes it smaller. */
const moved = (account: Account, bucket: Bucket, points: number): Account =>
  !isAccountBucket(bucket)
    ? account
    : { ...account, [bucket]: account[bucket] + (bucket === 'debt' ? -points : points) };

const lotMoved = (lot: Lot, bucket: Bucket, points: number): Lot => {
  if (bucket !== 'pending' && bucket !== 'available' && bucket !== 'held') return lot;
  const left = lot[bucket] + points;
  if (left < 0) throw new Error(`lot ${lot.lot} would hold ${left} ${bucket} points`);
  return { ...lot, [bucket]: left };
};

/** Points become available: the account knows when the first of them expires, and when the first of the others is announced. */
const noteExpiries = (draft: Draft, wallet: string, allocations: readonly Allocation[]): void => {
  const expiries = new Set(allocations.flatMap(({ lot }) => lotOf(draft, lot).expires_at ?? []));
  for (const expiry of expiries) noteExpiry(draft, wallet, expiry);
};

const makeLot = (draft: Draft, sequence: number, movement: MovementOf): void => {
  const { makes } = movement;
  if (makes === undefined) return;
  draft.lots.set(sequence, {
    lot: sequence,
    wallet: movement.wallet,
    original: movement.points,
    pending: movement.to === 'pending' ? movement.points : 0,
    available: movement.to === 'available' ? movement.points : 0,
    held: 0,
    value: makes.value,
    earned_at: makes.earnedAt ?? movement.occurredAt,
    available_at: makes.availableAt,
    expires_at: makes.expiresAt,
    ...(makes.slides === true ? { slides: true } : {}),
  });
  if (movement.to === 'pending') {
    const account = accountOf(draft.state, movement.wallet);
    const releases_from = earlier(account.releases_from, makes.availableAt);
    setAccount(draft, movement.wallet, { ...account, releases_from });
  }
  if (makes.expiresAt !== null) noteExpiry(draft, movement.wallet, makes.expiresAt);
};

/** The only place where a balance changes: writes the entry, moves the account's buckets, and the lots with them. */
export const apply = (draft: Draft, movement: MovementOf): LedgerEntry => {
  const { wallet, from, to, points, allocations = [] } = movement;
  if (!Number.isSafeInteger(points) || points <= 0) throw new Error(`a movement of ${points} points`);
  const account = moved(moved(accountOf(draft.state, wallet), from, -points), to, points);
  setAccount(draft, wallet, {
    ...account,
    redeemed: account.redeemed + (to === 'redeemed' ? points : 0) - (from === 'redeemed' ? points : 0),
    expired: account.expired + (to === 'expired' ? points : 0) - (from === 'expired' ? points : 0),
  });
  if (to === 'available') noteExpiries(draft, wallet, allocations);
  draft.state.entries += 1;
  const sequence = draft.state.entries;
  for (const { lot, points: part } of allocations) {
    draft.lots.set(lot, lotMoved(lotMoved(lotOf(draft, lot), from, -part), to, part));
  }
  makeLot(draft, sequence, movement);
  const named = movement.makes === undefined ? allocations : [{ lot: sequence, points }];
  countSliding(draft, wallet, named, from, to);
  const entry: LedgerEntry = {
    sequence,
    ordinal: draft.state.commands,
    wallet,
    movement: movement.movement,
    from_bucket: from,
    to_bucket: to,
    points,
    pending_after: account.pending,
    available_after: account.available,
    held_after: account.held,
    debt_after: account.debt,
    cause: draft.cause.cause,
    cause_id: draft.cause.cause_id,
    allocations: named,
    rules: movement.rules ?? [],
    revision: draft.rules.revision,
    occurred_at: movement.occurredAt,
    recorded_at: draft.now,
  };
  draft.entries.push(entry);
  return entry;
};
