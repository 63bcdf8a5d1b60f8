import { createHash } from 'node:crypto';
import type { Client } from 'pg';
import type { Test } from 'tap';
import { CommandQueue } from '../../src/commands/queue.ts';
import { MemberReader } from '../../src/commands/read-member.ts';
import type { Outcome, Submission } from '../../src/commands/submission.ts';
import type { Command } from '../../src/model/command.ts';
import type { MemberId, ProgramId } from '../../src/model/ids.ts';
import type { Tx } from '../../src/store/connection.ts';
import { Database } from '../../src/store/database.ts';
import { findMembers } from '../../src/store/identities.ts';
import { Lane } from '../../src/store/lane.ts';
import { RulesCache } from '../../src/store/rules-cache.ts';
import { adjust, purchase, redeem } from '../helpers/given.ts';
import { asOwner } from '../helpers/programs.ts';

/* One instance of the service below HTTP: its connections, its queue and its reads. */

export interface InstanceOptions {
  readonly lanes?: number;
  readonly batchMax?: number;
  readonly queueMax?: number;
  readonly clock?: () => number;
  /** Other lanes than the database's own. */
  readonly lanesOf?: (url: string) => readonly Lane[];
}

export interface Instance {
  readonly database: Database;
  readonly queue: CommandQueue;
  readonly reader: MemberReader;
  submit(program: ProgramId, command: Command, more?: Partial<Submission>): Promise<Outcome>;
  /** Enrols a member and gives the internal id. */
  enrol(program: ProgramId, name: string): Promise<MemberId>;
}

/** A lane that counts its transactions and can be told what happens to the next ones, before they begin or after they have ended. */
export class TroubledLane extends Lane {
  transactions = 0;
  readonly before: Error[] = [];
  readonly afterwards: Error[] = [];

  override async transaction<T>(
    program: ProgramId,
    work: (tx: Tx, commit: () => Promise<void>) => Promise<T>,
  ): Promise<T> {
    this.transactions += 1;
    const prevented = this.before.shift();
    if (prevented !== undefined) throw prevented;
    const result = await super.transaction(program, work);
    const lost = this.afterwards.shift();
    if (lost !== undefined) throw lost;
    return result;
  }
}

export const noon = Date.parse('2026-03-10T11:00:00Z');

export const fingerprintOf = (content: unknown): Buffer =>
  createHash('sha256').update(JSON.stringify(content)).digest();

export const submission = (program: ProgramId, command: Command, more: Partial<Submission> = {}): Submission => ({
  program,
  command,
  fingerprint: fingerprintOf(command),
  key: null,
  requestId: 'request',
  from: 'caller',
  ...more,
});

export const openInstance = (t: Test, url: string, options: InstanceOptions = {}): Instance => {
  const { lanes = 2, batchMax = 256, queueMax = 4096, clock = () => noon, lanesOf } = options;
  const database = new Database({ url, lanes, readConnections: 2 });
  const rules = new RulesCache();
  const own = lanesOf?.(url) ?? database.lanes;
  const queue = new CommandQueue({ lanes: own, rules, clock, batchMax, queueMax });
  t.teardown(async () => {
    await queue.drain();
    await Promise.all(own.map((lane) => lane.close()));
    await database.close();
  });
  const submit: Instance['submit'] = (program, command, more) => queue.submit(submission(program, command, more));
  return {
    database,
    queue,
    reader: new MemberReader(database, rules, clock, 2),
    submit,
    enrol: async (program, name) => {
      await submit(program, { kind: 'put_member', member_id: null, external_id: name, body: {}, replace: true });
      const found = await database.read(program, (db) => findMembers(db, program, [{ kind: 'id', value: name }]));
      return found.get(`id:${name}`)!;
    },
  };
};

export const buy = (member_id: MemberId, id: string, amount = 100): Command => {
  const command = purchase(amount, { id });
  return command.kind === 'record_purchase' ? { ...command, member_id } : command;
};
export const spend = (member_id: MemberId, id: string, points: number): Command => {
  const command = redeem(points);
  return command.kind === 'redeem_points' ? { ...command, member_id, request: { ...command.request, id } } : command;
};
export const give = (member_id: MemberId, points: number): Command => ({ ...adjust(points), member_id }) as Command;

/** How many answers of each status there are; repeated answers count apart. */
export const statuses = (outcomes: readonly Outcome[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { status, replayed } of outcomes) {
    const name = replayed ? `${status} again` : `${status}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
};

/** Runs one statement as the owner of the database, who sees every program. */
export const query = async <R extends object>(url: string, text: string, values: unknown[] = []): Promise<R[]> =>
  asOwner(url, async (client) => (await client.query<R>(text, values)).rows);

/** Resolves once so many of the service's lanes wait for a lock. Asks again and again: there is no event for it. */
export const lanesWaiting = async (client: Client, count: number): Promise<number[]> => {
  for (;;) {
    // Within a transaction the server shows the same activity again and again.
    await client.query('select pg_stat_clear_snapshot()');
    const { rows } = await client.query<{ pid: number }>(
      `select pid from pg_stat_activity
       where datname = current_database() and application_name = 'tessera lane' and wait_event_type = 'Lock'`,
    );
    if (rows.length >= count) return rows.map((row) => row.pid);
  }
};

const TABLES = [
  'member_state',
  'member_profile',
  'identity',
  'member_due',
  'tier_transition',
  'ledger_entry',
  'entry_note',
  'lot',
  'member_day',
  'purchase',
  'redemption',
  'guest_purchase',
  'operation_reference',
  'idempotency_key',
  'key_burns',
  'outbox',
  'entitlement',
  'earn_budget',
  'transfer',
  'reward_stock',
];

/** Every row of a program, its members numbered in the order of their ids, so that two programs can be compared. */
export const contentsOf = (url: string, program: ProgramId): Promise<Record<string, string[]>> =>
  asOwner(url, async (client) => {
    const { rows: members } = await client.query<{ member_id: string }>(
      'select member_id from member_state where program_id = $1 order by member_id',
      [program],
    );
    const numbers = new Map(members.map(({ member_id }, index) => [Number(member_id), index + 1]));
    const contents: Record<string, string[]> = {};
    for (const table of TABLES) {
      const { rows } = await client.query<{ row: Record<string, unknown> }>(
        `select to_jsonb(t) - 'program_id' - 'shard' - 'outbox_id' - 'updated_at' as row from ${table} t where program_id = $1`,
        [program],
      );
      contents[table] = rows.map(({ row }) => numbered(row, numbers)).sort();
    }
    return contents;
  });

/** The content as text, with member ids, and ids made from them, replaced by the members' numbers. */
export const numbered = (content: unknown, numbers: ReadonlyMap<number, number>): string =>
  JSON.stringify(content, (name, value) => {
    if (name === 'member_id' && typeof value === 'number') return `member ${numbers.get(value)}`;
    if (typeof value !== 'string') return value;
    return value.replace(
      /\b(ent|lot|ett|vou)_([0-9a-z]+)_/g,
      (_, kind, id) => `${kind}_of_${numbers.get(Number.parseInt(id, 36))}_`,
    );
  });
