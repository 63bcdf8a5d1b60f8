import pg from 'pg';
import type { ProgramId } from '../../../src/model/ids.ts';
import { clientConfig, type Session, sessionOver, type Tx } from '../../../src/store/connection.ts';
import { beginFor } from '../../../src/store/lane.ts';

/** A pool as services commonly have one: a request borrows a connection for as long as its transaction lasts. */
export class TransactionPool {
  readonly #pool: pg.Pool;

  constructor(url: string, connections: number) {
    // The same settings as the service's own connections, so that plans do not differ.
    this.#pool = new pg.Pool({ ...clientConfig(url, 'tessera_service', true), max: connections });
    this.#pool.on('error', () => {});
  }

  async run<T>(program: ProgramId, work: (tx: Tx) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    const session: Session = sessionOver(client);
    try {
      await client.query(beginFor(program));
      const result = await work(session as Tx);
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback').catch(() => {});
      throw error;
    } finally {
      client.release();
    }
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}
