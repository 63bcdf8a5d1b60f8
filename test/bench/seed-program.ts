import { randomBytes } from 'node:crypto';
import { hashSecret } from '../../src/commands/api-keys.ts';
import { type Configuration, noResources, type Resource } from '../../src/model/configuration.ts';
import type { ProgramId } from '../../src/model/ids.ts';
import { defaultPolicies } from '../../src/model/policies.ts';
import type { Tier } from '../../src/model/tier.ts';
import { insertKey } from '../../src/store/api-keys.ts';
import { insertFeed } from '../../src/store/event-feed.ts';
import { Lane } from '../../src/store/lane.ts';
import { insertProgram, insertRevision } from '../../src/store/programs.ts';
import { perAmount, tierOn } from '../helpers/programs.ts';
import { withClient } from './bench-server.ts';

export interface BenchProgram {
  readonly program: ProgramId;
  /** The secret of a key that may do what the loads do. */
  readonly key: string;
}

const REVISION = 1;

export const resource = <B>(body: B): Resource<B> => ({ revision: REVISION, archived: false, body });

const tier = (name: string, rank: number, value: number, window: '365d' | null): Resource<Tier> =>
  resource(tierOn(rank, { field: 'spend', op: 'gte', value, ...(window === null ? {} : { window }) }, { name }));

/** An everyday program: a point per euro, points that expire after a year, three tiers by spend. */
const configuration = (window: '365d' | null): Configuration => ({
  ...noResources,
  policies: { ...defaultPolicies, late_report_days: null },
  wallets: {
    points: resource({
      name: 'Points',
      redeemable: true,
      rounding: 'floor',
      pending: null,
      expiry: { after: 'P12M', round_up_to: null },
      value: { points: 100, amount: 100 },
    }),
  },
  earn_rules: {
    'per-euro': resource(perAmount(1, 100)),
  },
  tiers: {
    bronze: tier('Bronze', 1, 10_000, window),
    silver: tier('Silver', 2, 100_000, window),
    gold: tier('Gold', 3, 500_000, window),
  },
  attributes: {},
});

/** Makes the program of the benchmark, with its key; `more` replaces parts of the everyday configuration. */
export async function seedProgram(
  url: string,
  window: '365d' | null,
  more: Partial<Configuration> = {},
): Promise<BenchProgram> {
  const now = Date.now();
  const key = `tsr_${randomBytes(24).toString('base64url')}`;
  const program = await withClient(
    url,
    async (client) => (await client.query(`select nextval('program_id_seq')::integer as id`)).rows[0].id as ProgramId,
  );
  const lane = new Lane(url);
  try {
    await lane.transaction(program, async (tx, commit) => {
      const facts = { currency: 'EUR', time_zone: 'Europe/Paris', locale: 'fr-FR', sandbox: false, clock: null };
      await insertProgram(tx, {
        program_id: program,
        code: 'bench',
        name: 'Bench',
        revision: REVISION,
        created_at: now,
        ...facts,
      });
      await insertFeed(tx, program);
      await insertRevision(tx, program, REVISION, { ...configuration(window), ...more }, 'bench', now);
      const lifetime = { created_at: now, expires_at: null, revoked_at: null, last_used_at: null };
      await insertKey(
        tx,
        {
          key_id: 'key_bench',
          program_id: program,
          name: 'bench',
          scopes: ['read', 'write', 'configure'],
          ...lifetime,
        },
        hashSecret(key),
      );
      await commit();
    });
  } finally {
    await lane.close();
  }
  return { program, key };
}
