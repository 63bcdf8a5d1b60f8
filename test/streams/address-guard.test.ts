import type { LookupAddress } from 'node:dns';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { type Test, test } from 'tap';
import { createAddressGuard, type Resolver } from '../../src/streams/address-guard.ts';
import { createSender } from '../../src/streams/send.ts';

const found = (...addresses: string[]): LookupAddress[] =>
  addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

/** Names of this test and what they resolve to: no resolver of the machine is asked. */
const names: Record<string, LookupAddress[]> = {
  'hooks.example': found('93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c'),
  'loopback.example': found('127.0.0.1'),
  'loopback6.example': found('::1'),
  'inside.example': found('10.20.30.40'),
  'metadata.example': found('169.254.169.254'),
  'mapped.example': found('::ffff:127.0.0.1'),
  'translated.example': found('64:ff9b::a9fe:a9fe'),
  'half.example': found('93.184.215.14', '192.168.1.1'),
  'unique-local.example': found('fd00:ec2::254'),
};

const missing = (): Promise<never> => Promise.reject(Object.assign(new Error('no such host'), { code: 'ENOTFOUND' }));
const resolver: Resolver = async (host) => names[host] ?? missing();

/** A server that counts what reaches it, on loopback. */
const listen = async (t: Test, location?: string) => {
  const server = createServer((_request, response) => {
    seen.requests++;
    response.writeHead(location === undefined ? 204 : 302, location === undefined ? {} : { location }).end();
  });
  const seen = { requests: 0, connections: 0, port: 0 };
  server.on('connection', () => seen.connections++);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  seen.port = (server.address() as AddressInfo).port;
  return seen;
};

const senderOf = (t: Test, allow: string, resolve = resolver) => {
  const guard = createAddressGuard(allow, resolve);
  const sender = createSender(guard);
  t.teardown(() => sender.close());
  const post = (url: string) => sender.send(url, {}, '{}', { method: 'POST', timeoutMs: 5_000 });
  return { guard, post };
};

