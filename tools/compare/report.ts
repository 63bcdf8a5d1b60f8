import { CAUSES, type Cause, causes } from './causes.ts';
import type { Difference } from './compare-member.ts';

/** What a comparison came to, by cause: counts, sums, and the largest of each. */
export interface Report {
  readonly add: (difference: Difference) => void;
  readonly counts: ReadonlyMap<Cause, Count>;
  readonly total: () => number;
  /** Differences that are neither explained nor accepted. */
  readonly open: () => number;
}

export interface Count {
  readonly number: number;
  /** Points here less points there. */
  readonly points: number;
  readonly largest: readonly Difference[];
  readonly isNew: number;
}

/** By what a difference is known again in a later run. */
export const keyOf = ({ cause, member, of }: Pick<Difference, 'cause' | 'member' | 'of'>): string =>
  `${cause} ${member} ${of ?? ''}`;

const bySize = (a: Difference, b: Difference): number => Math.abs(b.points) - Math.abs(a.points);

export const createReport = (
  accept: ReadonlySet<Cause>,
  samples: number,
  before: ReadonlySet<string> | null,
): Report => {
  const counts = new Map<Cause, Count>();
  const sum = (of: (cause: Cause, count: Count) => number): number =>
    [...counts].reduce((all, [cause, count]) => all + of(cause, count), 0);
  return {
    counts,
    add: (difference) => {
      const { number, points, largest, isNew } = counts.get(difference.cause) ?? {
        ...{ number: 0, points: 0, largest: [], isNew: 0 },
      };
      counts.set(difference.cause, {
        number: number + 1,
        points: points + difference.points,
        largest: [...largest, difference].sort(bySize).slice(0, samples),
        isNew: isNew + (before === null || before.has(keyOf(difference)) ? 0 : 1),
      });
    },
    total: () => sum((_, { number }) => number),
    open: () => sum((cause, { number }) => (causes[cause].explained || accept.has(cause) ? 0 : number)),
  };
};

const written = (number: number): string => number.toLocaleString('en');
const signed = (points: number): string => (points > 0 ? `+${written(points)}` : written(points));

const sampleText = ({ member, row, of, there, here, points, detail }: Difference): string =>
  [
    `      ${member}${of === null ? '' : ` ${of}`}${row === null ? '' : ` (row ${row})`}:`,
    `there ${there === '' ? 'nothing' : there}; here ${here === '' ? 'nothing' : here}`,
    ...(points === 0 ? [] : [`(${signed(points)})`]),
    ...(detail === '' ? [] : [`— ${detail}`]),
  ].join(' ');

/** The report in words: a line for each cause, with its largest differences. */
export const reportInWords = (
  { counts, total, open }: Report,
  compared: { readonly members: number; readonly accounts: number; readonly tiers: number; readonly seconds: number },
  accept: ReadonlySet<Cause>,
  gone: number | null,
): string => {
  const { members, accounts, tiers, seconds } = compared;
  const rate = Math.round(members / Math.max(seconds, 0.001));
  const lines = CAUSES.flatMap((cause) => {
    const count = counts.get(cause);
    if (count === undefined) return [];
    const fine = causes[cause].explained ? 'explained' : accept.has(cause) ? 'accepted' : 'OPEN';
    const points = count.points === 0 ? '' : `, ${signed(count.points)} points here`;
    const fresh = gone === null ? '' : `, ${written(count.isNew)} new`;
    return [
      `  ${cause.padEnd(15)} ${written(count.number).padStart(9)}  ${fine}${points}${fresh}`,
      `      ${causes[cause].text}`,
      ...count.largest.map(sampleText),
    ];
  });
  return [
    `Compared ${written(members)} members, ${written(accounts)} accounts and ${written(tiers)} tiers in ${seconds.toFixed(1)} s (${written(rate)}/s).`,
    total() === 0 ? 'Nothing differs.' : `${written(total())} differences, by cause:`,
    ...lines,
    ...(gone === null ? [] : [`${written(gone)} differences of the run before are gone.`]),
    ...(total() === 0
      ? []
      : [open() === 0 ? 'All of it is explained or accepted.' : `${written(open())} differences are open.`]),
  ].join('\n');
};
