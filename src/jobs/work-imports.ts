import { failureOf } from '../commands/failures.ts';
import { fingerprintOf } from '../commands/fingerprint.ts';
import { type LineKind, lineKinds } from '../commands/import-lines.ts';
import { type CommandQueue, Draining, QueueFull } from '../commands/queue.ts';
import { identityOf } from '../commands/resolve-member.ts';
import { runDry } from '../commands/run-dry.ts';
import type { Outcome, Submission } from '../commands/submission.ts';
import type { ProgramId } from '../model/ids.ts';
import type { ImportRecord } from '../model/import.ts';
import type { Problem } from '../model/problem.ts';
import type { Database } from '../store/database.ts';
import { findMembers } from '../store/identities.ts';
import {
  finishChunk,
  type ImportChunk,
  type ImportErrorRow,
  type ImportRow,
  leaseImport,
  nextChunks,
  programsToImport,
  releaseImport,
} from '../store/imports.ts';
import type { RulesCache } from '../store/rules-cache.ts';

/*
 * A file is worked off chunk by chunk. What became of a chunk is written down, and its lines are forgotten, in one
 * transaction after its commands: an instance that ends in between leaves the chunk to another, which does it again and
 * finds that nothing is left to be changed.
 */

export interface ImportTools {
  readonly database: Database;
  readonly queue: CommandQueue;
  readonly rules: RulesCache;
  readonly clock: () => number;
}

/** Chunks handed in at once: while one commits, the next is decided. */
const AT_ONCE = 3;
/** How long one import is worked on before the next program has its turn. */
const TURN_MS = 2_000;
/** How long an instance may be silent before another takes the import over. */
const LEASE_MS = 60_000;
/** Errors told of one line. */
const FAULTS_MAX = 10;

type Fault = Omit<ImportErrorRow, 'line' | 'place'>;
/** What became of a line: `failed` with its faults. */
type LineResult =
  | { readonly as: 'succeeded' | 'unchanged' | 'stale' }
  | { readonly as: 'failed'; readonly faults: readonly Fault[] };

const failed = (faults: readonly Fault[]): LineResult => ({ as: 'failed', faults });

const resultOf = ({ kind }: ImportRow, { status, body, replayed }: Outcome): LineResult => {
  if (status < 400) {
    const { result } = (body === '' ? {} : JSON.parse(body)) as { readonly result?: string };
    return { as: replayed || result === 'unchanged' ? 'unchanged' : result === 'stale' ? 'stale' : 'succeeded' };
  }
  const { code, detail, errors = [] } = JSON.parse(body) as Problem;
  const { pointerOf = (pointer: string) => pointer } = lineKinds[kind];
  const faults = errors.map((error) => ({ pointer: pointerOf(error.pointer), code: error.code, detail: error.detail }));
  return failed(faults.length > 0 ? faults : [{ pointer: '', code, detail }]);
};

/** Whether the command itself fails, whoever hands it in; all else is a matter of trying again. */
const isFaultOfLine = (error: unknown): boolean =>
  !(error instanceof QueueFull || error instanceof Draining) && failureOf(error) === 'isolate';

const submissionsOf = async (
  { database }: ImportTools,
  program: ProgramId,
  { number, kind, options }: ImportRow,
  records: readonly ImportRecord[],
): Promise<(Submission | LineResult)[]> => {
  const { memberOf, enrols, commandOf, operation } = lineKinds[kind] as LineKind<unknown>;
  const named = records.map(([, value, faults]) => (faults === undefined ? memberOf(value) : null));
  const identities = [...new Set(named.filter((name) => name !== null))].map(identityOf);
  const found = await database.read(program, (db) => findMembers(db, program, identities));
  return records.map(([line, value, faults], index) => {
    const name = named[index];
    if (faults !== undefined || name === null || name === undefined) return failed(faults ?? []);
    const identity = identityOf(name);
    const id = found.get(`${identity.kind}:${identity.value}`) ?? null;
    if (id === null && !enrols)
      return failed([{ pointer: '/member', code: 'member_not_found', detail: 'names no member' }]);
    const { params, body } = operation?.asked?.(value) ?? { params: {}, body: value };
    return {
      program,
      command: commandOf(value, { name, id }, options),
      fingerprint: fingerprintOf(operation?.method ?? 'POST', operation?.route ?? '', params, body),
      key: null,
      requestId: `import_${number}_line_${line}`,
      from: 'job',
    };
  });
};

