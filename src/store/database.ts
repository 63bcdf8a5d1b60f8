import pg from 'pg';
import type { ProgramId } from '../model/ids.ts';
import { clientConfig, type Db, sessionOver, type Tx } from './connection.ts';
import { beginFor, burst, Lane } from './lane.ts';

/** A look at all members of a program took too long, and was given up. */
export class SurveyTooLong extends Error {}

/** Of each statement of a survey. 300,000 members took 0.4 s by columns and attributes, 1.7 s by a window. */
const SURVEY_MS = 60_000;
/** Surveys at once. Others wait, and are told after some seconds that the database does not answer. */
const SURVEYS = 2;

const CANCELLED = '57014';

export interface DatabaseOptions {
  readonly url: string;
  readonly lanes: number;
  readonly readConnections: number;
  /** Milliseconds each statement of a survey may take. */
  readonly surveyMs?: number;
}

/** The service's connections. Commands have lanes, reads share pipelined connections, the rest holds a pool client. */
export class Database {
  readonly lanes: readonly Lane[];
  /** For commands that are decided and not saved, one transaction at a time. */
  readonly dryLane: Lane;
  readonly #readers: Promise<pg.Client>[] = [];
  readonly #url: string;
  readonly #readConnections: number;
  readonly #pool: pg.Pool;
  readonly #observers: pg.Pool;
  readonly #surveys: pg.Pool;
  readonly #relays: pg.Pool;
  readonly #surveyMs: number;
  #turn = 0;
  #closed = false;

  constructor({ url, lanes, readConnections, surveyMs = SURVEY_MS }: DatabaseOptions) {
    this.#surveyMs = surveyMs;
    this.#url = url;
    this.#readConnections = readConnections;
    this.lanes = Array.from({ length: lanes }, () => new Lane(url));
    this.dryLane = new Lane(url);
    this.#pool = new pg.Pool({ ...clientConfig(url, 'tessera_service', false), max: 4, idleTimeoutMillis: 30_000 });
    this.#observers = new pg.Pool({
      ...clientConfig(url, 'tessera_observer', false),
      max: 3,
      idleTimeoutMillis: 30_000,
    });
    this.#surveys = new pg.Pool({
      ...clientConfig(url, 'tessera_service', false),
      max: SURVEYS,
      idleTimeoutMillis: 30_000,
    });
    this.#relays = new pg.Pool({ ...clientConfig(url, 'tessera_service', true), max: 4, idleTimeoutMillis: 30_000 });
    for (const pool of [this.#pool, this.#observers, this.#surveys, this.#relays]) {
      pool.on('error', () => {});
      // A connection that breaks while it is checked out tells its query, and then everybody: unheard, that ends the process.
      pool.on('connect', (client) => client.on('error', () => {}));
    }
  }

  #reader(): Promise<pg.Client> {
    const index = this.#turn++ % this.#readConnections;
    const known = this.#readers[index];
    if (known !== undefined) return known;
    const client = new pg.Client({
      ...clientConfig(this.#url, 'tessera_service', true),
      pipeline: true,
    } as pg.ClientConfig);
    const connecting = client.connect().then(() => client);
    const forget = () => {
      if (this.#readers[index] === connecting) delete this.#readers[index];
    };
    client.on('error', forget);
    client.on('end', forget);
    connecting.catch(forget);
    this.#readers[index] = connecting;
    return connecting;
  }

  /**
   * Reads by key, bound to a program, on a shared pipelined connection. `reads` must send all its statements before it
   * first awaits.
   */
  async read<T>(program: ProgramId, reads: (db: Db) => Promise<T>): Promise<T> {
    return burst(await this.#reader(), program, reads);
  }

  /**
   * Writes of rows that nobody else has yet, bound to a program, in one breath on a shared pipelined connection. `writes`
   * must send all its statements before it first awaits.
   */
  async write<T>(program: ProgramId, writes: (tx: Tx) => Promise<T>): Promise<T> {
    return burst(await this.#reader(), program, (session) => writes(session as Tx), '');
  }

  /** Reads or writes bound to a program on a connection of its own: for lists, configuration and keys. */
  transaction<T>(program: ProgramId, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#bound(this.#pool, program, work);
  }

  /** The same for the relay, by key, apart from all others: however much it has to send, nobody waits for it. */
  relay<T>(program: ProgramId, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#bound(this.#relays, program, work);
  }

  async #bound<T>(pool: pg.Pool, program: ProgramId, work: (tx: Tx) => Promise<T>): Promise<T> {
    const client = await pool.connect();
    let broken: Error | undefined;
    try {
      await client.query(beginFor(program));
      const result = await work(sessionOver(client) as Tx);
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback').catch((failure: Error) => {
        broken = failure;
      });
      throw error;
    } finally {
      client.release(broken);
    }
  }

  /**
   * Reads that may look at every member of a program: bounded in time, and apart from all others. As of one moment.
   * Throws `SurveyTooLong`.
   */
  async survey<T>(program: ProgramId, reads: (db: Db) => Promise<T>): Promise<T> {
    const client = await this.#surveys.connect();
    let broken: Error | undefined;
    try {
      await client.query(beginFor(program, 'isolation level repeatable read read only'));
      await client.query(`set local statement_timeout = ${this.#surveyMs}`);
      return await reads(sessionOver(client, false));
    } catch (error) {
      const { code } = error as { code?: unknown };
      throw code === CANCELLED ? new SurveyTooLong(`not done within ${this.#surveyMs / 1000} seconds`) : error;
    } finally {
      await client.query('rollback').catch((failure: Error) => {
        broken = failure;
      });
      client.release(broken);
    }
  }

  /** Reads across programs, as the role that may only select. */
  async observe<T>(reads: (db: Db) => Promise<T>): Promise<T> {
    const client = await this.#observers.connect();
    try {
      return await reads(sessionOver(client));
    } finally {
      client.release();
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const readers = this.#readers.map((reader) => reader.then((client) => client.end()).catch(() => {}));
    const pools = [this.#pool, this.#observers, this.#surveys, this.#relays].map((pool) => pool.end());
    await Promise.all([...[...this.lanes, this.dryLane].map((lane) => lane.close()), ...readers, ...pools]);
  }
}
