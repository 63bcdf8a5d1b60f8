import fc from 'fast-check';
import { test } from 'tap';
import { decide } from '../../src/engine/decide.ts';
import type { LoadedMember } from '../../src/model/decision.ts';
import { PERIODS } from '../../src/model/earn-limits.ts';
import type { EarnRule } from '../../src/model/earn-rule.ts';
import { instantText } from '../../src/model/instant.ts';
import type { LineFilter } from '../../src/model/line-filter.ts';
import type { PurchaseLine, PurchaseRow } from '../../src/model/purchase.ts';
import { periodStart } from '../../src/rules/periods.ts';
import type { Rules } from '../../src/rules/rules.ts';
import { ada, after, line, purchase, put } from '../helpers/given.ts';
import { fixed, granting, multiplier, type ProgramParts, perAmount, program, tierOn } from '../helpers/programs.ts';

/* Random rules with limits, budgets, groups and multipliers, random purchases, and what must hold of whatever comes of them. */

const DAY = 86_400_000;
const startsAt = Date.parse('2026-01-28T10:00:00Z');

const filter = fc.constantFrom<LineFilter | null>(null, null, { sku_in: ['shoe'] }, { category_in: ['new'] });
const limits: fc.Arbitrary<EarnRule['limits']> = fc.uniqueArray(
  fc.record({
    period: fc.constantFrom(...PERIODS),
    times: fc.constantFrom(null, 1, 2, 5),
    points: fc.constantFrom(null, 1, 7, 30, 100),
  }),
  { maxLength: 2, selector: ({ period }) => period },
);
const shared = {
  lines: filter,
  limits: fc.oneof(fc.constant<EarnRule['limits']>([]), limits),
  cool_down: fc.constantFrom(null, null, null, 'P1D', 'P1W'),
  budget: fc.constantFrom(null, null, { points: 40, period: 'week' } as const, { points: 90, period: 'ever' } as const),
  priority: fc.integer({ min: -1, max: 1 }),
};
const base = {
  ...shared,
  wallet: fc.constantFrom('points', 'miles'),
  exclusive_group: fc.constantFrom(null, null, 'g', 'h'),
  life: fc.constantFrom(null, null, { pending: 'P1D', expiry: null }, { pending: null, expiry: null }),
};

const amountRule = fc
  .record({ ...base, points: fc.integer({ min: 1, max: 9 }), per: fc.constantFrom(1, 7, 100, 300) })
  .map(({ points, per, ...parts }) => perAmount(points, per, parts));
const fixedRule = fc
  .record({ ...base, points: fc.integer({ min: 1, max: 40 }) })
  .map(({ points, ...parts }) => fixed(points, parts));
const milestoneRule = fc
  .record({
    ...base,
    points: fc.integer({ min: 1, max: 40 }),
    milestone: fc.constantFrom(
      { every_purchases: 3, every_spend: null, window: null },
      { every_purchases: 2, every_spend: null, window: '7d' } as const,
      { every_purchases: null, every_spend: 700, window: '30d' } as const,
    ),
  })
  .map(({ points, ...parts }) => fixed(points, { ...parts, trigger: 'milestone' }));
const multiplierRule = (percents: readonly number[]) =>
  fc
    .record({ ...shared, wallet: fc.constantFrom('points', 'miles'), percent: fc.constantFrom(...percents) })
    .map(({ percent, ...parts }) => multiplier(percent, parts));
const rewardRule = fc
  .record({
    lines: filter,
    limits: fc.constantFrom<EarnRule['limits']>([], [{ period: 'week', times: 2, points: null }]),
  })
  .map((parts) => granting('bag', null, parts));

const rulesOf = (percents: readonly number[]) =>
  fc
    .array(fc.oneof(amountRule, amountRule, fixedRule, milestoneRule, multiplierRule(percents), rewardRule), {
      minLength: 1,
      maxLength: 7,
    })
    .map((list) => Object.fromEntries(list.map((rule, index) => [`r${index}`, rule])));

const programs = (percents: readonly number[] = [50, 110, 150, 200, 333]): fc.Arbitrary<ProgramParts> =>
  fc.record({
    wallets: fc.record({
      points: fc.record({ rounding: fc.constantFrom('floor', 'ceil', 'half_up', 'half_even') }),
      miles: fc.record({ rounding: fc.constantFrom('floor', 'ceil', 'half_up', 'half_even') }),
    }),
    rules: rulesOf(percents),
    tiers: fc.constantFrom(100, 125, 150).map((multiplier_percent) => ({
      gold: tierOn(1, { field: 'purchases', op: 'gte', value: 2 }, { benefits: { multiplier_percent, perks: [] } }),
    })),
    policies: fc.record({
      multipliers: fc.constantFrom('best', 'product'),
      count_shipping: fc.boolean(),
      late_report_days: fc.constant(null),
    }),
  });

