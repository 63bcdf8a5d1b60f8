import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'tap';
import type { Condition } from '../../../src/model/condition.ts';
import { conditionText } from '../../../src/rules/conditions/text.ts';
import { parseConditionText, TEXT_CHARACTERS } from '../../../src/rules/conditions/text-parser.ts';
import { tree } from './trees.ts';

const spend = (value: number): Condition => ({ field: 'spend', op: 'gt', value });
const points = (value: number) => ({ field: 'earned_points', op: 'gt', value }) as const;
const calc = (sign: '+' | '-' | '*' | '/', first: string | number | object, second: string | number | object) =>
  ({
    calc: sign,
    of: [first, second].map((one) => (typeof one === 'string' ? { field: one } : one)),
  }) as never as { calc: '+'; of: [number, number] };

/** Each text is what `conditionText` writes, and is read as the tree beside it. */
const examples: [text: string, condition: Condition][] = [
  ['tier == "gold"', { field: 'tier', op: 'eq', value: 'gold' }],
  ['tier != "gold"', { field: 'tier', op: 'ne', value: 'gold' }],
  ['spend < 5', { field: 'spend', op: 'lt', value: 5 }],
  ['spend <= -5', { field: 'spend', op: 'lte', value: -5 }],
  ['spend >= 0', { field: 'spend', op: 'gte', value: 0 }],
  ['spend == 9007199254740991', { field: 'spend', op: 'eq', value: Number.MAX_SAFE_INTEGER }],
  ['consents.newsletter == true', { field: 'consents.newsletter', op: 'eq', value: true }],
  ['attributes.country in ["FR", "BE"]', { field: 'attributes.country', op: 'in', value: ['FR', 'BE'] }],
  ['not_in(attributes.age, [1, -2])', { field: 'attributes.age', op: 'not_in', value: [1, -2] }],
  ['between(spend, 1, 5)', { field: 'spend', op: 'between', value: [1, 5] }],
  ['attributes["favourite-shop"] == "a"', { field: 'attributes.favourite-shop', op: 'eq', value: 'a' }],
  ['has(attributes["contains"])', { field: 'attributes.contains', op: 'exists' }],
  ['attributes.shop.startsWith("a\\n\\"b")', { field: 'attributes.shop', op: 'starts_with', value: 'a\n"b' }],
  ['attributes.shop.contains("é")', { field: 'attributes.shop', op: 'contains', value: 'é' }],
  ['within_last(last_purchase_at, "90d")', { field: 'last_purchase_at', op: 'within_last', value: '90d' }],
  ['older_than(last_purchase_at, "90d")', { field: 'last_purchase_at', op: 'older_than', value: '90d' }],
  [
    'before(enrolled_at, "2026-01-01T00:00:00Z")',
    { field: 'enrolled_at', op: 'before', value: '2026-01-01T00:00:00Z' },
  ],
  ['after(birth_date, "2000-01-01")', { field: 'birth_date', op: 'after', value: '2000-01-01' }],
  ['anniversary_within(birth_date, "7d")', { field: 'birth_date', op: 'anniversary_within', value: '7d' }],
  ['"vip" in segments', { field: 'segments', op: 'has', value: 'vip' }],
  ['has_any(segments, ["a", "b"])', { field: 'segments', op: 'has_any', value: ['a', 'b'] }],
  ['has(attributes.country)', { field: 'attributes.country', op: 'exists' }],
  // What picks one of a field's numbers.
  ['spend("90d") > 5', { field: 'spend', window: '90d', op: 'gt', value: 5 }],
  ['spend("membership_year") > 5', { field: 'spend', window: 'membership_year', op: 'gt', value: 5 }],
  ['tier("vip") == "a"', { field: 'tier', scheme: 'vip', op: 'eq', value: 'a' }],
  ['tier("30d") == "a"', { field: 'tier', scheme: '30d', op: 'eq', value: 'a' }],
  ['older_than(tier_since("vip"), "1y")', { field: 'tier_since', scheme: 'vip', op: 'older_than', value: '1y' }],
  ['activities("review") > 5', { field: 'activities', activity: 'review', op: 'gt', value: 5 }],
  ['activities("review", "30d") > 5', { field: 'activities', activity: 'review', window: '30d', op: 'gt', value: 5 }],
  ['activities({"window": "30d"}) > 5', { field: 'activities', window: '30d', op: 'gt', value: 5 }],
  ['available_points("gifts") > 5', { field: 'available_points', wallet: 'gifts', op: 'gt', value: 5 }],
  ['earned_points("365d") > 5', { ...points(5), window: '365d' }],
  ['earned_points("gifts", "365d") > 5', { ...points(5), wallet: 'gifts', window: '365d' }],
  ['earned_points({"wallet": "calendar_year"}) > 5', { ...points(5), wallet: 'calendar_year' }],
  ['earned_points("calendar_year", "30d") > 5', { ...points(5), wallet: 'calendar_year', window: '30d' }],
  // Logic: parentheses keep the tree.
  ['spend > 1 && spend > 2 && spend > 3', { all: [spend(1), spend(2), spend(3)] }],
  ['(spend > 1 && spend > 2) && spend > 3', { all: [{ all: [spend(1), spend(2)] }, spend(3)] }],
  ['spend > 1 && (spend > 2 || spend > 3)', { all: [spend(1), { any: [spend(2), spend(3)] }] }],
  ['(spend > 1 && spend > 2) || spend > 3', { any: [{ all: [spend(1), spend(2)] }, spend(3)] }],
  ['!(spend > 1)', { not: spend(1) }],
  ['!(!(spend > 1 || spend > 2))', { not: { not: { any: [spend(1), spend(2)] } } }],
  ['all()', { all: [] }],
  ['any(spend > 1)', { any: [spend(1)] }],
  ['all(any()) && spend > 1', { all: [{ all: [{ any: [] }] }, spend(1)] }],
  ['tier in []', { field: 'tier', op: 'in', value: [] }],
  // Arithmetic.
  ['spend + 1 > 5', { ...calc('+', 'spend', 1), op: 'gt', value: 5 }],
  ['spend > purchases * 100', { field: 'spend', op: 'gt', value: calc('*', 'purchases', 100) }],
  ['a - b - c > 0', { ...calc('-', calc('-', 'a', 'b'), 'c'), op: 'gt', value: 0 }],
  ['a - (b - c) > 0', { ...calc('-', 'a', calc('-', 'b', 'c')), op: 'gt', value: 0 }],
  ['a + b * c > 0', { ...calc('+', 'a', calc('*', 'b', 'c')), op: 'gt', value: 0 }],
  ['(a + b) * c > 0', { ...calc('*', calc('+', 'a', 'b'), 'c'), op: 'gt', value: 0 }],
  ['a / (b * c) > 0', { ...calc('/', 'a', calc('*', 'b', 'c')), op: 'gt', value: 0 }],
  ['a - -5 > 0', { ...calc('-', 'a', -5), op: 'gt', value: 0 }],
  ['between(a + b, 1, 5)', { ...calc('+', 'a', 'b'), op: 'between', value: [1, 5] }],
  ['a + b in [1, 2]', { ...calc('+', 'a', 'b'), op: 'in', value: [1, 2] }],
  // Lines.
  ['lines.exists(line, line.sku == "A")', { lines: 'some', where: { field: 'line.sku', op: 'eq', value: 'A' } }],
  [
    'lines.all(line, "shoes" in line.categories || line.spend > 1)',
    {
      lines: 'every',
      where: {
        any: [
          { field: 'line.categories', op: 'has', value: 'shoes' },
          { field: 'line.spend', op: 'gt', value: 1 },
        ],
      },
    },
  ],
  ['lines.sum("spend") >= 5000', { lines: 'sum', measure: 'spend', op: 'gte', value: 5000 }],
  [
    'lines.filter(line, line.sku == "A").sum("quantity") >= 3',
    { lines: 'sum', measure: 'quantity', where: { field: 'line.sku', op: 'eq', value: 'A' }, op: 'gte', value: 3 },
  ],
  ['between(lines.sum("lines"), 2, 4)', { lines: 'sum', measure: 'lines', op: 'between', value: [2, 4] }],
];

