import fc from 'fast-check';
import { test } from 'tap';
import { OPERATORS } from '../../../src/model/condition.ts';
import { noResources } from '../../../src/model/configuration.ts';
import { checkCondition } from '../../../src/rules/conditions/check.ts';
import { compileCondition } from '../../../src/rules/conditions/compile.ts';
import type { TriggerScope } from '../../../src/rules/conditions/field.ts';
import { fieldsOf } from '../../../src/rules/conditions/fields.ts';
import { warningsOf } from '../../../src/rules/conditions/warnings.ts';
import { configuration, faultsOf, fields, subject, within } from './world.ts';

const spend = { field: 'spend', op: 'gte', value: 1 };
const name = 'attributes.nickname';

/** The faults of an input as `pointer code`. */
const briefly = (input: unknown, trigger?: TriggerScope): string[] =>
  faultsOf(input, trigger).map(({ pointer, code }) => `${pointer} ${code}`);

test('what is wrong is told at its place, with a stable code', async (t) => {
  for (const [input, ...faults] of [
    [spend],
    [null, ' type_mismatch'],
    [[], ' type_mismatch'],
    ['spend > 1', ' type_mismatch'],
    [{}, ' not_a_condition'],
    [{ text: 'spend > 1' }, '/text not_applicable'],
    [{ al: [spend] }, ' not_a_condition'],
    [{ ...spend, any: [] }, ' ambiguous_condition'],
    [{ all: [] }, '/all wrong_length'],
    [{ all: {} }, '/all type_mismatch'],
    [{ not: null }, '/not type_mismatch'],
    [{ all: [spend, { field: 'spnd', op: 'gte', value: 1 }] }, '/all/1/field unknown_field'],
    [{ ...spend, valu: 2 }, '/valu unknown_property'],
    [{ ...spend, 'a/b~c': 2 }, '/a~1b~0c unknown_property'],
    [{ ...spend, field: 3 }, '/field type_mismatch'],
    [{ field: 'spend', op: 'atleast', value: 1 }, '/op unknown_operator'],
    [{ field: 'spend', op: 'has', value: 'x' }, '/op operator_not_applicable'],
    [{ field: 'spend', value: 1 }, '/op required'],
    [{ field: 'spend', op: { toString: 1 }, value: 1 }, '/op type_mismatch'],
    [{ field: 'spend', op: 'gte' }, '/value required'],
    [{ field: 'purchases', op: 'gte', value: '3' }, '/value type_mismatch'],
    [{ field: 'spend', op: 'gte', value: 499.99 }, '/value not_an_integer'],
    [{ field: 'spend', op: 'gte', value: 2 ** 53 }, '/value out_of_range'],
    [{ field: 'spend', op: 'gte', value: Number.POSITIVE_INFINITY }, '/value out_of_range'],
    [{ field: 'spend', op: 'in', value: 1 }, '/value type_mismatch'],
    [{ field: 'spend', op: 'in', value: [] }, '/value wrong_length'],
    [{ field: 'spend', op: 'in', value: [1, 'a', 1.5] }, '/value/1 type_mismatch', '/value/2 not_an_integer'],
    [{ field: 'spend', op: 'between', value: [1] }, '/value wrong_length'],
    [{ field: 'spend', op: 'between', value: [2, 1] }, '/value wrong_order'],
    [{ field: 'spend', op: 'between', value: [1, 1] }],
    [{ field: 'spend', op: 'exists', value: 1 }, '/value not_applicable'],
    [{ field: 'spend', op: 'exists' }],
    [{ field: 'spend', window: '91d', op: 'gte', value: 1 }, '/window unknown_window'],
    [{ field: 'spend', window: 90, op: 'gte', value: 1 }, '/window type_mismatch'],
    [{ field: 'spend', wallet: 'points', op: 'gte', value: 1 }, '/wallet not_applicable'],
    [{ field: 'nps', window: '90d', op: 'gte', value: 1 }, '/window not_applicable'],
    [{ field: 'earned_points', wallet: 'milse', op: 'gte', value: 1 }, '/wallet unknown_wallet'],
    [{ field: 'activities', op: 'gte', value: 1 }, '/activity required'],
    [{ field: 'activities', activity: 'vist', op: 'gte', value: 1 }, '/activity unknown_activity_type'],
    [{ field: 'tier', op: 'eq', value: 'glod' }, '/value unknown_tier'],
    [{ field: 'tier', op: 'eq', value: 'platinum' }, '/value unknown_tier'],
    [{ field: 'tier', scheme: 'club', op: 'eq', value: 'gold' }, '/value unknown_tier'],
    [{ field: 'tier', scheme: 'clbu', op: 'eq', value: 'gold' }, '/scheme unknown_scheme'],
    [{ field: 'tier', op: 'in', value: ['gold', 'sliver'] }, '/value/1 unknown_tier'],
    [{ field: 'tier', op: 'starts_with', value: 'g' }],
    [{ field: 'segments', op: 'has', value: 'lapsd' }, '/value unknown_segment'],
    [{ field: 'segments', op: 'exists' }, '/op operator_not_applicable'],
    [{ field: 'status', op: 'eq', value: 'actve' }, '/value unknown_value'],
    [{ field: 'attributes.shop', op: 'eq', value: 'lyn' }, '/value unknown_value'],
    [{ field: 'attributes.tags', op: 'has_any', value: ['vegan', 'x'] }, '/value/1 unknown_value'],
    [{ field: 'attributes.shoe', op: 'eq', value: 'x' }, '/field unknown_field'],
    [{ field: 'attributes.constructor', op: 'exists' }, '/field unknown_field'],
    [{ field: 'consents.any-thing', op: 'eq', value: true }],
    [{ field: 'consents.X', op: 'eq', value: true }, '/field unknown_field'],
    [{ field: 'consents.news', op: 'eq', value: 'yes' }, '/value type_mismatch'],
    [{ field: name, op: 'eq', value: '' }, '/value too_short'],
    [{ field: name, op: 'eq', value: 'a'.repeat(256) }],
    [{ field: name, op: 'eq', value: '😀'.repeat(256) }],
    [{ field: name, op: 'eq', value: 'a'.repeat(257) }, '/value too_long'],
    [{ field: name, op: 'contains', value: 'a'.repeat(64) }],
    [{ field: name, op: 'contains', value: 'a'.repeat(65) }, '/value too_long'],
    [{ field: name, op: 'eq', value: 'a\0' }, '/value not_text'],
    [{ field: name, op: 'eq', value: 'a\ud800' }, '/value not_text'],
    [{ field: name, op: 'in', value: Array(500).fill('a') }],
    [{ field: name, op: 'in', value: Array(501).fill('a') }, '/value too_many_values'],
    [{ calc: '+', of: [{ field: 'spend' }, 1], op: 'gte', value: 1 }],
    [{ calc: '%', of: [1], op: 'gte', value: 1 }, '/calc unknown_calculation', '/of type_mismatch'],
    [
      { calc: '+', of: [{ field: 'tier' }, 1.5], op: 'gte', value: 1 },
      '/of/0/field type_mismatch',
      '/of/1 not_an_integer',
    ],
    [{ calc: '+', of: ['1', 1], op: 'exists', value: 1 }, '/of/0 type_mismatch', '/op operator_not_applicable'],
    [{ field: 'spend', op: 'gte', value: { field: 'status' } }, '/value/field type_mismatch'],
    [{ field: 'spend', op: 'gte', value: { field: 'purchases', window: '7d', op: 'x' } }, '/value/op unknown_property'],
    [{ field: 'spend', op: 'gte', value: {} }, '/value type_mismatch'],
    [{ field: name, op: 'eq', value: { field: name } }, '/value type_mismatch'],
    [{ field: 'purchase.total', op: 'gte', value: 1 }, '/field not_readable_here'],
    [{ field: 'context.device', op: 'eq', value: 'mobile' }, '/field not_readable_here'],
    [{ lines: 'some', where: spend }, '/lines not_readable_here'],
  ] as const)
    t.strictSame(briefly(input), faults, JSON.stringify(input).slice(0, 100));
});

