import { defaultPolicies } from '../../src/model/policies.ts';

/* Configurations that do not hold together, and what is said of each. */

type Json = Record<string, unknown>;

/** What is wrong, where it is sent to, and every fault it is refused for: `pointer code`, and what was expected. */
export type Broken = readonly [
  what: string,
  where: string,
  body: Json | string | null,
  faults: readonly (readonly [fault: string, expected: RegExp])[],
];

const many = <T>(count: number, of: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => of(index));
const byCode = (count: number, body: unknown): Json => Object.fromEntries(many(count, (index) => [`c${index}`, body]));

const spend = { field: 'spend', op: 'gte', value: 1 };
const points = { type: 'fixed', points: 5 };
const perEuro = { name: 'A point per euro', trigger: 'purchase', effect: { type: 'per_amount', points: 1, per: 100 } };
const workshop = {
  name: 'Workshop',
  fields: { topic: { name: 'Topic', type: 'string', values: ['sewing'] }, hours: { name: 'Hours', type: 'integer' } },
};
const silver = { name: 'Silver', rank: 1, entry: { field: 'spend', op: 'gte', value: 10_000 } };
const gold = { name: 'Gold', rank: 2, entry: { field: 'spend', op: 'gte', value: 9_000_000 } };

/** The program they are sent to: one of everything, and `base` without what is archived from it afterwards. */
export const base = {
  wallets: { points: { name: 'Points' }, gifts: { name: 'Gifts' } },
  attributes: {
    shop: { name: 'Shop', type: 'string', values: ['lyon', 'paris'] },
    age: { name: 'Age', type: 'integer' },
    staff: { name: 'Staff', type: 'boolean' },
    renewed: { name: 'Renewed', type: 'instant' },
    married: { name: 'Married', type: 'date' },
    topics: { name: 'Topics', type: 'set', values: ['sewing', 'garden'] },
  },
  context_fields: { device: { name: 'Device', type: 'string', values: ['mobile', 'desktop'] } },
  activity_types: { workshop },
  segments: {
    vip: { name: 'VIP', condition: { text: 'spend >= 20000' } },
    local: { name: 'Local', condition: { text: 'attributes.shop == "lyon"' } },
  },
  tiers: { silver: { ...silver, benefits: { multiplier_percent: 200 } }, gold },
  earn_rules: {
    'per-euro': perEuro,
    'for-silver': { name: 'Welcome to Silver', trigger: 'tier.entered', tier: 'silver', effect: points },
    'for-vip': { name: 'Welcome', trigger: 'segment.entered', segment: 'vip', effect: points },
    'for-workshop': { name: 'Workshop', trigger: 'activity', activity: 'workshop', effect: points },
    'much-more': { ...perEuro, effect: { type: 'multiplier', percent: 10_000 }, wallet: 'gifts' },
    more: { ...perEuro, effect: { type: 'multiplier', percent: 200 }, wallet: 'gifts' },
    'on-mobile': { ...perEuro, condition: { text: 'context.device == "mobile"' }, wallet: 'gifts' },
  },
} as const;

export const archivedLater = {
  wallets: { ...base.wallets, lost: { name: 'Lost' } },
  attributes: { ...base.attributes, gone: { name: 'Gone', type: 'string' } },
  segments: { ...base.segments, past: { name: 'Past', condition: { text: 'spend >= 1' } } },
  tiers: { ...base.tiers, bronze: { ...silver, name: 'Bronze', rank: 3, scheme: 'old' } },
  activity_types: { ...base.activity_types, fair: { name: 'Fair', fields: {} } },
};

/** A condition of a segment by itself. */
const condition = (what: string, tree: unknown, fault: string, expected: RegExp): Broken => [
  what,
  'PUT /v1/segments/new',
  { name: 'New', condition: tree },
  [[`/condition${fault}`, expected]],
];
const text = (what: string, written: string, fault: string, expected: RegExp): Broken =>
  condition(what, { text: written }, fault, expected);

/** A rule by itself. */
const rule = (what: string, parts: Json, ...faults: Broken[3]): Broken => [
  what,
  'PUT /v1/earn-rules/new',
  { ...perEuro, ...parts },
  faults,
];
const fixed = (what: string, parts: Json, ...faults: Broken[3]): Broken =>
  rule(what, { effect: points, ...parts }, ...faults);

const config = (what: string, document: Json, ...faults: Broken[3]): Broken => [
  what,
  'PUT /v1/config',
  document,
  faults,
];

const nested = (levels: number): Json => (levels === 0 ? spend : { not: nested(levels - 1) });
const spent = { field: 'spend' };
const summed = (levels: number): Json => (levels === 0 ? spent : { calc: '+', of: [summed(levels - 1), 1] });
const milestone = { every_purchases: 3, every_spend: null, window: null };
const budget = { points: 4, period: 'month' };

