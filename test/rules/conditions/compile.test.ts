import { test } from 'tap';
import { type Comparison, type Condition, type Operand, type Operator, WINDOWS } from '../../../src/model/condition.ts';
import { parseInstant } from '../../../src/model/instant.ts';
import { emptyAccount } from '../../../src/model/member-state.ts';
import type { Subject, Trigger } from '../../../src/rules/conditions/subject.ts';
import { answer, now, subject, tierHeld, today, totals, window } from './world.ts';

const DAY = 86_400_000;
const MAX = Number.MAX_SAFE_INTEGER;
const yes: Condition = { field: 'status', op: 'eq', value: 'active' };
const no: Condition = { field: 'status', op: 'ne', value: 'active' };
const unknown: Condition = { field: 'nps', op: 'eq', value: 1 };

test('all, any and not of what is true, false and unknown', async (t) => {
  const of = subject();
  const values = [
    ['true', yes, true],
    ['false', no, false],
    ['unknown', unknown, undefined],
  ] as const;
  for (const [a, one, left] of values) {
    t.equal(answer({ not: one }, of), left === undefined ? undefined : !left, `not ${a}`);
    t.equal(answer({ all: [one] }, of), left, `all of ${a}`);
    t.equal(answer({ any: [one] }, of), left, `any of ${a}`);
    for (const [b, other, right] of values) {
      const all =
        left === false || right === false ? false : left === undefined || right === undefined ? undefined : true;
      const any =
        left === true || right === true ? true : left === undefined || right === undefined ? undefined : false;
      t.equal(answer({ all: [one, other] }, of), all, `${a} and ${b}`);
      t.equal(answer({ any: [one, other] }, of), any, `${a} or ${b}`);
      t.equal(answer({ all: [yes, one, other] }, of), all, `true and ${a} and ${b}`);
      t.equal(answer({ any: [one, no, other] }, of), any, `${a} or false or ${b}`);
    }
  }
});

test('numbers, at their edges', async (t) => {
  for (const [spend, op, value, expected] of [
    [5, 'eq', 5, true],
    [5, 'eq', 4, false],
    [5, 'ne', 5, false],
    [5, 'ne', 4, true],
    [5, 'lt', 5, false],
    [5, 'lt', 6, true],
    [5, 'lte', 5, true],
    [5, 'lte', 4, false],
    [5, 'gt', 5, false],
    [5, 'gt', 4, true],
    [5, 'gte', 5, true],
    [5, 'gte', 6, false],
    [5, 'in', [1, 5], true],
    [5, 'in', [1, 6], false],
    [5, 'not_in', [1, 5], false],
    [5, 'not_in', [1, 6], true],
    [5, 'in', [1, 2, 3, 4, 5], true],
    [5, 'not_in', [1, 2, 3, 4, 6], true],
    [5, 'between', [5, 9], true],
    [5, 'between', [1, 5], true],
    [5, 'between', [6, 9], false],
    [5, 'between', [1, 4], false],
    [-1, 'lt', 0, true],
    [MAX, 'gte', MAX, true],
    [MAX - 1, 'lt', MAX, true],
    [-MAX, 'lte', -MAX, true],
  ] as const) {
    const of = subject({ totals: totals({ spend }) });
    t.equal(answer({ field: 'spend', op, value } as Comparison, of), expected, `${spend} ${op} ${value}`);
  }
});

test('texts, character by character', async (t) => {
  const named = (nickname: string): Subject => subject({}, { person: { attributes: { nickname } } });
  for (const [text, op, value, expected] of [
    ['Ada', 'eq', 'Ada', true],
    ['Ada', 'eq', 'ada', false],
    ['Ada', 'ne', 'ada', true],
    ['Ada', 'ne', 'Ada', false],
    ['Ada', 'starts_with', 'Ad', true],
    ['Ada', 'starts_with', 'da', false],
    ['Ada', 'contains', 'da', true],
    ['Ada', 'contains', 'DA', false],
    ['a%', 'contains', '%', true],
    ['ab', 'contains', '%', false],
    ['Ada', 'in', ['Bob', 'Ada'], true],
    ['Ada', 'not_in', ['Bob', 'Ada'], false],
    ['Ada', 'in', ['a', 'b', 'c', 'd', 'Ada'], true],
  ] as const)
    t.equal(
      answer({ field: 'attributes.nickname', op, value } as Comparison, named(text)),
      expected,
      `${text} ${op} ${value}`,
    );
  for (const op of ['eq', 'ne', 'starts_with', 'contains'] as const)
    t.equal(answer({ field: 'attributes.nickname', op, value: 'a' }, subject()), undefined, `${op} of nothing`);
  t.equal(answer({ field: 'attributes.nickname', op: 'in', value: ['a'] }, subject()), undefined);
  t.equal(answer({ field: 'attributes.nickname', op: 'not_in', value: ['a'] }, subject()), undefined);
});