test('where a purchase or an activity is the trigger', async (t) => {
  const line = { field: 'line.sku', op: 'eq', value: 'x' };
  for (const [input, ...faults] of [
    [{ field: 'purchase.total', op: 'gte', value: 1 }],
    [{ lines: 'some', where: line }],
    [{ lines: 'sum', measure: 'spend', op: 'gte', value: 1 }],
    [line, '/field not_readable_here'],
    [{ field: 'activity.topic', op: 'exists' }, '/field unknown_field'],
    [{ lines: 'some' }, '/where required'],
    [{ lines: 'most', where: line }, '/lines unknown_value'],
    [{ lines: 'some', where: { lines: 'some', where: line } }, '/where/lines not_applicable'],
    [{ lines: 'sum', where: line, op: 'gte', value: 1 }, '/measure required'],
    [
      { lines: 'sum', measure: 'spnd', where: line, op: 'has', value: 1 },
      '/measure unknown_measure',
      '/op operator_not_applicable',
    ],
    [{ lines: 'some', where: line, measure: 'spend' }, '/measure unknown_property'],
  ] as const)
    t.strictSame(briefly(input, 'purchase'), faults, JSON.stringify(input));
  for (const [input, ...faults] of [
    [{ field: 'activity.topic', op: 'eq', value: 'wine' }],
    [{ field: 'activity.topic', op: 'eq', value: 'whine' }, '/value unknown_value'],
    [{ field: 'activity.rating', op: 'gte', value: 1 }, '/field unknown_field'],
    [{ field: 'context.device', op: 'eq', value: 'mobile' }],
    [{ field: 'purchase.total', op: 'gte', value: 1 }, '/field not_readable_here'],
  ] as const)
    t.strictSame(briefly(input, { activity: 'workshop' }), faults, JSON.stringify(input));
});

