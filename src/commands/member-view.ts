import { frozenUntil } from '../engine/burns.ts';
import { accountViews, segmentViews, tierViews } from '../engine/view.ts';
import { instantText, instantTextOrNull } from '../model/instant.ts';
import type { Member } from '../model/member.ts';
import type { ReadMember } from './read-member.ts';

/** A member as the API shows it. */
export const memberView = ({ row, state, rules, expiring, now }: ReadMember): Member => ({
  id: state.external_id,
  status: state.status,
  enrolled_at: instantText(state.enrolled_at),
  frozen_until: instantTextOrNull(frozenUntil(state, now)),
  profile: row.profile,
  identities: row.identities,
  attributes: row.attributes,
  consents: row.consents,
  acquisition: row.acquisition,
  tags: [...row.tags],
  source_updated_at: instantTextOrNull(row.source_updated_at),
  accounts: accountViews(state, rules, expiring, now),
  tiers: tierViews({ state, person: row, now, today: rules.calendar.dayOf(now), trigger: null }, rules),
  segments: segmentViews(state),
  nps: state.nps === null ? null : { score: state.nps.score, at: instantText(state.nps.at) },
  totals: {
    spend: state.totals.spend,
    purchases: state.totals.purchases,
    first_purchase_at: instantTextOrNull(state.first_purchase_at),
    last_purchase_at: instantTextOrNull(state.last_purchase_at),
  },
  referral_code: state.referral_code ?? null,
  referred_by: state.referred_by?.code ?? null,
  referral_qualified_at: instantTextOrNull(state.referred_by?.qualified_at ?? null),
  merged_ids: (state.absorbed ?? []).map(({ external_id }) => external_id),
  as_of: instantText(now),
});
