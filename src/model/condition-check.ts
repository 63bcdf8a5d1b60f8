import { type Static, Type } from 'typebox';
import { conditionRef } from './condition.ts';
import { limits } from './limits.ts';
import { FaultView } from './problem.ts';
import { closed, named, nullable } from './schema.ts';

export const CONDITION_TRIGGERS = ['none', 'purchase', 'activity'] as const;

/** Any JSON: what is no condition is told as a problem, not refused. */
const anyCondition = Type.Unsafe<unknown>({
  description: 'A condition as a tree, or `{ "text": … }`.',
  examples: [{ text: 'spend("365d") >= 50000 && purchases >= 2' }],
});

export const CheckCondition = named(
  'CheckCondition',
  closed(
    {
      condition: anyCondition,
      for: Type.Optional(
        closed(
          {
            trigger: Type.Optional(
              Type.Enum([...CONDITION_TRIGGERS], {
                default: 'none',
                description: 'What sets the rule off that it stands in: `none` of tiers and segments.',
              }),
            ),
            activity: Type.Optional(
              Type.String({ maxLength: limits.codeLength, description: 'With `activity`: of which type.' }),
            ),
          },
          { description: 'Where the condition is to stand. Absent: in a tier or segment.' },
        ),
      ),
    },
    {
      description: 'A condition to be checked.',
      examples: [{ condition: { text: 'spend("365d") >= 50000 && purchases >= 2' }, for: { trigger: 'none' } }],
    },
  ),
);
export type CheckCondition = Static<typeof CheckCondition>;

const strings = (description: string) => Type.Array(Type.String(), { description });

const Dependencies = Type.Object(
  {
    fields: strings('Fields it reads.'),
    windows: strings('Windows it reads, the shortest first.'),
    wallets: strings('Wallets whose points it reads.'),
    schemes: strings('Schemes whose tiers it reads.'),
    segments: strings('Segments it names.'),
    activities: strings('Types of activity it counts.'),
    person: Type.Boolean({ description: 'Whether it reads what is kept about the person.' }),
    time: Type.Boolean({ description: 'Whether time alone may change the answer.' }),
  },
  { description: 'What the answer depends on.' },
);

export const ConditionCheck = named(
  'ConditionCheck',
  Type.Object(
    {
      valid: Type.Boolean({ description: 'Whether there is no problem.' }),
      problems: Type.Array(FaultView, {
        description: 'Everything that is wrong, each at its place; of a text the detail says where in it.',
      }),
      warnings: Type.Array(FaultView, {
        description: 'What may not be meant as it is written. Nothing is refused for it.',
      }),
      condition: nullable(conditionRef, { description: 'The condition as a tree. Null: it is not valid.' }),
      text: nullable(Type.String(), { description: 'The condition in text form. Null: it is not valid.' }),
      dependencies: nullable(Dependencies),
      weight: Type.Integer({ description: 'Nodes, a search in a text counting as 10: at most 200.' }),
    },
    { description: 'What is to be said of a condition.' },
  ),
);
export type ConditionCheck = Static<typeof ConditionCheck>;
