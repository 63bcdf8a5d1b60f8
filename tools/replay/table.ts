import type { Proof } from './prove.ts';
import type { PurchaseLog } from './purchase-log.ts';
import type { Round, Tally } from './tally.ts';

/** What came of it, as text for people: facts first, then speed. */
export function table(log: PurchaseLog, tally: Tally, retries: ReadonlyMap<string, number>): string {
  return [...facts(log, tally, retries), '', ...speeds(tally)].join('\n');
}

function facts(log: PurchaseLog, tally: Tally, retries: ReadonlyMap<string, number>): string[] {
  const { enrolments, purchases, replayed, money, points } = tally;
  const rows: [string, string][] = [
    ['members', written(enrolments.latencies.count)],
    ['purchases', written(purchases.latencies.count)],
    ['  already there', written(replayed)],
    ['money', `${written(Math.trunc(money / 100))}.${String(money % 100).padStart(2, '0')} ${log.currency}`],
    ['points', written(points)],
    ...[...tally.tiers].map(([scheme, members]): [string, string] => [`tiers: ${scheme}`, inWords(members)]),
    ...[...retries].map(([reason, count]): [string, string] => ['sent again', `${written(count)} requests: ${reason}`]),
    ...[...log.leftOut].map(([reason, rows]): [string, string] => ['left out', `${written(rows)} lines: ${reason}`]),
  ];
  return rows.map(([name, value]) => `${name.padEnd(16)}${value}`);
}

/** The most frequent first. */
const inWords = (members: ReadonlyMap<string, number>): string =>
  [...members]
    .toSorted(([, a], [, b]) => b - a)
    .map(([tier, count]) => `${tier} ${written(count)}`)
    .join(', ');

/** What the comparison with the log has shown. */
export function proofInWords(proof: Proof): string {
  const [actual, expected] = proof.points;
  const rows: [string, string][] = [
    ['compared', `${written(proof.days)} days, ${written(proof.memberDays)} members and days`],
    ['differing', `${written(proof.differing)} tiers or segments`],
    ['at the end', inWords(new Map(Object.entries(proof.atLast)))],
    [
      'ledger',
      `${written(actual)} points given, ${written(expected)} by the log; ${written(proof.membersWithOtherPoints)} members differ`,
    ],
  ];
  return [...rows.map(([name, value]) => `${name.padEnd(16)}${value}`), ...proof.examples].join('\n');
}

/** Milliseconds from the first attempt of a request to its answer. */
function speeds({ enrolments, purchases }: Tally): string[] {
  const all = enrolments.latencies.count + purchases.latencies.count;
  const seconds = enrolments.seconds + purchases.seconds;
  return [
    columns('', 'requests', 'seconds', 'a second', 'p50 ms', 'p95 ms', 'p99 ms'),
    columns('enrolments', ...speed(enrolments)),
    columns('purchases', ...speed(purchases)),
    columns('together', written(all), seconds.toFixed(1), rate(all, seconds)),
  ];
}

function speed({ latencies, seconds }: Round): string[] {
  const quantiles = [0.5, 0.95, 0.99].map((share) =>
    latencies.count === 0 ? '–' : latencies.quantile(share).toFixed(1),
  );
  return [written(latencies.count), seconds.toFixed(1), rate(latencies.count, seconds), ...quantiles];
}

const columns = (name: string, ...values: string[]): string =>
  name.padEnd(16) + values.map((value) => value.padStart(10)).join('');

const rate = (count: number, seconds: number): string => (count === 0 ? '–' : written(Math.round(count / seconds)));

const written = (number: number): string => number.toLocaleString('en');
