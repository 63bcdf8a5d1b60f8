import type { FastifyBaseLogger } from 'fastify';

/**
 * The log as requests get it. Fastify makes a child of it for each request; nearly no request logs, and a child costs a
 * few percent of one, so the log is its own child. The error handler names the request.
 */
export const requestLog = (log: FastifyBaseLogger): FastifyBaseLogger => {
  const shared: FastifyBaseLogger = Object.create(log, { child: { value: () => shared } });
  return shared;
};