interface Buying {
  readonly hours: number;
  readonly lateDays: number;
  readonly shipping: number;
  readonly lines: PurchaseLine[];
}
const buyings: fc.Arbitrary<Buying[]> = fc.array(
  fc.record({
    hours: fc.constantFrom(0, 1, 5, 20, 30, 80, 200, 800),
    lateDays: fc.constantFrom(0, 0, 0, 1, 2, 9, 40),
    shipping: fc.constantFrom(0, 90),
    lines: fc.array(
      fc
        .record({
          total: fc.oneof(fc.nat(900), fc.constant(0)),
          sku: fc.constantFrom('shoe', 'sock'),
          categories: fc.constantFrom<string[]>([], ['new']),
        })
        .map(({ total, ...more }) => line(total, more)),
      { minLength: 1, maxLength: 3 },
    ),
  }),
  { minLength: 1, maxLength: 12 },
);

interface Bought {
  readonly row: PurchaseRow;
  readonly shares: Map<string, number>;
  readonly now: number;
}

/** Everything a member buys, with what each rule gave by the entries. */
const buyAll = (rules: Rules, list: readonly Buying[]): Bought[] => {
  const used = new Map(rules.budgeted.map(({ code }) => [code, new Map<number, number>()]));
  let now = startsAt;
  let member: LoadedMember | null = null;
  const bought: Bought[] = [];
  const run = (command: Parameters<typeof decide>[0]['command']) => {
    const day = rules.calendar.dayOf(now);
    const fromOf = (code: string) =>
      periodStart(rules.budgeted.find((rule) => rule.code === code)!.rule.budget!.period, day);
    const budgetsUsed = new Map([...used].map(([code, byPeriod]) => [code, byPeriod.get(fromOf(code)) ?? 0]));
    const decision = decide({ member, command, rules, now, newId: ada, budgetsUsed });
    if (decision.outcome === 'refused') throw new Error(decision.detail);
    for (const [code, points] of decision.changes.budgets)
      used.get(code)!.set(fromOf(code), points + (used.get(code)!.get(fromOf(code)) ?? 0));
    member = after(member, decision.changes);
    return decision.changes;
  };
  run(put({}, { member_id: null }));
  for (const [index, { hours, lateDays, lines, shipping }] of list.entries()) {
    now += hours * 3_600_000;
    const occurred_at = instantText(now - lateDays * DAY);
    const changes = run(purchase(lines, { id: `p-${index}`, occurred_at, shipping }));
    const shares = new Map<string, number>();
    for (const entry of changes.entries)
      for (const { rule, points } of entry.rules) shares.set(rule, points + (shares.get(rule) ?? 0));
    for (const { rule } of changes.entitlements) if (rule !== null) shares.set(rule, shares.get(rule) ?? 0);
    for (const entry of changes.entries.filter(({ movement }) => movement === 'earn'))
      if (entry.rules.reduce((sum, { points }) => sum + points, 0) !== entry.points)
        throw new Error('the shares of the rules are not the points of the entry');
    bought.push({ row: changes.purchase!, shares, now });
  }
  for (const [code, byPeriod] of used)
    for (const points of byPeriod.values())
      if (points > rules.budgeted.find((rule) => rule.code === code)!.rule.budget!.points)
        throw new Error(`the budget of ${code} was exceeded`);
  return bought;
};

const runs = { numRuns: 300 };

test('the facts say what the entries gave, and no limit, cool-down or budget is ever exceeded', async () => {
  fc.assert(
    fc.property(programs(), buyings, (parts, list) => {
      const rules = program(parts);
      const bought = buyAll(rules, list);
      for (const { row, shares } of bought)
        for (const fact of row.facts.rules)
          if (fact.points !== (shares.get(fact.rule) ?? 0)) throw new Error(`${fact.rule}: ${fact.points}`);
      for (const { code, rule } of rules.earnRules)
        for (const { period, times, points } of rule.limits) {
          const counted = new Map<number, [times: number, points: number]>();
          for (const { row, shares } of bought) {
            const from = periodStart(period, rules.calendar.dayOf(row.occurred_at));
            const [before, sum] = counted.get(from) ?? [0, 0];
            if (shares.has(code)) counted.set(from, [before + 1, sum + (shares.get(code) ?? 0)]);
          }
          for (const [so, many] of counted.values())
            if (so > (times ?? Infinity) || many > (points ?? Infinity))
              throw new Error(`${code} gave ${many} in ${so}`);
        }
    }),
    runs,
  );
});

