import { sql } from 'kysely';
import { EXPIRING_INSTANTS, EXPIRING_WITHIN_DAYS, type Expiring } from '../model/account.ts';
import type { ProgramId } from '../model/ids.ts';
import { DAY_MS, type Instant, instantText } from '../model/instant.ts';

const EXPIRING_MS = EXPIRING_WITHIN_DAYS * DAY_MS;

/** Until when points count as expiring soon. */
export const soonUntil = (now: Instant): Instant => now + EXPIRING_MS;

/** Wallet, instant and points: as JSON, so that it comes with the state and is of the same moment. */
export type ExpiringRow = readonly [wallet: string, expiresAt: Instant, points: number];

/** A sandbox program's own time, or `now`. Looked up once a statement, and only when something may expire. */
const timeOf = (program: ProgramId, now: Instant) =>
  sql`coalesce((select clock from program where program_id = ${program}), ${instantText(now)}::timestamptz)`;

/**
 * Available points of `found (shard, member_id, state)` that expire after the program's time (`now`, unless it is a sandbox) and soon, as `soon (expiring)`: an item
 * for each wallet and instant, soonest first. Only wallets whose state says that something may expire are looked into.
 */
export const expiringSoon = (program: ProgramId, now: Instant) => sql`
  left join lateral (
    select json_agg(json_build_array(account.key, (extract(epoch from soonest.expires_at) * 1000)::bigint, soonest.points)) as expiring
    from json_each(found.state -> 'accounts') account
    cross join lateral (
      select lot.expires_at, sum(lot.available)::bigint as points
      from lot
      where lot.program_id = ${program} and lot.shard = found.shard and lot.member_id = found.member_id and lot.wallet = account.key
        and lot.available > 0
        and lot.expires_at > ${timeOf(program, now)} and lot.expires_at < ${timeOf(program, now)} + ${EXPIRING_MS} * interval '1 millisecond'
      group by lot.expires_at
      order by lot.expires_at
      limit ${EXPIRING_INSTANTS}
    ) soonest
    where (account.value ->> 'expires_from')::bigint < extract(epoch from ${timeOf(program, now)}) * 1000 + ${EXPIRING_MS}
  ) soon on true
`;

export const toExpiring = (rows: readonly ExpiringRow[] | null): Map<string, Expiring[]> => {
  const wallets = new Map<string, Expiring[]>();
  for (const [wallet, expiresAt, points] of rows ?? []) {
    const list = wallets.get(wallet) ?? [];
    wallets.set(wallet, [...list, { points, expires_at: instantText(expiresAt) }]);
  }
  return wallets;
};
