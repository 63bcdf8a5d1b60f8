import { startBenchServer } from './bench-server.ts';
import { growFresh } from './growth-fresh.ts';
import { growHistories } from './growth-histories.ts';
import { growMembers } from './growth-members.ts';
import { machine } from './machine.ts';
import type { BenchOptions } from './options.ts';
import { statementSettings } from './statements.ts';
import { type Target, targetTable } from './target.ts';

/** One way to grow: what was measured, and what had to hold. */
export interface Growth {
  readonly told: string;
  readonly targets: readonly Target[];
}

/** Whether the service stays as fast as it was: with many members, with long histories, and from nothing on. */
export async function growth(options: BenchOptions): Promise<string> {
  const server = await startBenchServer(statementSettings);
  try {
    const parts = [
      await growFresh(server, options),
      await growHistories(server, options),
      await growMembers(server, options),
    ];
    return [
      machine(server),
      ...parts.map((part) => part.told),
      targetTable(parts.flatMap((part) => part.targets)),
    ].join('\n\n');
  } finally {
    await server.stop();
  }
}
