import { type Configuration, noResources } from '../model/configuration.ts';
import { type Refusal, refuse } from '../model/decision.ts';
import type { ProgramId } from '../model/ids.ts';
import { type Instant, instantText, instantTextOrNull, parseInstant } from '../model/instant.ts';
import { defaultPolicies, type Policies } from '../model/policies.ts';
import { type CreateProgram, type NewApiKey, type Program, SCOPES } from '../model/program.ts';
import { defaultWallet } from '../model/wallet.ts';
import { insertAudit } from '../store/audit-log.ts';
import type { Database } from '../store/database.ts';
import { insertFeed } from '../store/event-feed.ts';
import {
  anyProgram,
  insertProgram,
  insertRevision,
  lockFirstStart,
  newProgramId,
  type ProgramRow,
} from '../store/programs.ts';
import { createKey, type KeyAuthor } from './api-keys.ts';
import { refuseClock } from './move-clock.ts';

/** For statements that concern no program yet: under this id no row is seen. */
const NO_PROGRAM = 0 as ProgramId;
const FIRST_REVISION = 1;

export const programView = (row: ProgramRow, policies: Policies): Program => ({
  code: row.code,
  name: row.name,
  currency: row.currency,
  time_zone: row.time_zone,
  locale: row.locale,
  sandbox: row.sandbox,
  clock: instantTextOrNull(row.clock),
  policies,
  revision: row.revision,
  created_at: instantText(row.created_at),
});

const firstConfiguration: Configuration = {
  ...noResources,
  policies: defaultPolicies,
  wallets: { points: { revision: FIRST_REVISION, archived: false, body: defaultWallet } },
};

const isCodeTaken = (error: unknown): boolean => {
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  return code === '23505' && constraint === 'program_code_key';
};

export interface CreatedProgram {
  readonly outcome: 'created';
  readonly program: Program;
  /** A key with every scope. */
  readonly key: NewApiKey;
}

const refuseClockOf = (request: CreateProgram): Refusal | null => {
  if (request.clock === undefined) return null;
  if (request.sandbox === true) return refuseClock(request.clock, '/clock');
  return refuse('not_a_sandbox', 'only a sandbox program has a clock of its own', {
    errors: [{ pointer: '/clock', code: 'not_a_sandbox', detail: request.clock, expected: 'only with sandbox: true' }],
  });
};

/**
 * Makes a program with a wallet `points` and no rule, and its first key. `code_taken` when another has the code,
 * `not_a_sandbox` and `clock_out_of_range` when the clock is not one it can have.
 */
export const createProgram = async (
  database: Database,
  request: CreateProgram,
  by: KeyAuthor,
  now: Instant,
): Promise<CreatedProgram | Refusal> => {
  const refusal = refuseClockOf(request);
  if (refusal !== null) return refusal;
  const id = await database.transaction(NO_PROGRAM, newProgramId);
  const row: ProgramRow = {
    program_id: id,
    code: request.code,
    name: request.name,
    currency: request.currency,
    time_zone: request.time_zone,
    locale: request.locale ?? 'en',
    sandbox: request.sandbox ?? false,
    clock: request.sandbox === true ? (request.clock === undefined ? now : parseInstant(request.clock)) : null,
    revision: FIRST_REVISION,
    created_at: now,
  };
  try {
    const key = await database.transaction(id, async (tx) => {
      await insertProgram(tx, row);
      await insertFeed(tx, row.program_id);
      await insertRevision(tx, id, FIRST_REVISION, firstConfiguration, by.author, now);
      const told = { at: now, author: by.author, member: null, subject: null, actor: null, request_id: by.requestId };
      await insertAudit(tx, id, [{ ...told, action: 'program.created', details: { sandbox: row.sandbox } }]);
      return createKey(tx, id, { name: 'First key', scopes: [...SCOPES] }, by, now);
    });
    return { outcome: 'created', program: programView(row, defaultPolicies), key };
  } catch (error) {
    if (!isCodeTaken(error)) throw error;
    return refuse('code_taken', `a program ${request.code} exists`, {
      errors: [
        { pointer: '/code', code: 'code_taken', detail: request.code, expected: 'a code that no other program has' },
      ],
    });
  }
};

const firstProgram: CreateProgram = {
  code: 'default',
  name: 'Default',
  currency: 'EUR',
  time_zone: 'UTC',
  locale: 'en',
};

/** To try things out in: its clock is moved by hand, from an instant that is always the same. */
const firstSandbox: CreateProgram = {
  ...firstProgram,
  code: 'sandbox',
  name: 'Sandbox',
  sandbox: true,
  clock: '2026-01-01T09:00:00Z',
};

/** The secrets of the keys of the programs that a first start makes. */
export interface FirstKeys {
  readonly key: string;
  readonly sandboxKey: string;
}

/**
 * Makes the programs `default` and `sandbox` when there is none at all, and says the secrets of their keys, once. Null
 * when a program exists. Several instances may start at once: one of them makes them, the others wait and find them.
 */
export const ensureFirstPrograms = (database: Database, clock: () => Instant): Promise<FirstKeys | null> =>
  database.transaction(NO_PROGRAM, async (tx) => {
    await lockFirstStart(tx);
    // The service's own role sees no program here; whether there is one, the observer knows.
    if (await database.observe(anyProgram)) return null;
    const by = { author: 'first_start', requestId: 'first_start' };
    const sandbox = await createProgram(database, firstSandbox, by, clock());
    const created = await createProgram(database, firstProgram, by, clock());
    return created.outcome === 'created' && sandbox.outcome === 'created'
      ? { key: created.key.key, sandboxKey: sandbox.key.key }
      : null;
  });
