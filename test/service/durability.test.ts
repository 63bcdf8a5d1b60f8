import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import type { PurchaseAnswer } from '../../src/model/purchase-view.ts';
import { auditChecks, runCheck } from '../../src/store/audit.ts';
import { Database } from '../../src/store/database.ts';
import { readCdnow } from '../../tools/replay/cdnow.ts';
import { openClient, type Client as ReplayClient } from '../../tools/replay/client.ts';
import { readLines } from '../../tools/replay/read-lines.ts';
import { send } from '../../tools/replay/send.ts';
import { createTally } from '../../tools/replay/tally.ts';
import { type DurableServer, durableServer } from '../helpers/postgres.ts';
import { asOwner } from '../helpers/programs.ts';
import { cdnowLog, type GeneratedCdnow } from '../helpers/purchase-log.ts';
import {
  eventually,
  type HeldUp,
  holdUp,
  type Running,
  type ServiceProcess,
  startProcess,
  startService,
} from '../helpers/service-process.ts';

/*
 * A purchase log goes through two instances while everything dies in turn: the replay, an instance, the database. What
 * is there at the end is compared with what the generator of the log says, and with every answer that was given.
 */

const OPERATOR_KEY = 'operator-of-this-test';

interface Deployment {
  server: DurableServer;
  environment: Record<string, string>;
  services: ServiceProcess[];
  /** Of a program in the currency of the log. */
  key: string;
}

/** Two instances that start at once on a database of their own with nothing in it. */
async function deploy(t: Test): Promise<Deployment> {
  const server = await durableServer(t);
  const environment = { DATABASE_URL: server.url, OPERATOR_KEY };
  const services = await Promise.all([1, 2].map(() => startService(t, { environment })));
  const program = { code: 'replay', name: 'Replay', currency: 'USD', time_zone: 'UTC' };
  const headers = { authorization: `Bearer ${OPERATOR_KEY}` };
  const { body } = await services[0]!.request('POST', '/v1/programs', program, headers);
  return { server, environment, services, key: body.key.key };
}

const replay = (t: Test, { services, key }: Deployment, file: string, clients: number): Running =>
  startProcess(
    t,
    'tools/replay.ts',
    ['--cdnow', file, '--clients', `${clients}`, '--url', services.map(({ url }) => url).join()],
    { environment: { TESSERA_KEY: key } },
  );

const rowsOf = async <Row>(url: string, sql: string): Promise<Row[]> =>
  asOwner(url, async (client) => (await client.query(sql)).rows);

const purchasesIn = async (url: string): Promise<number> =>
  (await rowsOf<{ count: number }>(url, 'select count(*)::integer as count from purchase'))[0]!.count;

/** Everything that the log comes to, as it stands in the database. */
const totalsIn = async (url: string) => {
  const [totals] = await rowsOf<object>(
    url,
    `select (select count(*)::integer from member_state) as members,
       (select count(*)::integer from purchase) as purchases,
       (select count(distinct purchase_id)::integer from purchase) as ids,
       (select sum(total)::integer from purchase) as cents,
       (select sum(points)::integer from ledger_entry where movement = 'earn') as points,
       (select sum((state #>> '{accounts,points,available}')::integer)::integer from member_state) as available`,
  );
  const tiers = await rowsOf<{ tier: string; count: number }>(
    url,
    `select coalesce(state #>> '{tiers,status,tier}', 'none') as tier, count(*)::integer as count from member_state group by 1`,
  );
  return { ...totals, tiers: Object.fromEntries(tiers.map(({ tier, count }) => [tier, count])) };
};

const faultsIn = async (t: Test, url: string): Promise<string[]> => {
  const database = new Database({ url, lanes: 0, readConnections: 1 });
  t.teardown(() => database.close());
  const faults: string[] = [];
  for (const check of auditChecks) {
    for (const { what } of await database.observe((db) => runCheck(db, check))) faults.push(`${check.name}: ${what}`);
  }
  return faults;
};

const written = (number: number) => number.toLocaleString('en');

/** Of the table that the replay ends with: what stands behind a name. */
const cell = (running: Running, name: string): string | undefined =>
  new RegExp(`^ *${name} +(\\S+( USD)?)$`, 'm').exec(running.output())?.[1];

/** What is done when so many purchases have been answered. Further requests are held back until `resume`. */
interface Step {
  after: number;
  work(): { done: Promise<unknown>; resume?: Promise<unknown> };
}

/** Sends the log, by 32 clients, and does the steps meanwhile. Gives every answer, by id. */
async function sendWhile({ services, key }: Deployment, file: string, todo: readonly Step[]) {
  const log = await readCdnow(readLines(file), { limit: Number.POSITIVE_INFINITY });
  const tally = createTally(log);
  const stop = new AbortController();
  const client = openClient({ urls: services.map(({ url }) => url), key, clients: 32, stop: stop.signal });
  const answers = new Map<string, PurchaseAnswer>();
  const steps: Promise<unknown>[] = [];
  let held: Promise<unknown> = Promise.resolve();
  const take = (step: Step) => {
    const { done, resume } = step.work();
    steps.push(done.catch((error: unknown) => stop.abort(error)));
    held = resume?.catch(() => {}) ?? held;
  };
  const watched: ReplayClient = {
    ...client,
    send: async (request) => {
      await held;
      const answer = await client.send(request);
      if (request.path !== '/v1/purchases' || answer.status !== 201) return answer;
      const purchase = answer.body as PurchaseAnswer;
      answers.set(purchase.id, purchase);
      for (const step of todo.filter(({ after }) => after === answers.size)) take(step);
      return answer;
    },
  };
  const showProgress = () => ({ step: () => {}, end: () => {} });
  await send({ client: watched, log, tally, clients: 32, stop, showProgress });
  await Promise.all(steps);
  client.close();
  const failures = [...tally.failures, ...(stop.signal.aborted ? [`${stop.signal.reason}`] : [])];
  return { answers, failures, retries: client.retries };
}

