import { Temporal } from 'temporal-polyfill';
import type { EarnRule } from '../../src/model/earn-rule.ts';
import type { CreateProgram, Program } from '../../src/model/program.ts';
import type { Segment } from '../../src/model/segment.ts';
import type { Tier } from '../../src/model/tier.ts';
import type { Client } from './client.ts';
import { isSuccess, Refused } from './problems.ts';
import { create, hasAny, WrongProgram } from './set-up.ts';

/*
 * The program of a log that is replayed in its own time: three statuses by what was spent within a year, left as soon
 * as that is too little; a segment of those to be won back; and a month in which purchases give twice the points.
 */

/** In minor units, over 365 local days. */
export const STATUSES = { bronze: 5_000, silver: 15_000, gold: 50_000 } as const;
export const WIN_BACK = { code: 'win-back', purchases: 2, days: 90 } as const;
/** Its first day, and the first after it. */
export const DOUBLE_POINTS = { from: '1997-11-01', until: '1997-12-01' } as const;

/** Zones with summer time: days of 23 and 25 hours are among those of the log. */
export const ZONES = { cdnow: 'America/New_York', 'online-retail': 'Europe/London' } as const;

export const startOfDay = (day: string, zone: string): string =>
  Temporal.PlainDate.from(day).toZonedDateTime(zone).toInstant().toString();

export const dayAfter = (day: string): string => Temporal.PlainDate.from(day).add({ days: 1 }).toString();

export const dayOf = (instant: string, zone: string): string =>
  Temporal.Instant.from(instant).toZonedDateTimeISO(zone).toPlainDate().toString();

/** Makes a sandbox whose clock stands at the beginning of a day. Returns the key. */
export async function makeSandbox(
  operator: Client,
  code: string,
  currency: string,
  zone: string,
  firstDay: string,
): Promise<string> {
  const body: CreateProgram = {
    code,
    name: 'Replay',
    currency,
    time_zone: zone,
    sandbox: true,
    clock: startOfDay(firstDay, zone),
  };
  const answer = await operator.send({ method: 'POST', path: '/v1/programs', body: JSON.stringify(body) });
  if (!isSuccess(answer)) throw new Refused(`POST /v1/programs ${code}`, answer);
  return (answer.body as { key: { key: string } }).key.key;
}

/** A sandbox and where its clock stands. */
export interface Sandbox {
  readonly code: string;
  readonly zone: string;
  readonly clock: string;
}

/** Configures the program unless it has rules, and says where its clock stands. */
export async function setUpSandbox(
  client: Client,
  currency: string,
  configure: (client: Client, zone: string) => Promise<void>,
): Promise<Sandbox> {
  const answer = await client.send({ method: 'GET', path: '/v1/program' });
  if (!isSuccess(answer)) throw new Refused('GET /v1/program', answer);
  const { code, time_zone: zone, clock, currency: own } = answer.body as Program;
  if (own !== currency) throw new WrongProgram(`The log is in ${currency}, the program ${code} is in ${own}.`);
  if (clock === null)
    throw new WrongProgram(
      `The program ${code} is live. Set TESSERA_OPERATOR_KEY instead of TESSERA_KEY, and a sandbox is made.`,
    );
  if (!(await hasAny(client, '/v1/earn-rules'))) await configure(client, zone);
  return { code, zone, clock };
}

export async function configureStatuses(client: Client, zone: string): Promise<void> {
  const perUnit: Pick<EarnRule, 'name' | 'trigger' | 'effect'> = {
    name: 'A point per unit of money',
    trigger: 'purchase',
    effect: { type: 'per_amount', points: 1, per: 100 },
  };
  const double: Pick<EarnRule, 'name' | 'trigger' | 'effect' | 'from' | 'until'> = {
    name: 'Double points',
    trigger: 'purchase',
    effect: { type: 'multiplier', percent: 200 },
    from: startOfDay(DOUBLE_POINTS.from, zone),
    until: startOfDay(DOUBLE_POINTS.until, zone),
  };
  for (const [index, [code, spend]] of Object.entries(STATUSES).entries()) {
    const tier: Pick<Tier, 'name' | 'scheme' | 'rank' | 'entry'> = {
      name: code,
      scheme: 'status',
      rank: index + 1,
      entry: { field: 'spend', window: '365d', op: 'gte', value: spend },
    };
    await create(client, `/v1/tiers/${code}`, tier);
  }
  const winBack: Pick<Segment, 'name' | 'condition'> = {
    name: 'Win back',
    condition: {
      all: [
        { field: 'purchases', op: 'gte', value: WIN_BACK.purchases },
        { field: 'last_purchase_at', op: 'older_than', value: `${WIN_BACK.days}d` },
      ],
    },
  };
  await create(client, `/v1/segments/${WIN_BACK.code}`, winBack);
  await create(client, '/v1/earn-rules/double-points', double);
  await create(client, '/v1/earn-rules/point-per-unit', perUnit);
}
