import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { test } from 'tap';
import type { WebhookDestination } from '../../src/model/stream-destination.ts';
import { exampleEvent, examplePlace } from '../../src/rules/templates/examples.ts';
import { webhookBodies } from '../../src/streams/webhook-body.ts';

const destination = (more: Partial<WebhookDestination>): WebhookDestination => ({
  type: 'webhook',
  url: 'https://hooks.shop.example/',
  format: 'standard',
  body: null,
  content_type: 'application/json',
  headers: {},
  secret_headers: [],
  batch: { max_events: 1, max_seconds: 0 },
  ...more,
});
const earned = exampleEvent('points.earned', ['email']);
const changed = exampleEvent('configuration.changed', ['email']);
const written = (more: Partial<WebhookDestination>, ...others: (typeof earned)[]) => {
  const { body, contentType } = webhookBodies(
    destination(more),
    examplePlace,
  )({ id: 'm', events: [earned, ...others] });
  return { body, contentType };
};
const batch = { max_events: 10, max_seconds: 0 };

test('Standard Webhooks: the event itself, or several as one message, also when there is one', async (t) => {
  t.strictSame(JSON.parse(written({}).body), earned);
  t.strictSame(JSON.parse(written({ batch }).body), {
    type: 'events',
    timestamp: earned.timestamp,
    data: { events: [earned] },
  });
  t.strictSame(JSON.parse(written({ batch }, changed).body).data.events, [earned, changed]);
});

/** The attributes of https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md: required, optional, extensions. */
const cloudEvent = {
  type: 'object',
  required: ['specversion', 'id', 'source', 'type'],
  properties: {
    specversion: { const: '1.0' },
    id: { type: 'string', minLength: 1 },
    source: { type: 'string', format: 'uri-reference', minLength: 1 },
    type: { type: 'string', minLength: 1 },
    subject: { type: 'string', minLength: 1 },
    time: { type: 'string', format: 'date-time' },
    datacontenttype: { const: 'application/json' },
    data: { type: 'object' },
  },
  patternProperties: { '^[a-z0-9]{1,20}$': {} },
  additionalProperties: false,
};

test('CloudEvents: in structured mode, or as a batch', async (t) => {
  const ajv = new Ajv2020({ strict: true, allowMatchingProperties: true });
  addFormats.default(ajv);
  const validate = ajv.compile(cloudEvent);
  const single = written({ format: 'cloudevents' });
  t.equal(single.contentType, 'application/cloudevents+json; charset=utf-8');
  t.ok(validate(JSON.parse(single.body)), JSON.stringify(validate.errors));
  t.match(JSON.parse(single.body), {
    source: '/programs/shop',
    subject: 'm-1001',
    number: '5',
    data: { ...earned.data, fields: { email: 'ada@example.com' } },
  });
  const several = written({ format: 'cloudevents', batch }, changed);
  t.equal(several.contentType, 'application/cloudevents-batch+json; charset=utf-8');
  const events = JSON.parse(several.body);
  t.equal(events.length, 2);
  for (const event of events) t.ok(validate(event), JSON.stringify(validate.errors));
  t.notOk('subject' in events[1], 'an event of the program is about nobody');
});

test('a template: JSON on one line, or a form', async (t) => {
  const body = '{\n  "id": {{ event.id }},\n  "to": {{ member.email }}\n}';
  t.strictSame(written({ body }), {
    body: '{"id":"evt_2s_5","to":"ada@example.com"}',
    contentType: 'application/json; charset=utf-8',
  });
  t.strictSame(
    written({ body: 'id={{ event.id }}&to={{ member.email }}\n', content_type: 'application/x-www-form-urlencoded' }),
    {
      body: 'id=evt_2s_5&to=ada%40example.com',
      contentType: 'application/x-www-form-urlencoded',
    },
  );
});