/** Kills Postgres while statements are under way on connections of every kind, and gives what came of two of them. */
async function crashWhileHeld(t: Test, { server, services, key }: Deployment, held: HeldUp): Promise<unknown[]> {
  const ask = (token: string) =>
    services[1]!
      .request('GET', '/v1/purchases/none', undefined, { authorization: `Bearer ${token}` })
      .then(({ status }) => status)
      .catch(String);
  const known = ask(key);
  await eventually(async () => (await held.waiting('tessera lane')) >= 2 && (await held.waiting('tessera')) >= 1);
  await holdUp(t, server.url, 'lock table api_key in access exclusive mode');
  const unknown = ask('unknown');
  await eventually(async () => (await held.waiting('tessera')) >= 2);
  await server.crash();
  return Promise.all([known, unknown]);
}

async function logFile(t: Test, customers: number): Promise<GeneratedCdnow & { file: string }> {
  const log = cdnowLog(7, customers);
  const file = join(t.testdir(), 'log.txt');
  await writeFile(file, log.text);
  return { ...log, file };
}

test('given a log, two instances, and a replay, an instance and a Postgres that die in its middle', async (t) => {
  const { file, expected } = await logFile(t, 250);
  const deployment = await deploy(t);
  const { server, environment, services } = deployment;

  const first = replay(t, deployment, file, 2);
  await eventually(async () => (await purchasesIn(server.url)) >= 50);
  const { code } = await first.end('SIGINT');
  const recorded = await purchasesIn(server.url);
  t.equal(code, 130, 'an interrupted replay says so');
  t.equal(cell(first, 'purchases'), written(recorded), 'and has waited for what was under way');
  t.ok(recorded < expected.purchases / 2, `it was interrupted in the middle, after ${recorded}`);

  const [killed, other] = services as [ServiceProcess, ServiceProcess];
  let back = Promise.resolve();
  const killInstance = () => {
    back = killed.end('SIGKILL').then(async () => {
      services[0] = await startService(t, { environment: { ...environment, PORT: killed.port } });
    });
    return { done: back };
  };
  const crashUnderLoad = () => {
    back = server.crash();
    return { done: back };
  };
  const crashWhileHeldUp = () => {
    const held = holdUp(t, server.url, 'lock table operation_reference in access exclusive mode');
    const crash = async () => t.strictSame(await crashWhileHeld(t, deployment, await held), [503, 503]);
    return { done: crash(), resume: held };
  };
  const { answers, failures, retries } = await sendWhile(deployment, file, [
    { after: recorded + 100, work: killInstance },
    // What is left is for two instances again, and for the database to die under: while batches are on their way to
    // the disk, and while they wait.
    { after: recorded + 300, work: () => ({ done: back, resume: back }) },
    { after: recorded + 400, work: crashUnderLoad },
    { after: recorded + 450, work: () => ({ done: back, resume: back }) },
    { after: recorded + 500, work: crashWhileHeldUp },
  ]);
  t.strictSame(failures, []);
  t.ok(retries.size > 0, `requests were under way: ${JSON.stringify([...retries])}`);
  t.equal(answers.size, expected.purchases);

  const kept = await rowsOf<{ answer: string }>(server.url, 'select answer from purchase');
  t.equal(kept.length, expected.purchases);
  for (const { answer } of kept) {
    const purchase = JSON.parse(answer) as PurchaseAnswer;
    if (JSON.stringify(answers.get(purchase.id)) !== answer) t.fail(`${purchase.id} is not what was answered`);
  }

  const last = replay(t, deployment, file, 16);
  t.strictSame(await last.ended, { code: 0, signal: null });
  const { members, purchases, cents, points, tiers } = expected;
  t.strictSame(
    ['members', 'purchases', 'already there', 'money', 'points'].map((name) => cell(last, name)),
    [
      members,
      purchases,
      purchases,
      `${written(Math.floor(cents / 100))}.${`${cents % 100}`.padStart(2, '0')} USD`,
      points,
    ].map((value) => (typeof value === 'number' ? written(value) : value)),
    'the next replay finds everything there',
  );
  t.strictSame(await totalsIn(server.url), {
    members,
    purchases,
    ids: purchases,
    cents,
    points,
    available: points,
    tiers: Object.fromEntries(Object.entries(tiers).filter(([, count]) => count > 0)),
  });
  t.strictSame(await faultsIn(t, server.url), []);
  t.strictSame(
    await Promise.all([other, services[0]!].map((service) => service.end('SIGTERM'))),
    [0, 0].map((exit) => ({ code: exit, signal: null })),
    'the instance that outlived its database, and the one that was started again, end in order',
  );
});
