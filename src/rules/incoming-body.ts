import type { ResourceKind } from '../model/configuration.ts';
import type { Fault } from '../model/problem.ts';
import type { Stream } from '../model/stream.ts';
import { checkTemplates } from './check-templates.ts';
import { conditionProperties } from './condition-properties.ts';
import { type Lowered, lowerConditions } from './conditions/lower-text.ts';
import { fixedTypes } from './fixed-types.ts';

/** Ten levels of conditions and ten of arithmetic are some forty of JSON; a megabyte could have a hundred thousand. */
export const JSON_LEVELS = 64;

export const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((item) => isDeeper(item, levels - 1)));

/** A body of this kind has the shape of its schema. */
const isStream = (kind: ResourceKind, _body: object): _body is Stream => kind === 'streams';

const tooDeep: Fault = {
  pointer: '',
  code: 'too_deep',
  detail: `over ${JSON_LEVELS} levels`,
  expected: 'fewer levels',
};

/**
 * A body as it is kept, conditions written as text lowered to their trees; and what can be said against it without
 * looking at the rest of the configuration. `existing` is what there is under its code, archived or not. Faults point
 * into the body.
 */
export const incomingBody = <B extends object>(
  kind: ResourceKind,
  body: B,
  existing: object | undefined,
): Lowered<B> => {
  if (isDeeper(body, JSON_LEVELS)) return { value: body, faults: [tooDeep] };
  const lowered = lowerConditions(body, conditionProperties(kind));
  const fixed = existing === undefined ? [] : fixedTypes(kind, existing, lowered.value);
  const templates = isStream(kind, lowered.value) ? checkTemplates(lowered.value) : [];
  return { value: lowered.value, faults: [...lowered.faults, ...fixed, ...templates] };
};
