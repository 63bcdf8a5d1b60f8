import type { EpochDay, Instant } from '../../model/instant.ts';
import type { MemberProfile } from '../../model/member.ts';
import type { MemberState } from '../../model/member-state.ts';

/** What of the person conditions read. Loaded only where some condition in force reads it. */
export type Person = Pick<MemberProfile, 'profile' | 'attributes' | 'consents' | 'acquisition' | 'tags'>;

/** A line of the purchase at hand, money in minor units. */
export interface TriggerLine {
  readonly sku: string;
  readonly categories: readonly string[];
  readonly quantity: number;
  readonly unit_price: number;
  /** What counts of it as spend. */
  readonly spend: number;
}

export type Context = Readonly<Record<string, string | number | boolean>>;

/** What set an earn rule off. Segments and tiers have none. */
export type Trigger =
  | {
      readonly kind: 'purchase';
      /** All in minor units. */
      readonly spend: number;
      readonly total: number;
      readonly discount: number;
      readonly shipping: number;
      readonly channel: string | null;
      readonly store: string | null;
      /** Which of the member's purchases it is, from 1. */
      readonly number: number;
      readonly lines: readonly TriggerLine[];
      readonly context: Context;
    }
  | {
      readonly kind: 'activity';
      readonly type: string;
      readonly fields: Context;
      readonly context: Context;
    };

/** A member as conditions see it at an instant. Window totals of the state are as of `today`. */
export interface Subject {
  readonly state: MemberState;
  readonly person: Person | null;
  readonly now: Instant;
  /** The local day of `now`. */
  readonly today: EpochDay;
  readonly trigger: Trigger | null;
}
