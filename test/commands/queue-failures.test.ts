import { test } from 'tap';
import type { Command } from '../../src/model/command.ts';
import type { MemberId } from '../../src/model/ids.ts';
import type { Identity } from '../../src/model/member.ts';
import { purchase } from '../helpers/given.ts';
import { testDatabase } from '../helpers/postgres.ts';
import { asOwner, createProgram, perAmount } from '../helpers/programs.ts';
import { buy, give, lanesWaiting, openInstance, query, spend, statuses, TroubledLane } from './instance.ts';

/* What goes wrong in a batch, and what the queue makes of it: every submission is answered once, and nothing is doubled. */

const euro = { rules: { euro: perAmount(1, 100) } };

const sqlError = (code: string): Error => Object.assign(new Error(`SQLSTATE ${code}`), { code });

const poison = (member_id: MemberId, id: string): Command =>
  ({ ...purchase(100, { id: `${id}\0` }), member_id }) as Command;

test('a command that cannot be saved is found by halving, and its neighbours are committed', async (t) => {
  const { url } = await testDatabase(t);
  const program = await createProgram(url, euro);
  const { submit, enrol } = openInstance(t, url);
  const members = await Promise.all(['ada', 'bea', 'cem'].map((name) => enrol(program, name)));
  const poisoned = new Set([3, 4, 17]);
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, index) => {
      const member = members[index % 3]!;
      return submit(program, poisoned.has(index) ? poison(member, `o-${index}`) : buy(member, `o-${index}`));
    }),
  );
  t.strictSame(
    results.flatMap(({ status }, index) => (status === 'rejected' ? [index] : [])),
    [...poisoned],
  );
  const stored = await query<{ id: string }>(url, 'select id from operation_reference');
  const good = Array.from({ length: 20 }, (_, index) => index).filter((index) => !poisoned.has(index));
  t.strictSame(stored.map(({ id }) => id).sort(), good.map((index) => `o-${index}`).sort());
  const again = await submit(program, buy(members[0]!, 'o-3'));
  t.strictSame([again.status, again.replayed], [201, false], 'the poisoned id is still free');
});

