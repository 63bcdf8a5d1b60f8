import { RewardStock } from '../../model/reward-stock.ts';
import { ref } from '../../model/schema.ts';
import { findStock } from '../../store/reward-stock.ts';
import { programOf } from '../auth.ts';
import { keyProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';
import { rewardOf, rewardParams } from './reward-codes.ts';

export const rewardStockRoutes = (app: App, services: Services): void => {
  app.get(
    '/v1/rewards/:code/stock',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getRewardStock',
        tags: ['rewards'],
        security: [{ apiKey: [] }],
        summary: 'Read how much is left of a reward',
        description:
          'What holds keep counts as used; what is voided, lapses or is refunded comes back. Nothing is counted while a reward has no stock.',
        params: rewardParams,
        response: {
          200: { description: 'The stock as it is now.', ...ref(RewardStock) },
          ...problemResponses(...pathProblems, ...keyProblems, 'not_found'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      return services.database.transaction(program, async (tx) => {
        const { code, stock } = await rewardOf(tx, program, request);
        const used = await findStock(tx, program, code);
        return { stock, used, left: stock === null ? null : Math.max(0, stock - used) };
      });
    },
  );
};
