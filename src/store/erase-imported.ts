import { type RawBuilder, sql } from 'kysely';
import type { ProgramId } from '../model/ids.ts';
import type { ErasedPerson } from '../model/member-erasure.ts';
import { texts } from './arrays.ts';

/** How lines may name a person, as JSON writes it: the caller's id, and identities with and without their kind. */
const namesOf = ({ external_id, identities }: ErasedPerson): string[] =>
  [external_id, ...identities.flatMap(({ kind, value }) => [value, `${kind}:${value}`])].map((name) =>
    JSON.stringify(name).toLowerCase(),
  );

/**
 * Takes lines that name a person out of files that are not worked off yet: they would enrol the person anew. They do not
 * count among the lines of the file any more. Looks at every line there is to be worked off.
 */
export const eraseImported = (program: ProgramId, person: ErasedPerson): RawBuilder<unknown> => {
  const names = sql`unnest(${texts(namesOf(person))}::text[]) as name (text)`;
  const named = (json: RawBuilder<unknown>) =>
    sql`exists (select 1 from ${names} where strpos(lower(${json}::text), name.text) > 0)`;
  return sql`
    with found as materialized (
      select number, chunk, coalesce(json_agg(record order by place) filter (where not of_person), '[]') as kept,
        count(*) filter (where of_person) as gone
      from (
        select c.number, c.chunk, record, place, ${named(sql`record`)} as of_person
        from import_chunk c
        cross join lateral json_array_elements(c.records) with ordinality as r (record, place)
        where c.program_id = ${program} and ${named(sql`c.records`)}
      ) lines
      group by number, chunk
    ),
    changed as (
      update import_chunk c
      set records = found.kept
      from found
      where c.program_id = ${program} and c.number = found.number and c.chunk = found.chunk
    )
    update import i
    set total = total - sums.gone
    from (select number, sum(gone)::integer as gone from found group by number) sums
    where i.program_id = ${program} and i.number = sums.number
  `;
};
