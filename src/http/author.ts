import type { FastifyRequest } from 'fastify';
import type { KeyAuthor } from '../commands/api-keys.ts';
import type { Author } from '../commands/configure.ts';
import type { Services } from './services.ts';

/** Who changes the configuration: the key the request came with, now. */
export const authorOf = (services: Services, { apiKey, id }: FastifyRequest): Author => {
  if (apiKey === null) throw new Error('the route takes no key');
  return { program: apiKey.program_id, changedBy: apiKey.key_id, requestId: id, now: services.clock() };
};

/** Who makes or revokes a key: the key the request came with, or else the operator. */
export const keyAuthor = ({ apiKey, id: requestId }: FastifyRequest): KeyAuthor => ({
  author: apiKey?.key_id ?? 'operator',
  requestId,
});
