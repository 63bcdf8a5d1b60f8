import { type Static, Type } from 'typebox';
import { InstantText } from './instant.ts';
import { limits } from './limits.ts';
import type { Identity } from './member.ts';
import { closed, named } from './schema.ts';
import { text } from './text.ts';

const actor = text(
  limits.textLength,
  'Who decided it: better an employee’s id than a name. It stands with the audit log.',
  'privacy-desk-7',
);

export const EraseMember = named(
  'EraseMember',
  closed({ actor }, { description: 'Who erases a member.', examples: [{ actor: 'privacy-desk-7' }] }),
);
export type EraseMember = Static<typeof EraseMember>;

export const ExportMember = named(
  'ExportMember',
  closed(
    { actor },
    { description: 'Who takes an export of everything about a member.', examples: [{ actor: 'privacy-desk-7' }] },
  ),
);
export type ExportMember = Static<typeof ExportMember>;

export const ErasedMember = named(
  'MemberErased',
  Type.Object(
    {
      member: Type.String({
        description: 'The pseudonym that the member’s id became. Ledger entries, purchases and returns are read by it.',
        examples: ['erased-5kq0zv7ch3m2w8xd9tfy'],
      }),
      erased_at: InstantText('When the member was erased.'),
    },
    { description: 'What is left of a member’s name.' },
  ),
);
export type ErasedMember = Static<typeof ErasedMember>;

/** What a member was known by until an erasure. */
export interface ErasedPerson {
  /** The caller's own id. */
  readonly external_id: string;
  readonly identities: readonly Identity[];
}
