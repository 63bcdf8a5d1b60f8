import { type Static, Type } from 'typebox';
import { WINDOWS } from './condition.ts';
import { Duration, Expiry } from './duration.ts';
import { POINTS_MAX, PositivePoints } from './points.ts';
import { closed, defaulted, nullable } from './schema.ts';

/** Shortest first. */
export const PERIODS = ['day', 'week', 'month', 'year', 'ever'] as const;
export type Period = (typeof PERIODS)[number];

export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export const CalendarPeriod = Type.Enum([...PERIODS], {
  description: 'Of the local calendar; weeks begin on Monday.',
});

export const Limit = defaulted(
  {
    period: CalendarPeriod,
    times: nullable(
      Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'How often the rule gives in each period.' }),
      { default: null },
    ),
    points: nullable(PositivePoints('How many points it gives in each period; beyond, what is left.'), {
      default: null,
    }),
  },
  {
    description:
      'How much of the rule a member gets in each period, counted on the local day it happened, from when the limit was set. What is reported late for a period that is no longer counted gets nothing.',
    examples: [{ period: 'month', times: 2, points: null }],
  },
);
export type Limit = Static<typeof Limit>;

export const Budget = closed(
  {
    points: Type.Integer({ minimum: 1, maximum: POINTS_MAX, description: 'Points in each period.' }),
    period: CalendarPeriod,
  },
  {
    description:
      'How many points the rule gives to all members together in each period, counted on the local day they are recorded; then what is left, and then nothing.',
    examples: [{ points: 100_000, period: 'month' }],
  },
);
export type Budget = Static<typeof Budget>;

const timeOfDay = (description: string) =>
  Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$', description, examples: ['09:00'] });

export const Hours = closed(
  {
    from: timeOfDay('From this local time on …'),
    until: timeOfDay('… until before this one. Earlier than `from`: past midnight, which belongs to the day before.'),
  },
  { description: 'Hours of the day.', examples: [{ from: '17:00', until: '19:00' }] },
);
export type Hours = Static<typeof Hours>;

export const Schedule = defaulted(
  {
    weekdays: nullable(
      Type.Array(Type.Enum([...WEEKDAYS]), { maxItems: WEEKDAYS.length, uniqueItems: true, description: 'Days.' }),
      { default: null, description: 'On these days only. Null: on every day.' },
    ),
    hours: nullable(Hours, { default: null, description: 'In these hours only. Null: all day.' }),
  },
  {
    description: 'When the rule applies, in the program’s time zone, to what occurred then.',
    examples: [{ weekdays: ['saturday', 'sunday'], hours: { from: '17:00', until: '19:00' } }],
  },
);
export type Schedule = Static<typeof Schedule>;

export const Life = defaulted(
  {
    pending: nullable(Duration('How long points stay pending; they become available at the start of the local day.'), {
      default: null,
      description: 'Null: available at once.',
    }),
    // Not `nullable`: within its `anyOf` validation would not fill in the default of `round_up_to`.
    expiry: Type.Unsafe<Expiry | null>({ ...Expiry, type: ['object', 'null'], default: null }),
  },
  {
    description: 'Pending and expiry of what the rule gives.',
    examples: [{ pending: null, expiry: { after: 'P30D', round_up_to: null } }],
  },
);
export type Life = Static<typeof Life>;

export const Milestone = defaulted(
  {
    every_purchases: nullable(
      Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Each time so many purchases were made …' }),
      { default: null },
    ),
    every_spend: nullable(
      Type.Integer({
        minimum: 1,
        maximum: 1_000_000_000_000,
        description: '… or each time so many minor units were spent …',
      }),
      { default: null },
    ),
    window: nullable(
      Type.Enum([...WINDOWS], { description: '… counted over this window. What leaves it can be reached again.' }),
      { default: null, description: 'Null: ever.' },
    ),
  },
  {
    description: 'What is reached: exactly one of `every_purchases` and `every_spend`.',
    examples: [{ every_purchases: 10, every_spend: null, window: null }],
  },
);
export type Milestone = Static<typeof Milestone>;
