import { createHash } from 'node:crypto';
import { type RawBuilder, sql } from 'kysely';
import { Client } from 'pg';
import { type Test, test } from 'tap';
import type { Condition } from '../../../src/model/condition.ts';
import type { ProgramId } from '../../../src/model/ids.ts';
import { dayText, instantText, instantTextOrNull } from '../../../src/model/instant.ts';
import { compileCondition } from '../../../src/rules/conditions/compile.ts';
import { conditionSql } from '../../../src/rules/conditions/condition-sql.ts';
import { build } from '../../../src/store/connection.ts';
import { testDatabase } from '../../helpers/postgres.ts';
import { aCondition, aMember, type GeneratedMember, randomOf } from './generate.ts';
import { calendar, faultsOf, now, today, within } from './world.ts';

/*
 * What a condition says in memory and what it says in the database is the same, for thousands of conditions over
 * thousands of members of whom much is absent and some is malformed.
 */

const MEMBERS = 5_000;
const CONDITIONS = Number(process.env['CONDITIONS'] ?? 2_000);
const SEED = Number(process.env['SEED'] ?? 1);
const BATCH = 25;
const program = 1 as ProgramId;

/** Clients of one database. Their zone is far from the program's: nothing may depend on it. */
const clientsOf = async (t: Test, count: number): Promise<Client[]> => {
  const { url } = await testDatabase(t);
  const options = '-c jit=off -c timezone=America/New_York';
  const clients = Array.from({ length: count }, () => new Client({ connectionString: url, options }));
  await Promise.all(clients.map((client) => client.connect()));
  t.teardown(() => Promise.all(clients.map((client) => client.end())));
  return clients;
};

const heldTiers = ({ state }: GeneratedMember): string[] =>
  Object.values(state.tiers).flatMap(({ tier }) => (tier === null ? [] : [tier]));

/** What of the state is read out of the document: to parse the rest for every reading is most of the time of the test. */
const inDocument = ({ state: { accounts, totals, tiers, nps } }: GeneratedMember) => ({ accounts, totals, tiers, nps });

const insertMembers = async (client: Client, members: readonly GeneratedMember[]): Promise<void> => {
  await client.query(`insert into program values (1, 'p', 'P', 'EUR', 'Europe/Paris', 'fr', false, 1, now())`);
  await client.query(
    `insert into member_state (program_id, shard, member_id, external_id, status, enrolled_at, recorded_at, entries, commands, revision,
       state, enrolled_on, spend, purchases, first_purchase_at, last_purchase_at, tiers, segments)
     select 1, 0, (r ->> 'id')::bigint, r ->> 'external_id', r ->> 'status', (r ->> 'enrolled_at')::timestamptz, now(), 0, 0, 1,
       r -> 'state', (r ->> 'enrolled_on')::date, (r ->> 'spend')::bigint, (r ->> 'purchases')::integer,
       (r ->> 'first_purchase_at')::timestamptz, (r ->> 'last_purchase_at')::timestamptz,
       array(select json_array_elements_text(r -> 'tiers')), array(select json_array_elements_text(r -> 'segments'))
     from json_array_elements($1::json) r`,
    [
      JSON.stringify(
        members.map((member) => ({
          id: member.state.member_id,
          external_id: member.state.external_id,
          status: member.state.status,
          enrolled_at: instantText(member.state.enrolled_at),
          enrolled_on: dayText(calendar.dayOf(member.state.enrolled_at)),
          state: inDocument(member),
          spend: member.state.totals.spend,
          purchases: member.state.totals.purchases,
          first_purchase_at: instantTextOrNull(member.state.first_purchase_at),
          last_purchase_at: instantTextOrNull(member.state.last_purchase_at),
          tiers: heldTiers(member),
          segments: Object.keys(member.state.segments),
        })),
      ),
    ],
  );
  await client.query(
    `insert into member_profile (program_id, shard, member_id, profile, identities, attributes, consents, acquisition, tags)
     select 1, 0, (r ->> 'id')::bigint, r -> 'profile', '[]', (r -> 'attributes')::jsonb, r -> 'consents', r -> 'acquisition',
       (r -> 'tags')::jsonb
     from json_array_elements($1::json) r`,
    [
      JSON.stringify(
        members
          .filter(({ person }) => person !== null)
          .map(({ state, person }) => ({ id: state.member_id, ...person })),
      ),
    ],
  );
  await client.query(
    `insert into member_day (program_id, shard, member_id, day, spend, purchases, earned, activities)
     select 1, 0, (r ->> 'id')::bigint, (r ->> 'day')::date, (r ->> 'spend')::bigint, (r ->> 'purchases')::integer, r -> 'earned', r -> 'activities'
     from json_array_elements($1::json) r`,
    [
      JSON.stringify(
        members.flatMap(({ state, days }) =>
          [...days].map(([day, totals]) => ({ id: state.member_id, day: dayText(day), ...totals })),
        ),
      ),
    ],
  );
  await client.query('analyze');
};

