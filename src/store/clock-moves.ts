import { sql } from 'kysely';
import type { ProgramId } from '../model/ids.ts';
import { type Instant, instantText } from '../model/instant.ts';
import type { ClockMoveStatus } from '../model/sandbox-clock.ts';
import type { Db, Tx } from './connection.ts';

export interface ClockMoveRow {
  readonly program_id: ProgramId;
  /** Counts the moves of a program from 1. */
  readonly number: number;
  readonly from_instant: Instant;
  readonly to_instant: Instant;
  readonly status: ClockMoveStatus;
  readonly due: number;
  readonly settled: number;
}

const columns = sql`program_id, number, from_instant, to_instant, status, due, settled`;

/** The program's last move, or null. */
export const lastMove = async (db: Db, program: ProgramId): Promise<ClockMoveRow | null> => {
  const [row] = await db.run(sql<ClockMoveRow>`
    select ${columns}
    from clock_move
    where program_id = ${program}
    order by number desc
    limit 1
  `);
  return row ?? null;
};

/** Moves the clock, and writes down that whoever is due by then is to be settled. The program's row is locked. */
export const beginMove = async (
  tx: Tx,
  program: ProgramId,
  number: number,
  from: Instant,
  to: Instant,
  workedUntil: Instant,
): Promise<ClockMoveRow> => {
  await tx.run(sql`update program set clock = ${instantText(to)} where program_id = ${program}`);
  const [row] = await tx.run(sql<ClockMoveRow>`
    insert into clock_move (program_id, number, from_instant, to_instant, status, due, settled, worked_until)
    select ${program}, ${number}::integer, ${instantText(from)}::timestamptz, ${instantText(to)}::timestamptz,
      case when count(*) = 0 then 'done' else 'running' end, count(*)::integer, 0, ${instantText(workedUntil)}::timestamptz
    from member_due
    where program_id = ${program} and due_at <= ${instantText(to)}::timestamptz
    returning ${columns}
  `);
  if (row === undefined) throw new Error('the move was not written');
  return row;
};

/**
 * Takes a running move to work on until an instant of real time. Null when it is done, or another instance has it: of
 * two that ask, the second waits for the first and then finds it taken.
 */
export const takeMove = async (
  tx: Tx,
  program: ProgramId,
  now: Instant,
  workedUntil: Instant,
): Promise<ClockMoveRow | null> => {
  const [row] = await tx.run(sql<ClockMoveRow>`
    update clock_move
    set worked_until = ${instantText(workedUntil)}
    where program_id = ${program} and status = 'running'
      and (worked_until is null or worked_until <= ${instantText(now)}::timestamptz)
    returning ${columns}
  `);
  return row ?? null;
};

/** Writes down how far a move has come. `workedUntil` null lets another instance take it. */
export const saveProgress = (
  tx: Tx,
  move: ClockMoveRow,
  settled: number,
  status: ClockMoveStatus,
  workedUntil: Instant | null,
): Promise<unknown[]> =>
  tx.run(sql`
    update clock_move
    set settled = settled + ${settled}, status = ${status}, worked_until = ${workedUntil === null ? null : instantText(workedUntil)}
    where program_id = ${move.program_id} and number = ${move.number}
  `);

/** Programs whose clock is being moved by nobody any more. For the observer. */
export const findLeftMoves = async (db: Db, now: Instant): Promise<ProgramId[]> => {
  const rows = await db.run(sql<{ program_id: ProgramId }>`
    select program_id
    from clock_move
    where status = 'running' and (worked_until is null or worked_until <= ${instantText(now)}::timestamptz)
    order by program_id
  `);
  return rows.map((row) => row.program_id);
};
