import { type Refusal, refuse } from '../model/decision.ts';
import { emptyAccount, type MemberState } from '../model/member-state.ts';

/** Why a member spends nothing at all; null: the member may. */
export const refuseSpender = ({ status }: MemberState): Refusal | null => {
  if (status === 'closed') return refuse('member_closed', 'a closed membership redeems nothing');
  if (status === 'suspended') return refuse('member_suspended', 'a suspended member earns, but redeems nothing');
  return null;
};

/** Why so many points cannot be spent. */
export const refusePoints = (state: MemberState, wallet: string, points: number): Refusal | null => {
  const { available } = state.accounts[wallet] ?? emptyAccount;
  if (points <= available) return null;
  return refuse('insufficient_points', `${points} points were asked for, ${available} are available`, {
    available,
    missing: points - available,
  });
};
