import { createHmac } from 'node:crypto';

/*
 * Standard Webhooks 1.0: the receiver verifies who sent the very bytes it got, and when. While a secret is replaced,
 * both sign, so that a receiver may change at its own time.
 */

const PREFIX = 'whsec_';

/** The three headers of a message. Only those of a delivery are signed: not those that a stream adds. */
export interface SignatureHeaders {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

const keyOf = (secret: string): Buffer => {
  if (!secret.startsWith(PREFIX)) throw new Error('a secret begins with whsec_');
  return Buffer.from(secret.slice(PREFIX.length), 'base64');
};

/**
 * Signs the bytes of a body with each of the secrets, at least one. `id` stays the same when the message is sent again,
 * and has no dot; `sentAt`, in milliseconds, is that of the attempt.
 */
export const sign = (
  id: string,
  sentAt: number,
  body: string | Uint8Array,
  secrets: readonly string[],
): SignatureHeaders => {
  if (id.includes('.') || secrets.length === 0) throw new Error('an id without dots and a secret are needed');
  const timestamp = Math.floor(sentAt / 1_000).toString();
  const signatures = secrets.map(
    (secret) => `v1,${createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.`).update(body).digest('base64')}`,
  );
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
};
