import { test } from 'tap';
import type { Command } from '../../src/model/command.ts';
import type { MemberId } from '../../src/model/ids.ts';
import { auditChecks, runCheck } from '../../src/store/audit.ts';
import { capture, grant, redeemFor, refund, voiding } from '../helpers/given.ts';
import { testDatabase } from '../helpers/postgres.ts';
import { createProgram, rewardAt } from '../helpers/programs.ts';
import { contentsOf, fingerprintOf, type Instance, openInstance, query, statuses } from './instance.ts';

/* The stock of rewards and the codes of their pools are shared by all members and all instances. */

const of = (member_id: MemberId, command: Command): Command => ({ ...command, member_id }) as Command;

const faultsOf = async ({ database }: Instance): Promise<string[]> => {
  const found = await Promise.all(auditChecks.map((check) => database.observe((db) => runCheck(db, check))));
  return found.flat().map(({ what }) => what);
};

/** Members of either instance ask for a reward in small batches, so that many batches meet. */
const rush = async (instances: readonly Instance[], id: Parameters<Instance['submit']>[0], reward: string) => {
  const all = await Promise.all(
    instances.map(async (instance, index) => {
      const names = Array.from({ length: 25 }, (_, number) => `${reward}-${index}-${number}`);
      const members = await Promise.all(names.map((name) => instance.enrol(id, name)));
      return Promise.all(
        members.map((member, number) => instance.submit(id, of(member, redeemFor(reward, names[number])))),
      );
    }),
  );
  return all.flat();
};

test('two instances and fifty at once never oversell a stock, nor leave any of it, nor give a code twice', async (t) => {
  const { url } = await testDatabase(t);
  const rewards = {
    stocked: rewardAt(0, { stock: 17 }),
    pooled: rewardAt(0, { voucher: { codes: 'pool', valid_for: null } }),
  };
  const id = await createProgram(url, { rewards });
  const instances = [openInstance(t, url, { batchMax: 3 }), openInstance(t, url, { batchMax: 4 })];
  // The rows are there: it is not their making that keeps batches apart.
  await query(url, `insert into reward_stock values ($1, 'stocked', 0), ($1, 'pooled', 0)`, [id]);
  await query(
    url,
    `insert into voucher_code
     select $1, get_byte(hash, 0) % 16, hash, 'pooled', code
     from (select code, sha256(convert_to(format('%s:%s', $1::integer, code), 'UTF8')) as hash
           from (select 'CODE-' || number as code from generate_series(1, 11) number) codes) hashed`,
    [id],
  );
  t.strictSame(statuses(await rush(instances, id, 'stocked')), { 201: 17, 409: 33 });
  const drawn = await rush(instances, id, 'pooled');
  t.strictSame(statuses(drawn), { 201: 11, 409: 39 });
  const codes = drawn.flatMap(({ status, body }) => (status === 201 ? [JSON.parse(body).voucher.code] : []));
  t.equal(new Set(codes).size, 11);
  t.strictSame(await query(url, 'select reward, used::integer from reward_stock order by reward'), [
    { reward: 'pooled', used: 0 },
    { reward: 'stocked', used: 17 },
  ]);
  t.strictSame(await faultsOf(instances[0]!), []);
});

test('a batch of many is many batches of one: stock, limits, entitlements and vouchers too', async (t) => {
  const { url } = await testDatabase(t);
  const rewards = {
    stocked: rewardAt(0, { stock: 2, limits: [{ period: 'ever', times: 2 }] }),
    granted: rewardAt(null, { stock: 1 }),
  };
  const held = { capture: false };
  const contents = await Promise.all(
    [1, 256].map(async (batchMax) => {
      const id = await createProgram(url, { rewards });
      const instance = openInstance(t, url, { batchMax, lanes: 1 });
      const [ada, bea] = [await instance.enrol(id, 'ada'), await instance.enrol(id, 'bea')];
      const entitlement = `ett_${ada.toString(36)}_2`;
      const commands = [
        of(ada, grant('granted')),
        of(ada, redeemFor('granted', 'r-1', { entitlement, ...held })),
        of(ada, redeemFor('granted', 'r-2', { entitlement })),
        of(ada, voiding('r-1')),
        of(ada, redeemFor('granted', 'r-3', { entitlement })),
        of(ada, redeemFor('stocked', 'r-4', held)),
        of(bea, redeemFor('stocked', 'r-5')),
        of(bea, redeemFor('stocked', 'r-6')),
        of(ada, capture('r-4')),
        of(ada, refund('r-4')),
        of(bea, redeemFor('stocked', 'r-7')),
        of(bea, redeemFor('stocked', 'r-8')),
      ];
      const outcomes = await Promise.all(
        commands.map((command, index) =>
          instance.submit(id, command, { fingerprint: fingerprintOf(index), key: `key-${index}` }),
        ),
      );
      return { rows: await contentsOf(url, id), statuses: outcomes.map(({ status }) => status) };
    }),
  );
  t.strictSame(contents[0]!.statuses, [201, 201, 409, 200, 201, 201, 201, 409, 200, 200, 201, 409]);
  t.strictSame(contents[1]!.statuses, contents[0]!.statuses);
  const { idempotency_key: _, ...rows } = contents[0]!.rows;
  const { idempotency_key: __, ...others } = contents[1]!.rows;
  t.strictSame(others, rows);
});
