import fc from 'fast-check';
import { test } from 'tap';
import { Draining, QueueFull } from '../../src/commands/queue.ts';
import { WaitingLines } from '../../src/commands/waiting.ts';
import type { Command } from '../../src/model/command.ts';
import type { RedemptionRow } from '../../src/model/decision.ts';
import type { MemberId, ProgramId } from '../../src/model/ids.ts';
import { advances, closings, commandOf, deeds, moved, programs, startsAt } from '../engine/arbitraries.ts';
import type { Kept } from '../engine/naive.ts';
import { adjust, line } from '../helpers/given.ts';
import { testDatabase } from '../helpers/postgres.ts';
import { createProgram, perAmount, program } from '../helpers/programs.ts';
import {
  buy,
  contentsOf,
  fingerprintOf,
  give,
  noon,
  numbered,
  openInstance,
  query,
  spend,
  statuses,
  submission,
  TroubledLane,
} from './instance.ts';

const euro = { rules: { euro: perAmount(1, 100) } };

test('commands handed in together leave in the database what they leave one by one', async (t) => {
  const { url } = await testDatabase(t);
  const moments = fc.array(
    fc.record({
      advance: advances,
      acts: fc.array(
        fc.tuple(fc.nat(2), fc.oneof({ weight: 20, arbitrary: deeds }, { weight: 1, arbitrary: closings })),
        { minLength: 1, maxLength: 12, size: 'max' },
      ),
    }),
    { minLength: 2, maxLength: 5, size: 'max' },
  );
  let now = startsAt;
  const clock = () => now;
  const together = openInstance(t, url, { clock });
  const apart = openInstance(t, url, { clock, lanes: 1 });
  await fc.assert(
    fc.asyncProperty(programs, moments, async ([parts], story) => {
      now = startsAt;
      const rules = program(parts);
      const [a, b] = [await createProgram(url, parts), await createProgram(url, parts)];
      const names = ['ada', 'bea', 'cem'];
      const ofA = new Map<MemberId, number>();
      const ofB = new Map<MemberId, number>();
      const members: [MemberId, MemberId][] = [];
      for (const [index, name] of names.entries()) {
        const both = [await together.enrol(a, name), await apart.enrol(b, name)] as const;
        ofA.set(both[0], index + 1);
        ofB.set(both[1], index + 1);
        members.push([...both]);
      }
      let count = 0;
      for (const { advance, acts } of story) {
        now = moved(now, advance, rules);
        const states = await query<{ state: Kept['member']['state']; redeemed: Redeemed[] }>(
          url,
          `select state, (
             select coalesce(json_agg(json_build_object('redemption_id', redemption_id, 'points', points) order by ordinal), '[]')
             from redemption r
             where r.program_id = s.program_id and r.member_id = s.member_id
           ) as redeemed
           from member_state s where program_id = $1 order by member_id`,
          [a],
        );
        const commands = acts.map(([who, deed]) => {
          const { state, redeemed } = states[who]!;
          const redemptions = new Map(redeemed.map((row) => [row.redemption_id, row as RedemptionRow]));
          return [who, commandOf(deed, { state, redemptions }, now, `o-${count++}`)] as const;
        });
        const handedIn = commands.map(([who, command]) => {
          const keyed = command.kind === 'adjust_points' ? { key: `key-${count++}` } : {};
          return [who, command, keyed] as const;
        });
        const answers = await Promise.all(
          handedIn.map(([who, command, more]) =>
            together.submit(a, { ...command, member_id: members[who]![0] } as Command, {
              ...more,
              fingerprint: fingerprintOf(command),
            }),
          ),
        );
        for (const [index, [who, command, more]] of handedIn.entries()) {
          const answer = await apart.submit(b, { ...command, member_id: members[who]![1] } as Command, {
            ...more,
            fingerprint: fingerprintOf(command),
          });
          if (numbered(answer, ofB) !== numbered(answers[index], ofA))
            throw new Error(`${command.kind}: ${numbered(answers[index], ofA)} but alone ${numbered(answer, ofB)}`);
        }
      }
      const [contentsOfA, contentsOfB] = [await contentsOf(url, a), await contentsOf(url, b)];
      t.strictSame(withoutHints(contentsOfA), withoutHints(contentsOfB));
    }),
    { seed: 31, numRuns: 8, endOnFailure: true },
  );
});

type Redeemed = Pick<RedemptionRow, 'redemption_id' | 'points'>;

/** Instants that may be early depend on what was loaded at once. */
const withoutHints = ({ member_due: _due, ...contents }: Record<string, string[]>): unknown =>
  JSON.parse(
    JSON.stringify(contents).replace(
      /\\"(releases_from|expires_from|announces_from|reassess_at|due_at)\\":(null|-?\d+)/g,
      '\\"hint\\":0',
    ),
  );

