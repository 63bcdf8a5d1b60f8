import { firstDayOf } from '../engine/totals.ts';
import type { Window } from '../model/condition.ts';
import type { ProgramId } from '../model/ids.ts';
import { noTotals } from '../model/member-state.ts';
import { plus } from '../model/totals.ts';
import type { Subject } from '../rules/conditions/subject.ts';
import type { Database } from '../store/database.ts';
import { loadDays } from '../store/day-buckets.ts';
import type { ReadMember } from './read-member.ts';

/**
 * A member just read as any condition sees them: the state has the windows that the rules in force read, and those
 * asked for besides are summed from the day buckets.
 */
export const subjectWith = async (
  database: Database,
  program: ProgramId,
  { state, row, rules, now }: ReadMember,
  windows: readonly Window[],
): Promise<Subject> => {
  const today = rules.calendar.dayOf(now);
  const subject: Subject = { state, person: row, now, today, trigger: null };
  const missing = windows.filter((window) => state.windows[window] === undefined);
  if (missing.length === 0) return subject;
  const firsts = missing.map((window) => [window, firstDayOf(state, window, today)] as const);
  const from = Math.min(...firsts.map(([, first]) => first));
  const days = await database.read(program, (db) =>
    loadDays(db, program, [{ member: state.member_id, from, to: today }]),
  );
  const summed = firsts.map(([window, first]) => {
    const totals = days.filter(([, day]) => day >= first).reduce((sum, [, , one]) => plus(sum, one), noTotals);
    return [window, { ...totals, from: first }] as const;
  });
  return { ...subject, state: { ...state, windows: { ...state.windows, ...Object.fromEntries(summed) } } };
};
