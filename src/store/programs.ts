import { sql } from 'kysely';
import { type Configuration, noResources } from '../model/configuration.ts';
import type { ProgramId } from '../model/ids.ts';
import { type Instant, instantText, instantTextOrNull } from '../model/instant.ts';
import { defaultPolicies, type Policies } from '../model/policies.ts';
import { wholeEarnRule } from '../rules/earn-rules.ts';
import type { Db, Tx } from './connection.ts';

export interface ProgramRow {
  readonly program_id: ProgramId;
  readonly code: string;
  readonly name: string;
  readonly currency: string;
  readonly time_zone: string;
  readonly locale: string;
  readonly sandbox: boolean;
  /** The time of a sandbox program, which stands until it is moved; null for a live one. */
  readonly clock: Instant | null;
  readonly revision: number;
  readonly created_at: Instant;
}

/** A program with its configuration as it stands. */
export interface CurrentProgram {
  readonly row: ProgramRow;
  readonly configuration: Configuration;
}

/** The program the transaction is bound to. */
export const loadProgram = async (db: Db, program: ProgramId): Promise<ProgramRow> => {
  const [row] = await db.run(sql<ProgramRow>`
    select program_id, code, name, currency, time_zone, locale, sandbox, clock, revision, created_at
    from program
    where program_id = ${program}
  `);
  if (row === undefined) throw new Error(`program ${program} does not exist`);
  return row;
};

/** Which rules hold in a program, and what time it is there. */
export interface Moment {
  readonly revision: number;
  /** Null: real time. */
  readonly clock: Instant | null;
}

export const loadMoment = async (db: Db, program: ProgramId): Promise<Moment> => {
  const [row] = await db.run(sql<Moment>`select revision, clock from program where program_id = ${program}`);
  if (row === undefined) throw new Error(`program ${program} does not exist`);
  return row;
};

/** Revisions keep what there was when they were made: policies and kinds that came later stand as in a new program. */
const completed = (configuration: Configuration): Configuration => ({
  ...noResources,
  ...configuration,
  earn_rules: Object.fromEntries(
    Object.entries(configuration.earn_rules).map(([code, rule]) => [code, { ...rule, body: wholeEarnRule(rule.body) }]),
  ),
  policies: { ...defaultPolicies, ...configuration.policies },
});

export const loadConfiguration = async (db: Db, program: ProgramId, revision: number): Promise<Configuration> => {
  const configuration = await findConfiguration(db, program, revision);
  if (configuration === null) throw new Error(`program ${program} has no revision ${revision}`);
  return configuration;
};

/** The configuration of a revision, or null when there is no such revision. */
export const findConfiguration = async (
  db: Db,
  program: ProgramId,
  revision: number,
): Promise<Configuration | null> => {
  const [row] = await db.run(sql<{ configuration: Configuration }>`
    select configuration
    from program_revision
    where program_id = ${program} and revision = ${revision}
  `);
  return row === undefined ? null : completed(row.configuration);
};

export interface RevisionRow {
  readonly revision: number;
  readonly created_at: Instant;
  readonly changed_by: string;
}

/** A program's revisions, the newest first, from before one of them. */
export const listRevisions = (
  db: Db,
  program: ProgramId,
  before: number | null,
  limit: number,
): Promise<RevisionRow[]> =>
  db.run(sql<RevisionRow>`
    select revision, created_at, changed_by
    from program_revision
    where program_id = ${program} and revision < ${before ?? 2 ** 31 - 1}
    order by revision desc
    limit ${limit}
  `);

/**
 * Locks the program's row: changes of its configuration happen one after another. What refers to the row (keys,
 * revisions) can still be inserted meanwhile, hence no key update.
 */
export const lockProgram = async (tx: Tx, program: ProgramId): Promise<ProgramRow> => {
  await tx.run(sql`select 1 from program where program_id = ${program} for no key update`);
  return loadProgram(tx, program);
};

