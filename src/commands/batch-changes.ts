import type { Changes } from '../model/decision.ts';
import type { MemberId, ProgramId } from '../model/ids.ts';
import type { Tx } from '../store/connection.ts';
import type { Answered } from '../store/purchases.ts';

/** What an accepted command changed, with its member and its answer. */
export type Change = Changes & Answered & { readonly member: MemberId };

/** A row for each thing that every change holds any number of. */
export const all = <T>(
  changes: readonly Change[],
  pick: (change: Change) => readonly T[],
): (readonly [MemberId, T])[] =>
  changes.flatMap((change) => pick(change).map((item) => [change.member, item] as const));

/** Each thing once, as the last command that changed it left it. */
export const last = <K, V, R>(
  changes: readonly Change[],
  pick: (change: Change) => Iterable<readonly [K, V]>,
  row: (member: MemberId, key: K, value: V) => R,
): R[] => {
  const rows = new Map<string, R>();
  for (const change of changes) {
    for (const [key, value] of pick(change)) rows.set(`${change.member}:${key}`, row(change.member, key, value));
  }
  return [...rows.values()];
};

/** A statement where there is something to write. */
export const saving =
  (tx: Tx, program: ProgramId) =>
  <T>(
    rows: readonly T[],
    write: (tx: Tx, program: ProgramId, rows: readonly T[]) => Promise<unknown>,
  ): Promise<unknown>[] =>
    rows.length > 0 ? [write(tx, program, rows)] : [];
