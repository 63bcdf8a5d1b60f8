import { sql } from 'kysely';
import type { Burns, KeyBurns } from '../model/burn-limit.ts';
import type { ProgramId } from '../model/ids.ts';
import { documents, texts } from './arrays.ts';
import type { Tx } from './connection.ts';

/**
 * Locks what was burned with API keys, in the order given, and reads it. Three statements that travel together, as with
 * budgets: rows are there before they are locked, and what a locking statement reads can be older than the lock.
 */
export const lockKeyBurns = async (tx: Tx, program: ProgramId, keys: readonly string[]): Promise<KeyBurns[]> => {
  const wanted = texts(keys);
  const [, , rows] = await Promise.all([
    tx.run(sql`
      insert into key_burns (program_id, key_id, burns)
      select ${program}, wanted.key_id, '{}'
      from unnest(${wanted}::text[]) as wanted (key_id)
      on conflict do nothing
    `),
    tx.run(sql`
      select locked.key_id
      from unnest(${wanted}::text[]) as wanted (key_id)
      cross join lateral (
        select k.key_id
        from key_burns k
        where k.program_id = ${program} and k.key_id = wanted.key_id
        limit 1
        for update
      ) locked
    `),
    tx.run(sql<{ key: string; burns: Burns }>`
      select wanted.key_id as key, found.burns
      from unnest(${wanted}::text[]) as wanted (key_id)
      cross join lateral (
        select k.burns
        from key_burns k
        where k.program_id = ${program} and k.key_id = wanted.key_id
        limit 1
      ) found
    `),
  ]);
  return rows;
};

/** Says what was burned with keys from now on. They are locked. */
export const saveKeyBurns = (tx: Tx, program: ProgramId, rows: readonly KeyBurns[]): Promise<unknown[]> =>
  tx.run(sql`
    insert into key_burns (program_id, key_id, burns)
    select ${program}, new.*
    from unnest(
      ${texts(rows.map(({ key }) => key))}::text[],
      ${documents(rows.map(({ burns }) => burns))}::json[]
    ) as new
    on conflict (program_id, key_id) do update set burns = excluded.burns
  `);
