import type { ActivityAnswer, RecordActivity } from '../model/activity.ts';
import { accept, type Outcome, type Refusal, refuse } from '../model/decision.ts';
import { instantText } from '../model/instant.ts';
import type { Fault } from '../model/problem.ts';
import { ENGINE_ACTIVITIES } from '../rules/built-in-activities.ts';
import { faultsOfValues } from '../rules/declared-values.ts';
import type { Rules } from '../rules/rules.ts';
import { oneOf } from '../rules/suggest.ts';
import { addActivity } from './activities.ts';
import type { Draft } from './draft.ts';
import { evaluate } from './evaluate.ts';
import { occurredAtOf, refuseReport } from './report.ts';
import { settleLatePoints } from './settle.ts';
import { renewSliding } from './sliding.ts';
import { subjectAt } from './subject.ts';
import { balancesOf, tierViews } from './view.ts';

const NPS_MAX = 10;

/** The answer of a survey to how likely the member is to recommend. */
const npsOf = ({ type, fields }: RecordActivity): number | null => {
  const nps = type === 'survey' ? fields?.['nps'] : undefined;
  return typeof nps === 'number' ? nps : null;
};

const refuseType = ({ type }: RecordActivity, rules: Rules): Refusal | null => {
  const reportable = [...rules.activityTypes.keys()].filter((code) => !ENGINE_ACTIVITIES.includes(code));
  const expected = oneOf(type, reportable);
  if (ENGINE_ACTIVITIES.includes(type))
    return refuse('engine_activity', `${type} is recorded by the engine itself`, {
      errors: [{ pointer: '/type', code: 'engine_activity', detail: type, expected }],
    });
  if (!rules.activityTypes.has(type))
    return refuse('unknown_activity_type', `the program has no activity type ${type}`, {
      errors: [{ pointer: '/type', code: 'unknown_activity_type', detail: type, expected }],
    });
  return null;
};

const faultsOfFields = (report: RecordActivity, rules: Rules): Fault[] => {
  const declared = new Map(Object.entries(rules.activityTypes.get(report.type)?.fields ?? {}));
  const faults = faultsOfValues(report.fields, declared, '/fields', {
    unknown: 'unknown_field',
    invalid: 'invalid_field',
  });
  const nps = npsOf(report);
  if (nps === null || (nps >= 0 && nps <= NPS_MAX)) return faults;
  const expected = `a whole number from 0 to ${NPS_MAX}`;
  return [...faults, { pointer: '/fields/nps', code: 'invalid_field', detail: `${nps}`, expected }];
};

const refusalOf = (report: RecordActivity, rules: Rules, now: number): Refusal | null => {
  const refusal = refuseType(report, rules);
  if (refusal !== null) return refusal;
  const errors = faultsOfFields(report, rules);
  const [first] = errors;
  if (first === undefined) return refuseReport(report, rules, now);
  const code = first.code === 'unknown_field' ? 'unknown_field' : 'invalid_field';
  return refuse(code, `the fields do not fit those of ${report.type}`, { errors });
};

/** Records an activity a member is reported to have done. The draft is settled. */
export const recordActivity = (draft: Draft, report: RecordActivity): Outcome => {
  const { rules, state } = draft;
  if (state.status === 'closed') return refuse('member_closed', 'a closed membership earns nothing');
  const refusal = refusalOf(report, rules, draft.now);
  if (refusal !== null) return refusal;
  const { id, type, fields = {}, context = {} } = report;
  const at = occurredAtOf(report, draft.now);
  renewSliding(draft, type, at);
  const before = draft.given.length;
  addActivity(draft, { id, type, at, fields, context });
  const nps = npsOf(report);
  // The latest answer counts, in whatever order answers are reported.
  if (nps !== null && at >= (state.nps?.at ?? Number.NEGATIVE_INFINITY)) state.nps = { score: nps, at };
  evaluate(draft, draft.now);
  settleLatePoints(draft);
  const answer: ActivityAnswer = {
    id,
    member: state.external_id,
    type,
    occurred_at: instantText(at),
    recorded_at: instantText(draft.now),
    earned: draft.given.slice(before),
    balances: balancesOf(state, rules),
    tiers: tierViews(subjectAt(draft, draft.now), rules),
    segments: Object.keys(state.segments).sort(),
  };
  return accept(answer, 201);
};
