import type { MemberId, ProgramId } from '../model/ids.ts';
import type { Database } from '../store/database.ts';
import { Gather } from '../store/gather.ts';
import { type AnyIdentity, findMembers } from '../store/identities.ts';

/** `card:2099` is an identity; anything else is the caller's own id. */
export const identityOf = (reference: string): AnyIdentity => {
  const colon = reference.indexOf(':');
  return colon === -1
    ? { kind: 'id', value: reference }
    : { kind: reference.slice(0, colon), value: reference.slice(colon + 1) };
};

/** Finds members by how callers name them. Look-ups that come together share a statement. */
export class MemberResolver {
  readonly #gather: Gather<AnyIdentity, MemberId | null>;

  constructor(database: Database, readConnections: number) {
    this.#gather = new Gather(async (program, identities) => {
      const found = await database.read(program, (db) => findMembers(db, program, identities));
      return identities.map((identity) => found.get(`${identity.kind}:${identity.value}`) ?? null);
    }, readConnections);
  }

  /** The member's internal id, or null when there is no such member. */
  find(program: ProgramId, identity: AnyIdentity): Promise<MemberId | null> {
    return this.#gather.get(program, identity);
  }
}
