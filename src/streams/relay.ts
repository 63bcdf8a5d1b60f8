import { randomUUID } from 'node:crypto';
import type { MemberReader } from '../commands/read-member.ts';
import type { ProgramId } from '../model/ids.ts';
import type { Instant } from '../model/instant.ts';
import { findResource } from '../rules/resources.ts';
import type { Tx } from '../store/connection.ts';
import type { Database } from '../store/database.ts';
import { type CurrentProgram, loadCurrent, loadMoment } from '../store/programs.ts';
import { loadSecrets, type StreamSecret } from '../store/stream-secrets.ts';
import { leaseStream, postponeStream, releaseStream, streamsToWork } from '../store/stream-standings.ts';
import { audienceOf } from './audience.ts';
import type { Mailer } from './mailer.ts';
import type { Sender } from './send.ts';
import { LEASE_MS, type StreamWork } from './stream-work.ts';
import { transportOf } from './transport-of.ts';
import { type Waits, workStream } from './work-stream.ts';

export interface RelayOptions {
  readonly database: Database;
  readonly members: MemberReader;
  readonly sender: Sender;
  /** Null: the service has no SMTP server. */
  readonly mailer: Mailer | null;
  readonly clock: () => Instant;
  readonly random?: () => number;
  readonly onFailure: (name: string, error: unknown) => void;
}

/** Streams a process works on at once: a slow receiver holds one of these places and nothing else. */
const AT_ONCE = 32;
const RENEWED_EVERY_MS = LEASE_MS / 3;
/** How often a stream that cannot send yet is looked at: making its secret wakes it. */
const LATER_MS = 60_000;

/**
 * Sends what streams are to send. Any number of processes may: each stream has one worker at a time, by a lease in the
 * database, and streams do not wait for each other.
 */
export class Relay {
  readonly #options: RelayOptions;
  readonly #worker = randomUUID();
  readonly #waits: Waits = new Map();
  readonly #programs = new Map<ProgramId, CurrentProgram>();
  readonly #running = new Map<string, Promise<void>>();
  #stopping = false;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  /** Takes up streams that have something to do, as many as there are places for. Does not wait for them. */
  async look(): Promise<void> {
    const { database, clock, onFailure } = this.#options;
    const found = await database.observe((db) => streamsToWork(db, clock(), AT_ONCE * 2));
    for (const { program_id, stream } of found) {
      const key = `${program_id}:${stream}`;
      if (this.#stopping || this.#running.size >= AT_ONCE) return;
      if (this.#running.has(key)) continue;
      const working = this.#work(program_id, stream)
        .catch((error: unknown) => onFailure(`stream ${stream}`, error))
        .finally(() => this.#running.delete(key));
      this.#running.set(key, working);
    }
  }

  /** Until everything that is being sent has been answered, and nothing is under way. */
  async idle(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.idle();
  }

  async #work(program: ProgramId, stream: string): Promise<void> {
    const { database, clock } = this.#options;
    const worker = this.#worker;
    const leased = (tx: Tx) => leaseStream(tx, program, stream, worker, clock(), clock() + LEASE_MS);
    const begun = await database.relay(program, async (tx) => {
      const standing = await leased(tx);
      if (standing === null) return null;
      const current = await this.#current(tx, program);
      const work = this.#workOf(program, stream, current, await loadSecrets(tx, program, stream, clock()));
      if (work !== null) return { standing, work };
      // In the transaction that found nothing to send with: whoever makes the secret meanwhile waits, and wakes it after.
      await postponeStream(tx, program, stream, worker, clock() + LATER_MS);
      await releaseStream(tx, program, stream, worker);
      return null;
    });
    if (begun === null) return;
    const renewing = setInterval(() => void database.relay(program, leased).catch(() => {}), RENEWED_EVERY_MS);
    try {
      await workStream(begun.work, begun.standing, this.#waits, () => this.#stopping);
    } finally {
      clearInterval(renewing);
      await database.relay(program, (tx) => releaseStream(tx, program, stream, worker));
    }
  }

  /** The program as it stands: read again only when its revision has moved on. */
  async #current(tx: Tx, program: ProgramId): Promise<CurrentProgram> {
    const { revision } = await loadMoment(tx, program);
    const known = this.#programs.get(program);
    if (known?.row.revision === revision) return known;
    const current = await loadCurrent(tx, program);
    this.#programs.set(program, current);
    return current;
  }

  /** The stream as it is configured now; null: it cannot send yet, as its secret is not made. */
  #workOf(
    program: ProgramId,
    stream: string,
    current: CurrentProgram,
    secrets: readonly StreamSecret[],
  ): StreamWork | null {
    const { database, members, sender, mailer, clock, random = Math.random } = this.#options;
    const found = findResource(current.configuration, 'streams', stream);
    if (found === undefined || found.archived) return null;
    const { code, name, currency, time_zone, locale } = current.row;
    const place = {
      program: { code, name, currency, time_zone, locale },
      stream: { code: stream, name: found.body.name },
    };
    const transport = transportOf(found.body, { sender, mailer, clock, secrets, place });
    if (transport === null) return null;
    const audience = audienceOf({ database, members, program }, found.body);
    const worker = this.#worker;
    return { database, program, stream, body: found.body, audience, transport, worker, clock, random };
  }
}
