import { sql } from 'kysely';
import { type MemberId, type ProgramId, shardOfText } from '../model/ids.ts';
import { numbers, texts } from './arrays.ts';
import type { Db, Tx } from './connection.ts';

/** An identity, the caller's own id (kind `id`) among them. */
export interface AnyIdentity {
  readonly kind: string;
  readonly value: string;
}

/** The kind under which referral codes stand among identities: it is no way to name a member. */
export const REFERRAL = 'referral';

/** The kind under which a merged member itself is found: its own id leads to whom it is merged into. */
export const MERGED = 'merged';

const columns = (identities: readonly AnyIdentity[]) => sql`
  ${numbers(identities.map((identity) => shardOfText(identity.value)))}::smallint[],
  ${texts(identities.map((identity) => identity.kind))}::text[],
  ${texts(identities.map((identity) => identity.value))}::text[]
`;

/** Whose identities these are; by `kind:value`. Unknown ones are missing. */
export const findMembers = async (
  db: Db,
  program: ProgramId,
  identities: readonly AnyIdentity[],
): Promise<Map<string, MemberId>> => {
  const rows = await db.run(sql<AnyIdentity & { member_id: MemberId }>`
    select wanted.kind, wanted.value, found.member_id
    from unnest(${columns(identities)}) as wanted (shard, kind, value)
    cross join lateral (
      select i.member_id
      from identity i
      where i.program_id = ${program} and i.shard = wanted.shard and i.kind = wanted.kind and i.value = wanted.value
      limit 1
    ) found
  `);
  return new Map(rows.map((row) => [`${row.kind}:${row.value}`, row.member_id]));
};

export const insertIdentities = (
  tx: Tx,
  program: ProgramId,
  owned: readonly (AnyIdentity & { readonly member: MemberId })[],
): Promise<unknown[]> =>
  tx.run(sql`
    insert into identity (program_id, shard, kind, value, member_id)
    select ${program}, new.*
    from unnest(${columns(owned)}, ${numbers(owned.map((identity) => identity.member))}::bigint[]) as new (shard, kind, value, member_id)
  `);

/** Takes identities away, a statement each: it happens rarely, and each row is found by its whole key. */
export const deleteIdentities = (
  tx: Tx,
  program: ProgramId,
  identities: readonly AnyIdentity[],
): Promise<unknown[][]> =>
  Promise.all(
    identities.map((identity) =>
      tx.run(sql`
        delete from identity
        where program_id = ${program} and shard = ${shardOfText(identity.value)} and kind = ${identity.kind} and value = ${identity.value}
      `),
    ),
  );
