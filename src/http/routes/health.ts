import { Type } from 'typebox';
import { ping } from '../../store/programs.ts';
import { ProblemError } from '../problem-error.ts';
import { problemResponses } from '../responses.ts';
import type { App, Lifecycle, Services } from '../services.ts';

const status = { description: 'All is well.', ...Type.Object({ status: Type.String({ examples: ['ok'] }) }) };

/** How long the database may take to answer before the instance counts as not ready. */
const READY_WITHIN_MS = 2_000;

const within = <T>(promise: Promise<T>, milliseconds: number): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('too late')), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

export const healthRoutes = (app: App, services: Services, lifecycle: Lifecycle): void => {
  app.get(
    '/health/live',
    {
      config: { scope: 'none' },
      schema: {
        operationId: 'getLiveness',
        tags: ['operations'],
        security: [],
        summary: 'Is the process alive',
        description: 'Says nothing of the database.',
        response: { 200: status, ...problemResponses('malformed_request') },
      },
    },
    async () => ({ status: 'ok' }),
  );

  app.get(
    '/health/ready',
    {
      config: { scope: 'none' },
      schema: {
        operationId: 'getReadiness',
        tags: ['operations'],
        security: [],
        summary: 'Can the instance take requests',
        description: 'True when the database answers within two seconds and the instance is not shutting down.',
        response: { 200: status, ...problemResponses('malformed_request', 'draining', 'unavailable') },
      },
    },
    async () => {
      if (lifecycle.stopping)
        throw new ProblemError('draining', 'the service is shutting down', {}, { 'retry-after': '2' });
      await within(services.database.observe(ping), READY_WITHIN_MS).catch(() => {
        throw new ProblemError('unavailable', 'the database does not answer', {}, { 'retry-after': '2' });
      });
      return { status: 'ok' };
    },
  );
};
