import { hash } from 'node:crypto';
import { type Refusal, refuse } from '../model/decision.ts';
import type { MemberId, ProgramId } from '../model/ids.ts';
import { DAY_MS, type Instant, instantText, parseInstant } from '../model/instant.ts';
import { CLOCK_BEFORE, CLOCK_FROM, CLOCK_MOVE_DAYS, type ClockMove } from '../model/sandbox-clock.ts';
import { insertAudit } from '../store/audit-log.ts';
import { beginMove, type ClockMoveRow, lastMove, saveProgress, takeMove } from '../store/clock-moves.ts';
import type { Database } from '../store/database.ts';
import { findDueOf } from '../store/member-due.ts';
import { loadMoment, lockProgram } from '../store/programs.ts';
import { findBehind, openReassessment, type Place } from '../store/reassessments.ts';
import type { Author } from './configure.ts';
import { failureOf } from './failures.ts';
import { type CommandQueue, Draining, QueueFull } from './queue.ts';

/*
 * A move sets the clock first, in one transaction with the row that says it is running: from then on every write and
 * read of the program is as of its target, each member settled up to it, each thing at its own instant. What is left
 * is to bring that forward for whoever is due, in due order. That can stop anywhere and be taken up by anybody: who is
 * still due is in the due table, and the move is done when nobody is.
 */

export interface MoveTools {
  readonly database: Database;
  readonly queue: CommandQueue;
  /** Real time. */
  readonly clock: () => Instant;
}

/** Members settled before progress is written down. */
const PAGE = 256;

/** How long an instance has a move to itself after it last wrote progress down. Longer than a page may take. */
const LEASE_MS = 60_000;

export const clockMoveView = (move: ClockMoveRow): ClockMove => ({
  id: `mov_${move.number}`,
  from: instantText(move.from_instant),
  to: instantText(move.to_instant),
  status: move.status,
  due: move.due,
  settled: move.settled,
});

/** Refuses a place where no sandbox clock may stand: `clock_out_of_range`. */
export const refuseClock = (
  clock: string,
  pointer: string,
  from = CLOCK_FROM,
  before = CLOCK_BEFORE,
): Refusal | null =>
  parseInstant(clock) >= parseInstant(from) && parseInstant(clock) < parseInstant(before)
    ? null
    : refuse('clock_out_of_range', `the clock cannot stand at ${clock}`, {
        errors: [
          { pointer, code: 'clock_out_of_range', detail: clock, expected: `from ${from} on and before ${before}` },
        ],
      });

export const notASandbox = (): Refusal => refuse('not_a_sandbox', 'the program is live: its time is real time');

const refuseMove = (clock: Instant, to: string): Refusal | null => {
  if (parseInstant(to) < clock) {
    const expected = `at least ${instantText(clock)}`;
    return refuse('clock_backwards', `the clock stands at ${instantText(clock)}`, {
      errors: [{ pointer: '/to', code: 'clock_backwards', detail: to, expected }],
    });
  }
  const furthest = Math.min(clock + CLOCK_MOVE_DAYS * DAY_MS + 1, parseInstant(CLOCK_BEFORE));
  return refuseClock(to, '/to', instantText(clock), instantText(furthest));
};

/** Sets the clock. The move that brought it where it is wanted is answered again: a request may be repeated. */
const begin = (
  { database, clock }: MoveTools,
  { program, changedBy: author, requestId: request_id }: Author,
  to: string,
): Promise<{ readonly outcome: 'begun' | 'repeated'; readonly move: ClockMoveRow } | Refusal> =>
  database.transaction(program, async (tx) => {
    const row = await lockProgram(tx, program);
    if (row.clock === null) return notASandbox();
    const last = await lastMove(tx, program);
    if (last !== null && last.to_instant === parseInstant(to)) return { outcome: 'repeated', move: last };
    if (last?.status === 'running')
      return refuse('clock_moving', `a move to ${instantText(last.to_instant)} is under way`);
    const refusal = refuseMove(row.clock, to);
    if (refusal !== null) return refusal;
    const number = (last?.number ?? 0) + 1;
    const move = await beginMove(tx, program, number, row.clock, parseInstant(to), clock() + LEASE_MS);
    const details = { from: instantText(row.clock), to: instantText(move.to_instant) };
    const told = { at: clock(), action: 'clock.moved', author, member: null, actor: null, request_id } as const;
    await insertAudit(tx, program, [{ ...told, subject: `mov_${number}`, details }]);
    return { outcome: 'begun', move };
  });

/** Whether the command itself fails, whoever hands it in; all else is a matter of trying again. */
const isFaultOfMember = (error: unknown): boolean =>
  !(error instanceof QueueFull || error instanceof Draining) && failureOf(error) === 'isolate';

