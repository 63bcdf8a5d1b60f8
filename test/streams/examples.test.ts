import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { type Test, test } from 'tap';
import type { Stream } from '../../src/model/stream.ts';
import type { StreamedEvent } from '../../src/model/streamed-event.ts';
import { eventTypesOf } from '../../src/rules/event-patterns.ts';
import { exampleEvent, examplePlace, withoutFields } from '../../src/rules/templates/examples.ts';
import { templateBodies } from '../../src/streams/template-body.ts';
import { type TestApp, testApp } from '../helpers/app.ts';

/*
 * The streams under `examples/streams`: each is what the service takes, and what it sends has the shape that the
 * documentation of the receiver gives.
 */

const folder = fileURLToPath(new URL('../../examples/', import.meta.url));
const names = readdirSync(`${folder}streams`).map((file) => file.replace(/\.json$/, ''));
const documentOf = (name: string) => JSON.parse(readFileSync(`${folder}streams/${name}.json`, 'utf8'));

const text = { type: 'string', minLength: 1 };
const object = (properties: object, required: readonly string[] = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const list = (items: object, maxItems: number) => ({ type: 'array', items, minItems: 1, maxItems });

/** Of a segment, for Commanders Act. https://doc.commandersact.com/features/sources/sources-catalog/server/http-tracking-api
 * (version 2.0): data at the root, `user` with the consents, what is about the event in `context`, milliseconds. */
const ofSegment = object({
  event_name: { type: 'string', pattern: '^[a-z_]+$' },
  segment: text,
  user: object({ id: text, consent_categories: { type: 'array', items: { type: 'integer' } } }),
  context: object({ event_id: text, event_timestamp: { type: 'integer', minimum: 1_000_000_000_000 } }),
});

const shapes: Readonly<Record<string, object>> = {
  // https://help.emarsys.com/hc/en-us/articles/115004496793-Triggering-Multiple-External-Events: `key_id` names the
  // field that identifies contacts, at most 1,000 contacts, each with its `external_id` and data for placeholders.
  'emarsys-expiring': object({
    key_id: text,
    contacts: list(object({ external_id: text, data: { type: 'object' } }), 1_000),
  }),
  // https://developer.salesforce.com/docs/marketing/marketing-cloud/references/mc_rest_interaction/postEvent.html: no
  // period in the EventDefinitionKey.
  'sfmc-journey': object({
    ContactKey: text,
    EventDefinitionKey: { type: 'string', pattern: '^[^.]+$' },
    Data: { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean'] } },
  }),
  // https://developer.salesforce.com/docs/marketing/marketing-cloud/references/mc_rest_data_extensions/postDataExtensionRowsetByKey.html:
  // rows with `keys` and `values`, best 50 at a time.
  'sfmc-rows': list(
    object({ keys: object({ EventId: text }), values: { type: 'object', minProperties: 1, maxProperties: 50 } }),
    50,
  ),
  // https://cdn.actito.be/fe/actito-documentation-client/campaign/en/Creating_or_Updating_a_Single_Profile.html: an
  // array of attributes, each with its name and its value, which may be null.
  'actito-balance': object({ attributes: list(object({ name: text, value: { type: ['string', 'null'] } }), 100) }),
  'commanders-act-bronze': ofSegment,
  'commanders-act-silver': ofSegment,
};

/** What documents leave out is filled in. */
const loaded = async (t: Test, app: TestApp): Promise<Map<string, Stream>> => {
  const streams = new Map<string, Stream>();
  for (const name of names) {
    const { request } = await app.program(name);
    const answer = await request('PUT', '/v1/config', documentOf(name), { 'if-match': '"1"' });
    t.equal(answer.status, 200, `${name}: ${answer.status === 200 ? '' : answer.text}`);
    for (const [code, stream] of Object.entries<Stream>(answer.body.streams ?? {})) streams.set(code, stream);
  }
  return streams;
};

test('each fits the published schema, and has its row in the page', async (t) => {
  const app = await testApp(t);
  const { body: schema } = await app.request('GET', '/v1/config/schema');
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const validate = ajv.compile(schema);
  for (const name of names) t.ok(validate(documentOf(name)), `${name}: ${JSON.stringify(validate.errors)}`);
  const page = readFileSync(`${folder}README.md`, 'utf8');
  const told = [...page.matchAll(/\(streams\/([a-z-]+)\.json\)/g)].map(([, name]) => name);
  t.strictSame(told.toSorted(), names.toSorted());
});

test('each loads into a fresh program, and what it sends has the shape that the receiver documents', async (t) => {
  const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true });
  const streams = await loaded(t, await testApp(t));
  const templated = new Set<string>();
  for (const [code, stream] of streams) {
    const { destination } = stream;
    const render = destination.type === 'webhook' ? templateBodies(destination, examplePlace) : null;
    if (render === null || destination.type !== 'webhook') continue;
    templated.add(code);
    const validate = ajv.compile(shapes[code] ?? false);
    for (const type of eventTypesOf(stream)) {
      const event = exampleEvent(type, stream.fields);
      for (const one of [event, withoutFields(event)]) {
        const many = Array.from({ length: destination.batch.max_events - 1 }, () => one);
        const events: [StreamedEvent, ...StreamedEvent[]] = [one, ...many];
        const { body, contentType } = render(events);
        t.equal(contentType, 'application/json; charset=utf-8');
        t.ok(validate(JSON.parse(body)), `${code} ${type}: ${JSON.stringify(validate.errors)} ${body.slice(0, 500)}`);
      }
    }
  }
  t.strictSame([...templated].toSorted(), Object.keys(shapes).toSorted());
  const sent = (code: string, type: Parameters<typeof exampleEvent>[0]): Record<string, never> => {
    const { destination, fields } = streams.get(code)!;
    if (destination.type !== 'webhook') throw new Error(code);
    return JSON.parse(templateBodies(destination, examplePlace)!([exampleEvent(type, fields)]).body);
  };
  t.match(sent('commanders-act-silver', 'segment.entered'), {
    event_name: 'segment_entered',
    user: { id: 'm-1001', consent_categories: [1, 3] },
    context: { event_timestamp: Date.parse('2026-03-01T09:30:00.000Z') },
  });
  t.match(sent('actito-balance', 'points.earned'), {
    attributes: [
      { name: 'customerId', value: 'm-1001' },
      { name: 'loyaltyPoints', value: '120' },
      { name: 'loyaltyStatus', value: 'silver' },
      { name: 'loyaltyUpdatedAt', value: '01/03/2026 10:30:00' },
    ],
  });
});
