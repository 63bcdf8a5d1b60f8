import { sql } from 'kysely';
import type { Instant } from '../model/instant.ts';
import type { Db, Tx } from './connection.ts';

/*
 * Instants of writing are decided before the commit, and commits come in any order: who has read up to an instant could
 * miss what is committed later with an earlier one. So each write takes an advisory lock, shared, that carries the second
 * it began in, and reads the time it writes down after that. A reader looks at the clock first and at the locks then: a
 * write it sees no lock of is over and visible, or has yet to read a later time. All by the clock of the database.
 */

/** First half of the locks' names; the other half is the second, counted from 2020 so that it fits. */
const HORIZON_LOCK = 1_853;
const EPOCH = 1_577_836_800;

export const holdHorizon = (tx: Tx): Promise<unknown[]> =>
  tx.run(
    sql`select pg_advisory_xact_lock_shared(${HORIZON_LOCK}::integer, (floor(extract(epoch from clock_timestamp())) - ${EPOCH})::integer)`,
  );

/**
 * Everything written before this instant is committed and visible to what is asked next, or never will be. At most some
 * seconds ago, unless a write hangs.
 */
export const findHorizon = async (db: Db): Promise<Instant> => {
  const [row] = await db.run(sql<{ horizon: Instant }>`
    with looked as materialized (
      select date_trunc('milliseconds', clock_timestamp()) as at
    )
    select least(looked.at, to_timestamp(writing.second + ${EPOCH}::bigint)) as horizon
    from looked
    cross join lateral (
      select min(l.objid::bigint) as second
      from pg_locks l
      where l.locktype = 'advisory' and l.classid = ${HORIZON_LOCK}::oid and l.objsubid = 2 and l.granted
        and l.database = (select oid from pg_database where datname = current_database())
        and looked.at is not null
    ) writing
  `);
  if (row === undefined) throw new Error('the database told no time');
  return row.horizon;
};