/** The program with its configuration as it stands, in one statement. */
export const loadCurrent = async (db: Db, program: ProgramId): Promise<CurrentProgram> => {
  const [found] = await db.run(sql<ProgramRow & { configuration: Configuration }>`
    select p.program_id, p.code, p.name, p.currency, p.time_zone, p.locale, p.sandbox, p.clock, p.revision, p.created_at, r.configuration
    from program p
    join program_revision r on r.program_id = p.program_id and r.revision = p.revision
    where p.program_id = ${program}
  `);
  if (found === undefined) throw new Error(`program ${program} does not exist`);
  const { configuration, ...row } = found;
  return { row, configuration: completed(configuration) };
};

export const newProgramId = async (db: Db): Promise<ProgramId> => {
  const [row] = await db.run(sql<{ id: ProgramId }>`select nextval('program_id_seq')::integer as id`);
  if (row === undefined) throw new Error('the sequence of programs gave nothing');
  return row.id;
};

export const insertProgram = (tx: Tx, program: ProgramRow): Promise<unknown[]> =>
  tx.run(sql`
    insert into program (program_id, code, name, currency, time_zone, locale, sandbox, clock, revision, created_at)
    values (${program.program_id}, ${program.code}, ${program.name}, ${program.currency}, ${program.time_zone}, ${program.locale},
      ${program.sandbox}, ${instantTextOrNull(program.clock)}, ${program.revision}, ${instantText(program.created_at)})
  `);

/** Makes a configuration the program's next revision. */
export const insertRevision = (
  tx: Tx,
  program: ProgramId,
  revision: number,
  configuration: Configuration,
  changedBy: string,
  now: Instant,
): Promise<unknown[]> =>
  tx.run(sql`
    insert into program_revision (program_id, revision, configuration, changed_by, created_at)
    values (${program}, ${revision}, ${JSON.stringify(configuration)}, ${changedBy}, ${instantText(now)})
  `);

export const updateProgram = (
  tx: Tx,
  program: ProgramId,
  values: { readonly name: string; readonly locale: string; readonly revision: number },
): Promise<unknown[]> =>
  tx.run(sql`
    update program
    set name = ${values.name}, locale = ${values.locale}, revision = ${values.revision}
    where program_id = ${program}
  `);

/** For the observer: whether the database answers and is migrated. */
export const ping = (db: Db): Promise<unknown[]> => db.run(sql`select 1 from program limit 1`);

/** Advisory lock of the first start, among all processes of the database. */
const FIRST_START = 7_354_403;

/** Held until the transaction ends: one instance at a time looks whether there is a program, and makes one. */
export const lockFirstStart = (tx: Tx): Promise<unknown[]> => tx.run(sql`select pg_advisory_xact_lock(${FIRST_START})`);

/** For the observer: whether any program exists yet. */
export const anyProgram = async (db: Db): Promise<boolean> =>
  (await db.run(sql`select 1 from program limit 1`)).length > 0;

/** For the observer: every program's id. */
export const allPrograms = async (db: Db): Promise<ProgramId[]> =>
  (await db.run(sql<{ program_id: ProgramId }>`select program_id from program order by program_id`)).map(
    (row) => row.program_id,
  );

/** For the observer: the id of the program of this code. */
export const findProgram = async (db: Db, code: string): Promise<ProgramId | null> => {
  const [row] = await db.run(sql<{ program_id: ProgramId }>`select program_id from program where code = ${code}`);
  return row?.program_id ?? null;
};

/** For the observer: programs in the order of their codes, from after one of them. */
export const listPrograms = (
  db: Db,
  after: string | null,
  limit: number,
): Promise<(ProgramRow & { policies: Policies })[]> =>
  db.run(sql`
    select p.program_id, p.code, p.name, p.currency, p.time_zone, p.locale, p.sandbox, p.clock, p.revision, p.created_at,
      r.configuration -> 'policies' as policies
    from program p
    join program_revision r on r.program_id = p.program_id and r.revision = p.revision
    where ${after}::text is null or p.code > ${after}
    order by p.code
    limit ${limit}
  `);
