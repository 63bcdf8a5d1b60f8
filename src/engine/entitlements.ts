import { accept, type Entitlement, type Outcome, refuse } from '../model/decision.ts';
import type { GrantEntitlement, RevokeEntitlement } from '../model/entitlement.ts';
import { entitlementView } from '../model/entitlement-view.ts';
import { instantTextOrNull } from '../model/instant.ts';
import { endOf } from '../rules/calendar.ts';
import { addEvent, type Draft } from './draft.ts';
import { entitlementIn, refuseOver } from './entitlement-standing.ts';
import { revoke } from './revoke.ts';
import { unknownReward } from './rewards.ts';

/** A reward granted by a person. */
export const grantEntitlement = (draft: Draft, request: GrantEntitlement): Outcome => {
  const { rules, state, now } = draft;
  const { reward, valid_for, reason, actor } = request;
  if (state.status === 'closed') return refuse('member_closed', 'a closed membership is granted nothing');
  if (rules.rewards.size > 0 && !rules.rewards.has(reward)) return unknownReward(rules, reward);
  const expires_at = valid_for === null ? null : endOf(rules.calendar, { after: valid_for, round_up_to: null }, now);
  addEvent(draft, 'reward.granted', now, { reward, rule: null, expires_at: instantTextOrNull(expires_at) });
  const entitlement: Entitlement = {
    number: state.events,
    reward,
    rule: null,
    cause: 'adjustment',
    cause_id: null,
    granted_at: now,
    recorded_at: now,
    expires_at,
    revision: rules.revision,
  };
  draft.entitlements.push(entitlement);
  draft.rewardNotes.push({ kind: 'granted', number: entitlement.number, reason, actor, recorded_at: now });
  return accept(entitlementView(entitlement, state.member_id, now), 201);
};

/** An entitlement taken back by a person. */
export const revokeEntitlement = (draft: Draft, number: number, { reason, actor }: RevokeEntitlement): Outcome => {
  const found = entitlementIn(draft, number);
  if (found === null) return refuse('entitlement_not_found', 'there is no such entitlement');
  const refusal = refuseOver(found, draft);
  if (refusal !== null) return refusal;
  revoke(draft, found);
  draft.rewardNotes.push({ kind: 'revoked', number, reason, actor, recorded_at: draft.now });
  return accept(entitlementView({ ...found, revoked_at: draft.now }, draft.state.member_id, draft.now));
};
