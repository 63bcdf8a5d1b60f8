import type { EarnRule } from '../../src/model/earn-rule.ts';
import type { PatchProgram, Program } from '../../src/model/program.ts';
import type { Tier } from '../../src/model/tier.ts';
import type { Client } from './client.ts';
import { isSuccess, Refused } from './problems.ts';

/*
 * Makes the program ready for an old log, and touches nothing that is already as it should be: a key that may only read
 * and write will do the second time.
 */

/** A point for each whole unit of the currency. What is absent has the API's defaults. */
const pointPerUnit: Pick<EarnRule, 'name' | 'trigger' | 'effect'> = {
  name: 'A point per unit of money',
  trigger: 'purchase',
  effect: { type: 'per_amount', points: 1, per: 100 },
};

/** By what was ever spent: a window of days would have passed by long before the log is replayed. */
const tiers: Readonly<Record<string, Pick<Tier, 'name' | 'scheme' | 'rank' | 'entry'>>> = {
  silver: { name: 'Silver', scheme: 'status', rank: 1, entry: { field: 'spend', op: 'gte', value: 10_000 } },
  gold: { name: 'Gold', scheme: 'status', rank: 2, entry: { field: 'spend', op: 'gte', value: 50_000 } },
};

/** The program cannot take the log, whatever is set up. */
export class WrongProgram extends Error {
  override readonly name = 'WrongProgram';
}

export async function setUp(client: Client, currency: string): Promise<void> {
  await prepareProgram(client, currency);
  if (!(await hasAny(client, '/v1/earn-rules'))) await create(client, '/v1/earn-rules/point-per-unit', pointPerUnit);
  if (await hasAny(client, '/v1/tiers')) return;
  for (const [code, tier] of Object.entries(tiers)) await create(client, `/v1/tiers/${code}`, tier);
}

async function prepareProgram(client: Client, currency: string): Promise<void> {
  const answer = await client.send({ method: 'GET', path: '/v1/program' });
  if (!isSuccess(answer)) throw new Refused('GET /v1/program', answer);
  const program = answer.body as Program;
  if (program.currency !== currency) throw new WrongProgram(wrongCurrency(program, currency));
  if (program.policies.late_report_days === null) return;
  const patch: PatchProgram = { policies: { late_report_days: null } };
  await change(client, 'PATCH', '/v1/program', patch);
}

const wrongCurrency = ({ code, currency }: Program, needed: string): string =>
  `The log is in ${needed}, and the key belongs to the program ${code}, which is in ${currency}. Make another program with
the operator key, and use the key in the answer:

  POST /v1/programs
  {"code": "replay-${needed.toLowerCase()}", "name": "Replay", "currency": "${needed}", "time_zone": "UTC"}`;

/** Whether any is in force: those that were archived are not in the list. */
export async function hasAny(client: Client, list: string): Promise<boolean> {
  const answer = await client.send({ method: 'GET', path: `${list}?limit=1` });
  if (!isSuccess(answer)) throw new Refused(`GET ${list}`, answer);
  return (answer.body as { data: unknown[] }).data.length > 0;
}

export const create = (client: Client, path: string, body: object): Promise<void> =>
  change(client, 'PUT', path, body, { 'if-none-match': '*' });

async function change(
  client: Client,
  method: 'PUT' | 'PATCH',
  path: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<void> {
  const answer = await client.send({ method, path, body: JSON.stringify(body), headers });
  if (!isSuccess(answer)) throw new Refused(`${method} ${path}`, answer);
}
