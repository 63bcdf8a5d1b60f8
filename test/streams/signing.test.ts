import { Webhook } from 'standardwebhooks';
import { test } from 'tap';
import { newSecret } from '../../src/commands/stream-secret.ts';
import { sign } from '../../src/streams/signing.ts';

/* Against the package of Standard Webhooks: what it verifies, receivers verify. */

const body = JSON.stringify({ type: 'points.earned', timestamp: '2026-03-01T09:30:00.000Z', data: { né: '€' } });
const verifies = (secret: string, content: string, headers: object): boolean => {
  try {
    new Webhook(secret).verify(content, { ...headers });
    return true;
  } catch {
    return false;
  }
};

test('a secret is 32 random bytes', async (t) => {
  const secret = newSecret();
  t.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
  t.not(secret, newSecret());
});

test('the receiver verifies the bytes, as text or as bytes', async (t) => {
  const secret = newSecret();
  t.ok(verifies(secret, body, sign('evt_2s_5', Date.now(), body, [secret])));
  t.ok(verifies(secret, body, sign('evt_2s_5', Date.now(), Buffer.from(body), [secret])));
});

test('while a secret is replaced, both verify', async (t) => {
  const [old, next, other] = [newSecret(), newSecret(), newSecret()];
  const headers = sign('evt_2s_5', Date.now(), body, [next, old]);
  t.match(headers['webhook-signature'], /^v1,\S+ v1,\S+$/);
  t.ok(verifies(old, body, headers));
  t.ok(verifies(next, body, headers));
  t.notOk(verifies(other, body, headers));
});

test('other bytes, another id, another time do not verify', async (t) => {
  const secret = newSecret();
  const now = Date.now();
  const headers = sign('evt_2s_5', now, body, [secret]);
  t.notOk(verifies(secret, `${body} `, headers));
  t.notOk(verifies(secret, body, { ...headers, 'webhook-id': 'evt_2s_6' }));
  t.notOk(verifies(secret, body, { ...headers, 'webhook-timestamp': `${Math.floor(now / 1_000) + 1}` }));
  t.notOk(verifies(secret, body, sign('evt_2s_5', now - 3_600_000, body, [secret])), 'an hour old');
});

test('what could be signed in two ways is not signed', async (t) => {
  t.throws(() => sign('evt.1', Date.now(), body, [newSecret()]));
  t.throws(() => sign('evt_1', Date.now(), body, []));
  t.throws(() => sign('evt_1', Date.now(), body, ['secret']));
});
