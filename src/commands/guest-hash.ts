import { createHash } from 'node:crypto';
import { identityKey, normalIdentity } from '../engine/put-member.ts';
import type { ProgramId } from '../model/ids.ts';
import type { Identity } from '../model/member.ts';

/** An identity as a hash that only this program's identities can match. */
export const guestHash = (program: ProgramId, identity: Identity | undefined): Uint8Array | null =>
  identity === undefined
    ? null
    : createHash('sha256')
        .update(`${program}\n${identityKey(normalIdentity(identity))}`)
        .digest();
