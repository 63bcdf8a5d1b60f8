import pg from 'pg';
import { type Test, test } from 'tap';
import { doFollowUps } from '../../src/jobs/follow-up.ts';
import { auditChecks, runCheck } from '../../src/store/audit.ts';
import type { AuditFault } from '../../src/store/audit-check.ts';
import { clientConfig, sessionOver } from '../../src/store/connection.ts';
import { purchaseOf, type TestApp, testApp } from '../helpers/app.ts';
import { asOwner } from '../helpers/programs.ts';
import { startProcess } from '../helpers/service-process.ts';

/*
 * The audit finds nothing in what the service writes, and something wherever one row of it is changed behind its back.
 */

const DAY = 86_400_000;

/** Ada has done everything there is to do; Bob and a guest only show whose faults they are not. */
async function usedApp(t: Test): Promise<TestApp> {
  const app = await testApp(t);
  const send = async (method: string, path: string, body: object, headers: Record<string, string> = {}) => {
    const answer = await app.request(method, path, body, headers);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.text}`);
  };
  const { headers } = await app.request('GET', '/v1/wallets/points');
  const points = { name: 'Points', expiry: { after: 'P1M' }, value: { points: 100, amount: 100 } };
  await send('PUT', '/v1/wallets/points', points, { 'if-match': `${headers['etag']}` });
  await send('PUT', '/v1/wallets/bonus', {
    name: 'Bonus',
    pending: 'P7D',
    expiry: { after: 'P3M', sliding: { renewed_by: ['purchase'] } },
  });
  const rule = { name: 'Rule', trigger: 'purchase' };
  await send('PUT', '/v1/earn-rules/base', { ...rule, effect: { type: 'per_amount', points: 1, per: 100 } });
  await send('PUT', '/v1/earn-rules/each', { ...rule, wallet: 'bonus', effect: { type: 'fixed', points: 10 } });
  const entry = { field: 'spend', window: '30d', op: 'gte', value: 10_000 };
  await send('PUT', '/v1/tiers/silver', { name: 'Silver', rank: 1, entry });
  await send('PUT', '/v1/segments/spenders', { name: 'Spenders', condition: { text: 'spend >= 100' } });
  const benefit = { type: 'custom' };
  const voucher = { codes: 'generated', valid_for: 'P1Y' };
  await send('PUT', '/v1/rewards/coffee', { name: 'Coffee', benefit, price: 1, stock: 9, voucher });
  for (const member of ['ada', 'bob']) await send('PUT', `/v1/members/${member}`, {});

  const adjust = (key: string, member: string, by: number) =>
    send(
      'POST',
      '/v1/adjustments',
      { member, points: by, reason: 'Because', actor: 'test', ...(by < 0 ? { allow_debt: true } : {}) },
      { 'idempotency-key': key },
    );
  await send('POST', '/v1/purchases', purchaseOf('o-1', 'ada', 12_000));
  await send('POST', '/v1/purchases', purchaseOf('b-1', 'bob', 3_000));
  await send('POST', '/v1/purchases', purchaseOf('g-1', null, 700));
  await send('POST', '/v1/redemptions', { id: 'r-1', member: 'ada', points: 50 });
  await adjust('debt', 'bob', -100);
  app.clock.now += 8 * DAY;
  await send('POST', '/v1/purchases', purchaseOf('o-2', 'ada', 2_500));
  app.clock.now += 40 * DAY;
  await send('POST', '/v1/purchases', purchaseOf('o-3', 'ada', 15_000));
  await send('POST', '/v1/purchases', purchaseOf('o-4', 'ada', 4_000, { occurred_at: '2026-04-10T09:00:00Z' }));
  await send('POST', '/v1/purchases/o-3/returns', { id: 'ret-1', amount: 1_000 });
  await send('POST', '/v1/purchases/b-1/returns', { id: 'ret-2', lines: [{ line: 0, quantity: 1 }] });
  await adjust('goodwill', 'ada', 25);
  await send('PATCH', '/v1/program', { policies: { transfers: true } });
  await send('POST', '/v1/transfers', { from: 'ada', to: 'bob', points: 4 }, { 'idempotency-key': 'gift' });
  const card = { kind: 'card', value: '2099' };
  await send('POST', '/v1/purchases', purchaseOf('g-2', null, 600, { guest: { identity: card } }));
  await send('POST', '/v1/purchases/g-2/returns', { id: 'ret-3', amount: 200 });
  await send('PATCH', '/v1/members/bob', { identities: [card] });
  await doFollowUps(app.service.services.database, app.service.services.queue);
  await send('POST', '/v1/redemptions/r-1/refund', { points: 10 }, { 'idempotency-key': 'refund' });
  await send('POST', '/v1/redemptions', { id: 'r-3', member: 'ada', points: 5, capture: false });
  const granted = { member: 'ada', reward: 'coffee', reason: 'Because', actor: 'test' };
  const { body } = await app.request('POST', '/v1/entitlements', granted, { 'idempotency-key': 'grant' });
  await send('POST', '/v1/redemptions', { id: 'c-1', member: 'ada', reward: 'coffee', entitlement: body.id });
  await send('POST', '/v1/redemptions', { id: 'c-2', member: 'ada', reward: 'coffee', capture: false });
  await send('POST', '/v1/redemptions', { id: 'c-3', member: 'ada', reward: 'coffee' });
  await send('POST', '/v1/redemptions/c-3/refund', {}, { 'idempotency-key': 'refund-c-3' });
  const lots = [{ points: 10, earned_at: '2025-03-10T10:00:00Z', expires_at: null }];
  const lifetime = { spend: 9_000, purchases: 3, earned: 90 };
  await send('POST', '/v1/members/ada/opening-balance', { wallet: 'bonus', lots, lifetime });
  const given = { occurred_at: '2025-03-10T10:00:00Z', points_given: [{ points: 20 }] };
  await send('POST', '/v1/past-purchases', purchaseOf('old-1', 'ada', 2_000, given));
  // In a twelfth of the window of its own: what was burned before the limit was set is not counted.
  app.clock.now += 600_000;
  const limit = { within: 'PT1H', points: 1_000 };
  const burn_limits = [limit, { ...limit, per: 'key' }];
  await send('PATCH', '/v1/program', { policies: { burn_limits } });
  await send('POST', '/v1/redemptions', { id: 'r-2', member: 'ada', points: 60 });
  await send('PUT', '/v1/members/eve', { identities: [{ kind: 'card', value: '2100' }] });
  await send('POST', '/v1/purchases', purchaseOf('e-1', 'eve', 2_000));
  await send('POST', '/v1/members/eve/merge', { into: 'bob' }, { 'idempotency-key': 'merge' });
  await send('POST', '/v1/purchases/e-1/returns', { id: 'ret-4', amount: 300 });
  return app;
}

/** What is changed, the SQL that does it (`$1` is the program, `$2` the member), and the checks that find it. */
type Corruption = readonly [what: string, sql: string, ...found: string[]];

const inState = (path: string, value: string) =>
  `update member_state set state = jsonb_set(state::jsonb, '{${path}}', ${value}) where program_id = $1 and member_id = $2`;
const more = (path: string) => inState(path, `to_jsonb((state #>> '{${path}}')::bigint + 1)`);
const inRow = (table: string, change: string, where = 'true') =>
  `update ${table} set ${change} where program_id = $1 and member_id = $2 and ${where}`;
const without = (table: string, where = 'true') =>
  `delete from ${table} where program_id = $1 and member_id = $2 and ${where}`;

/** Of the member who was merged, and of the one it was merged into. */
const inMerged = (table: string, change: string) =>
  `update ${table} set ${change} where program_id = $1 and member_id = $2 + 2`;
const inSurvivor = (table: string, change: string) =>
  `update ${table} set ${change} where program_id = $1 and member_id = $2 + 1`;

const sums = 'the entries of an account add up to its balances';
const after = 'every entry says the balances that it and those before it left';
const numbers = 'entries are numbered from 1 without a gap, in the order they were recorded';
const named = 'every entry names the lots it moved points of';
const lotSums = 'the lots of an account add up to its balances';
const lots = 'every lot holds what the entries that name it left';
const slides = 'the points an account says slide are those of its lots that do';
const announced = 'an instant at which points of a wallet expire is announced once';
const totals =
  'the totals of a member are those of the purchases less returns, with those of members merged into it, and of the days';
const earned = 'points earned, less those taken back, are the same in entries, totals and days';
const windows = 'the windows of a member are sums of days';
const ids = 'every purchase, return, activity and redemption is known by its id, once';
const returns = 'no more of a purchase is returned than was bought, and what is taken back is what entries say';
const redemptions = 'every redemption of points is an entry, and every redeeming entry a redemption';
const lives = 'every redemption is captured, released and refunded as its entries say';
const givenBack = 'a redemption gives back only points of the lots it took from, and no more of each than it took';
const holds = 'the holds a member counts are the redemptions that are held, and the points held are theirs';
const passed = 'what a transfer takes from its sender is what it gives to its recipient, lot by lot';
const sent = 'every transfer is recorded with its sender, as its entries say';
const merged = 'what passes with a merge leaves one member and comes to the other';
const takenOver = 'a lot that was taken over is what it was with the member who was merged';
const mergedInto = 'a merged member says into whom, as the merge and the other do, and has no points';
const burned = 'what a member is counted to have burned lately is in the ledger';
const burnedWithKeys = 'what was burned lately with API keys is in the ledger';
const stock = 'what is used of the stock of a reward is held or captured by redemptions';
const openVouchers = 'the open vouchers a member counts are those that are issued and lapse';
const vouchers = 'every voucher is that of one redemption, with a code of its own';
const entitled = 'an entitlement is used by the redemption that was had for it, and by none once that came to nothing';
const tiers = 'the tier held is the one last entered';
const columns = 'what members are selected by is what their states say';
const memberships = 'the segments a member is in are the memberships that have not ended';
const due = 'a member is due when the state says';
const openings = 'an opening balance is what its entries say';
const past = 'of past purchases and of totals taken over the larger sum counts';
const forgotten = 'of an erased member nothing personal is left, and no point';
const identities = 'every member is known by the caller’s id, and every identity is a member’s';

const first = 'sequence = 1';
const last = `sequence = (select max(sequence) from ledger_entry where program_id = $1 and member_id = $2)`;

const corruptions: readonly Corruption[] = [
  [
    'an erased member who has points',
    `update member_state set status = 'erased' where program_id = $1 and member_id = $2`,
    forgotten,
  ],
  ['a balance', more('accounts,points,available'), sums, lotSums],
  ['a balance of another bucket', more('accounts,bonus,pending'), sums, lotSums],
  ['the points that slide', more('accounts,bonus,sliding,available'), slides],
  ['a lot that slides', inRow('lot', `expires_at = 'infinity'`, `wallet = 'bonus' and available > 0`), slides],
  [
    'an announcement',
    `insert into outbox (shard, program_id, member_id, events, recorded_at)
     select shard, program_id, member_id, events, recorded_at from outbox
     where program_id = $1 and member_id = $2 and events::text like '%points.expiring%'`,
    announced,
  ],
  ['a debt', more('accounts,points,debt'), sums],
  ['points ever redeemed', more('accounts,points,redeemed'), sums],
  ['points ever expired', more('accounts,points,expired'), sums],
  ['the points of an entry', inRow('ledger_entry', 'points = points + 1', first), sums, after, named, earned],
  ['a balance after an entry', inRow('ledger_entry', 'available_after = available_after + 1', first), after],
  ['the bucket of an entry', inRow('ledger_entry', `to_bucket = 'held'`, first), sums, after, lots],
  ['the wallet of an entry', inRow('ledger_entry', `wallet = 'bonus'`, first), sums, after, earned],
  ['the first entry is gone', without('ledger_entry', first), sums, after, numbers, lots, earned],
  [
    'the last entry is gone',
    without('ledger_entry', last),
    sums,
    numbers,
    lots,
    redemptions,
    lives,
    burned,
    burnedWithKeys,
  ],
  ['the number of entries', inRow('member_state', 'entries = entries + 1'), numbers],
  [
    'an entry is early',
    inRow('ledger_entry', `recorded_at = recorded_at - interval '1 year'`, last),
    numbers,
    burned,
    burnedWithKeys,
  ],
  ['the lots of an entry', inRow('ledger_entry', `allocations = '[]'`, `movement = 'redeem'`), named, lots, givenBack],
  [
    'a lot for another',
    inRow('ledger_entry', `allocations = jsonb_set(allocations::jsonb, '{0,lot}', '2')`, last),
    lots,
  ],
  [
    'what is left of a lot',
    inRow('lot', 'available = available - 1', `wallet = 'points' and available > 0`),
    lotSums,
    lots,
  ],
  ['what a lot began with', inRow('lot', 'original = original + 1', 'lot = 1'), lots],
  ['a lot is gone', without('lot', 'lot = 1'), lots],
  ['the spend of a purchase', inRow('purchase', 'spend = spend + 1', `purchase_id = 'o-1'`), totals],
  [
    'a purchase of somebody else',
    `update purchase set member_id = $2 + 1 where program_id = $1 and purchase_id = 'o-1' and $2::bigint > 0`,
    totals,
    ids,
  ],
  ['the spend of a return', inRow('purchase_return', 'spend = spend + 1'), totals],
  [
    'the points of a return',
    inRow('purchase_return', `answer = replace(answer, '"points":10', '"points":11')`),
    returns,
  ],
  [
    'what a return of a purchase that was a guest’s came to',
    `update purchase_return set taken = replace(taken::text, '"points":2', '"points":3')::json
     where program_id = $1 and member_id = $2 + 1 and id = 'ret-3'`,
    returns,
  ],
  [
    'a return that stays a guest’s',
    `update purchase_return set ordinal = 0 where program_id = $1 and member_id = $2 + 1 and id = 'ret-3'`,
    ids,
  ],
  ['a return of too much', inRow('purchase_return', 'spend = 20000'), totals, returns],
  ['a return is gone', without('purchase_return'), totals, ids],
  ['the number of purchases', more('totals,purchases'), totals, columns],
  ['the total spend', more('totals,spend'), totals, columns],
  ['the spend that members are selected by', inRow('member_state', 'spend = spend + 1'), columns],
  ['the segments that members are selected by', inRow('member_state', `segments = '{}'`), columns],
  ['the last purchase', more('last_purchase_at'), columns],
  ['a segment', inState('segments', `'{}'`), columns, memberships],
  ['since when a member is in a segment', more('segments,spenders,since'), memberships],
  ['a membership that has ended', inRow('segment_membership', 'left_at = now()'), memberships],
  ['when a window begins to hold something', more('windows,30d,from'), windows],
  ['a day is gone', without('member_day', `day = date '2026-03-10'`), totals, earned],
  ['a day of a window is gone', without('member_day', `day = date '2026-04-10'`), totals, earned, windows],
  ['points ever earned', more('totals,earned,points'), earned],
  ['points earned on a day', inRow('member_day', `earned = '{}'`, `day = date '2026-03-10'`), earned],
  ['a window', more('windows,30d,spend'), windows],
  ['an id that leads nowhere', without('operation_reference', `id = 'o-2'`), ids],
  ['an id of nothing', without('purchase', `purchase_id = 'o-2'`), totals, ids],
  [
    'the points of a redemption',
    inRow('redemption', 'points = points + 1', `redemption_id = 'r-1'`),
    redemptions,
    lives,
  ],
  ['a redemption is gone', without('redemption', `redemption_id = 'r-1'`), ids, redemptions, lives],
  ['points refunded', inRow('redemption', 'refunded = refunded + 1', `redemption_id = 'r-1'`), lives],
  [
    'a hold that ended',
    inRow('redemption', `status = 'voided', released = points`, `redemption_id = 'r-3'`),
    lives,
    holds,
  ],
  ['when a hold lapses', inRow('redemption', 'expires_at = now()', `status = 'held'`), holds],
  ['the open holds', inState('holds', `'[]'`), holds],
  ['a redemption for another', inRow('ledger_entry', `cause_id = 'r-2'`, `movement = 'refund'`), lives, givenBack],
  [
    'the points of a transfer',
    inRow('ledger_entry', 'points = points + 1', `movement = 'transfer'`),
    sums,
    after,
    named,
    sent,
  ],
  [
    'the expiry of points that were transferred',
    `update lot set expires_at = expires_at + interval '1 day'
     where program_id = $1 and member_id = $2 + 1
       and lot = (select sequence from ledger_entry where program_id = $1 and member_id = $2 + 1 and movement = 'transfer')`,
    passed,
  ],
  ['a transfer is gone', without('transfer'), sent],
  ['the recipient of a transfer', inRow('transfer', 'recipient_id = recipient_id + 1'), sent],
  ['points burned lately', more('burns,PT1H,0,points'), burned],
  ['how often points were burned lately', more('burns,PT1H,0,times'), burned],
  [
    'points burned with a key',
    `update key_burns set burns = replace(burns::text, '"points":60', '"points":61')::json where program_id = $1 and $2::bigint > 0`,
    burnedWithKeys,
  ],
  ['the stock', `update reward_stock set used = used + 1 where program_id = $1 and $2::bigint > 0`, stock],
  ['the reward of a hold', inRow('redemption', `reward = null`, `redemption_id = 'c-2'`), holds, stock],
  ['the open vouchers', inState('vouchers', `'[]'`), openVouchers],
  ['a voucher that was used', inRow('voucher', `status = 'used', ended_at = now()`, `status = 'issued'`), openVouchers],
  [
    'a voucher that was cancelled',
    inRow('voucher', `status = 'issued', ended_at = null`, `status = 'cancelled'`),
    openVouchers,
    vouchers,
  ],
  ['a voucher of nothing', inRow('redemption', 'voucher = null', `redemption_id = 'c-1'`), vouchers],
  ['the code of a voucher', inRow('voucher', `code = 'ANOTHER'`, `status = 'issued'`), vouchers],
  ['a code is gone', without('voucher_code'), vouchers],
  ['who used an entitlement', inRow('entitlement', `redemption_id = 'c-3'`), entitled],
  ['that an entitlement was used', inRow('entitlement', 'used_at = null, redemption_id = null'), entitled],
  ['the tier held', inState('tiers,status,tier', `'"gold"'`), tiers, columns],
  ['a change of tier is gone', without('tier_transition', 'number = (select max(number) from tier_transition)'), tiers],
  ['the points taken over', inRow('opening_balance', 'points = points + 1'), openings],
  ['that a balance was opened', without('opening_balance'), ids, openings, past],
  ['the totals taken over', inRow('opening_balance', `lifetime = '{"spend": 9001}'`), past],
  ['a purchase that is past no more', inRow('purchase', `facts = '{}'`, `purchase_id = 'old-1'`), earned, past],
  ['what was given for a past purchase', inRow('purchase', `report = '{}'`, `purchase_id = 'old-1'`), earned],
  ['what has no day', without('member_day', `day = date '0001-01-01'`), totals, earned, past],
  ['when the member is due', inRow('member_due', `due_at = due_at + interval '1 day'`), due],
  ['that the member is due', without('member_due'), due],
  ['a due member that is none', 'insert into member_due values ($1, 0, $2 + 1000, now())', due],
  ['the caller’s id is gone', without('identity', `kind = 'id'`), identities],
  [
    'the points that passed with a merge',
    `update ledger_entry set points = points + 1
     where program_id = $1 and member_id = $2 + 2 and movement = 'merge' and to_bucket = 'transferred' and wallet = 'points'`,
    sums,
    after,
    named,
    merged,
  ],
  ['a lot of another worth', inSurvivor('merged_lot', 'points = points + 1'), takenOver],
  ['whose a lot was', inSurvivor('merged_lot', 'source_lot = source_lot + 1000'), takenOver],
  ['into whom a member was merged', inMerged('member_merge', 'survivor_id = $2'), mergedInto],
  ['that a member was parted', inMerged('member_merge', 'unmerged_at = now()'), mergedInto],
  ['that a member is merged', inMerged('member_state', `status = 'active'`), mergedInto, identities],
  ['who was merged into a member', inSurvivor('member_state', `state = (state::jsonb - 'absorbed')::json`), mergedInto],
  [
    'what a merged member bought',
    `update purchase set spend = spend + 1 where program_id = $1 and member_id = $2 + 2`,
    totals,
  ],
  [
    'what a merged member earned',
    `update member_state set state = jsonb_set(state::jsonb, '{totals,earned,points}', '1') where program_id = $1 and member_id = $2 + 2`,
    earned,
  ],
  [
    'the id of a merged member leads to itself',
    `update identity set member_id = $2 + 2 where program_id = $1 and member_id = $2 + 1 and value = 'eve' and kind = 'id'`,
    identities,
  ],
  [
    'a merged member cannot be found itself',
    `delete from identity where program_id = $1 and member_id = $2 + 2 and kind = 'merged'`,
    identities,
  ],
  ['an identity of nobody', `insert into identity values ($1, 0, 'card', '1', $2 + 1000)`, identities],
];

const guestCorruption = `delete from operation_reference where program_id = $1 and id = 'g-1' and $2::bigint > 0`;

/** Corrupts, audits as the observer does, and takes it back. */
async function auditOf(client: pg.Client, sql: string, parameters: number[]): Promise<Map<string, AuditFault[]>> {
  await client.query('begin; set local role none');
  const { rowCount } = await client.query(sql, parameters);
  if (rowCount === 0) throw new Error(`this changes nothing: ${sql}`);
  await client.query('set local role tessera_observer');
  const found = new Map<string, AuditFault[]>();
  for (const check of auditChecks) {
    const faults = await runCheck(sessionOver(client), check);
    if (faults.length > 0) found.set(check.name, faults);
  }
  await client.query('rollback');
  return found;
}

test('every corruption is found by the checks whose matter it is, and they say where', async (t) => {
  const { databaseUrl } = await usedApp(t);
  const client = new pg.Client(clientConfig(databaseUrl, 'tessera_observer', false));
  await client.connect();
  t.teardown(() => client.end());
  const members = `select program_id as program, member_id as member from identity where value = 'ada'`;
  const { program, member } = (await client.query<{ program: number; member: number }>(members)).rows[0]!;
  t.strictSame([...(await auditOf(client, 'select', [])).keys()], [], 'nothing is found in what the service wrote');

  for (const [what, sql, ...expected] of corruptions) {
    const found = await auditOf(client, sql, [program, member]);
    t.strictSame([...found.keys()].sort(), expected.toSorted(), what);
    const strangers = [...found.values()]
      .flat()
      .filter(
        (fault) =>
          fault.program_id !== program ||
          ![member, member + 1, member + 2, member + 1_000].includes(fault.member_id ?? member),
      );
    t.strictSame(strangers, [], `${what}: where`);
  }
  const ofGuest = { program_id: program, member_id: null, what: 'purchase g-1' };
  t.strictSame([...(await auditOf(client, guestCorruption, [program, member]))], [[ids, [ofGuest]]]);

  const tried = new Set(corruptions.flatMap(([, , ...found]) => found));
  t.strictSame(
    auditChecks.map(({ name }) => name).filter((name) => !tried.has(name)),
    [],
    'a check that no corruption tries may find nothing at all',
  );
});

test('npm run audit says what is wrong where, and its exit code is 1', async (t) => {
  const { databaseUrl } = await usedApp(t);
  const audit = async () => {
    const running = startProcess(t, 'src/audit.ts', [], { environment: { DATABASE_URL: databaseUrl } });
    return { ...(await running.ended), output: running.output() };
  };
  const clean = await audit();
  t.equal(clean.code, 0);
  t.equal(
    clean.output,
    [...auditChecks.map(({ name }) => `ok     ${name}`), `All ${auditChecks.length} checks hold.`, ''].join('\n'),
  );
  await asOwner(databaseUrl, (client) =>
    client.query(`update redemption set points = points + 1 where redemption_id = 'r-1'`),
  );
  const corrupted = await audit();
  t.equal(corrupted.code, 1);
  t.match(
    corrupted.output,
    `FAULT  ${redemptions}\n         program 1, member 1: redemption r-1 of 51 points, entry 3 of 50\n`,
  );
  t.match(corrupted.output, `\n2 of ${auditChecks.length} checks do not hold.\n`);
});
