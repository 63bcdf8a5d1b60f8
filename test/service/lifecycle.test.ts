import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import { startEmbeddedPostgres } from '../../src/embedded-postgres.ts';
import { createLog } from '../../src/log.ts';
import { purchaseOf } from '../helpers/app.ts';
import { emptyDatabase, serverDirectory, testDatabase } from '../helpers/postgres.ts';
import { asOwner } from '../helpers/programs.ts';
import { eventually, holdUp, type ServiceProcess, startProcess, startService } from '../helpers/service-process.ts';

/* How the service starts and ends: as a process, with signals and output, on databases that come and go. */

/** One cluster for all, since making one takes the longest; every test leaves its server stopped. */
const dataDir = await serverDirectory();

const inOrder = { code: 0, signal: null };

const serviceOn = (t: Test, url: string, environment: Record<string, string> = {}): Promise<ServiceProcess> =>
  startService(t, { environment: { DATABASE_URL: url, ...environment } });

const recordedIn = (url: string): Promise<string[]> =>
  asOwner(url, async (client) => {
    const { rows } = await client.query<{ id: string }>('select purchase_id as id from purchase order by 1');
    return rows.map(({ id }) => id);
  });

/** Reads what comes on a connection of its own until the other side closes it. */
const conversation = (port: string) => {
  const socket = connect({ host: '127.0.0.1', port: Number(port) });
  let text = '';
  socket.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  const closed = new Promise<string>((resolve) => {
    socket.once('error', (error) => resolve(String(error)));
    socket.once('close', () => resolve(text));
  });
  return { socket, closed };
};

const isRefused = (port: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: Number(port) });
    socket.once('connect', () => resolve(false)).once('error', () => resolve(true));
    socket.once('connect', () => socket.destroy());
  });

test('given requests under way and one that is half sent, when SIGTERM comes, the former are answered and the latter is refused', async (t) => {
  const { url } = await testDatabase(t);
  const service = await serviceOn(t, url);
  await service.request('PUT', '/v1/members/ada', {});
  const held = await holdUp(t, url, 'select from member_state for update');
  const ids = Array.from({ length: 20 }, (_, index) => `o-${index}`);
  const underWay = Promise.all(ids.map((id) => service.request('POST', '/v1/purchases', purchaseOf(id, 'ada', 1_000))));
  await eventually(async () => {
    const { text } = await service.request('GET', '/metrics');
    return (await held.waiting()) > 0 && /^tessera_commands_waiting [1-9]/m.test(text);
  });
  const { socket, closed } = conversation(service.port);
  const head = `GET /v1/program HTTP/1.1\r\nHost: tessera\r\nAuthorization: Bearer ${service.key}\r\n`;
  await new Promise<void>((resolve) => socket.write(head, () => resolve()));
  await service.request('GET', '/health/live');

  const ended = service.end('SIGTERM');
  await eventually(() => isRefused(service.port));
  socket.write('\r\n');
  const refusal = await closed;
  t.match(refusal, /^HTTP\/1\.1 503 /);
  t.match(refusal, /^content-type: application\/problem\+json/im);
  t.match(refusal, /^retry-after: \d+\r$/im);
  t.match(refusal, /^connection: close\r$/im);
  t.match(refusal, /"code":"draining"/);
  await held.release();
  t.strictSame(
    (await underWay).map(({ status, headers }) => [status, headers['connection']]),
    ids.map(() => [201, 'close']),
  );
  t.strictSame(await ended, inOrder);
  t.strictSame(await recordedIn(url), ids.toSorted());
});

