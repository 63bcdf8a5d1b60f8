import { sql } from 'kysely';
import type { ProgramId } from '../model/ids.ts';
import { type Instant, instantText, instantTextOrNull } from '../model/instant.ts';
import type { Db, Tx } from './connection.ts';

export interface StreamSecret {
  readonly kind: 'signature' | 'header';
  /** Of a header, in small letters; of a signature a number in order. */
  readonly name: string;
  readonly value: string;
  readonly created_at: Instant;
  /** Null: until it is replaced. */
  readonly expires_at: Instant | null;
}

/** What is in force at an instant: the newest signature first. */
export const loadSecrets = (db: Db, program: ProgramId, stream: string, now: Instant): Promise<StreamSecret[]> =>
  db.run(sql<StreamSecret>`
    select kind, name, value, created_at, expires_at
    from stream_secret
    where program_id = ${program} and stream = ${stream} and (expires_at is null or expires_at > ${instantText(now)})
    order by kind, created_at desc, name desc
  `);

/** Puts a secret, in place of one of the same name. */
export const putSecret = (tx: Tx, program: ProgramId, stream: string, secret: StreamSecret): Promise<unknown[]> =>
  tx.run(sql`
    insert into stream_secret (program_id, stream, kind, name, value, created_at, expires_at)
    values (${program}, ${stream}, ${secret.kind}, ${secret.name}, ${secret.value}, ${instantText(secret.created_at)},
      ${instantTextOrNull(secret.expires_at)})
    on conflict (program_id, stream, kind, name) do update
    set value = excluded.value, created_at = excluded.created_at, expires_at = excluded.expires_at
  `);

/** Lets the signatures there are end by an instant, unless they end before, and forgets those that have ended. */
export const endSignatures = async (
  tx: Tx,
  program: ProgramId,
  stream: string,
  now: Instant,
  end: Instant,
): Promise<void> => {
  await tx.run(sql`
    delete from stream_secret
    where program_id = ${program} and stream = ${stream} and kind = 'signature' and expires_at <= ${instantText(now)}
  `);
  await tx.run(sql`
    update stream_secret
    set expires_at = least(expires_at, ${instantText(end)})
    where program_id = ${program} and stream = ${stream} and kind = 'signature'
  `);
};

/** Forgets a secret header. Returns whether there was one. */
export const deleteSecretHeader = async (tx: Tx, program: ProgramId, stream: string, name: string): Promise<boolean> =>
  (
    await tx.run(sql`
      delete from stream_secret
      where program_id = ${program} and stream = ${stream} and kind = 'header' and name = ${name}
      returning 1
    `)
  ).length > 0;
