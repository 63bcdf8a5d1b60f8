import { accept, type Outcome } from '../model/decision.ts';
import type { LedgerEntry } from '../model/ledger-entry.ts';
import type { FollowUp } from '../model/referral.ts';
import { fireActivity } from './activities.ts';
import { addEvent, type Draft } from './draft.ts';
import { hasEnded } from './ended.ts';
import { evaluate } from './evaluate.ts';
import { reassess } from './reassess.ts';
import { creditTakenBack } from './referrals.ts';
import { settleLatePoints } from './settle.ts';
import { takeEntries } from './undo-triggered.ts';

/**
 * The referrer's side. `followUp` is null when it has been done already. A closed member gets nothing, and the matter
 * is over with that.
 */
const creditReferrer = (draft: Draft, followUp: FollowUp | null): Outcome => {
  const { state } = draft;
  if (followUp === null) return accept(null);
  draft.followedUp = followUp.id;
  if (hasEnded(state)) return accept(null);
  const at = Math.min(followUp.at, draft.now);
  addEvent(draft, 'referral.qualified', at, { side: 'referrer', referral_code: state.referral_code ?? null });
  fireActivity(draft, 'referral', at, null, { side: 'referrer' });
  evaluate(draft, draft.now);
  settleLatePoints(draft);
  return accept(null);
};

/** The friend's purchase went back, and what the referrer got for it goes with it; with nothing where it was not given yet. */
const takeCredit = (draft: Draft, followUp: FollowUp, credited: readonly LedgerEntry[]): Outcome => {
  draft.followedUp = followUp.id;
  draft.cause = { cause: 'referral.returned', cause_id: null };
  for (const { wallet, points, debt, written_off } of takeEntries(draft, credited, draft.now))
    addEvent(draft, 'points.returned', draft.now, { return: null, wallet, points, debt, written_off });
  reassess(draft, draft.now);
  draft.entered.length = 0;
  return accept(null);
};

/** The referrer's side of a referral that qualified, or does so no more. `credited` are the entries of what is taken back. */
export const followReferral = (draft: Draft, followUp: FollowUp | null, credited: readonly LedgerEntry[]): Outcome =>
  followUp === null || creditTakenBack(followUp) === null
    ? creditReferrer(draft, followUp)
    : takeCredit(draft, followUp, credited);
