import type { LineMeasure } from '../../model/condition.ts';
import type { Test } from './compare.ts';
import type { Reader } from './field.ts';
import type { Subject, TriggerLine } from './subject.ts';

const linesOf = ({ trigger }: Subject): readonly TriggerLine[] | undefined =>
  trigger?.kind === 'purchase' ? trigger.lines : undefined;

/** A line that fulfils the condition decides; one of which it is unknown leaves it unknown. */
const search =
  (where: Test<Subject>, stop: boolean): Test<Subject> =>
  (subject) => {
    const lines = linesOf(subject);
    if (lines === undefined) return undefined;
    let unknown = false;
    for (const line of lines) {
      const answer = where(subject, line);
      if (answer === stop) return stop;
      if (answer === undefined) unknown = true;
    }
    return unknown ? undefined : !stop;
  };

export const someLine = (where: Test<Subject>): Test<Subject> => search(where, true);
export const everyLine = (where: Test<Subject>): Test<Subject> => search(where, false);

const measures: Record<LineMeasure, (line: TriggerLine) => number> = {
  spend: (line) => line.spend,
  quantity: (line) => line.quantity,
  lines: () => 1,
};

/** What the lines that fulfil a condition add up to; unknown where it is unknown of one, and beyond 2^53. */
export const sumOfLines = (measure: LineMeasure, where: Test<Subject> | null): Reader<Subject, number> => {
  const measured = measures[measure];
  return (subject) => {
    const lines = linesOf(subject);
    if (lines === undefined) return undefined;
    let sum = 0;
    for (const line of lines) {
      const counts = where === null ? true : where(subject, line);
      if (counts === undefined) return undefined;
      if (counts) sum += measured(line);
    }
    return Number.isSafeInteger(sum) ? sum : undefined;
  };
};
