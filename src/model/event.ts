import type { Instant } from './instant.ts';

export const EVENT_TYPES = [
  'member.enrolled',
  'member.updated',
  'member.suspended',
  'member.reactivated',
  'member.closed',
  'member.frozen',
  'member.unfrozen',
  'burn.refused',
  'purchase.recorded',
  'purchase.claimed',
  'purchase.returned',
  'points.earned',
  'points.released',
  'points.held',
  'hold.released',
  'points.redeemed',
  'points.refunded',
  'grace.granted',
  'points.expiring',
  'points.expired',
  'points.adjusted',
  'points.transferred',
  'points.debt_recovered',
  'points.returned',
  'tier.upgraded',
  'tier.downgraded',
  'tier.expiring',
  'tier.set',
  'segment.entered',
  'segment.left',
  'activity.recorded',
  'referral.enrolled',
  'referral.qualified',
  'reward.granted',
  'reward.revoked',
  'reward.redeemed',
  'voucher.issued',
  'voucher.used',
  'voucher.lapsed',
  'voucher.cancelled',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** A fact told to the outside. Thin: ids, points, codes; never personal data. `number` counts a member's events from 1. */
export interface Event {
  readonly number: number;
  readonly type: EventType;
  readonly occurred_at: Instant;
  readonly data: Readonly<Record<string, string | number | boolean | null>>;
}
