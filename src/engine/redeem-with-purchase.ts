import { type Burn, type RedemptionRow, type Refusal, refuse } from '../model/decision.ts';
import { mulDiv, worthOf } from '../model/mul-div.ts';
import type { Fault } from '../model/problem.ts';
import type { CapturedWith, RecordPurchase } from '../model/purchase.ts';
import type { Voucher } from '../model/voucher.ts';
import { voucherView } from '../model/voucher-view.ts';
import type { CompiledBurnRule } from '../rules/burn-rules.ts';
import type { Draft } from './draft.ts';
import type { Pricing } from './pricing.ts';
import { type MayPay, payableOf, type SpreadPurchase } from './purchase-sums.ts';
import { redeemBy } from './redeem.ts';
import { redeemReward } from './redeem-reward.ts';
import { captureWithPurchase, redemptionIn } from './redemption-life.ts';
import { voucherIn } from './vouchers.ts';

/** A redemption that pays for a purchase, and where the report names it. */
export interface Paying extends CapturedWith {
  readonly pointer: string;
  readonly burn: Burn | null;
  /** Code of the reward. */
  readonly reward: string | null;
  /** The voucher that was issued for it. */
  readonly voucher: Voucher | null;
}

/** What a purchase is paid with in points. */
export interface PaidWithPoints {
  readonly outcome: 'paid';
  readonly redemptions: readonly Paying[];
  /** The burn rules by which they pay that are still in force. */
  readonly rules: readonly CompiledBurnRule[];
  /** The report, with what the redemptions pay. */
  readonly report: RecordPurchase;
}

/** A refusal as seen from what contains the thing that is refused. */
export const within = (pointer: string, { errors, ...refusal }: Refusal): Refusal => ({
  ...refusal,
  ...(errors === undefined
    ? {}
    : { errors: errors.map((error) => ({ ...error, pointer: `${pointer}${error.pointer}` })) }),
});

type Wanted = NonNullable<RecordPurchase['redeem']>[number];

const redeemOne = (draft: Draft, pricing: Pricing, wanted: Wanted): Refusal | RedemptionRow => {
  const { id, reward, points = 0, wallet = 'points', entitlement } = wanted;
  if (reward === undefined) return redeemBy(draft, pricing, { id, points, wallet, until: null });
  const request = { id, reward, ...(entitlement === undefined ? {} : { entitlement }) };
  const redeemed = redeemReward(draft, pricing, request, null);
  return redeemed.outcome === 'refused' ? redeemed : redeemed.row;
};

const issuedFor = (draft: Draft, { voucher: number }: RedemptionRow): Voucher | null => {
  const voucher = number == null ? null : voucherIn(draft, number);
  return voucher === null ? null : voucherView(voucher, draft.state.member_id, draft.state.external_id);
};

/** Redeems at once what the report says. Each is a redemption like any other, and counts as a command of the member. */
const redeemAll = (draft: Draft, pricing: Pricing, report: RecordPurchase): Refusal | Paying[] => {
  const redeemed: Paying[] = [];
  for (const [index, wanted] of (report.redeem ?? []).entries()) {
    const pointer = `/redeem/${index}`;
    const row = redeemOne(draft, pricing, wanted);
    if ('outcome' in row) return within(pointer, row);
    const { redemption_id: id, ordinal, points, burn, reward } = row;
    draft.state.commands += 1;
    const voucher = issuedFor(draft, row);
    redeemed.push({ id, ordinal, points, pointer, burn, reward: reward?.code ?? null, voucher });
  }
  return redeemed;
};

const captureAll = (draft: Draft, ids: readonly string[]): Refusal | Paying[] => {
  const captured = captureWithPurchase(draft, ids);
  if (captured.outcome === 'refused') return captured;
  return captured.redemptions.map((one, index): Paying => {
    const row = redemptionIn(draft, one.id);
    return {
      ...one,
      pointer: `/capture_redemptions/${index}`,
      burn: row?.burn ?? null,
      reward: row?.reward?.code ?? null,
      voucher: row === null ? null : issuedFor(draft, row),
    };
  });
};

