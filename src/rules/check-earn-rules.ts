import type { Configuration } from '../model/configuration.ts';
import type { EarnRule } from '../model/earn-rule.ts';
import { parseInstant } from '../model/instant.ts';
import type { Fault } from '../model/problem.ts';
import { activityTypeOf, builtInActivities, ENGINE_ACTIVITIES } from './built-in-activities.ts';
import { checkLimits } from './check-limits.ts';
import { checkLineFilter } from './check-line-filter.ts';
import { checkMultipliers } from './check-multipliers.ts';
import { alwaysShorter } from './compare-durations.ts';
import { wholeEarnRule } from './earn-rules.ts';
import { findResource, inForce } from './resources.ts';
import { oneOf } from './suggest.ts';

type Check = (rule: EarnRule, configuration: Configuration) => Fault[];

/** A fault at a place within the rule. */
const fault = (pointer: string, code: string, detail: string, expected: string): Fault => ({
  pointer,
  code,
  detail,
  expected,
});

const unless = (holds: boolean, ...parts: Parameters<typeof fault>): Fault[] => (holds ? [] : [fault(...parts)]);

/** Whether the trigger comes with a purchase. */
const hasPurchase = ({ trigger }: EarnRule): boolean => trigger === 'purchase' || trigger === 'milestone';

const givesPoints = ({ effect }: EarnRule): boolean => effect.type === 'per_amount' || effect.type === 'fixed';

/** Properties that belong to one trigger. */
const checkTrigger: Check = (rule) => {
  const { trigger } = rule;
  const misplaced = (name: 'activity' | 'tier' | 'segment' | 'milestone', of: string): Fault[] =>
    unless(
      rule[name] === null || trigger === of,
      `/${name}`,
      'not_applicable',
      `the trigger is ${trigger}`,
      `null, or the trigger ${of}`,
    );
  return [
    ...misplaced('activity', 'activity'),
    ...misplaced('tier', 'tier.entered'),
    ...misplaced('segment', 'segment.entered'),
    ...misplaced('milestone', 'milestone'),
    ...unless(
      trigger !== 'activity' || rule.activity !== null,
      '/activity',
      'required',
      'null',
      'the type of activity that sets the rule off',
    ),
    ...unless(
      trigger !== 'milestone' || rule.milestone !== null,
      '/milestone',
      'required',
      'null',
      'what is to be reached',
    ),
    ...unless(
      rule.lines === null || hasPurchase(rule),
      '/lines',
      'not_applicable',
      `the trigger ${trigger} has no lines`,
      'null, or the trigger purchase or milestone',
    ),
  ];
};

const checkEffect: Check = (rule) => {
  const { effect, trigger, rounding } = rule;
  const { type } = effect;
  return [
    ...unless(
      type !== 'per_amount' || hasPurchase(rule),
      '/effect/type',
      'not_applicable',
      `the trigger ${trigger} has no amount`,
      'fixed or reward',
    ),
    ...unless(
      type !== 'multiplier' || trigger === 'purchase',
      '/effect/type',
      'not_applicable',
      `the trigger ${trigger} has nothing to multiply`,
      'fixed or reward, or the trigger purchase',
    ),
    ...unless(
      effect.type !== 'multiplier' || effect.percent !== 100,
      '/effect/percent',
      'no_effect',
      '100',
      'more or less than 100',
    ),
    ...unless(
      rounding === null || type === 'per_amount',
      '/rounding',
      'not_applicable',
      `the effect ${type} gives no fractions of its own`,
      'null, or the effect per_amount',
    ),
    ...unless(
      rule.life === null || givesPoints(rule),
      '/life',
      'not_applicable',
      type === 'multiplier' ? 'what is multiplied keeps its own pending and expiry' : 'a reward is no points',
      type === 'reward' ? 'null; effect.valid_for says how long the reward can be had' : 'null',
    ),
    ...unless(
      rule.exclusive_group === null || givesPoints(rule),
      '/exclusive_group',
      'not_applicable',
      `the effect is ${type}`,
      type === 'multiplier' ? 'null; policies.multipliers says how multipliers combine' : 'null',
    ),
  ];
};

/** What can bound a rule: rewards are counted, not summed, and what takes points away gives none to bound. */
const checkBounds: Check = (rule) => {
  const { effect, budget, cool_down, limits } = rule;
  const takes = effect.type === 'multiplier' && effect.percent < 100;
  const reduces = 'a multiplier below 100 gives nothing';
  const points = limits.flatMap((limit, index) =>
    unless(
      effect.type !== 'reward' || limit.points === null,
      `/limits/${index}/points`,
      'not_applicable',
      'a reward is no points',
      'null, and times',
    ),
  );
  return [
    ...points,
    ...unless(!takes || limits.length === 0, '/limits', 'not_applicable', reduces, 'an empty list'),
    ...unless(!takes || cool_down === null, '/cool_down', 'not_applicable', reduces, 'null'),
    ...unless(
      budget === null || !(takes || effect.type === 'reward'),
      '/budget',
      'not_applicable',
      takes ? reduces : 'a reward is no points',
      'null',
    ),
    ...unless(
      budget === null || effect.type !== 'fixed' || effect.points <= budget.points,
      '/budget/points',
      'too_small',
      `${budget?.points}`,
      `at least the ${effect.type === 'fixed' ? effect.points : 0} points of one time`,
    ),
  ];
};

