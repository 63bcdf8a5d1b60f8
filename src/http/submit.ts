import type { FastifyReply, FastifyRequest } from 'fastify';
import { identityOf } from '../commands/resolve-member.ts';
import type { Submission } from '../commands/submission.ts';
import type { Command } from '../model/command.ts';
import type { MemberId } from '../model/ids.ts';
import { MERGED } from '../store/identities.ts';
import { programOf } from './auth.ts';
import { PROBLEM_JSON } from './errors.ts';
import { fingerprintOf } from './fingerprint.ts';
import { memberNotFound } from './problem-error.ts';
import type { Services } from './services.ts';

/** The member a request names, or the answer that there is none. */
export const memberOf = async (
  services: Services,
  request: FastifyRequest,
  reference: string,
  pointer?: '/member' | '/from' | '/to' | '/into',
): Promise<MemberId> => {
  const member = await services.resolver.find(programOf(request), identityOf(reference));
  if (member === null) throw memberNotFound(pointer);
  return member;
};

/**
 * The member whom an id was given to: of one that was merged, the member itself, not the one it is merged into. For what
 * was recorded of it, and for merging and parting.
 */
export const memberItself = async (
  services: Services,
  request: FastifyRequest,
  reference: string,
): Promise<MemberId> => {
  const program = programOf(request);
  const identity = identityOf(reference);
  const [merged, member] = await Promise.all([
    identity.kind === 'id' ? services.resolver.find(program, { kind: MERGED, value: identity.value }) : null,
    services.resolver.find(program, identity),
  ]);
  const found = merged ?? member;
  if (found === null) throw memberNotFound();
  return found;
};

/** Hands a command in and returns what came of it. */
export const submit = (services: Services, request: FastifyRequest, command: Command, key: string | null) => {
  const submission: Submission = {
    program: programOf(request),
    command,
    fingerprint: fingerprintOf(
      request.method,
      request.routeOptions.url ?? '',
      request.params ?? {},
      request.body ?? null,
    ),
    key,
    ...(request.apiKey === null ? {} : { apiKey: request.apiKey.key_id }),
    requestId: request.id,
    from: 'caller',
  };
  return services.queue.submit(submission);
};

/**
 * Sends a body that is text already. The type says `never` because the compiler cannot hold text against the schema of
 * the answer; the tests do.
 */
export const sendText = (reply: FastifyReply, status: number, body: string): never =>
  reply
    .code(status)
    .type(status < 400 ? 'application/json' : PROBLEM_JSON)
    .send(body) as never;

/** Hands a command in and answers with its stored bytes. */
export const answer = async (
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  command: Command,
  key: string | null,
): Promise<never> => {
  const { status, body, replayed } = await submit(services, request, command, key);
  if (replayed) reply.header('idempotent-replayed', 'true');
  return sendText(reply, status, body);
};
