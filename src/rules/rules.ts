import type { Attribute } from '../model/attribute.ts';
import { WINDOWS, type Window } from '../model/condition.ts';
import type { Configuration } from '../model/configuration.ts';
import type { ProgramId } from '../model/ids.ts';
import type { Policies } from '../model/policies.ts';
import type { Wallet } from '../model/wallet.ts';
import { type ActivityRules, compileActivities } from './activity-rules.ts';
import { type CompiledBurnRule, compileBurnRules } from './burn-rules.ts';
import { type Calendar, calendarOf } from './calendar.ts';
import type { ConditionContext } from './conditions/field.ts';
import { fieldsOf } from './conditions/fields.ts';
import { compileEarnRules, type EarnRules } from './earn-rules.ts';
import { noticesOf } from './notices.ts';
import { inForce } from './resources.ts';
import { compileRewards, type RewardRules } from './reward-rules.ts';
import { compileStatus, type StatusRules } from './status-rules.ts';

/** What of a program never changes. */
export interface ProgramFacts {
  readonly program_id: ProgramId;
  readonly currency: string;
  readonly time_zone: string;
}

/** A program's configuration in one revision, compiled for deciding. */
export interface Rules extends ProgramFacts, StatusRules, EarnRules, ActivityRules, RewardRules {
  readonly revision: number;
  readonly policies: Policies;
  readonly calendar: Calendar;
  readonly wallets: ReadonlyMap<string, Wallet>;
  /** How many local days before they expire points are announced, by wallet in force; 0: not at all. */
  readonly notices: ReadonlyMap<string, number>;
  /** The revision that last changed that. */
  readonly noticeRevision: number;
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly segmentCodes: ReadonlySet<string>;
  /** The windows some condition reads. */
  readonly windows: readonly Window[];
  /** Whether some condition, of other than rewards, reads the person (profile, attributes, consents, acquisition), or birthdays are recorded. */
  readonly readsPerson: boolean;
  readonly conditionContext: ConditionContext;
  /** Those in force, of higher priority first, then by code. */
  readonly burnRules: readonly CompiledBurnRule[];
}

/** Compiles a checked configuration. */
export const compileRules = (program: ProgramFacts, revision: number, configuration: Configuration): Rules => {
  const calendar = calendarOf(program.time_zone);
  const conditionContext: ConditionContext = { fields: fieldsOf(configuration), calendar, trigger: 'none' };
  const status = compileStatus(configuration, conditionContext);
  const earn = compileEarnRules(configuration, program.time_zone, conditionContext);
  const burnRules = compileBurnRules(configuration, conditionContext);
  const burnConditions = burnRules.flatMap(({ condition }) => condition ?? []);
  const rewards = compileRewards(configuration, conditionContext);
  const always = [...status.statusConditions, ...earn.earnConditions, ...burnConditions];
  const read = [...always, ...rewards.rewardConditions].map((condition) => condition.dependencies);
  const windows = new Set([...read.flatMap((dependencies) => dependencies.windows), ...earn.milestoneWindows]);
  const activities = compileActivities(configuration, read);
  return {
    program_id: program.program_id,
    currency: program.currency,
    time_zone: program.time_zone,
    revision,
    policies: configuration.policies,
    calendar,
    wallets: new Map(inForce(configuration.wallets)),
    notices: noticesOf(configuration),
    noticeRevision: configuration.notice_revision ?? 0,
    ...earn,
    ...status,
    ...activities,
    ...rewards,
    attributes: new Map(inForce(configuration.attributes)),
    segmentCodes: new Set(status.segments.map((segment) => segment.code)),
    windows: WINDOWS.filter((window) => windows.has(window)),
    readsPerson: activities.firesBirthday || always.some(({ dependencies }) => dependencies.person),
    conditionContext,
    burnRules,
  };
};
