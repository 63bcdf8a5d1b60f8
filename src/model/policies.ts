import { type Static, type TSchema, type TUnsafe, Type } from 'typebox';
import { BurnLimit } from './burn-limit.ts';
import { limits } from './limits.ts';
import { closed, defaulted, named, nullable } from './schema.ts';

const properties = {
  count_tax: Type.Boolean({ description: 'Whether tax counts as spend and earns points.' }),
  count_shipping: Type.Boolean({ description: 'Whether shipping counts as spend and earns points.' }),
  sum_tolerance: Type.Integer({
    minimum: 0,
    maximum: 1_000,
    description: 'Minor units by which each sum of a purchase may differ from what is reported.',
  }),
  late_report_days: nullable(
    Type.Integer({ minimum: 0, maximum: 36_500, description: 'How many days old a report may be. Null: any age.' }),
  ),
  debt_recovery_percent: Type.Integer({
    minimum: 0,
    maximum: 100,
    description: 'Share of later earnings that pays back debt, rounded down to a point.',
  }),
  return_points: Type.Enum(['recalculate', 'proportional'], {
    description:
      'How many points a return takes back: those the purchase gave beyond what the rest of it would have given, or a share in proportion to the spend.',
  }),
  return_shortfall: Type.Enum(['debt', 'write_off'], {
    description: 'What becomes of points a return takes back that are not there any more.',
  }),
  unknown_purchase_returns: Type.Enum(['refuse', 'adjust'], {
    description:
      'A return of a purchase the engine never saw is refused, or taken as an adjustment: what a purchase of the amount would give now is taken back, and spend stays as it is.',
  }),
  tier_expiring_days: nullable(
    Type.Integer({
      minimum: 1,
      maximum: 365,
      description:
        'How many days before a tier is lost `tier.expiring` tells it, but at most half of the shortest window its entry reads. Null: never.',
    }),
  ),
  points_expiring_days: nullable(
    Type.Integer({
      minimum: 1,
      maximum: 365,
      description:
        'How many local days before points expire `points.expiring` tells it, at a midnight, once for each wallet and instant; but at most half of what the wallet’s own `expiry.after` comes to. Points given later than that before they expire are not announced: whoever gets them is told in the answer. A change holds for what comes to its notice from then on. Null: never.',
    }),
  ),
  referral_minimum_spend: Type.Integer({
    minimum: 0,
    maximum: 1_000_000_000_000,
    description: 'A friend’s first purchase of at least so much spend, in minor units, qualifies the referral.',
  }),
  expired_refund_grace_days: nullable(
    Type.Integer({
      minimum: 1,
      maximum: 3_650,
      description:
        'Points refunded or released into lots that have expired meanwhile live so many days more. Null: they expire.',
    }),
  ),
  guest_claim_days: nullable(
    Type.Integer({
      minimum: 1,
      maximum: 36_500,
      description:
        'A guest’s purchase becomes the member’s who is given its identity within so many days of it. Null: it stays the guest’s.',
    }),
  ),
  burn_limits: Type.Array(BurnLimit, {
    maxItems: limits.burnLimits,
    description:
      'How fast points may be redeemed, held or transferred, per member or per API key: all of the limits hold. What is voided, lapses or is refunded is not given back. Captures, adjustments and returns are not limited.',
  }),
  freeze_after_identity_change_hours: nullable(
    Type.Integer({
      minimum: 1,
      maximum: 720,
      description:
        'After an identity of a member is added, changed or removed, nothing is redeemed or held for so many hours. Null: never frozen.',
    }),
  ),
  remember_erased_identities: Type.Boolean({
    description:
      'Whether salted hashes of the identities of erased members are kept, so that whoever comes back under one of them sets off no enrolment rule and is nobody’s referred friend.',
  }),
  earn_on_points_paid: Type.Boolean({ description: 'Whether what was paid with points earns points.' }),
  transfers: Type.Boolean({ description: 'Whether members may transfer points to each other.' }),
  multipliers: Type.Enum(['best', 'product'], {
    description:
      'How multipliers of rules and of the tier combine: the best one for the member counts, or their product.',
  }),
};

const whole = Type.Object(properties);

/** What a new program begins with, and what an older revision, or a document, does not say. */
export const defaultPolicies = {
  count_tax: true,
  count_shipping: false,
  sum_tolerance: 0,
  late_report_days: 30,
  debt_recovery_percent: 100,
  return_points: 'recalculate',
  return_shortfall: 'debt',
  unknown_purchase_returns: 'refuse',
  tier_expiring_days: 30,
  points_expiring_days: 30,
  referral_minimum_spend: 0,
  expired_refund_grace_days: null,
  guest_claim_days: 90,
  burn_limits: [] as BurnLimit[],
  freeze_after_identity_change_hours: null,
  remember_erased_identities: false,
  earn_on_points_paid: false,
  transfers: false,
  multipliers: 'best',
} as const satisfies Policies;

const each = (change: (schema: TSchema, name: keyof Policies) => TSchema): Record<string, TSchema> =>
  Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, change(schema, name as keyof Policies)]),
  );

/** How the program counts and what it tolerates. Part of the configuration: every decision keeps the revision it was taken in. */
export type Policies = Static<typeof whole>;
const policies = defaulted(
  each((schema, name) => ({ ...schema, default: defaultPolicies[name] })),
  { description: 'How the program counts and what it tolerates. What is left out is as in a new program.' },
);
export const Policies = named(
  'Policies',
  Type.Unsafe<Policies>(policies) as TUnsafe<Policies> & Pick<typeof policies, 'properties'>,
);

/** Absent: unchanged. */
export type PatchPolicies = Partial<Policies>;
export const PatchPolicies = named(
  'PatchPolicies',
  Type.Unsafe<PatchPolicies>(
    closed(
      each((schema) => Type.Optional(schema)),
      {
        description: 'The policies to change; absent ones stay.',
        examples: [{ late_report_days: null, burn_limits: [{ within: 'PT1H', times: 3 }] }],
      },
    ),
  ),
);
