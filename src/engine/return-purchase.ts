import { type Accepted, accept, type Entitlement, type Outcome, type Refusal, refuse } from '../model/decision.ts';
import type { Instant } from '../model/instant.ts';
import type { LedgerEntry } from '../model/ledger-entry.ts';
import { noTotals } from '../model/member-state.ts';
import type { PurchaseRow } from '../model/purchase.ts';
import type { Returned, ReturnRequest, ReturnRow, TakenPoints } from '../model/purchase-return.ts';
import { sumBy } from '../model/sums.ts';
import type { RefundedPoints, TakenBack } from '../model/taken-back.ts';
import { minus } from '../model/totals.ts';
import type { Rules } from '../rules/rules.ts';
import { boundPurchases } from './absorbed.ts';
import { addEvent, type Draft } from './draft.ts';
import { entitlementIn } from './entitlement-standing.ts';
import { groupOfGiven, type Worth, worthOf } from './purchase-worth.ts';
import { reassess } from './reassess.ts';
import { refundWithReturn } from './refund-with-return.ts';
import { occurredAtOf, refuseOccurredAt } from './report.ts';
import { returnAnswer } from './return-answer.ts';
import {
  bought,
  isWhole,
  leftAfter,
  type PurchaseLeft,
  paidLeft,
  pointsPaidLeft,
  spendLeft,
  takeReturned,
} from './return-lines.ts';
import type { Returning } from './returning.ts';
import { revoke } from './revoke.ts';
import { takeBack } from './take-back.ts';
import { addToDay } from './totals.ts';
import { undoBudget, undoCounted } from './undo-limits.ts';
import { takingOf, triggeredLeft, undoTriggered } from './undo-triggered.ts';

/*
 * A return undoes what its purchase did, as far as it comes back: points by the difference of what the purchase gave and
 * what the rest of it would have given, aggregates on the purchase's own day, limits and budgets, rewards, and what the
 * purchase set off. Later decisions are not redone, and a return sets no earn rule off: buying and returning again and
 * again gains nothing.
 */

/** One return, between what was left before it and what is left after. */
interface Step {
  readonly before: PurchaseLeft;
  readonly left: PurchaseLeft;
  readonly row: ReturnRow;
}

const withPointsPaid = (paid: number): ReturnRow['taken'] => ({
  points: [],
  triggered: [],
  ...(paid === 0 ? {} : { paid_with_points: paid }),
});

/** What is left of a purchase after its returns. */
const leftOf = (row: PurchaseRow, returns: readonly ReturnRow[]): PurchaseLeft =>
  returns.reduce((left, { returned }) => leftAfter(left, returned), bought(row));

const stepOf = (
  row: PurchaseRow,
  returns: readonly ReturnRow[],
  request: ReturnRequest,
  rules: Rules,
  now: Instant,
  ordinal: number,
): Step | Refusal => {
  if (request.occurred_at !== undefined) {
    const refusal = refuseOccurredAt(request.occurred_at, rules, now, null);
    if (refusal !== null) return refusal;
  }
  const before = leftOf(row, returns);
  const amounts = returns.reduce((sum, { amount }) => sum + amount, 0);
  const returned: Returned | Refusal = takeReturned(before, request, row.total - amounts);
  if ('outcome' in returned) return returned;
  const left = leftAfter(before, returned);
  return {
    before,
    left,
    row: {
      kind: request.kind,
      id: request.kind === 'return' ? request.id : row.purchase_id,
      purchase_id: row.purchase_id,
      number: returns.length + 1,
      ordinal,
      occurred_at: occurredAtOf(request.occurred_at === undefined ? {} : { occurred_at: request.occurred_at }, now),
      recorded_at: now,
      amount: paidLeft(before) - paidLeft(left),
      spend: spendLeft(before) - spendLeft(left),
      whole: isWhole(left),
      returned,
      taken: withPointsPaid(pointsPaidLeft(row, before) - pointsPaidLeft(row, left)),
    },
  };
};

