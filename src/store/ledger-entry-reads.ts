import { sql } from 'kysely';
import type { Balances } from '../model/account.ts';
import { type MemberId, makeId, type ProgramId, shardOfMember } from '../model/ids.ts';
import { type Instant, instantText, instantTextOrNull } from '../model/instant.ts';
import type { LedgerEntry, LedgerEntryView, Movement } from '../model/ledger-entry.ts';
import { texts } from './arrays.ts';
import type { Db } from './connection.ts';

export interface ReadEntry extends LedgerEntry {
  readonly member_id: MemberId;
  readonly reason: string | null;
  readonly actor: string | null;
}

const selected = sql`
  e.member_id, e.sequence, e.ordinal, e.wallet, e.movement, e.from_bucket, e.to_bucket, e.points, e.pending_after, e.available_after,
  e.held_after, e.debt_after, e.cause, e.cause_id, e.allocations, e.rules, e.revision, e.occurred_at, e.recorded_at, n.reason, n.actor
`;

const withNote = sql`left join entry_note n on n.program_id = e.program_id and n.shard = e.shard and n.member_id = e.member_id and n.sequence = e.sequence`;

export interface EntryFilter {
  readonly movement: Movement | null;
  readonly wallet: string | null;
  readonly purchase: string | null;
  readonly after: Instant | null;
  readonly before: Instant | null;
}

/** A member's entries, the last first, those before a sequence. */
export const listEntries = (
  db: Db,
  program: ProgramId,
  member: MemberId,
  filter: EntryFilter,
  before: number | null,
  limit: number,
): Promise<ReadEntry[]> =>
  db.run(sql<ReadEntry>`
    select ${selected}
    from ledger_entry e
    ${withNote}
    where e.program_id = ${program} and e.shard = ${shardOfMember(member)} and e.member_id = ${member} and e.sequence < ${before ?? 2 ** 31 - 1}
      and (${filter.movement}::text is null or e.movement = ${filter.movement})
      and (${filter.wallet}::text is null or e.wallet = ${filter.wallet})
      and (${filter.purchase}::text is null or (e.cause = 'purchase' and e.cause_id = ${filter.purchase}))
      and (${instantTextOrNull(filter.after)}::timestamptz is null or e.recorded_at >= ${instantTextOrNull(filter.after)}::timestamptz)
      and (${instantTextOrNull(filter.before)}::timestamptz is null or e.recorded_at < ${instantTextOrNull(filter.before)}::timestamptz)
    order by e.sequence desc
    limit ${limit}
  `);

export const findEntry = async (
  db: Db,
  program: ProgramId,
  member: MemberId,
  sequence: number,
): Promise<ReadEntry | null> => {
  if (member > Number.MAX_SAFE_INTEGER || sequence >= 2 ** 31) return null;
  const [row] = await db.run(sql<ReadEntry>`
    select ${selected}
    from ledger_entry e
    ${withNote}
    where e.program_id = ${program} and e.shard = ${shardOfMember(member)} and e.member_id = ${member} and e.sequence = ${sequence}
  `);
  return row ?? null;
};

/** Balances of a member's wallets as the entries recorded by an instant left them. */
export const balancesAsOf = (
  db: Db,
  program: ProgramId,
  member: MemberId,
  wallets: readonly string[],
  at: Instant,
): Promise<Balances[]> =>
  db.run(sql<Balances>`
    select wanted.wallet, coalesce(last.pending_after, 0) as pending, coalesce(last.available_after, 0) as available,
      coalesce(last.held_after, 0) as held, coalesce(last.debt_after, 0) as debt
    from unnest(${texts(wallets)}::text[]) as wanted (wallet)
    left join lateral (
      select e.pending_after, e.available_after, e.held_after, e.debt_after
      from ledger_entry e
      where e.program_id = ${program} and e.shard = ${shardOfMember(member)} and e.member_id = ${member}
        and e.wallet = wanted.wallet and e.recorded_at <= ${instantText(at)}::timestamptz
      order by e.sequence desc
      limit 1
    ) last on true
    order by wanted.wallet
  `);

/** An entry as the API shows it. */
export const entryView = (entry: ReadEntry): LedgerEntryView => ({
  id: makeId('ent', entry.member_id, entry.sequence),
  sequence: entry.sequence,
  wallet: entry.wallet,
  movement: entry.movement,
  from: entry.from_bucket,
  to: entry.to_bucket,
  points: entry.points,
  balances: {
    pending: entry.pending_after,
    available: entry.available_after,
    held: entry.held_after,
    debt: entry.debt_after,
  },
  cause: entry.cause,
  cause_id: entry.cause_id,
  lots: entry.allocations.map((allocation) => ({
    lot_id: makeId('lot', entry.member_id, allocation.lot),
    points: allocation.points,
  })),
  rules: entry.rules.map((share) => ({ ...share })),
  reason: entry.reason,
  actor: entry.actor,
  revision: entry.revision,
  occurred_at: instantText(entry.occurred_at),
  recorded_at: instantText(entry.recorded_at),
});
