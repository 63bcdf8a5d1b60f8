import type { ActivityType } from './activity-type.ts';
import type { Attribute } from './attribute.ts';
import type { BurnRule } from './burn-rule.ts';
import type { ContextField } from './context-field.ts';
import type { EarnRule } from './earn-rule.ts';
import type { Policies } from './policies.ts';
import type { Reward } from './reward.ts';
import type { Segment } from './segment.ts';
import type { Stream } from './stream.ts';
import type { Tier } from './tier.ts';
import type { Wallet } from './wallet.ts';

/** A piece of configuration as it is stored: its body, and the revision that last changed it, which is its ETag. */
export interface Resource<B> {
  readonly revision: number;
  readonly archived: boolean;
  readonly body: B;
}

/** The kinds of configuration that are resources of their own. */
export interface ResourceBodies {
  wallets: Wallet;
  earn_rules: EarnRule;
  burn_rules: BurnRule;
  tiers: Tier;
  attributes: Attribute;
  segments: Segment;
  activity_types: ActivityType;
  context_fields: ContextField;
  rewards: Reward;
  streams: Stream;
}
export type ResourceKind = keyof ResourceBodies;

/** The resources of a program, by kind and code. */
export type Resources = { readonly [K in ResourceKind]: Readonly<Record<string, Resource<ResourceBodies[K]>>> };

export const noResources: Resources = {
  wallets: {},
  earn_rules: {},
  burn_rules: {},
  tiers: {},
  attributes: {},
  segments: {},
  activity_types: {},
  context_fields: {},
  rewards: {},
  streams: {},
};

/** The whole configuration of a program in one revision. */
export interface Configuration extends Resources {
  readonly policies: Policies;
  /** The revision that last changed how long ahead points are announced to expire. Absent: the first. */
  readonly notice_revision?: number;
}
