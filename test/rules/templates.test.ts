import { test } from 'tap';
import type { TemplateKind } from '../../src/rules/templates/engines.ts';
import { parseTemplate, renderJson, TemplateFault } from '../../src/rules/templates/template.ts';

const scope = {
  event: {
    id: 'evt_2s_5',
    timestamp: '2026-03-01T23:30:00.000Z',
    data: { points: 120, wallet: 'points', amount: 1999, nothing: null },
  },
  member: { id: 'm-1001', email: 'a"da<b>&\'@example.com', given_name: 'Ada\n', segments: ['vip', 'local'], shoe: {} },
};

const rendered = (text: string, kind: TemplateKind = 'text', more: object = {}): string =>
  parseTemplate(text, kind).render({ ...scope, ...more });
const small = { steps: 1_000, characters: 10_000, memory: 100_000 };

const faultOf = (text: string, kind: TemplateKind = 'text'): string => {
  try {
    parseTemplate(text, kind).render(scope, small);
    return 'none';
  } catch (error) {
    if (error instanceof TemplateFault) return error.message;
    throw error;
  }
};

test('values, filters, conditions and loops', async (t) => {
  for (const [text, expected] of [
    ['{{ event.data.points }} points', '120 points'],
    ['{{ event.data.nothing }}{{ nobody.knows }}', ''],
    ['{{ member.given_name | strip | upcase }}', 'ADA'],
    ['{{ event.data.amount | divided_by: 100.0 }}', '19.99'],
    ['{% if event.data.points >= 100 %}many{% else %}few{% endif %}', 'many'],
    ['{% for code in member.segments %}{{ code }}{% unless forloop.last %},{% endunless %}{% endfor %}', 'vip,local'],
    ['{% case event.data.wallet %}{% when "points" %}P{% else %}S{% endcase %}', 'P'],
    ['{{ member.segments | join: "+" }} {{ member.segments.size }} {{ member.segments[1] }}', 'vip+local 2 local'],
    ['{{ event.timestamp | date: "%d/%m/%Y %H:%M", "Europe/Paris" }}', '02/03/2026 00:30'],
    ['{{ event.timestamp | date: "%Y-%m-%d" }}', '2026-03-01'],
    ['{{ "now" | date: "%Y" }}', 'now'],
    ['{{ "ada" | sha256 | slice: 0, 8 }}', 'fdee430d'],
    ['{% comment %}x{% endcomment %}{% raw %}{{ y }}{% endraw %}', '{{ y }}'],
    ['{{ member.tel | default: "none" }}', 'none'],
  ] as const)
    t.equal(rendered(text), expected, text);
});

test('values stay values, whatever they hold', async (t) => {
  const evil = '", "admin": true, "x": "';
  const json = (text: string, email: unknown): unknown =>
    JSON.parse(renderJson(parseTemplate(text, 'json'), { member: { email } }));
  for (const email of [evil, '</script>', '\\', '\u2028', '', null, 5, true, ['a'], { a: 1 }])
    t.strictSame(json('{"email": {{ member.email }}, "again": [{{ member.email | json }}]}', email), {
      email,
      again: [email],
    });
  t.strictSame(json('{"email": {{ member.phone }}}', ''), { email: null });
  t.strictSame(json('{"to": {{ "Dear " | append: member.email }}}', evil), { to: `Dear ${evil}` });
  t.throws(() => json('{"email": "{{ member.email }}"}', 'ada'), TemplateFault);
  t.equal(rendered('<p title="{{ member.email }}">', 'html'), '<p title="a&quot;da&lt;b&gt;&amp;&#39;@example.com">');
  t.equal(
    rendered('https://x.example/?m={{ member.email }}', 'url'),
    "https://x.example/?m=a%22da%3Cb%3E%26'%40example.com",
  );
  t.equal(
    rendered('a={{ member.email }}&b={{ event.data.points }}', 'form'),
    "a=a%22da%3Cb%3E%26'%40example.com&b=120",
  );
});

test('nothing is reached but what is given', async (t) => {
  for (const text of [
    '{{ event.constructor }}',
    '{{ event.__proto__ }}',
    '{{ event.toString }}',
    '{{ member.segments.constructor }}',
    '{{ member.email.constructor.name }}',
    '{{ member["__proto__"]["x"] }}',
    '{{ process.env.HOME }}',
    '{{ globalThis }}',
  ])
    t.equal(rendered(text), '', text);
  for (const tag of [
    'include "a"',
    'render "a"',
    'layout "a"',
    'capture x',
    'increment x',
    'cycle "a", "b"',
    'liquid x',
  ])
    t.match(faultOf(`{% ${tag} %}`), /^tag "[a-z]+" not found/, tag);
  for (const filter of ['raw', 'where_exp: "x", "y"', 'strip_html', 'hmac_sha256: "k"', 'sample', 'nope'])
    t.match(faultOf(`{{ member.email | ${filter} }}`), /^undefined filter/, filter);
});

test('what it may take is counted', async (t) => {
  for (const text of [
    '{% for i in (1..1000000000) %}{% endfor %}',
    '{% for i in (1..500) %}{% for j in (1..500) %}{% endfor %}{% endfor %}',
    `{% for i in (1..400) %}${'x'.repeat(100)}{% endfor %}`,
    '{% assign x = "aaaaaaaaaaaaaaaa" %}{% for i in (1..100) %}{% assign x = x | append: x %}{% endfor %}',
    '{{ event.timestamp | date: "%100000000d" }}',
    '{{ member.email | json | replace: "a", "aaaaaaaaaaaaaaaaaaaaa" | replace: "a", "aaaaaaaaaaaaaaaaaaaaaaaaaa" | replace: "a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" | replace: "a", "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb" }}',
    `${'{% if event %}'.repeat(2_000)}${'{% endif %}'.repeat(2_000)}`,
  ])
    t.match(faultOf(text), /limit exceeded|too many steps|too long|call stack/, text.slice(0, 60));
  const loops = 12;
  const nested = `${'{% for a in member.segments %}'.repeat(loops)}${'{% endfor %}'.repeat(loops)}`;
  t.match(faultOf(nested), /^too many steps/, 'over what is there, which takes no memory');
  t.equal(faultOf('{% for i in (1..100) %}{{ i }}{% endfor %}'), 'none');
});

test('what cannot be read is told with its line', async (t) => {
  t.match(faultOf('a\nb {{ c'), /not closed in line 2/);
  t.match(faultOf('{% if %}'), /in line 1/);
  t.match(faultOf('\n\n{{ a | nope }}'), /undefined filter: nope in line 3/);
  t.match(faultOf('{{ event.timestamp | date: "%H", "Nowhere/There" }}'), /time zone/i);
});
