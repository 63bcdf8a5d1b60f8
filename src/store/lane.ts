import pg from 'pg';
import type { ProgramId } from '../model/ids.ts';
import { clientConfig, inOneWrite, type Role, type Session, sessionOver, type Tx } from './connection.ts';

/** A connection of its own on which statements are pipelined. It connects when first used, and again after it was lost. */
export class Lane {
  readonly #url: string;
  readonly #role: Role;
  #client: pg.Client | null = null;

  constructor(url: string, role: Role = 'tessera_service') {
    this.#url = url;
    this.#role = role;
  }

  async #connect(): Promise<pg.Client> {
    if (this.#client !== null) return this.#client;
    const client = new pg.Client({ ...clientConfig(this.#url, this.#role, true), pipeline: true } as pg.ClientConfig);
    const forget = () => {
      if (this.#client === client) this.#client = null;
    };
    client.on('error', forget);
    client.on('end', forget);
    await client.connect();
    this.#client = client;
    return client;
  }

  /**
   * Runs a transaction bound to one program. `work` gets the session and a `commit` that it calls once, in the same
   * breath as its last statements, so that they travel together. If `work` throws, everything is rolled back.
   */
  async transaction<T>(program: ProgramId, work: (tx: Tx, commit: () => Promise<void>) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    inOneWrite(client);
    const begun = client.query(beginFor(program));
    begun.catch(() => {});
    let committed = false;
    const commit = async (): Promise<void> => {
      committed = true;
      inOneWrite(client);
      const result = await client.query('commit');
      if (result.command !== 'COMMIT') throw new Error('the transaction was rolled back');
    };
    try {
      const result = await work(sessionOver(client) as Tx, commit);
      await begun;
      if (!committed) await client.query('rollback');
      return result;
    } catch (error) {
      await client.query('rollback').catch(() => {});
      throw error;
    }
  }

  /** Drops the connection. The next transaction opens another. */
  async close(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    await client?.end().catch(() => {});
  }
}

/** The transaction begins and is bound to its program in one message. Ids are our own integers: nothing to escape. */
export const beginFor = (program: ProgramId, mode = ''): string => {
  if (!Number.isSafeInteger(program)) throw new Error('a program id is an integer');
  return `begin ${mode}; set local app.program_id = '${program}'`;
};

/**
 * Sends a burst of statements bound to one program, reads unless `mode` says otherwise, on a shared pipelined connection: begin, the reads, commit, all in one
 * synchronous call, so that no other request's statements come between. All of them see the same moment.
 */
export const burst = <T>(
  client: pg.Client,
  program: ProgramId,
  reads: (session: Session) => Promise<T>,
  mode = 'isolation level repeatable read read only',
): Promise<T> => {
  inOneWrite(client);
  const begun = client.query(beginFor(program, mode));
  const result = reads(sessionOver(client));
  const ended = client.query('commit');
  return Promise.all([result, begun, ended]).then(([value]) => value);
};