test('given a tree, its text is this, and reads as that tree', async (t) => {
  for (const [text, condition] of examples) {
    t.equal(conditionText(condition), text);
    t.strictSame(parseConditionText(text), { condition });
  }
});

/** Other ways to write what has a text of its own. */
const otherwise: [text: string, usual: string][] = [
  ['  tier=="gold"\n\t&&spend>5', 'tier == "gold" && spend > 5'],
  ['((tier == ("gold")))', 'tier == "gold"'],
  ['spend > 1 && spend > 2 || spend > 3', '(spend > 1 && spend > 2) || spend > 3'],
  ['spend > 1 || spend > 2 && spend > 3', 'spend > 1 || (spend > 2 && spend > 3)'],
  ['!has(spend)', '!(has(spend))'],
  ['!!has(spend)', '!(!(has(spend)))'],
  ['!attributes.shop.contains("a") && has(spend)', '!(attributes.shop.contains("a")) && has(spend)'],
  ['all(spend > 1, spend > 2)', 'spend > 1 && spend > 2'],
  ['attributes["country"] == "\\u0046R"', 'attributes.country == "FR"'],
  ['spend({"window": "90d"}) > 1', 'spend("90d") > 1'],
  ['earned_points({"window": "90d", "wallet": "gifts"}) > 1', 'earned_points("gifts", "90d") > 1'],
  ['a + (b * c) > 0', 'a + b * c > 0'],
  ['spend > -0', 'spend > 0'],
  ['spend > 007', 'spend > 7'],
];

