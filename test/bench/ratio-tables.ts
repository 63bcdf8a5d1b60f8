import type { Measured } from './measure.ts';
import type { Memory } from './memory.ts';
import type { BenchOptions } from './options.ts';
import { pgbenchLoad } from './pgbench.ts';
import { median, megabytes, milliseconds, perSecond, table, times } from './table.ts';
import { type Target, targetTable } from './target.ts';

/** What one round measured. */
export interface Round {
  /** Transactions a second of pgbench. */
  readonly tpcb: number;
  readonly selects: number;
  /** Earn over 1, 16 and 64 connections; the others over as many as the tables say. */
  readonly fewer: readonly Measured[];
  readonly earn: Measured;
  readonly burn: Measured;
  readonly read: Measured;
  readonly naive: { readonly earn: Measured; readonly burn: Measured; readonly read: Measured };
}

interface Comparison {
  readonly what: string;
  readonly against: string;
  readonly measured: readonly Measured[];
  /** The ratio of each round: those of one round were measured side by side. */
  readonly ratios: readonly number[];
}

const compare = (
  rounds: readonly Round[],
  what: string,
  of: (round: Round) => Measured,
  against: string,
  to: (round: Round) => number,
): Comparison => ({
  what,
  against,
  measured: rounds.map(of),
  ratios: rounds.map((round) => of(round).perSecond / to(round)),
});

const TPCB = 'pgbench TPC-B-like';
const SELECTS = 'pgbench select-only';

function comparisons(rounds: readonly Round[]) {
  const tpcb = (round: Round): number => round.tpcb;
  const selects = (round: Round): number => round.selects;
  return {
    fewer: (rounds[0]?.fewer ?? []).map((first, index) =>
      compare(rounds, 'earn', (round) => round.fewer[index] ?? first, TPCB, tpcb),
    ),
    earn: compare(rounds, 'earn', (round) => round.earn, TPCB, tpcb),
    earnNaive: compare(
      rounds,
      'earn',
      (round) => round.earn,
      'straightforward',
      (round) => round.naive.earn.perSecond,
    ),
    burn: compare(rounds, 'burn', (round) => round.burn, TPCB, tpcb),
    burnNaive: compare(
      rounds,
      'burn',
      (round) => round.burn,
      'straightforward',
      (round) => round.naive.burn.perSecond,
    ),
    read: compare(rounds, 'read', (round) => round.read, SELECTS, selects),
    readNaive: compare(
      rounds,
      'read',
      (round) => round.read,
      'awaited transaction',
      (round) => round.naive.read.perSecond,
    ),
    naive: [
      compare(rounds, 'straightforward earn', (round) => round.naive.earn, TPCB, tpcb),
      compare(rounds, 'straightforward burn', (round) => round.naive.burn, TPCB, tpcb),
      compare(rounds, 'awaited read', (round) => round.naive.read, SELECTS, selects),
    ],
  };
}

const row = ({ what, against, measured, ratios }: Comparison) => [
  what,
  String(measured[0]?.connections ?? ''),
  perSecond(median(measured.map((one) => one.perSecond))),
  milliseconds(median(measured.map((one) => one.p50))),
  milliseconds(median(measured.map((one) => one.p99))),
  against,
  times(median(ratios)),
  ratios.map(times).join(' '),
];

/** What one run came to: the measurements beside what they are compared with, and the targets. Of rounds, the median. */
export function ratioTables(rounds: readonly Round[], memory: Memory, options: BenchOptions): string {
  const { fewer, earn, earnNaive, burn, burnNaive, read, readNaive, naive } = comparisons(rounds);
  const atLeast = (what: string, { ratios }: Comparison, bound: number, aim?: number): Target => ({
    what,
    measured: median(ratios),
    bound,
    sense: 'at least',
    ...(aim === undefined ? {} : { aim }),
  });
  const targets: Target[] = [
    atLeast('earn over 256 connections, against pgbench TPC-B-like', earn, 1, 1.5),
    atLeast('earn over 256 connections, against the straightforward version', earnNaive, 4),
    atLeast('member read, against pgbench select-only', read, 0.12, 0.3),
    atLeast('member read, against the same in an awaited transaction', readNaive, 1.5),
    {
      what: `resident memory with --max-old-space-size=${options.heap}`,
      measured: memory.most,
      bound: 400,
      sense: 'at most',
      unit: 'MB',
    },
    {
      what: `resident memory after ${Math.round(memory.seconds)} s, against before`,
      measured: memory.end / memory.begin,
      bound: 1.1,
      sense: 'at most',
    },
  ];
  const tps = (of: (round: Round) => number): string => rounds.map(of).map(perSecond).join(' ');
  return [
    `  ${options.members.toLocaleString('en-US')} members, tiers by spend ${options.window === null ? 'ever' : `of ${options.window}`}, pool of ${options.pool} in the straightforward version`,
    `  ${pgbenchLoad}: TPC-B-like ${tps((round) => round.tpcb)} tps, select-only ${tps((round) => round.selects)} tps`,
    '',
    table(
      ['what', 'connections', 'a second', 'p50', 'p99', 'against', 'ratio', 'of each round'],
      [...fewer, earn, earnNaive, burn, burnNaive, read, readNaive, ...naive].map(row),
    ),
    '',
    `  resident memory under a mixed load of ${Math.round(memory.seconds)} s: ${megabytes(memory.begin)} at first, ${megabytes(memory.end)} at the end, at most ${megabytes(memory.most)}`,
    '',
    targetTable(targets),
  ].join('\n');
}