test('flags and sets', async (t) => {
  const granted = (value: boolean) =>
    subject(
      {},
      { person: { consents: { news: { granted: value, changed_at: '' } }, attributes: { tags: ['vegan'] } } },
    );
  t.equal(answer({ field: 'consents.news', op: 'eq', value: true }, granted(true)), true);
  t.equal(answer({ field: 'consents.news', op: 'ne', value: true }, granted(false)), true);
  t.equal(answer({ field: 'consents.other', op: 'eq', value: false }, granted(false)), undefined);
  t.equal(
    answer({ field: 'consents.constructor', op: 'exists' }, granted(false)),
    false,
    'what objects inherit is not there',
  );
  t.equal(answer({ field: 'attributes.tags', op: 'has', value: 'vegan' }, granted(true)), true);
  t.equal(answer({ field: 'attributes.tags', op: 'has', value: 'runner' }, granted(true)), false);
  t.equal(answer({ field: 'attributes.tags', op: 'has_any', value: ['runner', 'vegan'] }, granted(true)), true);
  t.equal(answer({ field: 'attributes.tags', op: 'has', value: 'vegan' }, subject()), false, 'a set is never absent');
  const inVip = subject({ segments: { vip: { since: now, number: 1 } } });
  t.equal(answer({ field: 'segments', op: 'has', value: 'vip' }, inVip), true);
  t.equal(answer({ field: 'segments', op: 'has', value: 'new' }, inVip), false);
  t.equal(answer({ field: 'segments', op: 'has_any', value: ['new', 'vip'] }, inVip), true);
  t.equal(answer({ field: 'segments', op: 'has_any', value: ['new', 'lapsed'] }, inVip), false);
});

test('instants, to the millisecond', async (t) => {
  for (const [at, op, value, expected] of [
    [now - 90 * DAY, 'within_last', '90d', true],
    [now - 90 * DAY - 1, 'within_last', '90d', false],
    [now, 'within_last', '90d', true],
    [now + 1, 'within_last', '90d', false],
    [now - 90 * DAY, 'older_than', '90d', false],
    [now - 90 * DAY - 1, 'older_than', '90d', true],
    [now - DAY, 'within_last', '24h', true],
    [now - DAY - 1, 'within_last', '24h', false],
    [parseInstant('2028-01-01T00:00:00.000Z'), 'before', '2028-01-01T00:00:00Z', false],
    [parseInstant('2027-12-31T23:59:59.999Z'), 'before', '2028-01-01T01:00:00+01:00', true],
    [parseInstant('2028-01-01T00:00:00.000Z'), 'after', '2028-01-01T00:00:00Z', false],
    [parseInstant('2028-01-01T00:00:00.001Z'), 'after', '2028-01-01T00:00:00.000Z', true],
  ] as const)
    t.equal(
      answer({ field: 'last_purchase_at', op, value }, subject({ last_purchase_at: at })),
      expected,
      `${at - now} ${op} ${value}`,
    );
  t.equal(answer({ field: 'last_purchase_at', op: 'older_than', value: '1d' }, subject()), undefined);
  t.equal(answer({ field: 'last_purchase_at', op: 'exists' }, subject()), false);
  t.equal(answer({ field: 'last_purchase_at', op: 'exists' }, subject({ last_purchase_at: 0 })), true);
});

