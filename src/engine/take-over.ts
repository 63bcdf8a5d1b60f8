import { accept, type Outcome, type Refusal, refuse } from '../model/decision.ts';
import { earlier, type Instant, latest } from '../model/instant.ts';
import { limits } from '../model/limits.ts';
import type { DebtHandedOver, Handover, Kept, LotHandedOver, MergedLot, Name, Person } from '../model/merge.ts';
import { sumPoints } from '../model/sums.ts';
import { absorbedBy, boundPurchases, noteAbsorbed } from './absorbed.ts';
import { apply } from './apply.ts';
import { freeze } from './burns.ts';
import { accountOf, addEvent, type Draft } from './draft.ts';
import { hasEnded } from './ended.ts';
import { accountsOf, dayTakenOver, moveDebts, tellPassed } from './handover.ts';
import { addCounters } from './merged-counters.ts';
import { inheritTiers, keptOf } from './merged-status.ts';
import { emptyProfile } from './put-member.ts';
import { reassess } from './reassess.ts';
import { settleLatePoints } from './settle.ts';
import { subjectAt } from './subject.ts';
import { takeBack } from './take-back.ts';
import { addToDay } from './totals.ts';
import { balancesOf, tierViews } from './view.ts';

/** What the survivor's side is told. */
export interface TakingOver {
  readonly handover: Handover;
  /** Which lots of the survivor's were the other's. */
  readonly lots: readonly MergedLot[];
  /** When its own purchases occurred, the first and last at least; null: none was taken back. */
  readonly own: readonly Instant[] | null;
}

const refuseInto = (code: 'member_closed' | 'member_merged', what: string): Refusal =>
  refuse(code, `the member who would stay ${what}`, {
    errors: [{ pointer: '/into', code, detail: what, expected: 'a member who is neither closed nor merged' }],
  });

/** A name under which somebody is found who is not the member itself: they have no place in the profile. */
const isPersonal = ({ kind }: Name): boolean => kind !== 'id' && kind !== 'referral';

const refuseMerge = (draft: Draft, { absorbed, names }: Person): Refusal | null => {
  const { state, loaded } = draft;
  if (hasEnded(state)) return refuseInto('member_closed', 'is closed');
  if (state.merged !== undefined) return refuseInto('member_merged', 'was merged into another');
  const members = absorbedBy(state).length + absorbed.length + 1;
  if (members > limits.mergedPerMember)
    return refuse(
      'too_many_merged',
      `${members} members would be merged into one, at most ${limits.mergedPerMember} can be`,
    );
  const identities = (loaded.profile?.identities.length ?? 0) + names.filter(isPersonal).length;
  if (identities > limits.identitiesPerMember)
    return refuse(
      'too_many_identities',
      `together they have ${identities} identities, a member has at most ${limits.identitiesPerMember}`,
    );
  return null;
};

/** One lot for each that is taken over, so that each can be given back. A closed membership has none: its points expire. */
const takeLotsOver = (draft: Draft, { from, ordinal, lots }: Handover): void => {
  const isClosed = hasEnded(draft.state);
  for (const { lot: source_lot, wallet, bucket, points, value, earned_at, available_at, expires_at } of lots) {
    const { sequence } = apply(draft, {
      movement: 'merge',
      wallet,
      from: 'transferred',
      to: isClosed ? 'available' : bucket,
      points,
      occurredAt: draft.now,
      makes: { value, earnedAt: earned_at, availableAt: available_at, expiresAt: expires_at },
    });
    draft.mergedLots.push({ lot: sequence, source: from, source_lot, merge_ordinal: ordinal, points });
    if (!isClosed) continue;
    const allocations = [{ lot: sequence, points }];
    apply(draft, {
      movement: 'expire',
      wallet,
      from: 'available',
      to: 'expired',
      points,
      occurredAt: draft.now,
      allocations,
    });
    addEvent(draft, 'points.expired', draft.now, { wallet, points, entry: draft.state.entries });
  }
};

