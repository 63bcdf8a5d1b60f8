import type { MemberState } from '../model/member-state.ts';
import { mulDiv } from '../model/mul-div.ts';
import type { GivenPoints, PurchaseRow, ReturnFacts, StoredLine } from '../model/purchase.ts';
import { sumBy } from '../model/sums.ts';
import type { CompiledEarnRule } from '../rules/earn-rules.ts';
import { lifeKey, lifeName } from '../rules/points-life.ts';
import type { Rules } from '../rules/rules.ts';
import type { Occasion } from './contributions.ts';
import { earningsOf } from './earnings.ts';
import { tierMultipliers, timesReached } from './occasions.ts';
import { earningPart } from './purchase-sums.ts';
import { purchaseTrigger } from './purchase-trigger.ts';
import { asRecorded } from './recorded-purchase.ts';
import { bought, isWhole, type PurchaseLeft, paidLeft, spendLeft } from './return-lines.ts';
import { allowanceOf } from './rule-limits.ts';

/*
 * What the rest of a purchase would have given: evaluated by the revision it was recorded under, on the facts recorded
 * with it. What a return takes back is the difference.
 */

/** How often a rule gave, and how many points. */
export interface Gave {
  readonly times: number;
  readonly points: number;
}

export interface Worth {
  /** Points by wallet and life: see `groupOfGiven`. */
  readonly points: ReadonlyMap<string, number>;
  readonly counted: ReadonlyMap<string, Gave>;
  readonly rewards: ReadonlyMap<string, number>;
}

/** A recorded purchase with the rules of its revision. */
export interface Recorded {
  readonly row: PurchaseRow;
  readonly rules: Rules;
}

const nothing: Worth = { points: new Map(), counted: new Map(), rewards: new Map() };

/** Names points of one wallet that become available and expire together. */
export const groupOfGiven = ({ wallet, available_at, expires_at, sliding }: GivenPoints): string =>
  `${wallet} ${lifeName(available_at, expires_at, sliding === true)}`;

/** The report with the tax of the lines that are left, shipping keeping its own. */
const taxed = ({ report }: PurchaseRow, left: PurchaseLeft['lines']): PurchaseRow['report'] => {
  if (report.tax === undefined) return report;
  const of = (lines: readonly StoredLine[]) => lines.reduce((sum, line) => sum + line.tax_share, 0);
  const amount = report.tax.amount - of(report.lines) + of(left.map(({ line }) => line));
  return { ...report, tax: { ...report.tax, amount } };
};

const remainingOccasion = (
  { row, rules }: Recorded,
  facts: ReturnFacts,
  left: PurchaseLeft,
  state: MemberState,
): Occasion => {
  const { occurred_at: at, recorded_at: now } = row;
  const whole = bought(row);
  const day = rules.calendar.dayOf(at);
  const lines = left.lines.filter(({ quantity }) => quantity > 0);
  const spend = spendLeft(left);
  const discounts = left.lines.map(({ line, paid }, index) => {
    const all = whole.lines[index]?.paid ?? 0;
    return all === 0 ? line.discount_share : mulDiv(line.discount_share, paid, all, 'floor');
  });
  const shipping = left.shipping.paid === whole.shipping.paid ? (row.report.shipping ?? 0) : left.shipping.paid;
  const stored = lines.map(({ line, quantity, counted }) => ({ ...line, quantity, counted }));
  const rest: PurchaseRow = {
    ...row,
    spend,
    total: row.total - (paidLeft(whole) - paidLeft(left)),
    report: {
      ...row.report,
      lines: stored,
      discount: discounts.reduce((sum, part) => sum + part, 0),
      shipping,
    },
  };
  const budgetLeft = ({ code }: CompiledEarnRule): number => facts.budgets[code] ?? 0;
  const share = row.facts.shipping_points_share;
  const ofShipping = share === undefined ? {} : { shipping_points_share: share };
  const ofRest = { lines: stored, shipping_counted: left.shipping.counted, ...ofShipping, spend };
  return {
    rules,
    candidates: rules.setOffByPurchase.map((rule) => asRecorded(rule, row.facts.fields ?? {})),
    subject: {
      state,
      person: null,
      now,
      today: rules.calendar.dayOf(now),
      trigger: purchaseTrigger({ ...rest.report, total: rest.total }, { lines: stored, spend }, facts.number),
    },
    at: row.facts.priced_at ?? at,
    day,
    allowance: (rule) => allowanceOf(rule, facts.limits[rule.code], day, budgetLeft(rule)),
    purchase: earningPart(ofRest, taxed(row, lines), rules.policies),
    tierMultipliers: tierMultipliers(rules, (scheme) => row.facts.tiers[scheme] ?? null),
    reached: (rule) => timesReached(rule, facts.milestones[rule.code] ?? null, spend),
  };
};

const evaluated = (recorded: Recorded, facts: ReturnFacts, left: PurchaseLeft, state: MemberState): Worth => {
  const occasion = remainingOccasion(recorded, facts, left, state);
  const { rules } = occasion;
  const { occurred_at: at } = recorded.row;
  const { earnings, rewards, counted } = earningsOf(occasion);
  const points = sumBy(
    earnings,
    ({ wallet, as }) => {
      const life = as.rule.life ?? rules.wallets.get(wallet) ?? { pending: null, expiry: null };
      return `${wallet} ${lifeKey(rules.calendar, life, at)}`;
    },
    (earning) => earning.points,
  );
  return {
    points,
    counted: new Map(counted.map(({ rule, times, points: given }) => [rule.code, { times, points: given }])),
    rewards: new Map(rewards.map(({ rule, times }) => [rule.code, times])),
  };
};

/** What was given, cut down in proportion to the spend. Rewards and times stay until nothing is left. */
const inProportion = ({ row }: Recorded, given: readonly GivenPoints[], left: PurchaseLeft, all: Worth): Worth => {
  const part = (points: number): number =>
    row.spend === 0 ? points : mulDiv(points, spendLeft(left), row.spend, 'floor');
  const cut = ([key, points]: readonly [string, number]) => [key, part(points)] as const;
  return {
    points: new Map([...sumBy(given, groupOfGiven, ({ points }) => points)].map(cut)),
    counted: new Map([...all.counted].map(([rule, { times, points }]) => [rule, { times, points: part(points) }])),
    rewards: all.rewards,
  };
};

/** What is known of a purchase that was recorded before there were returns, or whose member was erased since. */
const told = ({ row: { facts } }: Recorded): Worth => ({
  ...nothing,
  counted: new Map(facts.rules.flatMap(({ rule, points }) => (points > 0 ? [[rule, { times: 1, points }]] : []))),
});

/** What the rest of a purchase is worth: nothing when nothing is left. `given` is what the purchase gave. */
export const worthOf = (
  recorded: Recorded,
  given: readonly GivenPoints[],
  left: PurchaseLeft,
  state: MemberState,
): Worth => {
  if (isWhole(left)) return nothing;
  if (recorded.row.facts.past === true) return inProportion(recorded, given, left, nothing);
  const facts = recorded.row.facts.on_return;
  const { erased = false } = recorded.row.facts;
  if (facts !== undefined && !erased && recorded.rules.policies.return_points === 'recalculate')
    return evaluated(recorded, facts, left, state);
  const all = facts === undefined || erased ? told(recorded) : evaluated(recorded, facts, bought(recorded.row), state);
  return inProportion(recorded, given, left, all);
};
