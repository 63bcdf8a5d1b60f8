import { Database } from '../../../src/store/database.ts';
import { buildStraightforwardApp } from './app.ts';
import { TransactionPool } from './pool.ts';

/* The straightforward version as a process of its own: DATABASE_URL, PORT and POOL. */

const { DATABASE_URL: url = '', PORT: port = '0', POOL: connections = '16' } = process.env;

const pool = new TransactionPool(url, Number(connections));
// Only for API keys, which are looked up as the service does.
const database = new Database({ url, lanes: 1, readConnections: 1 });
const app = buildStraightforwardApp(database, pool);

process.once('SIGTERM', async () => {
  await app.close();
  await Promise.all([pool.close(), database.close()]);
});

await app.listen({ host: '127.0.0.1', port: Number(port) });