test('instants, dates and durations are strict', async (t) => {
  const of = (field: string, op: string, values: readonly string[], code: string | null) => {
    for (const value of values)
      t.strictSame(briefly({ field, op, value }), code === null ? [] : [`/value ${code}`], `${field} ${op} ${value}`);
  };
  of('enrolled_at', 'before', ['2026-03-01T09:30:00Z', '2026-03-01T09:30:00.123+02:00', '1900-01-01T00:00:00Z'], null);
  const instants = [
    '1',
    '2026-03-01',
    '2026-02-30T00:00:00Z',
    '2026-03-01T24:00:00Z',
    '2026-03-01T09:30:00',
    '2026-03-01T09:30:00.1234Z',
  ];
  of(
    'enrolled_at',
    'before',
    [...instants, '2026-03-01 09:30:00Z', '1899-12-31T23:59:59Z', '2026-03-01T23:59:60Z', '9999-12-31T23:59:59-01:00'],
    'invalid_instant',
  );
  of('birth_date', 'before', ['2028-02-29', '0001-01-01'], null);
  of('birth_date', 'before', ['2027-02-29', '0000-01-01', '2026-3-1', '2026-03-01T00:00:00Z'], 'invalid_date');
  of('enrolled_at', 'within_last', ['1d', '36500d', '99999h'], null);
  of(
    'enrolled_at',
    'within_last',
    ['0d', '36501d', '1.5d', 'P1D', '90', '-1d', '090d', '100000h', '1m'],
    'invalid_duration',
  );
  of('birth_date', 'anniversary_within', ['0d', '365d'], null);
  of('birth_date', 'anniversary_within', ['366d', '1h', '00d', ''], 'invalid_duration');
});

