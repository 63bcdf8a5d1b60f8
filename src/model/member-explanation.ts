import { type Static, Type } from 'typebox';
import { clauseRef, FieldValues, sentenceRef } from './explanation.ts';
import { InstantText } from './instant.ts';
import { named, nullable, openEnum, ref } from './schema.ts';

const clause = (description: string) => nullable(clauseRef, { description });

const decided = {
  at: InstantText('As of when it was decided.'),
  recorded_at: nullable(InstantText('When the engine found it. Null: not kept.')),
  revision: Type.Integer({ description: 'Revision of the configuration it was decided in.' }),
  because: openEnum(
    ['entry', 'exit', 'condition', 'manual', 'imported', 'archived', 'configuration', 'merge', 'erased'],
    'What decided: a condition, a tier given by hand, the system that the member came from, what became of the configuration, or that two members were merged or parted.',
  ),
  of: nullable(Type.String({ description: 'The tier or segment whose condition decided. Null: none.' })),
  condition: nullable(Type.String({ description: 'That condition as it was, in text form. Null: none decided.' })),
  values: FieldValues('What it read then, by field in text form.'),
};

/** Why a member entered or left something, as it was found then. */
export const StatusDecision = named(
  'StatusDecision',
  Type.Object(decided, { description: 'Why a member entered or left, as it was found then.' }),
);
export type StatusDecision = Static<typeof StatusDecision>;

export const TierDecision = named(
  'TierDecision',
  Type.Object(
    {
      from: nullable(Type.String({ description: 'The tier before. Null: none.' })),
      to: nullable(Type.String({ description: 'The tier since. Null: none.' })),
      ...decided,
      note: nullable(
        Type.Object(
          { reason: Type.String(), actor: Type.String(), until: nullable(InstantText('Until when it holds.')) },
          { description: 'Of a tier given by hand: why, and by whom.' },
        ),
      ),
    },
    { description: 'A change of tier, and why.' },
  ),
);
export type TierDecision = Static<typeof TierDecision>;

export const TierExplanation = named(
  'TierExplanation',
  Type.Object(
    {
      scheme: Type.String({ description: 'Code of the tier scheme.' }),
      tier: nullable(Type.String({ description: 'The tier held then. Null: none.' })),
      since: nullable(InstantText('Since when.')),
      until: nullable(InstantText('With `at`: when it changed again. Null: it did not.')),
      decision: nullable(ref(TierDecision), { description: 'The change that led there. Null: there was none.' }),
      entry: clause(
        'The entry of the tier held, clause by clause. Null: no tier is held, or another instant was asked for.',
      ),
      exit: clause('Its exit. Null: it has none, or as above.'),
      kept_until: nullable(
        InstantText(
          'The tier is not left before: its stay or grace, or the date given by hand. Null: nothing holds it, or it is held for good.',
        ),
      ),
      next: nullable(
        Type.Object(
          { tier: Type.String({ description: 'The next tier up.' }), entry: clauseRef },
          { description: 'What it takes to rise.' },
        ),
      ),
      history: Type.Array(ref(TierDecision), { description: 'The last twenty changes up to then, the last first.' }),
      sentence: sentenceRef,
    },
    { description: 'Why a member holds a tier.' },
  ),
);
export type TierExplanation = Static<typeof TierExplanation>;

export const Membership = named(
  'SegmentMembership',
  Type.Object(
    {
      entered: ref(StatusDecision),
      left: nullable(ref(StatusDecision), { description: 'Null: the member is in it still.' }),
    },
    { description: 'A time during which a member was in a segment.' },
  ),
);
export type Membership = Static<typeof Membership>;

export const SegmentExplanation = named(
  'SegmentExplanation',
  Type.Object(
    {
      segment: Type.String({ description: 'Code of the segment.' }),
      inside: Type.Boolean({ description: 'Whether the member was in it then.' }),
      since: nullable(InstantText('Since when the member is in it, or is in it no more. Null: never was.')),
      condition: clause('Its condition, clause by clause. Null: it is archived, or another instant was asked for.'),
      exit: clause('Its exit. Null: it has none, or as above.'),
      history: Type.Array(ref(Membership), { description: 'The last twenty memberships up to then, the last first.' }),
      sentence: sentenceRef,
    },
    { description: 'Why a member is in a segment, or is not.' },
  ),
);
export type SegmentExplanation = Static<typeof SegmentExplanation>;

export const RULE_RESULTS = ['gave', 'gave_nothing', 'would_give', 'would_give_nothing', 'depends'] as const;
export const RULE_REASONS = [
  'not_in_force',
  'other_trigger',
  'dates',
  'schedule',
  'milestone',
  'lines',
  'condition',
  'limit',
  'cool_down',
  'budget',
  'exclusive_group',
  'not_used',
  'too_little',
  'past_purchase',
] as const;

export const RuleExplanation = named(
  'RuleExplanation',
  Type.Object(
    {
      rule: Type.String({ description: 'Code of the earn rule.' }),
      purchase: nullable(Type.String({ description: 'The purchase it is explained for. Null: none, as of now.' })),
      revision: Type.Integer({ description: 'Revision whose rule it is.' }),
      result: openEnum(
        RULE_RESULTS,
        'With a purchase: `gave` or `gave_nothing`. Without: whether it would give now; `depends` where that depends on what sets it off.',
      ),
      because: nullable(openEnum(RULE_REASONS, 'Why not.'), { description: 'Why it gave or would give nothing.' }),
      points: nullable(Type.Integer({ description: 'Points it gave.' })),
      counted: nullable(Type.Integer({ description: 'Minor units it looked at.' })),
      limited_to: nullable(
        Type.Integer({ description: 'What was left of its limits or budget, where that was less.' }),
      ),
      multiplied: Type.Array(Type.String(), { description: 'The multipliers that worked on what it gave.' }),
      condition: clause('Its condition, clause by clause. Null: it has none.'),
      sentence: sentenceRef,
    },
    { description: 'Why an earn rule gives, or does not.' },
  ),
);
export type RuleExplanation = Static<typeof RuleExplanation>;

export const PurchaseExplanation = named(
  'PurchaseExplanation',
  Type.Object(
    {
      purchase: Type.String({ description: 'Id of the purchase.' }),
      member: nullable(Type.String({ description: 'The member’s id; null for a guest, to whom no rule gives.' })),
      revision: Type.Integer({ description: 'Revision whose rules they are.' }),
      rules: Type.Array(ref(RuleExplanation), {
        description: 'Every earn rule that the purchase could set off, by code: what it gave, or why it gave nothing.',
      }),
    },
    { description: 'Which rules gave what for a purchase, and which did not and why.' },
  ),
);
export type PurchaseExplanation = Static<typeof PurchaseExplanation>;

export const MemberExplanation = named(
  'MemberExplanation',
  Type.Object(
    {
      member: Type.String({ description: 'The member’s id.' }),
      at: InstantText('The instant it is explained for.'),
      tier: nullable(ref(TierExplanation), { description: 'Null: not asked for.' }),
      segment: nullable(ref(SegmentExplanation), { description: 'Null: not asked for.' }),
      earn_rule: nullable(ref(RuleExplanation), { description: 'Null: not asked for.' }),
    },
    { description: 'Why something applies to a member, or does not.' },
  ),
);
export type MemberExplanation = Static<typeof MemberExplanation>;
