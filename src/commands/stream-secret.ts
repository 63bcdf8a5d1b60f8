import { randomBytes } from 'node:crypto';
import type { ProgramId } from '../model/ids.ts';
import { instantText, instantTextOrNull } from '../model/instant.ts';
import type { Database } from '../store/database.ts';
import { endSignatures, loadSecrets, putSecret } from '../store/stream-secrets.ts';
import { wakeStream } from '../store/stream-standings.ts';

const SECRET_BYTES = 32;
const HOUR_MS = 3_600_000;

/** A new secret of Standard Webhooks 1.0: `whsec_` and 32 random bytes in base64. */
export const newSecret = (): string => `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;

/** Makes a secret that signs from now on; those before sign as well until the overlap is over. */
export const rotateSecret = (
  database: Database,
  program: ProgramId,
  stream: string,
  overlapHours: number,
  now: number,
) =>
  database.transaction(program, async (tx) => {
    const before = (await loadSecrets(tx, program, stream, now)).filter(({ kind }) => kind === 'signature');
    const until = now + overlapHours * HOUR_MS;
    await endSignatures(tx, program, stream, now, until);
    const value = newSecret();
    const name = `${now}-${randomBytes(4).toString('hex')}`;
    await putSecret(tx, program, stream, { kind: 'signature', name, value, created_at: now, expires_at: null });
    await wakeStream(tx, program, stream, now);
    return {
      secret: value,
      created_at: instantText(now),
      previous_until: instantTextOrNull(before.length === 0 ? null : until),
    };
  });