const hostile: readonly (readonly [url: string, code: string])[] = [
  // Loopback, in every notation that some parser takes.
  ['https://localhost/', 'address_not_allowed'],
  ['https://localhost./', 'address_not_allowed'],
  ['https://LOCALHOST/', 'address_not_allowed'],
  ['https://service.localhost/', 'address_not_allowed'],
  ['https://127.0.0.1/', 'address_not_allowed'],
  ['https://127.0.0.1./', 'address_not_allowed'],
  ['https://127.1/', 'address_not_allowed'],
  ['https://127.255.255.254/', 'address_not_allowed'],
  ['https://2130706433/', 'address_not_allowed'],
  ['https://0x7f000001/', 'address_not_allowed'],
  ['https://0x7f.1/', 'address_not_allowed'],
  ['https://017700000001/', 'address_not_allowed'],
  ['https://0177.0.0.1/', 'address_not_allowed'],
  ['https://%31%32%37.0.0.1/', 'address_not_allowed'],
  ['https://①②⑦.0.0.1/', 'not_a_url'],
  ['https://0/', 'address_not_allowed'],
  ['https://0.0.0.0/', 'address_not_allowed'],
  ['https://[::1]/', 'address_not_allowed'],
  ['https://[::]/', 'address_not_allowed'],
  ['https://[0:0:0:0:0:0:0:1]/', 'address_not_allowed'],
  // Of IPv4 within IPv6.
  ['https://[::ffff:127.0.0.1]/', 'address_not_allowed'],
  ['https://[::ffff:7f00:1]/', 'address_not_allowed'],
  ['https://[::ffff:a9fe:a9fe]/', 'address_not_allowed'],
  ['https://[::127.0.0.1]/', 'address_not_allowed'],
  ['https://[64:ff9b::127.0.0.1]/', 'address_not_allowed'],
  ['https://[64:ff9b::a00:1]/', 'address_not_allowed'],
  ['https://[64:ff9b:1::a00:1]/', 'address_not_allowed'],
  ['https://[2002:7f00:1::]/', 'address_not_allowed'],
  ['https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/', 'address_not_allowed'],
  // Private, shared, link local, multicast, reserved.
  ['https://10.0.0.1/', 'address_not_allowed'],
  ['https://172.16.0.1/', 'address_not_allowed'],
  ['https://172.31.255.255/', 'address_not_allowed'],
  ['https://192.168.0.1/', 'address_not_allowed'],
  ['https://100.64.0.1/', 'address_not_allowed'],
  ['https://198.18.0.1/', 'address_not_allowed'],
  ['https://224.0.0.1/', 'address_not_allowed'],
  ['https://255.255.255.255/', 'address_not_allowed'],
  ['https://[fe80::1]/', 'address_not_allowed'],
  ['https://[fe80::1%25eth0]/', 'not_a_url'],
  ['https://[fc00::1]/', 'address_not_allowed'],
  ['https://[fd00:ec2::254]/', 'address_not_allowed'],
  ['https://[ff02::1]/', 'address_not_allowed'],
  ['https://[2001:db8::1]/', 'address_not_allowed'],
  // Metadata of clouds.
  ['https://169.254.169.254/latest/meta-data/', 'address_not_allowed'],
  ['https://0xa9fea9fe/', 'address_not_allowed'],
  ['https://metadata.google.internal/', 'address_not_allowed'],
  ['https://100.100.100.200/', 'address_not_allowed'],
  ['https://168.63.129.16/', 'address_not_allowed'],
  ['https://192.0.0.192/', 'address_not_allowed'],
  // Names of one's own network.
  ['https://postgres/', 'address_not_allowed'],
  ['https://db.local/', 'address_not_allowed'],
  ['https://api.default.svc.cluster.local/', 'address_not_allowed'],
  // Names that resolve into it.
  ['https://loopback.example/', 'address_not_allowed'],
  ['https://loopback6.example/', 'address_not_allowed'],
  ['https://inside.example/', 'address_not_allowed'],
  ['https://metadata.example/', 'address_not_allowed'],
  ['https://mapped.example/', 'address_not_allowed'],
  ['https://translated.example/', 'address_not_allowed'],
  ['https://half.example/', 'address_not_allowed'],
  ['https://unique-local.example/', 'address_not_allowed'],
  // Odd ports.
  ['https://hooks.example:22/', 'port_not_allowed'],
  ['https://hooks.example:5432/', 'port_not_allowed'],
  ['https://hooks.example:80/', 'port_not_allowed'],
  ['https://hooks.example:0/', 'port_not_allowed'],
  // Credentials.
  ['https://user:password@hooks.example/', 'credentials'],
  ['https://hooks.example@127.0.0.1/', 'credentials'],
  ['https://:@hooks.example:443@10.0.0.1/', 'credentials'],
  // Other ways than https, and no URLs.
  ['http://hooks.example/', 'not_https'],
  ['ftp://hooks.example/', 'not_https'],
  ['file:///etc/passwd', 'not_https'],
  ['gopher://127.0.0.1:6379/_flushall', 'not_https'],
  ['data:text/plain,x', 'not_https'],
  ['unix:///var/run/docker.sock', 'not_https'],
  ['//hooks.example/', 'not_a_url'],
  ['https://', 'not_a_url'],
  ['https://hooks.example\\@127.0.0.1/', 'not_a_url'],
  ['https://hooks.example/\r\nX-Injected: 1', 'not_a_url'],
  ['https:// hooks.example/', 'not_a_url'],
  ['https://[::ffff:127.0.0.1/', 'not_a_url'],
  [`https://hooks.example/${'a'.repeat(2_000)}`, 'not_a_url'],
  ['', 'not_a_url'],
];

test('hostile destinations are refused when they are saved, and when something is sent', async (t) => {
  const { guard, post } = senderOf(t, '');
  t.ok(new Set(hostile.map(([url]) => url)).size >= 40, 'forty at least');
  for (const [url, code] of hostile) {
    t.match(await guard.checkResolved(url), { code }, url);
    t.match(await post(url), { error: 'address_refused' }, url);
  }
});

