import { test } from 'tap';
import { testApp } from '../helpers/app.ts';

const webhook = {
  type: 'webhook',
  url: 'https://hooks.shop.example/loyalty',
  body: '{"who": {{ member.email }}, "to": {{ event.data.to }}, "club": {{ program.name }}}',
};

test('what a stream would send is seen beforehand, for one that is saved and for one that is not', async (t) => {
  const { request } = await testApp(t);
  const stream = { name: 'CRM', destination: webhook, events: ['tier.*'], fields: ['email'] };
  t.match(await request('POST', '/v1/streams/crm/preview', {}), { status: 404 });
  t.match(await request('POST', '/v1/streams/crm/preview', { stream }), { status: 200 });
  await request('PUT', '/v1/streams/crm', stream);
  const { body } = await request('POST', '/v1/streams/crm/preview', { type: 'tier.upgraded' });
  t.match(body, { type: 'tier.upgraded', method: 'POST', url: webhook.url, subject: null });
  t.strictSame(JSON.parse(body.body), { who: 'ada@example.com', to: 'silver', club: 'shop' });

  const file = { type: 'file', url: 'https://s.example/x/?k=1', name: '{{ file.date }}/{{ file.id }}', gzip: true };
  const columns = [{ name: 'type', value: '{{ event.type }}' }];
  const csv = { ...stream, destination: { ...file, format: 'csv', columns } };
  t.match((await request('POST', '/v1/streams/new/preview', { stream: csv })).body, {
    method: 'PUT',
    url: 'https://s.example/x/2026-03-01/evt_2s_5?k=1',
    body: /^type\r\ntier\.\w+\r\n$/,
  });

  const greeting = { subject: 'Welcome to {{ event.data.to }}', text: 'Hello', html: '<p>{{ unsubscribe_url }}</p>' };
  const destination = {
    type: 'email',
    from: { name: 'The Shop', address: 'club@shop.example' },
    consent: 'newsletter',
    unsubscribe_url: 'https://shop.example/u?m={{ member.id }}',
    default_locale: 'en',
    templates: { 'tier.upgraded': { en: greeting } },
  };
  const email = { ...stream, destination };
  t.match((await request('POST', '/v1/streams/new/preview', { stream: email, type: 'tier.upgraded' })).body, {
    method: null,
    subject: 'Welcome to silver',
    body: 'Hello',
    html: '<p>https://shop.example/u?m=m-1001</p>',
  });
  t.match((await request('POST', '/v1/streams/new/preview', { stream: email, type: 'tier.set' })).body, { body: null });
});

test('what cannot be tried says why', async (t) => {
  const { request } = await testApp(t);
  const stream = { name: 'CRM', destination: { ...webhook, body: '{{ event.id }' }, events: ['tier.*'], segment: null };
  const faults = async (body: object): Promise<string[]> => {
    const refused = await request('POST', '/v1/streams/crm/preview', body);
    t.equal(refused.status, 422);
    return refused.body.errors.map(({ pointer, code }: Record<string, string>) => `${pointer} ${code}`);
  };
  t.strictSame(await faults({ stream }), ['/stream/destination/body invalid_template']);
  const plain = { ...stream, destination: { ...webhook, body: null } };
  t.strictSame(await faults({ stream: plain, type: 'points.earned' }), ['/type unknown_event_type']);
  t.strictSame(await faults({ stream: { ...plain, only_in_segment: 'vip', fields: ['emial'] } }), [
    '/stream/only_in_segment unknown_segment',
    '/stream/fields/0 unknown_field',
  ]);
});
