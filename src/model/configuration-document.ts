import { type TProperties, type TSchema, Type } from 'typebox';
import { ActivityType } from './activity-type.ts';
import { Attribute } from './attribute.ts';
import { BurnRule } from './burn-rule.ts';
import type { ResourceBodies, ResourceKind } from './configuration.ts';
import { Consequences } from './consequences.ts';
import { ContextField } from './context-field.ts';
import { EarnRule } from './earn-rule.ts';
import { InstantText } from './instant.ts';
import { Policies } from './policies.ts';
import { FaultView } from './problem.ts';
import { Reward } from './reward.ts';
import { closed, named, nullable, openEnum, ref } from './schema.ts';
import { Segment } from './segment.ts';
import { Stream } from './stream.ts';
import { CODE } from './text.ts';
import { Tier } from './tier.ts';
import { Wallet } from './wallet.ts';

type BodySchema = TSchema & {
  readonly $id: string;
  readonly properties: TProperties;
  readonly description?: string;
  readonly examples?: readonly object[];
};

/** The body of each kind of resource: a new kind is a line here. The document lists them in this order. */
export const resourceSchemas: { readonly [K in ResourceKind]: BodySchema } = {
  wallets: Wallet,
  attributes: Attribute,
  context_fields: ContextField,
  activity_types: ActivityType,
  segments: Segment,
  tiers: Tier,
  earn_rules: EarnRule,
  burn_rules: BurnRule,
  rewards: Reward,
  streams: Stream,
};

export const resourceKinds = Object.keys(resourceSchemas) as ResourceKind[];

/** The bodies that are in force, by kind and code. */
export type ResourceDocument = { readonly [K in ResourceKind]: Readonly<Record<string, ResourceBodies[K]>> };

/**
 * The configuration as one document. A kind that is there is the whole of it: what it does not name is archived. A kind
 * that is left out stays as it is, so that a file does not archive what it was never meant to speak of, not even what a
 * later version of the engine brings.
 */
export interface ConfigurationDocument extends Partial<ResourceDocument> {
  readonly $schema?: string;
  readonly policies?: Policies;
}

const kinds = Object.fromEntries(
  resourceKinds.map((kind) => [
    kind,
    Type.Optional(
      Type.Record(Type.String({ pattern: CODE }), ref(resourceSchemas[kind]), {
        additionalProperties: false,
        description: `By code. ${resourceSchemas[kind].description} Those of the program that are not listed are archived; left out altogether, they stay as they are.`,
      }),
    ),
  ]),
) as TProperties;

const exampleBody = (kind: ResourceKind): object => resourceSchemas[kind].examples?.[0] ?? {};
const pointsWallet = { ...exampleBody('wallets'), name: 'Points' };

export const ConfigurationDocument = named(
  'ConfigurationDocument',
  Type.Unsafe<ConfigurationDocument>(
    closed(
      {
        $schema: Type.Optional(
          Type.String({
            description: 'For editors: where the schema is, `/v1/config/schema`. Not looked at, not kept.',
          }),
        ),
        policies: Type.Optional(ref(Policies)),
        ...kinds,
      },
      {
        description:
          'The configuration of a program as one document: what is in force, by kind and code. A kind that is there is the whole of it; a kind that is left out stays as it is, and `{}` archives all of it.',
        examples: [
          {
            wallets: { points: pointsWallet },
            tiers: { silver: exampleBody('tiers') },
            earn_rules: { 'per-euro': exampleBody('earn_rules') },
          },
        ],
      },
    ),
  ),
);

const code = Type.Union([Type.String(), Type.Null()], { description: 'Its code; null for `policies`.' });

export const CHANGE_ACTIONS = ['created', 'changed', 'archived', 'revived'] as const;

const Difference = Type.Object(
  {
    pointer: Type.String({ description: 'JSON Pointer into the document.', examples: ['/tiers/silver/rank'] }),
    before: Type.Optional(Type.Unknown({ description: 'What stood there. Absent: nothing.' })),
    after: Type.Optional(Type.Unknown({ description: 'What stands there then. Absent: nothing.' })),
  },
  { description: 'A value that differs.' },
);

export interface Difference {
  readonly pointer: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** What becomes of one resource, or of the policies. */
export interface ConfigurationChange {
  readonly kind: ResourceKind | 'policies';
  readonly code: string | null;
  readonly action: (typeof CHANGE_ACTIONS)[number];
  readonly diff: readonly Difference[];
}

export const ConfigurationChange = named(
  'ConfigurationChange',
  Type.Unsafe<ConfigurationChange>(
    Type.Object(
      {
        kind: openEnum(['policies', ...resourceKinds], 'What kind of configuration.'),
        code,
        action: openEnum(CHANGE_ACTIONS, 'What becomes of it.'),
        diff: Type.Array(Difference, { description: 'Value by value. Lists of another length differ as a whole.' }),
      },
      {
        description: 'What becomes of one piece of configuration.',
        examples: [
          {
            kind: 'tiers',
            code: 'silver',
            action: 'changed',
            diff: [{ pointer: '/tiers/silver/entry/value', before: 50000, after: 40000 }],
          },
        ],
      },
    ),
  ),
);

const changes = Type.Array(ref(ConfigurationChange), { description: 'By kind, in the order of codes.' });

export interface ConfigurationPlan {
  /** Against which it was planned. */
  readonly revision: number;
  readonly changes: readonly ConfigurationChange[];
  readonly faults: readonly FaultView[];
  readonly consequences: Consequences | null;
  readonly consequences_missing: 'faults' | 'too_long' | null;
}

export const ConfigurationPlan = named(
  'ConfigurationPlan',
  Type.Unsafe<ConfigurationPlan>(
    Type.Object(
      {
        revision: Type.Integer({ description: 'The revision it was compared with. Quoted, the `If-Match` of `PUT`.' }),
        changes,
        faults: Type.Array(FaultView, {
          description: 'Why `PUT` would refuse it, as pointers into the document. None: it would be taken.',
        }),
        consequences: nullable(ref(Consequences), {
          description: 'Who would change segment or tier. Null: `consequences_missing` says why it was not counted.',
        }),
        consequences_missing: nullable(
          openEnum(['faults', 'too_long'], 'Why: the document has faults, or counting took too long.'),
        ),
      },
      { description: 'What a document would change.' },
    ),
  ),
);

export const ConfigurationRevision = named(
  'ConfigurationRevision',
  Type.Object(
    {
      revision: Type.Integer({ description: 'Its number.' }),
      created_at: InstantText('When the change was made.'),
      changed_by: Type.String({
        description: 'Id of the key that made it; of what made the program for the first.',
        examples: ['key_3f9a1c20b7d4e856'],
      }),
    },
    { description: 'A change of the configuration.' },
  ),
);

export const ConfigurationDiff = named(
  'ConfigurationDiff',
  Type.Unsafe<{ from: number; to: number; changes: readonly ConfigurationChange[] }>(
    Type.Object(
      {
        from: Type.Integer({ description: 'From this revision …' }),
        to: Type.Integer({ description: '… to this.' }),
        changes,
      },
      { description: 'How the configuration of one revision differs from that of another.' },
    ),
  ),
);