test('birthdays: today counts, and who was born on a leap day has the 28th in other years', async (t) => {
  const born = (birth_date: string, at: string): Subject =>
    subject({}, { person: { profile: { birth_date } }, now: parseInstant(at) });
  for (const [birth, at, days, expected] of [
    ['1990-03-10', '2027-03-10T12:00:00Z', '0d', true],
    ['1990-03-11', '2027-03-10T12:00:00Z', '0d', false],
    ['1990-03-11', '2027-03-10T23:00:00Z', '0d', true],
    ['1990-03-11', '2027-03-10T22:59:59.999Z', '0d', false],
    ['1990-03-09', '2027-03-10T12:00:00Z', '30d', false],
    ['1990-04-09', '2027-03-10T12:00:00Z', '30d', true],
    ['1990-04-10', '2027-03-10T12:00:00Z', '30d', false],
    ['1988-02-29', '2027-02-28T12:00:00Z', '0d', true],
    ['1988-02-29', '2027-03-01T12:00:00Z', '0d', false],
    ['1988-02-29', '2028-02-28T12:00:00Z', '0d', false],
    ['1988-02-29', '2028-02-29T12:00:00Z', '0d', true],
    ['1990-01-02', '2027-12-31T12:00:00Z', '2d', true],
    ['1990-01-03', '2027-12-31T12:00:00Z', '2d', false],
    ['1990-03-09', '2027-03-10T12:00:00Z', '363d', false],
    ['1990-03-09', '2027-03-10T12:00:00Z', '365d', true],
  ] as const)
    t.equal(
      answer({ field: 'birth_date', op: 'anniversary_within', value: days }, born(birth, at)),
      expected,
      `${birth} at ${at}, ${days}`,
    );
  t.equal(
    answer({ field: 'birth_date', op: 'before', value: '1990-03-10' }, born('1990-03-09', '2027-03-10T12:00:00Z')),
    true,
  );
  t.equal(
    answer({ field: 'birth_date', op: 'before', value: '1990-03-09' }, born('1990-03-09', '2027-03-10T12:00:00Z')),
    false,
  );
  t.equal(
    answer({ field: 'birth_date', op: 'after', value: '1990-03-09' }, born('1990-03-09', '2027-03-10T12:00:00Z')),
    false,
  );
  t.equal(
    answer({ field: 'birth_date', op: 'after', value: '1990-03-08' }, born('1990-03-09', '2027-03-10T12:00:00Z')),
    true,
  );
  t.equal(answer({ field: 'birth_date', op: 'exists' }, subject()), false);
});

test('days enrolled are local days, those of 23 and 25 hours too', async (t) => {
  const enrolled = (at: string, until: string): Subject =>
    subject({ enrolled_at: parseInstant(at) }, { now: parseInstant(until) });
  for (const [at, until, days] of [
    ['2027-03-27T22:59:59.999Z', '2027-03-27T23:00:00.000Z', 1],
    ['2027-03-27T23:00:00.000Z', '2027-03-28T21:59:59.999Z', 0],
    ['2027-03-27T23:00:00.000Z', '2027-03-28T22:00:00.000Z', 1],
    ['2027-10-30T22:00:00.000Z', '2027-10-31T22:59:59.999Z', 0],
    ['2027-10-30T22:00:00.000Z', '2027-10-31T23:00:00.000Z', 1],
  ] as const)
    t.equal(answer({ field: 'days_enrolled', op: 'eq', value: days }, enrolled(at, until)), true, `${at} to ${until}`);
});

