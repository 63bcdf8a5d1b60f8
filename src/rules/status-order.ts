import type { Condition } from '../model/condition.ts';
import type { Configuration } from '../model/configuration.ts';
import { dependenciesOf } from './conditions/dependencies.ts';
import type { ConditionContext } from './conditions/field.ts';
import { inForce } from './resources.ts';

/** `scheme:CODE` or `segment:CODE`. */
export type StatusKey = string;

export interface StatusOrder {
  /** What others read comes before what reads it; otherwise schemes before segments, by code. */
  readonly order: readonly StatusKey[];
  /** Keys that read themselves by way of each other, each circle once. */
  readonly circles: readonly (readonly StatusKey[])[];
}

const readBy = (configuration: Configuration, context: ConditionContext): Map<StatusKey, Set<StatusKey>> => {
  const reads = new Map<StatusKey, Set<StatusKey>>();
  const add = (key: StatusKey, condition: Condition | null): void => {
    const keys = reads.get(key) ?? new Set();
    reads.set(key, keys);
    if (condition === null) return;
    const { schemes, segments } = dependenciesOf(condition, context);
    for (const code of schemes) keys.add(`scheme:${code}`);
    for (const code of segments) keys.add(`segment:${code}`);
  };
  const tiers = inForce(configuration.tiers).sort(([, a], [, b]) => (a.scheme < b.scheme ? -1 : 1));
  for (const [, tier] of tiers) {
    add(`scheme:${tier.scheme}`, tier.entry);
    add(`scheme:${tier.scheme}`, tier.exit);
  }
  for (const [code, segment] of inForce(configuration.segments)) {
    add(`segment:${code}`, segment.condition);
    add(`segment:${code}`, segment.exit);
  }
  return reads;
};

/** The order in which tiers and segments are evaluated, and the circles that keep there from being one. */
export const statusOrder = (configuration: Configuration, context: ConditionContext): StatusOrder => {
  const reads = readBy(configuration, context);
  const order: StatusKey[] = [];
  const done = new Set<StatusKey>();
  const circles: StatusKey[][] = [];
  const visit = (key: StatusKey, trail: readonly StatusKey[]): void => {
    const at = trail.indexOf(key);
    if (at >= 0) circles.push([...trail.slice(at)]);
    if (at >= 0 || done.has(key)) return;
    for (const read of reads.get(key) ?? []) if (reads.has(read)) visit(read, [...trail, key]);
    done.add(key);
    order.push(key);
  };
  for (const key of reads.keys()) visit(key, []);
  return { order, circles };
};
