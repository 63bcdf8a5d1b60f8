import { connect } from 'node:net';
import { type Test, test } from 'tap';
import { purchaseOf, type TestApp, testApp, withPoints } from '../helpers/app.ts';
import { rowsOf } from './rows.ts';

/* What is not HTTP, not JSON, not for this path or not now. Bytes go over a socket where a client would not send them. */

interface RawAnswer {
  status: number;
  headers: Record<string, string | undefined>;
  text: string;
}

/** Sends bytes and reads until the other side closes. */
const exchange = (app: TestApp, bytes: string | Buffer): Promise<RawAnswer> =>
  new Promise((resolve, reject) => {
    const { port } = app.service.app.server.address() as { port: number };
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.setTimeout(5_000, () => socket.destroy(new Error('no answer')));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => {
      const [head = '', ...rest] = Buffer.concat(chunks).toString().split('\r\n\r\n');
      const [first = '', ...lines] = head.split('\r\n');
      const headers = lines
        .map((line) => line.split(/: ?(.*)/s, 2))
        .map(([name = '', value]) => [name.toLowerCase(), value]);
      resolve({
        status: Number(first.split(' ')[1]),
        headers: Object.fromEntries(headers),
        text: rest.join('\r\n\r\n'),
      });
    });
  });

const listening = async (t: Test, options = {}): Promise<TestApp> => {
  const app = await testApp(t, options);
  await withPoints(app, 'ada', 100);
  await app.service.app.listen({ port: 0, host: '127.0.0.1' });
  return app;
};

const checkRaw = (t: Test, app: TestApp, name: string, answer: RawAnswer, status: number, code: string): void => {
  t.match([answer.status, answer.text && JSON.parse(answer.text).code], [status, code], name);
  t.equal(answer.headers['content-type']?.split(';')[0], 'application/problem+json', name);
  t.strictSame(app.contract.faults('GET', '/', answer), [], name);
};