test('windows, wallets, activities and averages', async (t) => {
  for (const name of WINDOWS) {
    const of = subject(window(name, { spend: 7, purchases: 2, earned: { miles: 3 }, activities: { visit: 4 } }));
    const is = (reference: object, value: number): boolean | undefined =>
      answer({ window: name, op: 'eq', value, ...reference } as Comparison, of);
    t.equal(is({ field: 'spend' }, 7), true);
    t.equal(is({ field: 'purchases' }, 2), true);
    t.equal(is({ field: 'average_purchase' }, 3), true, 'truncated');
    t.equal(is({ field: 'earned_points' }, 0), true, 'of the wallet points');
    t.equal(is({ field: 'earned_points', wallet: 'miles' }, 3), true);
    t.equal(is({ field: 'activities', activity: 'visit' }, 4), true);
    t.equal(is({ field: 'activities', activity: 'workshop' }, 0), true);
  }
  t.throws(() => answer({ field: 'spend', window: '7d', op: 'eq', value: 1 }, subject()), /window 7d/);
  const average = (spend: number, purchases: number): Subject => subject({ totals: totals({ spend, purchases }) });
  t.equal(answer({ field: 'average_purchase', op: 'eq', value: -3 }, average(-7, 2)), true);
  t.equal(answer({ field: 'average_purchase', op: 'eq', value: 0 }, average(7, 0)), undefined);
  t.equal(answer({ field: 'average_purchase', op: 'eq', value: (MAX - 1) / 2 }, average(MAX, 2)), true);
  const accounts = { points: { ...emptyAccount, available: 1, pending: 2, debt: 3, redeemed: 4, expired: 5 } };
  for (const [index, field] of ['available', 'pending', 'debt', 'redeemed', 'expired'].entries()) {
    t.equal(answer({ field: `${field}_points`, op: 'eq', value: index + 1 }, subject({ accounts })), true, field);
    t.equal(
      answer({ field: `${field}_points`, wallet: 'miles', op: 'eq', value: 0 }, subject({ accounts })),
      true,
      field,
    );
  }
});

test('tiers of a scheme', async (t) => {
  const of = subject({ tiers: { status: tierHeld('gold', now - DAY), club: tierHeld(null) } });
  t.equal(answer({ field: 'tier', op: 'eq', value: 'gold' }, of), true, 'the scheme status is meant');
  t.equal(answer({ field: 'tier', scheme: 'club', op: 'eq', value: 'insider' }, of), undefined);
  t.equal(answer({ field: 'tier', scheme: 'club', op: 'exists' }, of), false);
  t.equal(answer({ field: 'tier_since', op: 'within_last', value: '1d' }, of), true);
  t.equal(answer({ field: 'tier_since', scheme: 'club', op: 'exists' }, of), false);
  t.equal(answer({ field: 'tier', op: 'exists' }, subject()), false);
});

test('calculations: truncating, and unknown beyond what is counted exactly', async (t) => {
  const calc = (
    a: number,
    operation: '+' | '-' | '*' | '/',
    b: number,
    op: Operator,
    value: Operand,
  ): boolean | undefined =>
    answer({ calc: operation, of: [{ field: 'spend' }, b], op, value }, subject({ totals: totals({ spend: a }) }));
  t.equal(calc(2, '+', 3, 'eq', 5), true);
  t.equal(calc(2, '-', 3, 'eq', -1), true);
  t.equal(calc(2, '*', 3, 'eq', 6), true);
  t.equal(calc(7, '/', 2, 'eq', 3), true);
  t.equal(calc(-7, '/', 2, 'eq', -3), true);
  t.equal(calc(-1, '/', 2, 'between', [0, 0]), true);
  t.equal(calc(MAX, '/', 2, 'eq', (MAX - 1) / 2), true, 'exact');
  t.equal(calc(MAX, '+', 0, 'eq', MAX), true);
  t.equal(calc(MAX, '+', 1, 'gt', 0), undefined);
  t.equal(calc(-MAX, '-', 1, 'lt', 0), undefined);
  t.equal(calc(MAX, '*', 2, 'gt', 0), undefined);
  t.equal(calc(MAX, '*', -2, 'lt', 0), undefined);
  const of = subject({ totals: totals({ spend: 10, purchases: 3 }) });
  t.equal(answer({ field: 'spend', op: 'gt', value: { field: 'purchases' } }, of), true);
  const byNone = { calc: '/', of: [{ field: 'spend' }, { field: 'purchases', window: '7d' }] } as const;
  t.equal(
    answer({ ...byNone, op: 'eq', value: 0 }, subject({ totals: totals({ spend: 7 }), ...window('7d', {}) })),
    undefined,
  );
  t.equal(answer({ field: 'spend', op: 'lte', value: { calc: '*', of: [{ field: 'purchases' }, 3] } }, of), false);
  t.equal(answer({ field: 'spend', op: 'eq', value: { field: 'nps' } }, of), undefined);
  t.equal(answer({ calc: '+', of: [{ field: 'nps' }, 1], op: 'ne', value: 5 }, of), undefined);
});