export const brokenConditions: Broken[] = [
  condition('nothing', {}, ' not_a_condition', /^a condition: an object with one of all, any, not, field, calc, lines/),
  condition('a slip of a word', { al: [spend] }, ' not_a_condition', /did you mean all\?/),
  condition('two conditions in one', { all: [spend], not: spend }, ' ambiguous_condition', /one of all, any/),
  condition('a list that is none', { all: spend }, '/all type_mismatch', /a list of conditions/),
  condition('an empty list', { any: [] }, '/any wrong_length', /at least one condition/),
  condition('a condition that is none', { not: 5 }, '/not type_mismatch', /^a condition/),
  condition('null in a list', { all: [spend, null] }, '/all/1 type_mismatch', /^a condition/),
  condition('a property too many', { ...spend, windw: '90d' }, '/windw unknown_property', /did you mean window\?/),
  condition('an unknown field', { ...spend, field: 'spnd' }, '/field unknown_field', /did you mean spend\?/),
  condition(
    'an unknown attribute',
    { field: 'attributes.shpo', op: 'eq', value: 'lyon' },
    '/field unknown_field',
    /did you mean attributes\.shop\?/,
  ),
  condition(
    'an archived attribute',
    { field: 'attributes.gone', op: 'eq', value: 'x' },
    '/field unknown_field',
    /a condition field/,
  ),
  condition('a field that is no text', { ...spend, field: 1 }, '/field type_mismatch', /a condition field/),
  condition(
    'a field of a purchase',
    { ...spend, field: 'purchase.spend' },
    '/field not_readable_here',
    /can be read here/,
  ),
  condition(
    'a field of the context',
    { field: 'context.device', op: 'eq', value: 'mobile' },
    '/field not_readable_here',
    /can be read here/,
  ),
  condition('no operator', { field: 'spend', value: 1 }, '/op required', /one of eq, ne/),
  condition('an unknown operator', { ...spend, op: 'gtee' }, '/op unknown_operator', /did you mean gte\?/),
  condition(
    'an operator of another type',
    { ...spend, op: 'contains' },
    '/op operator_not_applicable',
    /one of eq, ne, in/,
  ),
  condition('existence of a set', { field: 'segments', op: 'exists' }, '/op operator_not_applicable', /has, has_any/),
  condition('an operator that is no text', { ...spend, op: 5 }, '/op type_mismatch', /one of/),
  condition('no value', { field: 'spend', op: 'gte' }, '/value required', /an integer/),
  condition('a number as text', { ...spend, value: '3' }, '/value type_mismatch', /an integer/),
  condition('money with a point', { ...spend, value: 499.99 }, '/value not_an_integer', /an integer/),
  condition('beyond what is counted', { ...spend, value: 2 ** 53 }, '/value out_of_range', /within ±9007199254740991/),
  condition(
    'a flag that is none',
    { field: 'attributes.staff', op: 'eq', value: 'yes' },
    '/value type_mismatch',
    /true or false/,
  ),
  condition('existence of something', { field: 'nps', op: 'exists', value: true }, '/value not_applicable', /no value/),
  condition('an unknown window', { ...spend, window: '91d' }, '/window unknown_window', /did you mean/),
  condition('a window that is no text', { ...spend, window: 90 }, '/window type_mismatch', /a window/),
  condition(
    'a window where there is none',
    { field: 'nps', op: 'gte', value: 9, window: '30d' },
    '/window not_applicable',
    /nps alone/,
  ),
  condition(
    'an unknown wallet',
    { field: 'available_points', wallet: 'gfits', op: 'gte', value: 1 },
    '/wallet unknown_wallet',
    /did you mean gifts\?/,
  ),
  condition(
    'an archived wallet',
    { field: 'available_points', wallet: 'lost', op: 'gte', value: 1 },
    '/wallet unknown_wallet',
    /one of gifts, points/,
  ),
  condition(
    'an unknown scheme',
    { field: 'tier', scheme: 'statsu', op: 'eq', value: 'gold' },
    '/scheme unknown_scheme',
    /did you mean status\?/,
  ),
  condition(
    'an unknown tier',
    { field: 'tier', op: 'eq', value: 'glod' },
    '/value unknown_tier',
    /did you mean gold\?/,
  ),
  condition(
    'an archived tier',
    { field: 'tier', scheme: 'old', op: 'eq', value: 'bronze' },
    '/scheme unknown_scheme',
    /one of status/,
  ),
  condition(
    'an unknown segment',
    { field: 'segments', op: 'has', value: 'vpi' },
    '/value unknown_segment',
    /did you mean vip\?/,
  ),
  condition(
    'an archived segment',
    { field: 'segments', op: 'has', value: 'past' },
    '/value unknown_segment',
    /one of .*local.*vip/,
  ),
  condition(
    'a value that is never',
    { field: 'attributes.shop', op: 'eq', value: 'lion' },
    '/value unknown_value',
    /did you mean lyon\?/,
  ),
  condition(
    'a value of a set that is never',
    { field: 'attributes.topics', op: 'has_any', value: ['sewing', 'gardn'] },
    '/value/1 unknown_value',
    /did you mean garden\?/,
  ),
  condition(
    'activities of no type',
    { field: 'activities', op: 'gte', value: 1 },
    '/activity required',
    /one of .*workshop/,
  ),
  condition(
    'activities of an unknown type',
    { field: 'activities', activity: 'wrkshop', op: 'gte', value: 1 },
    '/activity unknown_activity_type',
    /did you mean workshop\?/,
  ),
  condition(
    'activities of an archived type',
    { field: 'activities', activity: 'fair', op: 'gte', value: 1 },
    '/activity unknown_activity_type',
    /one of/,
  ),
  condition('no list', { ...spend, op: 'in', value: 5 }, '/value type_mismatch', /a list of values of spend/),
  condition('a list of nothing', { ...spend, op: 'in', value: [] }, '/value wrong_length', /at least one value/),
  condition(
    '501 values',
    { ...spend, op: 'in', value: many(501, (index) => index) },
    '/value too_many_values',
    /at most 500 values/,
  ),
  condition(
    'three ends',
    { ...spend, op: 'between', value: [1, 2, 3] },
    '/value wrong_length',
    /a list of two integers/,
  ),
  condition(
    'ends the wrong way round',
    { ...spend, op: 'between', value: [5, 1] },
    '/value wrong_order',
    /the smaller number first/,
  ),
  condition('an empty text', { field: 'country', op: 'eq', value: '' }, '/value too_short', /1 to 256 characters/),
  condition(
    'a text of 257 characters',
    { field: 'country', op: 'eq', value: 'x'.repeat(257) },
    '/value too_long',
    /1 to 256/,
  ),
  condition(
    'a search of 65 characters',
    { field: 'country', op: 'contains', value: 'x'.repeat(65) },
    '/value too_long',
    /1 to 64/,
  ),
  condition(
    'half a character',
    { field: 'country', op: 'eq', value: '\uD800' },
    '/value not_text',
    /without lone surrogates/,
  ),
  condition(
    'no instant',
    { field: 'attributes.renewed', op: 'after', value: '2026-02-30T00:00:00Z' },
    '/value invalid_instant',
    /RFC 3339/,
  ),
  condition(
    'no date',
    { field: 'attributes.married', op: 'after', value: '2026-02-30' },
    '/value invalid_date',
    /YYYY-MM-DD/,
  ),
  condition(
    'no duration',
    { field: 'last_purchase_at', op: 'older_than', value: 'P90D' },
    '/value invalid_duration',
    /"90d" or "36h"/,
  ),
  condition(
    'days of more than a year',
    { field: 'birth_date', op: 'anniversary_within', value: '366d' },
    '/value invalid_duration',
    /"0d" to "365d"/,
  ),
  condition(
    'a calculation that is none',
    { calc: '%', of: [1, 2], op: 'gte', value: 1 },
    '/calc unknown_calculation',
    /one of \+ - \* \//,
  ),
  condition(
    'a calculation of one',
    { calc: '+', of: [1], op: 'gte', value: 1 },
    '/of type_mismatch',
    /a list of two numbers/,
  ),
  condition(
    'a calculation with a text',
    { calc: '+', of: [1, '2'], op: 'gte', value: 1 },
    '/of/1 type_mismatch',
    /an integer/,
  ),
  condition(
    'a calculation with a date',
    { calc: '+', of: [1, { field: 'birth_date' }], op: 'gte', value: 1 },
    '/of/1/field type_mismatch',
    /of type integer/,
  ),
  condition(
    'an operand that is nothing',
    { calc: '+', of: [1, {}], op: 'gte', value: 1 },
    '/of/1 type_mismatch',
    /a number, a field or a calculation/,
  ),
  condition(
    'a constant beyond 2^53',
    { calc: '*', of: [spent, 2 ** 60], op: 'gte', value: 1 },
    '/of/1 out_of_range',
    /within ±/,
  ),
  condition(
    'constants whose product is beyond 2^53',
    { ...spend, value: { calc: '*', of: [2 ** 52, 4] } },
    '/value out_of_range',
    /a result within ±9007199254740991/,
  ),
  condition(
    'constants deep inside',
    { calc: '+', of: [spent, { calc: '-', of: [-(2 ** 52), { calc: '*', of: [2 ** 51, 3] }] }], op: 'gt', value: 0 },
    '/of/1 out_of_range',
    /a result within ±/,
  ),
  condition(
    'a division by 0',
    { calc: '/', of: [spent, 0], op: 'gte', value: 1 },
    '/of/1 division_by_zero',
    /another number than 0/,
  ),
  condition(
    'lines where there is no purchase',
    { lines: 'some', where: { field: 'line.sku', op: 'eq', value: 'a' } },
    '/lines not_readable_here',
    /where a purchase is the trigger/,
  ),
  condition('11 levels', nested(10), `${'/not'.repeat(10)} too_deep`, /at most 10 deep/),
  condition(
    '11 levels of arithmetic',
    { calc: '+', of: [summed(10), 1], op: 'gt', value: 1 },
    `${'/of/0'.repeat(10)} too_deep`,
    /at most 10 deep/,
  ),
  condition('201 nodes', { all: many(200, () => spend) }, '/all/199 too_many_nodes', /at most 200/),
  condition(
    '20 searches',
    { all: many(20, () => ({ field: 'country', op: 'contains', value: 'F' })) },
    '/all/19 too_many_nodes',
    /counting as 10/,
  ),
  text('a text that ends too soon', 'spend >', '/text syntax', /a field, a value or a condition/),
  text('a text of something else', 'SELECT 1', '/text syntax', /`&&`, `\|\|` or the end/),
  text('an assignment', 'spend = 5', '/text syntax', /`==`/),
  text('half an operator', 'spend > 5 & purchases > 1', '/text syntax', /`&&`/),
  text('single quotes', "country == 'FR'", '/text syntax', /double quotes/),
  text('a point in a text', 'spend >= 499.99', '/text syntax', /a whole number/),
  text('a number in a text beyond 2^53', 'spend >= 9007199254740993', '/text syntax', /up to 9007199254740991/),
  text('no quotes', 'tier == gold', '/value type_mismatch', /did you mean "gold"\?/),
  text('a sum of a slip', 'lines.sum("spnd") > 1', '/text syntax', /did you mean spend\?/),
  text('a slip of a method', 'lines.exist(line, line.sku == "A")', '/text syntax', /did you mean exists\?/),
  text('a text beyond 2^53 by arithmetic', 'spend > 9007199254740991 * 2', '/value out_of_range', /a result within/),
  text(
    'a text with an unknown function',
    'withinlast(last_purchase_at, "90d")',
    '/text syntax',
    /did you mean within_last\?/,
  ),
  text('a text of 4,001 characters', `spend >= 1${' '.repeat(3_991)}`, '/text too_long', /at most 4000 characters/),
  text('a text with an unknown field', 'spnd >= 1', '/field unknown_field', /did you mean spend\?/),
  condition('text and tree', { text: 'spend >= 1', ...spend }, '/text not_alone', /text and nothing else/),
  condition('a text that is none', { text: 5 }, '/text type', /a text/),
];

