import { test } from 'tap';
import { openDraft } from '../../src/engine/draft.ts';
import { explainEarning } from '../../src/engine/explain-earning.ts';
import { purchaseOccasion } from '../../src/engine/occasions.ts';
import { pricingAt } from '../../src/engine/pricing.ts';
import { spreadPurchase } from '../../src/engine/purchase-sums.ts';
import type { RecordPurchase } from '../../src/model/purchase.ts';
import type { Rules } from '../../src/rules/rules.ts';
import { type Given, given, line, purchase, report, settle } from '../helpers/given.ts';
import { fixed, granting, multiplier, perAmount, program } from '../helpers/programs.ts';

const noon = '2026-03-10T11:00:00Z';
const limits = [{ period: 'ever', times: 1, points: null } as const];

const explained = (ada: Given, rules: Rules, found: RecordPurchase, used = new Map<string, number>()) => {
  const draft = openDraft(ada.member!, rules, Date.parse(noon), false, { budgetsUsed: used });
  const occasion = purchaseOccasion(
    draft,
    found,
    spreadPurchase(found, rules.policies),
    Date.parse(noon),
    pricingAt(draft, Date.parse(noon)),
  );
  const before = JSON.stringify(draft);
  const verdicts = explainEarning(occasion);
  if (JSON.stringify(draft) !== before) throw new Error('explaining changed the draft');
  return Object.fromEntries(
    verdicts.map((verdict) => [verdict.rule, verdict.gave ? verdict.points + verdict.rewards : verdict.because.kind]),
  );
};

test('of every rule that a purchase could set off: what it gives, or why it gives nothing', async (t) => {
  const rules = program({
    rules: {
      euro: perAmount(1, 100),
      tiny: perAmount(1, 1_000_000),
      double: multiplier(200),
      less: multiplier(150),
      past: fixed(1, { until: '2026-01-01T00:00:00Z' }),
      night: fixed(1, { schedule: { weekdays: null, hours: { from: '22:00', until: '06:00' } } }),
      shoes: fixed(1, { lines: { sku_in: ['shoe'] } }),
      web: fixed(1, { condition: { field: 'purchase.channel', op: 'eq', value: 'web' } }),
      good: fixed(9, { exclusive_group: 'g' }),
      better: fixed(10, { exclusive_group: 'g' }),
      once: fixed(1, { limits }),
      rare: fixed(1, { cool_down: 'P1Y' }),
      spent: fixed(1, { budget: { points: 5, period: 'ever' } }),
      third: fixed(1, { trigger: 'milestone', milestone: { every_purchases: 3, every_spend: null, window: null } }),
      bag: granting('bag'),
      other: fixed(1, { trigger: 'enrolment' }),
    },
  });
  const ada = given(t, rules).and(noon, purchase(100, { id: 'p-0' }));
  const expected = {
    bag: 1,
    better: 10,
    double: 20,
    euro: 10,
    good: 'exclusive_group',
    less: 'not_used',
    night: 'schedule',
    once: 'limit',
    past: 'dates',
    rare: 'cool_down',
    shoes: 'lines',
    spent: 'budget',
    third: 'milestone',
    tiny: 'too_little',
    web: 'condition',
  };
  t.strictSame(explained(ada, rules, report([line(1000)])), expected);
  t.strictSame(explained(ada, rules, report([line(1000)]), new Map([['spent', 4]])), {
    ...expected,
    double: 21,
    spent: 1,
  });
});

test('a condition is explained clause by clause', async (t) => {
  const condition = { all: [{ field: 'purchases', op: 'gte', value: 5 }] } as const;
  const rules = program({ rules: { loyal: fixed(1, { condition }) } });
  const ada = given(t, rules);
  const found = report(100);
  const draft = openDraft(ada.member!, rules, Date.parse(noon), false);
  const [verdict] = explainEarning(
    purchaseOccasion(draft, found, spreadPurchase(found, rules.policies), draft.now, pricingAt(draft, draft.now)),
  );
  t.match(verdict, {
    rule: 'loyal',
    gave: false,
    because: {
      kind: 'condition',
      explanation: { result: false, children: [{ shortfall: { current: 0, needed: 5, missing: 5 } }] },
    },
  });
});

test('points given for a segment that time brought about expire in their own time, however late that is noticed', async (t) => {
  const life = { pending: null, expiry: { after: 'P10D', round_up_to: null } } as const;
  const rules = program({
    rules: { back: fixed(50, { trigger: 'segment.entered', segment: 'lapsed', life }) },
    segments: {
      lapsed: { name: 'Lapsed', condition: { field: 'last_purchase_at', op: 'older_than', value: '90d' }, exit: null },
    },
  });
  const ada = given(t, rules).and(noon, purchase(100));
  ada.when('2026-06-10T11:00:00Z', settle).then({ balances: { points: '50 available' } });
  ada.when('2026-12-10T11:00:00Z', settle).then({
    balances: { points: '' },
    entries: ['earn 50 points issued→available 1:50', 'expire 50 points available→expired 1:50'],
    times: ['2026-06-08T11:00:00.001Z', '2026-06-18T22:00Z'],
  });
});

test('a closed member gets nothing for what is entered', async (t) => {
  const rules = program({
    rules: { back: fixed(50, { trigger: 'segment.entered' }) },
    segments: {
      lapsed: { name: 'Lapsed', condition: { field: 'last_purchase_at', op: 'older_than', value: '90d' }, exit: null },
    },
  });
  const ada = given(t, rules)
    .and(noon, purchase(100))
    .and(noon, { kind: 'close_member', member_id: 1 as never });
  ada.when('2026-12-10T11:00:00Z', settle).then({ entries: [] });
});
