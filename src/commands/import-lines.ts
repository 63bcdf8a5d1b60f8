import type { Command } from '../model/command.ts';
import type { MemberId } from '../model/ids.ts';
import type {
  ImportedConsent,
  ImportedIdentity,
  ImportedMember,
  ImportedOpening,
  ImportedTags,
  ImportKind,
  ImportOptions,
} from '../model/import.ts';
import { parseInstant } from '../model/instant.ts';
import type { PatchMember } from '../model/member.ts';
import type { RecordPastPurchase } from '../model/past-purchase.ts';

/** The member a line is about: by the caller's id, and by the internal one once it is there. */
export interface NamedMember {
  /** As the line names it: the caller's own id, or `kind:value`. */
  readonly name: string;
  /** Null: nobody of this name is there yet. */
  readonly id: MemberId | null;
}

/** What the lines of one kind of import come to. They have been held against their schema. */
export interface LineKind<L> {
  /** How the line names its member. */
  readonly memberOf: (line: L) => string;
  /** Whether a line about somebody unknown enrols them; otherwise it is `member_not_found`. */
  readonly enrols: boolean;
  readonly commandOf: (line: L, member: NamedMember, options: ImportOptions) => Command;
  /** Where in the line that stands which the command's pointer names; absent: at the same place. */
  readonly pointerOf?: (pointer: string) => string;
  /** The single operation that does the same, if it can be repeated: the line is then the same to it. */
  readonly operation?: {
    readonly method: 'POST';
    readonly route: string;
    /** What the operation is asked in its path and body; absent: the line is the body. */
    readonly asked?: (line: L) => { readonly params: object; readonly body: object };
  };
}

const known = ({ id }: NamedMember): MemberId => {
  if (id === null) throw new Error('the line is about somebody');
  return id;
};

const patch = (member: NamedMember, body: PatchMember): Command => ({
  kind: 'put_member',
  member_id: known(member),
  external_id: member.name,
  body,
  replace: false,
});

/** The rest of a line, where the source says when: a write that is older than what is stored changes nothing. */
const sourced = ({ source_updated_at }: Pick<PatchMember, 'source_updated_at'>): PatchMember =>
  source_updated_at === undefined ? {} : { source_updated_at };

const members: LineKind<ImportedMember> = {
  memberOf: ({ id }) => id,
  enrols: true,
  commandOf: ({ id, enrolled_at, ...body }, member, { fire_rules }) => ({
    kind: 'put_member',
    member_id: member.id,
    external_id: id,
    body,
    replace: false,
    backfill: !fire_rules,
    ...(enrolled_at === undefined ? {} : { enrolled_at: parseInstant(enrolled_at) }),
  }),
};

const identities: LineKind<ImportedIdentity> = {
  memberOf: ({ member }) => member,
  enrols: false,
  pointerOf: () => '/value',
  commandOf: ({ kind, value, ...line }, member) =>
    patch(member, { add_identities: [{ kind, value }], ...sourced(line) }),
};

const consents: LineKind<ImportedConsent> = {
  memberOf: ({ member }) => member,
  enrols: false,
  commandOf: ({ purpose, granted, source, ...line }, member) => {
    const consent = { granted, ...(source === undefined ? {} : { source }) };
    return patch(member, { consents: { [purpose]: consent }, ...sourced(line) });
  },
};

const tags: LineKind<ImportedTags> = {
  memberOf: ({ member }) => member,
  enrols: false,
  pointerOf: () => '/add',
  commandOf: ({ add = [], remove = [], ...line }, member) =>
    patch(member, { add_tags: add, remove_tags: remove, ...sourced(line) }),
};

const opening_balances: LineKind<ImportedOpening> = {
  memberOf: ({ member }) => member,
  enrols: false,
  commandOf: ({ member: _, ...request }, member) => ({ kind: 'open_balance', member_id: known(member), request }),
  operation: {
    method: 'POST',
    route: '/v1/members/:id/opening-balance',
    asked: ({ member: id, ...body }) => ({ params: { id }, body }),
  },
};

const past_purchases: LineKind<RecordPastPurchase> = {
  memberOf: ({ member }) => member,
  enrols: false,
  commandOf: (report, member) => ({ kind: 'record_past_purchase', member_id: known(member), report }),
  operation: { method: 'POST', route: '/v1/past-purchases' },
};

/** What every kind of import does with a line. The type of a line is that of its schema in `IMPORT_LINES`. */
export const lineKinds: Readonly<Record<ImportKind, LineKind<never>>> = {
  members,
  identities,
  consents,
  tags,
  opening_balances,
  past_purchases,
};