test('a command the engine cannot decide fails alone', async (t) => {
  const { url } = await testDatabase(t);
  const program = await createProgram(url, euro);
  const { submit, enrol } = openInstance(t, url);
  const [ada, bea] = [await enrol(program, 'ada'), await enrol(program, 'bea')];
  await submit(program, buy(ada, 'o-1', 1_000));
  // A database that somebody tampered with: the lots do not hold what the account says.
  await query(url, 'update lot set available = 3');
  const results = await Promise.allSettled([
    submit(program, buy(bea, 'o-2')),
    submit(program, spend(ada, 's', 5)),
    submit(program, buy(bea, 'o-3')),
  ]);
  t.strictSame(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  t.strictSame(await query(url, `select 1 from ledger_entry where movement = 'redeem'`), []);
});

test('two instances that take the same new id at the same moment: one is first, the other finds it and answers', async (t) => {
  const { url } = await testDatabase(t);
  const program = await createProgram(url, euro);
  const lanes: TroubledLane[] = [];
  const instances = [0, 1].map(() =>
    openInstance(t, url, {
      lanesOf: () => {
        lanes.push(new TroubledLane(url));
        return lanes.slice(-1);
      },
    }),
  );
  const [ada, bea] = [await instances[0]!.enrol(program, 'ada'), await instances[1]!.enrol(program, 'bea')];
  const card: Identity = { kind: 'card', value: '2099' };
  const put = (member_id: MemberId | null, external_id: string, identities: Identity[] = []): Command => ({
    kind: 'put_member',
    member_id,
    external_id,
    body: { identities },
    replace: true,
  });
  /** Both have loaded and decided before either may write: the table lets them read only. */
  const race = (table: string, first: Command, second: Command) =>
    asOwner(url, async (owner) => {
      for (const lane of lanes) lane.transactions = 0;
      await owner.query(`begin; lock table ${table} in exclusive mode`);
      const answers = [first, second].map((command, index) => instances[index]!.submit(program, command));
      await lanesWaiting(owner, 2);
      await owner.query('commit');
      const outcomes = await Promise.all(answers);
      t.ok(lanes[0]!.transactions + lanes[1]!.transactions > 2, 'one of them had to begin again');
      return statuses(outcomes);
    });
  t.strictSame(await race('operation_reference', buy(ada, 'o-1'), buy(bea, 'o-1')), { '201': 1, '409': 1 });
  const guest: Command = { kind: 'record_guest_purchase', member_id: null, report: buyReport('o-2') };
  t.strictSame(await race('operation_reference', guest, guest), { '201': 1, '201 again': 1 });
  t.strictSame(await race('identity', put(null, 'cem'), put(null, 'cem')), { '200': 1, '201': 1 });
  t.strictSame(await race('identity', put(ada, 'ada', [card]), put(bea, 'bea', [card])), { '200': 1, '409': 1 });
  t.strictSame(await query(url, `select count(*)::integer as owners from identity where kind = 'card'`), [
    { owners: 1 },
  ]);
  t.strictSame(await query(url, `select count(*)::integer as members from member_state`), [{ members: 3 }]);
});

const buyReport = (id: string) => {
  const command = purchase(100, { id });
  if (command.kind !== 'record_purchase') throw new Error('not a purchase');
  return command.report;
};

test('a lane whose backend is terminated while it loads: each submission is answered once, nothing is lost or doubled', async (t) => {
  const { url } = await testDatabase(t);
  const program = await createProgram(url, euro);
  const { submit, enrol } = openInstance(t, url);
  const ada = await enrol(program, 'ada');
  const answered: number[] = [];
  await asOwner(url, async (owner) => {
    await owner.query('begin; select * from member_state for update');
    const answers = Array.from({ length: 30 }, (_, index) =>
      submit(program, buy(ada, `o-${index}`)).then((outcome) => {
        answered.push(index);
        return outcome;
      }),
    );
    for (let times = 0; times < 2; times++) {
      const [pid] = await lanesWaiting(owner, 1);
      await owner.query('select pg_terminate_backend($1, 5000)', [pid]);
    }
    await owner.query('commit');
    t.strictSame(statuses(await Promise.all(answers)), { '201': 30 });
  });
  t.equal(new Set(answered).size, 30);
  t.equal(answered.length, 30);
  const [row] = await query<{ available: number }>(
    url,
    `select (state->'accounts'->'points'->>'available')::integer as available from member_state`,
  );
  t.equal(row?.available, 30);
});

test('a connection lost just after the commit: the stored answers decide, and nothing is done twice', async (t) => {
  const { url } = await testDatabase(t);
  const program = await createProgram(url, { ...euro, policies: { transfers: true } });
  const lane = new TroubledLane(url);
  const { submit, enrol } = openInstance(t, url, { lanesOf: () => [lane] });
  const ada = await enrol(program, 'ada');
  for (const [index, lost] of [sqlError('57P01'), sqlError('08006'), sqlError('ECONNRESET')].entries()) {
    lane.afterwards.push(lost);
    t.strictSame(statuses([await submit(program, buy(ada, `alone-${index}`, 1))]), { '201 again': 1 }, lost.message);
  }
  lane.afterwards.push(new Error('Connection terminated unexpectedly'));
  const outcomes = await Promise.all([
    submit(program, buy(ada, 'o-1', 2_000)),
    submit(program, give(ada, 5), { key: 'give' }),
    submit(program, spend(ada, 's-1', 10)),
    submit(program, spend(ada, 's-2', 100), { key: 'spend' }),
  ]);
  t.strictSame(
    outcomes.map(({ status }) => status),
    [201, 201, 201, 409],
  );
  const entries = await query<{ movement: string }>(url, 'select movement from ledger_entry order by sequence');
  t.strictSame(
    entries.map(({ movement }) => movement),
    ['earn', 'adjust', 'redeem'],
  );
  const bea = await enrol(program, 'bea');
  const request = { from: 'ada', to: 'bea', points: 7 };
  const transfer: Command = { kind: 'transfer_points', member_id: ada, to: bea, request };
  lane.afterwards.push(sqlError('57P01'));
  t.strictSame(statuses([await submit(program, transfer, { key: 'gift' })]), { '201 again': 1 });
  t.strictSame(
    await query(url, `select from_bucket, points::integer from ledger_entry where movement = 'transfer' order by 1`),
    [
      { from_bucket: 'available', points: 7 },
      { from_bucket: 'transferred', points: 7 },
    ],
    'one on either side',
  );
});

test('what the database could not do at this moment is tried again, a bounded number of times', async (t) => {
  const { url } = await testDatabase(t);
  const program = await createProgram(url, euro);
  const lane = new TroubledLane(url);
  const { submit, enrol } = openInstance(t, url, { lanesOf: () => [lane] });
  const ada = await enrol(program, 'ada');
  lane.before.push(sqlError('40001'), sqlError('40P01'), sqlError('55P03'));
  t.strictSame(statuses([await submit(program, buy(ada, 'o-1'))]), { '201': 1 });
  lane.before.push(...Array.from({ length: 50 }, () => sqlError('40001')));
  lane.transactions = 0;
  await t.rejects(Promise.all([submit(program, buy(ada, 'o-2')), submit(program, buy(ada, 'o-3'))]), { code: '40001' });
  t.equal(lane.transactions, 7, 'once and six times again');
  lane.before.length = 0;
  t.strictSame(statuses([await submit(program, buy(ada, 'o-2'))]), { '201': 1 }, 'and the queue goes on');
});
