import { Type } from 'typebox';
import { DELIVERY_STATUSES, Delivery, DeliveryAttempt } from '../../model/delivery.ts';
import { makeId } from '../../model/ids.ts';
import { instantText, instantTextOrNull } from '../../model/instant.ts';
import { closed, ref } from '../../model/schema.ts';
import { type DeliveryRow, listDeliveries } from '../../store/deliveries.ts';
import { type KnownAttempt, listAttempts } from '../../store/delivery-attempts.ts';
import { programOf } from '../auth.ts';
import { deliveryPlaceOf, largePositionOf, pageOf, pageQuery, textOfDeliveryPlace } from '../paging.ts';
import { dataPage, keyProblems, listProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';
import { streamOf, streamParams } from './stream-of.ts';

const deliveryView = ({
  member,
  number,
  position,
  status,
  attempts,
  next_at,
  last_error,
  created_at,
}: DeliveryRow) => ({
  event: makeId('evt', member, number),
  position,
  status,
  attempts,
  next_attempt_at: instantTextOrNull(next_at),
  last_error,
  created_at: instantText(created_at),
});

const attemptView = ({ message_id, attempt_id: _, at, ...attempt }: KnownAttempt) => ({
  message: message_id,
  ...attempt,
  at: instantText(at),
});

const problems = problemResponses(...pathProblems, ...listProblems, ...keyProblems, 'not_found');

export const streamDeliveryRoutes = (app: App, services: Services): void => {
  app.get(
    '/v1/streams/:code/deliveries',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listDeliveries',
        tags: ['events'],
        security: [{ apiKey: [] }],
        summary: 'List what a stream has not delivered',
        description:
          'Events that failed and are tried again, those that wait behind them, and those that were given up; the oldest first.',
        params: streamParams,
        querystring: closed({
          ...pageQuery,
          status: Type.Optional(Type.Enum([...DELIVERY_STATUSES], { description: 'Only these.', examples: ['dead'] })),
        }),
        response: { 200: { description: 'A page of deliveries.', ...dataPage(ref(Delivery)) }, ...problems },
      },
    },
    async (request) => {
      const program = programOf(request);
      const { code: stream } = request.params;
      const { limit = 20, cursor, status = null } = request.query;
      const list = ['deliveries', program, stream, status];
      const after = deliveryPlaceOf(list, cursor);
      const rows = await services.database.transaction(program, async (tx) => {
        await streamOf(tx, program, stream);
        return listDeliveries(tx, program, stream, status, after, limit + 1);
      });
      return pageOf(rows, limit, list, textOfDeliveryPlace, deliveryView);
    },
  );

  app.get(
    '/v1/streams/:code/attempts',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listDeliveryAttempts',
        tags: ['events'],
        security: [{ apiKey: [] }],
        summary: 'List the attempts of a stream',
        description: 'Every message that was sent or tried, the latest first, as long as events are kept.',
        params: streamParams,
        querystring: closed({
          ...pageQuery,
          failed: Type.Optional(Type.Enum(['true'], { description: 'Only those that failed.', examples: ['true'] })),
        }),
        response: { 200: { description: 'A page of attempts.', ...dataPage(ref(DeliveryAttempt)) }, ...problems },
      },
    },
    async (request) => {
      const program = programOf(request);
      const { code: stream } = request.params;
      const { limit = 20, cursor, failed } = request.query;
      const list = ['attempts', program, stream, failed];
      const before = largePositionOf(list, cursor);
      const rows = await services.database.transaction(program, async (tx) => {
        await streamOf(tx, program, stream);
        return listAttempts(tx, program, stream, failed === 'true', before, limit + 1);
      });
      return pageOf(rows, limit, list, ({ attempt_id }) => `${attempt_id}`, attemptView);
    },
  );
};
