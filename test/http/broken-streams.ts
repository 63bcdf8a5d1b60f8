import type { Broken } from './broken.ts';

/* Streams that do not hold together, and what is said of each. */

type Json = Record<string, unknown>;
type Faults = Broken[3];

const webhook = { type: 'webhook', url: 'https://hooks.shop.example/loyalty' };
const file = { type: 'file', url: 'https://storage.example/', name: 'a.ndjson', format: 'ndjson' };
const greeting = { subject: 'Welcome', text: 'Welcome' };
const email = {
  type: 'email',
  from: { name: 'The Shop', address: 'club@shop.example' },
  consent: 'newsletter',
  unsubscribe_url: 'https://shop.example/unsubscribe',
  default_locale: 'en',
  templates: { 'tier.upgraded': { en: greeting } },
};

const stream = (what: string, more: Json, ...faults: Faults): Broken => [
  `a stream: ${what}`,
  'PUT /v1/streams/crm',
  { name: 'CRM', destination: webhook, ...more },
  faults,
];
const to = (what: string, destination: Json, ...faults: Faults): Broken => stream(what, { destination }, ...faults);

export const brokenStreams: Broken[] = [
  stream('a word mistyped', { event: ['*'] }, ['/event additionalProperties', /did you mean events\?/]),
  stream('no events', { events: [] }, ['/events minItems', /./]),
  stream('an unknown event', { events: ['points.*', 'tier.upgrade'] }, [
    '/events/1 unknown_event_type',
    /did you mean tier\.upgraded\?/,
  ]),
  stream('an unknown kind of event', { events: ['point.*'] }, [
    '/events/0 unknown_event_type',
    /did you mean points\.\*\?/,
  ]),
  stream('half a pattern', { events: ['points.e*'] }, ['/events/0 pattern', /./]),
  stream(
    'unknown segments',
    { segment: 'vpi', only_in_segment: 'past' },
    ['/segment unknown_segment', /did you mean vip\?/],
    ['/only_in_segment archived_segment', /one of local, vip/],
  ),
  stream('of a segment, without its events', { segment: 'vip', events: ['tier.*'] }, [
    '/events not_applicable',
    /segment\.entered or segment\.left/,
  ]),
  stream('a broken condition', { condition: { field: 'spnd', op: 'gt', value: 1 } }, [
    '/condition/field unknown_field',
    /did you mean spend\?/,
  ]),
  stream('a condition on a purchase', { condition: { field: 'purchase.total', op: 'gt', value: 1 } }, [
    '/condition/field not_readable_here',
    /./,
  ]),
  stream(
    'unknown fields',
    { fields: ['emial', 'attributes.gone', 'attributes.shpo', 'tiers'] },
    ['/fields/0 unknown_field', /did you mean email\?/],
    ['/fields/1 unknown_attribute', /one of attributes\.age/],
    ['/fields/2 unknown_attribute', /did you mean attributes\.shop\?/],
  ),
  stream('a field twice', { fields: ['email', 'email'] }, ['/fields uniqueItems', /./]),
  to(
    'nowhere',
    {},
    ['/destination/type discriminator', /one of webhook, email, file/],
    ['/destination/type required', /required/],
  ),
  to('an unknown kind of destination', { ...webhook, type: 'webhok' }, [
    '/destination/type discriminator',
    /did you mean webhook\?/,
  ]),
  to('in the clear', { ...webhook, url: 'http://hooks.shop.example/' }, ['/destination/url not_https', /^https$/]),
  to('no address', { ...webhook, url: 'hooks' }, ['/destination/url not_a_url', /a URL/]),
  to('itself', { ...webhook, url: 'https://127.0.0.1/' }, ['/destination/url address_not_allowed', /public internet/]),
  to('a name that points inside', { ...webhook, url: 'https://inside.example/' }, [
    '/destination/url address_not_allowed',
    /public internet/,
  ]),
  to('a password in the address', { ...webhook, url: 'https://a:b@hooks.shop.example/' }, [
    '/destination/url credentials',
    /secret headers/,
  ]),
  to('an odd port', { ...file, url: 'https://storage.example:22/' }, ['/destination/url port_not_allowed', /443/]),
  to(
    'headers that others set',
    { ...webhook, headers: { host: 'x', 'webhook-id': 'x' }, secret_headers: ['content-length'] },
    ['/destination/headers/host reserved', /another header/],
    ['/destination/headers/webhook-id reserved', /another header/],
    ['/destination/secret_headers/0 reserved', /another header/],
  ),
  to('a header that is secret and is not', { ...webhook, headers: { 'x-key': 'a' }, secret_headers: ['x-key'] }, [
    '/destination/secret_headers/0 not_unique',
    /./,
  ]),
  to('a header in capitals', { ...webhook, headers: { 'X-Key': 'a' } }, [
    '/destination/headers/X-Key additionalProperties',
    /a name that matches/,
  ]),
  to('a header of two lines', { ...webhook, headers: { 'x-key': 'a\r\nb' } }, [
    '/destination/headers/x-key pattern',
    /./,
  ]),
  to('a template as CloudEvents', { ...webhook, body: '{}', format: 'cloudevents' }, [
    '/destination/format not_applicable',
    /standard/,
  ]),
  to('a form without a template', { ...webhook, content_type: 'application/x-www-form-urlencoded' }, [
    '/destination/content_type not_applicable',
    /application\/json/,
  ]),
  to('a batch of nothing', { ...webhook, batch: { max_events: 0 } }, ['/destination/batch/max_events minimum', /1/]),
  to('CSV without columns', { ...file, format: 'csv' }, ['/destination/columns required', /columns/]),
  to('columns of JSON', { ...file, columns: [{ name: 'id', value: '{{ event.id }}' }] }, [
    '/destination/columns not_applicable',
    /\[\]/,
  ]),
  to(
    'a row and the same column twice',
    { ...file, format: 'csv', row: '{}', columns: [1, 2].map(() => ({ name: 'id', value: '{{ event.id }}' })) },
    ['/destination/row not_applicable', /null/],
    ['/destination/columns/1/name not_unique', /another name/],
  ),
  to('files by the second', { ...file, every: 'PT1S' }, ['/destination/every pattern', /./]),
  to('e-mail without a consent', { ...email, consent: undefined }, ['/destination/consent required', /required/]),
  to('e-mail from nobody', { ...email, from: { name: 'X', address: 'x' } }, ['/destination/from/address pattern', /./]),
  to(
    'e-mail of events that are not the stream’s, and not in its language',
    { ...email, templates: { 'tier.upgrade': { en: greeting }, 'tier.upgraded': { fr: greeting } } },
    ['/destination/templates/tier.upgrade unknown_event_type', /did you mean tier\.upgraded\?/],
    ['/destination/templates/tier.upgraded/en required', /a template/],
  ),
  to('a template that cannot be read', { ...webhook, body: '{"id": {{ event.id }' }, [
    '/destination/body invalid_template',
    /docs\/streams\.md/,
  ]),
  to('a filter that is none', { ...webhook, body: '{"id": {{ event.id | upper }}}' }, [
    '/destination/body invalid_template',
    /./,
  ]),
  to('a file to include', { ...webhook, body: '{% include "/etc/passwd" %}' }, [
    '/destination/body invalid_template',
    /./,
  ]),
  to('quotes around a value', { ...webhook, body: '{"id": "{{ event.id }}"}' }, [
    '/destination/body template_failed',
    /with their quotes/,
  ]),
  to('a value within a text', { ...webhook, body: '["a{{ event.data.points }}b"]' }, [
    '/destination/body template_failed',
    /with their quotes/,
  ]),
  to('JSON with a comma too many', { ...webhook, body: '{"id": {{ event.id }},}' }, [
    '/destination/body template_failed',
    /JSON/,
  ]),
  to('work without end', { ...webhook, body: '[{% for i in (1..100000) %}0,{% endfor %}0]' }, [
    '/destination/body template_failed',
    /./,
  ]),
  to(
    'what is not there to be read',
    { ...webhook, body: '[{{ event.data.pionts }}, {{ member.email }}]' },
    ['/destination/body unknown_variable', /did you mean event\.data\.points\?/],
    ['/destination/body not_asked_for', /email among the fields/],
  ),
  stream('data of other events', { destination: { ...webhook, body: '[{{ event.data.to }}]' }, events: ['points.*'] }, [
    '/destination/body unknown_variable',
    /./,
  ]),
  to('one event in a batch', { ...webhook, body: '{{ event.id }}', batch: { max_events: 2 } }, [
    '/destination/body unknown_variable',
    /did you mean events\?/,
  ]),
  to('a file elsewhere', { ...file, name: '../{{ file.date }}.ndjson' }, [
    '/destination/name template_failed',
    /can be filled in/,
  ]),
  to('a row that is no JSON', { ...file, row: '{{ event.id }},{{ event.type }}' }, [
    '/destination/row template_failed',
    /JSON/,
  ]),
  to('a column of something else', { ...file, format: 'csv', columns: [{ name: 'x', value: '{{ file.date }}' }] }, [
    '/destination/columns/0/value unknown_variable',
    /./,
  ]),
  to('no way to unsubscribe', { ...email, unsubscribe_url: 'http://shop.example/{{ member.id }}' }, [
    '/destination/unsubscribe_url not_https',
    /https:\/\//,
  ]),
  to('a host to be filled in', { ...email, unsubscribe_url: 'https://{{ member.id }}.example/' }, [
    '/destination/unsubscribe_url not_https',
    /./,
  ]),
  to(
    'e-mail that says what it does not know',
    { ...email, templates: { 'tier.upgraded': { en: { ...greeting, html: '<p>{{ member.given_name }}</p>' } } } },
    ['/destination/templates/tier.upgraded/en/html not_asked_for', /given_name among the fields/],
  ),
];

/** Streams in a document, and what an edit of something else would break of them. */
export const brokenByOthers = {
  document: (url: string): Json => ({ streams: { crm: { name: 'CRM', destination: { ...webhook, url } } } }),
  stream: { name: 'CRM', destination: webhook, only_in_segment: 'local', fields: ['attributes.age'] },
};
