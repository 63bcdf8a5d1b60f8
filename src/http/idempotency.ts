import { Type } from 'typebox';
import type { Call } from './call.ts';
import { ProblemError } from './problem-error.ts';

const VISIBLE = /^[\x21-\x7e]{1,255}$/;

const description = 'Makes a repetition safe: 1 to 255 visible characters, bare or quoted, kept 7 days for the member.';

// Without an example where it is optional: the docs page would send the same key with every request.
export const optionalKey = Type.Object({ 'idempotency-key': Type.Optional(Type.String({ description })) });
/** The examples of two operations are two intentions: each has a key of its own. */
export const requiredKeyLike = (example: string) =>
  Type.Object({
    'idempotency-key': Type.String({ description: `Required. ${description}`, examples: [example] }),
  });
export const requiredKey = requiredKeyLike('9f1c2d9a-6c1b-4e0e-9d40-2f1f4f6d8b11');

/** The Idempotency-Key of a request, without the quotes that RFC 8941 would put around it; null when there is none. */
export const idempotencyKey = (request: Pick<Call, 'headers'>, required = false): string | null => {
  const value = request.headers['idempotency-key'];
  if (value === undefined || value === '') {
    if (required)
      throw new ProblemError('idempotency_key_required', 'send an Idempotency-Key: this body has no id of its own');
    return null;
  }
  const bare =
    typeof value === 'string' && value.length >= 2 && value.startsWith('"') && value.endsWith('"')
      ? value.slice(1, -1)
      : value;
  if (typeof bare !== 'string' || !VISIBLE.test(bare))
    throw new ProblemError('idempotency_key_invalid', 'an Idempotency-Key is 1 to 255 visible characters');
  return bare;
};
