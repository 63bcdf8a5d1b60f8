import type { FastifyRequest } from 'fastify';
import type { ProgramId } from '../../model/ids.ts';
import { limits } from '../../model/limits.ts';
import type { Reward } from '../../model/reward.ts';
import { closed, ref } from '../../model/schema.ts';
import { code } from '../../model/text.ts';
import { CodePool, CodesImported, ImportCodes } from '../../model/voucher.ts';
import { findResource } from '../../rules/resources.ts';
import type { Db } from '../../store/connection.ts';
import { loadCurrent } from '../../store/programs.ts';
import { countCodes, importCodes } from '../../store/voucher-codes.ts';
import { programOf } from '../auth.ts';
import { ProblemError } from '../problem-error.ts';
import { bodyProblems, keyProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';

/** A reward by its code. */
export const rewardParams = closed({ code: code('Code of the reward.', 'free-coffee') });

/** The reward that a request names. */
export const rewardOf = async (
  db: Db,
  program: ProgramId,
  request: FastifyRequest,
): Promise<Reward & { readonly code: string }> => {
  const { code: reward } = request.params as { code: string };
  const { configuration } = await loadCurrent(db, program);
  const found = findResource(configuration, 'rewards', reward);
  if (found === undefined) throw new ProblemError('not_found', `there is no reward ${reward}`);
  return { ...found.body, code: reward };
};

export const rewardCodeRoutes = (app: App, services: Services): void => {
  app.post(
    '/v1/rewards/:code/codes',
    {
      config: { scope: 'configure' },
      schema: {
        operationId: 'importRewardCodes',
        tags: ['rewards'],
        security: [{ apiKey: [] }],
        summary: 'Hand in codes for the pool of a reward',
        description: `Up to ${limits.codesPerImport} codes, each of which goes to one voucher of a reward with \`voucher.codes: pool\`. A code belongs to one reward of the program. The same again is harmless: what is known is passed over. Codes can be handed in before the reward is for sale.`,
        params: rewardParams,
        body: ref(ImportCodes),
        response: {
          200: { description: 'How many were new.', ...ref(CodesImported) },
          ...problemResponses(...pathProblems, ...bodyProblems, ...keyProblems, 'not_found'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      return services.database.transaction(program, async (tx) =>
        importCodes(tx, program, (await rewardOf(tx, program, request)).code, request.body.codes),
      );
    },
  );

  app.get(
    '/v1/rewards/:code/codes',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'countRewardCodes',
        tags: ['rewards'],
        security: [{ apiKey: [] }],
        summary: 'Count the codes in the pool of a reward',
        description: 'How many are still to be drawn, and how many were given out. The codes themselves are not shown.',
        params: rewardParams,
        response: {
          200: { description: 'How many codes there are.', ...ref(CodePool) },
          ...problemResponses(...pathProblems, ...keyProblems, 'not_found'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      return services.database.transaction(program, async (tx) =>
        countCodes(tx, program, (await rewardOf(tx, program, request)).code),
      );
    },
  );
};