test('a hundred identical submissions to two instances: one entry, ninety-nine answers with the same bytes', async (t) => {
  const { url } = await testDatabase(t);
  const program = await createProgram(url, euro);
  const instances = [openInstance(t, url), openInstance(t, url)];
  const ada = await instances[0]!.enrol(program, 'ada');
  const hundred = (command: Command, key: string | null) =>
    Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        instances[index % 2]!.submit(program, command, { key, requestId: `r-${index}` }),
      ),
    );
  for (const [command, key] of [
    [buy(ada, 'o-1', 5000), null],
    [buy(ada, 'o-2', 5000), 'with-a-key'],
    [give(ada, 7), 'give'],
    [spend(ada, 's-1', 9), null],
  ] as const) {
    const outcomes = await hundred(command, key);
    t.strictSame(statuses(outcomes), { '201': 1, '201 again': 99 }, command.kind);
    t.equal(new Set(outcomes.map(({ body }) => body)).size, 1);
  }
  const entries = await query<{ movement: string; points: string }>(
    url,
    'select movement, points from ledger_entry order by sequence',
  );
  t.strictSame(
    entries.map(({ movement, points }) => `${movement} ${points}`),
    ['earn 50', 'earn 50', 'adjust 7', 'redeem 9'],
  );
  const refused = await hundred(spend(ada, 's-2', 1_000), 'too-much');
  t.strictSame(statuses(refused), { '409': 1, '409 again': 99 }, 'a refusal under a key is an answer as well');
  t.equal(new Set(refused.map(({ body }) => body)).size, 1);
});

test('the same id or key with other content is refused', async (t) => {
  const { url } = await testDatabase(t);
  const program = await createProgram(url, euro);
  const { submit, enrol } = openInstance(t, url);
  const [ada, bea] = [await enrol(program, 'ada'), await enrol(program, 'bea')];
  await submit(program, buy(ada, 'o-1'), { key: 'k' });
  const answers = await Promise.all([
    submit(program, buy(ada, 'o-1', 200)),
    submit(program, buy(bea, 'o-1')),
    submit(program, buy(ada, 'o-2'), { key: 'k' }),
    submit(program, buy(bea, 'o-3'), { key: 'k' }),
    submit(program, {
      kind: 'record_guest_purchase',
      member_id: null,
      report: { id: 'o-1', currency: 'EUR', lines: [line(1)], total: 1 },
    }),
  ]);
  t.strictSame(
    answers.map(({ status, body }) => [status, JSON.parse(body).code]),
    [
      [409, 'purchase_conflict'],
      [409, 'purchase_conflict'],
      [422, 'idempotency_key_reused'],
      [201, undefined],
      [409, 'purchase_conflict'],
    ],
  );
});

test('fifty earns of one member keep all fifty, fifty redemptions of 30 from 100 keep three', async (t) => {
  const { url } = await testDatabase(t);
  const program = await createProgram(url, euro);
  const instances = [openInstance(t, url), openInstance(t, url)];
  const ada = await instances[0]!.enrol(program, 'ada');
  const fifty = (command: (index: number) => Command) =>
    Promise.all(Array.from({ length: 50 }, (_, index) => instances[index % 2]!.submit(program, command(index))));
  t.strictSame(statuses(await fifty((index) => buy(ada, `o-${index}`, 200))), { '201': 50 });
  t.strictSame(statuses(await fifty((index) => spend(ada, `s-${index}`, 30))), { '201': 3, '409': 47 });
  t.strictSame(statuses(await fifty(() => ({ kind: 'suspend_member', member_id: ada }))), { '200': 50 });
  const [row] = await query<{ state: Kept['member']['state'] }>(url, 'select state from member_state');
  t.match(row?.state, {
    commands: 104,
    entries: 53,
    accounts: { points: { available: 10, redeemed: 90 } },
    totals: { purchases: 50, spend: 10_000 },
  });
});

test('redemptions of one batch take from as many lots as they need, page after page, in spending order', async (t) => {
  const { url } = await testDatabase(t);
  const program = await createProgram(url);
  const lane = new TroubledLane(url);
  const { submit, enrol } = openInstance(t, url, { lanesOf: () => [lane] });
  const ada = await enrol(program, 'ada');
  const day = (index: number) => new Date(noon + (1 + ((index * 37) % 150)) * 86_400_000).toISOString();
  const gifts = Array.from({ length: 150 }, (_, index) =>
    adjust(1, index % 10 === 0 ? { expires_at: null } : { expires_at: day(index) }),
  );
  await Promise.all(
    gifts.map((gift, index) => submit(program, { ...gift, member_id: ada } as Command, { key: `k-${index}` })),
  );
  lane.transactions = 0;
  const answers = await Promise.all(['s', 't'].map((id) => submit(program, spend(ada, id, 70))));
  t.equal(lane.transactions, 1, 'all lots were there at the first attempt');
  const expiries: (string | null)[] = answers.flatMap(({ body }) =>
    JSON.parse(body).lots.map((lot: { expires_at: string | null }) => lot.expires_at),
  );
  t.equal(expiries.length, 140);
  t.strictSame(
    expiries,
    expiries.toSorted((a, b) => (a ?? '9').localeCompare(b ?? '9')),
  );
  t.equal(expiries.filter((at) => at === null).length, 5, 'what expires went first');
});

