import { test } from 'tap';
import type { Configuration, Resource } from '../../src/model/configuration.ts';
import type { EarnRule } from '../../src/model/earn-rule.ts';
import { checkConfiguration } from '../../src/rules/check-configuration.ts';
import { configurationOf, fixed, granting, multiplier, perAmount, tierOn } from '../helpers/programs.ts';

const tiers = { gold: tierOn(1, { field: 'spend', op: 'gte', value: 100 }) };
const segments = { vip: { name: 'VIP', condition: { field: 'spend', op: 'gte', value: 1 }, exit: null } } as const;
const faultsOf = (rule: EarnRule) =>
  checkConfiguration(configurationOf({ rules: { r: rule }, tiers, segments })).map(
    ({ pointer, code, expected }) => `${pointer.replace('/earn_rules/r', '')} ${code}: ${expected}`,
  );

const limit = (period: EarnRule['limits'][number]['period'], times: number | null, points: number | null = null) => ({
  period,
  times,
  points,
});
const milestone = { every_purchases: 3, every_spend: null, window: null };
const budget = { points: 10, period: 'month' } as const;

const sound: [string, EarnRule][] = [
  ['a plain one', perAmount(1, 100, { rounding: 'floor' })],
  ['an activity', fixed(1, { trigger: 'activity', activity: 'visit' })],
  ['any tier', fixed(1, { trigger: 'tier.entered' })],
  ['one segment', granting('bag', 'P7D', { trigger: 'segment.entered', segment: 'vip' })],
  ['a milestone in proportion', perAmount(1, 100, { trigger: 'milestone', milestone, lines: { sku_in: ['a'] } })],
  ['limits that grow', fixed(1, { limits: [limit('day', 1), limit('week', 1), limit('month', 3, 5)] })],
  ['a budget of exactly one time', fixed(10, { budget })],
  ['past midnight', fixed(1, { schedule: { weekdays: ['monday'], hours: { from: '22:00', until: '02:00' } } })],
  ['a multiplier below 100', multiplier(50, { lines: { sku_in: ['a'] } })],
];

