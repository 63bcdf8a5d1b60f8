import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { type Test, test } from 'tap';
import type { RecordPurchase } from '../../src/model/purchase.ts';
import { readCdnow } from '../../tools/replay/cdnow.ts';
import { openClient } from '../../tools/replay/client.ts';
import { csvFields } from '../../tools/replay/csv.ts';
import { exactHundredths, parseDecimal, roundedHundredths } from '../../tools/replay/decimal.ts';
import { createLatencies } from '../../tools/replay/latencies.ts';
import { readOnlineRetail } from '../../tools/replay/online-retail.ts';
import type { PurchaseLog } from '../../tools/replay/purchase-log.ts';
import { readLines } from '../../tools/replay/read-lines.ts';
import { cdnowLog, onlineRetailLog } from '../helpers/purchase-log.ts';

const everything = { limit: Number.POSITIVE_INFINITY };

async function* linesOf(text: string): AsyncGenerator<string> {
  yield* text.split(/\r?\n/);
}

const purchasesIn = (log: PurchaseLog): RecordPurchase[] => log.histories.flatMap(({ purchases }) => purchases);
const sum = (purchases: readonly RecordPurchase[]) => purchases.reduce((total, purchase) => total + purchase.total, 0);
const written = (number: number) => number.toLocaleString('en');

const sumsHold = ({ lines, total }: RecordPurchase): boolean =>
  lines.every((line) => line.total === line.quantity * line.unit_price - (line.discount ?? 0)) &&
  lines.reduce((linesTotal, line) => linesTotal + line.total, 0) === total;

test('amounts are read as they are written, without floats', async (t) => {
  for (const [text, exact, rounded] of [
    ['11.77', 1177, 1177],
    ['2.1', 210, 210],
    ['0.0', 0, 0],
    ['12', 1200, 1200],
    ['90071992547409.91', 9007199254740991, 9007199254740991],
    ['0.001', null, 0],
    ['0.005', null, 1],
    ['1.0049', null, 100],
    ['1.0100', 101, 101],
  ] as const) {
    const value = parseDecimal(text);
    t.equal(value && exactHundredths(value), exact, text);
    t.equal(value && roundedHundredths(value), rounded, text);
  }
  for (const text of ['', '.5', '1e3', '1,50', 'NaN', '0x10', ' 1']) t.equal(parseDecimal(text), null, text);
});

test('a CDNOW log: every row is a purchase, equal rows too', async (t) => {
  for (const seed of [1, 2, 3]) {
    const { text, rows, expected } = cdnowLog(seed);
    const log = await readCdnow(linesOf(text), everything);
    const purchases = purchasesIn(log);
    t.equal(log.histories.length, expected.members);
    t.equal(new Set(purchases.map(({ id }) => id)).size, expected.purchases);
    t.equal(sum(purchases), expected.cents);
    t.ok(purchases.every(sumsHold));
    t.strictSame(
      purchases.map(({ occurred_at, lines: [cds] }) => [occurred_at?.slice(0, 10).replaceAll('-', ''), cds?.quantity]),
      rows.map(({ date, quantity }) => [date, quantity]),
    );
    t.strictSame(await readCdnow(linesOf(text), everything), log, 'the same file gives the same requests');
  }
});

test('a CDNOW purchase: the price of one is rounded up, the discount brings it to the value', async (t) => {
  const text = ' 00001 19980602  1    5.00\n 00001 19970112  5   77.03\n 00001 19970112  3    0.00';
  const [history] = (await readCdnow(linesOf(text), everything)).histories;
  t.strictSame(history?.purchases[0], {
    id: 'cdnow-00001-2',
    member: 'cdnow-00001',
    occurred_at: '1997-01-12T12:00:00Z',
    currency: 'USD',
    lines: [{ sku: 'cd', quantity: 5, unit_price: 1541, discount: 2, total: 7703 }],
    total: 7703,
  });
  t.strictSame(
    history?.purchases.map(({ id }) => id),
    ['cdnow-00001-2', 'cdnow-00001-3', 'cdnow-00001-1'],
    'numbered as in the file, sent by date',
  );
  t.match(history?.purchases[1]?.lines, [{ unit_price: 0, discount: 0, total: 0 }]);
});

test('a row that is not one is named', async (t) => {
  for (const row of ['00001 19970101 1', 'x 19970101 1 1.00', '00001 1997-01-01 1 1.00', '00001 19970101 0 1.00']) {
    await t.rejects(readCdnow(linesOf(`00001 19970101 1 1.00\n${row}`), everything), { message: /^row 2: .*0/ }, row);
  }
  for (const value of ['1.005', '-1.00', '1e2', '$5']) {
    await t.rejects(readCdnow(linesOf(`00001 19970101 1 ${value}`), everything), { message: /dollars and cents/ });
  }
  await t.rejects(readOnlineRetail(linesOf('a,b\n1,2'), everything), { message: /^row 1: expected the header/ });
});

