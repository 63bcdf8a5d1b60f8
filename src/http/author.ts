import type { FastifyRequest } from 'fastify';
import type { Author } from '../commands/configure.ts';
import type { Services } from './services.ts';

/** Who changes the configuration: the key the request came with, now. */
export const authorOf = (services: Services, { apiKey }: FastifyRequest): Author => {
  if (apiKey === null) throw new Error('the route takes no key');
  return { program: apiKey.program_id, changedBy: apiKey.key_id, now: services.clock() };
};
