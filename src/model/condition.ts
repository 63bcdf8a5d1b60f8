import { Type } from 'typebox';
import { checkedElsewhere, closed, named } from './schema.ts';

/**
 * The windows over which day buckets are summed. The rolling ones are so many local days, today included; the others
 * begin with the calendar year, or with the day of the year on which the member enrolled.
 */
export const ROLLING_DAYS = { '7d': 7, '30d': 30, '60d': 60, '90d': 90, '180d': 180, '365d': 365 } as const;
export type RollingWindow = keyof typeof ROLLING_DAYS;
export const WINDOWS = [...(Object.keys(ROLLING_DAYS) as RollingWindow[]), 'calendar_year', 'membership_year'] as const;
export type Window = (typeof WINDOWS)[number];

export const OPERATORS = [
  'eq',
  'ne',
  'in',
  'not_in',
  'lt',
  'lte',
  'gt',
  'gte',
  'between',
  'starts_with',
  'contains',
  'within_last',
  'older_than',
  'before',
  'after',
  'anniversary_within',
  'has',
  'has_any',
  'exists',
] as const;
export type Operator = (typeof OPERATORS)[number];

/** A field with what picks one of its numbers: a window, a wallet, a tier scheme, an activity type. */
export interface FieldReference {
  readonly field: string;
  readonly window?: Window;
  readonly wallet?: string;
  readonly scheme?: string;
  readonly activity?: string;
}

export const CALCULATIONS = ['+', '-', '*', '/'] as const;
export type Calculation = (typeof CALCULATIONS)[number];

/** Integer arithmetic. Division truncates; by zero, and beyond 2^53, the result is unknown. */
export interface Calc {
  readonly calc: Calculation;
  readonly of: readonly [NumberOperand, NumberOperand];
}
export type NumberOperand = number | FieldReference | Calc;

/** What a comparison compares with. */
export type Operand = string | boolean | NumberOperand | readonly (string | number)[];

export interface Comparison extends FieldReference {
  readonly op: Operator;
  /** Absent with `exists`. */
  readonly value?: Operand;
}

/** A comparison whose left side is calculated. */
export interface CalcComparison extends Calc {
  readonly op: Operator;
  readonly value: Operand;
}

export const LINE_MEASURES = ['spend', 'quantity', 'lines'] as const;
export type LineMeasure = (typeof LINE_MEASURES)[number];

/** Some or every line of the purchase fulfils a condition on lines; or those that do add up to a number. */
export type LinesCondition =
  | { readonly lines: 'some' | 'every'; readonly where: Condition }
  | {
      readonly lines: 'sum';
      readonly measure: LineMeasure;
      readonly where?: Condition;
      readonly op: Operator;
      readonly value: Operand;
    };

/** A condition: true, false, or unknown where a value it reads is absent. Only true matches. */
export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  | Comparison
  | CalcComparison
  | LinesCondition;

/** How a condition is referred to where one may stand. */
export const conditionRef = Type.Unsafe<Condition>({ $ref: 'Condition#' });

const recursive = { $ref: 'Condition#' };
const operand = {
  description:
    'What is compared with: a text, a whole number, a flag, a list of texts or numbers (`in`, `not_in`, `between`, `has_any`), a duration such as `90d` (`within_last`, `older_than`, `anniversary_within`), an instant or a date; where a number is expected also another field, or a calculation.',
};

/**
 * Written out for whoever reads the document. What a request holds is checked by `rules/conditions/check.ts`, which
 * names every fault at once and in the words of the language.
 */
export const ConditionSchema = checkedElsewhere(
  named(
    'Condition',
    closed(
      {
        all: Type.Optional(Type.Array(Type.Unsafe<Condition>(recursive), { description: 'True when every one is.' })),
        any: Type.Optional(Type.Array(Type.Unsafe<Condition>(recursive), { description: 'True when one is.' })),
        not: Type.Optional(
          Type.Unsafe<Condition>({ ...recursive, description: 'True when that is false; unknown when it is unknown.' }),
        ),
        field: Type.Optional(
          Type.String({ description: 'A condition field: see `GET /v1/condition-fields`.', examples: ['spend'] }),
        ),
        window: Type.Optional(
          Type.String({ description: `Over which days: ${WINDOWS.map((w) => `\`${w}\``).join(', ')}. Absent: ever.` }),
        ),
        wallet: Type.Optional(Type.String({ description: 'With points: of which wallet. Absent: `points`.' })),
        scheme: Type.Optional(Type.String({ description: 'With tiers: of which scheme. Absent: the only one.' })),
        activity: Type.Optional(Type.String({ description: 'With `activities`: of which type.' })),
        calc: Type.Optional(
          Type.String({ description: 'Instead of a field: `+`, `-`, `*` or `/` (truncating) of two numbers.' }),
        ),
        of: Type.Optional(
          Type.Array(Type.Unknown(), {
            description: 'With `calc`: the two numbers, fields or calculations.',
            minItems: 2,
            maxItems: 2,
          }),
        ),
        lines: Type.Optional(
          Type.String({
            description:
              'With purchases: `some` or `every` line fulfils `where`; or the `sum` of a `measure` over those that do is compared.',
          }),
        ),
        measure: Type.Optional(
          Type.String({ description: 'With `sum`: `spend` in minor units, `quantity`, or the number of `lines`.' }),
        ),
        where: Type.Optional(
          Type.Unsafe<Condition>({ ...recursive, description: 'A condition on a line, with the fields `line.…`.' }),
        ),
        op: Type.Optional(
          Type.String({ description: `How it is compared: ${OPERATORS.map((o) => `\`${o}\``).join(', ')}.` }),
        ),
        value: Type.Optional(Type.Unknown(operand)),
        text: Type.Optional(
          Type.String({ description: 'Instead of all else: the condition in its text form. It is stored as a tree.' }),
        ),
      },
      {
        description:
          'A condition: `all`, `any` or `not` of conditions; a comparison of a `field` or a `calc` with a value; one on the `lines` of a purchase; or `text`. A comparison with an absent value is unknown, and only true matches.',
        examples: [
          {
            all: [
              { field: 'spend', window: '365d', op: 'gte', value: 50000 },
              { field: 'purchases', op: 'gte', value: 2 },
            ],
          },
        ],
      },
    ),
  ),
);
