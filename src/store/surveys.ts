import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { ProgramId } from '../model/ids.ts';
import type { Db } from './connection.ts';

/*
 * Looks at all members of a program at once, by what conditions say as SQL over `s` (member_state) and `p`
 * (member_profile).
 */

export type Predicate = RawBuilder<SqlBool>;

/** The members, but for those who were erased, with what is kept about the person where something reads it. */
export const members = (program: ProgramId, person: boolean) => sql`
  from member_state s
  ${person ? sql`left join member_profile p on p.program_id = s.program_id and p.shard = s.shard and p.member_id = s.member_id` : sql``}
  where s.program_id = ${program} and s.status not in ('merged', 'erased')`;

/** The first of some rows, as the ids of the members. */
export const sampleOf = (rows: RawBuilder<unknown>, limit: number) => sql<string[]>`
  array(select found.external_id from ${rows} found order by found.shard, found.member_id limit ${limit})`;

export interface Matching {
  readonly count: number;
  readonly total: number;
  readonly sample: readonly string[];
}

const only = <R>([row]: readonly R[]): R => {
  if (row === undefined) throw new Error('a survey gave nothing');
  return row;
};

/** How many members a predicate is true for, and some of them. */
export const surveyMatching = async (
  db: Db,
  program: ProgramId,
  predicate: Predicate,
  person: boolean,
  sample: number,
): Promise<Matching> =>
  only(
    await db.run(sql<Matching>`
      with matching as materialized (
        select s.shard, s.member_id, s.external_id
        ${members(program, person)} and ${predicate}
      )
      select (select count(*) from matching) as count,
        (select count(*) from member_state s where s.program_id = ${program} and s.status not in ('merged', 'erased')) as total,
        ${sampleOf(sql`matching`, sample)} as sample
    `),
  );

/** What a segment would say: who fulfils its condition, and who, in it and not fulfilling that, leaves. */
export interface SegmentPredicates {
  readonly segment: string;
  readonly condition: Predicate;
  /** Null: whoever does not fulfil the condition. */
  readonly exit: Predicate | null;
  readonly person: boolean;
}

/** A segment that is in force no more. */
export const nobody = (segment: string): SegmentPredicates => ({
  segment,
  condition: sql<SqlBool>`false`,
  exit: null,
  person: false,
});

export interface SegmentChange {
  readonly before: number;
  readonly after: number;
  readonly enter: number;
  readonly leave: number;
  readonly entering: readonly string[];
  readonly leaving: readonly string[];
}

/** Who is in a segment, and who would be. */
export const surveySegment = async (
  db: Db,
  program: ProgramId,
  { segment, condition, exit, person }: SegmentPredicates,
  sample: number,
): Promise<SegmentChange> => {
  const inside = sql<SqlBool>`(s.segments && ${[segment]}::text[])`;
  const stays = exit === null ? condition : sql<SqlBool>`(${condition} is true or ${exit} is not true)`;
  return only(
    await db.run(sql<SegmentChange>`
      with looked_at as materialized (
        select s.shard, s.member_id, s.external_id, ${inside} as before,
          case when ${inside} then ${stays} else ${condition} end is true as after
        ${members(program, person)} and (${inside} or ${condition})
      )
      select count(*) filter (where before) as before, count(*) filter (where after) as after,
        count(*) filter (where after and not before) as enter, count(*) filter (where before and not after) as leave,
        ${sampleOf(sql`(select * from looked_at where after and not before)`, sample)} as entering,
        ${sampleOf(sql`(select * from looked_at where before and not after)`, sample)} as leaving
      from looked_at
    `),
  );
};

/** A tier of a scheme as it would be, and who is entitled to it. */
export interface TierPredicate {
  readonly code: string;
  readonly entry: Predicate;
}

export interface SchemePredicates {
  /** Codes of all tiers of the scheme that members may hold. */
  readonly held: readonly string[];
  /** The highest first. */
  readonly tiers: readonly TierPredicate[];
  readonly person: boolean;
}

interface Move {
  readonly from: string | null;
  readonly to: string | null;
}

export interface SchemeChange {
  /** Who stays is among them. */
  readonly moves: readonly (Move & { readonly count: number })[];
  readonly sample: readonly (Move & { readonly member: string })[];
}

/** Which tier of a scheme members hold, and the highest they would be entitled to. */
export const surveyScheme = async (
  db: Db,
  program: ProgramId,
  { held, tiers, person }: SchemePredicates,
  sample: number,
): Promise<SchemeChange> => {
  const cases = tiers.map(({ code, entry }) => sql`when ${entry} then ${code}::text`);
  const entitled = cases.length === 0 ? sql`null::text` : sql`case ${sql.join(cases, sql` `)} end`;
  return only(
    await db.run(sql<SchemeChange>`
      with looked_at as materialized (
        select s.shard, s.member_id, s.external_id,
          (select held.tier from unnest(s.tiers) as held (tier) where held.tier = any(${held}::text[]) limit 1) as held,
          ${entitled} as entitled
        ${members(program, person)}
      ),
      moves as (
        select held as "from", entitled as "to", count(*) as count
        from looked_at
        group by held, entitled
        order by count(*) desc, held, entitled
      ),
      sample as (
        select external_id as member, held as "from", entitled as "to"
        from looked_at
        where held is distinct from entitled
        order by shard, member_id
        limit ${sample}
      )
      select (select coalesce(json_agg(moves), '[]') from moves) as moves, (select coalesce(json_agg(sample), '[]') from sample) as sample
    `),
  );
};

export const countMembers = async (db: Db, program: ProgramId): Promise<number> =>
  only(await db.run(sql<{ count: number }>`select count(*) as count from member_state where program_id = ${program}`))
    .count;
