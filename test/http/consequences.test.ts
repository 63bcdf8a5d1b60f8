import { test } from 'tap';
import { testApp } from '../helpers/app.ts';
import { enrolled, people, type Somebody, spendOf } from './people.ts';

/* What planning a document says of the members, held against a look at each of them. */

const ever = (one: Somebody): number => spendOf(one, 999);
const tier = (name: string, rank: number, spend: number) => ({
  name,
  rank,
  entry: { field: 'spend', op: 'gte', value: spend },
});
const segment = (text: string, exit: string | null = null) => ({
  name: 'Segment',
  condition: { text },
  exit: exit === null ? null : { text: exit },
});

test('a plan counts who would change segment and tier', async (t) => {
  const app = await testApp(t);
  const { request } = app;
  const before = {
    tiers: { silver: tier('Silver', 1, 10_000), gold: tier('Gold', 2, 40_000) },
    segments: { big: segment('spend >= 20000'), french: segment('country == "FR"'), same: segment('spend >= 1') },
  };
  await request('PUT', '/v1/config', before, { 'if-match': '*' });
  const everybody = people(200);
  await enrolled(app, everybody);
  const after = {
    tiers: { silver: tier('Silver', 1, 15_000), platinum: tier('Platinum', 3, 60_000), gold: tier('Gold', 2, 30_000) },
    segments: {
      big: segment('spend >= 30000', 'spend < 25000'),
      same: { ...segment('spend >= 1'), name: 'Renamed' },
      belgian: segment('country == "BE"'),
    },
  };
  const { body } = await request('POST', '/v1/config/plan', after);
  const { segments, schemes } = body.consequences;
  t.equal(body.consequences_missing, null);

  const count = (holds: (one: Somebody) => boolean): number => everybody.filter(holds).length;
  const big = count((one) => ever(one) >= 20_000);
  const leave = count((one) => ever(one) >= 20_000 && ever(one) < 25_000);
  const [french, belgian] = [count(({ country }) => country === 'FR'), count(({ country }) => country === 'BE')];
  t.ok(leave > 0 && french > 0 && belgian > 0);
  t.match(segments, [
    { code: 'belgian', before: 0, after: belgian, enter: belgian, leave: 0 },
    { code: 'big', before: big, after: big - leave, enter: 0, leave },
    { code: 'french', before: french, after: 0, enter: 0, leave: french, entering: [] },
  ]);
  t.equal(segments.length, 3, 'a new name changes nobody');

  const held = (one: Somebody): string | null => (ever(one) >= 40_000 ? 'gold' : ever(one) >= 10_000 ? 'silver' : null);
  const entitled = (one: Somebody): string | null =>
    ever(one) >= 60_000 ? 'platinum' : ever(one) >= 30_000 ? 'gold' : ever(one) >= 15_000 ? 'silver' : null;
  t.strictSame(
    schemes[0].tiers,
    ['platinum', 'gold', 'silver'].map((code) => ({
      code,
      before: count((one) => held(one) === code),
      after: count((one) => entitled(one) === code),
    })),
  );
  for (const { from, to, count: moved } of schemes[0].moves)
    t.equal(
      moved,
      count((one) => held(one) === from && entitled(one) === to),
      `${from} to ${to}`,
    );
  const moving = everybody.filter((one) => held(one) !== entitled(one));
  t.equal(
    schemes[0].moves.reduce((sum: number, move: { count: number }) => sum + move.count, 0),
    moving.length,
  );
  t.equal(schemes[0].sample.length, 20);
  for (const { member, from, to } of schemes[0].sample) {
    const one = everybody.find(({ id }) => id === member)!;
    t.strictSame([from, to], [held(one), entitled(one)], member);
  }
});

test('what changes nobody is not counted, nor what has faults', async (t) => {
  const { request } = await testApp(t);
  t.match((await request('POST', '/v1/config/plan', { attributes: {} })).body, {
    consequences: { segments: [], schemes: [] },
    consequences_missing: null,
  });
  const faulty = await request('POST', '/v1/config/plan', { segments: { a: segment('spnd >= 1') } });
  t.match(faulty.body, { consequences: null, consequences_missing: 'faults', faults: [{}] });
});