test('given a load, when SIGTERM comes, all that was recorded was answered, and all that was answered is recorded', async (t) => {
  const { url } = await testDatabase(t);
  const cwd = t.testdir();
  const environment = { DATABASE_URL: url, DATA_DIR: join(cwd, 'data'), SHUTDOWN_DELAY_MS: '200' };
  const service = await startService(t, { cwd, environment });
  const members = Array.from({ length: 16 }, (_, index) => `m-${index}`);
  await Promise.all(members.map((member) => service.request('PUT', `/v1/members/${member}`, {})));
  const recorded: string[] = [];
  const others = new Map<string, number>();
  let ended: ReturnType<ServiceProcess['end']> | undefined;
  const shop = async (member: string): Promise<void> => {
    for (let number = 0; ; number++) {
      const id = `${member}-${number}`;
      const answer = await service.request('POST', '/v1/purchases', purchaseOf(id, member, 1_000)).catch(() => null);
      if (answer === null) return;
      if (answer.status === 201) recorded.push(id);
      else others.set(answer.body.code, (others.get(answer.body.code) ?? 0) + 1);
      if (recorded.length >= 300) ended ??= service.end('SIGTERM');
    }
  };
  await Promise.all(members.map(shop));
  t.strictSame(await ended, inOrder);
  t.ok([...others.keys()].every((code) => code === 'draining'));
  t.ok(recorded.length > 300, 'requests were taken until the delay was over');
  t.strictSame(await recordedIn(url), recorded.toSorted());
  t.strictSame(await readdir(cwd), [], 'and beside the database nothing was written');
});

test('given a delay, a service that was told to stop is alive and works, but not ready; told again and again, it ends at once', async (t) => {
  const { url } = await testDatabase(t);
  const service = await serviceOn(t, url, { SHUTDOWN_DELAY_MS: '600000' });
  t.match(await service.request('GET', '/health/ready'), { status: 200, body: { status: 'ok' } });
  const ended = service.end('SIGTERM');
  const unready = await eventually(async () => {
    const answer = await service.request('GET', '/health/ready');
    return answer.status === 503 && answer;
  });
  t.match(unready.headers['content-type'], 'application/problem+json');
  t.match(unready.body, { code: 'draining' });
  process.kill(service.pid, 'SIGTERM');
  t.match(await service.request('GET', '/health/live'), { status: 200 }, 'one Ctrl-C may arrive twice');
  t.match(await service.request('PUT', '/v1/members/ada', {}), { status: 201 });
  const impatience = setInterval(() => process.kill(service.pid, 'SIGTERM'), 50);
  ended.finally(() => clearInterval(impatience)).catch(() => {});
  t.strictSame(await ended, { code: 1, signal: null });
});

test('given eight services that start at once on a fresh database, one makes the first program', async (t) => {
  const { url } = await emptyDatabase(t);
  const services = await Promise.all(Array.from({ length: 8 }, () => serviceOn(t, url)));
  const [first, ...more] = services.filter(({ key }) => key !== null);
  t.strictSame(more, [], 'one key is printed');
  const programs = await asOwner(url, async (client) => (await client.query('select code from program')).rows);
  t.strictSame(programs.map((program) => program.code).sort(), ['default', 'sandbox']);
  const headers = { authorization: `Bearer ${first?.key}` };
  const answers = await Promise.all(
    services.map((service, index) => service.request('PUT', `/v1/members/m-${index}`, {}, headers)),
  );
  t.strictSame(
    answers.map(({ status }) => status),
    services.map(() => 201),
    'all of them work',
  );
  t.strictSame(
    await Promise.all(services.map((service) => service.end('SIGTERM'))),
    services.map(() => inOrder),
  );
});

test('given a bad environment, every fault is listed', async (t) => {
  const environment = { PORT: 'http', LANES: '0', JOBS: 'perhaps', DATABASE_URL: 'mysql://hush' };
  const service = startProcess(t, 'src/main.ts', [], { environment });
  t.strictSame(await service.ended, { code: 1, signal: null });
  t.match(service.output(), /^The environment is not usable:\n( {2}- \S+ must be .*\n){4}$/);
  t.notMatch(service.output(), 'hush');
});

