import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { App, Services } from '../services.ts';

/** Seconds; from an answer out of memory to one that waited for a full queue. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Prometheus metrics of this instance. Labels are route templates and status codes, never ids. */
export const metricsRoutes = (app: App, services: Services): void => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'tessera_' });
  const durations = new Histogram({
    name: 'tessera_http_request_duration_seconds',
    help: 'Time from the first byte of a request to the last of its answer.',
    labelNames: ['method', 'route', 'status_code'] as const,
    buckets: BUCKETS,
    registers: [registry],
  });
  const replays = new Counter({
    name: 'tessera_replayed_answers_total',
    help: 'Answers given again.',
    registers: [registry],
  });
  new Gauge({
    name: 'tessera_commands_waiting',
    help: 'Commands that wait for a batch.',
    registers: [registry],
    collect() {
      this.set(services.queue.length);
    },
  });
  app.addHook('onResponse', async (request, reply) => {
    const labels = {
      method: request.method,
      route: request.routeOptions.url ?? '(none)',
      status_code: reply.statusCode,
    };
    durations.observe(labels, reply.elapsedTime / 1_000);
    if (reply.getHeader('idempotent-replayed') !== undefined) replays.inc();
  });
  app.get('/metrics', { config: { scope: 'none' }, schema: { hide: true } }, async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
};
