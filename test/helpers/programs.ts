import { Client } from 'pg';
import { hashSecret } from '../../src/commands/api-keys.ts';
import type { ActivityType } from '../../src/model/activity-type.ts';
import type { Attribute } from '../../src/model/attribute.ts';
import type { BurnRule } from '../../src/model/burn-rule.ts';
import type { Condition, FieldReference } from '../../src/model/condition.ts';
import type { Configuration, Resource } from '../../src/model/configuration.ts';
import type { ContextField } from '../../src/model/context-field.ts';
import { type EarnRule, earnRuleDefaults } from '../../src/model/earn-rule.ts';
import type { ProgramId } from '../../src/model/ids.ts';
import { defaultPolicies, type Policies } from '../../src/model/policies.ts';
import { SCOPES } from '../../src/model/program.ts';
import type { Reward } from '../../src/model/reward.ts';
import type { Segment } from '../../src/model/segment.ts';
import type { Stream } from '../../src/model/stream.ts';
import type { Tier } from '../../src/model/tier.ts';
import { defaultWallet, type Wallet } from '../../src/model/wallet.ts';
import { compileRules, type Rules } from '../../src/rules/rules.ts';

/* Programs in a few words: what is not said is as in a new program. */

/** A program's configuration, by what differs from a new program's. */
export interface ProgramParts {
  readonly wallets?: Readonly<Record<string, Partial<Wallet>>>;
  readonly rules?: Readonly<Record<string, EarnRule>>;
  readonly burnRules?: Readonly<Record<string, BurnRule>>;
  readonly tiers?: Readonly<Record<string, Tier>>;
  readonly segments?: Readonly<Record<string, Segment>>;
  readonly activityTypes?: Readonly<Record<string, ActivityType>>;
  readonly contextFields?: Readonly<Record<string, ContextField>>;
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly rewards?: Readonly<Record<string, Reward>>;
  readonly streams?: Readonly<Record<string, Stream>>;
  readonly policies?: Partial<Policies>;
  readonly zone?: string;
  readonly revision?: number;
  /** The revision that last changed what is announced ahead. */
  readonly noticeRevision?: number;
}

type RuleParts = Partial<Omit<EarnRule, 'effect'>>;

const rule = (effect: EarnRule['effect'], parts: RuleParts): EarnRule => ({
  name: 'Rule',
  trigger: 'purchase',
  ...earnRuleDefaults,
  limits: [],
  ...parts,
  effect,
});

/** So many points for each so many minor units. */
export const perAmount = (points: number, per: number, parts: RuleParts = {}): EarnRule =>
  rule({ type: 'per_amount', points, per }, parts);

export const fixed = (points: number, parts: RuleParts = {}): EarnRule => rule({ type: 'fixed', points }, parts);

/** So many per cent of what the other rules give. */
export const multiplier = (percent: number, parts: RuleParts = {}): EarnRule =>
  rule({ type: 'multiplier', percent }, parts);

export const granting = (reward: string, valid_for: string | null = null, parts: RuleParts = {}): EarnRule =>
  rule({ type: 'reward', reward, valid_for }, parts);

/** A tier by its entry; what is not said is as when nobody says it. */
export const tierOn = (rank: number, entry: Condition, more: Partial<Tier> = {}): Tier => ({
  name: 'Tier',
  scheme: 'status',
  rank,
  exit: null,
  minimum_stay: null,
  grace: null,
  downgrade: 'reassess',
  benefits: { multiplier_percent: 100, perks: [] },
  ...more,
  entry,
});

/** A cent a point, unless `parts` say otherwise. */
export const burning = (parts: Partial<BurnRule> = {}): BurnRule => ({
  name: 'Burn rule',
  wallet: 'points',
  value: { points: 1, amount: 1 },
  minimum_points: null,
  maximum_points: null,
  step_points: 1,
  maximum_percent: 100,
  lines: null,
  shipping: false,
  condition: null,
  limits: [],
  priority: 0,
  from: null,
  until: null,
  ...parts,
});

/** A tier entered from a total on. */
export const tier = (
  rank: number,
  field: 'spend' | 'purchases' | 'earned_points',
  value: number,
  { wallet, window, ...more }: Partial<FieldReference & Tier> = {},
): Tier =>
  tierOn(
    rank,
    {
      field,
      op: 'gte',
      value,
      ...(wallet === undefined ? {} : { wallet }),
      ...(window === undefined ? {} : { window }),
    },
    more,
  );

