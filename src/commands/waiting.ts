import { membersOf } from '../engine/named.ts';
import type { MemberId, ProgramId } from '../model/ids.ts';
import type { Outcome, Submission } from './submission.ts';

/** A submission that waits for its batch. */
export interface Waiting {
  readonly submission: Submission;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/** Whom a command is about: two lanes never work on the same member at once, or one would only wait for the other's lock. */
export type Subject = MemberId | string;

/** One, as a rule; two of a transfer; none of a guest's purchase. */
export const subjectsOf = ({ command }: Submission): Subject[] =>
  command.kind === 'put_member' && command.member_id === null ? [command.external_id] : membersOf(command);

interface Line {
  callers: Waiting[];
  jobs: Waiting[];
}

/** Moves up to `max` items nobody is working on out of a line, in order. */
const takeFree = (line: Waiting[], max: number, busy: ReadonlySet<Subject>): { taken: Waiting[]; left: Waiting[] } => {
  if (busy.size === 0 && line.length <= max) return { taken: line, left: [] };
  const taken: Waiting[] = [];
  const left: Waiting[] = [];
  for (const item of line) {
    if (taken.length < max && !subjectsOf(item.submission).some((subject) => busy.has(subject))) taken.push(item);
    else left.push(item);
  }
  return { taken, left };
};

/** Submissions in line, by program. Programs are served in turn, so that a busy one starves nobody. */
export class WaitingLines {
  readonly #lines = new Map<ProgramId, Line>();
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(item: Waiting): void {
    const { program, from } = item.submission;
    let line = this.#lines.get(program);
    if (line === undefined) {
      line = { callers: [], jobs: [] };
      this.#lines.set(program, line);
    }
    line[from === 'job' ? 'jobs' : 'callers'].push(item);
    this.#length += 1;
  }

  /** The next batch: of one program, at most `max`, of which jobs take at most a quarter while callers wait. */
  take(max: number, busy: ReadonlySet<Subject>): { program: ProgramId; items: Waiting[] } | null {
    for (const [program, line] of this.#lines) {
      const reserved = Math.min(line.jobs.length, Math.floor(max / 4));
      const callers = takeFree(line.callers, max - reserved, busy);
      const jobs = takeFree(line.jobs, callers.taken.length === 0 ? max : reserved, busy);
      const items = [...callers.taken, ...jobs.taken];
      if (items.length === 0) continue;
      line.jobs = jobs.left;
      line.callers = callers.left;
      this.#lines.delete(program);
      if (line.callers.length + line.jobs.length > 0) this.#lines.set(program, line);
      this.#length -= items.length;
      return { program, items };
    }
    return null;
  }
}
