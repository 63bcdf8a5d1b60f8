import type { RecordPurchase } from '../../src/model/purchase.ts';
import type { PurchaseAnswer } from '../../src/model/purchase-view.ts';
import type { TierView } from '../../src/model/tier-view.ts';
import type { Answer, Client } from './client.ts';
import { isSuccess, Refused } from './problems.ts';
import type { Progress } from './progress.ts';
import type { History, PurchaseLog } from './purchase-log.ts';
import { addPurchase, addTiers, type Tally } from './tally.ts';

/*
 * Two rounds: all members are enrolled, then all purchases reported. In both, every client takes the next history from
 * one queue; so the purchases of a member are sent one after the other, each after the answer to the one before it.
 */

export interface Sending {
  readonly client: Client;
  readonly log: PurchaseLog;
  readonly tally: Tally;
  /** Requests at the same time. */
  readonly clients: number;
  /** Aborted by whoever wants the end, and from here when going on makes no sense: its reason says which. */
  readonly stop: AbortController;
  readonly showProgress: (what: string, total: number) => Progress;
}

/** Ends when everything is sent, or soon after `stop`. What came of it is in the tally. */
export async function send(sending: Sending): Promise<void> {
  const { log, tally } = sending;
  const refused = await enrolAll(sending);
  if (sending.stop.signal.aborted) return;

  const histories = log.histories.filter(({ member }) => !refused.has(member));
  const purchases = histories.reduce((sum, history) => sum + history.purchases.length, 0);
  const reporting = sending.showProgress('purchases', purchases);
  tally.purchases.seconds = await round(sending, histories, async (history) => {
    addTiers(tally, await report(sending, history, reporting));
  });
  reporting.end();
}

/** Enrols every member of the log. Returns those who were refused. */
export async function enrolAll(sending: Sending): Promise<ReadonlySet<string | null>> {
  const { log, tally } = sending;
  const refused = new Set<string | null>();
  const members = log.histories.filter(({ member }) => member !== null);
  const enrolling = sending.showProgress('members', members.length);
  tally.enrolments.seconds = await round(sending, members, async ({ member }) => {
    if (!(await enrol(sending, String(member)))) refused.add(member);
    enrolling.step();
  });
  enrolling.end();
  return refused;
}

/** Seconds until every item, mostly a history, was worked on, or until the end was wanted. */
export async function round<T>(
  { clients, stop }: Pick<Sending, 'clients' | 'stop'>,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<number> {
  const started = performance.now();
  const queue = items.values();
  const takeTurns = async (): Promise<void> => {
    for (const item of queue) {
      if (stop.signal.aborted) return;
      await work(item);
    }
  };
  // After a stop, a client that was pausing before another attempt rejects: that is no reason of its own.
  const turns = Array.from({ length: clients }, () => takeTurns().catch((error: unknown) => stop.abort(error)));
  await Promise.all(turns);
  return (performance.now() - started) / 1000;
}

async function enrol({ client, tally, stop }: Sending, member: string): Promise<boolean> {
  const answer = await client.send({ method: 'PUT', path: `/v1/members/${member}`, body: '{}' });
  if (!isSuccess(answer)) refuse(tally, stop, `member ${member}`, answer);
  else tally.enrolments.latencies.add(answer.milliseconds);
  return isSuccess(answer);
}

/** Reports purchases of one member in their order, up to one that is refused. Returns the tiers that the last answer named. */
export async function report(
  sending: Sending,
  { purchases }: History,
  progress: Progress,
): Promise<readonly TierView[]> {
  let tiers: readonly TierView[] = [];
  for (const purchase of purchases) {
    const recorded = await reportPurchase(sending, purchase, progress);
    if (recorded === null) return tiers;
    tiers = recorded.tiers;
  }
  return tiers;
}

/** Null: it was refused, or the end is wanted. */
export async function reportPurchase(
  { client, tally, stop }: Sending,
  purchase: RecordPurchase,
  progress: Progress,
): Promise<PurchaseAnswer | null> {
  if (stop.signal.aborted) return null;
  const answer = await client.send({ method: 'POST', path: '/v1/purchases', body: JSON.stringify(purchase) });
  if (!isSuccess(answer)) {
    refuse(tally, stop, purchaseName(purchase), answer);
    return null;
  }
  const recorded = answer.body as PurchaseAnswer;
  tally.purchases.latencies.add(answer.milliseconds);
  addPurchase(tally, recorded, answer.headers['idempotent-replayed'] === 'true');
  progress.step();
  return recorded;
}

const purchaseName = ({ id, member }: RecordPurchase): string =>
  member === undefined ? `purchase ${id} of a guest` : `purchase ${id} of member ${member}`;

/** What a key may not do for one member it may not do for the next either. */
export function refuse(tally: Tally, stop: AbortController, what: string, answer: Answer): void {
  const refused = new Refused(what, answer);
  tally.failures.push(refused.message);
  if (answer.status === 401 || answer.status === 403) stop.abort(refused);
}