test('a queue that is full says so, and takes more once there is room; a drained one has answered everything', async (t) => {
  const { url } = await testDatabase(t);
  const program = await createProgram(url, euro);
  const { submit, enrol, queue } = openInstance(t, url, { queueMax: 5 });
  const ada = await enrol(program, 'ada');
  const burst = () =>
    Promise.allSettled(Array.from({ length: 8 }, (_, index) => submit(program, buy(ada, `o-${index}`))));
  const first = await burst();
  t.strictSame(
    first.map(({ status }) => status),
    [...Array(5).fill('fulfilled'), ...Array(3).fill('rejected')],
  );
  t.ok(first.slice(5).every((result) => result.status === 'rejected' && result.reason instanceof QueueFull));
  t.equal((await burst()).filter(({ status }) => status === 'fulfilled').length, 5);
  const last = burst();
  const answered: string[] = [];
  void last.then(() => answered.push('the last burst'));
  await queue.drain();
  await Promise.resolve();
  t.strictSame(answered, ['the last burst'], 'everything taken is answered before the queue is drained');
  t.ok((await submit(program, buy(ada, 'late')).catch((error: unknown) => error)) instanceof Draining);
  await queue.drain();
});

test('three programs on shared connections: nobody sees or changes another’s rows', async (t) => {
  const { url } = await testDatabase(t);
  const { submit, enrol, reader } = openInstance(t, url);
  const ids: ProgramId[] = [];
  for (const points of [1, 2, 3]) ids.push(await createProgram(url, { rules: { euro: perAmount(points, 100) } }));
  const members = await Promise.all(ids.map((program) => enrol(program, 'ada')));
  const read = (index: number) => reader.find(ids[index]!, { kind: 'id', value: 'ada' });
  const work = Array.from({ length: 60 }, (_, turn) => async () => {
    const index = turn % 3;
    const [outcome, found] = await Promise.all([submit(ids[index]!, buy(members[index]!, `o-${turn}`)), read(index)]);
    return outcome.status === 201 && found?.state.member_id === members[index];
  });
  t.ok((await Promise.all(work.map((turn) => turn()))).every(Boolean));
  const after = await Promise.all([0, 1, 2].map(read));
  t.strictSame(
    after.map((found) => found?.state.accounts['points']?.available),
    [20, 40, 60],
  );
  const crossed = await submit(ids[1]!, buy(members[0]!, 'crossed'));
  t.equal(JSON.parse(crossed.body).code, 'member_not_found', 'another program’s member is not there');
  t.strictSame(await query(url, `select 1 from operation_reference where id = 'crossed'`), []);
});

test('a busy program starves no quiet one, and jobs give way to callers', async (t) => {
  const { url } = await testDatabase(t);
  const { submit, enrol, queue } = openInstance(t, url, { lanes: 1, batchMax: 8 });
  const [busy, quiet] = [await createProgram(url, euro), await createProgram(url, euro)];
  const [ada, bea] = [await enrol(busy, 'ada'), await enrol(quiet, 'bea')];
  const done: string[] = [];
  const note = (name: string) => () => void done.push(name);
  const many = Array.from({ length: 64 }, (_, index) => submit(busy, buy(ada, `o-${index}`)).then(note('busy')));
  const one = submit(quiet, buy(bea, 'o-1')).then(note('quiet'));
  await Promise.all([...many, one]);
  t.ok(done.indexOf('quiet') <= 8, `served after ${done.indexOf('quiet')} of 64`);
  done.length = 0;
  const job = (index: number) =>
    queue.submit(submission(busy, buy(ada, `j-${index}`), { from: 'job' })).then(note('job'));
  const jobs = Array.from({ length: 32 }, (_, index) => job(index));
  const callers = Array.from({ length: 16 }, (_, index) => submit(busy, buy(ada, `c-${index}`)).then(note('caller')));
  await Promise.all([...jobs, ...callers]);
  const before = done.slice(0, done.lastIndexOf('caller')).filter((name) => name === 'job').length;
  t.ok(before <= 6, `${before} jobs among the batches with callers: at most a quarter`);
});

test('however small the batches, jobs leave room for callers in each', async (t) => {
  for (const batchMax of [1, 2, 8]) {
    const lines = new WaitingLines();
    const wait = (from: 'caller' | 'job', index: number) =>
      lines.add({
        submission: submission(1 as ProgramId, buy(index as MemberId, `o-${index}`), { from }),
        resolve: () => {},
        reject: () => {},
      });
    for (let index = 0; index < 20; index++) wait(index < 10 ? 'job' : 'caller', index);
    const { items } = lines.take(batchMax, new Set())!;
    const callers = items.filter((item) => item.submission.from === 'caller').length;
    t.ok(callers >= 1 && callers >= batchMax / 2, `${callers} callers in a batch of ${batchMax}`);
  }
});
