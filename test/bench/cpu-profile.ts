import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a function took by itself, as a share of the whole. */
export interface SelfTime {
  readonly what: string;
  readonly milliseconds: number;
  readonly share: number;
}

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

/** A stretch of the profiled process's life, in milliseconds before its end. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

const place = (url: string): string =>
  url.replace(/^.*\/(?=(node_modules|src|test)\/)/, '').replace('node_modules/', '');

/** Functions by the time spent in themselves, the dearest first, idle time left out. Reads the one profile in the directory. */
export async function selfTimes(directory: string, stretch: Stretch): Promise<SelfTime[]> {
  const [file] = (await readdir(directory)).filter((name) => name.endsWith('.cpuprofile'));
  if (file === undefined) throw new Error(`no profile was written to ${directory}`);
  const { nodes, samples, timeDeltas } = JSON.parse(await readFile(join(directory, file), 'utf8')) as Profile;
  const names = new Map(
    nodes.map(({ id, callFrame }) => [
      id,
      `${callFrame.functionName || '(anonymous)'} ${place(callFrame.url)}${callFrame.url === '' ? '' : `:${callFrame.lineNumber + 1}`}`.trim(),
    ]),
  );
  const spent = new Map<string, number>();
  let left = timeDeltas.reduce((sum, delta) => sum + delta, 0) / 1_000;
  samples.forEach((sample, index) => {
    const milliseconds = (timeDeltas[index] ?? 0) / 1_000;
    left -= milliseconds;
    if (left > stretch.from || left < stretch.to) return;
    const name = names.get(sample) ?? '(unknown)';
    spent.set(name, (spent.get(name) ?? 0) + milliseconds);
  });
  spent.delete('(idle)');
  const total = [...spent.values()].reduce((sum, value) => sum + value, 0);
  return [...spent]
    .map(([what, milliseconds]) => ({ what, milliseconds, share: milliseconds / total }))
    .sort((a, b) => b.milliseconds - a.milliseconds);
}
