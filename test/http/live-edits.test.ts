import { type Test, test } from 'tap';
import { reassessMembers } from '../../src/jobs/reassess-members.ts';
import { lanesWaiting } from '../commands/instance.ts';
import { purchaseOf, type TestApp, testApp } from '../helpers/app.ts';
import { auditFaults } from '../helpers/audit.ts';
import { asOwner } from '../helpers/programs.ts';

/* The configuration is edited while many write: every decision is of one revision, the one it says. */

const WRITERS = 64;
const MEMBERS = 32;
const EDITS = 30;
const CENTS = 1_000;

/** What holds in a revision can be told from its number: the points of a purchase, the bounds of a tier and a segment. */
const purchasesForSilver = (revision: number): number => 3 + (revision % 5);
const spendForSegment = (revision: number): number => CENTS * (2 + (revision % 7));
const documentOf = (revision: number) => ({
  earn_rules: { base: { name: 'Base', trigger: 'purchase', effect: { type: 'fixed', points: revision } } },
  tiers: {
    silver: { name: 'Silver', rank: 1, entry: { field: 'purchases', op: 'gte', value: purchasesForSilver(revision) } },
  },
  segments: {
    spenders: { name: 'Spenders', condition: { field: 'spend', op: 'gte', value: spendForSegment(revision) } },
  },
});

const edit = (app: TestApp, revision: number) =>
  app.request('PUT', '/v1/config', documentOf(revision), { 'if-match': `"${revision - 1}"` });

const query = <R extends object>({ databaseUrl }: TestApp, text: string): Promise<R[]> =>
  asOwner(databaseUrl, async (client) => (await client.query<R>(text)).rows);

const reassess = ({ service: { services }, clock }: TestApp) =>
  reassessMembers(services.database, services.queue, clock.now);

/** Purchases by many at once through both instances, until they are told to stop. */
const writing = (instances: readonly [TestApp, TestApp]) => {
  let going = true;
  const answers: { status: number; bought: number; tier: string | null }[] = [];
  const writer = async (number: number): Promise<void> => {
    const { request } = instances[number % 2]!;
    const member = `m-${number % MEMBERS}`;
    for (let count = 0; going; count++) {
      const { status, body } = await request('POST', '/v1/purchases', purchaseOf(`${number}-${count}`, member, CENTS));
      answers.push({ status, bought: body.earned?.[0]?.points, tier: body.tiers?.[0]?.tier });
    }
  };
  const writers = Array.from({ length: WRITERS }, (_, number) => writer(number));
  return {
    answers,
    stop: async () => {
      going = false;
      await Promise.all(writers);
    },
  };
};

/** Members with 0 to 9 purchases, who do nothing from then on. */
const STILL = 10;

/** The service with the first of its revisions, and members. */
const club = async (t: Test): Promise<readonly [TestApp, TestApp]> => {
  const app = await testApp(t);
  t.match(await edit(app, 2), { status: 200 });
  await Promise.all(Array.from({ length: MEMBERS }, (_, number) => app.request('PUT', `/v1/members/m-${number}`, {})));
  for (let still = 0; still < STILL; still++) {
    await app.request('PUT', `/v1/members/still-${still}`, {});
    for (let count = 0; count < still; count++)
      await app.request('POST', '/v1/purchases', purchaseOf(`still-${still}-${count}`, `still-${still}`, CENTS));
  }
  return [app, await app.instance()];
};

interface Decided {
  member: number;
  revision: number;
  noted: number;
  points: number;
  tier: string | null;
  number: number;
}

