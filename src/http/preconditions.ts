import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Precondition } from '../commands/precondition.ts';
import { ProblemError } from './problem-error.ts';

/*
 * Conditional requests (RFC 9110, section 13). The ETag of a piece of configuration is the revision that last changed
 * it, quoted, and strong: a write with `If-Match` is done only to what the caller saw.
 */

// Optional headers have no example: the docs page would send it with every request.
const header = (description: string) => Type.String({ maxLength: 1_000, description });
const SEEN = 'The ETag that was seen, or `*`. The change is made only if it is still the current one.';

export const ifNoneMatch = Type.Object({
  'if-none-match': Type.Optional(header('ETags already known: 304 when the current one is among them.')),
});

export const ifMatch = Type.Object({
  'if-match': Type.String({ maxLength: 1_000, description: SEEN, examples: ['*'] }),
});

export const ifMatchOptional = Type.Object({ 'if-match': Type.Optional(header(SEEN)) });

export const putHeaders = Type.Object({
  'if-match': Type.Optional(header('Required to replace: the ETag that was seen, or `*` for whatever there is.')),
  'if-none-match': Type.Optional(Type.String({ pattern: '^\\*$', description: '`*`: only create, never replace.' })),
});

/** Documents the ETag header of an answer. */
export const etagHeader = {
  ETag: { type: 'string', description: 'The revision that last changed it, quoted. Send it as `If-Match`.' },
};

export const entityTag = (revision: number): string => `"${revision}"`;

const listed = (value: string): string[] => value.split(',').map((tag) => tag.trim());

/** The precondition in a request's headers. Weak and foreign ETags match nothing. */
export const preconditionOf = (request: FastifyRequest): Precondition => {
  const match = request.headers['if-match'];
  const absent = request.headers['if-none-match'] === '*';
  if (match === undefined) return { absent, revisions: null };
  if (match.trim() === '*') return { absent, revisions: 'any' };
  const revisions = listed(match).flatMap((tag) => (/^"\d{1,15}"$/.test(tag) ? [Number(tag.slice(1, -1))] : []));
  return { absent, revisions };
};

/** Before validation, which would only say that a header is missing: 428 when `If-Match` is. */
export const requireIfMatch = async (request: FastifyRequest): Promise<void> => {
  if (request.headers['if-match'] === undefined)
    throw new ProblemError('precondition_required', 'send If-Match with the ETag you saw');
};

/** Sets the ETag, and says whether the caller knows it already. Compares weakly, as reads do. */
export const isKnownTag = (request: FastifyRequest, reply: FastifyReply, etag: string): boolean => {
  reply.header('etag', etag);
  const known = listed(request.headers['if-none-match'] ?? '');
  return known.some((tag) => tag === '*' || tag.replace(/^W\//, '') === etag);
};

export const isKnown = (request: FastifyRequest, reply: FastifyReply, revision: number): boolean =>
  isKnownTag(request, reply, entityTag(revision));

/** Answers 304, without a body: what the caller has is still right. */
export const notModified = (reply: FastifyReply): never => reply.code(304).send() as never;
