import type { FastifyRequest } from 'fastify';
import type { TSchema } from 'typebox';
import { BATCH_BODIES, Batch, BatchAnswer, type BatchKind, pathOf } from '../../model/batch.ts';
import type { Fault } from '../../model/problem.ts';
import { ref } from '../../model/schema.ts';
import { closest, oneOf } from '../../rules/suggest.ts';
import { batchOperations } from '../batch-operations.ts';
import type { Call, Prepare } from '../call.ts';
import { ProblemError } from '../problem-error.ts';
import { bodyProblems, keyProblems, problemResponses } from '../responses.ts';
import { answerOf, type BatchItem, type ItemAnswer, runItems } from '../run-batch-call.ts';
import type { App, Services } from '../services.ts';
import { faultsOf } from '../validation.ts';
import { checksOf } from '../validators.ts';

/** Bytes of a batch: eight times those of a single body. */
const BATCH_BYTES = 8 * 1_048_576;

const invalid = (faults: readonly Fault[]): ProblemError =>
  new ProblemError('invalid_request', `${faults.length} fault${faults.length === 1 ? '' : 's'} in the command`, {
    errors: faults.map((fault) => ({ ...fault })),
  });

/** What is wrong with the frame of a command, or the kind it is of. */
const kindOf = (command: Readonly<Record<string, unknown>>): BatchKind => {
  const { kind, idempotency_key } = command;
  if (typeof kind !== 'string' || !Object.hasOwn(batchOperations, kind)) {
    const expected = oneOf(typeof kind === 'string' ? kind.slice(0, 64) : '', Object.keys(batchOperations));
    throw invalid([{ pointer: '/kind', code: 'enum', detail: 'is no kind of command', expected }]);
  }
  const names = ['kind', 'idempotency_key', 'body', ...pathOf(kind as BatchKind)];
  const unknown = Object.keys(command).filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw invalid(
      unknown.slice(0, 50).map((name) => {
        const meant = closest(name.slice(0, 64), names);
        const pointer = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
        const expected = meant === null ? 'no such property' : `no such property; did you mean ${meant}?`;
        return { pointer, code: 'additionalProperties', detail: 'is not a property of this kind', expected };
      }),
    );
  if (idempotency_key !== undefined && typeof idempotency_key !== 'string')
    throw new ProblemError('idempotency_key_invalid', 'an Idempotency-Key is 1 to 255 visible characters');
  return kind as BatchKind;
};

export const batchRoutes = (app: App, services: Services): void => {
  const checkOf = checksOf(app);
  const hold = (kind: BatchKind, place: 'params' | 'body', schema: TSchema, value: unknown): void => {
    const check = checkOf(kind, place, schema);
    if (check(value) === false) throw invalid(faultsOf(check.errors ?? [], place));
  };
  const itemOf = (request: FastifyRequest, index: number, command: Readonly<Record<string, unknown>>): BatchItem => {
    const kind = kindOf(command);
    const { method, route, scope, params: paramsSchema, prepare } = batchOperations[kind];
    const { apiKey, id } = request;
    if (apiKey === null || !apiKey.scopes.includes(scope))
      throw new ProblemError('insufficient_scope', `key ${apiKey?.key_id} lacks the scope ${scope}`);
    const { idempotency_key, body } = command;
    const params = Object.fromEntries(pathOf(kind).flatMap((name) => (name in command ? [[name, command[name]]] : [])));
    hold(kind, 'params', paramsSchema, params);
    const bodySchema = BATCH_BODIES[kind];
    if (bodySchema !== null) hold(kind, 'body', ref(bodySchema), body);
    const headers = idempotency_key === undefined ? {} : { 'idempotency-key': idempotency_key as string };
    const call: Call = { id, method, routeOptions: { url: route }, params, body, headers, apiKey };
    return { index, kind, call, prepare: prepare as Prepare };
  };

  app.post(
    '/v1/batch',
    {
      config: { scope: 'write' },
      bodyLimit: BATCH_BYTES,
      schema: {
        operationId: 'runBatch',
        tags: ['bulk'],
        security: [{ apiKey: [] }],
        summary: 'Run many commands in one call',
        description:
          'Up to 1,000 commands in at most 8 MiB, a result each: status and body are what the single operation would have answered, problems included. Each is decided for itself, so one that is refused or malformed stops no other, and the call is answered 200 whatever became of them. Those about one member take effect in the order of the list; a member enrolled, a purchase recorded or a redemption made by one command can be named by the next. The same as the single calls: what was sent singly and comes again in a batch is replayed, and the other way round. A command that needs a scope the key lacks is `insufficient_scope` (`adjust` for adjustments, opening balances, entitlements, tiers, unfreezing and cancelling vouchers). A batch counts as one request against the rate limit. When a batch was not answered, send it again: what has an id or key of its own is not done twice.',
        body: ref(Batch),
        response: {
          200: { description: 'A result for each command.', ...ref(BatchAnswer) },
          ...problemResponses(...bodyProblems, ...keyProblems),
        },
      },
    },
    async (request, reply) => {
      const { commands } = request.body;
      const answers: ItemAnswer[] = new Array(commands.length);
      const items = commands.flatMap((command, index): BatchItem[] => {
        try {
          return [itemOf(request, index, command)];
        } catch (error) {
          answers[index] = answerOf(request, error);
          return [];
        }
      });
      await runItems(services, request, items, answers);
      const results = answers.map(
        ({ status, body, replayed }, index) =>
          `{"index":${index},"status":${status},${replayed ? '"idempotent_replayed":true,' : ''}"body":${body}}`,
      );
      const failed = answers.filter(({ status }) => status >= 400).length;
      const text = `{"succeeded":${answers.length - failed},"failed":${failed},"results":[${results.join(',')}]}`;
      return reply.type('application/json').send(text as never);
    },
  );
};
