import { sql } from 'kysely';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import { type Instant, instantText } from '../model/instant.ts';
import type { Db } from './connection.ts';
import { type AccountKey, sliding } from './lots.ts';

/** Points of a wallet by bucket. */
export interface PointsLeft {
  readonly available: number;
  readonly pending: number;
}

/** Points of a wallet that expire at an instant of their own. */
export interface ExpiringLots extends PointsLeft {
  readonly expires_at: Instant;
}

const ofAccount = (program: ProgramId, { member, wallet }: { readonly member: MemberId; readonly wallet: string }) =>
  sql`program_id = ${program} and shard = ${shardOfMember(member)} and member_id = ${member} and wallet = ${wallet}`;

/**
 * The next instants after one at which points expire, soonest first, with all points of each. Available ones are read
 * from the index in its order, no further than asked for; pending ones are few, and read whole.
 */
export const listExpiring = (
  db: Db,
  program: ProgramId,
  account: AccountKey,
  after: Instant,
  limit: number,
): Promise<ExpiringLots[]> => {
  const next = (bucket: 'available' | 'pending') => {
    const column = sql.ref(bucket);
    return sql`
      select expires_at, sum(${column}) as points
      from lot
      where ${ofAccount(program, account)} and ${column} > 0
        and expires_at > ${instantText(after)}::timestamptz and expires_at < ${sliding}
      group by expires_at
      order by expires_at
      limit ${limit}
    `;
  };
  return db.run(sql<ExpiringLots>`
    select expires_at, coalesce(a.points, 0)::bigint as available, coalesce(p.points, 0)::bigint as pending
    from (${next('available')}) a
    full join (${next('pending')}) p using (expires_at)
    order by expires_at
    limit ${limit}
  `);
};

/** Points of a wallet that never expire. */
export const sumNeverExpiring = async (db: Db, program: ProgramId, account: AccountKey): Promise<PointsLeft> => {
  const sumOf = (bucket: 'available' | 'pending') => sql`
    select coalesce(sum(${sql.ref(bucket)}), 0)
    from lot
    where ${ofAccount(program, account)} and ${sql.ref(bucket)} > 0 and expires_at = 'infinity'
  `;
  const [row] = await db.run(
    sql<PointsLeft>`select (${sumOf('available')})::bigint as available, (${sumOf('pending')})::bigint as pending`,
  );
  return row ?? { available: 0, pending: 0 };
};