test('packed and plain files are the same log; a cut archive is not a short log', async (t) => {
  const { text, expected } = cdnowLog(4);
  const packed = gzipSync(text);
  const folder = t.testdir({ 'log.txt': text });
  const file = (name: string) => readCdnow(readLines(join(folder, name)), everything);
  await writeFile(join(folder, 'log.txt.gz'), packed);
  await writeFile(join(folder, 'cut.txt.gz'), packed.subarray(0, -100));
  const plain = await file('log.txt');
  t.equal(purchasesIn(plain).length, expected.purchases);
  t.strictSame(await file('log.txt.gz'), plain);
  await t.rejects(file('cut.txt.gz'), { message: /unexpected end of file/ });
  await t.rejects(file('none.txt'), { code: 'ENOENT' });
});

test('an Online Retail log: lines are grouped to invoices, and what is left out is counted', async (t) => {
  for (const seed of [1, 2, 3]) {
    const { text, expected } = onlineRetailLog(seed);
    const log = await readOnlineRetail(linesOf(text), everything);
    const purchases = purchasesIn(log);
    t.equal(log.histories.filter(({ member }) => member !== null).length, expected.members);
    t.equal(log.histories.filter(({ member }) => member === null).length, expected.guests);
    t.equal(purchases.length, expected.purchases);
    t.equal(purchases.flatMap(({ lines }) => lines).length, expected.lines);
    t.equal(sum(purchases), expected.pence);
    t.ok(purchases.every(sumsHold));
    t.strictSame(Object.fromEntries(log.leftOut), expected.leftOut);
  }
});

test('an Online Retail invoice: two times, prices below a penny, quotes, lines apart', async (t) => {
  const { text, rows } = onlineRetailLog(5);
  const log = await readOnlineRetail(linesOf(text), everything);
  const invoice = (number: number) => purchasesIn(log).find(({ id }) => id === `online-retail-${number}`);
  t.equal(invoice(537_006)?.occurred_at, '2010-12-01T08:26:00Z', 'the earlier time');
  t.match(invoice(537_003)?.lines, [
    { quantity: 7, unit_price: 1, discount: 6, total: 1 },
    { quantity: 4, unit_price: 0, discount: 0, total: 0 },
    { quantity: 1, unit_price: 255, total: 255 },
  ]);
  t.equal(invoice(537_000)?.lines.length, 2);
  t.notOk('member' in invoice(537_001)!, 'a guest');
  t.strictSame(csvFields('a,"b, ""c""",,"",'), ['a', 'b, "c"', '', '', '']);
  t.equal(csvFields('a,"b'), null);
  t.equal(csvFields('a,"b"c'), null);

  const cut = await readOnlineRetail(linesOf(text), { limit: rows.length - 1 });
  t.equal(purchasesIn(cut).length, purchasesIn(log).length - 1, 'an invoice that the limit cuts is left for later');
});

test('quantiles are those of the sorted values', async (t) => {
  const latencies = createLatencies(200);
  t.ok(Number.isNaN(latencies.quantile(0.5)));
  for (let value = 100; value >= 1; value--) latencies.add(value);
  t.strictSame([0, 0.5, 0.95, 0.99, 1].map(latencies.quantile), [1, 50, 95, 99, 100]);
  latencies.add(0.5);
  t.equal(latencies.quantile(0), 0.5);
});

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

async function listen(t: Test, handler: Handler): Promise<string> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    handler(request, response, body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close().closeAllConnections());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const stop = new AbortController().signal;

test('a request is sent again, the same, until it is answered', async (t) => {
  const came: string[] = [];
  const answers: Handler[] = [
    (_, response) => response.writeHead(503, { 'retry-after': '0' }).end('{}'),
    (request) => request.socket.destroy(),
    (_, response) => response.writeHead(201, { 'content-length': 100 }).write('{"cut', () => response.destroy()),
    (_, response) => response.writeHead(429, { 'retry-after': '0' }).end('{}'),
    (_, response) => response.writeHead(201).end('{"id":"p"}'),
  ];
  const instance = (name: string) =>
    listen(t, (request, response, body) => {
      came.push(`${name} ${request.method} ${request.url} ${body}`);
      answers.shift()?.(request, response, body);
    });
  const client = openClient({ urls: [await instance('a'), await instance('b')], key: 'key', clients: 2, stop });
  const answer = await client.send({ method: 'POST', path: '/v1/purchases', body: '{"id":"p"}' });
  t.match(answer, { status: 201, body: { id: 'p' } });
  const taken = ['a', 'b', 'a', 'b', 'a'].map((name) => `${name} POST /v1/purchases {"id":"p"}`);
  t.strictSame(came, taken, 'the instances take turns');
  t.strictSame(
    [...client.retries],
    [
      ['503', 1],
      ['ECONNRESET', 2],
      ['429', 1],
    ],
  );
  client.close();
});

