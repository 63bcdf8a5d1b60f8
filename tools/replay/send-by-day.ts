import { setTimeout as pause } from 'node:timers/promises';
import type { SandboxClock } from '../../src/model/sandbox-clock.ts';
import type { Client } from './client.ts';
import { isSuccess, Refused } from './problems.ts';
import type { Progress } from './progress.ts';
import type { History, PurchaseLog } from './purchase-log.ts';
import { dayAfter, dayOf, type Sandbox, startOfDay } from './sandbox-program.ts';
import { enrolAll, round, type Sending } from './send.ts';

/*
 * The log in its own time: all members are enrolled when it begins; then the purchases of one local day after the
 * other, members at the same time, each told as it happens; and the clock is moved to the next day only when all of a
 * day's are answered. A run that follows an interrupted one begins with the day on which the clock stands.
 */

/** What one member did on one day. */
export interface MemberDay extends History {
  /** How many purchases the member made on days before. */
  readonly before: number;
}

/** Each day, member by member, its purchases without the hour: they happen now. */
function byDay({ histories }: PurchaseLog): Map<string, MemberDay[]> {
  const days = new Map<string, MemberDay[]>();
  for (const { member, purchases, returns } of histories) {
    const bought = Map.groupBy(purchases, ({ occurred_at = '' }) => occurred_at.slice(0, 10));
    const cameBack = Map.groupBy(returns, ({ day }) => day);
    let before = 0;
    for (const day of [...new Set([...bought.keys(), ...cameBack.keys()])].sort()) {
      const now = (bought.get(day) ?? []).map(({ occurred_at: _at, ...purchase }) => purchase);
      const of = days.get(day) ?? [];
      of.push({ member, purchases: now, returns: cameBack.get(day) ?? [], before });
      days.set(day, of);
      before += now.length;
    }
  }
  return days;
}

export const firstDayOf = (log: PurchaseLog): string => [...byDay(log).keys()].sort()[0] ?? '1997-01-01';

/** Reports day by day, as `report` does for one member. Returns how often the clock was moved, and where it stands. */
export async function sendByDay(
  sending: Sending,
  sandbox: Sandbox,
  report: (sending: Sending, day: MemberDay, progress: Progress) => Promise<unknown>,
): Promise<{ moves: number; clock: string }> {
  const { log, tally, client, stop } = sending;
  const { zone } = sandbox;
  const refused = await enrolAll(sending);
  const days = byDay(log);
  const last = [...days.keys()].sort().at(-1) ?? '';
  const today = dayOf(sandbox.clock, zone);
  const purchases = [...days]
    .filter(([day]) => day >= today)
    .flatMap(([, members]) => members.flatMap((member) => member.purchases));
  const progress = sending.showProgress('purchases', purchases.length);
  let [moves, clock] = [0, sandbox.clock];
  for (let day = today; day <= last && !stop.signal.aborted; day = dayAfter(day)) {
    const members = (days.get(day) ?? []).filter(({ member }) => !refused.has(member));
    tally.purchases.seconds += await round(sending, members, async (member) => {
      await report(sending, member, progress);
    });
    if (stop.signal.aborted || tally.failures.length > 0) break;
    clock = startOfDay(dayAfter(day), zone);
    await moveClock(client, clock);
    moves += 1;
  }
  progress.end();
  return { moves, clock };
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
