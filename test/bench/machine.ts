import { cpus, loadavg, platform, totalmem } from 'node:os';
import type { BenchServer } from './bench-server.ts';

/** What the figures were measured on: they mean nothing without it. */
export function machine(server: BenchServer): string {
  const cores = cpus();
  const settings = Object.entries(server.settings).map(([name, value]) => `${name} ${value}`);
  return [
    `  ${cores.length} × ${cores[0]?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GB, ${platform()}, Node ${process.version}`,
    `  Postgres ${server.version} on the same machine: ${settings.join(', ')}`,
  ].join('\n');
}

/** Processes that wanted to run before the benchmark did, on average over a minute. */
export function busyness(): string | null {
  const [lastMinute = 0] = loadavg();
  if (lastMinute < cpus().length / 2) return null;
  return `The machine is busy with something else (load ${lastMinute.toFixed(1)}): pgbench's many processes get more of it than one service does.`;
}