/** Takes back what the purchase gave beyond what the rest of it is worth, and what entries `also` gave. */
const takePoints = (
  draft: Draft,
  { given, returns }: Returning,
  worth: Worth,
  also: readonly LedgerEntry[],
  at: Instant,
): { told: TakenBack[]; points: TakenPoints[] } => {
  const before = returns.flatMap(({ taken }) => taken.points);
  const taken = sumBy(
    before,
    ({ group }) => group,
    ({ points }) => points,
  );
  const owed = sumBy(
    before,
    ({ group }) => group,
    ({ owed_again }) => owed_again,
  );
  const groups = [...Map.groupBy(given, groupOfGiven)].flatMap(([group, some]) => {
    const all = some.reduce((sum, { points }) => sum + points, 0);
    const points = all - (worth.points.get(group) ?? 0) - (taken.get(group) ?? 0);
    const recovered = some.reduce((sum, one) => sum + one.recovered, 0) - (owed.get(group) ?? 0);
    const lots = some.filter((one) => one.points > one.recovered).map(({ entry }) => entry);
    return points <= 0 ? [] : [{ group, wallet: some[0]?.wallet ?? '', points, recovered, lots }];
  });
  const more = also.map((entry) => ({ group: null, wallet: entry.wallet, ...takingOf(entry) }));
  const told: TakenBack[] = [];
  const points: TakenPoints[] = [];
  for (const [wallet, takings] of Map.groupBy([...groups, ...more], (taking) => taking.wallet)) {
    const took = takeBack(draft, wallet, takings, at);
    told.push(took.told);
    for (const [index, { group, points: taken }] of takings.entries())
      if (group !== null) points.push({ group, points: taken, owed_again: took.owedAgain[index] ?? 0 });
  }
  return { told, points };
};

const nothing = { times: 0, points: 0 };

const undoLimits = (draft: Draft, { row, rules }: Returning, then: Worth, now: Worth): void => {
  const day = draft.rules.calendar.dayOf(row.occurred_at);
  for (const code of new Set([...then.counted.keys(), ...now.counted.keys()])) {
    const [gave, gives] = [then.counted.get(code) ?? nothing, now.counted.get(code) ?? nothing];
    const rule = rules.earnRules.find((one) => one.code === code);
    if (rule !== undefined) undoCounted(draft, rule, row.facts.on_return?.limits[code], day, gave, gives);
    undoBudget(draft, code, row.recorded_at, gave.points - gives.points);
  }
};

/** Those that were used are kept first. */
const isUsed = (draft: Draft, one: Entitlement): number =>
  (entitlementIn(draft, one.number) ?? one).used_at == null ? 0 : 1;

/** Rewards the rest of the purchase would not have brought. Of a purchase without facts nothing is known until all of it is back. */
const revokeRewards = (draft: Draft, { row, entitlements }: Returning, worth: Worth, whole: boolean): void => {
  if (row.facts.on_return === undefined && !whole) return;
  const own = entitlements.filter(({ cause }) => cause === 'purchase');
  for (const [rule, some] of Map.groupBy(own, (one) => one.rule))
    for (const one of some
      .toSorted((a, b) => isUsed(draft, b) - isUsed(draft, a))
      .slice(whole || rule === null ? 0 : (worth.rewards.get(rule) ?? 0)))
      revoke(draft, one);
};

/** Nothing of the purchase is left: the first and the last purchase are others. */
const forgetPurchase = (draft: Draft, { others }: Returning): void => boundPurchases(draft, others);

const sumTold = (told: readonly TakenBack[]): TakenBack[] =>
  [...Map.groupBy(told, ({ wallet }) => wallet).values()].flatMap((some) => {
    const [first] = some;
    const sum = (key: Exclude<keyof TakenBack, 'wallet'>) => some.reduce((total, one) => total + one[key], 0);
    return first === undefined
      ? []
      : [
          {
            wallet: first.wallet,
            points: sum('points'),
            from_pending: sum('from_pending'),
            from_lots: sum('from_lots'),
            from_other_lots: sum('from_other_lots'),
            debt: sum('debt'),
            written_off: sum('written_off'),
          },
        ];
  });

const tell = (draft: Draft, row: ReturnRow, told: readonly TakenBack[]): void => {
  for (const { wallet, points, debt, written_off } of told)
    addEvent(draft, 'points.returned', row.occurred_at, { return: row.id, wallet, points, debt, written_off });
};

