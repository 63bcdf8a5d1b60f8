import { gunzipSync } from 'node:zlib';
import { type Test, test } from 'tap';
import type { FileDestination } from '../../src/model/stream-destination.ts';
import type { StreamedEvent } from '../../src/model/streamed-event.ts';
import { exampleEvent, examplePlace } from '../../src/rules/templates/examples.ts';
import { createAddressGuard } from '../../src/streams/address-guard.ts';
import { fileTransport } from '../../src/streams/file.ts';
import { createSender } from '../../src/streams/send.ts';
import { startStore } from '../helpers/object-store.ts';

const earned = (position: number): StreamedEvent => ({
  ...exampleEvent('points.earned', []),
  id: `evt_2s_${position}`,
  position,
});
const events = [earned(10), earned(11), earned(14)] as const;

const file = (url: string, more: Partial<FileDestination>): FileDestination => ({
  type: 'file',
  url,
  name: '{{ file.date }}/{{ file.time }}-{{ file.first }}-{{ file.last }}.{{ file.count }}',
  format: 'ndjson',
  row: null,
  columns: [],
  every: 'PT15M',
  gzip: false,
  headers: {},
  secret_headers: [],
  ...more,
});

const transportTo = (t: Test, destination: FileDestination) => {
  const sender = createSender(createAddressGuard('127.0.0.1'));
  t.teardown(() => sender.close());
  const secretHeaders = { authorization: 'Bearer hush', 'x-other': 'not of this stream' };
  return fileTransport(destination, { sender, place: examplePlace, secretHeaders });
};

test('lines of JSON are put under the name that the template gives, which stays when they are sent again', async (t) => {
  const { puts, url } = await startStore(t);
  const destination = file(url, { headers: { 'x-ms-blob-type': 'BlockBlob' }, secret_headers: ['authorization'] });
  const transport = transportTo(t, destination);
  for (let time = 0; time < 2; time++) t.match(await transport.send({ id: 'm', events }), { error: null, status: 200 });
  const [put, again] = puts;
  t.match(put, {
    method: 'PUT',
    url: '/bucket/loyalty/2026-03-01/093000-10-14.3?sig=a%2Fb',
    headers: {
      'content-type': 'application/x-ndjson; charset=utf-8',
      'content-length': String(put?.content.length),
      'x-ms-blob-type': 'BlockBlob',
      authorization: 'Bearer hush',
    },
  });
  t.notOk(Object.hasOwn(put?.headers ?? {}, 'x-other'));
  const lines = put?.content.toString().split('\n') ?? [];
  t.equal(lines.pop(), '');
  t.strictSame(
    lines.map((line) => JSON.parse(line)),
    events,
  );
  t.equal(again?.url, put?.url);
  t.strictSame(again?.content, put?.content);
});

test('a row is what its template makes of the event, on one line', async (t) => {
  const { puts, url } = await startStore(t);
  const row = '{\n  "id": {{ event.id }},\n  "text": {{ "a\nb" }}\n}';
  await transportTo(t, file(url, { row })).send({ id: 'm', events: [events[0], events[1]] });
  t.equal(puts[0]?.content.toString(), '{"id":"evt_2s_10","text":"a\\nb"}\n{"id":"evt_2s_11","text":"a\\nb"}\n');
});

test('CSV has its names at the top, and quotes what needs it; compressed if asked', async (t) => {
  const { puts, url } = await startStore(t);
  const columns = [
    { name: 'id', value: '{{ event.id }}' },
    { name: 'said, "so"', value: '{{ event.data.points }}{{ event.data.wallet | append: \', "x"\' }}' },
    { name: 'none', value: '{{ event.data.rule }}' },
  ];
  await transportTo(t, file(url, { format: 'csv', columns, gzip: true })).send({ id: 'm', events: [events[0]] });
  t.match(puts[0]?.headers, { 'content-encoding': 'gzip', 'content-type': /^text\/csv/ });
  t.equal(gunzipSync(puts[0]?.content ?? '').toString(), 'id,"said, ""so""",none\r\nevt_2s_10,"120points, ""x""",\r\n');
});

test('a store that refuses, or is not there, fails for all files; its time is kept', async (t) => {
  const { url } = await startStore(t, 403);
  const transport = transportTo(t, file(url, {}));
  t.match(transport, { maxEvents: 1_000, maxWaitMs: 900_000, concurrency: 1 });
  t.match(await transport.send({ id: 'm', events }), { error: 'refused', status: 403, wide: true, final: false });
  const inside = transportTo(t, file('https://10.0.0.1/', {}));
  t.match(await inside.send({ id: 'm', events }), { error: 'address_refused', wide: true });
  t.equal(transportTo(t, file(url, { every: 'P1D' })).maxWaitMs, 86_400_000);
  t.equal(transportTo(t, file(url, { every: 'PT6H' })).maxWaitMs, 21_600_000);
});

test('a name that would lead elsewhere is not written', async (t) => {
  const { puts, url } = await startStore(t);
  const { send } = transportTo(t, file(url, { name: '{{ file.date }}/../{{ file.first }}' }));
  t.match(await send({ id: 'm', events }), { error: 'template_failed', final: true });
  await transportTo(t, file(url, { name: 'a b/é?#{{ file.first }}' })).send({ id: 'm', events });
  t.equal(puts[0]?.url, '/bucket/loyalty/a%20b/%C3%A9%3F%2310?sig=a%2Fb');
  t.equal(puts.length, 1);
});
