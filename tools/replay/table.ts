import type { Latencies } from './latencies.ts';
import type { Proof } from './prove.ts';
import type { ReturnsProof } from './prove-returns.ts';
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
    ['money', inMoney(money, log.currency)],
    ['points', written(points)],
    ...returned(log, tally),
    ...[...tally.tiers].map(([scheme, members]): [string, string] => [`tiers: ${scheme}`, inWords(members)]),
    ...[...retries].map(([reason, count]): [string, string] => ['sent again', `${written(count)} requests: ${reason}`]),
    ...[...log.leftOut].map(([reason, rows]): [string, string] => ['left out', `${written(rows)} lines: ${reason}`]),
  ];
  return rows.map(([name, value]) => `${name.padEnd(16)}${value}`);
}

const inMoney = (amount: number, currency: string): string =>
  `${written(Math.trunc(amount / 100))}.${String(amount % 100).padStart(2, '0')} ${currency}`;

function returned({ coverage }: PurchaseLog, { returns, takenBack, redemptions, redeemed }: Tally): [string, string][] {
  if (coverage === null) return [];
  const { covered, inPart, not } = coverage;
  return [
    ['redeemed', `${written(redeemed)} points in ${written(redemptions.count)} redemptions`],
    ['taken back', `${written(takenBack)} points by ${written(returns.count)} returns`],
    [
      'cancellations',
      `${written(covered)} lines covered by earlier purchases, ${written(inPart)} in part, ${written(not)} not`,
    ],
  ];
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

/** What the comparison of every member's account with the log has shown. */
export function returnsProofInWords(
  { members, inDebt, sums, differing, examples }: ReturnsProof,
  currency: string,
): string {
  const { spend, available, debt, redeemed, expired } = sums;
  const rows: [string, string][] = [
    ['compared', `${written(members)} members: spend, available, debt, redeemed, expired`],
    ['differing', `${written(differing)} members`],
    ['spend', inMoney(spend, currency)],
    ['points', `${written(available)} available, ${written(redeemed)} redeemed, ${written(expired)} expired`],
    ['debt', `${written(debt)} points of ${written(inDebt)} members`],
  ];
  return [...rows.map(([name, value]) => `${name.padEnd(16)}${value}`), ...examples].join('\n');
}

/** Milliseconds from the first attempt of a request to its answer. */
function speeds({ enrolments, purchases, returns, redemptions }: Tally): string[] {
  const all = enrolments.latencies.count + purchases.latencies.count + returns.count + redemptions.count;
  const seconds = enrolments.seconds + purchases.seconds;
  return [
    columns('', 'requests', 'seconds', 'a second', 'p50 ms', 'p95 ms', 'p99 ms'),
    columns('enrolments', ...speed(enrolments)),
    columns('purchases', ...speed(purchases)),
    ...among('returns', returns),
    ...among('redemptions', redemptions),
    columns('together', written(all), seconds.toFixed(1), rate(all, seconds)),
  ];
}

const quantiles = (latencies: Latencies): string[] =>
  [0.5, 0.95, 0.99].map((share) => (latencies.count === 0 ? '–' : latencies.quantile(share).toFixed(1)));

const speed = ({ latencies, seconds }: Round): string[] => [
  written(latencies.count),
  seconds.toFixed(1),
  rate(latencies.count, seconds),
  ...quantiles(latencies),
];

/** What was sent among the purchases has no seconds of its own. */
const among = (name: string, latencies: Latencies): string[] =>
  latencies.count === 0 ? [] : [columns(name, written(latencies.count), '', '', ...quantiles(latencies))];

const columns = (name: string, ...values: string[]): string =>
  name.padEnd(16) + values.map((value) => value.padStart(10)).join('');

const rate = (count: number, seconds: number): string => (count === 0 ? '–' : written(Math.round(count / seconds)));

const written = (number: number): string => number.toLocaleString('en');