test('what is not HTTP is answered with a problem', async (t) => {
  const app = await listening(t);
  const head = `Host: x\r\nConnection: close\r\nAuthorization: Bearer ${app.key}\r\n`;
  const json = `${head}Content-Type: application/json\r\n`;
  const post = 'POST /v1/purchases HTTP/1.1\r\n';
  const chunked = '2\r\n{}\r\n0\r\n\r\n';
  const cases: [name: string, bytes: string | Buffer, status?: number, code?: string][] = [
    ['no request line', 'hello there\r\n\r\n'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['TLS', Buffer.from('16030100a5010000a10303', 'hex')],
    ['no Host', 'GET /v1/program HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['a method that is none', `BREW /v1/program HTTP/1.1\r\n${head}\r\n`],
    ['CONNECT', `CONNECT example.com:443 HTTP/1.1\r\n${head}\r\n`],
    ['a path without a slash', `GET v1/program HTTP/1.1\r\n${head}\r\n`],
    ['a path that is not ASCII', `GET /v1/members/é HTTP/1.1\r\n${head}\r\n`],
    ['a space before the colon', `GET /v1/program HTTP/1.1\r\n${head}X : a\r\n\r\n`],
    ['a folded header', `GET /v1/program HTTP/1.1\r\n${head}X: a\r\n b\r\n\r\n`],
    ['NUL in a header', `GET /v1/program HTTP/1.1\r\n${head}X: a\0b\r\n\r\n`],
    ['LF alone', 'GET /v1/program HTTP/1.1\nHost: x\n\n'],
    ['two lengths', `${post}${json}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`],
    ['a negative length', `${post}${json}Content-Length: -2\r\n\r\n{}`],
    ['a length and chunks', `${post}${json}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n${chunked}`],
    ['another transfer encoding', `${post}${json}Transfer-Encoding: xchunked\r\n\r\n${chunked}`],
    ['chunks that are not last', `${post}${json}Transfer-Encoding: chunked, gzip\r\n\r\n${chunked}`],
    ['a chunk without a length', `${post}${json}Transfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n`],
    ['a huge header', `GET /v1/program HTTP/1.1\r\n${head}X: ${'a'.repeat(20_000)}\r\n\r\n`, 431, 'headers_too_large'],
    ['many headers', `GET /v1/program HTTP/1.1\r\n${head}${'X: a\r\n'.repeat(4_000)}\r\n`, 431, 'headers_too_large'],
    ['a huge URL', `GET /v1/program?x=${'a'.repeat(20_000)} HTTP/1.1\r\n${head}\r\n`, 431, 'headers_too_large'],
    ['a doubled slash', `GET //v1/program HTTP/1.1\r\n${head}\r\n`, 404, 'not_found'],
    ['a doubled slash inside', `GET /v1//program HTTP/1.1\r\n${head}\r\n`, 404, 'not_found'],
    ['dots', `GET /v1/../v1/program HTTP/1.1\r\n${head}\r\n`, 404, 'not_found'],
    ['encoded dots', `GET /v1/%2e%2e/v1/program HTTP/1.1\r\n${head}\r\n`, 404, 'not_found'],
    ['OPTIONS *', `OPTIONS * HTTP/1.1\r\n${head}\r\n`, 404, 'not_found'],
  ];
  const before = await rowsOf(app.databaseUrl);
  for (const [name, bytes, status = 400, code = 'malformed_request'] of cases)
    checkRaw(t, app, name, await exchange(app, bytes), status, code);
  t.match(await exchange(app, `${post}${json}Expect: nonsense\r\nContent-Length: 2\r\n\r\n{}`), {
    status: 400,
    text: /"\/lines"/,
  });
  t.match(await exchange(app, `${post}${json}Content-Length: 99999999999\r\n\r\n{}`), {
    status: 413,
    text: /body_too_large/,
  });
  t.strictSame(await rowsOf(app.databaseUrl), before);

  t.equal((await exchange(app, `GET /v1/program HTTP/1.0\r\n${head}\r\n`)).status, 200, 'HTTP/1.0 has no Host');
  t.equal((await exchange(app, `GET http://x/v1/program HTTP/1.1\r\n${head}\r\n`)).status, 200, 'a whole URL');
  const none = await exchange(app, `HEAD /v1/members/none HTTP/1.1\r\n${head}\r\n`);
  t.match([none.status, none.text], [404, ''], 'HEAD has no body');
});

test('bodies that are not JSON, not UTF-8, not of the type, or too large', async (t) => {
  const app = await testApp(t, { config: { bodyLimitBytes: 200_000 } });
  await withPoints(app, 'ada', 100);
  const text = JSON.stringify(purchaseOf('o-1', 'ada', 100));
  const deep = '['.repeat(90_000) + ']'.repeat(90_000);
  const send = (payload: string | Buffer, type = 'application/json') =>
    app.request('POST', '/v1/purchases', payload as string, { 'content-type': type });
  const before = await rowsOf(app.databaseUrl);
  const malformed = [
    '',
    ' ',
    '{',
    '{"id":',
    "{'id':1}",
    '{"id":1,}',
    `${text}x`,
    `${text}${text}`,
    'NaN',
    'undefined',
    '01',
    '"\u0001"',
  ];
  for (const body of [
    ...malformed,
    Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]),
    Buffer.from(text.replace('thing', 'th\xefng'), 'latin1'),
  ])
    t.match(await send(body), { status: 400, body: { code: 'malformed_request' } }, `${body.slice(0, 40)}`);
  for (const body of [
    'null',
    '[]',
    '1',
    '"x"',
    'true',
    deep,
    `{"lines":${deep}}`,
    `{"context":{"a":${deep}}}`,
    text.replace('{', '{"id":"o-2","id":7,').replace('"id":"o-1",', ''),
  ])
    t.match(await send(body), { status: 400, body: { code: 'invalid_request' } }, body.slice(0, 40));
  for (const type of [
    'text/plain',
    'application/xml',
    'multipart/form-data; boundary=x',
    'application/merge-patch+json',
    'application/jsonx',
    'json',
    '',
  ])
    t.match(await send(text, type), { status: 415, body: { code: 'unsupported_media_type' } }, type);
  t.match(await send(`${text}${' '.repeat(200_000)}`), { status: 413, body: { code: 'body_too_large' } });
  const none = await app.request('POST', '/v1/purchases', null);
  t.match(none, { status: 400, body: { code: 'invalid_request' } }, 'no body');
  t.strictSame(await rowsOf(app.databaseUrl), before);
  for (const [id, type] of [
    ['o-3', 'application/json;charset=UTF-8'],
    ['o-4', 'Application/JSON'],
  ] as const)
    t.equal((await send(text.replace('o-1', id), type)).status, 201, type);
  t.equal((await send(`\ufeff${text}`)).status, 201, 'a byte order mark is ignored');
  const cancelled = await app.request('POST', '/v1/purchases/o-4/cancel', '', { 'content-type': 'application/json' });
  t.equal(cancelled.status, 201, 'no bytes of JSON where no body is wanted');
});

test('a body of a megabyte of faults costs no more than it has to', async (t) => {
  const app = await testApp(t);
  const scopes = Array.from({ length: 100_000 }, (_, index) => `s${index}`);
  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
  const started = performance.now();
  for (const [path, body] of [
    ['/v1/purchases', `{"id":"o","currency":"EUR","total":1,"lines":[${Array(340_000).fill('{}').join()}]}`],
    ['/v1/keys', JSON.stringify({ name: 'x', scopes })],
    ['/v1/keys', `{"name":"x","scopes":[${deep},${deep}]}`],
  ] as const) {
    const answer = await app.request('POST', path, body);
    t.match(answer, { status: 400, body: { code: 'invalid_request' } });
    t.ok(answer.text.length < 20_000, 'the answer is short');
  }
  t.ok(performance.now() - started < 10_000);
});