test('given the same in other words, it is the same tree', async (t) => {
  for (const [text, usual] of otherwise) {
    const parsed = parseConditionText(text);
    t.ok('condition' in parsed, text);
    if ('condition' in parsed) t.equal(conditionText(parsed.condition), usual);
  }
});

const broken: [text: string, detail: string, expected: RegExp][] = [
  ['', 'at 0-0: the end', /field/],
  ['spend >', 'at 7-7: the end', /field/],
  ['spend', 'at 0-5: `spend`', /condition/],
  ['spend + 1', 'at 0-9: `spend + 1`', /condition/],
  ['5 < spend', 'at 0-1: `5`', /a field/],
  ['spend > 5 spend', 'at 10-15: `spend`', /the end/],
  ['spend > 5 && tier', 'at 13-17: `tier`', /condition/],
  ['spend = 5', 'at 6-7: `=`', /==/],
  ['1 < spend < 5', 'at 0-1: `1`', /field/],
  ['spend > 499.99', 'at 8-14: `499.99`', /whole number/],
  ['spend > 9007199254740993', 'at 8-24: `9007199254740993`', /9007199254740991/],
  ['older_than(x, 90d)', 'at 14-17: `90d`', /double quotes/],
  ["tier == 'gold'", "at 8-9: `'`", /double quotes/],
  ['tier == "gold', 'at 8-9: `"`', /closing/],
  ['tier == "g\\x"', 'at 8-13: `"g\\x"`', /JSON/],
  ['tier == null', 'at 8-12: `null`', /has/],
  ['(spend > 5', 'at 10-10: the end', /`\)`/],
  ['spend > 5)', 'at 9-10: `)`', /the end/],
  ['tier in "gold"', 'at 8-14: `"gold"`', /list/],
  ['"gold" in "gold"', 'at 10-16: `"gold"`', /set/],
  ['tier in [true]', 'at 9-13: `true`', /text or a whole number/],
  ['tier in ["a" "b"]', 'at 13-16: `"b"`', /`,` or `\]`/],
  ['beetween(spend, 1, 5)', 'at 0-8: `beetween`', /did you mean between/],
  ['matches(tier, "g.*")', 'at 0-7: `matches`', /one of not_in/],
  ['between(spend, 1)', 'at 0-17: `between(spend, 1)`', /bound/],
  ['between(spend, 1, 5, 6)', 'at 0-23: `between(spend, 1, 5, 6)`', /bound/],
  ['has(spend > 5)', 'at 4-13: `spend > 5`', /one field/],
  ['older_than(spend)', 'at 0-17: `older_than(spend)`', /compared/],
  ['spend("9d") > 5', 'at 6-10: `"9d"`', /one of 7d.*did you mean 7d/],
  ['spend("90d", "30d") > 5', 'at 6-18: `"90d", "30d"`', /one window/],
  ['spend() > 5', 'at 6-7: `)`', /one window/],
  ['spend({}) > 5', 'at 8-9: `)`', /parameter/],
  ['spend({"windw": "90d"}) > 5', 'at 7-14: `"windw"`', /did you mean window/],
  ['spend({"window": "90d", "window": "30d"}) > 5', 'at 24-32: `"window"`', /one window/],
  ['attributes. == 5', 'at 12-14: `==`', /a name/],
  ['attributes[country] == 5', 'at 11-18: `country`', /double quotes/],
  ['tier.endsWith("a")', 'at 14-17: `"a"`', /one of 7d/],
  ['(tier).endsWith("a")', 'at 7-15: `endsWith`', /startsWith, contains/],
  ['"a".startsWith("a")', 'at 0-3: `"a"`', /field/],
  ['spend + "a" > 5', 'at 8-11: `"a"`', /number/],
  ['spend > (tier == "a")', 'at 8-21: `(tier == "a")`', /value/],
  ['spend > lines.sum("spend")', 'at 8-26: `lines.sum("spend")`', /value/],
  ['lines.sum("spent") > 5', 'at 10-17: `"spent"`', /did you mean spend/],
  ['lines.count(line) > 5', 'at 6-11: `count`', /exists, all, filter, sum/],
  ['lines.exists(l, l.sku == "a")', 'at 13-14: `l`', /`line`/],
  ['lines.filter(line, line.spend > 5)', 'at 34-34: the end', /`\.`/],
  ['!spend > 5', 'at 1-6: `spend`', /condition/],
  ['- spend > 5', 'at 2-7: `spend`', /whole number/],
  ['spend ? 1 : 2', 'at 6-7: `?`', /language/],
  [`${'('.repeat(200)}spend > 5`, 'at 33-34: `(`', /brackets/],
];

