import { type Static, Type } from 'typebox';
import { conditionRef } from './condition.ts';
import { InstantText } from './instant.ts';
import { memberRef } from './member.ts';
import { closed, named, nullable, openEnum } from './schema.ts';

/** A text in the languages explanations are worded in. */
export const Sentence = named(
  'Sentence',
  Type.Object(
    { en: Type.String({ description: 'In English.' }), fr: Type.String({ description: 'In French.' }) },
    { description: 'The same in each language.' },
  ),
);
export type Sentence = Static<typeof Sentence>;

export const sentenceRef = Type.Unsafe<Sentence>({ $ref: 'Sentence#' });

/** Values read, by field in text form. */
export const FieldValues = (description: string) =>
  Type.Unsafe<Readonly<Record<string, unknown>>>({
    type: 'object',
    additionalProperties: true,
    description,
    examples: [{ 'spend("365d")': 41200 }],
  });

export interface ExplainedClause {
  readonly clause: string;
  readonly result: 'true' | 'false' | 'unknown';
  readonly decisive: boolean;
  readonly values: Readonly<Record<string, unknown>>;
  readonly absent: readonly string[];
  readonly shortfall: { readonly current: number; readonly needed: number; readonly missing: number } | null;
  readonly clauses: readonly ExplainedClause[];
}

export const ExplainedClause = named(
  'ExplainedClause',
  Type.Unsafe<ExplainedClause>(
    Type.Object(
      {
        clause: Type.String({ description: 'The clause in text form.', examples: ['spend("365d") >= 50000'] }),
        result: openEnum(['true', 'false', 'unknown'], 'What it answers. Only `true` matches.'),
        decisive: Type.Boolean({ description: 'Whether it decided the result of the clause it is in.' }),
        values: FieldValues('What it read, by field in text form. Null: absent.'),
        absent: Type.Array(Type.String(), { description: 'Fields that were absent.' }),
        shortfall: nullable(Type.Object({ current: Type.Integer(), needed: Type.Integer(), missing: Type.Integer() }), {
          description: 'How far a number is from what is needed. Null: it is not a number to be reached.',
        }),
        clauses: Type.Array(Type.Unsafe<ExplainedClause>({ $ref: 'ExplainedClause#' }), {
          description: 'The clauses it is made of.',
        }),
      },
      { description: 'Why a clause is true, false or unknown.' },
    ),
  ),
);
export const clauseRef = Type.Unsafe<ExplainedClause>({ $ref: 'ExplainedClause#' });

export const ExplainCondition = named(
  'ExplainCondition',
  closed(
    { condition: conditionRef, member: memberRef },
    {
      description: 'A condition and a member.',
      examples: [{ condition: { field: 'spend', window: '90d', op: 'gte', value: 5000 }, member: 'm-1001' }],
    },
  ),
);
export type ExplainCondition = Static<typeof ExplainCondition>;

export const ConditionExplanation = named(
  'ConditionExplanation',
  Type.Object(
    {
      member: Type.String({ description: 'The member’s id.' }),
      result: openEnum(['true', 'false', 'unknown'], 'What the condition answers. Only `true` matches.'),
      explanation: clauseRef,
      sentence: sentenceRef,
      as_of: InstantText('The instant it was asked for.'),
    },
    { description: 'Why a condition is true, false or unknown of a member.' },
  ),
);
export type ConditionExplanation = Static<typeof ConditionExplanation>;
