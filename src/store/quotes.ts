import { sql } from 'kysely';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import { DAY_MS, type Instant, instantText } from '../model/instant.ts';
import type { QuoteRow } from '../model/quote.ts';
import { bytes, documents, instants, numbers, texts } from './arrays.ts';
import type { Db, Tx } from './connection.ts';

/** How long a quote is kept, so that what became of it can be told. It is honoured for an hour at most. */
const KEPT_MS = DAY_MS;

export interface OwnedQuote extends QuoteRow {
  readonly member_id: MemberId;
}

/** Keeps quotes that were just given, by real time. */
export const insertQuotes = (
  tx: Tx,
  program: ProgramId,
  quotes: readonly OwnedQuote[],
  realNow: Instant,
): Promise<unknown[]> =>
  tx.run(sql`
    insert into quote (program_id, shard, member_id, quote_id, revision, cart, created_at, expires_at, kept_until, tiers)
    select ${program}, new.*
    from unnest(
      ${numbers(quotes.map(({ member_id }) => shardOfMember(member_id)))}::smallint[],
      ${numbers(quotes.map(({ member_id }) => member_id))}::bigint[],
      ${texts(quotes.map(({ quote_id }) => quote_id))}::text[],
      ${numbers(quotes.map(({ revision }) => revision))}::integer[],
      ${bytes(quotes.map(({ cart }) => cart))}::bytea[],
      ${instants(quotes.map(({ created_at }) => created_at))}::timestamptz[],
      ${instants(quotes.map(({ expires_at }) => expires_at))}::timestamptz[],
      ${instants(quotes.map(() => realNow + KEPT_MS))}::timestamptz[],
      ${documents(quotes.map(({ tiers }) => tiers))}::json[]
    ) as new
  `);

/** Names a quote of a member. */
export type QuoteKey = Pick<OwnedQuote, 'member_id' | 'quote_id'>;

/** Those of these quotes that there are. The members are locked. */
export const loadQuotes = (db: Db, program: ProgramId, wanted: readonly QuoteKey[]): Promise<OwnedQuote[]> =>
  db.run(sql<OwnedQuote>`
    select q.member_id, q.quote_id, q.revision, q.cart, q.created_at, q.expires_at, q.tiers, q.used_by
    from unnest(
      ${numbers(wanted.map(({ member_id }) => shardOfMember(member_id)))}::smallint[],
      ${numbers(wanted.map(({ member_id }) => member_id))}::bigint[],
      ${texts(wanted.map(({ quote_id }) => quote_id))}::text[]
    ) as wanted (shard, member_id, quote_id)
    join quote q
      on q.program_id = ${program} and q.shard = wanted.shard and q.member_id = wanted.member_id and q.quote_id = wanted.quote_id
  `);

/** Says which purchases were made by quotes. */
export const useQuotes = (
  tx: Tx,
  program: ProgramId,
  rows: readonly (QuoteKey & Pick<QuoteRow, 'used_by'>)[],
): Promise<unknown[]> =>
  tx.run(sql`
    update quote q
    set used_by = new.used_by
    from unnest(
      ${numbers(rows.map(({ member_id }) => shardOfMember(member_id)))}::smallint[],
      ${numbers(rows.map(({ member_id }) => member_id))}::bigint[],
      ${texts(rows.map(({ quote_id }) => quote_id))}::text[],
      ${texts(rows.map(({ used_by }) => used_by))}::text[]
    ) as new (shard, member_id, quote_id, used_by)
    where q.program_id = ${program} and q.shard = new.shard and q.member_id = new.member_id and q.quote_id = new.quote_id
  `);

/** Sweeps quotes that need not be kept any longer, of one program, some at a time. Returns how many. */
export const sweepQuotes = async (tx: Tx, program: ProgramId, now: Instant, limit: number): Promise<number> => {
  const rows = await tx.run(sql`
    delete from quote q
    using (
      select shard, member_id, quote_id from quote
      where program_id = ${program} and kept_until <= ${instantText(now)}::timestamptz
      order by kept_until
      limit ${limit}
    ) old
    where q.program_id = ${program} and q.shard = old.shard and q.member_id = old.member_id and q.quote_id = old.quote_id
    returning 1
  `);
  return rows.length;
};
