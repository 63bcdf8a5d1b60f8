import { test } from 'tap';
import { budgetsFor } from '../../src/commands/load-budgets.ts';
import type { Command } from '../../src/model/command.ts';
import { adjust } from '../helpers/given.ts';
import { testDatabase } from '../helpers/postgres.ts';
import { createProgram, fixed, granting, perAmount, program } from '../helpers/programs.ts';
import { buy, contentsOf, fingerprintOf, noon, openInstance, query, statuses } from './instance.ts';

/* Budgets are shared by all members and all instances. */

interface Earned {
  readonly earned: readonly { readonly points: number }[];
}

test('two instances and fifty purchases at once never oversell a budget, nor leave any of it', async (t) => {
  const { url } = await testDatabase(t);
  const budget = { points: 105, period: 'month' } as const;
  const rules = { ten: fixed(10, { budget }), always: perAmount(1, 100) };
  const id = await createProgram(url, { rules });
  const instances = [openInstance(t, url, { batchMax: 4 }), openInstance(t, url, { batchMax: 7 })] as const;
  // Each instance has members of its own: a member's lock would keep their batches apart by itself.
  const outcomes = await Promise.all(
    instances.map(async (instance, index) => {
      const names = Array.from({ length: 25 }, (_, number) => `m-${index}-${number}`);
      const members = await Promise.all(names.map((name) => instance.enrol(id, name)));
      return Promise.all(members.map((member, number) => instance.submit(id, buy(member, `p-${index}-${number}`))));
    }),
  ).then((all) => all.flat());
  t.strictSame(statuses(outcomes), { 201: 50 });
  const points = outcomes.map(({ body }) =>
    (JSON.parse(body) as Earned).earned.reduce((sum, item) => sum + item.points, 0),
  );
  t.strictSame(
    [11, 6, 1].map((wanted) => points.filter((given) => given === wanted).length),
    [10, 1, 39],
  );
  t.strictSame(await query(url, 'select rule, period, period_from::text as from, used::integer from earn_budget'), [
    { rule: 'ten', period: 'month', from: '2026-03-01', used: 105 },
  ]);
});

test('a repetition, and a refusal, use nothing of a budget; another period has its own', async (t) => {
  const { url } = await testDatabase(t);
  const id = await createProgram(url, { rules: { ten: fixed(10, { budget: { points: 25, period: 'day' } }) } });
  let now = noon;
  const instance = openInstance(t, url, { clock: () => now });
  const member = await instance.enrol(id, 'ada');
  await instance.submit(id, buy(member, 'p-1'));
  const again = await instance.submit(id, buy(member, 'p-1'));
  t.ok(again.replayed);
  const wrong = buy(member, 'p-2');
  if (wrong.kind === 'record_purchase')
    t.equal((await instance.submit(id, { ...wrong, report: { ...wrong.report, total: 1 } })).status, 422);
  t.strictSame(await query(url, 'select used::integer from earn_budget'), [{ used: 10 }]);
  now += 86_400_000;
  await instance.submit(id, buy(member, 'p-3'));
  t.strictSame(await query(url, 'select used::integer from earn_budget order by period_from'), [
    { used: 10 },
    { used: 10 },
  ]);
});

test('a batch of many is many batches of one: limits, budgets and granted rewards too', async (t) => {
  const { url } = await testDatabase(t);
  const rules = {
    euro: perAmount(1, 100, { limits: [{ period: 'day', times: null, points: 5 }] }),
    shared: fixed(3, { budget: { points: 20, period: 'ever' } }),
    bag: granting('bag', 'P7D', { limits: [{ period: 'ever', times: 2, points: null }] }),
  };
  const contents = await Promise.all(
    [1, 256].map(async (batchMax) => {
      const id = await createProgram(url, { rules });
      const instance = openInstance(t, url, { batchMax, lanes: 1 });
      const members = [await instance.enrol(id, 'ada'), await instance.enrol(id, 'bea')];
      await Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          instance.submit(id, buy(members[index % 2]!, `p-${index}`, 100 + index), {
            fingerprint: fingerprintOf(index),
          }),
        ),
      );
      return contentsOf(url, id);
    }),
  );
  t.strictSame(contents[0], contents[1]);
  t.equal(contents[0]?.['entitlement']?.length, 4);
});

test('a batch of many is many batches of one: burn limits of members and keys, and what is told of refusals', async (t) => {
  const { url } = await testDatabase(t);
  const burn_limits = [
    { within: 'PT1H', times: 3, points: null, per: 'member' as const },
    { within: 'P1D', times: null, points: 10, per: 'key' as const },
  ];
  const contents = await Promise.all(
    [1, 256].map(async (batchMax) => {
      const id = await createProgram(url, { rules: { euro: perAmount(1, 100) }, policies: { burn_limits } });
      const instance = openInstance(t, url, { batchMax, lanes: 1 });
      const members = [await instance.enrol(id, 'ada'), await instance.enrol(id, 'bea')];
      for (const [index, member] of members.entries())
        await instance.submit(id, buy(member, `p-${index}`, 10_000), { fingerprint: fingerprintOf(`p-${index}`) });
      const outcomes = await Promise.all(
        Array.from({ length: 24 }, (_, index) => {
          const request = { id: `r-${index}`, member: 'somebody', points: 2 };
          const command = { kind: 'redeem_points', member_id: members[index % 2]!, request } as const;
          return instance.submit(id, command, { fingerprint: fingerprintOf(index), apiKey: `key-${index % 3}` });
        }),
      );
      t.strictSame(statuses(outcomes), { 201: 6, 409: 18 });
      return contentsOf(url, id);
    }),
  );
  t.strictSame(contents[0], contents[1]);
  t.equal(contents[0]?.['key_burns']?.length, 3);
  t.equal(`${contents[0]?.['outbox']}`.split('burn.refused').length - 1, 2, 'once for each member');
});

test('only what can use a budget locks it', async (t) => {
  const budget = { points: 1, period: 'ever' } as const;
  const milestone = { every_purchases: 2, every_spend: null, window: null };
  const rules = program({
    rules: {
      b: fixed(1, { budget }),
      a: fixed(1, { budget, trigger: 'tier.entered' }),
      c: fixed(1),
      d: fixed(1, { budget, trigger: 'milestone', milestone }),
    },
  });
  const codes = (...commands: Command[]) => budgetsFor(rules, commands, noon).map(({ rule }) => rule);
  t.strictSame(codes(buy(1 as never, 'p')), ['a', 'b', 'd']);
  t.strictSame(codes(adjust(5)), ['a']);
  t.strictSame(codes({ kind: 'record_guest_purchase', member_id: null, report: {} as never }), []);
});
