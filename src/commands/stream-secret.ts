import { randomBytes } from 'node:crypto';
import { instantText, instantTextOrNull } from '../model/instant.ts';
import type { Tx } from '../store/connection.ts';
import type { Database } from '../store/database.ts';
import { deleteSecretHeader, endSignatures, loadSecrets, putSecret } from '../store/stream-secrets.ts';
import { wakeStream } from '../store/stream-standings.ts';
import { auditStream } from './audit-stream.ts';
import type { Author } from './configure.ts';

const SECRET_BYTES = 32;
const HOUR_MS = 3_600_000;

/** A new secret of Standard Webhooks 1.0: `whsec_` and 32 random bytes in base64. */
export const newSecret = (): string => `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;

/** Makes a secret that signs from now on; those before sign as well until the overlap is over. */
export const rotateSecret = (database: Database, author: Author, stream: string, overlapHours: number) => {
  const { program, now } = author;
  return database.transaction(program, async (tx) => {
    const before = (await loadSecrets(tx, program, stream, now)).filter(({ kind }) => kind === 'signature');
    const until = now + overlapHours * HOUR_MS;
    await endSignatures(tx, program, stream, now, until);
    const value = newSecret();
    const name = `${now}-${randomBytes(4).toString('hex')}`;
    await putSecret(tx, program, stream, { kind: 'signature', name, value, created_at: now, expires_at: null });
    await wakeStream(tx, program, stream, now);
    await auditStream(tx, author, 'stream.secret_made', stream, { overlap_hours: overlapHours });
    return {
      secret: value,
      created_at: instantText(now),
      previous_until: instantTextOrNull(before.length === 0 ? null : until),
    };
  });
};

/** Keeps the value of a secret header. */
export const setSecretHeader = async (
  tx: Tx,
  author: Author,
  stream: string,
  name: string,
  value: string,
): Promise<void> => {
  const { program, now } = author;
  await putSecret(tx, program, stream, { kind: 'header', name, value, created_at: now, expires_at: null });
  await wakeStream(tx, program, stream, now);
  await auditStream(tx, author, 'stream.header_set', stream, { name });
};

/** Forgets the value of a secret header. Returns whether there was one. */
export const forgetSecretHeader = async (tx: Tx, author: Author, stream: string, name: string): Promise<boolean> => {
  const was = await deleteSecretHeader(tx, author.program, stream, name);
  if (was) await auditStream(tx, author, 'stream.header_forgotten', stream, { name });
  return was;
};
