import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { Readable } from 'node:stream';
import { type Test, test } from 'tap';
import { createAddressGuard } from '../../src/streams/address-guard.ts';
import { createSender, retryAfterMs } from '../../src/streams/send.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const receiver = async (t: Test, answer: Answer): Promise<string> => {
  const server = createServer(answer);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
};

const senderOf = (t: Test) => {
  const sender = createSender(createAddressGuard('127.0.0.1'));
  t.teardown(() => sender.close());
  return sender;
};

const whole = async (stream: Readable): Promise<string> => Buffer.concat(await stream.toArray()).toString();
const quickly = { method: 'POST', timeoutMs: 5_000 } as const;

test('what is sent arrives to the byte, with its headers, by the method asked for', async (t) => {
  const seen: unknown[] = [];
  const url = await receiver(t, (request, response) => {
    const { method, headers } = request;
    void whole(request).then((body) => {
      seen.push({ method, type: headers['content-type'], mine: headers['x-mine'], body });
      response.writeHead(201).end('thank you');
    });
  });
  const sender = senderOf(t);
  const headers = { 'content-type': 'application/json', 'x-mine': 'yes' };
  const sent = await sender.send(url, headers, '{"é":1}', quickly);
  t.match(sent, { status: 201, retryAfterMs: null });
  t.type(sent.durationMs, 'number');
  const parts = Readable.from([Buffer.from('a\n'), Buffer.from('b\n')]);
  t.match(await sender.send(url, {}, parts, { ...quickly, method: 'PUT' }), { status: 201 });
  t.strictSame(seen, [
    { method: 'POST', type: 'application/json', mine: 'yes', body: '{"é":1}' },
    { method: 'PUT', type: undefined, mine: undefined, body: 'a\nb\n' },
  ]);
});

test('a receiver that says to wait is heard: seconds or a date, a day at most', async (t) => {
  const url = await receiver(t, (_request, response) => void response.writeHead(429, { 'retry-after': '120' }).end());
  t.match(await senderOf(t).send(url, {}, '', quickly), { status: 429, retryAfterMs: 120_000 });
  const now = Date.parse('2026-03-01T10:00:00Z');
  for (const [value, ms] of [
    ['0', 0],
    ['Sun, 01 Mar 2026 10:01:00 GMT', 60_000],
    ['Sun, 01 Mar 2026 09:00:00 GMT', 0],
    ['999999999', 86_400_000],
    ['soon', null],
    ['-5', 0],
    ['', null],
    [undefined, null],
  ] as const)
    t.equal(retryAfterMs(value, now), ms, String(value));
});

test('a receiver that never answers is cut at the deadline, and so is one that answers without end', async (t) => {
  const silent = await receiver(t, () => {});
  const sender = senderOf(t);
  t.match(await sender.send(silent, {}, '{}', { method: 'POST', timeoutMs: 30 }), { error: 'timed_out' });
  const endless = await receiver(t, (_request, response) => {
    response.writeHead(200);
    const pour = (): void => {
      while (response.writable && response.write(Buffer.alloc(65_536)));
      response.once('drain', pour);
    };
    pour();
  });
  t.match(await sender.send(endless, {}, '{}', quickly), { status: 200 }, 'its status had come');
  const dripping = await receiver(t, (_request, response) => void response.writeHead(202).write('.'));
  t.match(await sender.send(dripping, {}, '{}', { method: 'POST', timeoutMs: 50 }), { status: 202 });
});

test('failures have names', async (t) => {
  const sender = senderOf(t);
  const closed = await new Promise<number>((done) => {
    const server = createSocketServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => done(port));
    });
  });
  t.match(await sender.send(`http://127.0.0.1:${closed}/`, {}, '', quickly), { error: 'connection_failed' });

  const babble = createSocketServer((socket) => void socket.end('not http at all\r\n\r\n'));
  await new Promise<void>((done) => babble.listen(0, '127.0.0.1', done));
  t.teardown(() => babble.close());
  const { port } = babble.address() as AddressInfo;
  t.match(await sender.send(`http://127.0.0.1:${port}/`, {}, '', quickly), { error: 'invalid_answer' });
  t.match(await sender.send(`https://127.0.0.1:${port}/`, {}, '', quickly), { error: 'tls_failed' });

  const hanging = await receiver(t, () => {});
  const stop = new AbortController();
  const sending = sender.send(hanging, {}, '{}', { ...quickly, signal: stop.signal });
  stop.abort();
  t.match(await sending, { error: 'aborted' });

  const broken = Readable.from(
    (async function* () {
      yield Buffer.from('a');
      throw new Error('the rows could not be read');
    })(),
  );
  t.match(await sender.send(hanging, {}, broken, { ...quickly, method: 'PUT' }), { error: 'content_failed' });
  t.match(await sender.send(hanging, { 'x-bad': 'a\nb' }, '', quickly), { error: 'connection_failed' });
});

test('one slow receiver does not hold up another', async (t) => {
  const slow = await receiver(t, () => {});
  const quick = await receiver(t, (_request, response) => void response.writeHead(204).end());
  const sender = senderOf(t);
  const stop = new AbortController();
  const stuck = Array.from({ length: 50 }, () => sender.send(slow, {}, '{}', { ...quickly, signal: stop.signal }));
  const through = await Promise.all(Array.from({ length: 50 }, () => sender.send(quick, {}, '{}', quickly)));
  t.ok(through.every((answer) => 'status' in answer && answer.status === 204));
  stop.abort();
  await Promise.all(stuck);
});
