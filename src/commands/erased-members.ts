import { createHmac, randomBytes } from 'node:crypto';
import { identityKey, normalIdentity } from '../engine/put-member.ts';
import type { Command } from '../model/command.ts';
import type { Changes } from '../model/decision.ts';
import type { MemberId, ProgramId } from '../model/ids.ts';
import type { ErasedPerson } from '../model/member-erasure.ts';
import { REFERRAL_ALPHABET } from '../model/referral.ts';
import type { Tx } from '../store/connection.ts';
import type { Database } from '../store/database.ts';
import type { ErasedRow } from '../store/erase-member.ts';
import { type ErasedIdentity, findErased, loadSalt } from '../store/erased-identities.ts';
import { KEPT_MS } from '../store/idempotency-keys.ts';
import type { AnyIdentity } from '../store/identities.ts';
import { guestHash } from './guest-hash.ts';
import { hashText } from './load-claims.ts';
import type { World } from './world.ts';

/** 100 random bits: nobody has the same, and nobody guesses it. */
const PSEUDONYM_LENGTH = 20;

/** What an erased member's id becomes. */
export const newPseudonym = (): string =>
  `erased-${Array.from(randomBytes(PSEUDONYM_LENGTH), (byte) => REFERRAL_ALPHABET[byte % REFERRAL_ALPHABET.length]).join('')}`;

/** An identity as a hash that says nothing without the program's salt. */
export const saltedHash = (salt: Uint8Array, key: string): Uint8Array =>
  createHmac('sha256', salt).update(key).digest();

type Named = Pick<ErasedPerson, 'external_id' | 'identities'>;

const hashesOf = (salt: Uint8Array, { external_id, identities }: Named): [string, Uint8Array][] =>
  [`id:${external_id}`, ...identities.map((identity) => identityKey(normalIdentity(identity)))].map((key) => [
    key,
    saltedHash(salt, key),
  ]);

const namedBy = (command: Command): Named[] =>
  command.kind === 'put_member' && command.member_id === null
    ? [{ external_id: command.external_id, identities: command.body.identities ?? [] }]
    : [];

/** The member who was erased and had this identity, as far as that is kept; null: it is not known. */
export const findErasedMember = (
  database: Database,
  program: ProgramId,
  { kind, value }: AnyIdentity,
): Promise<MemberId | null> =>
  database.transaction(program, async (tx) => {
    const hash = saltedHash(await loadSalt(tx, program), `${kind}:${value}`);
    return (await findErased(tx, program, [hash])).get(hashText(hash))?.member ?? null;
  });

/** Takes into the world what is remembered of erased members whose identities the commands enrol, and the salt. */
export const loadErased = async (tx: Tx, world: World, commands: readonly Command[]): Promise<void> => {
  const enrolled = world.rules.policies.remember_erased_identities ? commands.flatMap(namedBy) : [];
  if (enrolled.length === 0 && !commands.some(({ kind }) => kind === 'erase_member')) return;
  const salt = await loadSalt(tx, world.program);
  world.erasure.salt = salt;
  if (enrolled.length === 0) return;
  const hashes = enrolled.flatMap((named) => hashesOf(salt, named).map(([, hash]) => hash));
  for (const [hash, { kept_until }] of await findErased(tx, world.program, hashes))
    if (kept_until === null) world.erasure.remembered.add(hash);
};

/** Whether who is enrolled was a member before, and the program remembers. */
export const isRemembered = ({ erasure: { salt, remembered } }: World, command: Command): boolean =>
  salt !== null &&
  remembered.size > 0 &&
  namedBy(command).some((named) => hashesOf(salt, named).some(([, hash]) => remembered.has(hashText(hash))));

/** What is kept of identities of a member who is erased: all where the program remembers, else the own id for a while. */
const identitiesKept = (world: World, member: MemberId, person: ErasedPerson): ErasedIdentity[] => {
  const { salt } = world.erasure;
  if (salt === null) throw new Error('the salt was not loaded');
  const remembers = world.rules.policies.remember_erased_identities;
  const own = `id:${person.external_id}`;
  return hashesOf(salt, person)
    .filter(([key]) => remembers || key === own)
    .map(([, hash]) => ({ hash, member, kept_until: remembers ? null : world.realNow + KEPT_MS }));
};

/** A member who was erased, with everything that is to be taken away and kept. */
export interface Erasure extends ErasedRow {
  readonly kept: readonly ErasedIdentity[];
}

export const erasureOf = (world: World, { erased, state }: Pick<Changes, 'erased' | 'state'>): Erasure | null =>
  erased === null || state === null
    ? null
    : {
        member: state.member_id,
        pseudonym: state.external_id,
        person: erased,
        guestHashes: erased.identities.flatMap((identity) => guestHash(world.program, identity) ?? []),
        kept: identitiesKept(world, state.member_id, erased),
      };

/** Takes an erasure into the world, for the commands after it. */
export const absorbErasure = (world: World, changes: Changes): void => {
  const erasure = erasureOf(world, changes);
  if (erasure === null) return;
  const { member, kept } = erasure;
  for (const key of world.keys.keys()) if (key.startsWith(`${member}:`)) world.keys.delete(key);
  for (const { hash, kept_until } of kept) if (kept_until === null) world.erasure.remembered.add(hashText(hash));
};
