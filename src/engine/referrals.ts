import { accept, type Outcome, type Refusal, refuse } from '../model/decision.ts';
import type { MemberId } from '../model/ids.ts';
import type { Instant } from '../model/instant.ts';
import type { FollowUp, ReferralCode } from '../model/referral.ts';
import { fireActivity } from './activities.ts';
import { addEvent, type Draft } from './draft.ts';

/*
 * A referral has two sides. A friend is enrolled with the code of a member; the friend's first qualifying purchase
 * qualifies it, once and for good, and gives to the friend with the purchase. What it gives to the referrer is another
 * member's matter: it is written down with the purchase, as a follow-up, and done in a command of the referrer's own,
 * whoever gets to it first. The follow-up is marked done with that command, so it is done exactly once.
 */

const refused = (code: 'unknown_referral_code' | 'own_referral_code' | 'already_enrolled', detail: string): Refusal =>
  refuse(code, detail, {
    errors: [{ pointer: '/referred_by', code, detail, expected: 'the referral code of another member' }],
  });

/** Why a member cannot be enrolled on this recommendation. A repetition of the enrolment may name it again. */
export const refuseReferral = (
  { state }: Draft,
  enrolling: boolean,
  code: string | undefined,
  referrer: MemberId | null,
): Refusal | null => {
  if (code === undefined || state.referred_by?.code === code) return null;
  if (code === state.referral_code || referrer === state.member_id)
    return refused('own_referral_code', 'nobody refers themselves');
  if (!enrolling) return refused('already_enrolled', 'a referral code is taken with the enrolment only');
  return referrer === null ? refused('unknown_referral_code', 'no member has this referral code') : null;
};

/** Notes on whose recommendation the member is enrolled. */
export const noteReferral = (draft: Draft, code: string, referrer: MemberId): void => {
  draft.state.referred_by = { code, member_id: referrer, qualified_at: null };
  addEvent(draft, 'referral.enrolled', draft.now, { referral_code: code });
};

/** Names what the referrer gets for a friend's purchase. */
const creditId = (friend: MemberId, purchase: number): string => `referral:${friend}:${purchase}`;
const RETURNED = 'returned:';

/** The credit that a follow-up takes back; null: it takes nothing back. */
export const creditTakenBack = ({ id }: Pick<FollowUp, 'id'>): string | null =>
  id.startsWith(RETURNED) ? id.slice(RETURNED.length) : null;

/**
 * The purchase that qualified a referral does so no more: another one may. What the friend got is for the caller to take
 * back; the referrer is to follow.
 */
export const disqualifyReferral = (draft: Draft, purchase: number): void => {
  const { state } = draft;
  if (state.referred_by === undefined || state.referred_by.purchase !== purchase) return;
  const { purchase: _, ...referred_by } = state.referred_by;
  state.referred_by = { ...referred_by, qualified_at: null };
  const id = `${RETURNED}${creditId(state.member_id, purchase)}`;
  draft.followUps.push({ id, member_id: referred_by.member_id, at: draft.now });
};

/** The first purchase that is large enough qualifies a referral: the friend earns at once, the referrer is to follow. */
export const qualifyReferral = (draft: Draft, purchase: string, spend: number, at: Instant): void => {
  const { rules, state } = draft;
  const { referred_by } = state;
  if (referred_by === undefined || referred_by.qualified_at !== null) return;
  if (spend < rules.policies.referral_minimum_spend || referred_by.member_id === state.member_id) return;
  state.referred_by = { ...referred_by, qualified_at: draft.now, purchase: state.commands };
  addEvent(draft, 'referral.qualified', at, { side: 'friend', referral_code: referred_by.code });
  fireActivity(draft, 'referral', at, purchase, { side: 'friend' });
  const id = creditId(state.member_id, state.commands);
  draft.followUps.push({ id, member_id: referred_by.member_id, at: draft.now });
};

/** Gives the member this code, or answers with the one they have. */
export const makeReferralCode = (draft: Draft, code: string): Outcome => {
  const { state } = draft;
  if (state.status === 'closed') return refuse('member_closed', 'a closed membership refers nobody');
  if (state.referral_code === undefined) {
    state.referral_code = code;
    draft.referralCode = code;
  }
  const answer: ReferralCode = { member: state.external_id, referral_code: state.referral_code };
  return accept(answer);
};
