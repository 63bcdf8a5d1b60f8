import type { Condition } from '../model/condition.ts';
import type { ConditionPreview, SegmentPreview } from '../model/condition-preview.ts';
import type { ProgramId } from '../model/ids.ts';
import { type Instant, instantText } from '../model/instant.ts';
import { conditionSql } from '../rules/conditions/condition-sql.ts';
import { dependenciesOf } from '../rules/conditions/dependencies.ts';
import type { ConditionContext } from '../rules/conditions/field.ts';
import type { SqlContext } from '../rules/conditions/field-sql.ts';
import type { Database } from '../store/database.ts';
import { countMembers, type SegmentPredicates, surveyMatching, surveySegment } from '../store/surveys.ts';

/** For which program, by which fields, as of when. */
export interface SurveyPlace {
  readonly program: ProgramId;
  readonly context: ConditionContext;
  readonly now: Instant;
}

export const sqlContextOf = ({ program, context, now }: SurveyPlace): SqlContext => ({
  ...context,
  program,
  now,
  today: context.calendar.dayOf(now),
});

/** What a checked segment says, as SQL. */
export const segmentPredicates = (
  segment: string,
  condition: Condition,
  exit: Condition | null,
  context: SqlContext,
): SegmentPredicates => {
  const conditions = exit === null ? [condition] : [condition, exit];
  return {
    segment,
    condition: conditionSql(condition, context),
    exit: exit === null ? null : conditionSql(exit, context),
    person: conditions.some((one) => dependenciesOf(one, context).person),
  };
};

const sampled = (members: readonly string[]) => members.map((member) => ({ member }));

/** The members a checked condition is true for. Throws `SurveyTooLong`. */
export const previewCondition = async (
  database: Database,
  place: SurveyPlace,
  condition: Condition,
  limit: number,
): Promise<ConditionPreview> => {
  const { program, context, now } = place;
  const predicate = conditionSql(condition, sqlContextOf(place));
  const { person } = dependenciesOf(condition, context);
  const { count, total, sample } = await database.survey(program, (db) =>
    surveyMatching(db, program, predicate, person, limit),
  );
  return { count, total, sample: sampled(sample), as_of: instantText(now) };
};

/** Who would be in a segment of these checked conditions. Throws `SurveyTooLong`. */
export const previewSegment = async (
  database: Database,
  place: SurveyPlace,
  segment: string,
  conditions: { readonly condition: Condition; readonly exit: Condition | null },
  limit: number,
): Promise<SegmentPreview> => {
  const { program, now } = place;
  const predicates = segmentPredicates(segment, conditions.condition, conditions.exit, sqlContextOf(place));
  const [found, total] = await database.survey(program, async (db) => [
    await surveySegment(db, program, predicates, limit),
    await countMembers(db, program),
  ]);
  return {
    count: found.after,
    now: found.before,
    would_enter: found.enter,
    would_leave: found.leave,
    entering: sampled(found.entering),
    leaving: sampled(found.leaving),
    total,
    as_of: instantText(now),
  };
};
