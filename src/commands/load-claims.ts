import { type Claimable, claimableSince } from '../engine/claim-purchase.ts';
import { identityKey, normalIdentity } from '../engine/put-member.ts';
import type { Command } from '../model/command.ts';
import { limits } from '../model/limits.ts';
import type { Identity } from '../model/member.ts';
import type { Tx } from '../store/connection.ts';
import { loadClaimable } from '../store/guest-claims.ts';
import { guestHash } from './guest-hash.ts';
import type { World } from './world.ts';

type PutMember = Extract<Command, { kind: 'put_member' }>;

/** Identities a command names that are not the member's yet, as the world stands. */
const newIdentities = ({ identities }: World, { body, member_id }: PutMember): Identity[] =>
  (body.identities ?? []).filter(
    (identity) => member_id === null || identities.get(identityKey(normalIdentity(identity))) !== member_id,
  );

const hashesOf = (world: World, command: PutMember): Uint8Array[] =>
  newIdentities(world, command).flatMap((identity) => guestHash(world.program, identity) ?? []);

export const hashText = (hash: Uint8Array): string => Buffer.from(hash).toString('hex');

/** Notes a guest's purchase for whoever is given its identity. */
export const noteClaimable = ({ claimable }: World, hash: string, { purchase_id, occurred_at }: Claimable): void => {
  claimable.set(hash, [...(claimable.get(hash) ?? []), { purchase_id, occurred_at }]);
};

/** Takes guests' purchases of identities that the commands give to members into the world. */
export const loadClaims = async (tx: Tx, world: World, commands: readonly Command[]): Promise<void> => {
  const since = claimableSince(world.rules.policies.guest_claim_days, world.now);
  const hashes = commands.flatMap((command) => (command.kind === 'put_member' ? hashesOf(world, command) : []));
  if (since === null || hashes.length === 0) return;
  const unique = [...new Map(hashes.map((hash) => [hashText(hash), hash])).values()];
  const found = await loadClaimable(tx, world.program, unique, since, limits.claimsAtOnce);
  for (const { hash, ...purchase } of found) noteClaimable(world, hash, purchase);
};

/** Guests' purchases of the identities that a command gives to its member, those of this batch among them. */
export const claimableBy = (world: World, command: PutMember): Claimable[] =>
  hashesOf(world, command).flatMap((hash) => world.claimable.get(hashText(hash)) ?? []);
