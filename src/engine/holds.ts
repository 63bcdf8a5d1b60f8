import type { Instant } from '../model/instant.ts';
import type { OpenHold } from '../model/member-state.ts';
import type { RedemptionStatus } from '../model/redemption.ts';
import { divide } from '../model/redemption-view.ts';
import { apply } from './apply.ts';
import { uncountBurn } from './burn.ts';
import { addEvent, type Draft, holdsOf } from './draft.ts';
import { giveBack } from './give-back.ts';
import { giveRewardBack } from './reward-taken.ts';
import { renewSliding } from './sliding.ts';

/*
 * held ─ capture ─→ captured (the rest is released in the same step) ─ refund, in parts ─→ refunded
 *   ├─── void ────→ voided
 *   └─── time ────→ lapsed
 *
 * Points held are gone from `available` at once and lie in the `held` bucket of the lots they were taken from. A lot does
 * not expire while it is held: its points do when they come back after its time. What was taken first is captured first,
 * and what was taken last goes back first: to capture 30 and to refund 10 of them comes to the same as to capture 20.
 */

/** Entries written by `work` are due to a redemption, those after it to what they were due to before. */
const dueTo = (draft: Draft, redemption: string, work: () => void): void => {
  const { cause } = draft;
  draft.cause = { cause: 'redemption', cause_id: redemption };
  work();
  draft.cause = cause;
};

interface End {
  readonly status: Extract<RedemptionStatus, 'captured' | 'voided' | 'lapsed'>;
  /** Points to capture; what is left of the hold is released. */
  readonly captured: number;
  readonly at: Instant;
}

/** Ends an open hold. What it holds of a reward is given back unless it is captured. */
export const endHold = (draft: Draft, hold: OpenHold, { status, captured, at }: End): void => {
  const { id, ordinal, wallet, points, burn } = hold;
  const [taken, rest] = divide(hold.lots, captured);
  const released = points - captured;
  const told = { redemption: id, wallet, ...(hold.reward === undefined ? {} : { reward: hold.reward.code }) };
  dueTo(draft, id, () => {
    if (status === 'captured') {
      const entry =
        captured === 0
          ? null
          : apply(draft, {
              movement: 'capture',
              wallet,
              from: 'held',
              to: 'redeemed',
              points: captured,
              occurredAt: at,
              allocations: taken,
            });
      addEvent(draft, 'points.redeemed', at, { ...told, points: captured, entry: entry?.sequence ?? null });
      renewSliding(draft, 'redemption', at);
    }
    if (released > 0 || status !== 'captured') {
      addEvent(draft, 'hold.released', at, { ...told, points: released, because: status });
      giveBack(draft, {
        movement: status === 'lapsed' ? 'lapse' : 'void',
        wallet,
        from: 'held',
        allocations: rest,
        at,
      });
    }
  });
  if (released > 0 && burn !== undefined) uncountBurn(draft, burn.rule, burn.on, released, captured === 0 ? 1 : 0);
  if (hold.reward !== undefined && status !== 'captured') giveRewardBack(draft, hold.reward);
  draft.state.holds = holdsOf(draft.state).filter((other) => other.id !== id);
  draft.redemptions.set(id, { ordinal, status, released, refunded: 0 });
};

/** Holds that have lapsed by an instant. */
export const lapsedBy = (holds: readonly OpenHold[], now: Instant): OpenHold[] =>
  holds.filter((hold) => hold.expires_at <= now);
