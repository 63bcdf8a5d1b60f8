import type { Configuration } from '../model/configuration.ts';
import type { Segment } from '../model/segment.ts';
import { differences } from './differences.ts';
import { inForce } from './resources.ts';

/** A segment whose conditions are others in a draft; null: it is in force no more. */
export interface ChangedSegment {
  readonly code: string;
  readonly segment: Segment | null;
}

const codesOf = (before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>): string[] =>
  [...new Set([...before.keys(), ...after.keys()])].sort();

const differ = (before: object | undefined, after: object | undefined): boolean =>
  differences('', before ?? null, after ?? null).length > 0;

/** Segments of which a draft makes others, in the order of their codes. Names make no difference. */
export const changedSegments = (current: Configuration, draft: Configuration): ChangedSegment[] => {
  const [before, after] = [new Map(inForce(current.segments)), new Map(inForce(draft.segments))];
  const conditionsOf = (segment: Segment | undefined) =>
    segment === undefined ? undefined : { condition: segment.condition, exit: segment.exit };
  return codesOf(before, after)
    .filter((code) => differ(conditionsOf(before.get(code)), conditionsOf(after.get(code))))
    .map((code) => ({ code, segment: after.get(code) ?? null }));
};

/** What of the tiers of each scheme decides who holds which. */
const schemesOf = (configuration: Configuration): Map<string, object> =>
  new Map(
    [...Map.groupBy(inForce(configuration.tiers), ([, tier]) => tier.scheme)].map(([scheme, tiers]) => [
      scheme,
      Object.fromEntries(tiers.map(([code, { rank, entry, exit }]) => [code, { rank, entry, exit }])),
    ]),
  );

/** Codes of the schemes in which a draft changes who holds what, in order. */
export const changedSchemes = (current: Configuration, draft: Configuration): string[] => {
  const [before, after] = [schemesOf(current), schemesOf(draft)];
  return codesOf(before, after).filter((code) => differ(before.get(code), after.get(code)));
};
