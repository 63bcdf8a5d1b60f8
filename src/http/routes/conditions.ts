import { Type } from 'typebox';
import { explainForMember } from '../../commands/explain-condition.ts';
import { identityOf } from '../../commands/resolve-member.ts';
import { CheckCondition, CONDITION_TRIGGERS, ConditionCheck } from '../../model/condition-check.ts';
import { ConditionFieldList } from '../../model/condition-field.ts';
import { ConditionExplanation, ExplainCondition } from '../../model/explanation.ts';
import { closed, ref } from '../../model/schema.ts';
import { code } from '../../model/text.ts';
import { conditionFieldViews } from '../../rules/condition-field-views.ts';
import type { ConditionContext } from '../../rules/conditions/field.ts';
import { checkDraftCondition } from '../../rules/draft-condition.ts';
import { oneOf } from '../../rules/suggest.ts';
import { programOf } from '../auth.ts';
import { conditionsOf, triggeredBy, validCondition } from '../condition-context.ts';
import { memberNotFound, ProblemError } from '../problem-error.ts';
import { bodyProblems, keyProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';

const noSuchActivity = ({ fields }: ConditionContext, activity: string | undefined, pointer: string) => ({
  pointer,
  code: activity === undefined ? 'required' : 'unknown_activity_type',
  detail: activity === undefined ? 'of which type is not said' : 'there is no such type of activity',
  expected: oneOf(activity ?? '', fields.activityTypes),
});

/** What helps to write conditions. */
export const conditionRoutes = (app: App, services: Services): void => {
  app.get(
    '/v1/condition-fields',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listConditionFields',
        tags: ['configuration'],
        security: [{ apiKey: [] }],
        summary: 'List what conditions can read',
        description:
          'Everything a form builder needs: the fields with their types, units, operators, allowed values and parameters, built in and declared. Conditions of tiers and segments have no trigger; those of earn rules also read the purchase or activity that sets the rule off.',
        querystring: closed({
          trigger: Type.Optional(
            Type.Enum([...CONDITION_TRIGGERS], {
              description: 'What sets the rule off that the condition stands in. Absent: `none`.',
              examples: ['activity'],
            }),
          ),
          activity: Type.Optional(code('With `activity`: the type.', 'review')),
        }),
        response: {
          200: { description: 'The fields.', ...ref(ConditionFieldList) },
          ...problemResponses('invalid_request', ...keyProblems),
        },
      },
    },
    async (request) => {
      const { trigger = 'none', activity } = request.query;
      const { context } = await conditionsOf(services, request);
      const there = triggeredBy(context, trigger, activity);
      if (there === null)
        throw new ProblemError('invalid_request', 'no such type of activity', {
          errors: [noSuchActivity(context, activity, '/query/activity')],
        });
      return conditionFieldViews(there.fields, there.trigger);
    },
  );

  app.post(
    '/v1/conditions/check',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'checkCondition',
        tags: ['configuration'],
        security: [{ apiKey: [] }],
        summary: 'Check a condition',
        description:
          'Everything that is wrong with it at once, or the tree, the text and what it depends on. Nothing is changed, and no condition is refused: the problems are the answer.',
        body: ref(CheckCondition),
        response: {
          200: { description: 'What is to be said of it.', ...ref(ConditionCheck) },
          ...problemResponses(...bodyProblems, ...keyProblems),
        },
      },
    },
    async (request) => {
      const { condition, for: place = {} } = request.body;
      const { context } = await conditionsOf(services, request);
      const there = triggeredBy(context, place.trigger ?? 'none', place.activity);
      if (there !== null) return checkDraftCondition(condition, there, '/condition');
      const answer = checkDraftCondition(condition, context, '/condition');
      const fault = noSuchActivity(context, place.activity, '/for/activity');
      return { ...answer, valid: false, problems: [fault], condition: null, text: null, dependencies: null };
    },
  );

  app.post(
    '/v1/conditions/explain',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'explainCondition',
        tags: ['configuration'],
        security: [{ apiKey: [] }],
        summary: 'Explain a condition for a member',
        description:
          'Whether the condition is true of the member now, clause by clause: what was read, what was absent, how far numbers are from what is needed, and the clauses that decided in words.',
        body: ref(ExplainCondition),
        response: {
          200: { description: 'The explanation.', ...ref(ConditionExplanation) },
          ...problemResponses(...bodyProblems, ...keyProblems, 'member_not_found', 'invalid_condition'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const { context } = await conditionsOf(services, request);
      const condition = validCondition(request.body.condition, context, '/condition');
      const found = await services.members.find(program, identityOf(request.body.member));
      if (found === null) throw memberNotFound('/member');
      return explainForMember(services.database, program, found, condition, context);
    },
  );
};
