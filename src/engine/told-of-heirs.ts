import type { Acceptance } from '../model/decision.ts';
import type { TakenBack } from '../model/taken-back.ts';

type Parts = readonly [Acceptance, ...Acceptance[]];
type Answer = NonNullable<Acceptance['answer']>;

/** What was taken back of a merged member, who had nothing: as it was paid by the one who has its points. */
const paidFor = (told: readonly TakenBack[], paid: readonly TakenBack[]): TakenBack[] =>
  told.map((one) => {
    const found = paid.find(({ wallet }) => wallet === one.wallet);
    if (found === undefined) return one;
    return { ...found, points: one.points };
  });

/** A command about what a merged member has of its own is answered with how its heir stands after it. */
export const toldOfHeirs = (parts: Parts): Parts => {
  const [first, ...heirs] = parts;
  const last = heirs.at(-1);
  if (first.answer === null || last === undefined || last.answer === null) return parts;
  const told: Answer = first.answer;
  const ofHeir = Object.fromEntries(Object.entries(last.answer).filter(([key]) => key in told));
  const taken = told['taken_back'] as readonly TakenBack[] | undefined;
  const takenBack = taken === undefined ? {} : { taken_back: paidFor(taken, last.changes.paid) };
  return [{ ...first, answer: { ...told, ...ofHeir, ...takenBack } }, ...heirs];
};
