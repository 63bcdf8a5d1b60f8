export interface Progress {
  step(): void;
  end(): void;
}

interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Leaves room for the words in 80 columns. */
const barWidth = 24;

/** A bar that moves on a terminal; elsewhere, as in a log of a job, a line every few seconds. */
export function showProgress(output: Output, what: string, total: number): Progress {
  const terminal = output.isTTY === true;
  const started = performance.now();
  let done = 0;
  const show = (end: string): void => {
    const text = line(what, done, total, (performance.now() - started) / 1000);
    output.write(terminal ? `\r${text.slice(0, (output.columns ?? 80) - 1)}\x1b[K${end}` : `${text}\n`);
  };
  const timer = setInterval(() => show(''), terminal ? 100 : 5_000);
  timer.unref();
  return {
    step() {
      done++;
    },
    end() {
      clearInterval(timer);
      show('\n');
    },
  };
}

function line(what: string, done: number, total: number, seconds: number): string {
  const share = total === 0 ? 1 : done / total;
  const filled = Math.floor(share * barWidth);
  const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled);
  const rate = done / Math.max(seconds, 0.001);
  const left = done === 0 || done === total ? '' : `, ${Math.ceil((total - done) / rate)} s left`;
  return `${what.padEnd(9)} ${bar} ${written(done)} of ${written(total)}, ${written(Math.round(rate))}/s${left}`;
}

const written = (number: number): string => number.toLocaleString('en');
