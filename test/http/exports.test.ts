import { test } from 'tap';
import { query } from '../commands/instance.ts';
import { purchaseOf, testApp } from '../helpers/app.ts';
import { numberAll } from '../helpers/told.ts';

/* Files on demand: everything, once, in a form that a warehouse loads. */

const linesOf = (text: string): Record<string, never>[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

test('members, ledger entries and events are downloaded whole, as NDJSON and as CSV', async (t) => {
  const app = await testApp(t);
  const rule = { name: 'Points', trigger: 'purchase', effect: { type: 'per_amount', points: 1, per: 100 } };
  await app.request('PUT', '/v1/earn-rules/per-euro', rule);
  const identities = [{ kind: 'email', value: 'ada@example.com' }];
  await app.request('PUT', '/v1/members/ada', { profile: { given_name: 'Ada "A", Countess' }, identities });
  const members = Array.from({ length: 600 }, (_, index) => `m-${index}`);
  for (const member of members) await app.request('PUT', `/v1/members/${member}`, {});
  await app.request('POST', '/v1/purchases', purchaseOf('o-1', 'ada', 4_200));
  await app.request('POST', '/v1/purchases', purchaseOf('o-2', 'm-7', 100));
  await numberAll(app);

  const people = linesOf((await app.request('GET', '/v1/exports/members')).text);
  t.strictSame(people.map(({ id }) => `${id}`).sort(), ['ada', ...members].sort(), 'each once, over several pages');
  const single = await app.request('GET', '/v1/members/ada');
  t.strictSame(
    people.find(({ id }) => id === 'ada'),
    single.body,
    'as the single operation answers',
  );

  const entries = await app.request('GET', '/v1/exports/ledger-entries?format=csv');
  t.match(entries.headers, {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': /attachment; filename="ledger-entries-[\d-]+\.csv"/,
  });
  const [head, ...rows] = entries.text.trim().split('\r\n');
  t.match(head, 'id,member,sequence,wallet,movement,from,to,points,pending,available');
  t.strictSame(rows.map((row) => row.split(',').slice(1, 10).join()).sort(), [
    'ada,1,points,earn,issued,available,42,0,42',
    'm-7,1,points,earn,issued,available,1,0,1',
  ]);

  const told = linesOf((await app.request('GET', '/v1/exports/events')).text);
  const { body } = await app.request('GET', '/v1/events?limit=1000');
  t.strictSame(told, body.data, 'what the feed tells');
  const csv = (await app.request('GET', '/v1/exports/members?format=csv')).text;
  t.match(csv, '"Ada ""A"", Countess"');

  const later = new Date(app.clock.now + 1).toISOString();
  for (const what of ['members', 'ledger-entries', 'events'])
    t.equal((await app.request('GET', `/v1/exports/${what}?from=${later}`)).text, '', `no ${what} since`);
});

test('who was merged into another, or erased, is not among the members', async (t) => {
  const app = await testApp(t);
  for (const member of ['ada', 'bob', 'eve']) await app.request('PUT', `/v1/members/${member}`, {});
  await app.request('POST', '/v1/members/bob/merge', { into: 'ada' }, { 'idempotency-key': 'k' });
  await app.request('POST', '/v1/members/eve/erase', { actor: 'me' });
  const kept = linesOf((await app.request('GET', '/v1/exports/members')).text);
  t.strictSame(
    kept.map(({ id }) => id),
    ['ada'],
  );
  const [rows] = await query<{ count: number }>(app.databaseUrl, 'select count(*)::integer as count from member_state');
  t.equal(rows!.count, 3);
});
