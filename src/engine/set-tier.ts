import { type Outcome, refuse } from '../model/decision.ts';
import { instantText, parseInstant } from '../model/instant.ts';
import type { SetTier } from '../model/tier.ts';
import { oneOf } from '../rules/suggest.ts';
import { addEvent, type Draft } from './draft.ts';
import { acceptEvaluated } from './evaluate.ts';
import { noTierHeld } from './tiers.ts';

/** Gives a tier by hand: until its date the member is not below it. The draft is settled. */
export const setTier = (draft: Draft, schemeCode: string, request: SetTier): Outcome => {
  const scheme = draft.rules.schemes.find(({ code }) => code === schemeCode);
  if (draft.state.status === 'closed') return refuse('member_closed', 'a closed membership is not given a tier');
  if (scheme === undefined) return refuse('not_found', `there is no tier scheme ${schemeCode}`);
  const codes = scheme.tiers.map(({ code }) => code);
  if (!codes.includes(request.tier)) {
    const error = {
      pointer: '/tier',
      code: 'unknown_tier',
      detail: request.tier,
      expected: oneOf(request.tier, codes),
    };
    return refuse('unknown_tier', `scheme ${schemeCode} has no tier ${request.tier}`, { errors: [error] });
  }
  const until = request.until == null ? null : parseInstant(request.until);
  if (until !== null && until <= draft.now) {
    const expected = `after ${instantText(draft.now)}`;
    const error = { pointer: '/until', code: 'not_in_future', detail: instantText(until), expected };
    return refuse('not_in_future', `it is ${instantText(draft.now)} now`, { errors: [error] });
  }
  const held = draft.state.tiers[schemeCode] ?? noTierHeld(draft.now);
  draft.state.tiers = { ...draft.state.tiers, [schemeCode]: { ...held, manual: { tier: request.tier, until } } };
  addEvent(draft, 'tier.set', draft.now, {
    scheme: schemeCode,
    tier: request.tier,
    until: until === null ? null : instantText(until),
  });
  draft.tierNote = {
    number: draft.state.events,
    scheme: schemeCode,
    tier: request.tier,
    until,
    reason: request.reason,
    actor: request.actor,
    recorded_at: draft.now,
  };
  return acceptEvaluated(draft);
};

/** Takes back what was given by hand: from now on the conditions decide again, stay and grace included. */
export const liftTier = (draft: Draft, schemeCode: string): Outcome => {
  const held = draft.state.tiers[schemeCode];
  if (held?.manual == null) return acceptEvaluated(draft);
  draft.state.tiers = { ...draft.state.tiers, [schemeCode]: { ...held, manual: null } };
  addEvent(draft, 'tier.set', draft.now, { scheme: schemeCode, tier: null, until: null });
  return acceptEvaluated(draft);
};
