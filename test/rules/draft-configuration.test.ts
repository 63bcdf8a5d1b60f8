import fc from 'fast-check';
import { test } from 'tap';
import type { Attribute } from '../../src/model/attribute.ts';
import { type Configuration, noResources, type Resource } from '../../src/model/configuration.ts';
import { defaultPolicies } from '../../src/model/policies.ts';
import type { Segment } from '../../src/model/segment.ts';
import { defaultWallet } from '../../src/model/wallet.ts';
import { configurationChanges } from '../../src/rules/configuration-changes.ts';
import { differences } from '../../src/rules/differences.ts';
import { documentOf, draftConfiguration } from '../../src/rules/draft-configuration.ts';

const resource = <B>(body: B, revision = 1, archived = false): Resource<B> => ({ revision, archived, body });
const attribute = (name: string): Attribute => ({ name, type: 'string', values: null, personal: false });
const sound: Configuration = {
  ...noResources,
  policies: defaultPolicies,
  wallets: { points: resource(defaultWallet) },
  attributes: { shop: resource(attribute('Shop')), old: resource(attribute('Old'), 1, true) },
};

test('differences are told by pointer', async (t) => {
  const cases: [before: unknown, after: unknown, expected: object[]][] = [
    [1, 1, []],
    [{ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, []],
    [{ a: 1 }, { a: 2 }, [{ pointer: '/a', before: 1, after: 2 }]],
    [
      { a: 1 },
      { b: 1 },
      [
        { pointer: '/a', before: 1 },
        { pointer: '/b', after: 1 },
      ],
    ],
    [{ a: null }, {}, [{ pointer: '/a', before: null }]],
    [{ 'a/b~': 1 }, { 'a/b~': 2 }, [{ pointer: '/a~1b~0', before: 1, after: 2 }]],
    [[1, [2]], [1, [3]], [{ pointer: '/1/0', before: 2, after: 3 }]],
    [{ a: [1, 2] }, { a: [2] }, [{ pointer: '/a', before: [1, 2], after: [2] }]],
    [{ a: [] }, { a: {} }, [{ pointer: '/a', before: [], after: {} }]],
    [{ a: null }, { a: {} }, [{ pointer: '/a', before: null, after: {} }]],
    [{}, JSON.parse('{"constructor":1}'), [{ pointer: '/constructor', after: 1 }]],
  ];
  for (const [before, after, expected] of cases) t.strictSame(differences('', before, after), expected);
});

test('a document that leaves everything as it is gives the very same configuration', async (t) => {
  for (const document of [{}, { attributes: { shop: attribute('Shop') } }, documentOf(sound)]) {
    const draft = draftConfiguration(sound, document, 2);
    t.equal(draft.configuration, sound);
    t.strictSame(draft.faults, []);
  }
});

test('what changes gets the new revision, what does not keeps its own', async (t) => {
  const document = { attributes: { old: attribute('Old'), other: attribute('Other') } };
  const { configuration } = draftConfiguration(sound, document, 7);
  t.strictSame(configuration.attributes, {
    shop: resource(attribute('Shop'), 7, true),
    old: resource(attribute('Old'), 7),
    other: resource(attribute('Other'), 7),
  });
  t.equal(configuration.wallets, sound.wallets);
  t.match(configurationChanges(sound, configuration), [
    { code: 'old', action: 'revived' },
    { code: 'other', action: 'created' },
    { code: 'shop', action: 'archived' },
  ]);
});

test('a body at fault by itself is left as it was, and the rest is still looked at', async (t) => {
  const segment = { name: 'VIP', condition: { text: 'spend >' }, exit: null } as unknown as Segment;
  const document = { segments: { vip: segment }, wallets: {}, attributes: { shop: attribute('Other') } };
  const { configuration, faults } = draftConfiguration(sound, document, 2);
  t.match(faults, [{ pointer: '/segments/vip/condition/text' }, { pointer: '/wallets', code: 'required' }]);
  t.strictSame(configuration.segments, {});
  t.equal(configuration.attributes['shop']?.body.name, 'Other');
});

test('a document is in order, whatever order the database keeps', async (t) => {
  const shuffled = { values: null, type: 'string', personal: false, name: 'Shop' } as const;
  const { attributes } = documentOf({ ...sound, attributes: { b: resource(shuffled), a: resource(shuffled) } });
  t.strictSame(Object.keys(attributes), ['a', 'b']);
  t.strictSame(Object.keys(attributes['a'] ?? {}), ['name', 'type', 'values', 'personal']);
});

const code = fc.constantFrom('a', 'b', 'c', 'd');
const attributes = fc.dictionary(
  code,
  fc
    .tuple(fc.constantFrom('X', 'Y'), fc.boolean(), fc.boolean(), fc.integer({ min: 1, max: 5 }))
    .map(([name, personal, archived, revision]) => resource({ ...attribute(name), personal }, revision, archived)),
);
const configuration = fc.tuple(attributes, fc.boolean()).map(
  ([found, count_tax]): Configuration => ({
    ...sound,
    policies: { ...defaultPolicies, count_tax },
    attributes: found,
  }),
);

test('given any two configurations, the document of one makes the other say the same', async (t) => {
  fc.assert(
    fc.property(configuration, configuration, (before, wanted) => {
      const document = documentOf(wanted);
      const { configuration: after } = draftConfiguration(before, document, 9);
      const changes = configurationChanges(before, after);
      const inRevision = Object.values(after.attributes).filter(({ revision }) => revision === 9).length;
      const ofAttributes = changes.filter(({ kind }) => kind === 'attributes').length;
      return (
        differences('', documentOf(after), document).length === 0 &&
        Object.keys(before.attributes).every((one) => Object.hasOwn(after.attributes, one)) &&
        ofAttributes === inRevision &&
        (changes.length === 0) === (after === before) &&
        draftConfiguration(after, document, 10).configuration === after
      );
    }),
  );
  t.pass();
});