test('given what is no condition, the fault says where and what was expected', async (t) => {
  for (const [text, detail, expected] of broken) {
    t.match(parseConditionText(text), { faults: [{ pointer: '', code: 'syntax', detail, expected }] }, text);
  }
  const long = parseConditionText(`spend > ${'1'.repeat(TEXT_CHARACTERS)}`);
  t.match(long, { faults: [{ code: 'too_long', detail: '4008 characters', expected: 'at most 4000 characters' }] });
});

test('given any tree, its text gives the same tree', async () => {
  fc.assert(
    fc.property(tree, (condition) => {
      const text = conditionText(condition);
      fc.pre(text.length <= TEXT_CHARACTERS);
      deepStrictEqual(parseConditionText(text), { condition }, text);
    }),
    { numRuns: 3_000 },
  );
});

test('given a tree as deep as one may be, its text can be read', async (t) => {
  let sum: object = { field: 'spend' };
  for (let level = 0; level < 10; level++) sum = calc('*', calc('-', 1, sum), 2);
  const not = (depth: number, inside: Condition): Condition => (depth === 0 ? inside : { not: not(depth - 1, inside) });
  const condition = not(9, { field: 'spend', op: 'gt', value: sum as never });
  t.strictSame(parseConditionText(conditionText(condition)), { condition });
});

const words = [
  ...['&&', '||', '!', '(', ')', '[', ']', '{', '}', ',', '.', ':', '==', '<', 'in', '+', '-', '*', '/', ' '],
  ...['spend', 'lines', 'line', 'exists', 'filter', 'sum', 'has', 'between', 'all', 'contains', 'true', 'null'],
  ...['"a"', '"90d"', '"window"', '5', '1.5', '"', '\\', '\0', 'é'],
];

test('given any text at all, it is a tree or a fault within the text', async (t) => {
  const sound = (text: string): boolean => {
    const parsed = parseConditionText(text);
    if ('condition' in parsed) return true;
    const [, start, end] = /^at (\d+)-(\d+): /.exec(parsed.faults[0]?.detail ?? '') ?? [];
    return parsed.faults.length === 1 && Number(start) <= Number(end) && Number(end) <= text.length;
  };
  const soup = fc.array(fc.constantFrom(...words), { maxLength: 60 }).map((parts) => parts.join(''));
  fc.assert(fc.property(fc.oneof(soup, fc.string({ maxLength: 200 }), fc.string({ unit: 'binary' })), sound), {
    numRuns: 20_000,
  });
  const cut = fc.tuple(tree, fc.nat(), fc.constantFrom('', ...words));
  fc.assert(
    fc.property(cut, ([condition, at, word]) => {
      const text = conditionText(condition).slice(0, TEXT_CHARACTERS - 20);
      const place = at % (text.length + 1);
      return sound(text.slice(0, place) + word + text.slice(place + word.length));
    }),
    { numRuns: 5_000 },
  );
  for (const deep of ['(', '!', '[', 'all(', 'lines.all(line,', 'spend-', 'not_in(', '(a+', '"a" in '])
    t.ok(sound(deep.repeat(4_000).slice(0, TEXT_CHARACTERS)), deep);
});