/** What the redemptions pay is what was paid with points: said twice, it must be the same. */
export const withPaid = (report: RecordPurchase, paying: readonly Paying[]): Refusal | RecordPurchase => {
  const worth = paying.reduce((sum, { burn, points }) => sum + (burn === null ? 0 : worthOf(points, burn.value)), 0);
  const { paid_with_points: told = worth } = report;
  if (worth === 0) return report;
  if (told === worth) return { ...report, paid_with_points: worth };
  const error = { pointer: '/paid_with_points', code: 'paid_with_points', detail: `${told}`, expected: `${worth}` };
  return refuse('sums_do_not_add_up', `the redemptions pay ${worth}`, { errors: [error] });
};

/** Redemptions with the burn rules by which they pay. */
export const paying = ({ rules }: Pricing, redemptions: readonly Paying[], report: RecordPurchase): PaidWithPoints => {
  const codes = new Set(redemptions.flatMap(({ burn }) => burn?.rule ?? []));
  return { outcome: 'paid', redemptions, rules: rules.burnRules.filter(({ code }) => codes.has(code)), report };
};

/** Captures and redeems what a purchase is paid with. Nothing is looked at yet that needs its sums to hold. */
export const payWithPoints = (draft: Draft, pricing: Pricing, report: RecordPurchase): Refusal | PaidWithPoints => {
  const captured = captureAll(draft, report.capture_redemptions ?? []);
  if ('outcome' in captured) return captured;
  const redeemed = redeemAll(draft, pricing, report);
  if ('outcome' in redeemed) return redeemed;
  const redemptions = [...captured, ...redeemed];
  const paid = withPaid(report, redemptions);
  if ('outcome' in paid) return paid;
  return paying(pricing, redemptions, paid);
};

/** What may be paid by some rules; undefined: by none, and nothing says what may not. */
export const mayPayBy = (rules: readonly CompiledBurnRule[]): MayPay | undefined =>
  rules.length === 0
    ? undefined
    : {
        line: (line) => rules.some(({ matches }) => matches === null || matches(line)),
        shipping: rules.some(({ rule }) => rule.shipping),
      };

/** Minor units of a purchase that points may pay by a rule. */
export const payableBy = (
  burnRule: CompiledBurnRule,
  spread: SpreadPurchase,
  report: Pick<RecordPurchase, 'shipping' | 'tax'>,
): number => {
  const { lines, shipping } = payableOf(spread, report);
  const may = mayPayBy([burnRule]);
  const counted = lines.reduce(
    (sum, payable, index) => {
      const line = spread.lines[index];
      return line !== undefined && may?.line(line) ? sum + payable : sum;
    },
    may?.shipping ? shipping : 0,
  );
  return mulDiv(counted, burnRule.rule.maximum_percent, 100, 'floor');
};

/** Why the redemptions together do not go by their rules on this purchase. */
export const refusePaid = ({ redemptions, rules, report }: PaidWithPoints, spread: SpreadPurchase): Refusal | null => {
  for (const burnRule of rules) {
    const by = redemptions.filter(({ burn }) => burn?.rule === burnRule.code);
    const points = by.reduce((sum, one) => sum + one.points, 0);
    const amount = by.reduce((sum, one) => sum + (one.burn === null ? 0 : worthOf(one.points, one.burn.value)), 0);
    const { maximum_points: most } = burnRule.rule;
    const payable = payableBy(burnRule, spread, report);
    const pointer = by.at(-1)?.pointer ?? '';
    const fault: Fault | null =
      points > (most ?? points)
        ? { pointer, code: 'maximum_points', detail: `${points} points`, expected: `at most ${most} points a purchase` }
        : amount > payable
          ? { pointer, code: 'maximum_percent', detail: `${amount}`, expected: `at most ${payable}` }
          : null;
    if (fault !== null)
      return refuse('burn_rule_violated', `burn rule ${burnRule.code} does not allow it`, { errors: [fault] });
  }
  return null;
};