/** Undoes what comes back with one return. What was taken stands with it. */
const undo = (
  draft: Draft,
  returning: Returning,
  { before, left, row }: Step,
): { readonly row: ReturnRow; readonly told: TakenBack[]; readonly refunded: RefundedPoints[] } => {
  const { rules, state } = draft;
  const { row: purchase } = returning;
  const isLast = row.whole && !isWhole(before);
  draft.cause = { cause: row.kind, cause_id: row.id };
  draft.returned = purchase.ordinal;
  addEvent(draft, 'purchase.returned', row.occurred_at, {
    return: row.id,
    purchase: row.purchase_id,
    amount: row.amount,
    spend: row.spend,
    currency: rules.currency,
    whole: row.whole,
  });
  const [then, now] = [before, left].map((part) => worthOf(returning, returning.given, part, state)) as [Worth, Worth];
  // What it had cost comes back first: then it is there to be taken from.
  const refunded = refundWithReturn(draft, returning, left, row.whole);
  const own = takePoints(draft, returning, now, row.whole ? triggeredLeft(returning) : [], row.occurred_at);
  const walletOf = new Map(returning.given.map((one) => [groupOfGiven(one), one.wallet]));
  const earned = Object.fromEntries(
    sumBy(
      own.points,
      ({ group }) => walletOf.get(group) ?? '',
      ({ points }) => points,
    ),
  );
  const undone = { ...noTotals, spend: row.spend, purchases: isLast ? 1 : 0, earned };
  addToDay(draft, rules.calendar.dayOf(purchase.occurred_at), minus(noTotals, undone));
  if (isLast) forgetPurchase(draft, returning);
  undoLimits(draft, returning, then, now);
  revokeRewards(draft, returning, now, row.whole);
  const seen = { transitions: draft.transitions.length, memberships: draft.memberships.length };
  reassess(draft, draft.now);
  const triggered = undoTriggered(draft, returning, { row, seen, spend: spendLeft(left) });
  if (triggered.sequences.length > 0) reassess(draft, draft.now);
  // Whatever is entered by a return, no rule is set off by it.
  draft.entered.length = 0;
  const told = sumTold([...own.told, ...triggered.told]);
  tell(draft, row, told);
  const points = refunded.map(({ redemption, points }) => ({ redemption, points }));
  const taken = { ...row.taken, points: own.points, triggered: triggered.sequences };
  return { row: { ...row, taken: points.length === 0 ? taken : { ...taken, refunded: points } }, told, refunded };
};

/** Takes a return of a member's purchase, or cancels it. The draft is settled; any status of the member will do. */
export const returnPurchase = (draft: Draft, returning: Returning | null, request: ReturnRequest): Outcome => {
  const { rules, state } = draft;
  if (returning === null) return refuse('not_found', 'the member has no such purchase');
  const step = stepOf(returning.row, returning.returns, request, rules, draft.now, state.commands);
  if ('outcome' in step) return step;
  const { row, told, refunded } = undo(draft, returning, step);
  draft.purchaseReturn = row;
  return accept(returnAnswer(row, rules, draft, told, refunded), request.dry_run === true ? 200 : 201);
};

/** Undoes what came back while the purchase was a guest's, and says what that took. */
export const returnClaimed = (draft: Draft, returning: Returning, recorded: ReturnRow): ReturnRow => {
  const before = leftOf(returning.row, returning.returns);
  const left = leftAfter(before, recorded.returned);
  return undo(draft, returning, { before, left, row: { ...recorded, ordinal: draft.state.commands } }).row;
};

/** A guest's purchase has given nothing yet: what comes back is recorded. */
export const returnGuestPurchase = (
  purchase: PurchaseRow,
  returns: readonly ReturnRow[],
  request: ReturnRequest,
  rules: Rules,
  now: Instant,
): Refusal | (Accepted & { row: ReturnRow }) => {
  const step = stepOf(purchase, returns, request, rules, now, 0);
  if ('outcome' in step) return step;
  const { row } = step;
  return { ...accept(returnAnswer(row, rules, null, [], []), request.dry_run === true ? 200 : 201), row };
};
