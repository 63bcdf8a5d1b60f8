import type { FastifyRequest } from 'fastify';
import type { Condition } from '../model/condition.ts';
import type { Configuration } from '../model/configuration.ts';
import type { Instant } from '../model/instant.ts';
import { calendarOf } from '../rules/calendar.ts';
import type { ConditionContext, TriggerScope } from '../rules/conditions/field.ts';
import { fieldsOf } from '../rules/conditions/fields.ts';
import { draftCondition } from '../rules/draft-condition.ts';
import { loadCurrent } from '../store/programs.ts';
import { programOf } from './auth.ts';
import { ProblemError } from './problem-error.ts';
import type { Services } from './services.ts';

/** What the conditions of a request are checked against: the configuration as it stands, and what time it is there. */
export interface Conditions {
  readonly configuration: Configuration;
  readonly context: ConditionContext;
  readonly now: Instant;
}

export const conditionsOf = async (services: Services, request: FastifyRequest): Promise<Conditions> => {
  const program = programOf(request);
  const { row, configuration } = await services.database.read(program, (db) => loadCurrent(db, program));
  return {
    configuration,
    context: { fields: fieldsOf(configuration), calendar: calendarOf(row.time_zone), trigger: 'none' },
    now: row.clock ?? services.clock(),
  };
};

/** The context with another trigger, or null when there is no such type of activity. */
export const triggeredBy = (
  context: ConditionContext,
  trigger: 'none' | 'purchase' | 'activity',
  activity: string | undefined,
): ConditionContext | null => {
  if (trigger === 'activity' && !context.fields.activityTypes.includes(activity ?? '')) return null;
  const scope: TriggerScope = trigger === 'activity' ? { activity: activity ?? '' } : trigger;
  return { ...context, trigger: scope };
};

/** A condition on members, or the refusal that says everything that is wrong with it. */
export const validCondition = (input: unknown, context: ConditionContext, pointer: string): Condition => {
  const { condition, faults } = draftCondition(input, context, pointer);
  if (condition !== null) return condition;
  const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
  throw new ProblemError('invalid_condition', `${count} in the condition`, {
    errors: faults.map((fault) => ({ ...fault })),
  });
};
