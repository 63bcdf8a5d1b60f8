import { Activity, ActivityAnswer, RecordActivity } from '../../model/activity.ts';
import { memberRef } from '../../model/member.ts';
import { closed, ref } from '../../model/schema.ts';
import { callerId } from '../../model/text.ts';
import { activityView, findActivity, listActivities } from '../../store/activity-reads.ts';
import { programOf } from '../auth.ts';
import type { Prepare } from '../call.ts';
import { idempotencyKey, optionalKey } from '../idempotency.ts';
import { numberPositionOf, pageOf, pageQuery } from '../paging.ts';
import { ProblemError } from '../problem-error.ts';
import { bodyProblems, dataPage, keyProblems, listProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';
import { answer, memberItself, memberOf } from '../submit.ts';

export const recordActivity: Prepare<unknown, RecordActivity> = async (services, call) => {
  const key = idempotencyKey(call);
  const member_id = await memberOf(services, call, call.body.member, '/member');
  return { command: { kind: 'record_activity', member_id, report: call.body }, key };
};

export const activityRoutes = (app: App, services: Services): void => {
  app.post(
    '/v1/activities',
    {
      config: { scope: 'write' },
      schema: {
        operationId: 'recordActivity',
        tags: ['activities'],
        security: [{ apiKey: [] }],
        summary: 'Record an activity',
        description:
          'Counts what the member did, gives the points the earn rules give, and looks at tiers and segments again, all in one transaction. The fields are those of the activity type. The `nps` of a survey is kept with the member, the latest answer counting. Enrolments, birthdays, anniversaries and referrals are recorded by the engine itself. The same id and content again gets the first answer again.',
        headers: optionalKey,
        body: ref(RecordActivity),
        response: {
          201: { description: 'Recorded; `Idempotent-Replayed: true` when it was before.', ...ref(ActivityAnswer) },
          ...problemResponses(
            ...bodyProblems,
            'idempotency_key_invalid',
            ...keyProblems,
            'member_not_found',
            'member_closed',
            'member_erased',
            'activity_conflict',
            'idempotency_key_reused',
            'unknown_activity_type',
            'engine_activity',
            'unknown_field',
            'invalid_field',
            'invalid_context',
            'occurred_in_future',
            'report_too_late',
            'number_too_large',
            'overloaded',
          ),
        },
      },
    },
    (request, reply) => answer(services, request, reply, recordActivity),
  );

  app.get(
    '/v1/activities/:id',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getActivity',
        tags: ['activities'],
        security: [{ apiKey: [] }],
        summary: 'Read an activity',
        description: 'The activity as recorded, and which rules gave how many points.',
        params: closed({ id: callerId('The caller’s own id of the activity.', 'a-2026-0001') }),
        response: {
          200: { description: 'The activity.', ...ref(Activity) },
          ...problemResponses(...pathProblems, ...keyProblems, 'not_found'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const found = await services.database.transaction(program, (tx) => findActivity(tx, program, request.params.id));
      if (found === null) throw new ProblemError('not_found', 'no activity of this id was recorded');
      return activityView(found);
    },
  );

  app.get(
    '/v1/members/:id/activities',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listActivities',
        tags: ['activities'],
        security: [{ apiKey: [] }],
        summary: 'List a member’s activities',
        description: 'The last recorded first, birthdays, anniversaries and referrals among them.',
        params: closed({ id: memberRef }),
        querystring: closed(pageQuery),
        response: {
          200: { description: 'A page of activities.', ...dataPage(ref(Activity)) },
          ...problemResponses(...pathProblems, ...listProblems, ...keyProblems, 'member_not_found'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const member = await memberItself(services, request, request.params.id);
      const { limit = 20, cursor } = request.query;
      const list = ['activities', program, member];
      const before = numberPositionOf(list, cursor);
      const rows = await services.database.transaction(program, (tx) =>
        listActivities(tx, program, member, before, limit + 1),
      );
      return pageOf(rows, limit, list, (row) => `${row.number}`, activityView);
    },
  );
};
