import { test } from 'tap';
import type { Attribute, AttributeValue } from '../../src/model/attribute.ts';
import type { Identity, PutMember } from '../../src/model/member.ts';
import { given, nobody, put } from '../helpers/given.ts';
import { program } from '../helpers/programs.ts';

const noon = '2026-03-10T11:00:00Z';
const later = '2026-03-11T11:00:00Z';
const attribute = (type: Attribute['type'], values: string[] | null = null): Attribute => ({
  name: 'Attribute',
  type,
  values,
  personal: false,
});
const rules = program({
  attributes: {
    shop: attribute('string', ['lyon', 'paris']),
    motto: attribute('string'),
    children: attribute('integer'),
    vip: attribute('boolean'),
    seen: attribute('instant'),
    wedding: attribute('date'),
    likes: attribute('set', ['tea', 'coffee']),
  },
});

const whole: PutMember = {
  profile: { given_name: 'Ada', language: 'fr' },
  identities: [
    { kind: 'card', value: '2099' },
    { kind: 'email', value: 'Ada@Example.org' },
  ],
  attributes: { shop: 'lyon', children: 2 },
  consents: { newsletter: { granted: true, source: 'web' } },
  acquisition: { source: 'spring' },
};
const stored = {
  profile: { given_name: 'Ada', language: 'fr' },
  identities: [
    { kind: 'card', value: '2099' },
    { kind: 'email', value: 'ada@example.org' },
  ],
  attributes: { shop: 'lyon', children: 2 },
  consents: { newsletter: { granted: true, source: 'web', changed_at: '2026-03-10T11:00:00.000Z' } },
  acquisition: { source: 'spring' },
  tags: [],
  source_updated_at: null,
};
const empty = {
  profile: {},
  identities: [],
  attributes: {},
  consents: {},
  acquisition: null,
  tags: [],
  source_updated_at: null,
};
const patch = (body: PutMember) => put(body, { replace: false });

test('a put enrols whoever is not there yet', async (t) => {
  const { outcome, then } = nobody(t, rules).when(noon, put(whole, { member_id: null }));
  then({
    refused: null,
    status: 'active',
    profile: stored as never,
    events: ['member.enrolled'],
    balances: {},
    tiers: {},
  });
  t.match(outcome.state, { enrolled_at: Date.parse(noon), recorded_at: Date.parse(noon), commands: 1, entries: 0 });
  t.strictSame(outcome.identities, { added: stored.identities, removed: [] });
});

test('what a put leaves out is cleared; what a patch leaves out stays, and null clears', async (t) => {
  const ada = given(t, rules).and(noon, put(whole));
  const cases: [string, Parameters<typeof ada.when>[1], object][] = [
    ['the same again', put(whole), stored],
    ['an empty put', put({}), empty],
    ['a put of one thing', put({ profile: { country: 'FR' } }), { ...empty, profile: { country: 'FR' } }],
    ['an empty patch', patch({}), stored],
    [
      'a patch of some',
      patch({ profile: { given_name: null, country: 'FR' }, attributes: { children: null, vip: false } }),
      { ...stored, profile: { language: 'fr', country: 'FR' }, attributes: { shop: 'lyon', vip: false } },
    ],
    ['null in a put', put({ profile: { given_name: null }, acquisition: null }), empty],
    ['null in a patch', patch({ acquisition: null }), { ...stored, acquisition: null }],
    ['identities in a patch', patch({ identities: [] }), { ...stored, identities: [] }],
  ];
  for (const [name, command, profile] of cases) {
    const { outcome } = ada.when(later, command);
    t.strictSame([outcome.profile, outcome.events], [profile, profile === stored ? [] : ['member.updated']], name);
  }
});

test('a consent remembers when it last changed', async (t) => {
  const ada = given(t, rules).and(noon, put(whole));
  const newsletter = (granted: boolean, source?: string) =>
    ada.when(later, patch({ consents: { newsletter: { granted, ...(source === undefined ? {} : { source }) } } }))
      .outcome.profile?.consents['newsletter'];
  t.equal(newsletter(true, 'web')?.changed_at, '2026-03-10T11:00:00.000Z', 'the same again');
  t.strictSame(newsletter(false, 'web'), { granted: false, source: 'web', changed_at: '2026-03-11T11:00:00.000Z' });
  t.strictSame(newsletter(true), { granted: true, changed_at: '2026-03-11T11:00:00.000Z' }, 'another source');
  const more = ada.when(later, patch({ consents: { sms: { granted: true } } })).outcome.profile?.consents;
  t.strictSame(Object.keys(more ?? {}), ['newsletter', 'sms'], 'others stay');
});

