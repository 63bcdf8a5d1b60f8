import type { MemberState } from '../model/member-state.ts';

/** Whether a membership is over: closed, or erased. It neither earns nor burns, and what comes back to it expires. */
export const hasEnded = ({ status }: Pick<MemberState, 'status'>): boolean =>
  status === 'closed' || status === 'erased';
