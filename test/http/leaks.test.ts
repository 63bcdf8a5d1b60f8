import { test } from 'tap';
import { createLog } from '../../src/log.ts';
import { OPERATOR_KEY, purchaseOf, testApp, withPoints } from '../helpers/app.ts';
import { asOwner } from '../helpers/programs.ts';

/* Personal data and secrets, planted wherever they can be sent, and looked for wherever they must not be. */

const planted = {
  given_name: 'Marker-Given',
  family_name: 'Marker-Family',
  birth_date: '1988-05-17',
  email: 'marker.mail@example.com',
  phone: '+33600000042',
  card: 'MARKERCARD42',
  attribute: 'Marker-Attribute',
  source: 'Marker-Source',
  reason: 'Marker-Reason',
  actor: 'Marker-Actor',
  unknown: 'Marker-Unknown',
  password: 'Marker-Password',
};
const markers = Object.values(planted);

const profile = { given_name: planted.given_name, family_name: planted.family_name, birth_date: planted.birth_date };
const identities = [
  { kind: 'email', value: planted.email },
  { kind: 'phone', value: planted.phone },
  { kind: 'card', value: planted.card },
];
const person = {
  profile,
  identities,
  attributes: { shoe: planted.attribute },
  consents: { news: { granted: true, source: planted.source } },
  acquisition: { source: planted.source },
};

test('the log, the metrics and refusals hold nothing personal and no secret', async (t) => {
  const lines: string[] = [];
  const log = createLog({ logLevel: 'trace' }, { write: (line) => void lines.push(line) });
  const app = await testApp(t, { log });
  const { request } = app;
  await withPoints(app, 'ada', 0);
  await withPoints(app, 'eve', 100);
  await request('PUT', '/v1/attributes/shoe', { name: 'Shoe', type: 'string', personal: true });
  t.equal((await request('PUT', '/v1/members/ada', person)).status, 200);
  const lookup = await request('POST', '/v1/members/lookup', {
    identity: { kind: 'email', value: planted.email.toUpperCase() },
  });
  t.match(lookup, { status: 200, body: { id: 'ada' } });
  const adjustment = { member: 'ada', points: 5, reason: planted.reason, actor: planted.actor };
  await request('POST', '/v1/adjustments', adjustment, { 'idempotency-key': planted.password });

  /** What each of these says must not say the value. */
  const refusals = [
    await request('PUT', '/v1/members/eve', { identities }),
    await request('PUT', '/v1/members/eve', { identities: [{ kind: 'phone', value: planted.email }] }),
    await request('PUT', '/v1/members/eve', {
      profile: { ...profile, country: planted.unknown, birth_date: planted.unknown },
    }),
    await request('PATCH', '/v1/members/eve', { attributes: { shoe: 7, colour: planted.attribute } }),
    await request('PUT', '/v1/members/eve', `{"profile":{"given_name":"${planted.given_name}`),
    await request('PUT', '/v1/members/eve', JSON.stringify(person), { 'content-type': 'text/plain' }),
    await request('GET', `/v1/members/email:${planted.email}`),
    await request('GET', `/v1/nothing/${planted.email}?name=${planted.given_name}`),
    await request('GET', `/v1/members/%zz${planted.email}`),
    await request('GET', `/v1/members/ada/purchases?limit=${planted.given_name}&cursor=${planted.family_name}`),
    await request('POST', '/v1/members/lookup', { identity: { kind: 'email', value: `not.${planted.email}` } }),
    await request(
      'POST',
      '/v1/purchases',
      purchaseOf('g-1', null, 5, { guest: { identity: { kind: 'phone', value: planted.email } } }),
    ),
    await request(
      'POST',
      '/v1/adjustments',
      { ...adjustment, points: -500 },
      { 'idempotency-key': planted.password.repeat(30) },
    ),
    await request(
      'POST',
      '/v1/redemptions',
      { id: 'r', member: 'ada', points: 500 },
      { 'idempotency-key': planted.password },
    ),
    await app.as(`tsr_${planted.password}`)('GET', '/v1/program'),
    await app.as(planted.password)('GET', '/v1/programs'),
  ];
  for (const refused of refusals) {
    t.ok(refused.status >= 400 && refused.status < 500, `${refused.status}`);
    for (const marker of markers) t.notMatch(JSON.stringify(refused), marker, `a refusal says ${marker}`);
  }

  // Postgres quotes the whole row when a check fails.
  await asOwner(app.databaseUrl, (client) =>
    client.query('alter table member_profile add constraint never check (false) not valid'),
  );
  const failed = await request('PUT', '/v1/members/zoe', { ...person, identities: [] });
  t.match(failed, { status: 500, body: { code: 'internal_error' } });
  await asOwner(app.databaseUrl, (client) => client.query('drop table entry_note cascade'));
  t.equal((await request('GET', '/v1/members/ada/ledger-entries')).status, 500);
  for (const what of ['select', 'never', 'entry_note', '/work', 'node_modules'])
    t.notMatch(failed.text, what, 'nothing of the inside either');

  const metrics = await app.service.app.inject('/metrics');
  t.match(metrics.body, 'route="/v1/members/:id"');
  const written = lines.join('');
  t.match(written, failed.body.request_id, 'the fault is in the log, under the id of the request');
  for (const secret of [...markers, app.key, OPERATOR_KEY, 'Bearer']) {
    t.notMatch(written, secret, `the log says ${secret}`);
    t.notMatch(metrics.body, secret, `the metrics say ${secret}`);
  }
});

test('secrets of keys are shown once and kept only as hashes', async (t) => {
  const app = await testApp(t);
  const made = await app.request('POST', '/v1/keys', { name: 'Shop', scopes: ['read'] });
  const list = await app.request('GET', '/v1/keys');
  for (const secret of [made.body.key, app.key]) {
    t.notMatch(list.text, secret);
    const found = await asOwner(app.databaseUrl, (client) =>
      client.query(`select from api_key where to_jsonb(api_key)::text like '%' || $1 || '%'`, [secret]),
    );
    t.equal(found.rowCount, 0);
  }
});
