import { previewCondition, previewSegment } from '../../commands/preview.ts';
import {
  ConditionPreview,
  PreviewCondition,
  PreviewSegment,
  SAMPLE_MAX,
  SegmentPreview,
} from '../../model/condition-preview.ts';
import { closed, ref } from '../../model/schema.ts';
import { code } from '../../model/text.ts';
import { findResource } from '../../rules/resources.ts';
import { programOf } from '../auth.ts';
import { conditionsOf, validCondition } from '../condition-context.ts';
import { ProblemError } from '../problem-error.ts';
import { bodyProblems, keyProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';

const MEANING =
  'Counted in the database over all members, by what has been recorded of them: points that time alone releases, and tiers and segments that it alone changes, are as the background job left them, within seconds.';

/** Who a condition would select, before it is put to use. */
export const conditionPreviewRoutes = (app: App, services: Services): void => {
  app.post(
    '/v1/conditions/preview',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'previewCondition',
        tags: ['configuration'],
        security: [{ apiKey: [] }],
        summary: 'Count the members a condition is true for',
        description: `How many there are, and some of them, in an order of the engine’s own. Only conditions on members: there is no purchase and no activity here. ${MEANING}`,
        body: ref(PreviewCondition),
        response: {
          200: { description: 'The members.', ...ref(ConditionPreview) },
          ...problemResponses(...bodyProblems, ...keyProblems, 'invalid_condition', 'survey_too_long'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const { limit = SAMPLE_MAX } = request.body;
      const { context, now } = await conditionsOf(services, request);
      const condition = validCondition(request.body.condition, context, '/condition');
      return previewCondition(services.database, { program, context, now }, condition, limit);
    },
  );

  app.post(
    '/v1/segments/:code/preview',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'previewSegment',
        tags: ['configuration'],
        security: [{ apiKey: [] }],
        summary: 'See who would be in a segment',
        description: `Who would enter and leave, compared with who is in it now: with the conditions of the body, or, without, with those the segment has. An exit is honoured as it stands: who is inside stays while it is not true. With a condition the segment need not exist yet. What other segments and tiers read of this one is not followed. ${MEANING}`,
        params: closed({ code: code('Code of the segment.', 'win-back') }),
        body: ref(PreviewSegment),
        response: {
          200: { description: 'What would come of it.', ...ref(SegmentPreview) },
          ...problemResponses(
            ...pathProblems,
            ...bodyProblems,
            ...keyProblems,
            'not_found',
            'invalid_condition',
            'survey_too_long',
          ),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const { code: segment } = request.params;
      const { condition, exit, limit = SAMPLE_MAX } = request.body;
      const { configuration, context, now } = await conditionsOf(services, request);
      const stored = findResource(configuration, 'segments', segment)?.body;
      if (stored === undefined && condition === undefined)
        throw new ProblemError('not_found', `there is no segment ${segment}`);
      const asStored = condition === undefined && exit === undefined;
      const tried = asStored ? stored?.exit : exit;
      const conditions = {
        condition: validCondition(condition ?? stored?.condition, context, '/condition'),
        exit: tried === undefined || tried === null ? null : validCondition(tried, context, '/exit'),
      };
      return previewSegment(services.database, { program, context, now }, segment, conditions, limit);
    },
  );
};
