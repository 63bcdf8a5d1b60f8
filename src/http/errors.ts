import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ErrorObject } from 'ajv';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { failureOf } from '../commands/failures.ts';
import { Draining, QueueFull } from '../commands/queue.ts';
import { type Problem, problemOf } from '../model/problem.ts';
import { type ProblemCode, problems } from '../model/problem-codes.ts';
import { SurveyTooLong } from '../store/database.ts';
import { ProblemError } from './problem-error.ts';
import type { App } from './services.ts';
import { faultsOf } from './validation.ts';

export const PROBLEM_JSON = 'application/problem+json';

const send = (reply: FastifyReply, problem: Problem, headers: Readonly<Record<string, string>> = {}): FastifyReply =>
  reply
    .code(problem.status)
    .header('x-request-id', problem.request_id)
    .headers(headers)
    .type(PROBLEM_JSON)
    .send(JSON.stringify(problem));

/** Fastify's own error codes, and ours for them. */
const FASTIFY_CODES: Record<string, ProblemCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'malformed_request',
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed_request',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformed_request',
  FST_ERR_BAD_URL: 'malformed_request',
  FST_ERR_MAX_PARAM_LENGTH: 'uri_too_long',
};

/** The header schema requires the key for the document's sake; its absence has a code of its own. */
const lacksIdempotencyKey = ({ validation, validationContext }: FastifyError): boolean =>
  validationContext === 'headers' &&
  validation?.some(
    ({ keyword, params }) => keyword === 'required' && params['missingProperty'] === 'idempotency-key',
  ) === true;

/** The problem an error of any kind comes to. */
export const toProblemError = (error: FastifyError): ProblemError => {
  if (error instanceof ProblemError) return error;
  if (error instanceof QueueFull)
    return new ProblemError('overloaded', 'the queue of commands is full', {}, { 'retry-after': '1' });
  if (error instanceof Draining)
    return new ProblemError(
      'draining',
      'the service is shutting down',
      {},
      { 'retry-after': '2', connection: 'close' },
    );
  if (error instanceof SurveyTooLong)
    return new ProblemError('survey_too_long', error.message, {}, { 'retry-after': '10' });
  if (lacksIdempotencyKey(error)) {
    return new ProblemError('idempotency_key_required', 'send an Idempotency-Key: this body has no id of its own');
  }
  if (error.validation !== undefined) {
    const faults = faultsOf(error.validation as ErrorObject[], error.validationContext ?? 'body');
    return new ProblemError(
      'invalid_request',
      `${error.validation.length} fault${error.validation.length === 1 ? '' : 's'} in the request`,
      { errors: faults.map((fault) => ({ ...fault })) },
    );
  }
  const known = FASTIFY_CODES[error.code];
  if (known !== undefined) return new ProblemError(known, problems[known].title);
  if (error.statusCode === 400) return new ProblemError('malformed_request', 'the body is not JSON that can be taken');
  if (failureOf(error) !== 'isolate')
    return new ProblemError('unavailable', 'the database does not answer', {}, { 'retry-after': '2' });
  return new ProblemError('internal_error', 'the fault is logged under this request id');
};

export const errorHandler = (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
  const problem = toProblemError(error);
  if (problems[problem.code].status >= 500)
    request.log.error(
      { err: error, code: problem.code, request_id: request.id, route: request.routeOptions.url },
      'request failed',
    );
  return send(reply, problemOf(problem.code, problem.message, request.id, problem.details), problem.headers);
};

interface KnownPath {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

/**
 * Remembers which paths take which methods, so that a wrong method is answered 405 with `Allow` and not 404. Answered
 * before the body is read, whatever it is. The path is not repeated: it may name a person.
 */
export const notFoundHandler = (app: App): void => {
  const paths = new Map<string, KnownPath>();
  app.addHook('onRoute', (route) => {
    const known = paths.get(route.url) ?? {
      pattern: new RegExp(`^${route.url.replace(/:[^/]+/g, '[^/]+').replace(/\*$/, '.*')}$`),
      methods: new Set(),
    };
    for (const method of [route.method].flat()) known.methods.add(method);
    paths.set(route.url, known);
  });
  const notFound = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const path = request.url.split('?', 1)[0] ?? '';
    const methods = new Set(
      [...paths.values()].filter((known) => known.pattern.test(path)).flatMap((known) => [...known.methods]),
    );
    if (methods.size === 0 || methods.has(request.method))
      return send(reply, problemOf('not_found', 'nothing is at this path', request.id));
    return send(
      reply,
      problemOf('method_not_allowed', `${request.method} is not among ${[...methods].sort().join(', ')}`, request.id),
      { allow: [...methods].sort().join(', ') },
    );
  };
  app.addHook('onRequest', async (request, reply) => (request.is404 ? notFound(request, reply) : undefined));
  app.setNotFoundHandler(notFound);
};

const CLIENT_ERRORS: Record<string, ProblemCode> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

const write = (socket: Duplex, code: ProblemCode): void => {
  const { status, title } = problems[code];
  const id = randomUUID();
  const body = JSON.stringify(problemOf(code, title, id));
  const head = [
    `HTTP/1.1 ${status} ${title}`,
    `Content-Type: ${PROBLEM_JSON}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${id}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
};

/** What is not HTTP never reaches a route: the answer is written on the socket. */
export const clientErrorHandler = (error: Error & { code?: string }, socket: Socket): void => {
  if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
  else write(socket, CLIENT_ERRORS[error.code ?? ''] ?? 'malformed_request');
};

/** What Node would answer by itself, with an empty body, or by closing the connection. */
export const answerForNode = (app: App): void => {
  app.server.on('connect', (_request, socket) => write(socket, 'malformed_request'));
  // An expectation that is not known may be ignored (RFC 9110, section 10.1.1).
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  app.addHook('onRequest', async ({ raw }) => {
    if (raw.headers.host === undefined && raw.httpVersionMinor > 0)
      throw new ProblemError('malformed_request', 'HTTP/1.1 requires a Host header');
  });
};
