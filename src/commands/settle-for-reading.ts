import { settled } from '../engine/decide.ts';
import { type Needs, needsOfRead } from '../engine/needs.ts';
import { EXPIRING_INSTANTS, EXPIRING_WITHIN_DAYS, type Expiring } from '../model/account.ts';
import type { MemberId, ProgramId } from '../model/ids.ts';
import { type Instant, instantText } from '../model/instant.ts';
import type { MemberState } from '../model/member-state.ts';
import type { Rules } from '../rules/rules.ts';
import type { Db } from '../store/connection.ts';
import type { Database } from '../store/database.ts';
import { loadDays } from '../store/day-buckets.ts';
import { loadExpiring, toExpiring } from '../store/expiring.ts';
import { type AccountKey, loadLotsDue, loadLotsLater } from '../store/lots.ts';
import { loadStates } from '../store/members.ts';
import { type WorkingMember, workingMember } from './world.ts';

const EXPIRING_MS = EXPIRING_WITHIN_DAYS * 86_400_000;

export interface SettledMember {
  readonly state: MemberState;
  readonly expiring: ReadonlyMap<string, readonly Expiring[]>;
}

/** What a read needs of a member besides the state row. */
interface Plan extends Pick<Needs, 'days' | 'lotsDue'> {
  /** Wallets of which something may expire soon. */
  readonly expiring: readonly string[];
}

const planFor = (state: MemberState, rules: Rules, now: Instant): Plan => ({
  ...needsOfRead(state, rules, now),
  expiring: Object.entries(state.accounts).flatMap(([wallet, { expires_from }]) =>
    expires_from !== null && expires_from < now + EXPIRING_MS ? [wallet] : [],
  ),
});

const isEmpty = (plan: Plan): boolean => plan.days.length === 0 && !plan.lotsDue && plan.expiring.length === 0;

/** Whether what was loaded for one plan is enough for another. */
const covers = (loaded: Plan, wanted: Plan): boolean =>
  (loaded.lotsDue || !wanted.lotsDue) &&
  wanted.expiring.every((wallet) => loaded.expiring.includes(wallet)) &&
  wanted.days.every((range) => loaded.days.some(({ from, to }) => from <= range.from && to >= range.to));

interface Loaded {
  readonly working: WorkingMember;
  readonly expiring: Map<string, Expiring[]>;
}

/** Loads states anew with what the plans need, all as of one moment. */
const load = async (
  db: Db,
  program: ProgramId,
  plans: ReadonlyMap<MemberId, readonly [MemberState, Plan]>,
  now: Instant,
): Promise<Map<MemberId, Loaded>> => {
  const all = [...plans];
  const days = all.flatMap(([member, [, plan]]) => plan.days.map((range) => ({ member, ...range })));
  const due = all.flatMap(([member, [state, plan]]): AccountKey[] =>
    plan.lotsDue ? Object.keys(state.accounts).map((wallet) => ({ member, wallet })) : [],
  );
  const soon = all.flatMap(([member, [, plan]]) => plan.expiring.map((wallet) => ({ member, wallet })));
  const [states, buckets, lots, later, expiring] = await Promise.all([
    loadStates(db, program, [...plans.keys()]),
    days.length > 0 ? loadDays(db, program, days) : [],
    due.length > 0 ? loadLotsDue(db, program, due, now) : [],
    due.length > 0 ? loadLotsLater(db, program, due, now) : [],
    soon.length > 0 ? loadExpiring(db, program, soon, now, now + EXPIRING_MS) : [],
  ]);
  const loaded = new Map(
    states.map((state): [MemberId, Loaded] => [
      state.member_id,
      { working: workingMember(state, null, false), expiring: new Map() },
    ]),
  );
  for (const [member, day, totals] of buckets) loaded.get(member)?.working.days.set(day, totals);
  for (const [member, lot] of lots) loaded.get(member)?.working.lots.set(lot.lot, lot);
  for (const { member_id, wallet, ...instants } of later) loaded.get(member_id)?.working.later.set(wallet, instants);
  for (const row of expiring) {
    const lists = loaded.get(row.member_id)?.expiring;
    lists?.set(row.wallet, [...(lists.get(row.wallet) ?? []), toExpiring(row)]);
  }
  return loaded;
};

/** Adds points to what expires at an instant, in order. */
const withExpiring = (list: readonly Expiring[], points: number, expiresAt: string): Expiring[] => {
  const others = list.filter((item) => item.expires_at !== expiresAt);
  const there = list.find((item) => item.expires_at === expiresAt)?.points ?? 0;
  const all = [...others, { points: there + points, expires_at: expiresAt }];
  return all.sort((a, b) => (a.expires_at < b.expires_at ? -1 : 1)).slice(0, EXPIRING_INSTANTS);
};

const settle = ({ working, expiring }: Loaded, rules: Rules, now: Instant): SettledMember => {
  const draft = settled(working, rules, now);
  // Points that settling released are not yet among the available ones in the table.
  for (const lot of draft.lots.values()) {
    const released = lot.available > 0 && working.lots.get(lot.lot)?.available === 0;
    if (!released || lot.expires_at === null || lot.expires_at >= now + EXPIRING_MS) continue;
    expiring.set(lot.wallet, withExpiring(expiring.get(lot.wallet) ?? [], lot.available, instantText(lot.expires_at)));
  }
  return { state: draft.state, expiring };
};

/** Members are seldom written between two looks; one that is written all the time is taken as it is at last. */
const LOOKS_MAX = 5;

/**
 * Members as of now, out of states just read. Most need nothing else. What some need besides is loaded together with
 * their state as of the same moment: lots and balances of different moments would show a member that never was.
 */
export const settleForReading = async (
  database: Database,
  program: ProgramId,
  rules: Rules,
  states: readonly MemberState[],
  now: Instant,
): Promise<Map<MemberId, SettledMember>> => {
  const members = new Map<MemberId, SettledMember>();
  let open = states;
  for (let look = 1; open.length > 0; look++) {
    const plans = new Map<MemberId, readonly [MemberState, Plan]>();
    for (const state of open) {
      const plan = planFor(state, rules, now);
      if (isEmpty(plan))
        members.set(
          state.member_id,
          settle({ working: workingMember(state, null, false), expiring: new Map() }, rules, now),
        );
      else plans.set(state.member_id, [state, plan]);
    }
    if (plans.size === 0) break;
    const loaded = await database.read(program, (db) => load(db, program, plans, now));
    const again: MemberState[] = [];
    for (const [member, [, plan]] of plans) {
      const found = loaded.get(member);
      if (found === undefined) continue;
      if (covers(plan, planFor(found.working.state, rules, now)) || look === LOOKS_MAX)
        members.set(member, settle(found, rules, now));
      else again.push(found.working.state);
    }
    open = again;
  }
  return members;
};
