import { hash } from 'node:crypto';
import { purchaseClaimed } from '../engine/claim-purchase.ts';
import type { ProgramId } from '../model/ids.ts';
import type { FollowUp } from '../model/referral.ts';
import type { Submission } from './submission.ts';

/** The command that does what a follow-up says. The same again finds it done, and changes nothing. */
export const followUpSubmission = (program: ProgramId, followUp: FollowUp): Submission => {
  const kind = purchaseClaimed(followUp) === null ? 'credit_referrer' : 'claim_purchase';
  const id = `${kind}:${program}:${followUp.member_id}:${followUp.id}`;
  const command = { kind, member_id: followUp.member_id, followUp } as const;
  return { program, command, fingerprint: hash('sha256', id, 'buffer'), key: null, requestId: id, from: 'job' };
};