test('a service that stays away is given up; a pause ends when the end is wanted', async (t) => {
  const url = await listen(t, (_, response) => response.writeHead(503, { 'retry-after': '3600' }).end('{}'));
  const request = { method: 'GET', path: '/v1/program' } as const;
  const patient = openClient({ urls: [url], key: 'key', clients: 1, stop: AbortSignal.timeout(50) });
  await t.rejects(patient.send(request), { name: 'AbortError' });
  const impatient = openClient({ urls: ['http://127.0.0.1:1'], key: 'key', clients: 1, stop, patienceMs: 300 });
  await t.rejects(impatient.send(request), { name: 'ServiceGone', message: /ECONNREFUSED/ });
  patient.close();
  impatient.close();
});

interface FakeService {
  url: string;
  currency: string;
  /** Created configuration, by path. */
  configuration: Map<string, unknown>;
  members: Set<string>;
  /** Purchases and their answers, by id. */
  purchases: Map<string, { report: RecordPurchase; answer: string }>;
  /** Faults: a purchase sent while another of the member was under way, or before an earlier one. */
  disorder: string[];
  /** Called for each new purchase: what it returns is done instead of answering. The purchase is recorded first. */
  fault(count: number): Handler | undefined;
}

/** As much of the API as the tool uses. */
async function fakeService(t: Test): Promise<FakeService> {
  const service: FakeService = {
    url: '',
    currency: 'USD',
    configuration: new Map(),
    members: new Set(),
    purchases: new Map(),
    disorder: [],
    fault: () => undefined,
  };
  const underWay = new Set<string>();
  const last = new Map<string, string>();

  const record: Handler = (request, response, body) => {
    const report = JSON.parse(body) as RecordPurchase;
    const member = report.member ?? `guest ${report.id}`;
    const known = service.purchases.get(report.id);
    if (known !== undefined) {
      response.writeHead(201, { 'idempotent-replayed': 'true' }).end(known.answer);
      return;
    }
    if (underWay.has(member)) service.disorder.push(`${report.id} while another is under way`);
    if (report.occurred_at! < (last.get(member) ?? '')) service.disorder.push(`${report.id} is out of order`);
    last.set(member, report.occurred_at!);
    const spend = [...service.purchases.values(), { report }]
      .filter(({ report: { member: of } }) => of !== undefined && of === report.member)
      .reduce((total, { report: { total: amount } }) => total + amount, 0);
    const answer = JSON.stringify(answerTo(report, spend));
    service.purchases.set(report.id, { report, answer });
    const fault = service.fault(service.purchases.size);
    if (fault !== undefined) return fault(request, response, body);
    underWay.add(member);
    setTimeout(() => {
      underWay.delete(member);
      response.writeHead(201).end(answer);
    }, 1);
  };

  service.url = await listen(t, (request, response, body) => {
    const [path = ''] = (request.url ?? '').split('?');
    const policies = service.configuration.get('/v1/program') ?? { late_report_days: 30 };
    const under = [...service.configuration.keys()].filter((key) => key.startsWith(`${path}/`));
    const problem = { code: 'precondition_required', detail: 'It needs a header.', request_id: 'r' };
    if (path === '/v1/purchases') return record(request, response, body);
    if (path.startsWith('/v1/members/')) service.members.add(path.slice('/v1/members/'.length));
    else if (request.method === 'PATCH') service.configuration.set(path, JSON.parse(body).policies);
    else if (request.method === 'PUT' && request.headers['if-none-match'] !== '*') {
      response.writeHead(428).end(JSON.stringify(problem));
      return;
    } else if (request.method === 'PUT') service.configuration.set(path, JSON.parse(body));
    const program = { code: 'shop', currency: service.currency, policies };
    const list = { data: under.map((code) => ({ code })), has_more: false, next_cursor: null };
    response.writeHead(200, { etag: '"1"' }).end(JSON.stringify(path === '/v1/program' ? program : list));
  });
  return service;
}

const answerTo = ({ member, total, currency }: RecordPurchase, spend: number) => ({
  total: { amount: total, currency },
  earned: member === undefined || total < 100 ? [] : [{ wallet: 'points', points: Math.floor(total / 100) }],
  tiers: member === undefined ? [] : [{ scheme: 'status', tier: tierOf(spend) }],
});

const tierOf = (spend: number) => (spend >= 50_000 ? 'gold' : spend >= 10_000 ? 'silver' : null);

const tool = fileURLToPath(new URL('../../tools/replay.ts', import.meta.url));

