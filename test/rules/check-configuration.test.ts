import { test } from 'tap';
import type { Attribute } from '../../src/model/attribute.ts';
import type { Comparison } from '../../src/model/condition.ts';
import { type Configuration, noResources, type Resource } from '../../src/model/configuration.ts';
import type { EarnRule } from '../../src/model/earn-rule.ts';
import { limits } from '../../src/model/limits.ts';
import { defaultPolicies } from '../../src/model/policies.ts';
import type { Tier } from '../../src/model/tier.ts';
import { defaultWallet, type Wallet } from '../../src/model/wallet.ts';
import { CONFIGURATION_CHARACTERS, checkConfiguration } from '../../src/rules/check-configuration.ts';
import { closest } from '../../src/rules/suggest.ts';
import { perAmount, tierOn } from '../helpers/programs.ts';

const current = <B>(body: B): Resource<B> => ({ revision: 1, archived: false, body });
const archived = <B>(body: B): Resource<B> => ({ revision: 2, archived: true, body });
const many = <B>(count: number, body: (index: number) => B): Record<string, B> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`code-${index}`, body(index)]));

const wallet = (changes: Partial<Wallet> = {}): Resource<Wallet> => current({ ...defaultWallet, ...changes });
const expiring = (pending: string, after: string): Resource<Wallet> =>
  wallet({ pending, expiry: { after, round_up_to: null } });
const everyEuro = perAmount(1, 100);
const rule = (changes: Partial<EarnRule>): Resource<EarnRule> => current({ ...everyEuro, ...changes });
const tier = (rank: number, entry: Partial<Comparison>, scheme = 'status'): Resource<Tier> =>
  current(tierOn(rank, { field: 'spend', op: 'gte', value: rank * 100, ...entry }, { scheme }));
const attribute = (changes: Partial<Attribute>): Resource<Attribute> =>
  current({ name: 'Shop', type: 'string', values: null, personal: false, ...changes });

const sound: Configuration = {
  ...noResources,
  policies: defaultPolicies,
  wallets: { points: wallet(), status: wallet({ redeemable: false }) },
  earn_rules: { base: rule({}) },
  tiers: { silver: tier(1, { value: 100 }), gold: tier(2, { value: 500 }) },
  attributes: { shop: attribute({ values: ['lyon', 'paris'] }) },
};

type Parts = Partial<Configuration>;
const codesOf = (parts: Parts): string[] =>
  checkConfiguration({ ...sound, ...parts }).map(({ pointer, code }) => `${pointer} ${code}`);

const earn_rules = (changes: Partial<EarnRule>): Parts => ({ earn_rules: { base: rule(changes) } });
const tiers = (found: Record<string, Resource<Tier>>): Parts => ({ tiers: found });
const points = (found: Resource<Wallet>): Parts => ({ wallets: { points: found } });
const shop = (changes: Partial<Attribute>): Parts => ({ attributes: { shop: attribute(changes) } });
const day = (number: number): string => `2026-03-0${number}T00:00:00Z`;