const broken: [string, EarnRule, string[]][] = [
  [
    'an activity without its type',
    fixed(1, { trigger: 'activity' }),
    ['/activity required: the type of activity that sets the rule off'],
  ],
  [
    'properties of other triggers',
    fixed(1, { activity: 'visit', tier: 'gold', segment: 'vip', milestone }),
    [
      '/activity not_applicable: null, or the trigger activity',
      '/tier not_applicable: null, or the trigger tier.entered',
      '/segment not_applicable: null, or the trigger segment.entered',
      '/milestone not_applicable: null, or the trigger milestone',
    ],
  ],
  [
    'an unknown tier',
    fixed(1, { trigger: 'tier.entered', tier: 'golt' }),
    ['/tier unknown_tier: one of gold; did you mean gold?'],
  ],
  [
    'an unknown segment',
    fixed(1, { trigger: 'segment.entered', segment: 'vipp' }),
    ['/segment unknown_segment: one of vip; did you mean vip?'],
  ],
  [
    'an unknown activity',
    fixed(1, { trigger: 'activity', activity: 'vist' }),
    ['/activity unknown_activity: one of review, survey, visit, social_share; did you mean visit?'],
  ],
  [
    'an activity that nobody reports',
    fixed(1, { trigger: 'activity', activity: 'referral' }),
    ['/activity not_applicable: the trigger referral.qualified'],
  ],
  ['no milestone', fixed(1, { trigger: 'milestone' }), ['/milestone required: what is to be reached']],
  [
    'a milestone of nothing',
    fixed(1, { trigger: 'milestone', milestone: { ...milestone, every_purchases: null } }),
    ['/milestone required: exactly one of every_purchases, every_spend'],
  ],
  [
    'a milestone of both',
    fixed(1, { trigger: 'milestone', milestone: { ...milestone, every_spend: 5 } }),
    ['/milestone ambiguous: exactly one of every_purchases, every_spend'],
  ],
  [
    'an amount of no purchase',
    perAmount(1, 100, { trigger: 'birthday', lines: { sku_in: ['a'] } }),
    [
      '/lines not_applicable: null, or the trigger purchase or milestone',
      '/effect/type not_applicable: fixed or reward',
    ],
  ],
  [
    'a multiplier of anything else',
    multiplier(200, { trigger: 'enrolment' }),
    ['/effect/type not_applicable: fixed or reward, or the trigger purchase'],
  ],
  ['a multiplier that does nothing', multiplier(100), ['/effect/percent no_effect: more or less than 100']],
  [
    'a multiplier with what only base rules have',
    multiplier(200, { rounding: 'ceil', life: { pending: null, expiry: null }, exclusive_group: 'g' }),
    [
      '/rounding not_applicable: null, or the effect per_amount',
      '/life not_applicable: null',
      '/exclusive_group not_applicable: null; policies.multipliers says how multipliers combine',
    ],
  ],
  [
    'a multiplier below 100 with bounds',
    multiplier(50, { limits: [limit('day', 1)], cool_down: 'P1D', budget }),
    ['/limits not_applicable: an empty list', '/cool_down not_applicable: null', '/budget not_applicable: null'],
  ],
  [
    'a reward counted in points',
    granting('bag', null, { limits: [limit('day', null, 5)], budget }),
    ['/limits/0/points not_applicable: null, and times', '/budget not_applicable: null'],
  ],
  ['a budget below one time', fixed(11, { budget }), ['/budget/points too_small: at least the 11 points of one time']],
  ['a limit of nothing', fixed(1, { limits: [limit('day', null)] }), ['/limits/0 required: times, points or both']],
  [
    'two limits of one period',
    fixed(1, { limits: [limit('day', 1), limit('day', null, 5)] }),
    ['/limits/1/period not_unique: another period than that of the other limits'],
  ],
  [
    'a longer period that allows less',
    fixed(1, { limits: [limit('month', 2, 50), limit('day', 3, 60), limit('ever', null, 55)] }),
    [
      '/limits/0/times contradiction: at least 3',
      '/limits/0/points contradiction: at least 60',
      '/limits/2/points contradiction: at least 60',
    ],
  ],
  [
    'a schedule of never',
    fixed(1, { schedule: { weekdays: [], hours: { from: '09:00', until: '09:00' } } }),
    [
      '/schedule/weekdays empty: at least one, or null for every day',
      '/schedule/hours/until empty: another time, or hours null for all day',
    ],
  ],
  [
    'pending longer than expiry',
    fixed(1, { life: { pending: 'P30D', expiry: { after: 'P1M', round_up_to: null } } }),
    ['/life/pending not_before_expiry: shorter than P1M'],
  ],
  [
    'from after until',
    fixed(1, { from: '2026-03-02T00:00:00Z', until: '2026-03-01T00:00:00Z' }),
    ['/until not_after: later than 2026-03-02T00:00:00Z'],
  ],
  [
    'a wallet that is not there',
    fixed(1, { wallet: 'point' }),
    ['/wallet unknown_wallet: one of points; did you mean points?'],
  ],
];

test('sound rules have no fault', async (t) => {
  for (const [what, rule] of sound) t.strictSame(faultsOf(rule), [], what);
});

test('each fault at its place, with what was expected', async (t) => {
  for (const [what, rule, expected] of broken) t.strictSame(faultsOf(rule), expected, what);
});

test('conditions read what their trigger has', async (t) => {
  const spend = { field: 'purchase.spend', op: 'gte', value: 1 } as const;
  t.strictSame(faultsOf(fixed(1, { condition: spend })), []);
  t.strictSame(faultsOf(fixed(1, { condition: spend, trigger: 'milestone', milestone })), []);
  t.match(faultsOf(fixed(1, { condition: spend, trigger: 'birthday' })), [/^\/condition\/field not_readable_here/]);
  const rating = { field: 'activity.rating', op: 'gte', value: 4 } as const;
  t.strictSame(faultsOf(fixed(1, { condition: rating, trigger: 'activity', activity: 'review' })), []);
  t.match(faultsOf(fixed(1, { condition: rating, trigger: 'activity', activity: 'visit' })), [/^\/condition\/field/]);
});

test('what a stored rule of an earlier version lacks is as nobody says it', async (t) => {
  const { name, trigger, lines, effect, wallet, rounding, from, until } = perAmount(1, 100);
  const old = { name, trigger, lines, effect, wallet, rounding, from, until } as EarnRule;
  const configuration: Configuration = {
    ...configurationOf({}),
    earn_rules: { old: { revision: 1, archived: false, body: old } satisfies Resource<EarnRule> },
  };
  t.strictSame(checkConfiguration(configuration), []);
});