const purchase: Trigger = {
  kind: 'purchase',
  spend: 500,
  total: 600,
  discount: 10,
  shipping: 100,
  channel: 'web',
  store: null,
  number: 3,
  lines: [
    { sku: 'shoe', categories: ['wear'], quantity: 2, unit_price: 100, spend: 200 },
    { sku: 'sock', categories: ['wear', 'new'], quantity: 3, unit_price: 100, spend: 300 },
  ],
  context: { device: 'mobile' },
};

test('the purchase at hand, its lines and its context', async (t) => {
  const of = subject({}, { trigger: purchase });
  const is = (condition: Condition) => answer(condition, of, 'purchase');
  t.equal(is({ field: 'purchase.spend', op: 'eq', value: 500 }), true);
  t.equal(is({ field: 'purchase.total', op: 'eq', value: 600 }), true);
  t.equal(is({ field: 'purchase.discount', op: 'eq', value: 10 }), true);
  t.equal(is({ field: 'purchase.shipping', op: 'eq', value: 100 }), true);
  t.equal(is({ field: 'purchase.number', op: 'eq', value: 3 }), true);
  t.equal(is({ field: 'purchase.channel', op: 'eq', value: 'web' }), true);
  t.equal(is({ field: 'purchase.store', op: 'eq', value: 'lyon' }), undefined);
  t.equal(is({ field: 'context.device', op: 'eq', value: 'mobile' }), true);
  t.equal(is({ field: 'context.basket', op: 'eq', value: 1 }), undefined);
  const wear: Condition = { field: 'line.categories', op: 'has', value: 'wear' };
  const fresh: Condition = { field: 'line.categories', op: 'has_any', value: ['new', 'x'] };
  t.equal(is({ lines: 'every', where: wear }), true);
  t.equal(is({ lines: 'every', where: fresh }), false);
  t.equal(is({ lines: 'some', where: fresh }), true);
  t.equal(is({ lines: 'some', where: { field: 'line.sku', op: 'eq', value: 'hat' } }), false);
  t.equal(is({ lines: 'some', where: unknown }), undefined);
  t.equal(is({ lines: 'sum', measure: 'spend', op: 'eq', value: 500 }), true);
  t.equal(is({ lines: 'sum', measure: 'quantity', where: fresh, op: 'eq', value: 3 }), true);
  t.equal(is({ lines: 'sum', measure: 'lines', where: wear, op: 'gte', value: 2 }), true);
  t.equal(is({ lines: 'sum', measure: 'lines', where: wear, op: 'gt', value: 2 }), false);
  t.equal(is({ lines: 'sum', measure: 'lines', where: unknown, op: 'gte', value: 0 }), undefined);
  t.equal(is({ lines: 'some', where: { field: 'line.quantity', op: 'gt', value: 2 } }), true);
  t.equal(is({ lines: 'every', where: { field: 'line.unit_price', op: 'eq', value: 100 } }), true);
});

test('the activity at hand', async (t) => {
  const trigger: Trigger = { kind: 'activity', type: 'workshop', fields: { topic: 'wine', paid: true }, context: {} };
  const is = (condition: Condition) => answer(condition, subject({}, { trigger }), { activity: 'workshop' });
  t.equal(is({ field: 'activity.topic', op: 'eq', value: 'wine' }), true);
  t.equal(is({ field: 'activity.paid', op: 'eq', value: false }), false);
  t.equal(is({ field: 'activity.seats', op: 'gt', value: 1 }), undefined);
});

test('attributes of another type than declared are absent', async (t) => {
  for (const [field, value] of [
    ['children', 1.5],
    ['children', '3'],
    ['children', 1e300],
    ['newsletter', 'yes'],
    ['shop', 3],
    ['seen_at', '2026-02-30T00:00:00Z'],
    ['seen_at', '2026-02-20T00:00:00+01:00'],
    ['wedding', '2026-02-30'],
  ] as const)
    t.equal(
      answer(
        { field: `attributes.${field}`, op: 'exists' },
        subject({}, { person: { attributes: { [field]: value } } }),
      ),
      false,
      `${field} ${value}`,
    );
  t.equal(today, 21_243);
});
