import { accept, type Outcome, type Refusal, refuse } from '../model/decision.ts';
import { type MemberId, makeId } from '../model/ids.ts';
import { instantText } from '../model/instant.ts';
import type { MemberState } from '../model/member-state.ts';
import type { Handback, MergeAnswer, MergeMember, Name, Person, UnmergeMember } from '../model/merge.ts';
import { absorbedBy } from './absorbed.ts';
import { addEvent, type Draft, holdsOf } from './draft.ts';
import { accountsOf, handOver, mergeId, moveDebts, moveLots, tellPassed } from './handover.ts';
import { emptyProfile } from './put-member.ts';
import { reassess } from './reassess.ts';
import { enterAgain, leaveWithMerge } from './segments.ts';
import { settleLatePoints } from './settle.ts';

/*
 * Two members become one. As a transfer, a merge has two sides, two commands that are decided one after the other and
 * saved together or not at all. The member who is merged keeps its records and its id, under which the other is found
 * from then on; all points, sums and names go over. Parted again, it is what it was.
 */

/** How a merged member itself is found, for what was recorded of it and for parting it again. */
export const ofItself = ({ external_id }: MemberState): Name => ({ kind: 'merged', value: external_id });

/** Everything a member is found by: its own names, and those of members merged into it before. */
export const namesOf = (
  { state, loaded }: Draft,
  identities: readonly Name[] = loaded.profile?.identities ?? [],
): Name[] => {
  const others = absorbedBy(state);
  const ids = [state, ...others].map(({ external_id: value }) => ({ kind: 'id', value }));
  const codes = [state.referral_code ?? null, ...others.map(({ referral_code }) => referral_code)];
  return [
    ...ids,
    ...codes.flatMap((value) => (value === null ? [] : [{ kind: 'referral', value }])),
    ...identities.map(({ kind, value }) => ({ kind, value })),
  ];
};

const refuseSource = ({ state }: Draft, into: MemberId): Refusal | null => {
  if (state.merged !== undefined) return refuse('member_merged', 'the member was merged into another before');
  if (into === state.member_id) {
    const error = { pointer: '/into', code: 'same_member', detail: 'the same member', expected: 'another member' };
    return refuse('same_member', 'nobody is merged into themselves', { errors: [error] });
  }
  if (state.status === 'closed') return refuse('member_closed', 'a closed membership is not merged');
  if (state.status === 'suspended')
    return refuse('member_suspended', 'a suspended member is not merged: reactivate the member, or suspend the other');
  const [hold] = holdsOf(state);
  if (hold !== undefined)
    return refuse('points_held', `redemption ${hold.id} holds points of the member: capture or void it first`);
  return null;
};

const entryIds = ({ state, entries }: Draft): string[] =>
  entries
    .filter(({ cause }) => cause === 'merge' || cause === 'unmerge')
    .map(({ sequence }) => makeId('ent', state.member_id, sequence));

/** The side of the member who is merged. `into` is the caller's id of the other. */
export const mergeMember = (draft: Draft, to: MemberId, into: string | null, request: MergeMember): Outcome => {
  const { state } = draft;
  if (into === null) return refuse('member_not_found', 'there is no such member');
  const refusal = refuseSource(draft, to);
  if (refusal !== null) return refusal;
  const person: Person = {
    external_id: state.external_id,
    names: namesOf(draft),
    tiers: state.tiers,
    nps: state.nps,
    frozen_until: state.frozen_until ?? null,
    referral_code: state.referral_code ?? null,
    absorbed: absorbedBy(state),
    request,
  };
  const left = Object.entries(state.segments).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [segment] of left) leaveWithMerge(draft, segment);
  const segments = Object.fromEntries(left.map(([segment, { since }]) => [segment, since]));
  state.merged = { into: to, ordinal: state.commands, segments };
  state.status = 'merged';
  const id = mergeId(state.member_id, state.commands);
  addEvent(draft, 'member.merged', draft.now, { merge: id, side: 'source' });
  draft.handover = handOver(draft, person);
  draft.identities = { added: [ofItself(state)], removed: [] };
  const answer: MergeAnswer = {
    id,
    member: state.external_id,
    into,
    recorded_at: instantText(draft.now),
    accounts: accountsOf(draft.handover?.lots ?? [], draft.handover?.debts ?? []),
    entry_ids: entryIds(draft),
  };
  return accept(answer, 201);
};

/** The side of the member who was merged, and is itself again. What came of it since stays with the other. */
export const unmergeMember = (draft: Draft, back: Handback | null, request: UnmergeMember): Outcome => {
  const { state, loaded } = draft;
  const { merged } = state;
  const { reason = null, actor = null } = request;
  if (merged === undefined || back === null)
    return refuse('member_not_merged', 'the member is not merged into another');
  delete state.merged;
  state.status = 'active';
  state.parted = [...new Set([...(state.parted ?? []), back.into])];
  draft.cause = { cause: 'unmerge', cause_id: back.id };
  addEvent(draft, 'member.unmerged', draft.now, { merge: back.id, side: 'source' });
  moveLots(draft, 'unmerge', 'in', back.lots);
  moveDebts(draft, 'unmerge', 'in', back.debts);
  const accounts = accountsOf(back.lots, back.debts);
  tellPassed(draft, back.id, 'received', accounts);
  const profile = loaded.profile ?? emptyProfile;
  const kept = profile.identities.filter(({ kind, value }) =>
    back.identities.some((one) => one.kind === kind && one.value === value),
  );
  draft.profile = { ...profile, identities: kept };
  const names = namesOf(draft, kept);
  draft.identities = { added: names, removed: [ofItself(state), ...names] };
  // Days that came again meanwhile came for the other.
  if (state.yearly !== undefined) state.yearly = {};
  for (const [segment, since] of Object.entries(merged.segments)) enterAgain(draft, segment, since);
  reassess(draft, draft.now);
  draft.entered.length = 0;
  settleLatePoints(draft);
  draft.unmerge = { ordinal: merged.ordinal, recorded_at: draft.now, reason, actor };
  const answer: MergeAnswer = {
    id: back.id,
    member: state.external_id,
    into: back.from,
    recorded_at: instantText(draft.now),
    accounts,
    entry_ids: entryIds(draft),
  };
  return accept(answer, 201);
};