const broken: [what: string, parts: Parts, faults: string[]][] = [
  ['no wallet at all', { wallets: {}, earn_rules: {}, tiers: {} }, ['/wallets required']],
  ['every wallet archived', { ...points(archived(defaultWallet)), earn_rules: {} }, ['/wallets required']],
  [
    'a rule for a wallet that is not there',
    earn_rules({ wallet: 'stars' }),
    ['/earn_rules/base/wallet unknown_wallet'],
  ],
  [
    'a rule for an archived wallet',
    { wallets: { status: wallet(), points: archived(defaultWallet) } },
    ['/earn_rules/base/wallet archived_wallet'],
  ],
  [
    'a rule for what every object inherits',
    earn_rules({ wallet: 'constructor' }),
    ['/earn_rules/base/wallet unknown_wallet'],
  ],
  [
    'a rule that ends before it begins',
    earn_rules({ from: day(2), until: day(1) }),
    ['/earn_rules/base/until not_after'],
  ],
  ['a rule that ends as it begins', earn_rules({ from: day(1), until: day(1) }), ['/earn_rules/base/until not_after']],
  [
    'a rule that ends as it begins, written in another zone',
    earn_rules({ from: day(1), until: '2026-03-01T02:00:00+02:00' }),
    ['/earn_rules/base/until not_after'],
  ],
  [
    'a tier that counts points of a wallet that is not there',
    tiers({ silver: tier(1, { field: 'earned_points', wallet: 'stars' }) }),
    ['/tiers/silver/entry/wallet unknown_wallet'],
  ],
  [
    'a tier that counts points, with no wallet said and none called points',
    {
      wallets: { status: wallet() },
      earn_rules: {},
      ...tiers({ silver: tier(1, { field: 'earned_points' }) }),
    },
    ['/tiers/silver/entry/wallet required'],
  ],
  [
    'a tier that counts points of an archived wallet',
    {
      wallets: { points: wallet(), status: archived(defaultWallet) },
      ...tiers({ silver: tier(1, { field: 'earned_points', wallet: 'status' }) }),
    },
    ['/tiers/silver/entry/wallet unknown_wallet'],
  ],
  [
    'a wallet with spend',
    tiers({ silver: tier(1, { field: 'spend', wallet: 'points' }) }),
    ['/tiers/silver/entry/wallet not_applicable'],
  ],
  [
    'a wallet with purchases',
    tiers({ silver: tier(1, { field: 'purchases', wallet: 'stars' }) }),
    ['/tiers/silver/entry/wallet not_applicable'],
  ],
  [
    'two tiers of one rank',
    tiers({ silver: tier(1, { field: 'spend' }), gold: tier(1, { field: 'purchases' }) }),
    ['/tiers/gold/rank not_unique', '/tiers/silver/rank not_unique'],
  ],
  [
    'a higher tier that asks for less',
    tiers({ silver: tier(1, { value: 500 }), gold: tier(2, { value: 100 }) }),
    ['/tiers/silver/entry/value contradiction', '/tiers/gold/entry/value contradiction'],
  ],
  [
    'a higher tier that asks for the same',
    tiers({ silver: tier(1, { value: 500 }), gold: tier(2, { value: 500 }) }),
    ['/tiers/silver/entry/value contradiction', '/tiers/gold/entry/value contradiction'],
  ],
  [
    'a higher tier that asks for less, past one that counts something else',
    tiers({ a: tier(1, { value: 9 }), b: tier(2, { field: 'purchases', value: 1 }), c: tier(3, { value: 8 }) }),
    ['/tiers/a/entry/value contradiction', '/tiers/c/entry/value contradiction'],
  ],
  [
    'a higher tier that asks for fewer points of the same wallet, said and not said',
    tiers({
      silver: tier(1, { field: 'earned_points', value: 9 }),
      gold: tier(2, { field: 'earned_points', wallet: 'points', value: 8 }),
    }),
    ['/tiers/silver/entry/value contradiction', '/tiers/gold/entry/value contradiction'],
  ],
  [
    'a list of values for a whole number',
    shop({ type: 'integer', values: ['1'] }),
    ['/attributes/shop/values not_applicable'],
  ],
  [
    'a list of values for a flag',
    shop({ type: 'boolean', values: ['true'] }),
    ['/attributes/shop/values not_applicable'],
  ],
  ['a list of values for a date', shop({ type: 'date', values: ['x'] }), ['/attributes/shop/values not_applicable']],
  [
    'points pending longer than they live',
    points(expiring('P60D', 'P30D')),
    ['/wallets/points/pending not_before_expiry'],
  ],
  [
    'points pending as long as they live',
    points(expiring('P30D', 'P30D')),
    ['/wallets/points/pending not_before_expiry'],
  ],
  [
    'points pending for what February has',
    points(expiring('P28D', 'P1M')),
    ['/wallets/points/pending not_before_expiry'],
  ],
  [
    'points pending for four weeks of a month',
    points(expiring('P4W', 'P1M')),
    ['/wallets/points/pending not_before_expiry'],
  ],
  [
    'points pending for a month of 31 days',
    points(expiring('P1M', 'P31D')),
    ['/wallets/points/pending not_before_expiry'],
  ],
  [
    'points pending for twelve months of a year',
    points(expiring('P12M', 'P1Y')),
    ['/wallets/points/pending not_before_expiry'],
  ],
  [
    'points pending for a year of days',
    points(expiring('P365D', 'P1Y')),
    ['/wallets/points/pending not_before_expiry'],
  ],
  [
    'too many wallets',
    { wallets: { ...sound.wallets, ...many(limits.walletsPerProgram - 1, () => wallet()) } },
    ['/wallets too_many'],
  ],
  ['too many rules', { earn_rules: many(limits.earnRulesPerProgram + 1, () => rule({})) }, ['/earn_rules too_many']],
  [
    'too many tiers',
    { tiers: many(limits.tiersPerProgram + 1, (index) => tier(1, {}, `scheme-${index}`)) },
    ['/tiers too_many'],
  ],
  [
    'too many attributes',
    { attributes: many(limits.attributesPerProgram + 1, () => attribute({})) },
    ['/attributes too_many'],
  ],
  [
    'more text than is kept, archived',
    { attributes: { shop: archived({ ...attribute({}).body, name: 'x'.repeat(CONFIGURATION_CHARACTERS) }) } },
    [' too_large'],
  ],
  [
    'a code that every object has',
    { attributes: { constructor: attribute({}) } as unknown as Configuration['attributes'] },
    ['/attributes/constructor reserved'],
  ],
  ['a scheme that every object has', tiers({ silver: tier(1, {}, 'constructor') }), ['/tiers/silver/scheme reserved']],
  [
    'faults all over',
    {
      wallets: { points: expiring('P1Y', 'P1M') },
      ...earn_rules({ wallet: 'pionts', from: day(2), until: day(1) }),
      ...tiers({ silver: tier(1, { wallet: 'points' }), gold: tier(1, { field: 'earned_points', wallet: 'status' }) }),
      ...shop({ type: 'instant', values: ['now'] }),
    },
    [
      '/wallets/points/pending not_before_expiry',
      '/earn_rules/base/until not_after',
      '/earn_rules/base/wallet unknown_wallet',
      '/tiers/gold/entry/wallet unknown_wallet',
      '/tiers/silver/entry/wallet not_applicable',
      '/tiers/gold/rank not_unique',
      '/tiers/silver/rank not_unique',
      '/attributes/shop/values not_applicable',
    ],
  ],
];