test('given no DATABASE_URL, the embedded Postgres ends with its service, and is found again after kill -9', async (t) => {
  const environment = { DATA_DIR: dataDir };
  const pidFile = join(dataDir, 'postgres/cluster/postmaster.pid');
  const postgres = async () => Number.parseInt(await readFile(pidFile, 'utf8'), 10);
  const isGone = async () => isRefused(await readFile(join(dataDir, 'postgres/port'), 'utf8'));

  const early = startProcess(t, 'src/main.ts', [], { environment: { ...environment, PORT: '0' } });
  await eventually(async () => existsSync(pidFile));
  t.strictSame(await early.end('SIGTERM'), inOrder, 'a signal may come before the service listens');
  t.notOk(existsSync(pidFile));

  const first = await startService(t, { environment });
  // Whichever of the two came so far.
  const [key] = /tsr_\S+/.exec(early.output() + first.output()) ?? [];
  const headers = { authorization: `Bearer ${key}` };
  t.match(await first.request('PUT', '/v1/members/ada', {}, headers), { status: 201 });
  t.strictSame(await first.end('SIGTERM'), inOrder);
  t.notOk(existsSync(pidFile));
  t.ok(await isGone());

  const second = await startService(t, { environment });
  t.equal(second.key, null, 'a key is printed once');
  const orphan = await postgres();
  await second.end('SIGKILL');
  t.notOk(await isGone(), 'it left its server behind');

  const third = await startService(t, { environment });
  t.equal(await postgres(), orphan, 'it is taken over');
  const audit = startProcess(t, 'src/audit.ts', [], { environment });
  t.strictSame(await audit.ended, inOrder, 'a tool works beside the service');
  t.match(await third.request('GET', '/v1/members/ada', undefined, headers), { status: 200 });
  t.strictSame(await third.end('SIGINT'), inOrder);
  t.ok(await isGone());
});

test('given a database that goes away and comes back, a service that runs recovers, and one that starts waits', async (t) => {
  const log = createLog({ logLevel: 'silent' });
  const server = await startEmbeddedPostgres({ dataDir, log });
  t.teardown(() => server.stop());
  await asOwner(server.url, (client) => client.query('create database shop'));
  const url = new URL('shop', server.url).href;
  const service = await serviceOn(t, url);
  const is = (status: number) => async () => {
    const answer = await service.request('GET', '/health/ready');
    return answer.status === status && answer;
  };
  await service.request('PUT', '/v1/members/ada', {});

  const held = await holdUp(t, url, 'select from member_state for update');
  const underWay = service.request('POST', '/v1/purchases', purchaseOf('o-1', 'ada', 1_000));
  await eventually(async () => (await held.waiting('tessera lane')) === 1);
  const lanes = `from pg_stat_activity where datname = current_database() and application_name = 'tessera lane'`;
  await asOwner(url, (client) => client.query(`select pg_terminate_backend(pid, 10000) ${lanes}`));
  await eventually(async () => (await held.waiting('tessera lane')) === 1);
  await held.release();
  t.match(await underWay, { status: 201 }, 'a batch that lost its connection is done on another');

  await server.stop();
  const unready = await eventually(is(503));
  t.match(unready.headers, { 'content-type': 'application/problem+json', 'retry-after': /^\d+$/ });
  t.match(unready.body, { code: 'unavailable' });
  t.match(await service.request('GET', '/health/live'), { status: 200 });
  for (const [method, path, body] of [
    ['POST', '/v1/purchases', purchaseOf('o-2', 'ada', 1_000)],
    ['GET', '/v1/members/ada', undefined],
    ['GET', '/v1/purchases/o-1', undefined],
  ] as const) {
    const answer = await service.request(method, path, body);
    t.match(
      answer,
      { status: 503, headers: { 'retry-after': /^\d+$/ }, body: { code: 'unavailable' } },
      `${method} ${path}`,
    );
  }
  const starting = startProcess(t, 'src/main.ts', [], { environment: { DATABASE_URL: url, PORT: '0' } });
  await starting.until(/waiting for the database/);

  const again = await startEmbeddedPostgres({ dataDir, log });
  t.teardown(() => again.stop());
  t.equal(again.url, server.url);
  await eventually(is(200));
  t.match(await service.request('POST', '/v1/purchases', purchaseOf('o-2', 'ada', 1_000)), { status: 201 });
  t.match(await service.request('GET', '/v1/members/ada'), { body: { totals: { purchases: 2 } } });
  await starting.until(/Tessera listens on/);
  t.strictSame(await Promise.all([service, starting].map((running) => running.end('SIGTERM'))), [inOrder, inOrder]);
});
