import type { Instant } from '../model/instant.ts';
import { type Draft, holdsOf, vouchersOf } from './draft.ts';
import { evaluate } from './evaluate.ts';
import { endHold, lapsedBy } from './holds.ts';
import { type Due, movePoints, pointsDue, renewLotInstants } from './points-due.ts';
import { reassess } from './reassess.ts';
import { slidesAt } from './sliding.ts';
import { statusInstants } from './status-due.ts';
import { alignWindows, moveToDay } from './totals.ts';
import { endVoucher, vouchersLapsed } from './vouchers.ts';
import { fireYearly, nextYearly } from './yearly.ts';

const or = (at: Instant | null | undefined): Instant => at ?? Number.POSITIVE_INFINITY;

/**
 * An instant up to now at which points move, time changes what a condition says, or a birthday begins: it is decided
 * as if it were a command of its own. Returns whether there are points that may be due by now as well.
 */
const settleAt = (draft: Draft, at: Instant, due: readonly Due[]): boolean => {
  moveToDay(draft, draft.rules.calendar.dayOf(at));
  const more = movePoints(draft, at, due);
  const moved = draft.lots.size;
  fireYearly(draft, at);
  evaluate(draft, at);
  draft.fired.clear();
  return more || draft.lots.size > moved;
};

/**
 * Everything up to now, in time order. Where time changes tiers and segments, the next such instant is sought again
 * after each: what happens at one can bring another. Where neither points nor time changed anything, there is nothing
 * to be evaluated: the last command did.
 */
const settleInOrder = (draft: Draft): void => {
  const { reassess_at, recorded_at } = draft.loaded.state;
  let points = pointsDue(draft, recorded_at);
  let timeMatters = reassess_at !== null && reassess_at <= draft.now;
  const statusAfter = statusInstants(draft);
  for (let from = recorded_at; ; ) {
    const [next] = points;
    const others = Math.min(timeMatters ? or(statusAfter(from)) : or(null), or(nextYearly(draft)));
    const at = Math.min(or(next?.[0]), others);
    if (at > draft.now) return;
    const due = next?.[0] === at ? (points.shift()?.[1] ?? []) : [];
    from = Math.max(from, at);
    if (at < others && due.every(({ kind }) => kind === 'announcement')) {
      movePoints(draft, at, due);
      continue;
    }
    if (settleAt(draft, at, due)) points = pointsDue(draft, from);
    // What begins with points that move or with a birthday can end by now, too: a grace, or being new to a tier.
    timeMatters = true;
  }
};

/** Points and birthdays in time order, without a look at tiers and segments. */
const moveInOrder = (draft: Draft, after: Instant): void => {
  for (let points = pointsDue(draft, after); ; ) {
    const [next] = points;
    const yearly = or(nextYearly(draft));
    const at = Math.min(or(next?.[0]), yearly);
    if (at > draft.now) return;
    const more = next?.[0] === at && movePoints(draft, at, points.shift()?.[1] ?? []);
    if (more) points = pointsDue(draft, Math.max(after, at));
    if (yearly !== at) continue;
    moveToDay(draft, draft.rules.calendar.dayOf(at));
    fireYearly(draft, at);
    draft.fired.clear();
    points = pointsDue(draft, Math.max(after, at));
  }
};

/** Rules that are new to the member say nothing about instants before: points move in their order, then only the present is looked at. */
const settleUnderNewRules = (draft: Draft): void => {
  moveInOrder(draft, draft.loaded.state.recorded_at);
  moveToDay(draft, draft.rules.calendar.dayOf(draft.now));
  draft.backfill = true;
  reassess(draft, draft.now);
  draft.backfill = false;
  draft.entered.length = 0;
};

/** Whether the tiers and segments are those the member was last evaluated under; a notice alone may be another since. */
const knowsStatus = ({ loaded, rules }: Draft): boolean => {
  const { status_revision: known } = loaded.state;
  return known === rules.statusRevision || (known < rules.statusRevision && known >= rules.assessedRevision);
};

/** All that time does to a merged member: its vouchers are its own still, and holds of rewards it was entitled to. */
const lapse = (draft: Draft): void => {
  for (const hold of lapsedBy(holdsOf(draft.state), draft.now))
    endHold(draft, hold, { status: 'lapsed', captured: 0, at: hold.expires_at });
  const lapsed = vouchersLapsed(vouchersOf(draft.state), draft.now);
  for (const voucher of lapsed.sort((a, b) => a.expires_at - b.expires_at || a.number - b.number))
    endVoucher(draft, voucher, 'lapsed', voucher.expires_at);
};

/**
 * Brings a member up to now, in time order, each thing at its own instant: points released and expired, holds and
 * vouchers lapsed, tiers and segments reassessed. What is written is due to time, whatever command brought it forward.
 */
export const settle = (draft: Draft): void => {
  draft.cause = { cause: 'time', cause_id: null };
  alignWindows(draft);
  if (draft.state.merged !== undefined) {
    lapse(draft);
    moveToDay(draft, draft.rules.calendar.dayOf(draft.now));
    return;
  }
  if (knowsStatus(draft)) settleInOrder(draft);
  else settleUnderNewRules(draft);
  moveToDay(draft, draft.rules.calendar.dayOf(draft.now));
  renewLotInstants(draft);
};

/** A late report may give points that have expired by now. */
export const settleLatePoints = (draft: Draft): void => {
  if (draft.state.merged !== undefined) return;
  const isDue = (at: Instant | null): boolean => at !== null && at <= draft.now;
  const accounts = Object.values(draft.state.accounts);
  if (!accounts.some((account) => isDue(account.expires_from) || isDue(slidesAt(account)))) return;
  draft.cause = { cause: 'time', cause_id: null };
  moveInOrder(draft, draft.now);
  renewLotInstants(draft);
  evaluate(draft, draft.now);
};
