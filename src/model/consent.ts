import { type Static, Type } from 'typebox';
import { type Instant, InstantText } from './instant.ts';
import { named, nullable } from './schema.ts';

/** A consent as it stands. */
export const ConsentView = Type.Object({
  granted: Type.Boolean({ description: 'Whether it is given.' }),
  source: Type.Optional(Type.String({ description: 'Where it was given.' })),
  changed_at: InstantText('When it last changed.'),
});

/** What every consent was changed to, and when. */
export interface ConsentChange {
  /** That of the member's event that told it. */
  readonly number: number;
  readonly purpose: string;
  /** Null: the caller says no more whether it is given. */
  readonly granted: boolean | null;
  readonly source: string | null;
  readonly changed_at: Instant;
  readonly recorded_at: Instant;
}

export const ConsentRecord = named(
  'ConsentRecord',
  Type.Object(
    {
      purpose: Type.String({ description: 'The purpose.', examples: ['newsletter'] }),
      granted: nullable(Type.Boolean(), {
        description: 'Whether it was given, or withdrawn. Null: the caller says no more whether it is given.',
      }),
      source: nullable(Type.String(), { description: 'Where; null: not told.' }),
      changed_at: InstantText('When it was given or withdrawn, as the caller says.'),
      recorded_at: InstantText('When the engine took it.'),
    },
    { description: 'A consent that was given, changed or withdrawn.' },
  ),
);
export type ConsentRecord = Static<typeof ConsentRecord>;
