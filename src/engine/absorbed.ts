import type { MemberId } from '../model/ids.ts';
import { earliest, type Instant, latest } from '../model/instant.ts';
import type { Absorbed, MemberState } from '../model/member-state.ts';
import type { Draft } from './draft.ts';

/* Members that were merged into this one, as its state knows them. */

export const absorbedBy = ({ absorbed = [] }: MemberState): readonly Absorbed[] => absorbed;

/** Those merged into it themselves, not through another. */
const direct = (state: MemberState): Absorbed[] => absorbedBy(state).filter(({ into }) => into === state.member_id);

/** The first and the last purchase, of the member's own and of what was merged into it. */
export const boundPurchases = (draft: Draft, own: readonly Instant[]): void => {
  const { past } = draft.state;
  const others = [...direct(draft.state), ...(past === undefined ? [] : [past])];
  draft.state.first_purchase_at = earliest([...own, ...others.map(({ first_purchase_at }) => first_purchase_at)]);
  draft.state.last_purchase_at = latest([...own, ...others.map(({ last_purchase_at }) => last_purchase_at)]);
};

/** Notes what changed of a member that was merged into this one. */
export const noteAbsorbed = (draft: Draft, member: MemberId, change: (one: Absorbed) => Absorbed): void => {
  draft.state.absorbed = absorbedBy(draft.state).map((one) => (one.member === member ? change(one) : one));
};
