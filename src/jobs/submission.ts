import { hash } from 'node:crypto';
import type { Submission } from '../commands/submission.ts';
import type { Command } from '../model/command.ts';
import type { ProgramId } from '../model/ids.ts';

/** A job's command. Its id derives from kind, subject and instant: the same work handed in twice is recognisable. */
export const submissionOf = (program: ProgramId, command: Command, instant: number): Submission => {
  const id = `${command.kind}:${program}:${command.member_id ?? ''}:${instant}`;
  return { program, command, fingerprint: hash('sha256', id, 'buffer'), key: null, requestId: id, from: 'job' };
};
