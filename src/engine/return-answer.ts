import { makeId } from '../model/ids.ts';
import type { ReturnAnswer, ReturnRow } from '../model/purchase-return.ts';
import type { RefundedPoints, TakenBack } from '../model/taken-back.ts';
import { returnView } from '../rules/return-view.ts';
import type { Rules } from '../rules/rules.ts';
import type { Draft } from './draft.ts';
import { subjectAt } from './subject.ts';
import { balancesOf, tierViews } from './view.ts';

/** What the caller is told. `draft` is null for a guest's purchase. */
export const returnAnswer = (
  row: ReturnRow,
  rules: Rules,
  draft: Draft | null,
  told: readonly TakenBack[],
  refunded: readonly RefundedPoints[],
): ReturnAnswer => {
  const recorded = returnView(rules.currency)(row);
  if (draft === null)
    return {
      ...recorded,
      member: null,
      taken_back: [],
      refunded: [],
      revoked: [],
      balances: [],
      tiers: [],
      segments: [],
    };
  const { state } = draft;
  return {
    ...recorded,
    member: state.external_id,
    taken_back: [...told],
    refunded: [...refunded],
    revoked: draft.revoked.map((number) => makeId('ett', state.member_id, number)),
    balances: balancesOf(state, rules),
    tiers: tierViews(subjectAt(draft, draft.now), rules),
    segments: Object.keys(state.segments).sort(),
  };
};