/** Settles members. Returns those that cannot be. */
const settle = async ({ queue }: MoveTools, program: ProgramId, members: readonly MemberId[]): Promise<MemberId[]> => {
  const results = await Promise.allSettled(
    members.map((member_id) => {
      const requestId = `settle_member:${program}:${member_id}:clock`;
      return queue.submit({
        program,
        command: { kind: 'settle_member', member_id },
        fingerprint: hash('sha256', requestId, 'buffer'),
        key: null,
        requestId,
        from: 'job',
      });
    }),
  );
  const again = results.find((result) => result.status === 'rejected' && !isFaultOfMember(result.reason));
  if (again?.status === 'rejected') throw again.reason;
  return members.filter((_, index) => results[index]?.status === 'rejected');
};

/**
 * Members are brought under edited tiers and segments before time moves on: what is new to them says nothing about
 * instants before, and so it would miss what falls due on the way.
 */
const catchUp = async (tools: MoveTools, program: ProgramId, deadline: Instant): Promise<Refusal | null> => {
  const { database, clock } = tools;
  const [moment, revision] = await database.read(program, (db) =>
    Promise.all([loadMoment(db, program), openReassessment(db, program)]),
  );
  if (moment.clock === null) return notASandbox();
  if (revision === null) return null;
  let after: Place = { shard: 0, member: 0 as MemberId };
  for (;;) {
    const from = after;
    const places = await database.read(program, (db) => findBehind(db, program, revision, from, PAGE));
    await settle(
      tools,
      program,
      places.map(({ member }) => member),
    );
    if (places.length < PAGE) return null;
    after = places.at(-1) ?? after;
    if (clock() >= deadline)
      return refuse('members_behind', 'members are still being brought under tiers or segments that were edited');
  }
};

/**
 * Settles whoever is due, in due order, until nobody is or the time is up. A member that cannot be settled does not
 * hold the move up: the job that settles what is due comes back to it, and tells.
 */
const work = async (tools: MoveTools, taken: ClockMoveRow, deadline: Instant): Promise<ClockMoveRow> => {
  const { database, clock } = tools;
  const { program_id: program } = taken;
  let move = taken;
  const passedOver: MemberId[] = [];
  let before: readonly MemberId[] = [];
  try {
    for (;;) {
      const due = await database.transaction(program, (tx) =>
        findDueOf(tx, program, move.to_instant, PAGE, passedOver),
      );
      // Who is due again after having been settled is passed over as well: the move comes to an end in any case.
      const again = due.filter((member) => before.includes(member));
      const fresh = due.filter((member) => !before.includes(member));
      const failed = await settle(tools, program, fresh);
      passedOver.push(...again, ...failed);
      before = fresh;
      const status = due.length < PAGE && again.length === 0 && failed.length === 0 ? 'done' : 'running';
      const more = status === 'running' && clock() < deadline;
      await database.transaction(program, (tx) =>
        saveProgress(tx, move, fresh.length - failed.length, status, more ? clock() + LEASE_MS : null),
      );
      move = { ...move, status, settled: move.settled + fresh.length - failed.length };
      if (!more) return move;
    }
  } catch (error) {
    await database.transaction(program, (tx) => saveProgress(tx, move, 0, 'running', null)).catch(() => {});
    throw error;
  }
};

/**
 * Moves the clock of a sandbox program forward and settles whoever falls due on the way. Answers when that is done, or
 * when `withinMs` are over and a job goes on with it. `clock_moving` while another move is under way, `members_behind`
 * while many members are yet to be brought under an edit.
 */
export const moveClock = async (
  tools: MoveTools,
  author: Author,
  to: string,
  withinMs: number,
): Promise<ClockMoveRow | Refusal> => {
  const deadline = tools.clock() + withinMs;
  const behind = await catchUp(tools, author.program, deadline);
  if (behind !== null) return behind;
  const begun = await begin(tools, author, to);
  if (begun.outcome === 'refused') return begun;
  if (begun.outcome === 'repeated' || begun.move.status === 'done') return begun.move;
  return work(tools, begun.move, deadline);
};

/** Goes on with a move that nobody works on. Returns whether there was one, and it is still not done. */
export const continueMove = async (tools: MoveTools, program: ProgramId, withinMs: number): Promise<boolean> => {
  const now = tools.clock();
  const move = await tools.database.transaction(program, (tx) => takeMove(tx, program, now, now + LEASE_MS));
  if (move === null) return false;
  return (await work(tools, move, now + withinMs)).status === 'running';
};
