import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const script = fileURLToPath(new URL('load.lua', import.meta.url));

/** Members `m-<first>` to `m-<first + count - 1>`. */
export interface Members {
  readonly first: number;
  readonly count: number;
}

/** What requests are sent, and to whom. */
export interface Target {
  readonly url: string;
  readonly key: string;
  readonly members: Members;
}

/** `paid` is a purchase that redeems points in the same step, `cycle` a hold and then its capture. */
export type LoadKind = 'purchase' | 'redemption' | 'read' | 'enrolment' | 'quote' | 'paid' | 'cycle';

export interface LoadResult {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Requests answered with success. Those under way when the time was over are not among them. */
  readonly answered: number;
}

/** Points that each redemption takes. */
export const POINTS_REDEEMED = 2;

let runs = 0;

interface Report {
  readonly microseconds: number;
  readonly answered: number;
  readonly refused: number;
  readonly lost: number;
  readonly p50: number;
  readonly p99: number;
}

/**
 * Sends requests over so many connections, each with one request at a time, for so many seconds. wrk takes one thread:
 * it shares the machine with what it measures, and one can ask far more than is answered. Throws when anything but a
 * success was answered.
 */
export async function load(target: Target, kind: LoadKind, connections: number, seconds: number): Promise<LoadResult> {
  const { url, key, members } = target;
  // Ids of purchases are never sent twice, in whatever run against the same database.
  const name = `${kind[0]}${process.pid.toString(36)}${Date.now().toString(36)}${runs++}`;
  const to = ['-t', '1', '-c', String(connections), '-d', `${seconds}s`, '--timeout', '30s', '-s', script, url];
  const what = [kind, key, members.first, members.count, name, 7919 * runs, POINTS_REDEEMED].map(String);
  const { stdout } = await execute('wrk', [...to, '--', ...what], { maxBuffer: 1_048_576 });
  const line = stdout.split('\n').findLast((text) => text.startsWith('{'));
  if (line === undefined) throw new Error(`wrk said nothing that is understood:\n${stdout}`);
  const report = JSON.parse(line) as Report;
  if (report.refused > 0 || report.lost > 0) {
    throw new Error(
      `${kind} over ${connections} connections: ${report.refused} requests were refused and ${report.lost} lost, of ${report.answered}`,
    );
  }
  return {
    perSecond: (report.answered / report.microseconds) * 1_000_000,
    p50: report.p50 / 1_000,
    p99: report.p99 / 1_000,
    answered: report.answered,
  };
}
