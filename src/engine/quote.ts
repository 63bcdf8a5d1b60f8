import { type LoadedMember, type Refusal, refuse } from '../model/decision.ts';
import { type Instant, instantText } from '../model/instant.ts';
import type { Money } from '../model/money.ts';
import { worthOf } from '../model/mul-div.ts';
import type { RecordPurchase } from '../model/purchase.ts';
import type { EarnedPoints } from '../model/purchase-view.ts';
import type { CreateQuote, Quote, Spendable } from '../model/quote.ts';
import { moneyOf } from '../model/redemption-view.ts';
import type { Rules } from '../rules/rules.ts';
import { burnBy, burnRuleFor, spendableBy } from './burn.ts';
import { frozenUntil } from './burns.ts';
import { accountOf, type Draft, openDraft, type Shared } from './draft.ts';
import { type Pricing, pricingAt } from './pricing.ts';
import { type SpreadPurchase, spreadPurchase } from './purchase-sums.ts';
import { bookPaid, refusePurchase } from './record-purchase.ts';
import { refuseSpending } from './redeem.ts';
import { type PaidWithPoints, payableBy, paying, within, withPaid } from './redeem-with-purchase.ts';
import { rewardOffers, type Supply } from './rewards.ts';
import { subjectAt } from './subject.ts';
import { tierViews } from './view.ts';

/*
 * A quote is a purchase decided and not saved: the same code, over a draft that nobody keeps. Points that are meant to
 * be spent are checked and not taken.
 */

/** What a quote says, before it has an id and a time. */
export type Offer = Omit<Quote, 'id' | 'created_at' | 'expires_at' | 'revision'>;

/** What the points meant to be spent would pay. */
const meantToPay = (draft: Draft, pricing: Pricing, request: CreateQuote, report: RecordPurchase) => {
  const spent = new Map<string, number>();
  const redemptions: PaidWithPoints['redemptions'][number][] = [];
  for (const [index, { wallet = 'points', points }] of (request.redeem ?? []).entries()) {
    const pointer = `/redeem/${index}`;
    const all = points + (spent.get(wallet) ?? 0);
    const refusal = refuseSpending(draft, wallet, all);
    if (refusal !== null) return within(pointer, refusal);
    const burn = burnBy(draft, pricing, wallet, points, '/points');
    if (burn !== null && 'outcome' in burn) return within(pointer, burn);
    spent.set(wallet, all);
    redemptions.push({ id: `${index}`, ordinal: 0, points, pointer, burn, reward: null, voucher: null });
  }
  const paid = withPaid(report, redemptions);
  return 'outcome' in paid ? paid : paying(pricing, redemptions, paid);
};

const nothing = {
  burn_rule: null,
  value: null,
  minimum_points: 0,
  maximum_points: 0,
  step_points: 1,
  maximum_amount: null,
  missing: null,
};

const spendableOf = (
  draft: Draft,
  pricing: Pricing,
  wallet: string,
  spread: SpreadPurchase,
  report: RecordPurchase,
): Spendable => {
  const { available } = accountOf(draft.loaded.state, wallet);
  const base = { ...nothing, wallet, available };
  if (draft.state.status === 'suspended') return { ...base, because: 'member_suspended' };
  if (frozenUntil(draft.state, draft.now) !== null) return { ...base, because: 'member_frozen' };
  const burnRule = burnRuleFor(draft, pricing, wallet);
  if (burnRule === null) return { ...base, because: 'no_burn_rule' };
  if (burnRule === undefined) {
    const because = available === 0 ? 'too_few_points' : null;
    return {
      ...base,
      minimum_points: Math.min(1, available),
      maximum_points: available,
      because,
      missing: because && 1,
    };
  }
  const { rule } = burnRule;
  const { least, most, because } = spendableBy(draft, burnRule, available, payableBy(burnRule, spread, report));
  const maximum_amount: Money = { amount: worthOf(most, rule.value), currency: pricing.rules.currency };
  return {
    ...base,
    burn_rule: burnRule.code,
    value: rule.value,
    step_points: rule.step_points,
    minimum_points: most === 0 ? 0 : least,
    maximum_points: most,
    maximum_amount,
    because,
    missing: because === 'too_few_points' ? least - available : null,
  };
};

const withoutEntry = ({ entry_id: _, ...earned }: EarnedPoints) => earned;

/**
 * What a cart comes to for a member whose state is settled up to `now`. `shared` is what was used of budgets and of
 * rewards. Refuses what the purchase would be refused for.
 */
export const quoteCart = (
  settled: LoadedMember,
  rules: Rules,
  now: Instant,
  shared: Pick<Shared, 'budgetsUsed'> & Supply,
  request: CreateQuote,
): Refusal | Offer => {
  const draft = openDraft(settled, rules, now, false, { budgetsUsed: shared.budgetsUsed });
  const pricing = pricingAt(draft, draft.now);
  const rewards = rewardOffers(subjectAt(draft, draft.now), pricing, shared);
  const { expires_at: _, redeem: __, ...cart } = request;
  const report: RecordPurchase = { ...cart, id: 'quote' };
  const refusal = refusePurchase(draft, report, pricing);
  if (refusal !== null) return refusal;
  const paid = meantToPay(draft, pricing, request, report);
  if (paid.outcome === 'refused') return paid;
  const spread = spreadPurchase(report, rules.policies);
  const spendable = [...rules.wallets]
    .filter(([, wallet]) => wallet.redeemable)
    .map(([wallet]) => spendableOf(draft, pricing, wallet, spread, report));
  const booked = bookPaid(draft, paid, pricing, draft.now);
  if (booked.outcome === 'refused') return booked;
  const { row, given } = booked;
  const { currency } = rules;
  return {
    member: draft.state.external_id,
    total: { amount: row.total, currency },
    spend: { amount: row.spend, currency },
    earned: given.map(withoutEntry),
    withheld: row.facts.rules.flatMap(({ rule, withheld }) => (withheld === undefined ? [] : [{ rule, withheld }])),
    redeem: paid.redemptions.map(({ points, burn }, index) => ({
      wallet: request.redeem?.[index]?.wallet ?? 'points',
      points,
      amount: moneyOf(burn, points),
    })),
    spendable,
    rewards,
    tiers: tierViews(subjectAt(draft, draft.now), rules),
    segments: Object.keys(draft.state.segments).sort(),
  };
};

/** Refuses a time until which no quote is honoured. */
export const refuseQuoteUntil = (until: Instant, now: Instant, most: Instant): Refusal | null => {
  if (until > now && until <= most) return null;
  const code = until <= now ? 'not_in_future' : 'quote_too_long';
  const detail = instantText(until);
  return refuse(code, `a quote given at ${instantText(now)} cannot be honoured until then`, {
    errors: [{ pointer: '/expires_at', code, detail, expected: `at most ${instantText(most)}` }],
  });
};
