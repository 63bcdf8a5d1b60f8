import { setTimeout as pause } from 'node:timers/promises';
import { load, type Target } from './load.ts';
import type { BenchOptions } from './options.ts';
import type { Service } from './service.ts';
import { median } from './table.ts';

/** Resident memory of a service under load, in MB. */
export interface Memory {
  readonly seconds: number;
  readonly most: number;
  /** Medians of the first and last tenth of the samples. */
  readonly begin: number;
  readonly end: number;
}

/** Under these loads at once, for so long, memory is sampled once a second. */
const CONNECTIONS = { purchase: 192, redemption: 32, read: 32 } as const;

/** Watches the memory of a service under a mixed load: for `--minutes`, or as long as any other measurement. */
export async function watchMemory(
  service: Service,
  target: Target,
  { minutes, seconds, warmUp }: Pick<BenchOptions, 'minutes' | 'seconds' | 'warmUp'>,
): Promise<Memory> {
  const duration = minutes > 0 ? minutes * 60 : seconds;
  const loads = (time: number) =>
    Promise.all(
      (['purchase', 'redemption', 'read'] as const).map((kind) => load(target, kind, CONNECTIONS[kind], time)),
    );
  await loads(warmUp);
  let over = false;
  const samples: number[] = [];
  const sampling = (async () => {
    while (!over) {
      samples.push(await service.memory());
      await pause(1_000);
    }
  })();
  try {
    await loads(duration);
  } finally {
    over = true;
    await sampling;
  }
  const tenth = Math.max(1, Math.floor(samples.length / 10));
  return {
    seconds: duration,
    most: Math.max(...samples),
    begin: median(samples.slice(0, tenth)),
    end: median(samples.slice(-tenth)),
  };
}
