import type { Context } from '../model/context.ts';
import { type Refusal, refuse } from '../model/decision.ts';
import { DAY_MS, type Instant, instantText, parseInstant } from '../model/instant.ts';
import { limits } from '../model/limits.ts';
import { faultsOfValues } from '../rules/declared-values.ts';
import type { Rules } from '../rules/rules.ts';

/* What all reports have in common, of a purchase or of an activity. */

export interface Report {
  readonly occurred_at?: string;
  readonly context?: Context;
}

/** When it occurred. Clocks differ: a report from the near future is taken as now. */
export const occurredAtOf = (report: Report, now: Instant): Instant =>
  report.occurred_at === undefined ? now : Math.min(parseInstant(report.occurred_at), now);

/** `late` is how many days old it may be; null: any age. */
export const refuseOccurredAt = (
  occurred_at: string,
  rules: Rules,
  now: Instant,
  late: number | null = rules.policies.late_report_days,
): Refusal | null => {
  const occurredAt = parseInstant(occurred_at);
  const error = { pointer: '/occurred_at', detail: occurred_at };
  if (occurredAt > now + limits.clockSkewMs) {
    return refuse('occurred_in_future', `it is ${instantText(now)} now`, {
      errors: [{ ...error, code: 'occurred_in_future', expected: `at most ${instantText(now)}` }],
    });
  }
  if (late !== null && occurredAt < now - late * DAY_MS) {
    const expected = `at least ${instantText(now - late * DAY_MS)}`;
    return refuse('report_too_late', `the program takes reports of up to ${late} days`, {
      errors: [{ ...error, code: 'report_too_late', expected }],
    });
  }
  return null;
};

/** Whether the report comes at a time the program takes, and its context fits what is declared. */
export const refuseReport = (
  report: Report,
  rules: Rules,
  now: Instant,
  late = rules.policies.late_report_days,
): Refusal | null => {
  const refusal = report.occurred_at === undefined ? null : refuseOccurredAt(report.occurred_at, rules, now, late);
  if (refusal !== null) return refusal;
  const errors = faultsOfValues(report.context, rules.contextFields, '/context', {
    unknown: null,
    invalid: 'invalid_context',
  });
  return errors.length === 0 ? null : refuse('invalid_context', 'the context does not fit its declaration', { errors });
};
