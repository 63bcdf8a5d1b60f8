import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { fastify, LogController } from 'fastify';
import { fingerprintOf } from '../../../src/commands/fingerprint.ts';
import { Authenticator, programOf } from '../../../src/http/auth.ts';
import { components } from '../../../src/http/components.ts';
import { errorHandler } from '../../../src/http/errors.ts';
import { memberNotFound } from '../../../src/http/problem-error.ts';
import { validatorCompiler } from '../../../src/http/validation.ts';
import { RecordPurchase } from '../../../src/model/purchase.ts';
import { CreateRedemption } from '../../../src/model/redemption.ts';
import { ref } from '../../../src/model/schema.ts';
import type { Database } from '../../../src/store/database.ts';
import { RulesCache } from '../../../src/store/rules-cache.ts';
import type { TransactionPool } from './pool.ts';
import { read } from './read.ts';
import { write } from './write.ts';

/**
 * The three requests of the benchmarks, served as a careful team would first write them: the same keys, the same
 * checks of the body, the same engine and rows, and for each request a transaction of its own.
 */
export function buildStraightforwardApp(database: Database, pool: TransactionPool) {
  const app = fastify({
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
  }).withTypeProvider<TypeBoxTypeProvider>();
  const rules = new RulesCache();
  const authenticator = new Authenticator(database, Date.now, undefined);
  app.setValidatorCompiler(validatorCompiler(components));
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.setErrorHandler(errorHandler);
  app.decorateRequest('apiKey', null);
  app.addHook('onRequest', async (request) => {
    request.apiKey = await authenticator.authenticate(request);
  });

  app.get('/health/ready', { config: { scope: 'none' } }, async () => ({ status: 'ok' }));

  app.post(
    '/v1/purchases',
    { config: { scope: 'write' }, schema: { body: ref(RecordPurchase) } },
    async (request, reply) => {
      const { body: report } = request;
      if (report.member === undefined) throw memberNotFound();
      const body = await write(pool, rules, {
        program: programOf(request),
        member: report.member,
        operation: { kind: 'purchase', id: report.id },
        commandFor: (member_id) => ({ kind: 'record_purchase', member_id, report }),
        fingerprint: fingerprintOf('POST', '/v1/purchases', {}, report),
      });
      return reply.code(201).type('application/json').send(body);
    },
  );

  app.post(
    '/v1/redemptions',
    { config: { scope: 'write' }, schema: { body: ref(CreateRedemption) } },
    async (request, reply) => {
      const { body: wanted } = request;
      const body = await write(pool, rules, {
        program: programOf(request),
        member: wanted.member,
        operation: { kind: 'redemption', id: wanted.id },
        commandFor: (member_id) => ({
          kind: 'redeem_points',
          member_id,
          request: { ...wanted, points: wanted.points ?? 0 },
        }),
        fingerprint: fingerprintOf('POST', '/v1/redemptions', {}, wanted),
      });
      return reply.code(201).type('application/json').send(body);
    },
  );

  app.get<{ Params: { id: string } }>('/v1/members/:id', { config: { scope: 'read' } }, async (request) =>
    read(pool, rules, programOf(request), request.params.id),
  );
  return app;
}
