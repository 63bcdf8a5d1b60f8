import type { Member } from '../../src/model/member.ts';
import { type ExpectedAccount, expectedAccounts } from './expected-accounts.ts';
import { isSuccess, Refused } from './problems.ts';
import type { PurchaseLog } from './purchase-log.ts';
import { dayOf, type Sandbox } from './sandbox-program.ts';
import { round, type Sending } from './send.ts';

export interface ReturnsProof {
  readonly members: number;
  readonly inDebt: number;
  /** Summed over all members, as the service says. */
  readonly sums: ExpectedAccount;
  readonly differing: number;
  /** A few of those that differ, in words. */
  readonly examples: readonly string[];
}

const EXAMPLES = 10;
const NUMBERS = ['spend', 'available', 'debt', 'redeemed', 'expired'] as const;
const nothing: ExpectedAccount = { spend: 0, available: 0, debt: 0, redeemed: 0, expired: 0 };

const accountIn = ({ totals, accounts }: Member): ExpectedAccount => {
  const points = accounts.find(({ wallet }) => wallet === 'points');
  const { available = 0, debt = 0, lifetime } = points ?? {};
  const { redeemed = 0, expired = 0 } = lifetime ?? {};
  return { spend: totals.spend, available, debt, redeemed, expired };
};

const inWords = (account: ExpectedAccount): string => NUMBERS.map((name) => `${name} ${account[name]}`).join(', ');

/** Compares every member's account, as it is when the clock stands where it does, with what the file says. */
export async function proveReturns(
  sending: Sending,
  log: PurchaseLog,
  file: AsyncIterable<string>,
  { clock, zone }: Pick<Sandbox, 'clock' | 'zone'>,
): Promise<ReturnsProof> {
  const { client } = sending;
  const expected = await expectedAccounts(file, dayOf(clock, zone));
  const members = log.histories.flatMap(({ member }) => member ?? []);
  const sums = { ...nothing };
  const examples: string[] = [];
  let [differing, inDebt] = [0, 0];
  await round(sending, members, async (member) => {
    const path = `/v1/members/${member}`;
    const answer = await client.send({ method: 'GET', path });
    if (!isSuccess(answer)) throw new Refused(`GET ${path}`, answer);
    const account = accountIn(answer.body as Member);
    const should = expected.get(member.replace('online-retail-c', '')) ?? nothing;
    for (const name of NUMBERS) sums[name] += account[name];
    if (account.debt > 0) inDebt++;
    if (NUMBERS.every((name) => account[name] === should[name])) return;
    differing++;
    if (examples.length < EXAMPLES) examples.push(`${member}: ${inWords(account)}; the log says ${inWords(should)}`);
  });
  return {
    members: members.length,
    inDebt,
    sums,
    differing: differing + Math.abs(members.length - expected.size),
    examples,
  };
}