/** Runs the tool; `whileRunning` gets the process. */
async function run(service: FakeService, args: string[], whileRunning?: (kill: () => void) => void) {
  const env = { TESSERA_URL: service.url, TESSERA_KEY: 'tsr_test' };
  const child = spawn(process.execPath, [tool, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      output[name] += chunk;
    });
  }
  // Twice, as a Ctrl-C under npm.
  whileRunning?.(() => child.kill('SIGINT') && child.kill('SIGINT'));
  const [code] = await once(child, 'close');
  return { code: code as number | null, ...output };
}

const row = (name: string, value: string) => new RegExp(`^ *${name} +${value}$`, 'm');

test('given a new program, when a CDNOW log is replayed twice, then it is there once', async (t) => {
  const { text, expected } = cdnowLog(6);
  const service = await fakeService(t);
  const args = ['--cdnow', join(t.testdir({ 'log.txt': text }), 'log.txt'), '--clients', '8'];
  for (const alreadyThere of [0, expected.purchases]) {
    const { code, stdout, stderr } = await run(service, args);
    t.equal(code, 0, stderr);
    t.match(stdout, row('members', written(expected.members)));
    t.match(stdout, row('purchases', written(expected.purchases)));
    t.match(stdout, row('already there', written(alreadyThere)));
    t.match(stdout, row('money', `${written(expected.cents / 100)} USD`));
    t.match(stdout, row('points', written(expected.points)));
    for (const [tier, count] of Object.entries(expected.tiers)) t.match(stdout, `${tier} ${count}`);
  }
  t.equal(service.members.size, expected.members);
  t.equal(service.purchases.size, expected.purchases);
  t.strictSame(service.disorder, []);
  t.strictSame(
    [...service.configuration.keys()],
    ['/v1/program', '/v1/earn-rules/point-per-unit', '/v1/tiers/silver', '/v1/tiers/gold'],
  );
});

test('given lost answers and an interruption, when it is run again, then nothing is lost or doubled', async (t) => {
  const { text, expected } = cdnowLog(7);
  const service = await fakeService(t);
  const args = ['--cdnow', join(t.testdir({ 'log.txt': text }), 'log.txt')];
  let interrupt = () => {};
  service.fault = (count) => {
    if (count === 60) interrupt();
    return count % 7 === 0 ? (request) => request.socket.destroy() : undefined;
  };
  const first = await run(service, args, (kill) => {
    interrupt = kill;
  });
  t.equal(first.code, 130);
  t.match(first.stdout, /^purchases/m);
  t.match(first.stderr, /goes on from there/);
  t.ok(service.purchases.size < expected.purchases);
  const second = await run(service, args);
  t.equal(second.code, 0, second.stderr);
  t.match(second.stdout, row('money', `${written(expected.cents / 100)} USD`));
  t.equal(service.purchases.size, expected.purchases);
});

test('given a refused purchase, then its member is stopped, the others go on, and the problem is told', async (t) => {
  const { text, expected } = onlineRetailLog(8);
  const service = await fakeService(t);
  service.currency = 'GBP';
  const problem = JSON.stringify({ code: 'member_closed', detail: 'The membership is closed.', request_id: 'req-1' });
  service.fault = (count) => (count === 5 ? (_, response) => response.writeHead(409).end(problem) : undefined);
  const { code, stdout, stderr } = await run(service, [
    '--online-retail',
    join(t.testdir({ 'log.csv': text }), 'log.csv'),
  ]);
  t.equal(code, 1);
  t.match(stderr, /purchase online-retail-\d+ of .*: 409 member_closed: The membership is closed. · \(request req-1\)/);
  t.match(stdout, row('members', written(expected.members)));
  t.match(stdout, row('left out', '2 lines: cancellations'));
});

test('what cannot work is said before anything is sent', async (t) => {
  const service = await fakeService(t);
  const file = join(t.testdir({ 'log.txt': cdnowLog(9, 3).text }), 'log.txt');
  t.match(await run(service, ['--cdnow', file, '--online-retail', file]), { code: 2, stderr: /--cdnow FILE/ });
  t.match(await run(service, ['--cdnow', file, '--clients', '0']), { code: 2, stderr: /from 1 to 1000/ });
  t.match(await run(service, ['--cdnow', file, '--returns']), { code: 2, stderr: /goes with --online-retail/ });
  const returns = await run(service, ['--online-retail', file, '--returns', '--limit', '9']);
  t.match(returns, { code: 2, stderr: /goes without --sandbox, --prove and --limit/ });
  service.currency = 'EUR';
  t.match(await run(service, ['--cdnow', file]), {
    code: 1,
    stderr: /program shop, which is in EUR(.|\n)*POST \/v1\/prog/,
  });
  t.equal(service.members.size + service.configuration.size, 0);
});
