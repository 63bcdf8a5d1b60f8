import type { FieldReference } from '../../model/condition.ts';
import type { ConditionField, TierScheme } from './field.ts';
import { memberField } from './member-fields.ts';

/* Tiers and segments: what a program declares and members hold. */

/** The scheme a reference to tiers means: the one it names, the only one, or the one called `status`. */
export const schemeOf = (schemes: ReadonlyMap<string, TierScheme>, reference: FieldReference): string | undefined => {
  if (reference.scheme !== undefined) return schemes.has(reference.scheme) ? reference.scheme : undefined;
  const [only, ...others] = schemes.keys();
  return others.length === 0 ? only : schemes.has('status') ? 'status' : undefined;
};

const schemeRead = (schemes: ReadonlyMap<string, TierScheme>, reference: FieldReference): string => {
  const scheme = schemeOf(schemes, reference);
  if (scheme === undefined) throw new Error(`the tier scheme of ${reference.field} is not known`);
  return scheme;
};

export const tierFields = (schemes: ReadonlyMap<string, TierScheme>): ConditionField[] => {
  const shape = { ...memberField, nullable: true, parameters: ['scheme'] } as const;
  return [
    {
      ...shape,
      name: 'tier',
      type: 'string',
      values: [...schemes.values()].flatMap(({ tiers }) => tiers),
      description: 'The tier held in a scheme. Absent without one.',
      read: (reference) => {
        const scheme = schemeRead(schemes, reference);
        return ({ state }) => state.tiers[scheme]?.tier ?? undefined;
      },
    },
    {
      ...shape,
      name: 'tier_since',
      type: 'instant',
      description: 'Since when the tier is held. Absent without one.',
      read: (reference) => {
        const scheme = schemeRead(schemes, reference);
        return ({ state }) => {
          const held = state.tiers[scheme];
          return held === undefined || held.tier === null ? undefined : held.since;
        };
      },
    },
  ];
};

export const segmentField = (segments: readonly string[]): ConditionField => ({
  ...memberField,
  name: 'segments',
  type: 'set',
  values: segments,
  description: 'The segments the member is in.',
  read:
    () =>
    ({ state }) =>
      Object.keys(state.segments),
  has:
    (segment) =>
    ({ state }) =>
      state.segments[segment] !== undefined,
});