test('destinations of the public internet are taken', async (t) => {
  const { guard } = senderOf(t, '');
  for (const url of [
    'https://hooks.example/',
    'https://hooks.example:443/a/b?c=d',
    'https://hooks.example:8443/',
    'https://93.184.215.14/',
    'https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/',
    'https://[64:ff9b::5db8:d70e]/',
    // It may resolve tomorrow.
    'https://not-there-yet.example/',
  ])
    t.equal(await guard.checkResolved(url), null, url);
});

test('a name that resolves to nothing, or not in time, is told when something is sent', async (t) => {
  t.match(await senderOf(t, '').post('https://not-there-yet.example/'), { error: 'name_not_resolved' });
});

test('a private deployment allows hosts by name, all below one, and networks', async (t) => {
  const { guard } = senderOf(t, ' hooks.internal, *.svc.cluster.local,10.0.0.0/8, ::1,127.0.0.1 ');
  for (const url of [
    'http://hooks.internal:8080/',
    'http://api.default.svc.cluster.local/',
    'http://10.1.2.3:9000/',
    'http://127.0.0.1:3000/',
    'http://[::1]:3000/',
    'https://inside.example/',
  ])
    t.equal(await guard.checkResolved(url), null, url);
  for (const url of [
    'http://other.internal/',
    'http://svc.cluster.local/',
    'http://11.1.2.3/',
    'http://127.0.0.2/',
    'http://localhost/',
    // What its name resolves to is allowed, but not in the clear: the name is anyone's.
    'http://inside.example/',
    'https://metadata.example/',
    'http://user:password@10.1.2.3/',
  ])
    t.not(await guard.checkResolved(url), null, url);
});

test('what is no host, address or network in the list is told', async (t) => {
  for (const entry of ['10.0.0.0/33', '10.0.0', 'a b', 'https://x.example', '*', '::1/129', '1.2.3.4/8/8', '10.0.0.0/'])
    t.throws(() => createAddressGuard(`ok.example,${entry}`), { message: /^STREAM_ALLOW must be / }, entry);
});

test('a name that pointed outside when it was saved and points inside when something is sent reaches nobody', async (t) => {
  const inside = await listen(t);
  let asked = 0;
  const rebinding: Resolver = async () => found(asked++ === 0 ? '93.184.215.14' : '127.0.0.1');
  const { guard, post } = senderOf(t, '', rebinding);
  const url = 'https://rebinding.example:8443/';
  t.equal(await guard.checkResolved(url), null);
  t.match(await post(url), { error: 'address_refused' });
  t.equal(asked, 2);
  t.equal(inside.connections, 0);
});

test('what was looked at is what is connected to: the name is resolved once for a connection', async (t) => {
  const receiver = await listen(t);
  let asked = 0;
  // Allowed once; whoever asked again would be sent elsewhere.
  const resolve: Resolver = async () => found(asked++ === 0 ? '127.0.0.1' : '10.0.0.1');
  const { post } = senderOf(t, 'moving.example', resolve);
  t.match(await post(`http://moving.example:${receiver.port}/`), { status: 204 });
  // The connection is free a moment after the answer has come.
  await setImmediate();
  t.match(await post(`http://moving.example:${receiver.port}/`), { status: 204 });
  t.match(receiver, { requests: 2, connections: 1 });
  t.equal(asked, 1);
});

test('redirects are answers like others: nobody follows them', async (t) => {
  const inside = await listen(t);
  const redirecting = await listen(t, `http://127.0.0.1:${inside.port}/latest/meta-data/`);
  const { post } = senderOf(t, '127.0.0.1');
  t.match(await post(`http://127.0.0.1:${redirecting.port}/`), { status: 302 });
  t.match(redirecting, { requests: 1 });
  t.match(inside, { connections: 0 });
});