/** What a late return left the other owing is paid here: by what were the very lots, then by others; the rest is owed. */
const payDebts = (
  draft: Draft,
  debts: readonly DebtHandedOver[],
  known: readonly MergedLot[],
  source: Handover['from'],
): void => {
  for (const { wallet, points, lots } of debts) {
    const own = known.filter((one) => one.source === source && lots.includes(one.source_lot)).map(({ lot }) => lot);
    const taking = { points, lots: own, recovered: 0 };
    const { told } = takeBack(draft, wallet, [taking], draft.now, { movement: 'merge', to: 'transferred' });
    draft.paid.push(told);
  }
  const paid = sumPoints(debts);
  if (paid > 0) noteAbsorbed(draft, source, (one) => ({ ...one, paid: one.paid + paid }));
};

/** Who the other was: names, tiers and whatever else is not a sum. */
const becomeOne = (draft: Draft, { from, into, ...handover }: Handover, person: Person): void => {
  const { state, loaded } = draft;
  const { external_id, referral_code, absorbed, names } = person;
  const { first_purchase_at, last_purchase_at } = handover;
  const one = { member: from, external_id, referral_code, into, first_purchase_at, last_purchase_at, paid: 0 };
  state.absorbed = [...absorbedBy(state), one, ...absorbed];
  const profile = draft.profile ?? loaded.profile ?? emptyProfile;
  const identities = names.filter(isPersonal) as typeof profile.identities;
  draft.profile = { ...profile, identities: [...profile.identities, ...identities] };
  draft.identities = { added: names, removed: names };
  if (person.nps !== null && (state.nps === null || person.nps.at > state.nps.at)) state.nps = person.nps;
  const frozen = latest([state.frozen_until ?? null, person.frozen_until]);
  if (frozen !== null && frozen > draft.now) state.frozen_until = frozen;
  if (identities.length > 0) freeze(draft);
  inheritTiers(draft, person.tiers);
};

/**
 * Takes over what a merged member passes on: at first all there is, later what its own records bring. Nothing of it
 * counts as earned, pays back a debt that was there before, or sets off a rule.
 */
export const takeOver = (draft: Draft, taking: TakingOver | null): Outcome => {
  if (taking === null) throw new Error('what is taken over comes with the command that hands it over');
  const { handover, lots, own } = taking;
  const { id, from, ordinal, debts, days, counters, person } = handover;
  const refusal = person === null ? null : refuseMerge(draft, person);
  if (refusal !== null) return refusal;
  const before: Kept = keptOf(draft);
  draft.cause = { cause: 'merge', cause_id: id };
  if (person !== null) addEvent(draft, 'member.merged', draft.now, { merge: id, side: 'survivor' });
  takeLotsOver(draft, handover);
  const passed = accountsOf(handover.lots satisfies readonly LotHandedOver[], debts);
  if (person === null) payDebts(draft, debts, [...lots, ...draft.mergedLots], from);
  else moveDebts(draft, 'merge', 'in', debts);
  tellPassed(draft, id, 'received', passed);
  for (const [day, totals] of days) addToDay(draft, dayTakenOver(day), totals);
  addCounters(draft, counters.before, -1);
  addCounters(draft, counters.after, 1);
  if (person !== null) becomeOne(draft, handover, person);
  const { first_purchase_at, last_purchase_at } = handover;
  noteAbsorbed(draft, from, (one) => ({ ...one, first_purchase_at, last_purchase_at }));
  if (own === null) {
    const { state } = draft;
    state.first_purchase_at = earlier(state.first_purchase_at, first_purchase_at);
    state.last_purchase_at = latest([state.last_purchase_at, last_purchase_at]);
  } else boundPurchases(draft, own);
  reassess(draft, draft.now);
  draft.entered.length = 0;
  settleLatePoints(draft);
  if (person !== null) {
    const { reason = null, actor = null } = person.request;
    const after = keptOf(draft);
    const owed = debts.map(({ wallet, points }) => ({ wallet, points }));
    draft.merge = {
      source: from,
      ordinal,
      recorded_at: draft.now,
      kept: { before, after },
      debts: owed,
      reason,
      actor,
    };
  }
  const { state, rules } = draft;
  return accept({
    balances: balancesOf(state, rules),
    tiers: tierViews(subjectAt(draft, draft.now), rules),
    segments: Object.keys(state.segments).sort(),
  });
};

/** Points of a wallet that are owed. */
export const debtOf = (draft: Draft, wallet: string): number => accountOf(draft.state, wallet).debt;
