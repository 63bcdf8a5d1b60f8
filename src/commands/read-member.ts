import type { Expiring } from '../model/account.ts';
import type { ProgramId } from '../model/ids.ts';
import type { Instant } from '../model/instant.ts';
import type { MemberProfile } from '../model/member.ts';
import type { MemberState } from '../model/member-state.ts';
import type { Rules } from '../rules/rules.ts';
import type { Database } from '../store/database.ts';
import { Gather } from '../store/gather.ts';
import type { AnyIdentity } from '../store/identities.ts';
import { readMembers } from '../store/member-reads.ts';
import { loadMoment } from '../store/programs.ts';
import type { RulesCache } from '../store/rules-cache.ts';
import { settleForReading } from './settle-for-reading.ts';

const keyOf = (identity: AnyIdentity): string => `${identity.kind}:${identity.value}`;

/** A member as read: settled in memory, so that it is true now whether or not a job has been by. */
export interface ReadMember {
  readonly rules: Rules;
  readonly row: MemberProfile;
  /** The state as of `now`. */
  readonly state: MemberState;
  /** By wallet: what expires soon. */
  readonly expiring: ReadonlyMap<string, readonly Expiring[]>;
  readonly now: Instant;
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
    const realNow = this.#clock();
    const [{ revision, clock }, rows] = await this.#database.read(program, (db) =>
      Promise.all([loadMoment(db, program), readMembers(db, program, identities, realNow)]),
    );
    const now = clock ?? realNow;
    const rules =
      this.#rules.find(program, revision) ??
      (await this.#database.transaction(program, (tx) => this.#rules.load(tx, program, revision)));
    const members = await settleForReading(this.#database, program, rules, rows, now);
    const byKey = new Map(rows.map((row) => [keyOf(row), row]));
    return identities.map((identity) => {
      const row = byKey.get(keyOf(identity));
      const member = row === undefined ? undefined : members.get(row.state.member_id);
      return row === undefined || member === undefined ? null : { rules, row, ...member, now };
    });
  }
}
