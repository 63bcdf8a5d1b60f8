import type { Command } from '../model/command.ts';
import { accept, type Outcome, type Refusal, refuse } from '../model/decision.ts';
import { instantText } from '../model/instant.ts';
import type { ErasedMember } from '../model/member-erasure.ts';
import type { Absorbed, MemberState } from '../model/member-state.ts';
import { absorbedBy } from './absorbed.ts';
import { addEvent, type Draft } from './draft.ts';
import { namesOf, ofItself } from './merge.ts';
import { emptyProfile } from './put-member.ts';
import { leaveEverySegment } from './segments.ts';
import { expireAll } from './status.ts';

/*
 * Erasure ends a membership like closing: holds are voided and what points there are expire, each with an entry, so that
 * the ledger of whoever it was balances for good. Then the person goes: profile, identities, the caller's own id, which
 * gives way to a pseudonym, and what the state says of them. Members who were merged into this one are the same person,
 * and go with it, each in a side of its own. What else the tables hold of the person is taken away with the same
 * transaction (see store/personal-data.ts).
 */

/** Commands that an erased member still takes: what of theirs comes back is booked, and what others began is finished. */
const TAKEN: ReadonlySet<Command['kind']> = new Set([
  'erase_member',
  'erase_merged',
  'return_purchase',
  'settle_member',
  'credit_referrer',
  'claim_purchase',
  'receive_points',
  'take_over',
  'use_voucher',
] satisfies Command['kind'][]);

/** Why a command about an erased member is not taken; null: it is. */
export const refuseErased = ({ erased_at }: Pick<MemberState, 'erased_at'>, command: Command): Refusal | null =>
  erased_at !== undefined && !TAKEN.has(command.kind)
    ? refuse('member_erased', 'the member was erased; who enrols again begins anew')
    : null;

/** What the state says of the person, and what only a membership that goes on needs. */
const forget = (draft: Draft, pseudonym: string, absorbed: readonly Absorbed[]): void => {
  const { state, now } = draft;
  const { external_id } = state;
  const { identities } = draft.loaded.profile ?? emptyProfile;
  draft.erased = { external_id, identities };
  draft.profile = emptyProfile;
  Object.assign(state, { external_id: pseudonym, erased_at: now, nps: null });
  if (absorbed.length > 0) state.absorbed = absorbed;
  for (const key of ['referral_code', 'burns', 'frozen_until', 'burn_refused', 'last_birthday', 'yearly'] as const)
    delete state[key];
  addEvent(draft, 'member.erased', now, {});
};

/** Erases the person and keeps the ledger under a pseudonym. Once erased, the same is answered again. */
export const eraseMember = (draft: Draft, pseudonym: string): Outcome => {
  const { state } = draft;
  if (state.erased_at === undefined) {
    expireAll(draft);
    leaveEverySegment(draft, draft.now);
    const absorbed = absorbedBy(state).map((one, index) => ({
      ...one,
      external_id: `${pseudonym}.${index + 1}`,
      referral_code: null,
    }));
    const ids = [pseudonym, ...absorbed.map(({ external_id }) => external_id)];
    draft.identities = { added: ids.map((value) => ({ kind: 'id', value })), removed: namesOf(draft) };
    forget(draft, pseudonym, absorbed);
    state.status = 'erased';
  }
  const { external_id: member, erased_at = draft.now } = state;
  const answer: ErasedMember = { member, erased_at: instantText(erased_at) };
  return accept(answer);
};

/** The side of a member who was merged into the one who is erased: it stays merged, under the pseudonym that one gave it. */
export const eraseMerged = (draft: Draft, pseudonym: string, kin: readonly Absorbed[]): Outcome => {
  const { state } = draft;
  const renamed = absorbedBy(state).map((one) => kin.find(({ member }) => member === one.member) ?? one);
  const before = ofItself(state);
  forget(draft, pseudonym, renamed);
  draft.identities = { added: [ofItself(state)], removed: [before] };
  return accept(null);
};