test('given a broken configuration, every fault is named at its place', async (t) => {
  for (const [what, parts, faults] of broken) t.strictSame(codesOf(parts), faults, what);
});

const holding: [what: string, parts: Parts][] = [
  ['the one the others vary', {}],
  ['nothing but a wallet', { earn_rules: {}, tiers: {}, attributes: {} }],
  ['what is archived, whatever it says', { earn_rules: { old: archived({ ...everyEuro, wallet: 'gone' }) } }],
  ['a rule with an open end', earn_rules({ from: day(1) })],
  ['a rule of a day', earn_rules({ from: day(1), until: day(2) })],
  ['one rank in two schemes', tiers({ silver: tier(1, {}), insider: tier(1, {}, 'club') })],
  [
    'tiers that count different things',
    tiers({ a: tier(1, { value: 9 }), b: tier(2, { field: 'purchases', value: 1 }) }),
  ],
  [
    'tiers over different windows',
    tiers({ a: tier(1, { window: '365d', value: 9 }), b: tier(2, { window: '30d', value: 5 }) }),
  ],
  ['tiers by points of a wallet', tiers({ a: tier(1, { field: 'earned_points', wallet: 'status' }) })],
  ['a set with values', shop({ type: 'set', values: ['a'] })],
  ['pending a fortnight of a month', points(expiring('P14D', 'P1M'))],
  ['pending a day less than February', points(expiring('P27D', 'P1M'))],
  ['pending a month of 32 days', points(expiring('P1M', 'P32D'))],
  ['pending eleven months of a year', points(expiring('P11M', 'P1Y'))],
  ['pending two months of nine weeks', points(expiring('P2M', 'P9W'))],
  ['pending, never expiring', points(wallet({ pending: 'P9999Y' }))],
  [
    'as many wallets as there may be',
    { wallets: { points: wallet(), ...many(limits.walletsPerProgram - 1, () => wallet()) } },
  ],
];

test('given a configuration that holds together, there is no fault', async (t) => {
  for (const [what, parts] of holding) t.strictSame(codesOf(parts), [], what);
});

test('a fault says what was expected, and guesses what was meant', async (t) => {
  const [unknown] = checkConfiguration({ ...sound, ...earn_rules({ wallet: 'pionts' }) });
  t.equal(unknown?.expected, 'one of points, status; did you mean points?');
  const [strange] = checkConfiguration({ ...sound, ...earn_rules({ wallet: 'miles' }) });
  t.equal(strange?.expected, 'one of points, status');
  const [lower, higher] = checkConfiguration({
    ...sound,
    tiers: { silver: tier(1, { value: 500 }), gold: tier(2, { value: 100 }) },
  });
  t.match(lower, { detail: 'gold ranks above silver and asks for 100, silver for 500', expected: 'less than 100' });
  t.equal(higher?.expected, 'more than 500');
});

test('a slip is a third of the letters at most', async (t) => {
  const known = ['points', 'status', 'p'];
  t.equal(closest('point', known), 'points');
  t.equal(closest('pionts', known), 'points');
  t.equal(closest('statsu', known), 'status');
  t.equal(closest('q', known), 'p');
  t.equal(closest('stars', known), null);
});