const isSubmission = (item: Submission | LineResult): item is Submission => 'command' in item;

/** Hands a chunk in, and says what became of each line. Throws when it should be tried again. */
const runChunk = async (
  tools: ImportTools,
  program: ProgramId,
  row: ImportRow,
  items: readonly (Submission | LineResult)[],
): Promise<LineResult[]> => {
  if (row.options.dry_run) {
    const outcomes = await runDry(tools.database, tools, program, items.filter(isSubmission));
    let next = 0;
    return items.map((item) => {
      const outcome = isSubmission(item) ? outcomes[next++] : undefined;
      return isSubmission(item) ? (outcome === undefined ? failed([]) : resultOf(row, outcome)) : item;
    });
  }
  const settled = await Promise.allSettled(
    items.map(async (item) => (isSubmission(item) ? resultOf(row, await tools.queue.submit(item)) : item)),
  );
  return settled.map((one) => {
    if (one.status === 'fulfilled') return one.value;
    if (!isFaultOfLine(one.reason)) throw one.reason;
    return failed([{ pointer: '', code: 'internal_error', detail: 'the line cannot be taken; the fault is logged' }]);
  });
};

const finish = (
  { database, clock }: ImportTools,
  program: ProgramId,
  { number }: ImportRow,
  { chunk, records }: ImportChunk,
  results: readonly LineResult[],
): Promise<boolean> => {
  const count = (as: LineResult['as']): number => results.filter((result) => result.as === as).length;
  const counts = {
    succeeded: count('succeeded'),
    unchanged: count('unchanged'),
    stale: count('stale'),
    failed: count('failed'),
  };
  const errors = results.flatMap((result, index): ImportErrorRow[] => {
    const line = records[index]?.[0] ?? 0;
    return result.as === 'failed'
      ? result.faults.slice(0, FAULTS_MAX).map((fault, place) => ({ line, place, ...fault }))
      : [];
  });
  return database.transaction(program, (tx) =>
    finishChunk(tx, program, number, chunk, counts, errors, clock() + LEASE_MS),
  );
};

/** Works on an import until its turn is over. Returns whether something is left. */
const workOn = async (tools: ImportTools, program: ProgramId, row: ImportRow): Promise<boolean> => {
  const { database, clock } = tools;
  const until = performance.now() + TURN_MS;
  const atOnce = row.options.dry_run ? 1 : AT_ONCE;
  try {
    for (;;) {
      const chunks = await database.read(program, (db) => nextChunks(db, program, row.number, atOnce));
      if (chunks.length === 0) return false;
      const prepared = await Promise.all(chunks.map(({ records }) => submissionsOf(tools, program, row, records)));
      const done = await Promise.allSettled(
        chunks.map(async (chunk, index) => {
          const results = await runChunk(tools, program, row, prepared[index] ?? []);
          await finish(tools, program, row, chunk, results);
        }),
      );
      const again = done.find((one) => one.status === 'rejected');
      if (again !== undefined) throw again.reason;
      if (performance.now() > until) return true;
    }
  } finally {
    await database.transaction(program, (tx) => releaseImport(tx, program, row.number, clock()));
  }
};

/** Works imports off that nobody is at work on, one of each program in turn. Returns whether there is more to do. */
export const workImports = async (tools: ImportTools): Promise<boolean> => {
  const { database, clock } = tools;
  const programs = await database.observe((db) => programsToImport(db, clock()));
  let more = false;
  let failure: unknown;
  for (const program of programs) {
    const now = clock();
    try {
      const row = await database.transaction(program, (tx) => leaseImport(tx, program, now, now + LEASE_MS));
      if (row !== null) more = (await workOn(tools, program, row)) || more;
    } catch (error) {
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
  return more;
};