export const brokenRules: Broken[] = [
  rule('no effect', { effect: undefined }, ['/effect required', /required/]),
  rule('an unknown trigger', { trigger: 'purchas' }, ['/trigger enum', /did you mean purchase\?/]),
  rule('an unknown effect', { effect: { type: 'fixd', points: 5 } }, [
    '/effect/type discriminator',
    /did you mean fixed\?/,
  ]),
  rule('a slip of a property', { exclusiv_group: 'g' }, [
    '/exclusiv_group additionalProperties',
    /did you mean exclusive_group\?/,
  ]),
  rule(
    'a slip within the effect',
    { effect: { type: 'fixed', point: 5 } },
    ['/effect/points required', /required/],
    ['/effect/point additionalProperties', /did you mean points\?/],
  ),
  rule('points of no whole number', { effect: { type: 'per_amount', points: 1.5, per: 100 } }, [
    '/effect/points type',
    /integer/,
  ]),
  rule('points beyond the bound', { effect: { type: 'fixed', points: 1e12 + 1 } }, [
    '/effect/points maximum',
    /<= 1000000000000/,
  ]),
  rule('points per amount beyond the bound', { effect: { type: 'per_amount', points: 1e6 + 1, per: 1 } }, [
    '/effect/points maximum',
    /<= 1000000/,
  ]),
  rule('per nothing', { effect: { type: 'per_amount', points: 1, per: 0 } }, ['/effect/per minimum', />= 1/]),
  rule('a multiplier beyond the bound', { effect: { type: 'multiplier', percent: 10_001 } }, [
    '/effect/percent maximum',
    /<= 10000/,
  ]),
  rule('a multiplier that does nothing', { effect: { type: 'multiplier', percent: 100 } }, [
    '/effect/percent no_effect',
    /more or less than 100/,
  ]),
  rule('a multiplier of a birthday', { trigger: 'birthday', effect: { type: 'multiplier', percent: 200 } }, [
    '/effect/type not_applicable',
    /fixed or reward/,
  ]),
  rule('an amount of a birthday', { trigger: 'birthday' }, ['/effect/type not_applicable', /fixed or reward/]),
  fixed('lines of a birthday', { trigger: 'birthday', lines: { sku_in: ['a'] } }, [
    '/lines not_applicable',
    /purchase or milestone/,
  ]),
  fixed('rounding of whole points', { rounding: 'ceil' }, ['/rounding not_applicable', /per_amount/]),
  rule(
    'a multiplier with what only points have',
    {
      effect: { type: 'multiplier', percent: 50 },
      life: { pending: null, expiry: null },
      exclusive_group: 'g',
      limits: [{ period: 'day', times: 1 }],
      cool_down: 'P1D',
      budget,
    },
    ['/life not_applicable', /null/],
    ['/exclusive_group not_applicable', /policies\.multipliers/],
    ['/limits not_applicable', /an empty list/],
    ['/cool_down not_applicable', /null/],
    ['/budget not_applicable', /null/],
  ),
  rule(
    'a reward counted in points',
    { effect: { type: 'reward', reward: 'bag' }, limits: [{ period: 'day', points: 1 }] },
    ['/limits/0/points not_applicable', /null, and times/],
  ),
  fixed('a budget below one time', { budget }, ['/budget/points too_small', /at least the 5 points/]),
  fixed('a limit of nothing', { limits: [{ period: 'day' }] }, ['/limits/0 required', /times, points or both/]),
  fixed('an unknown period', { limits: [{ period: 'moth', times: 1 }] }, [
    '/limits/0/period enum',
    /did you mean month\?/,
  ]),
  fixed(
    'two limits of a period',
    {
      limits: [
        { period: 'day', times: 1 },
        { period: 'day', points: 9 },
      ],
    },
    ['/limits/1/period not_unique', /another period/],
  ),
  fixed(
    'a longer period that allows less',
    {
      limits: [
        { period: 'month', times: 2 },
        { period: 'day', times: 3 },
      ],
    },
    ['/limits/0/times contradiction', /at least 3/],
  ),
  fixed('six limits', { limits: many(6, () => ({ period: 'day', times: 1 })) }, ['/limits maxItems', /5 items/]),
  fixed('an activity of no type', { trigger: 'activity' }, ['/activity required', /the type of activity/]),
  fixed('an unknown activity', { trigger: 'activity', activity: 'worksop' }, [
    '/activity unknown_activity',
    /did you mean workshop\?/,
  ]),
  fixed('an archived activity', { trigger: 'activity', activity: 'fair' }, [
    '/activity unknown_activity',
    /one of workshop, review/,
  ]),
  fixed('an activity that nobody reports', { trigger: 'activity', activity: 'referral' }, [
    '/activity not_applicable',
    /the trigger referral\.qualified/,
  ]),
  fixed('an unknown tier', { trigger: 'tier.entered', tier: 'slver' }, ['/tier unknown_tier', /did you mean silver\?/]),
  fixed('an archived tier', { trigger: 'tier.entered', tier: 'bronze' }, [
    '/tier archived_tier',
    /one of gold, silver/,
  ]),
  fixed('an unknown segment', { trigger: 'segment.entered', segment: 'vpi' }, [
    '/segment unknown_segment',
    /did you mean vip\?/,
  ]),
  fixed('an archived segment', { trigger: 'segment.entered', segment: 'past' }, [
    '/segment archived_segment',
    /one of local, vip/,
  ]),
  fixed(
    'what other triggers have',
    { activity: 'visit', tier: 'gold', segment: 'vip', milestone },
    ['/activity not_applicable', /the trigger activity/],
    ['/tier not_applicable', /tier\.entered/],
    ['/segment not_applicable', /segment\.entered/],
    ['/milestone not_applicable', /milestone/],
  ),
  fixed('no milestone', { trigger: 'milestone' }, ['/milestone required', /what is to be reached/]),
  fixed('a milestone of both', { trigger: 'milestone', milestone: { ...milestone, every_spend: 1 } }, [
    '/milestone ambiguous',
    /exactly one/,
  ]),
  fixed(
    'a milestone of an unknown window',
    { trigger: 'milestone', milestone: { ...milestone, window: '9d' } },
    ['/milestone/window enum', /one of 7d/],
    ['/milestone/window type', /null/],
    ['/milestone/window anyOf', /./],
  ),
  fixed('an unknown wallet', { wallet: 'pionts' }, ['/wallet unknown_wallet', /did you mean points\?/]),
  fixed('an archived wallet', { wallet: 'lost' }, ['/wallet archived_wallet', /one of gifts, points/]),
  fixed(
    'a schedule of never',
    { schedule: { weekdays: [], hours: { from: '09:00', until: '09:00' } } },
    ['/schedule/weekdays empty', /at least one/],
    ['/schedule/hours/until empty', /another time/],
  ),
  fixed('from after until', { from: '2026-03-02T00:00:00Z', until: '2026-03-01T00:00:00Z' }, [
    '/until not_after',
    /later than 2026-03-02/,
  ]),
  fixed('pending longer than it lasts', { life: { pending: 'P30D', expiry: { after: 'P1M' } } }, [
    '/life/pending not_before_expiry',
    /shorter than P1M/,
  ]),
  fixed('lines of which none matches', { lines: { sku_in: ['a', 'b'], sku_not_in: ['b', 'a', 'c'] } }, [
    '/lines/sku_in contradiction',
    /sku_not_in does not keep out/,
  ]),
  fixed('categories of which none matches', { lines: { category_in: ['a'], category_not_in: ['a'] } }, [
    '/lines/category_in contradiction',
    /category_not_in does not keep out/,
  ]),
  fixed('a line outside of lines', { condition: { field: 'line.spend', op: 'gte', value: 1 } }, [
    '/condition/field not_readable_here',
    /outside of where/,
  ]),
  fixed('lines of a line', { condition: { lines: 'some', where: { lines: 'some', where: spend } } }, [
    '/condition/where/lines not_applicable',
    /no lines inside of where/,
  ]),
  fixed('lines of a kind that is none', { condition: { lines: 'smoe', where: spend } }, [
    '/condition/lines unknown_value',
    /did you mean some\?/,
  ]),
  fixed('a sum of nothing', { condition: { lines: 'sum', op: 'gte', value: 1 } }, [
    '/condition/measure required',
    /one of spend, quantity, lines/,
  ]),
  fixed('a sum of an unknown measure', { condition: { lines: 'sum', measure: 'quantty', op: 'gte', value: 1 } }, [
    '/condition/measure unknown_measure',
    /did you mean quantity\?/,
  ]),
  fixed(
    'a field of another activity',
    { trigger: 'activity', activity: 'visit', condition: { field: 'activity.hours', op: 'gte', value: 1 } },
    ['/condition/field unknown_field', /a condition field/],
  ),
  fixed(
    'a slip of a field of an activity',
    { trigger: 'activity', activity: 'workshop', condition: { field: 'activity.hous', op: 'gte', value: 1 } },
    ['/condition/field unknown_field', /did you mean activity\.hours\?/],
  ),
];

