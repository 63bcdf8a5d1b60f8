import { type Static, Type } from 'typebox';
import { InstantText } from './instant.ts';
import { limits } from './limits.ts';
import { Currency } from './money.ts';
import { closed, named, nullable, openEnum, ref } from './schema.ts';
import { code, text } from './text.ts';

const timeZone = Type.String({
  format: 'time-zone',
  description: 'IANA time zone. Fixed: days, months and windows are counted in it.',
  examples: ['Europe/Paris'],
});
const locale = Type.String({
  pattern: '^[a-z]{2,3}(-[A-Z]{2})?$',
  description: 'Language of texts, BCP 47.',
  examples: ['fr-FR'],
});

/** How the program counts and what it tolerates. Part of the configuration: every decision keeps the revision it was taken in. */
export const Policies = named(
  'Policies',
  closed(
    {
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
      tier_expiring_days: nullable(
        Type.Integer({
          minimum: 1,
          maximum: 365,
          description:
            'How many days before a tier is lost `tier.expiring` tells it, but at most half of the shortest window its entry reads. Null: never.',
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
      earn_on_points_paid: Type.Boolean({ description: 'Whether what was paid with points earns points.' }),
      multipliers: Type.Enum(['best', 'product'], {
        description:
          'How multipliers of rules and of the tier combine: the best one for the member counts, or their product.',
      }),
    },
    { description: 'How the program counts and what it tolerates.' },
  ),
);
export type Policies = Static<typeof Policies>;

export const defaultPolicies: Policies = {
  count_tax: true,
  count_shipping: false,
  sum_tolerance: 0,
  late_report_days: 30,
  debt_recovery_percent: 100,
  return_points: 'recalculate',
  return_shortfall: 'debt',
  tier_expiring_days: 30,
  referral_minimum_spend: 0,
  expired_refund_grace_days: null,
  earn_on_points_paid: false,
  multipliers: 'best',
};

export const Program = named(
  'Program',
  Type.Object(
    {
      code: code('Code of the program, unique in the deployment.', 'maison'),
      name: text(limits.textLength, 'Name shown to people.', 'Maison Club'),
      currency: Currency,
      time_zone: timeZone,
      locale,
      sandbox: Type.Boolean({
        description: 'A sandbox program is for tests: its time stands until it is moved. Fixed.',
      }),
      clock: nullable(
        InstantText(
          'The time of a sandbox program: it stands until `POST /v1/sandbox/clock` moves it. Null: real time.',
        ),
      ),
      policies: ref(Policies),
      revision: Type.Integer({ description: 'Grows with every change of the configuration.' }),
      created_at: InstantText('When the program was created.'),
    },
    { description: 'One loyalty programme: the tenant.' },
  ),
);
export type Program = Static<typeof Program>;

export const CreateProgram = named(
  'CreateProgram',
  closed(
    {
      code: Program.properties.code,
      name: Program.properties.name,
      currency: Currency,
      time_zone: timeZone,
      locale: Type.Optional(locale),
      sandbox: Type.Optional(Program.properties.sandbox),
      clock: Type.Optional(InstantText('With `sandbox`: where its clock stands at first. Absent: now.')),
    },
    {
      description: 'A new program, with a wallet `points` and no rule.',
      examples: [{ code: 'maison', name: 'Maison Club', currency: 'EUR', time_zone: 'Europe/Paris' }],
    },
  ),
);
export type CreateProgram = Static<typeof CreateProgram>;

/** Absent: unchanged. Currency and time zone are fixed when the program is created. */
export const PatchProgram = named(
  'PatchProgram',
  closed(
    {
      name: Type.Optional(Program.properties.name),
      locale: Type.Optional(locale),
      policies: Type.Optional(
        closed({
          count_tax: Type.Optional(Policies.properties.count_tax),
          count_shipping: Type.Optional(Policies.properties.count_shipping),
          sum_tolerance: Type.Optional(Policies.properties.sum_tolerance),
          late_report_days: Type.Optional(Policies.properties.late_report_days),
          debt_recovery_percent: Type.Optional(Policies.properties.debt_recovery_percent),
          return_points: Type.Optional(Policies.properties.return_points),
          return_shortfall: Type.Optional(Policies.properties.return_shortfall),
          tier_expiring_days: Type.Optional(Policies.properties.tier_expiring_days),
          referral_minimum_spend: Type.Optional(Policies.properties.referral_minimum_spend),
          multipliers: Type.Optional(Policies.properties.multipliers),
        }),
      ),
    },
    { description: 'What to change; absent properties stay.', examples: [{ policies: { late_report_days: null } }] },
  ),
);
export type PatchProgram = Static<typeof PatchProgram>;

export const SCOPES = ['read', 'write', 'adjust', 'configure', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

const keyProperties = {
  name: text(limits.textLength, 'What the key is for.', 'Web shop checkout'),
  scopes: Type.Array(Type.Enum([...SCOPES], { type: 'string' }), {
    minItems: 1,
    maxItems: SCOPES.length,
    uniqueItems: true,
    description:
      'What the key may do: `read`, `write` (members, purchases, redemptions), `adjust`, `configure`, `admin` (keys, program).',
    examples: [['read', 'write']],
  }),
};

export const CreateKey = named(
  'CreateKey',
  closed(
    { ...keyProperties, expires_at: Type.Optional(InstantText('When the key stops working. Absent: never.')) },
    { description: 'A new API key.', examples: [{ name: 'Web shop checkout', scopes: ['read', 'write'] }] },
  ),
);
export type CreateKey = Static<typeof CreateKey>;

const keyView = {
  id: Type.String({ description: 'Public id of the key.', examples: ['key_3f9a1c20b7d4e856'] }),
  name: Type.String({ description: 'What the key is for.' }),
  scopes: Type.Array(openEnum(SCOPES, 'A scope.'), { description: 'What the key may do.' }),
  created_at: InstantText('When the key was made.'),
  expires_at: nullable(InstantText('When the key stops working.')),
  revoked_at: nullable(InstantText('When the key was revoked.')),
  last_used_at: nullable(InstantText('When the key was last used; written at most once a minute.')),
};

export const ApiKey = named('ApiKey', Type.Object(keyView, { description: 'An API key, without its secret.' }));
export type ApiKey = Static<typeof ApiKey>;

export const NewApiKey = named(
  'NewApiKey',
  Type.Object(
    { ...keyView, key: Type.String({ description: 'The secret. Shown once, stored only as a hash.' }) },
    { description: 'An API key with its secret.' },
  ),
);
export type NewApiKey = Static<typeof NewApiKey>;

export const NewProgram = named(
  'NewProgram',
  Type.Object({ program: ref(Program), key: ref(NewApiKey) }, { description: 'A program and its first key.' }),
);
