import { type Static, type TSchema, Type } from 'typebox';
import { InstantText } from './instant.ts';
import { limits } from './limits.ts';
import { Identity, memberId, memberRef, PatchMember, Tags } from './member.ts';
import { OpenBalance } from './opening-balance.ts';
import { RecordPastPurchase } from './past-purchase.ts';
import { checkedElsewhere, closed, named, nullable, openEnum, ref } from './schema.ts';
import { code, text } from './text.ts';

const { properties: patch } = PatchMember;

const sourceUpdatedAt = patch.source_updated_at;

export const ImportedMember = named(
  'ImportedMember',
  closed(
    {
      id: memberId,
      enrolled_at: Type.Optional(
        InstantText(
          'Since when the member has been one; read when the line enrols. Absent, or in the future: from now on.',
        ),
      ),
      ...patch,
    },
    {
      description:
        'A line of an import of members: enrols who is not there yet, and changes the others as PATCH does. Absent is unchanged, null is cleared.',
      examples: [
        {
          id: 'm-1001',
          profile: { given_name: 'Ada', language: 'fr' },
          add_tags: ['vip'],
          source_updated_at: '2026-03-01T09:30:00Z',
        },
      ],
    },
  ),
);
export type ImportedMember = Static<typeof ImportedMember>;

export const ImportedIdentity = named(
  'ImportedIdentity',
  closed(
    {
      member: memberRef,
      kind: Identity.properties.kind,
      value: Identity.properties.value,
      source_updated_at: sourceUpdatedAt,
    },
    {
      description: 'A line of an import of identities: one that the member has besides.',
      examples: [{ member: 'm-1001', kind: 'card', value: '2099000001' }],
    },
  ),
);
export type ImportedIdentity = Static<typeof ImportedIdentity>;

export const ImportedConsent = named(
  'ImportedConsent',
  closed(
    {
      member: memberRef,
      purpose: code('Purpose of the consent.', 'newsletter'),
      granted: Type.Boolean({ description: 'Whether consent is given.' }),
      source: Type.Optional(text(limits.textLength, 'Where it was given.', 'web-form')),
      source_updated_at: sourceUpdatedAt,
    },
    {
      description: 'A line of an import of consents.',
      examples: [{ member: 'm-1001', purpose: 'newsletter', granted: true, source: 'web-form' }],
    },
  ),
);
export type ImportedConsent = Static<typeof ImportedConsent>;

export const ImportedTags = named(
  'ImportedTags',
  closed(
    {
      member: memberRef,
      add: Type.Optional(Tags),
      remove: Type.Optional(Tags),
      source_updated_at: sourceUpdatedAt,
    },
    {
      description: 'A line of an import of tags.',
      examples: [{ member: 'm-1001', add: ['vip'], remove: ['prospect'] }],
    },
  ),
);
export type ImportedTags = Static<typeof ImportedTags>;

export const ImportedOpening = named(
  'ImportedOpening',
  closed(
    { member: memberRef, ...OpenBalance.properties },
    {
      description: 'A line of an import of opening balances: what a member had of a wallet in the system that is left.',
      examples: [
        {
          member: 'm-1001',
          lots: [{ points: 500, earned_at: '2025-11-03T10:15:00Z', expires_at: '2027-11-30T23:00:00Z' }],
        },
      ],
    },
  ),
);
export type ImportedOpening = Static<typeof ImportedOpening>;

/** What a line of each kind of import is. */
export const IMPORT_LINES = {
  members: ImportedMember,
  identities: ImportedIdentity,
  consents: ImportedConsent,
  tags: ImportedTags,
  opening_balances: ImportedOpening,
  past_purchases: RecordPastPurchase,
} as const satisfies Record<string, TSchema & { $id: string }>;

export const ImportLine = named(
  'ImportLine',
  checkedElsewhere(
    Type.Unsafe<Record<string, unknown>>({
      anyOf: Object.values(IMPORT_LINES).map((line) => ref(line)),
      description: 'A line of a file, as its kind says. Each is held against its schema by itself.',
      examples: [{ id: 'm-1001', profile: { language: 'fr' }, add_tags: ['vip'] }],
    }),
  ),
);

export const IMPORT_KINDS = Object.keys(IMPORT_LINES) as (keyof typeof IMPORT_LINES)[];
export type ImportKind = (typeof IMPORT_KINDS)[number];

export const IMPORT_STATUSES = ['waiting', 'running', 'done', 'cancelled'] as const;
export type ImportStatus = (typeof IMPORT_STATUSES)[number];

export interface ImportOptions {
  /** Everything is decided and nothing saved. */
  readonly dry_run: boolean;
  /** Whether enrolling sets off earn rules. */
  readonly fire_rules: boolean;
}

export const Import = named(
  'Import',
  Type.Object(
    {
      id: Type.String({ description: 'Id of the import.', examples: ['imp_1'] }),
      kind: Type.Enum([...IMPORT_KINDS], { description: 'What its lines are.' }),
      dry_run: Type.Boolean({ description: 'Whether it only says what would come of it.' }),
      fire_rules: Type.Boolean({ description: 'Whether enrolling sets off earn rules.' }),
      status: openEnum(IMPORT_STATUSES, 'Where it stands.'),
      total: Type.Integer({ description: 'Lines in the file, without empty ones and a header.' }),
      succeeded: Type.Integer({ description: 'Lines that changed something; in a dry run, that would.' }),
      unchanged: Type.Integer({ description: 'Lines that say what is known already.' }),
      stale: Type.Integer({
        description: 'Lines older than what is stored, by the source’s own time: nothing was changed.',
      }),
      failed: Type.Integer({ description: 'Lines with an error; see its errors.' }),
      created_at: InstantText('When the file had arrived.'),
      finished_at: nullable(InstantText('When the last line was done, or it was cancelled.')),
    },
    { description: 'A file that is, or was, imported.' },
  ),
);
export type Import = Static<typeof Import>;

export const ImportError = named(
  'ImportError',
  Type.Object(
    {
      line: Type.Integer({ description: 'The line of the file, from 1; of a record of several lines, the first.' }),
      pointer: Type.String({ description: 'JSON pointer into the line; empty: the line as a whole.' }),
      code: Type.String({ description: 'What is wrong: the code of a problem, or the keyword of the schema.' }),
      detail: Type.String({ description: 'The same in words. It repeats no value of the file.' }),
    },
    { description: 'What is wrong with a line. A line can have several.' },
  ),
);
export type ImportError = Static<typeof ImportError>;

/** A line as it waits to be worked off: what it says, or what is wrong with its form. */
export type ImportRecord =
  | readonly [line: number, value: unknown]
  | readonly [line: number, value: null, faults: readonly Omit<ImportError, 'line'>[]];
