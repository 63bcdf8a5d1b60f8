import { settled } from '../engine/decide.ts';
import { type Needs, needsOfRead } from '../engine/needs.ts';
import { withExpiring } from '../engine/view.ts';
import type { Expiring } from '../model/account.ts';
import type { MemberId, ProgramId } from '../model/ids.ts';
import { type Instant, instantText } from '../model/instant.ts';
import type { MemberState } from '../model/member-state.ts';
import type { Rules } from '../rules/rules.ts';
import type { Db } from '../store/connection.ts';
import type { Database } from '../store/database.ts';
import { loadDays } from '../store/day-buckets.ts';
import { soonUntil, toExpiring } from '../store/expiring.ts';
import { loadLotsByNumber, loadLotsDue, loadLotsLater } from '../store/lots.ts';
import { type ReadState, readStates } from '../store/member-reads.ts';
import { type WorkingMember, workingMember } from './world.ts';

export interface SettledMember {
  readonly state: MemberState;
  readonly expiring: ReadonlyMap<string, readonly Expiring[]>;
}

/** What a read needs of a member besides the state row. */
export type Plan = Pick<Needs, 'days' | 'due' | 'lots'>;

export const nothingWanted: Plan = { days: [], due: [], lots: [] };

const isEmpty = (plan: Plan): boolean => plan.days.length === 0 && plan.lots.length === 0 && plan.due.length === 0;

/** Whether what was loaded for one plan is enough for another. */
export const covers = (loaded: Plan, wanted: Plan): boolean =>
  wanted.due.every(({ wallet, slides }) =>
    loaded.due.some((due) => due.wallet === wallet && (due.slides || !slides)),
  ) &&
  new Set(wanted.lots).isSubsetOf(new Set(loaded.lots)) &&
  wanted.days.every((range) => loaded.days.some(({ from, to }) => from <= range.from && to >= range.to));

export interface Loaded {
  readonly read: ReadState;
  readonly working: WorkingMember;
}

const withNothingElse = (read: ReadState): Loaded => ({
  read,
  working: workingMember(read.state, read, false),
});

/** Loads states anew with what the plans need, all as of one moment. */
export const loadForReading = async (
  db: Db,
  program: ProgramId,
  plans: ReadonlyMap<MemberId, Plan>,
  now: Instant,
): Promise<Map<MemberId, Loaded>> => {
  const all = [...plans];
  const days = all.flatMap(([member, plan]) => plan.days.map((range) => ({ member, ...range })));
  const due = all.flatMap(([member, plan]) => plan.due.map((one) => ({ member, ...one })));
  const numbered = all.flatMap(([member, plan]) => plan.lots.map((lot) => ({ member, lot })));
  const [states, buckets, lots, ofHolds, later] = await Promise.all([
    readStates(db, program, [...plans.keys()], now),
    days.length > 0 ? loadDays(db, program, days) : [],
    due.length > 0 ? loadLotsDue(db, program, due, now) : [],
    numbered.length > 0 ? loadLotsByNumber(db, program, numbered) : [],
    due.length > 0 ? loadLotsLater(db, program, due, now) : [],
  ]);
  const loaded = new Map(states.map((read): [MemberId, Loaded] => [read.state.member_id, withNothingElse(read)]));
  for (const [member, day, totals] of buckets) loaded.get(member)?.working.days.set(day, totals);
  for (const [member, lot] of [...lots, ...ofHolds]) loaded.get(member)?.working.lots.set(lot.lot, lot);
  for (const { member_id, wallet, ...instants } of later) loaded.get(member_id)?.working.later.set(wallet, instants);
  return loaded;
};

const settle = ({ read, working }: Loaded, rules: Rules, now: Instant): SettledMember => {
  const expiring = toExpiring(read.expiring);
  const draft = settled(working, rules, now);
  // Points that settling released, or gave, are not yet among the available ones in the table.
  for (const lot of draft.lots.values()) {
    const more = lot.available - (working.lots.get(lot.lot)?.available ?? 0);
    if (more <= 0 || lot.expires_at === null || lot.expires_at >= soonUntil(now)) continue;
    expiring.set(lot.wallet, withExpiring(expiring.get(lot.wallet) ?? [], more, instantText(lot.expires_at)));
  }
  return { state: draft.state, expiring };
};

/** Members are seldom written between two looks; one that is written all the time is taken as it is at last. */
export const LOOKS_MAX = 5;

/**
 * Members as of now, out of states just read. Most need nothing else. What some need besides is loaded together with
 * their state as of the same moment: lots and balances of different moments would show a member that never was.
 */
export const settleForReading = async (
  database: Database,
  program: ProgramId,
  rules: Rules,
  states: readonly ReadState[],
  now: Instant,
): Promise<Map<MemberId, SettledMember>> => {
  const members = new Map<MemberId, SettledMember>();
  let open = states;
  for (let look = 1; open.length > 0; look++) {
    const plans = new Map<MemberId, Plan>();
    for (const read of open) {
      const plan = needsOfRead(read.state, rules, now);
      if (isEmpty(plan)) members.set(read.state.member_id, settle(withNothingElse(read), rules, now));
      else plans.set(read.state.member_id, plan);
    }
    if (plans.size === 0) break;
    const loaded = await database.read(program, (db) => loadForReading(db, program, plans, now));
    const again: ReadState[] = [];
    for (const [member, plan] of plans) {
      const found = loaded.get(member);
      if (found === undefined) continue;
      if (covers(plan, needsOfRead(found.read.state, rules, now)) || look === LOOKS_MAX)
        members.set(member, settle(found, rules, now));
      else again.push(found.read);
    }
    open = again;
  }
  return members;
};
