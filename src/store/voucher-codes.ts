import { hash } from 'node:crypto';
import { sql } from 'kysely';
import { type MemberId, type ProgramId, SHARDS } from '../model/ids.ts';
import type { CodePool, CodesImported } from '../model/voucher.ts';
import { bytes, numbers, texts } from './arrays.ts';
import type { Db, Tx } from './connection.ts';

/* Codes are found by a hash, so that an index holds none of them. */

interface Hashed {
  readonly hash: Buffer;
  readonly shard: number;
}

const hashed = (program: ProgramId, code: string): Hashed => {
  const digest = hash('sha256', `${program}:${code}`, 'buffer');
  return { hash: digest, shard: (digest[0] ?? 0) % SHARDS };
};

/** A code and the voucher that has it. */
export interface CodeOfVoucher {
  readonly member: MemberId;
  readonly number: number;
  readonly reward: string;
  readonly code: string;
}

const columns = (program: ProgramId, codes: readonly string[]) => {
  const all = codes.map((code) => hashed(program, code));
  return sql`${numbers(all.map(({ shard }) => shard))}::smallint[], ${bytes(all.map((one) => one.hash))}::bytea[]`;
};

const vouchers = (program: ProgramId, rows: readonly CodeOfVoucher[]) => sql`
  unnest(
    ${columns(
      program,
      rows.map(({ code }) => code),
    )},
    ${texts(rows.map(({ reward }) => reward))}::text[],
    ${numbers(rows.map(({ member }) => member))}::bigint[],
    ${numbers(rows.map(({ number }) => number))}::integer[]
  ) as new (shard, hash, reward, member_id, number)
`;

/** Codes the engine made, with their vouchers. */
export const insertCodes = (tx: Tx, program: ProgramId, rows: readonly CodeOfVoucher[]): Promise<unknown[]> =>
  tx.run(sql`
    insert into voucher_code (program_id, shard, hash, reward, member_id, number)
    select ${program}, new.shard, new.hash, new.reward, new.member_id, new.number
    from ${vouchers(program, rows)}
  `);

/** Codes of pools that vouchers got. The stock of their rewards is locked. */
export const drawCodes = (tx: Tx, program: ProgramId, rows: readonly CodeOfVoucher[]): Promise<unknown[]> =>
  tx.run(sql`
    update voucher_code c
    set member_id = new.member_id, number = new.number
    from ${vouchers(program, rows)}
    where c.program_id = ${program} and c.shard = new.shard and c.hash = new.hash and c.member_id is null
  `);

/** Free codes of pools: as many as are wanted of each reward, or as there are. The stock of the rewards is locked. */
export const findFreeCodes = (
  tx: Tx,
  program: ProgramId,
  wanted: ReadonlyMap<string, number>,
): Promise<{ reward: string; code: string }[]> =>
  tx.run(sql<{ reward: string; code: string }>`
    select wanted.reward, free.code
    from unnest(${texts([...wanted.keys()])}::text[], ${numbers([...wanted.values()])}::integer[]) as wanted (reward, count)
    cross join lateral (
      select c.code
      from voucher_code c
      where c.program_id = ${program} and c.reward = wanted.reward and c.member_id is null
      order by c.hash
      limit wanted.count
    ) free
  `);

/** Those of these rewards whose pool has no free code, without a lock: for whoever only wants to know. */
export const findEmptyPools = async (db: Db, program: ProgramId, rewards: readonly string[]): Promise<string[]> => {
  const rows = await db.run(sql<{ reward: string }>`
    select wanted.reward
    from unnest(${texts(rewards)}::text[]) as wanted (reward)
    where not exists (
      select
      from voucher_code c
      where c.program_id = ${program} and c.reward = wanted.reward and c.member_id is null
    )
  `);
  return rows.map(({ reward }) => reward);
};

/** The voucher that has a code; null: none has. */
export const findCode = async (
  db: Db,
  program: ProgramId,
  code: string,
): Promise<{ member_id: MemberId; number: number } | null> => {
  const { shard, hash: digest } = hashed(program, code);
  const [row] = await db.run(sql<{ member_id: MemberId; number: number }>`
    select member_id, number
    from voucher_code
    where program_id = ${program} and shard = ${shard} and hash = ${digest} and member_id is not null
  `);
  return row ?? null;
};

/** Adds codes to the pool of a reward. Those that are known are passed over, whatever became of them. */
export const importCodes = async (
  tx: Tx,
  program: ProgramId,
  reward: string,
  codes: readonly string[],
): Promise<CodesImported> => {
  const unique = [...new Set(codes)];
  const added = await tx.run(sql<{ shard: number }>`
    insert into voucher_code (program_id, shard, hash, reward, code)
    select ${program}, new.shard, new.hash, ${reward}, new.code
    from unnest(${columns(program, unique)}, ${texts(unique)}::text[]) as new (shard, hash, code)
    order by new.shard, new.hash
    on conflict do nothing
    returning shard
  `);
  const [elsewhere] = await tx.run(sql<{ count: number }>`
    select count(*) as count
    from unnest(${columns(program, unique)}) as wanted (shard, hash)
    join voucher_code c on c.program_id = ${program} and c.shard = wanted.shard and c.hash = wanted.hash
    where c.reward <> ${reward} or c.code is null
  `);
  const others = elsewhere?.count ?? 0;
  return { added: added.length, known: codes.length - added.length - others, elsewhere: others };
};

export const countCodes = async (db: Db, program: ProgramId, reward: string): Promise<CodePool> => {
  const [row] = await db.run(sql<CodePool>`
    select count(*) filter (where member_id is null) as free, count(*) filter (where member_id is not null) as drawn
    from voucher_code
    where program_id = ${program} and reward = ${reward} and code is not null
  `);
  return row ?? { free: 0, drawn: 0 };
};
