import type { Condition } from '../model/condition.ts';
import type { Configuration } from '../model/configuration.ts';
import type { Tier } from '../model/tier.ts';
import { type CompiledCondition, compiled } from './conditions/compiled.ts';
import type { ConditionContext } from './conditions/field.ts';
import { inForce } from './resources.ts';
import { statusOrder } from './status-order.ts';

export interface CompiledTier {
  readonly code: string;
  readonly rank: number;
  readonly tier: Tier;
  readonly entry: CompiledCondition;
  readonly exit: CompiledCondition | null;
}

export interface Scheme {
  readonly code: string;
  /** Highest rank first. */
  readonly tiers: readonly CompiledTier[];
}

export interface CompiledSegment {
  readonly code: string;
  readonly condition: CompiledCondition;
  readonly exit: CompiledCondition | null;
}

/** A tier scheme or a segment: what a member is in or not, kept true by the evaluator. */
export type StatusNode =
  | { readonly kind: 'scheme'; readonly scheme: Scheme }
  | { readonly kind: 'segment'; readonly segment: CompiledSegment };

const compiledOrNull = (condition: Condition | null, context: ConditionContext): CompiledCondition | null =>
  condition === null ? null : compiled(condition, context);

const compileSchemes = (configuration: Configuration, context: ConditionContext): Scheme[] =>
  [...Map.groupBy(inForce(configuration.tiers), ([, tier]) => tier.scheme)].map(([code, tiers]) => ({
    code,
    tiers: tiers
      .map(([tierCode, tier]) => ({
        code: tierCode,
        rank: tier.rank,
        tier,
        entry: compiled(tier.entry, context),
        exit: compiledOrNull(tier.exit, context),
      }))
      .sort((a, b) => b.rank - a.rank),
  }));

const compileSegments = (configuration: Configuration, context: ConditionContext): CompiledSegment[] =>
  inForce(configuration.segments).map(([code, segment]) => ({
    code,
    condition: compiled(segment.condition, context),
    exit: compiledOrNull(segment.exit, context),
  }));

export interface StatusRules {
  readonly schemes: readonly Scheme[];
  readonly segments: readonly CompiledSegment[];
  /** Every scheme and segment, those that others read before those that read them. */
  readonly statusNodes: readonly StatusNode[];
  /** The conditions of all of them, and those that time alone may change. */
  readonly statusConditions: readonly CompiledCondition[];
  readonly timelyConditions: readonly CompiledCondition[];
  /** The last revision that changed what tiers and segments say. */
  readonly assessedRevision: number;
  /** The last revision that reaches every member in the background: that one, or one that changed what is announced ahead. */
  readonly statusRevision: number;
}

const conditionsOf = (node: StatusNode): CompiledCondition[] =>
  node.kind === 'segment'
    ? [node.segment.condition, ...(node.segment.exit === null ? [] : [node.segment.exit])]
    : node.scheme.tiers.flatMap(({ entry, exit }) => (exit === null ? [entry] : [entry, exit]));

/** The last revision that changed tiers or segments, archived ones included. */
const assessedRevisionOf = ({ tiers, segments, earn_rules }: Configuration): number => {
  // Members have to be told when their next birthday is: time alone would never come to them.
  const yearly = Object.values(earn_rules).filter(({ body }) => ['birthday', 'anniversary'].includes(body.trigger));
  const resources = [...Object.values(tiers), ...Object.values(segments), ...yearly];
  return Math.max(0, ...resources.map((resource) => resource.revision));
};

/** The last revision that reaches every member in the background. */
export const statusRevisionOf = (configuration: Configuration): number =>
  Math.max(assessedRevisionOf(configuration), configuration.notice_revision ?? 0);

/** Compiles tiers and segments. The configuration was checked: nothing reads itself in a circle. */
export const compileStatus = (configuration: Configuration, context: ConditionContext): StatusRules => {
  const schemes = compileSchemes(configuration, context);
  const segments = compileSegments(configuration, context);
  const nodes = new Map<string, StatusNode>([
    ...schemes.map((scheme) => [`scheme:${scheme.code}`, { kind: 'scheme', scheme }] as const),
    ...segments.map((segment) => [`segment:${segment.code}`, { kind: 'segment', segment }] as const),
  ]);
  const { order } = statusOrder(configuration, context);
  const statusNodes = order.flatMap((key) => nodes.get(key) ?? []);
  const statusConditions = statusNodes.flatMap(conditionsOf);
  return {
    schemes,
    segments,
    statusNodes,
    statusConditions,
    timelyConditions: statusConditions.filter(({ dependencies }) => dependencies.time),
    assessedRevision: assessedRevisionOf(configuration),
    statusRevision: statusRevisionOf(configuration),
  };
};