const checkMilestone: Check = ({ milestone }) => {
  if (milestone === null) return [];
  const { every_purchases, every_spend } = milestone;
  if ((every_purchases === null) !== (every_spend === null)) return [];
  const both = every_purchases !== null;
  const detail = both ? 'every_purchases and every_spend' : 'neither every_purchases nor every_spend';
  return [fault('/milestone', both ? 'ambiguous' : 'required', detail, 'exactly one of every_purchases, every_spend')];
};

const checkTimes: Check = ({ schedule, from, until, life }) => [
  ...unless(
    schedule?.weekdays?.length !== 0,
    '/schedule/weekdays',
    'empty',
    'no weekday: the rule would never apply',
    'at least one, or null for every day',
  ),
  ...unless(
    schedule === null || schedule.hours === null || schedule.hours.from !== schedule.hours.until,
    '/schedule/hours/until',
    'empty',
    `from and until are both ${schedule?.hours?.from}`,
    'another time, or hours null for all day',
  ),
  ...unless(
    from === null || until === null || parseInstant(from) < parseInstant(until),
    '/until',
    'not_after',
    `${until}`,
    `later than ${from}`,
  ),
  ...unless(
    life === null || life.pending === null || life.expiry === null || alwaysShorter(life.pending, life.expiry.after),
    '/life/pending',
    'not_before_expiry',
    `points pending for ${life?.pending} may expire, after ${life?.expiry?.after}, before they are available`,
    `shorter than ${life?.expiry?.after}`,
  ),
];

/** What a rule names has to be there, and in force. */
const checkReferences: Check = ({ activity, tier, segment, effect }, configuration) => {
  const missing = (kind: 'tiers' | 'segments', noun: 'tier' | 'segment', code: string | null): Fault[] => {
    const found = code === null ? undefined : findResource(configuration, kind, code);
    if (code === null || found?.archived === false) return [];
    const known = inForce<unknown>(configuration[kind]).map(([name]) => name);
    const detail = found === undefined ? `there is no ${noun} ${code}` : `${noun} ${code} is archived`;
    const expected = known.length === 0 ? `null: there is no ${noun}` : oneOf(code, known);
    return [fault(`/${noun}`, found === undefined ? `unknown_${noun}` : `archived_${noun}`, detail, expected)];
  };
  return [
    ...missing('tiers', 'tier', tier),
    ...missing('segments', 'segment', segment),
    ...(activity === null ? [] : checkActivity(activity, configuration)),
    ...(effect.type === 'reward' ? checkGranted(effect.reward, configuration) : []),
  ];
};

/** A program without a catalogue may grant what it keeps elsewhere: any code will do, unless it once was a reward. */
const checkGranted = (reward: string, configuration: Configuration): Fault[] => {
  const found = findResource(configuration, 'rewards', reward);
  const known = inForce<unknown>(configuration.rewards).map(([code]) => code);
  if (found?.archived === false || (found === undefined && known.length === 0)) return [];
  const detail = found === undefined ? `there is no reward ${reward}` : `reward ${reward} is archived`;
  const expected = known.length === 0 ? 'another reward' : oneOf(reward, known);
  return [fault('/effect/reward', found === undefined ? 'unknown_reward' : 'archived_reward', detail, expected)];
};

const checkActivity = (activity: string, configuration: Configuration): Fault[] => {
  if (ENGINE_ACTIVITIES.includes(activity)) {
    const trigger = activity === 'referral' ? 'referral.qualified' : activity;
    return [fault('/activity', 'not_applicable', `${activity} is not reported`, `the trigger ${trigger}`)];
  }
  if (activityTypeOf(configuration, activity) !== undefined) return [];
  const declared = inForce<unknown>(configuration.activity_types).map(([code]) => code);
  const known = [...declared, ...builtInActivities.keys()].filter((code) => !ENGINE_ACTIVITIES.includes(code));
  return [fault('/activity', 'unknown_activity', `there is no type of activity ${activity}`, oneOf(activity, known))];
};

const checks: readonly Check[] = [
  checkTrigger,
  checkEffect,
  checkBounds,
  ({ limits }) => checkLimits(limits),
  checkMilestone,
  checkTimes,
  ({ lines }) => checkLineFilter(lines),
  checkReferences,
];

/** What is wrong with the earn rules in force, apart from their conditions and wallets. */
export const checkEarnRules = (configuration: Configuration): Fault[] => [
  ...inForce(configuration.earn_rules).flatMap(([code, stored]) => {
    const rule = wholeEarnRule(stored);
    const found = checks.flatMap((check) => check(rule, configuration));
    return found.map((item) => ({ ...item, pointer: `/earn_rules/${code}${item.pointer}` }));
  }),
  ...checkMultipliers(configuration),
];
