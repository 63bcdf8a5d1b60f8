import { type Static, Type } from 'typebox';
import { OPERATORS } from './condition.ts';
import { named, nullable, openEnum } from './schema.ts';

const Parameter = Type.Object(
  {
    name: openEnum(['window', 'wallet', 'scheme', 'activity'], 'The property that picks the number.'),
    values: Type.Array(Type.String(), { description: 'What it may say.' }),
    required: Type.Boolean({
      description:
        'Whether it must be said. Otherwise absent means ever (`window`), `points` (`wallet`), the only scheme or the one called `status` (`scheme`).',
    }),
  },
  { description: 'What picks one of a field’s numbers.' },
);

/** A field that conditions can read, as a form builder needs it. */
export const ConditionFieldView = named(
  'ConditionField',
  Type.Object(
    {
      name: Type.String({
        description: 'The `field` of a comparison. With `{purpose}` in it, any code may stand there.',
        examples: ['spend'],
      }),
      type: openEnum(['string', 'integer', 'boolean', 'instant', 'date', 'set'], 'Type of the value.'),
      unit: nullable(openEnum(['minor_units', 'points', 'count', 'days', 'score'], 'What a number counts.'), {
        description: 'What a number counts. Null: no unit.',
      }),
      subject: openEnum(
        ['member', 'purchase', 'activity', 'context', 'line'],
        'Of what it tells. Those of a `line` are read inside `where`.',
      ),
      description: Type.String({ description: 'What it holds.' }),
      may_be_absent: Type.Boolean({
        description: 'Whether the value may be absent: comparisons with it are unknown then.',
      }),
      operators: Type.Array(openEnum(OPERATORS, 'An operator.'), { description: 'The operators that compare it.' }),
      values: nullable(Type.Array(Type.String()), { description: 'The allowed values. Null: any.' }),
      parameters: Type.Array(Parameter, { description: 'What picks one of its numbers.' }),
      example: Type.String({ description: 'A comparison in text form.', examples: ['spend >= 1'] }),
    },
    { description: 'A field that conditions can read.' },
  ),
);
export type ConditionFieldView = Static<typeof ConditionFieldView>;

export const ConditionFieldList = named(
  'ConditionFieldList',
  Type.Object(
    {
      data: Type.Array(Type.Unsafe<ConditionFieldView>({ $ref: 'ConditionField#' }), {
        description: 'The fields that can be read, built in and declared.',
      }),
      schemes: Type.Array(
        Type.Object({ scheme: Type.String(), tiers: Type.Array(Type.String()) }, { description: 'A tier scheme.' }),
        { description: 'The tiers of each scheme: what `tier` is compared with.' },
      ),
      lines: Type.Boolean({ description: 'Whether there are conditions on `lines` here.' }),
    },
    { description: 'Everything needed to write a condition.' },
  ),
);
export type ConditionFieldList = Static<typeof ConditionFieldList>;