test('a fault says what came, what was expected, and what was probably meant', async (t) => {
  for (const [input, detail, expected] of [
    [
      { field: 'tier', op: 'eq', value: 'glod' },
      'unknown tier "glod"',
      'one of bronze, silver, gold; did you mean gold?',
    ],
    [{ field: 'teir', op: 'eq', value: 'gold' }, 'unknown field "teir"', 'a condition field; did you mean tier?'],
    [
      { field: 'purchases', op: 'gte', value: '3' },
      'purchases is an integer, the value is the string "3"',
      'an integer',
    ],
    [{ field: 'spend', op: 'gte', value: 499.99 }, 'spend is in minor units: 499.99 is not an integer', 'an integer'],
    [
      { field: 'birth_date', op: 'before', value: true },
      'birth_date is a date, the value is the boolean true',
      'a date that exists, YYYY-MM-DD',
    ],
    [
      { field: 'status', op: 'eq', value: 'actve' },
      'status is never "actve"',
      'one of active, suspended, closed, merged, erased; did you mean active?',
    ],
  ] as const) {
    const [fault] = faultsOf(input);
    t.equal(fault?.detail, detail);
    t.equal(fault?.expected, expected);
  }
});

test('tier schemes have to be said where several could be meant', async (t) => {
  const { tiers } = configuration;
  const check = (codes: readonly (keyof typeof tiers)[]): string[] => {
    const own = Object.fromEntries(codes.map((code) => [code, tiers[code]!]));
    const few = fieldsOf({ ...configuration, tiers: own });
    const input = { field: 'tier', op: 'exists' };
    return checkCondition(input, few, { pointer: '/x', trigger: 'none' }).map(
      ({ pointer, code }) => `${pointer} ${code}`,
    );
  };
  t.strictSame(check([]), ['/x/scheme unknown_scheme']);
  t.strictSame(check(['friend']), [], 'the only one');
  t.strictSame(check(['friend', 'gold']), [], 'the one called status');
  const renamed = { ...tiers['gold']!, body: { ...tiers['gold']!.body, scheme: 'other' } };
  const several = fieldsOf({ ...configuration, tiers: { friend: tiers['friend']!, gold: renamed } });
  const [fault] = checkCondition({ field: 'tier', op: 'exists' }, several, { pointer: '', trigger: 'none' });
  t.equal(fault?.code, 'ambiguous_scheme');
  t.equal(fault?.expected, 'one of club, other');
  const none = fieldsOf({ ...noResources, policies: configuration.policies });
  t.equal(
    checkCondition({ field: 'available_points', op: 'gt', value: 0 }, none, { pointer: '', trigger: 'none' })[0]?.code,
    'required',
  );
});

test('limits: nodes, the weight of searches, depth', async (t) => {
  const nested = (depth: number): unknown => {
    let node: unknown = spend;
    for (let level = 1; level < depth; level++) node = { not: node };
    return node;
  };
  t.strictSame(briefly(nested(10)), []);
  t.strictSame(briefly(nested(11)), [`${'/not'.repeat(10)} too_deep`]);
  t.equal(briefly(nested(100_000)).length, 1);
  t.strictSame(briefly({ all: Array(199).fill(spend) }), []);
  t.strictSame(briefly({ all: Array(200).fill(spend) }), ['/all/199 too_many_nodes']);
  t.equal(briefly({ all: Array(1_000_000).fill(null) }).length, 50, 'faults named at most');
  const search = { field: name, op: 'contains', value: 'a' };
  t.strictSame(briefly({ all: [...Array(19).fill(search), ...Array(9).fill(spend)] }), []);
  t.strictSame(briefly({ all: Array(20).fill(search) }), ['/all/19 too_many_nodes']);
  let calc: unknown = 1;
  for (let level = 0; level < 100_000; level++) calc = { calc: '+', of: [calc, 1] };
  t.strictSame(
    briefly({ ...(calc as object), op: 'eq', value: 1 }).map((fault) => fault.split(' ')[1]),
    ['too_deep'],
  );
});