test('of an exclusive group one rule gives at most', async () => {
  fc.assert(
    fc.property(programs(), buyings, (parts, list) => {
      for (const { shares } of buyAll(program(parts), list))
        for (const group of ['g', 'h']) {
          const gave = Object.entries(parts.rules ?? {}).filter(
            ([code, rule]) => rule.exclusive_group === group && (shares.get(code) ?? 0) > 0,
          );
          if (gave.length > 1) throw new Error(`${group}: ${gave.map(([code]) => code)}`);
        }
    }),
    runs,
  );
});

test('the order in which rules are listed changes nothing', async () => {
  fc.assert(
    fc.property(programs(), buyings, (parts, list) => {
      const reversed = { ...parts, rules: Object.fromEntries(Object.entries(parts.rules ?? {}).reverse()) };
      const facts = (some: ProgramParts) => JSON.stringify(buyAll(program(some), list).map(({ row }) => row));
      return facts(parts) === facts(reversed);
    }),
    { numRuns: 100 },
  );
});

const bare = (rule: EarnRule): EarnRule => ({
  ...rule,
  limits: [],
  cool_down: null,
  budget: null,
  exclusive_group: null,
});

test('without bounds a wallet gets what a plain sum over lines, rules and multipliers comes to', async () => {
  fc.assert(
    fc.property(programs([110, 150, 200, 333]), buyings, (parts, list) => {
      const found = Object.fromEntries(
        Object.entries(parts.rules ?? {})
          .filter(([, rule]) => rule.trigger === 'purchase' && rule.effect.type !== 'reward')
          .map(([code, rule]) => [code, { ...bare(rule), life: null }]),
      );
      const rules = program({ ...parts, rules: found, wallets: { points: {}, miles: {} } });
      let purchases = 0;
      for (const { row, shares } of buyAll(rules, list)) {
        const tier = purchases++ >= 2 ? [parts.tiers!['gold']!.benefits.multiplier_percent] : [];
        for (const wallet of ['points', 'miles']) {
          const matches = (rule: EarnRule, item: (typeof row.report.lines)[number]) =>
            rule.lines === null ||
            (rule.lines.sku_in?.includes(item.sku) ??
              item.categories.some((c) => rule.lines!.category_in?.includes(c)));
          const mine = Object.values(found).filter((rule) => rule.wallet === wallet);
          const applies = mine.filter(
            (rule) => rule.lines === null || row.report.lines.some((item) => matches(rule, item)),
          );
          const factor = (some: readonly EarnRule[]): number => {
            const percents = [
              ...some.flatMap(({ effect }) => (effect.type === 'multiplier' ? effect.percent : [])),
              ...tier,
            ];
            return parts.policies!.multipliers === 'best'
              ? Math.max(100, ...percents) / 100
              : percents.reduce((product, percent) => (product * percent) / 100, 1);
          };
          let sum = 0;
          for (const { effect, ...rest } of applies) {
            const rule = { effect, ...rest };
            if (effect.type === 'fixed') sum += effect.points * factor(applies.filter(({ lines }) => lines === null));
            if (effect.type !== 'per_amount') continue;
            for (const item of row.report.lines.filter((one) => matches(rule, one)))
              sum +=
                ((item.counted * effect.points) / effect.per) * factor(applies.filter((one) => matches(one, item)));
            if (rule.lines === null)
              sum +=
                ((row.facts.shipping_counted * effect.points) / effect.per) *
                factor(applies.filter(({ lines }) => lines === null));
          }
          const codes = Object.entries(found).filter(([, rule]) => rule.wallet === wallet);
          const given = codes.reduce((total, [code]) => total + (shares.get(code) ?? 0), 0);
          // What the tier added is told under one name for both wallets.
          const all = [...shares.values()].reduce((total, points) => total + points, 0);
          if (tier.length === 0 && Math.abs(given - sum) >= 1 + 1e-6) throw new Error(`${given} for ${sum}`);
          if (all > 0 && given - sum > 1e-6) throw new Error(`${given} for ${sum}`);
        }
      }
    }),
    runs,
  );
});

test('multipliers above one never give less, and their product never less than the best of them', async () => {
  fc.assert(
    fc.property(programs([110, 150, 200]), buyings, (parts, list) => {
      const plain = Object.fromEntries(Object.entries(parts.rules ?? {}).map(([code, rule]) => [code, bare(rule)]));
      const total = (multipliers: 'best' | 'product', rules = plain) =>
        buyAll(
          program({
            ...parts,
            rules,
            wallets: { points: {}, miles: {} },
            policies: { ...parts.policies, multipliers },
          }),
          list,
        ).map(({ shares }) => [...shares.values()].reduce((sum, points) => sum + points, 0));
      const without = Object.fromEntries(
        Object.entries(plain).filter(([, { effect }]) => effect.type !== 'multiplier'),
      );
      const [none, best, product] = [total('best', without), total('best'), total('product')];
      return best.every((points, index) => points >= none[index]! && product[index]! >= points);
    }),
    runs,
  );
});
