import type { Instant } from '../model/instant.ts';
import type { MemberState } from '../model/member-state.ts';
import type { Subject, Trigger } from '../rules/conditions/subject.ts';
import type { Rules } from '../rules/rules.ts';
import type { Draft } from './draft.ts';
import { subjectAt } from './subject.ts';

/** By what points are given and taken: as things are, or as a quote said they would be. */
export interface Pricing {
  readonly rules: Rules;
  /** The tiers that count as held. */
  readonly tiers: MemberState['tiers'];
  /** When rules must be in force, and on schedule. */
  readonly at: Instant;
}

/** As things are. */
export const pricingAt = ({ rules, state }: Draft, at: Instant): Pricing => ({ rules, tiers: state.tiers, at });

/** The member as conditions see it under a pricing: as it is, with the tiers that count. */
export const pricedSubject = (draft: Draft, { tiers }: Pricing, trigger: Trigger | null = null): Subject => {
  const subject = subjectAt(draft, draft.now, trigger);
  return tiers === draft.state.tiers ? subject : { ...subject, state: { ...subject.state, tiers } };
};