test('given an edit now and then while 64 write, no error comes of it and no decision under a mixed revision', async (t) => {
  const instances = await club(t);
  const [app] = instances;
  const writers = writing(instances);
  let passes = true;
  const jobs = (async () => {
    while (passes) await reassess(instances[1]);
  })();
  for (let revision = 3; revision < 2 + EDITS; revision++) {
    const { status, text } = await edit(instances[revision % 2]!, revision);
    if (status !== 200) t.fail(text);
    const enough = writers.answers.length + 20;
    while (writers.answers.length < enough) await new Promise((resolve) => setImmediate(resolve));
  }
  passes = false;
  await jobs;
  const last = 2 + EDITS;
  t.match(await edit(app, last), { status: 200, headers: { etag: `"${last}"` } });
  await writers.stop();
  t.strictSame([...new Set(writers.answers.map(({ status }) => status))], [201]);

  const decided = await query<Decided>(
    app,
    `select e.member_id::integer as member, e.revision::integer, (p.facts->>'revision')::integer as noted, e.points::integer,
       p.answer::jsonb->'tiers'->0->>'tier' as tier,
       (row_number() over (partition by e.member_id order by e.sequence))::integer as number
     from ledger_entry e
     join purchase p on p.program_id = e.program_id and p.purchase_id = e.cause_id
     where e.movement = 'earn'
     order by e.member_id, e.sequence`,
  );
  t.equal(decided.length, writers.answers.length + (STILL * (STILL - 1)) / 2);
  t.ok(new Set(decided.map(({ revision }) => revision)).size > EDITS / 2, 'decided under many revisions');
  const mixed = decided.filter(
    ({ revision, noted, points, tier, number }) =>
      noted !== revision || points !== revision || tier !== (number >= purchasesForSilver(revision) ? 'silver' : null),
  );
  t.strictSame(mixed.slice(0, 3), [], 'points, facts and tier are those of the revision');
  const backwards = decided.filter(
    ({ member, revision }, index) => decided[index - 1]?.member === member && decided[index - 1]!.revision > revision,
  );
  t.strictSame(backwards.slice(0, 3), [], 'the revisions that one member sees only grow');

  while ((await Promise.all(instances.map(reassess))).some(Boolean));
  const [pass] = (await app.request('GET', '/v1/reassessments')).body.data;
  t.match(pass, { revision: last, finished_at: String });
  t.equal(pass.done, pass.members);
  const behind = await query<{ member: string; status: string }>(
    app,
    `select external_id as member, concat_ws(' ', status_revision, purchases, tiers, segments) as status
     from member_state
     where concat_ws(' ', status_revision, tiers, segments) is distinct from concat_ws(' ', ${last},
       case when purchases >= ${purchasesForSilver(last)} then '{silver}' else '{}' end,
       case when spend >= ${spendForSegment(last)} then '{spenders}' else '{}' end)`,
  );
  t.strictSame(behind, [], 'everybody is as the last revision says, those who did nothing too');
  t.strictSame(await auditFaults(app), []);
});

test('given a member enrolled while tiers and segments are edited, they too come under the edit', async (t) => {
  const [app, other] = await club(t);
  const everybody = (revision: number) => ({
    ...documentOf(revision),
    segments: { spenders: { name: 'Everybody', condition: { field: 'spend', op: 'gte', value: 0 } } },
  });
  await asOwner(app.databaseUrl, async (client) => {
    await client.query('begin');
    await client.query('lock table identity in share row exclusive mode');
    const enrolled = app.request('PUT', '/v1/members/late', {});
    await lanesWaiting(client, 1);
    const edited = other.request('PUT', '/v1/config', everybody(3), { 'if-match': '"2"' });
    // The edit may wait for the enrolment, or not: a pass made meanwhile must not leave anybody behind.
    await Promise.race([edited, new Promise((resolve) => setTimeout(resolve, 200))]);
    while (await reassess(other));
    await client.query('rollback');
    t.match(await enrolled, { status: 201 });
    t.match(await edited, { status: 200 });
  });
  while (await reassess(other));
  t.strictSame(
    await query(
      app,
      `select distinct status_revision::integer as revision, segments::text from member_state where external_id = 'late'`,
    ),
    [{ revision: 3, segments: '{spenders}' }],
  );
});
