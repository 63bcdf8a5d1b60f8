import type { FastifyReply } from 'fastify';
import { fingerprintOf } from '../commands/fingerprint.ts';
import { memberView } from '../commands/member-view.ts';
import { identityOf } from '../commands/resolve-member.ts';
import type { Outcome, Submission } from '../commands/submission.ts';
import type { MemberId } from '../model/ids.ts';
import { MERGED } from '../store/identities.ts';
import { programOf } from './auth.ts';
import type { Call, Prepare, Prepared } from './call.ts';
import { PROBLEM_JSON } from './errors.ts';
import { memberErased, memberNotFound } from './problem-error.ts';
import type { Services } from './services.ts';

/** The member a request names, or the answer that there is none. */
export const memberOf = async (
  services: Services,
  call: Call,
  reference: string,
  pointer?: '/member' | '/from' | '/to' | '/into',
): Promise<MemberId> => {
  const member = await services.resolver.find(programOf(call), identityOf(reference));
  if (member === null) throw memberNotFound(pointer);
  return member;
};

/**
 * The member whom an id was given to: of one that was merged, the member itself, not the one it is merged into. For what
 * was recorded of it, and for merging and parting.
 */
export const memberItself = async (services: Services, call: Call, reference: string): Promise<MemberId> => {
  const program = programOf(call);
  const identity = identityOf(reference);
  const [merged, member] = await Promise.all([
    identity.kind === 'id' ? services.resolver.find(program, { kind: MERGED, value: identity.value }) : null,
    services.resolver.find(program, identity),
  ]);
  const found = merged ?? member;
  if (found === null) throw memberNotFound();
  return found;
};

/** The member of this name as it is now: the bytes of the answer. */
export const memberText = async (
  services: Services,
  call: Call,
  reference: string,
  more: object = {},
): Promise<string> => {
  const found = await services.members.find(programOf(call), identityOf(reference));
  if (found === null) throw memberNotFound();
  if (found.state.status === 'erased') throw memberErased();
  return JSON.stringify({ ...memberView(found), ...more });
};

/** Hands a command in and returns what the caller is answered. */
export const submit = async (
  services: Services,
  call: Call,
  { command, key, show }: Prepared,
): Promise<Omit<Outcome, 'followed'>> => {
  const submission: Submission = {
    program: programOf(call),
    command,
    fingerprint: fingerprintOf(call.method, call.routeOptions.url ?? '', call.params ?? {}, call.body ?? null),
    key,
    ...(call.apiKey === null ? {} : { apiKey: call.apiKey.key_id }),
    requestId: call.id,
    from: 'caller',
  };
  const outcome = await services.queue.submit(submission);
  if (show === undefined || outcome.status >= 400) return outcome;
  // What identities brought along is claimed right after the commit; the answer shows it, unless that failed.
  await outcome.followed;
  const result = outcome.body === '' ? {} : (JSON.parse(outcome.body) as object);
  return { ...outcome, body: await memberText(services, call, show, result) };
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

/** Does what a request wants, and answers with the bytes that came of it. */
export const answer = async <P, B>(
  services: Services,
  call: Call<P, B>,
  reply: FastifyReply,
  prepare: Prepare<P, B>,
): Promise<never> => {
  const { status, body, replayed } = await submit(services, call, await prepare(services, call));
  if (replayed) reply.header('idempotent-replayed', 'true');
  return sendText(reply, status, body);
};
