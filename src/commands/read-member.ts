import { settled } from '../engine/decide.ts';
import { needsOfRead } from '../engine/needs.ts';
import { accountViews, tierViews } from '../engine/view.ts';
import { EXPIRING_WITHIN_DAYS, type Expiring } from '../model/account.ts';
import type { MemberId, ProgramId } from '../model/ids.ts';
import { type Instant, instantText, instantTextOrNull } from '../model/instant.ts';
import type { Member } from '../model/member.ts';
import type { MemberState } from '../model/member-state.ts';
import type { Rules } from '../rules/rules.ts';
import type { Database } from '../store/database.ts';
import { type DayRange, loadDays } from '../store/day-buckets.ts';
import { loadExpiring, toExpiring } from '../store/expiring.ts';
import { Gather } from '../store/gather.ts';
import type { AnyIdentity } from '../store/identities.ts';
import { type AccountKey, loadLotsDue, loadLotsLater } from '../store/lots.ts';
import { type MemberRow, readMembers } from '../store/member-reads.ts';
import { loadRevision } from '../store/programs.ts';
import type { RulesCache } from '../store/rules-cache.ts';
import { type WorkingMember, workingMember } from './world.ts';

const EXPIRING_MS = EXPIRING_WITHIN_DAYS * 86_400_000;

const keyOf = (identity: AnyIdentity): string => `${identity.kind}:${identity.value}`;

const accountsOf = (state: MemberState): AccountKey[] =>
  Object.keys(state.accounts).map((wallet) => ({ member: state.member_id, wallet }));

/** A member as read: settled in memory, so that it is true now whether or not a job has been by. */
export interface ReadMember {
  readonly rules: Rules;
  readonly row: MemberRow;
  /** The state as of `now`. */
  readonly state: MemberState;
  readonly expiring: ReadonlyMap<string, readonly Expiring[]>;
  readonly now: Instant;
}

interface Extras {
  readonly working: WorkingMember;
  readonly expiring: Map<string, Expiring[]>;
}

/** Reads members. Reads that come together share their statements. */
export class MemberReader {
  readonly #database: Database;
  readonly #rules: RulesCache;
  readonly #clock: () => Instant;
  readonly #gather: Gather<AnyIdentity, ReadMember | null>;

  constructor(database: Database, rules: RulesCache, clock: () => Instant, concurrent: number) {
    this.#database = database;
    this.#rules = rules;
    this.#clock = clock;
    this.#gather = new Gather((program, identities) => this.#read(program, identities), concurrent);
  }

  /** The member an identity names, or null. */
  find(program: ProgramId, identity: AnyIdentity): Promise<ReadMember | null> {
    return this.#gather.get(program, identity);
  }

  async #read(program: ProgramId, identities: readonly AnyIdentity[]): Promise<(ReadMember | null)[]> {
    const now = this.#clock();
    const [revision, rows] = await this.#database.read(program, (db) =>
      Promise.all([loadRevision(db, program), readMembers(db, program, identities)]),
    );
    const rules =
      this.#rules.find(program, revision) ??
      (await this.#database.transaction(program, (tx) => this.#rules.load(tx, program, revision)));
    const extras = new Map(
      rows.map((row): [MemberId, Extras] => [
        row.state.member_id,
        { working: workingMember(row.state, null, false), expiring: new Map() },
      ]),
    );
    await this.#loadExtras(program, rules, extras, now);
    const byKey = new Map(rows.map((row) => [keyOf(row), row]));
    return identities.map((identity) => {
      const row = byKey.get(keyOf(identity));
      const extra = row === undefined ? undefined : extras.get(row.state.member_id);
      if (row === undefined || extra === undefined) return null;
      return { rules, row, state: settled(extra.working, rules, now).state, expiring: extra.expiring, now };
    });
  }

  /** What some of the members need besides their rows. Most need nothing, and nothing is sent. */
  async #loadExtras(
    program: ProgramId,
    rules: Rules,
    extras: ReadonlyMap<MemberId, Extras>,
    now: Instant,
  ): Promise<void> {
    const days: DayRange[] = [];
    const due: AccountKey[] = [];
    const expiring: AccountKey[] = [];
    for (const [member, { working }] of extras) {
      const needs = needsOfRead(working.state, rules, now);
      days.push(...needs.days.map((range) => ({ member, ...range })));
      if (needs.lotsDue) due.push(...accountsOf(working.state));
      expiring.push(
        ...accountsOf(working.state).filter(
          ({ wallet }) =>
            (working.state.accounts[wallet]?.expires_from ?? Number.POSITIVE_INFINITY) < now + EXPIRING_MS,
        ),
      );
    }
    if (days.length + due.length + expiring.length === 0) return;
    await this.#database.read(program, (db) =>
      Promise.all([
        days.length > 0 &&
          loadDays(db, program, days).then((rows) => {
            for (const [member, day, totals] of rows) extras.get(member)?.working.days.set(day, totals);
          }),
        due.length > 0 &&
          loadLotsDue(db, program, due, now).then((rows) => {
            for (const [member, lot] of rows) extras.get(member)?.working.lots.set(lot.lot, lot);
          }),
        due.length > 0 &&
          loadLotsLater(db, program, due, now).then((rows) => {
            for (const { member_id, wallet, ...later } of rows) extras.get(member_id)?.working.later.set(wallet, later);
          }),
        expiring.length > 0 &&
          loadExpiring(db, program, expiring, now, now + EXPIRING_MS).then((rows) => {
            for (const row of rows) {
              const member = extras.get(row.member_id);
              if (member !== undefined)
                member.expiring.set(row.wallet, [...(member.expiring.get(row.wallet) ?? []), toExpiring(row)]);
            }
          }),
      ]),
    );
  }
}

/** A member as the API shows it. */
export const memberView = ({ row, state, rules, expiring, now }: ReadMember): Member => ({
  id: state.external_id,
  status: state.status,
  enrolled_at: instantText(state.enrolled_at),
  profile: row.profile,
  identities: row.identities,
  attributes: row.attributes,
  consents: row.consents,
  acquisition: row.acquisition,
  accounts: accountViews(state, rules, expiring),
  tiers: tierViews(state, rules),
  totals: {
    spend: state.totals.spend,
    purchases: state.totals.purchases,
    first_purchase_at: instantTextOrNull(state.first_purchase_at),
    last_purchase_at: instantTextOrNull(state.last_purchase_at),
  },
  as_of: instantText(now),
});