test('a path takes the methods that Allow names, whatever the body', async (t) => {
  const app = await testApp(t);
  const cases: [path: string, allow: string][] = [
    ['/v1/purchases', 'POST'],
    ['/v1/members/ada', 'GET, HEAD, PATCH, PUT'],
    ['/v1/members/lookup', 'GET, HEAD, PATCH, POST, PUT'],
    ['/v1/wallets/points', 'DELETE, GET, HEAD, PUT'],
    ['/v1/keys', 'GET, HEAD, POST'],
    ['/health/live', 'GET, HEAD'],
  ];
  for (const [path, allow] of cases) {
    for (const method of ['OPTIONS', 'TRACE', 'PROPFIND', 'DELETE', 'PATCH', 'POST', 'PUT', 'GET', 'QUERY']) {
      if (allow.split(', ').includes(method)) continue;
      const body = ['GET', 'TRACE'].includes(method) ? null : '{';
      const answer = await app.request(method, path, body, body === null ? {} : { 'content-type': 'text/plain' });
      t.match(answer, { status: 405, body: { code: 'method_not_allowed' }, headers: { allow } }, `${method} ${path}`);
    }
  }
});

test('keys that are none, have expired, or were revoked', async (t) => {
  const app = await testApp(t);
  await withPoints(app, 'ada', 10);
  const expiring = (
    await app.request('POST', '/v1/keys', { name: 'x', scopes: ['write'], expires_at: '2026-03-02T10:01:00Z' })
  ).body;
  const revoked = (await app.request('POST', '/v1/keys', { name: 'x', scopes: ['write'] })).body;
  const send = (authorization: string) =>
    app.as(null)('POST', '/v1/purchases', purchaseOf('o-1', 'ada', 100), { authorization });
  t.equal((await send(`bearer ${revoked.key}`)).status, 201, 'the scheme in any case');
  await app.request('POST', `/v1/keys/${revoked.id}/revoke`);
  const before = await rowsOf(app.databaseUrl);
  app.clock.now += 59_999;
  t.match(await send(`Bearer ${revoked.key}`), { status: 401, body: { code: 'key_revoked' } });
  t.equal((await send(`Bearer ${expiring.key}`)).status, 201, 'the last moment: the first answer again');
  app.clock.now += 1;
  t.match(await send(`Bearer ${expiring.key}`), { status: 401, body: { code: 'key_expired' } });
  for (const none of [
    '',
    'Bearer',
    'Bearer ',
    app.key,
    `Basic ${app.key}`,
    `Bearer ${app.key.slice(0, -1)}`,
    `Bearer ${'x'.repeat(9_000)}`,
    'Bearer \u00e9',
  ])
    t.match(
      await send(none),
      { status: 401, body: { code: 'unauthenticated' }, headers: { 'www-authenticate': 'Bearer' } },
      none.slice(0, 30),
    );
  t.strictSame(await rowsOf(app.databaseUrl), before);
});

test('while it drains, and when the queue is full, the service says when to come back', async (t) => {
  const app = await testApp(t, { config: { queueMax: 1, lanes: 1 } });
  await withPoints(app, 'ada', 10);
  const crowd = Array.from({ length: 8 }, (_, index) =>
    app.request('POST', '/v1/purchases', purchaseOf(`o-${index}`, 'ada', 100)),
  );
  const answers = await Promise.all(crowd);
  const refused = answers.filter(({ status }) => status !== 201);
  t.ok(refused.length > 0 && refused.length < 8, `${refused.length} of 8 were refused`);
  for (const answer of refused)
    t.match(answer, { status: 503, body: { code: 'overloaded' }, headers: { 'retry-after': '1' } });

  const before = await rowsOf(app.databaseUrl);
  app.service.lifecycle.stopping = true;
  t.match(await app.request('GET', '/health/ready'), { status: 503, body: { code: 'draining' } });
  t.equal((await app.request('GET', '/v1/members/ada')).status, 200, 'until load balancers have noticed');
  app.service.lifecycle.draining = true;
  for (const [method, path] of [
    ['POST', '/v1/purchases'],
    ['GET', '/v1/members/ada'],
    ['GET', '/health/ready'],
    ['GET', '/nothing'],
  ] as const) {
    const answer = await app.request(method, path, method === 'POST' ? purchaseOf('o-9', 'ada', 100) : null);
    t.match(
      answer,
      { status: 503, body: { code: 'draining' }, headers: { 'retry-after': '2', connection: 'close' } },
      path,
    );
  }
  t.equal((await app.request('GET', '/health/live')).status, 200);
  t.strictSame(await rowsOf(app.databaseUrl), before);
});