const context = within();
const sqlContext = { ...context, program, now, today };

/** Where false and unknown make no difference, and (below two `not`) where they do. */
type Mode = 'matches' | 'exact';

const predicate = (condition: Condition, mode: Mode): RawBuilder<unknown> =>
  mode === 'exact'
    ? sql`coalesce(${conditionSql({ not: { not: condition } }, sqlContext)}::text, 'u')`
    : sql`coalesce(${conditionSql(condition, sqlContext)}, false)::text`;

const answersInMemory = (condition: Condition, members: readonly GeneratedMember[], mode: Mode): string[] => {
  const matches = compileCondition(condition, context);
  return members.map(({ state, person }) => {
    const answer = matches({ state, person, now, today, trigger: null });
    return answer === undefined ? (mode === 'exact' ? 'u' : 'false') : `${answer}`;
  });
};

const from = sql`from member_state s left join member_profile p on p.program_id = s.program_id and p.shard = s.shard and p.member_id = s.member_id where s.program_id = 1`;

const run = async <R>(client: Client, statement: RawBuilder<R>): Promise<R[]> => {
  const { sql: text, parameters } = statement.compile(build);
  return (await client.query(text, parameters as unknown[])).rows as R[];
};

/** One digest of all members' answers for each condition: members are in the order of their ids. */
const digestsInDatabase = async (client: Client, conditions: readonly Condition[], mode: Mode): Promise<string[]> => {
  const columns = conditions.map((condition, index) => sql`${predicate(condition, mode)} as ${sql.ref(`c${index}`)}`);
  const digests = conditions.map((_, index) => sql`md5(string_agg(${sql.ref(`c${index}`)}, ''))`);
  const [row] = await run(
    client,
    sql<{
      digests: string[];
    }>`select array[${sql.join(digests)}] as digests from (select ${sql.join(columns)} ${from} order by s.member_id) answers`,
  );
  return row?.digests ?? [];
};

const firstDifference = async (
  client: Client,
  condition: Condition,
  members: readonly GeneratedMember[],
  mode: Mode,
) => {
  const rows = await run(
    client,
    sql<{ answer: string }>`select ${predicate(condition, mode)} as answer ${from} order by s.member_id`,
  );
  const inMemory = answersInMemory(condition, members, mode);
  const index = rows.findIndex(({ answer }, at) => answer !== inMemory[at]);
  return { condition, mode, member: members[index], memory: inMemory[index], database: rows[index]?.answer };
};

/** What chance seldom meets: days enrolled at their edges, which the database compares the other way round. */
const edges: readonly Condition[] = (['eq', 'ne', 'lt', 'lte', 'gt', 'gte'] as const).flatMap((op) =>
  [0, 1, 7, 30, 90, 365, -1, 400_000].map((value) => ({ field: 'days_enrolled', op, value })),
);

const conditionsOf = (count: number): Condition[] => {
  const random = randomOf(SEED);
  const found = new Map(edges.map((condition) => [JSON.stringify(condition), condition]));
  while (found.size < count) {
    const condition = aCondition(random);
    found.set(JSON.stringify(condition), condition);
  }
  return [...found.values()];
};

test(`${CONDITIONS} conditions answer the same in memory and in the database, member by member`, async (t) => {
  const clients = await clientsOf(t, 2);
  const random = randomOf(SEED + 1);
  const members = Array.from({ length: MEMBERS }, (_, index) => aMember(random, index + 1));
  await insertMembers(clients[0]!, members);
  const conditions = conditionsOf(CONDITIONS);
  t.strictSame(conditions.filter((condition) => faultsOf(condition).length > 0).slice(0, 3), [], 'all are valid');

  let mixed = 0;
  let next = 0;
  const differences: unknown[] = [];
  const compareBatches = async (client: Client): Promise<void> => {
    for (let start = next; start < conditions.length && differences.length === 0; start = next) {
      next = start + BATCH;
      const batch = conditions.slice(start, next);
      const mode: Mode = (start / BATCH) % 2 === 0 ? 'exact' : 'matches';
      const digests = await digestsInDatabase(client, batch, mode);
      for (const [index, condition] of batch.entries()) {
        const answers = answersInMemory(condition, members, mode);
        if (new Set(answers).size > 1) mixed += 1;
        if (createHash('md5').update(answers.join('')).digest('hex') === digests[index]) continue;
        differences.push(await firstDifference(client, condition, members, mode));
      }
    }
  };
  await Promise.all(clients.map(compareBatches));
  t.strictSame(differences.slice(0, 1), [], 'no member is answered differently');
  t.ok(mixed > CONDITIONS / 2, `${mixed} of them are not the same for all members`);
});
