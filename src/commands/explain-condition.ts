import type { Condition } from '../model/condition.ts';
import type { ConditionExplanation } from '../model/explanation.ts';
import type { ProgramId } from '../model/ids.ts';
import { instantText } from '../model/instant.ts';
import { dependenciesOf } from '../rules/conditions/dependencies.ts';
import { explainCondition } from '../rules/conditions/explain.ts';
import { explanationView, sentencesOf } from '../rules/conditions/explanation-view.ts';
import type { ConditionContext } from '../rules/conditions/field.ts';
import type { Database } from '../store/database.ts';
import { subjectWith } from './member-subject.ts';
import type { ReadMember } from './read-member.ts';

/** Why a checked condition is true, false or unknown of a member. */
export const explainForMember = async (
  database: Database,
  program: ProgramId,
  found: ReadMember,
  condition: Condition,
  context: ConditionContext,
): Promise<ConditionExplanation> => {
  const subject = await subjectWith(database, program, found, dependenciesOf(condition, context).windows);
  const explanation = explainCondition(condition, subject, context);
  return {
    member: found.state.external_id,
    result: `${explanation.result}`,
    explanation: explanationView(explanation, context),
    sentence: sentencesOf(explanation),
    as_of: instantText(found.now),
  };
};
