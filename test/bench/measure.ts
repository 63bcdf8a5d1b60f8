import { type LoadKind, type LoadResult, load, type Target } from './load.ts';
import type { BenchOptions } from './options.ts';
import { checkWritten, countWritten } from './written-rows.ts';

/** A load that was measured. */
export interface Measured extends LoadResult {
  readonly connections: number;
}

const countOf: Partial<Record<LoadKind, 'purchases' | 'redemptions'>> = {
  purchase: 'purchases',
  paid: 'purchases',
  redemption: 'redemptions',
};

/** Warms up, measures, and checks that what was answered was written. */
export async function measure(
  databaseUrl: string,
  target: Target,
  kind: LoadKind,
  connections: number,
  { warmUp, seconds }: Pick<BenchOptions, 'warmUp' | 'seconds'>,
): Promise<Measured> {
  const before = await countWritten(databaseUrl);
  const warm = await load(target, kind, connections, warmUp);
  const measured = await load(target, kind, connections, seconds);
  const after = await countWritten(databaseUrl);
  const counted = countOf[kind];
  if (counted !== undefined) {
    const written = after[counted] - before[counted];
    checkWritten(
      `${kind} over ${connections} connections`,
      written,
      warm.answered + measured.answered,
      2 * connections,
    );
  }
  return { ...measured, connections };
}