/** JSON that is nearly a condition. */
const nearly = fc.letrec<{ node: unknown }>((tie) => {
  const words = [
    ...fields.byName.keys(),
    ...OPERATORS,
    'gold',
    '7d',
    'points',
    'constructor',
    '__proto__',
    'toString',
    '90d',
    '2026-01-01',
  ];
  const value = fc.oneof(
    fc.constantFrom<unknown>(...words),
    fc.integer({ min: -3, max: 3 }),
    fc.double(),
    fc.boolean(),
    fc.string(),
    fc.array(fc.constantFrom<unknown>(...words, 1, null, 1.5), { maxLength: 3 }),
    tie('node'),
  );
  const key = fc.constantFrom(
    'all',
    'any',
    'not',
    'field',
    'op',
    'value',
    'calc',
    'of',
    'lines',
    'where',
    'measure',
    'window',
    'wallet',
    'scheme',
    'activity',
    'text',
    '__proto__',
    'constructor',
  );
  const object = fc.array(fc.tuple(key, value), { maxLength: 5 }).map((entries) => {
    const parts = entries.map(([name, part]) => `${JSON.stringify(name)}:${JSON.stringify(part) ?? 'null'}`);
    return JSON.parse(`{${parts.join(',')}}`) as unknown;
  });
  const list = fc.record({ [`all`]: fc.array(tie('node'), { maxLength: 4 }) });
  const comparison = fc.record({
    field: fc.constantFrom<unknown>(...words),
    op: fc.constantFrom<unknown>(...OPERATORS),
    value,
  });
  return {
    node: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom<unknown>(spend, { field: 'country', op: 'ne', value: 'FR' }),
      object,
      comparison,
      list,
      fc.jsonValue(),
    ),
  };
}).node;

test('any JSON is answered: with faults, or it compiles and is evaluated', async (t) => {
  let valid = 0;
  const of = subject({ windows: {} });
  for (const trigger of ['none', 'purchase', { activity: 'workshop' }, { activity: 'constructor' }] as const)
    fc.assert(
      fc.property(nearly, (input) => {
        if (faultsOf(input, trigger).length > 0) return;
        valid += 1;
        const matches = compileCondition(input as never, within(trigger));
        warningsOf(input as never, within(trigger), '');
        if (!JSON.stringify(input).includes('window')) matches(of);
      }),
      { seed: 7, numRuns: 3_000 },
    );
  t.ok(valid > 50, `${valid} were conditions`);
  t.equal(Object.keys(Object.prototype).length, 0, 'nothing is polluted');
});

test('warned of: comparisons that who lacks the value never matches', async (t) => {
  const warned = (input: unknown): string[] => warningsOf(input as never, within(), '').map(({ pointer }) => pointer);
  const country = { field: 'country', op: 'eq', value: 'FR' };
  const absent = { not: { field: 'country', op: 'exists' } };
  t.strictSame(warned(country), []);
  t.strictSame(warned({ ...country, op: 'ne' }), ['']);
  t.strictSame(warned({ field: 'country', op: 'not_in', value: ['FR'] }), ['']);
  t.strictSame(warned({ all: [spend, { not: country }] }), ['/all/1/not']);
  t.strictSame(warned({ not: { not: country } }), []);
  t.strictSame(warned(absent), []);
  t.strictSame(warned({ not: spend }), [], 'spend is never absent');
  t.strictSame(warned({ any: [{ not: country }, absent] }), []);
  t.strictSame(warned({ any: [{ ...country, op: 'ne' }, absent] }), []);
  const [warning] = warningsOf({ not: country } as never, within(), '/condition');
  t.equal(warning?.code, 'absent_is_unknown');
  t.equal(warning?.expected, 'where they should match: {"any": [ …, {"not":{"field":"country","op":"exists"}} ]}');
});