export const segmentOn = (condition: Condition, exit: Condition | null = null): Segment => ({
  name: 'Segment',
  condition,
  exit,
});

/** A reward at a price; what is not said is as when nobody says it. */
export const rewardAt = (price: number | null, more: Partial<Reward> = {}): Reward => ({
  name: 'Reward',
  benefit: { type: 'custom' },
  wallet: 'points',
  tier_prices: {},
  stock: null,
  limits: [],
  condition: null,
  from: null,
  until: null,
  voucher: null,
  texts: {},
  data: {},
  ...more,
  price,
});

const resourcesIn =
  (revision: number) =>
  <B>(bodies: Readonly<Record<string, B>>): Record<string, Resource<B>> =>
    Object.fromEntries(Object.entries(bodies).map(([code, body]) => [code, { revision, archived: false, body }]));

export const configurationOf = (parts: ProgramParts): Configuration => {
  const resources = resourcesIn(parts.revision ?? 1);
  return {
    policies: { ...defaultPolicies, ...parts.policies },
    wallets: resources(
      Object.fromEntries(
        Object.entries(parts.wallets ?? { points: {} }).map(([code, wallet]) => [
          code,
          { ...defaultWallet, ...wallet },
        ]),
      ),
    ),
    earn_rules: resources(parts.rules ?? {}),
    burn_rules: resources(parts.burnRules ?? {}),
    tiers: resources(parts.tiers ?? {}),
    attributes: resources(parts.attributes ?? {}),
    segments: resources(parts.segments ?? {}),
    activity_types: resources(parts.activityTypes ?? {}),
    context_fields: resources(parts.contextFields ?? {}),
    ...(parts.noticeRevision === undefined ? {} : { notice_revision: parts.noticeRevision }),
    rewards: resources(parts.rewards ?? {}),
    streams: resources(parts.streams ?? {}),
  };
};

export const PARIS = 'Europe/Paris';

/** The compiled rules of a program, for tests without a database. */
export const program = (parts: ProgramParts = {}): Rules =>
  compileRules(
    { program_id: 1 as ProgramId, currency: 'EUR', time_zone: parts.zone ?? PARIS },
    parts.revision ?? 1,
    configurationOf(parts),
  );

/** Runs SQL as the owner of the database, who sees every program: what tests compare with. */
export const asOwner = async <T>(url: string, work: (client: Client) => Promise<T>): Promise<T> => {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

let programsMade = 0;

/** A program of its own in the database, as a deployment would hold it. */
export const createProgram = async (url: string, parts: ProgramParts = {}): Promise<ProgramId> => {
  programsMade += 1;
  const code = `program-${programsMade}`;
  return asOwner(url, async (client) => {
    const { rows } = await client.query<{ id: number }>(
      `with made as (
         insert into program (program_id, code, name, currency, time_zone, locale, sandbox, revision, created_at)
         values (nextval('program_id_seq'), $1, $1, 'EUR', $2, 'en', false, 1, now())
         returning program_id
       ),
       feed as (insert into event_feed (program_id) select program_id from made)
       select program_id as id from made`,
      [code, parts.zone ?? PARIS],
    );
    const id = rows[0]!.id as ProgramId;
    await saveRevision(client, id, parts);
    return id;
  });
};

const saveRevision = (client: Client, id: ProgramId, parts: ProgramParts): Promise<unknown> =>
  client.query(
    `insert into program_revision (program_id, revision, configuration, changed_by, created_at)
     select program_id, revision, $2, 'test', now() from program where program_id = $1`,
    [id, JSON.stringify(configurationOf(parts))],
  );

/** Makes another configuration the program's next revision. */
export const changeProgram = (url: string, id: ProgramId, parts: ProgramParts): Promise<void> =>
  asOwner(url, async (client) => {
    const { rows } = await client.query<{ revision: number }>(
      'update program set revision = revision + 1 where program_id = $1 returning revision',
      [id],
    );
    await saveRevision(client, id, { ...parts, revision: rows[0]!.revision });
  });

let keysMade = 0;

/** The secret of a key of the program with every scope. */
export const createKey = (url: string, id: ProgramId): Promise<string> =>
  asOwner(url, async (client) => {
    keysMade += 1;
    const secret = `tsr_test_${keysMade}`;
    await client.query(
      `insert into api_key (key_id, program_id, secret_hash, name, scopes, created_at) values ($1, $2, $3, 'test', $4, 'epoch')`,
      [`key_test_${keysMade}`, id, hashSecret(secret), SCOPES],
    );
    return secret;
  });
