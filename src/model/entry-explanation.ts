import { type Static, Type } from 'typebox';
import { FieldValues, sentenceRef } from './explanation.ts';
import { InstantText } from './instant.ts';
import { LedgerEntryView } from './ledger-entry.ts';
import { named, nullable, ref } from './schema.ts';

const Share = Type.Object(
  {
    rule: Type.String({ description: 'Code of the rule; `tier:CODE` for what the multiplier of a tier added.' }),
    name: nullable(Type.String({ description: 'Its name in that revision.' })),
    points: Type.Integer({ description: 'Points of the entry that are from it.' }),
    effect: nullable(
      Type.Unsafe<object>({
        type: 'object',
        additionalProperties: true,
        description: 'What it gives, as in that revision.',
      }),
    ),
    counted: nullable(Type.Integer({ description: 'Minor units it looked at.' })),
    exact: nullable(
      Type.String({
        description: 'With points in proportion: what they come to before multiplying, limits and rounding.',
        examples: ['19.99'],
      }),
    ),
    multiplied: Type.Array(Type.String(), { description: 'The multipliers that worked on it.' }),
    limited_to: nullable(Type.Integer({ description: 'What was left of its limits or budget, where that was less.' })),
  },
  { description: 'What a rule gave.' },
);

const ExplainedLot = Type.Object(
  {
    lot_id: Type.String({ description: 'Id of the lot.' }),
    points: Type.Integer({ description: 'Points of it that the entry moved.' }),
    earned_at: InstantText('When they were earned.'),
    available_at: InstantText('When they are or became available.'),
    expires_at: nullable(InstantText('When they expire. Null: never.')),
  },
  { description: 'Points from one source that expire together.' },
);

export const EntryExplanation = named(
  'LedgerEntryExplanation',
  Type.Object(
    {
      entry: ref(LedgerEntryView),
      rules: Type.Array(Share, { description: 'What each rule gave, and how that came about.' }),
      rounding: nullable(
        Type.String({ description: 'How the sum was rounded, before each rule got its whole share.' }),
      ),
      facts: FieldValues('What of the member the rules’ conditions read then, by field in text form.'),
      lots: Type.Array(ExplainedLot, { description: 'The lots it made, moved or took from.' }),
      sentence: sentenceRef,
    },
    { description: 'How a ledger entry came about.' },
  ),
);
export type EntryExplanation = Static<typeof EntryExplanation>;
