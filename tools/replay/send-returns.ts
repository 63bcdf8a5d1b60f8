import type { ReturnAnswer } from '../../src/model/purchase-return.ts';
import type { PurchaseAnswer } from '../../src/model/purchase-view.ts';
import type { CreateRedemption } from '../../src/model/redemption.ts';
import { isSuccess } from './problems.ts';
import type { Progress } from './progress.ts';
import type { LoggedReturn } from './purchase-log.ts';
import { refuse, reportPurchase, type Sending } from './send.ts';
import type { MemberDay } from './send-by-day.ts';

/*
 * Purchases and returns of a member in their order. Every fifth purchase is followed by a redemption of half of what is
 * available then, as its answer says: a repetition gets the same answer, and so redeems the same. Points that were
 * spent are not there when their purchase comes back: so there is debt.
 */

export const REDEEMS_EACH = 5;

/** Reports what a member did on a day, up to a report that is refused. */
export async function reportWithReturns(sending: Sending, day: MemberDay, progress: Progress): Promise<void> {
  let number = day.before;
  const returns = [...day.returns];
  const returnsUpTo = async (purchases: number): Promise<boolean> => {
    for (let [next] = returns; next !== undefined && next.after <= purchases; [next] = returns) {
      if (!(await sendReturn(sending, next))) return false;
      returns.shift();
    }
    return true;
  };
  for (const purchase of day.purchases) {
    if (!(await returnsUpTo(number))) return;
    const recorded = await reportPurchase(sending, purchase, progress);
    if (recorded === null) return;
    number += 1;
    if (number % REDEEMS_EACH === 0 && !(await redeemHalf(sending, recorded))) return;
  }
  await returnsUpTo(number);
}

async function sendReturn({ client, tally, stop }: Sending, { purchase, body }: LoggedReturn): Promise<boolean> {
  if (stop.signal.aborted) return false;
  const path = `/v1/purchases/${purchase}/returns`;
  const answer = await client.send({ method: 'POST', path, body: JSON.stringify(body) });
  if (!isSuccess(answer)) {
    refuse(tally, stop, `return ${body.id}`, answer);
    return false;
  }
  tally.returns.add(answer.milliseconds);
  for (const { points } of (answer.body as ReturnAnswer).taken_back) tally.takenBack += points;
  return true;
}

async function redeemHalf({ client, tally, stop }: Sending, recorded: PurchaseAnswer): Promise<boolean> {
  const { id, member, balances } = recorded;
  const points = Math.floor((balances.find(({ wallet }) => wallet === 'points')?.available ?? 0) / 2);
  if (member === null || points === 0) return true;
  const body: CreateRedemption = { id: `${id}-redeemed`, member, points };
  const answer = await client.send({ method: 'POST', path: '/v1/redemptions', body: JSON.stringify(body) });
  if (!isSuccess(answer)) {
    refuse(tally, stop, `redemption ${body.id}`, answer);
    return false;
  }
  tally.redemptions.add(answer.milliseconds);
  tally.redeemed += points;
  return true;
}
