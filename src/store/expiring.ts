import { sql } from 'kysely';
import { EXPIRING_INSTANTS, type Expiring } from '../model/account.ts';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import { type Instant, instantText } from '../model/instant.ts';
import { numbers, texts } from './arrays.ts';
import type { Db } from './connection.ts';
import type { AccountKey } from './lots.ts';

export interface ExpiringRow {
  readonly member_id: MemberId;
  readonly wallet: string;
  readonly expires_at: Instant;
  readonly points: number;
}

/** Available points that expire after `now` and before `until`, an item for each account and instant, soonest first. */
export const loadExpiring = (
  db: Db,
  program: ProgramId,
  accounts: readonly AccountKey[],
  now: Instant,
  until: Instant,
): Promise<ExpiringRow[]> =>
  db.run(sql<ExpiringRow>`
    select wanted.member_id, wanted.wallet, soon.expires_at, soon.points
    from unnest(
      ${numbers(accounts.map((account) => shardOfMember(account.member)))}::smallint[],
      ${numbers(accounts.map((account) => account.member))}::bigint[],
      ${texts(accounts.map((account) => account.wallet))}::text[]
    ) as wanted (shard, member_id, wallet)
    cross join lateral (
      select lot.expires_at, sum(lot.available)::bigint as points
      from lot
      where lot.program_id = ${program} and lot.shard = wanted.shard and lot.member_id = wanted.member_id and lot.wallet = wanted.wallet
        and lot.available > 0 and lot.expires_at > ${instantText(now)}::timestamptz and lot.expires_at < ${instantText(until)}::timestamptz
      group by lot.expires_at
      order by lot.expires_at
      limit ${EXPIRING_INSTANTS}
    ) soon
  `);

export const toExpiring = (row: ExpiringRow): Expiring => ({
  points: row.points,
  expires_at: instantText(row.expires_at),
});