export const brokenWholes: Broken[] = [
  config('an unknown kind', { earn_rule: {} }, ['/earn_rule additionalProperties', /did you mean earn_rules\?/]),
  config('a code of another form', { tiers: { Silver: silver } }, [
    '/tiers/Silver additionalProperties',
    /a name that matches \^\[a-z\]/,
  ]),
  config('a list of rules', { earn_rules: [] }, ['/earn_rules type', /object/]),
  config(
    'no wallet',
    { wallets: {} },
    ['/wallets required', /at least one/],
    ...['for-silver', 'for-vip', 'for-workshop', 'more', 'much-more', 'per-euro'].map(
      (code) => [`/earn_rules/${code}/wallet archived_wallet`, /a wallet/] as const,
    ),
    ['/earn_rules/on-mobile/wallet archived_wallet', /a wallet/],
  ),
  config(
    'a wallet archived that rules give',
    { wallets: { points: { name: 'Points' } } },
    ...['more', 'much-more', 'on-mobile'].map(
      (code) => [`/earn_rules/${code}/wallet archived_wallet`, /one of points/] as const,
    ),
  ),
  [
    'a wallet archived by itself that rules give',
    'DELETE /v1/wallets/gifts',
    null,
    ['more', 'much-more', 'on-mobile'].map((code) => [`/earn_rules/${code}/wallet in_use`, /another wallet/] as const),
  ],
  [
    'a wallet pending longer than it lasts',
    'PUT /v1/wallets/points',
    { name: 'Points', pending: 'P1Y', expiry: { after: 'P12M' } },
    [['/pending not_before_expiry', /shorter than P12M/]],
  ],
  [
    'a duration of two units',
    'PUT /v1/wallets/points',
    { name: 'Points', pending: 'P1Y2M' },
    [
      ['/pending pattern', /match pattern/],
      ['/pending type', /null/],
      ['/pending anyOf', /./],
    ],
  ],
  [
    'a tier archived that rules name',
    'DELETE /v1/tiers/silver',
    null,
    [['/earn_rules/for-silver/tier archived_tier', /one of gold/]],
  ],
  [
    'a segment archived that rules name',
    'DELETE /v1/segments/vip',
    null,
    [['/earn_rules/for-vip/segment archived_segment', /one of local/]],
  ],
  [
    'an activity archived that rules name',
    'DELETE /v1/activity-types/workshop',
    null,
    [['/earn_rules/for-workshop/activity unknown_activity', /one of review/]],
  ],
  [
    'an attribute archived that a segment reads',
    'DELETE /v1/attributes/shop',
    null,
    [['/segments/local/condition/field unknown_field', /a condition field/]],
  ],
  [
    'a context field archived that a rule reads',
    'DELETE /v1/context-fields/device',
    null,
    [['/earn_rules/on-mobile/condition/field unknown_field', /a condition field/]],
  ],
  config(
    'everything archived that is read',
    { attributes: {}, context_fields: {} },
    ['/segments/local/condition/field unknown_field', /a condition field/],
    ['/earn_rules/on-mobile/condition/field unknown_field', /a condition field/],
  ),
  config(
    'a value no longer allowed that a segment reads',
    { attributes: { ...base.attributes, shop: { ...base.attributes.shop, values: ['paris'] } } },
    ['/segments/local/condition/value unknown_value', /one of paris/],
  ),
  [
    'another type of attribute',
    'PUT /v1/attributes/age',
    { name: 'Age', type: 'string' },
    [['/type fixed', /integer/]],
  ],
  [
    'another type of context field',
    'PUT /v1/context-fields/device',
    { name: 'Device', type: 'boolean' },
    [['/type fixed', /string/]],
  ],
  [
    'another type of field of an activity',
    'PUT /v1/activity-types/workshop',
    { name: 'W', fields: { hours: { name: 'Hours', type: 'string' } } },
    [['/fields/hours/type fixed', /integer/]],
  ],
  [
    'another type of an archived attribute',
    'PUT /v1/attributes/gone',
    { name: 'Gone', type: 'set' },
    [['/type fixed', /string/]],
  ],
  [
    'an unknown type',
    'PUT /v1/attributes/new',
    { name: 'New', type: 'strin' },
    [['/type enum', /did you mean string\?/]],
  ],
  [
    'values of a number',
    'PUT /v1/attributes/new',
    { name: 'New', type: 'integer', values: ['1'] },
    [['/values not_applicable', /null, or type string or set/]],
  ],
  [
    'values of a flag of the context',
    'PUT /v1/context-fields/new',
    { name: 'New', type: 'boolean', values: ['yes'] },
    [['/values not_applicable', /null, or type string/]],
  ],
  [
    'values of a number of an activity',
    'PUT /v1/activity-types/new',
    { name: 'New', fields: { n: { name: 'N', type: 'integer', values: ['1'] } } },
    [['/fields/n/values not_applicable', /null, or type string/]],
  ],
  [
    'a built-in activity declared',
    'PUT /v1/activity-types/review',
    { name: 'Review', fields: {} },
    [['/path/code reserved', /another code/]],
  ],
  config(
    'built-in activities declared',
    { activity_types: { workshop, birthday: workshop, survey: workshop } },
    ['/activity_types/birthday reserved', /another code/],
    ['/activity_types/survey reserved', /another code/],
  ),
  [
    'a code of what objects inherit',
    'PUT /v1/segments/constructor',
    { name: 'New', condition: spend },
    [['/path/code reserved', /another code/]],
  ],
  [
    'a scheme of what objects inherit',
    'PUT /v1/tiers/new',
    { ...silver, scheme: 'constructor' },
    [['/scheme reserved', /another code/]],
  ],
  [
    'a field of what objects inherit',
    'PUT /v1/activity-types/new',
    { name: 'New', fields: { constructor: { name: 'C', type: 'string' } } },
    [['/fields/constructor reserved', /another name/]],
  ],
  [
    'two tiers of a rank',
    'PUT /v1/tiers/platinum',
    { name: 'Platinum', rank: 2, entry: { field: 'purchases', op: 'gte', value: 9 } },
    [
      ['/tiers/gold/rank not_unique', /no other tier of scheme status/],
      ['/rank not_unique', /no other tier/],
    ],
  ],
  [
    'a tier above that asks for less',
    'PUT /v1/tiers/platinum',
    { name: 'Platinum', rank: 3, entry: { field: 'spend', op: 'gte', value: 5_000 } },
    [
      ['/tiers/gold/entry/value contradiction', /less than 5000/],
      ['/entry/value contradiction', /more than 9000000/],
    ],
  ],
  config(
    'tiers above that ask for less, more than',
    {
      tiers: { silver: { ...silver, entry: { text: 'spend > 20' } }, gold: { ...gold, entry: { text: 'spend > 20' } } },
    },
    ['/tiers/silver/entry/value contradiction', /less than 20/],
    ['/tiers/gold/entry/value contradiction', /more than 20/],
  ),
  ['a rank of nothing', 'PUT /v1/tiers/platinum', { ...silver, rank: 0 }, [['/rank minimum', />= 1/]]],
  [
    'an unknown downgrade',
    'PUT /v1/tiers/platinum',
    { ...silver, rank: 3, downgrade: 'one_leve' },
    [['/downgrade enum', /did you mean one_level\?/]],
  ],
  [
    'an exit at fault',
    'PUT /v1/tiers/platinum',
    { name: 'Platinum', rank: 3, entry: { text: 'purchases >= 9' }, exit: { text: 'spend("30d") <= 5 &&' } },
    [['/exit/text syntax', /a field, a value or a condition/]],
  ],
  [
    'a segment that reads itself',
    'PUT /v1/segments/new',
    { name: 'New', condition: { text: '"new" in segments' } },
    [['/condition circular', /do not depend on themselves/]],
  ],
  [
    'a tier that reads its scheme',
    'PUT /v1/tiers/gold',
    { ...gold, entry: { text: 'tier == "silver"' } },
    [['/entry circular', /do not depend/]],
  ],
  config(
    'two segments that read each other',
    {
      segments: {
        ...base.segments,
        a: { name: 'A', condition: { text: '"b" in segments' } },
        b: { name: 'B', condition: spend, exit: { text: '"a" in segments' } },
      },
    },
    ['/segments/a/condition circular', /do not depend/],
  ),
  config(
    'a tier and a segment that read each other',
    {
      segments: { ...base.segments, a: { name: 'A', condition: { text: 'tier == "gold"' } } },
      tiers: { ...base.tiers, gold: { ...gold, entry: { text: '"a" in segments' } } },
    },
    ['/tiers/gold/entry circular', /do not depend/],
  ),
  config('301 earn rules', { earn_rules: byCode(301, perEuro) }, ['/earn_rules too_many', /at most 300/]),
  config('301 segments', { segments: { ...byCode(299, { name: 'S', condition: spend }), ...base.segments } }, [
    '/segments too_many',
    /at most 300/,
  ]),
  config(
    '51 tiers',
    {
      tiers: {
        ...Object.fromEntries(
          many(49, (index) => [
            `t${index}`,
            { ...silver, rank: index + 10, entry: { field: 'purchases', op: 'gte', value: index + 1 } },
          ]),
        ),
        ...base.tiers,
      },
    },
    ['/tiers too_many', /at most 50/],
  ),
  config(
    '51 perks',
    { tiers: { ...base.tiers, gold: { ...gold, benefits: { perks: many(51, (index) => `perk ${index}`) } } } },
    ['/tiers/gold/benefits/perks maxItems', /50 items/],
  ),
  config(
    'a name of 257 characters',
    { segments: { ...base.segments, a: { name: 'x'.repeat(257), condition: spend } } },
    ['/segments/a/name maxLength', /256 characters/],
  ),
  config('a name with NUL', { segments: { ...base.segments, a: { name: '\0', condition: spend } } }, [
    '/segments/a/name format',
    /without NUL/,
  ]),
  config(
    'multipliers that multiply beyond measure',
    {
      policies: { ...defaultPolicies, multipliers: 'product' },
      earn_rules: {
        'per-euro': perEuro,
        a: { ...perEuro, effect: { type: 'multiplier', percent: 10_000 } },
        b: { ...perEuro, effect: { type: 'multiplier', percent: 101 } },
      },
    },
    ['/earn_rules/a/effect/percent too_large', /less, or a condition/],
    ['/earn_rules/b/effect/percent too_large', /less, or a condition/],
  ),
  config(
    'faults all over',
    {
      attributes: { ...base.attributes, age: { name: 'Age', type: 'set' } },
      segments: { ...base.segments, a: { name: 'A', condition: { text: 'spend >=' } } },
      earn_rules: {
        ...base.earn_rules,
        b: { ...perEuro, trigger: 'segment.entered', segment: 'a', wallet: 'gift', effect: points },
      },
    },
    ['/attributes/age/type fixed', /integer/],
    ['/segments/a/condition/text syntax', /a field, a value or a condition/],
    ['/earn_rules/b/wallet unknown_wallet', /did you mean gifts\?/],
  ),
  [
    'an unknown policy',
    'PATCH /v1/program',
    { policies: { count_taxes: true } },
    [['/policies/count_taxes additionalProperties', /did you mean count_tax\?/]],
  ],
  [
    'a policy of another type',
    'PATCH /v1/program',
    { policies: { count_tax: 'yes' } },
    [['/policies/count_tax type', /boolean/]],
  ],
  [
    'a policy out of range',
    'PATCH /v1/program',
    { policies: { debt_recovery_percent: 101 } },
    [['/policies/debt_recovery_percent maximum', /<= 100/]],
  ],
  [
    'an unknown way to multiply',
    'PATCH /v1/program',
    { policies: { multipliers: 'prodct' } },
    [['/policies/multipliers enum', /did you mean product\?/]],
  ],
  [
    'multipliers that from then on multiply beyond measure',
    'PATCH /v1/program',
    { policies: { multipliers: 'product' } },
    [
      ['/earn_rules/more/effect/percent too_large', /policies.multipliers best/],
      ['/earn_rules/much-more/effect/percent too_large', /policies.multipliers best/],
    ],
  ],
  config(
    'four million characters',
    {
      segments: {
        ...base.segments,
        ...byCode(200, {
          name: 'S',
          condition: { field: 'country', op: 'in', value: many(80, () => 'x'.repeat(256)) },
        }),
      },
    },
    [' too_large', /at most 4000000 characters/],
  ),
  ['what is fixed', 'PATCH /v1/program', { currency: 'USD' }, [['/currency additionalProperties', /no such property/]]],
];