test('identities are compared in one form, listed once, and told as added and removed', async (t) => {
  const ada = given(t, rules).and(noon, put(whole));
  const email = (value: string): Identity => ({ kind: 'email', value });
  const change = (...identities: Identity[]) => ada.when(later, patch({ identities })).outcome.identities;
  t.strictSame(change(...whole.identities!), { added: [], removed: [] });
  t.strictSame(change(email('ADA@example.ORG'), email('ada@example.org'), { kind: 'card', value: '2099' }), {
    added: [],
    removed: [],
  });
  t.strictSame(change(email('ada@example.com')), {
    added: [email('ada@example.com')],
    removed: [{ kind: 'card', value: '2099' }, email('ada@example.org')],
  });
  t.strictSame(
    change({ kind: 'card', value: 'a' }, { kind: 'card', value: 'A' }, email('ada@example.org')),
    {
      added: [
        { kind: 'card', value: 'a' },
        { kind: 'card', value: 'A' },
      ],
      removed: [{ kind: 'card', value: '2099' }],
    },
    'cards are told apart by case',
  );
});

test('identities that belong to another member are refused, whatever their case', async (t) => {
  given(t, rules)
    .when(noon, put(whole), ['email:ada@example.org'])
    .then({ refused: 'identity_taken', faults: ['/identities/1 identity_taken'], profile: empty as never });
  given(t, rules).when(noon, put(whole), ['card:ada@example.org', 'crm:2099']).then({ refused: null });
  nobody(t, rules)
    .when(noon, put(whole, { member_id: null }), ['card:2099', 'email:ada@example.org'])
    .then({ refused: 'identity_taken', faults: ['/identities/0 identity_taken', '/identities/1 identity_taken'] });
});

test('an identity has the form of its kind', async (t) => {
  const cases: [Identity['kind'], string, boolean][] = [
    ['card', '2099-0001', true],
    ['card', '2099 0001', false],
    ['card', 'x'.repeat(129), false],
    ['crm', 'a@b', true],
    ['crm', 'a/b', false],
    ['email', 'ada@example.org', true],
    ['email', 'ada', false],
    ['email', 'a da@example.org', false],
    ['phone', '+33612345678', true],
    ['phone', '0612345678', false],
    ['phone', '+0612345678', false],
  ];
  for (const [kind, value, good] of cases) {
    const { outcome } = given(t, rules).when(
      noon,
      put({
        identities: [
          { kind: 'card', value: 'ok' },
          { kind, value },
        ],
      }),
    );
    t.strictSame(
      [outcome.refused, outcome.faults],
      good ? [null, []] : ['invalid_identity', ['/identities/1/value invalid_identity']],
      `${kind} ${value}`,
    );
  }
});

test('an attribute is declared, and its value fits the declaration', async (t) => {
  const cases: [string, AttributeValue | null, boolean][] = [
    ['shop', 'lyon', true],
    ['shop', 'nice', false],
    ['motto', 'anything', true],
    ['motto', 1, false],
    ['children', 0, true],
    ['children', '2', false],
    ['vip', false, true],
    ['vip', 0, false],
    ['seen', '2026-03-10T11:00:00Z', true],
    ['seen', '2026-03-10', false],
    ['seen', '2026-13-10T11:00:00Z', false],
    ['wedding', '2026-02-28', true],
    ['wedding', '2026-03-10T11:00:00Z', false],
    ['likes', ['tea'], true],
    ['likes', [], true],
    ['likes', ['tea', 'beer'], false],
    ['likes', 'tea', false],
    ['shop', null, true],
  ];
  for (const [code, value, good] of cases) {
    const { outcome } = given(t, rules).when(noon, put({ attributes: { [code]: value } }));
    t.strictSame(
      [outcome.refused, outcome.faults],
      good ? [null, []] : ['invalid_attribute', [`/attributes/${code} invalid_attribute`]],
      `${code} ${value}`,
    );
  }
  given(t, rules)
    .when(noon, put({ attributes: { hat: null, children: 'two' } }))
    .then({
      refused: 'unknown_attribute',
      faults: ['/attributes/hat unknown_attribute', '/attributes/children invalid_attribute'],
    });
});

test('a day that does not exist is no date and no instant', async (t) => {
  for (const attributes of [{ wedding: '2026-02-31' }, { seen: '2026-02-31T11:00:00Z' }, { wedding: '2026-00-10' }]) {
    given(t, rules).when(noon, put({ attributes })).then({ refused: 'invalid_attribute' });
  }
  for (const attributes of [{ wedding: '2028-02-29' }, { seen: '2026-02-28T23:59:59.999Z' }]) {
    given(t, rules).when(noon, put({ attributes })).then({ refused: null });
  }
});
