import type { FastifyRequest } from 'fastify';
import type { BatchKind } from '../model/batch.ts';
import { problemOf } from '../model/problem.ts';
import { problems } from '../model/problem-codes.ts';
import { madeBy, namedBy } from './batch-names.ts';
import type { Call, Prepare, Prepared } from './call.ts';
import { toProblemError } from './errors.ts';
import { ProblemError } from './problem-error.ts';
import type { Services } from './services.ts';
import { submit } from './submit.ts';

/** A command of a batch, once its shape is right. */
export interface BatchItem {
  readonly index: number;
  readonly kind: BatchKind;
  readonly call: Call;
  readonly prepare: Prepare;
}

/** What a command is answered: the status and the bytes the single operation would have. */
export interface ItemAnswer {
  readonly status: number;
  readonly body: string;
  readonly replayed: boolean;
}

/** An error as the answer it would have been. */
export const answerOf = (request: FastifyRequest, error: unknown): ItemAnswer => {
  const problem = toProblemError(error as Error & { code: string; name: string });
  const { status } = problems[problem.code];
  if (status >= 500) request.log.error({ err: error, code: problem.code, request_id: request.id }, 'command failed');
  const body = JSON.stringify(problemOf(problem.code, problem.message, request.id, problem.details));
  return { status, body, replayed: false };
};

const NOT_THERE: ReadonlySet<string> = new Set(['member_not_found', 'redemption_not_found', 'not_found']);

/** Whether what the command is about may yet be made by one before it. */
const mayAppear = (error: unknown): boolean => error instanceof ProblemError && NOT_THERE.has(error.code);

/**
 * Hands commands in, those about one member in the order of the list: the queue keeps the order in which they come. What
 * cannot be looked up yet, as a command before it makes it, waits until all that could be handed in are answered, and so
 * does whatever names the same. Each such round answers at least the first command that waited.
 */
export const runItems = async (
  services: Services,
  request: FastifyRequest,
  items: readonly BatchItem[],
  answers: ItemAnswer[],
): Promise<void> => {
  let open = items;
  while (open.length > 0) {
    const looked = await Promise.allSettled(open.map(({ prepare, call }) => prepare(services, call)));
    const made = new Set<string>();
    const waiting = new Set<string>();
    const later: BatchItem[] = [];
    const running: Promise<void>[] = [];
    const hand = async ({ index, call }: BatchItem, prepared: Prepared): Promise<void> => {
      answers[index] = await submit(services, call, prepared).catch((error: unknown) => answerOf(request, error));
    };
    for (const [place, item] of open.entries()) {
      const result = looked[place];
      const makes = madeBy(item.kind, item.call);
      const names = [...namedBy(item.kind, item.call), ...makes];
      const isMissing = result?.status === 'rejected' && mayAppear(result.reason);
      if (names.some((name) => waiting.has(name)) || (isMissing && names.some((name) => made.has(name)))) {
        later.push(item);
        for (const name of names) waiting.add(name);
      } else if (result?.status === 'fulfilled') running.push(hand(item, result.value));
      else answers[item.index] = answerOf(request, result?.reason);
      for (const name of makes) made.add(name);
    }
    await Promise.all(running);
    open = later;
  }
};
