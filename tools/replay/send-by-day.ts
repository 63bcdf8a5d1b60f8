import { setTimeout as pause } from 'node:timers/promises';
import type { SandboxClock } from '../../src/model/sandbox-clock.ts';
import type { Client } from './client.ts';
import { isSuccess, Refused } from './problems.ts';
import type { History, PurchaseLog } from './purchase-log.ts';
import { dayAfter, dayOf, type Sandbox, startOfDay } from './sandbox-program.ts';
import { enrolAll, report, round, type Sending } from './send.ts';

/*
 * The log in its own time: all members are enrolled when it begins; then the purchases of one local day after the
 * other, members at the same time, each told as it happens; and the clock is moved to the next day only when all of a
 * day's are answered. A run that follows an interrupted one begins with the day on which the clock stands.
 */

/** The purchases of each day, member by member, without the hour: they happen now. */
function byDay({ histories }: PurchaseLog): Map<string, History[]> {
  const days = new Map<string, History[]>();
  for (const { member, purchases } of histories)
    for (const [day, some] of Map.groupBy(purchases, ({ occurred_at = '' }) => occurred_at.slice(0, 10))) {
      const now = some.map(({ occurred_at: _at, ...purchase }) => purchase);
      days.set(day, [...(days.get(day) ?? []), { member, purchases: now }]);
    }
  return days;
}

export const firstDayOf = (log: PurchaseLog): string => [...byDay(log).keys()].sort()[0] ?? '1997-01-01';

/** Reports day by day. Returns how often the clock was moved, and the last day. */
export async function sendByDay(sending: Sending, { zone, clock }: Sandbox): Promise<{ moves: number; last: string }> {
  const { log, tally, client, stop } = sending;
  const refused = await enrolAll(sending);
  const days = byDay(log);
  const last = [...days.keys()].sort().at(-1) ?? '';
  const today = dayOf(clock, zone);
  const purchases = [...days]
    .filter(([day]) => day >= today)
    .flatMap(([, histories]) => histories.flatMap((history) => history.purchases));
  const progress = sending.showProgress('purchases', purchases.length);
  let moves = 0;
  for (let day = today; day <= last && !stop.signal.aborted; day = dayAfter(day)) {
    const histories = (days.get(day) ?? []).filter(({ member }) => !refused.has(member));
    tally.purchases.seconds += await round(sending, histories, async (history) => {
      await report(sending, history, progress);
    });
    if (stop.signal.aborted || tally.failures.length > 0) break;
    await moveClock(client, startOfDay(dayAfter(day), zone));
    moves += 1;
  }
  progress.end();
  return { moves, last };
}

const POLL_MS = 100;

/** Moves the clock and waits until everybody who fell due on the way is settled. */
async function moveClock(client: Client, to: string): Promise<void> {
  const path = '/v1/sandbox/clock';
  const answer = await client.send({ method: 'POST', path, body: JSON.stringify({ to }) });
  if (!isSuccess(answer)) throw new Refused(`POST ${path} ${to}`, answer);
  for (let status = answer.status; status === 202; ) {
    await pause(POLL_MS);
    const asked = await client.send({ method: 'GET', path });
    if (!isSuccess(asked)) throw new Refused(`GET ${path}`, asked);
    if ((asked.body as SandboxClock).move?.status !== 'running') return;
  }
}
