import { sql } from 'kysely';
import type { AuditAction, AuditDetails } from '../model/audit-entry.ts';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import { type Instant, instantTextOrNull } from '../model/instant.ts';
import { documents, instants, numbers, texts } from './arrays.ts';
import type { Db, Tx } from './connection.ts';

export interface AuditRow {
  readonly at: Instant;
  readonly action: AuditAction;
  /** Id of a key, or who needs none. */
  readonly author: string;
  readonly member: MemberId | null;
  readonly subject: string | null;
  readonly details: AuditDetails;
  readonly request_id: string;
  /** Whom the request names; kept apart, to go with the member. Only of what is about one. */
  readonly actor: string | null;
}

/** What is about the program is on the first shard. */
const shardOf = ({ member }: AuditRow): number => (member === null ? 0 : shardOfMember(member));

/** Writes down what was done, in the transaction that does it. */
export const insertAudit = (tx: Tx, program: ProgramId, rows: readonly AuditRow[]): Promise<unknown[]> =>
  tx.run(sql`
    with told as materialized (
      select nextval('audit_log_number_seq') as number, new.*
      from unnest(
        ${numbers(rows.map(shardOf))}::smallint[],
        ${numbers(rows.map(({ member }) => member))}::bigint[],
        ${instants(rows.map(({ at }) => at))}::timestamptz[],
        ${texts(rows.map(({ action }) => action))}::text[],
        ${texts(rows.map(({ author }) => author))}::text[],
        ${texts(rows.map(({ subject }) => subject))}::text[],
        ${documents(rows.map(({ details }) => details))}::json[],
        ${texts(rows.map(({ request_id }) => request_id))}::text[],
        ${texts(rows.map(({ actor }) => actor))}::text[]
      ) as new (shard, member_id, at, action, author, subject, details, request_id, actor)
    ),
    actors as (
      insert into audit_actor (program_id, shard, member_id, number, actor)
      select ${program}, shard, member_id, number, actor
      from told
      where actor is not null and member_id is not null
    )
    insert into audit_log (program_id, shard, number, at, action, author, member_id, subject, details, request_id)
    select ${program}, shard, number, at, action, author, member_id, subject, details, request_id
    from told
  `);

export interface AuditFilter {
  readonly action: string | null;
  readonly author: string | null;
  readonly member: MemberId | null;
  readonly from: Instant | null;
  readonly until: Instant | null;
}

export interface ListedAudit extends Omit<AuditRow, 'member'> {
  readonly number: number;
  /** The id the member has now. */
  readonly member: string | null;
}

/** What was done, the latest first, from before one of the entries. */
export const listAudit = (
  db: Db,
  program: ProgramId,
  { action, author, member, from, until }: AuditFilter,
  before: number | null,
  limit: number,
): Promise<ListedAudit[]> => {
  const ofMember = member === null ? sql`` : sql`and l.member_id = ${member}`;
  return db.run(sql<ListedAudit>`
    select l.number, l.at, l.action, l.author, l.subject, l.details, l.request_id, a.actor, s.external_id as member
    from audit_log l
    left join audit_actor a
      on a.program_id = l.program_id and a.shard = l.shard and a.member_id = l.member_id and a.number = l.number
    left join member_state s on s.program_id = l.program_id and s.shard = l.shard and s.member_id = l.member_id
    where l.program_id = ${program} ${ofMember}
      and (${before}::bigint is null or l.number < ${before}::bigint)
      and (${action}::text is null or l.action = ${action}::text)
      and (${author}::text is null or l.author = ${author}::text)
      and (${instantTextOrNull(from)}::timestamptz is null or l.at >= ${instantTextOrNull(from)}::timestamptz)
      and (${instantTextOrNull(until)}::timestamptz is null or l.at < ${instantTextOrNull(until)}::timestamptz)
    order by l.number desc
    limit ${limit}
  `);
};
