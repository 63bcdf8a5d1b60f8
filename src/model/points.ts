import { Type } from 'typebox';

/** Points are safe integers. A single movement is at most a million million, so that sums of many stay safe. */
export const POINTS_MAX = 1_000_000_000_000;

export const Points = (description: string) =>
  Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description });

export const PositivePoints = (description: string) => Type.Integer({ minimum: 1, maximum: POINTS_MAX, description });

/** How a fraction of a point becomes whole: `floor` down, `ceil` up, `half_up` to the nearest, ties up, `half_even` ties to even. */
export const ROUNDINGS = ['floor', 'ceil', 'half_up', 'half_even'] as const;
export type Rounding = (typeof ROUNDINGS)[number];
export const Rounding = (description: string, fallback?: Rounding) =>
  Type.Enum([...ROUNDINGS], { description, ...(fallback === undefined ? {} : { default: fallback }) });
