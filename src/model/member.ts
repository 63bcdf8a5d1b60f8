import { type Static, Type } from 'typebox';
import { AccountView } from './account.ts';
import { ConsentView } from './consent.ts';
import { type Instant, InstantText } from './instant.ts';
import { limits } from './limits.ts';
import { referralCode } from './referral.ts';
import { closed, named, nullable, openEnum, ref } from './schema.ts';
import { callerId, code, text } from './text.ts';
import { SegmentView, TierView } from './tier-view.ts';

export const MEMBER_STATUSES = ['active', 'suspended', 'closed', 'merged', 'erased'] as const;
export type MemberStatus = (typeof MEMBER_STATUSES)[number];

/** Kinds of identity. E-mail and phone are personal: they are never written into a URL or a log. */
export const IDENTITY_KINDS = ['card', 'crm', 'email', 'phone'] as const;
export type IdentityKind = (typeof IDENTITY_KINDS)[number];

export const Identity = named(
  'Identity',
  closed(
    {
      kind: Type.Enum([...IDENTITY_KINDS], { description: 'Kind of identity.' }),
      value: text(
        limits.textLength,
        'The identity itself: a card number, an id in the CRM, an e-mail address, a phone number in E.164.',
        '2099000001',
      ),
    },
    {
      description:
        'Another way to name a member, unique in the program. E-mail addresses are compared without regard to case.',
      examples: [{ kind: 'card', value: '2099000001' }],
    },
  ),
);
export type Identity = Static<typeof Identity>;

export const memberId = callerId('The caller’s own id of the member.', 'm-1001');

/** How bodies and paths name a member: by the caller's id, or by an identity written `kind:value`. */
export const memberRef = Type.String({
  pattern: '^((card|crm):[A-Za-z0-9._~@=+-]{1,128}|[A-Za-z0-9][A-Za-z0-9._~@=+-]{0,127})$',
  maxLength: limits.idLength + 5,
  description: 'The member: the caller’s own id, or an identity that is not personal, written `card:…` or `crm:…`.',
  examples: ['m-1001'],
});

const name = (description: string, example: string) =>
  Type.Optional(nullable(text(limits.textLength, description, example)));

export const Profile = closed(
  {
    given_name: name('Given name.', 'Ada'),
    family_name: name('Family name.', 'Martin'),
    birth_date: Type.Optional(
      nullable(Type.String({ format: 'date', description: 'Date of birth.', examples: ['1988-05-17'] })),
    ),
    language: Type.Optional(
      nullable(
        Type.String({ pattern: '^[a-z]{2,3}(-[A-Z]{2})?$', description: 'Language, BCP 47.', examples: ['fr'] }),
      ),
    ),
    country: Type.Optional(
      nullable(Type.String({ pattern: '^[A-Z]{2}$', description: 'Country, ISO 3166-1 alpha-2.', examples: ['FR'] })),
    ),
  },
  { description: 'Who the member is. With `PATCH`: absent is unchanged, null is cleared.' },
);
export type Profile = Static<typeof Profile>;

const attributeCode = '^[a-z][a-z0-9_-]{0,63}$';

export const AttributeValues = Type.Record(
  Type.String({ pattern: attributeCode }),
  Type.Union([
    text(limits.textLength, 'Text, a date or an instant.'),
    Type.Integer({ minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }),
    Type.Boolean(),
    Type.Array(text(limits.textLength, 'An element.'), { maxItems: limits.attributeSetValues, uniqueItems: true }),
    Type.Null(),
  ]),
  {
    maxProperties: limits.attributesPerMember,
    additionalProperties: false,
    description: 'Values of declared attributes, by code. Null clears one.',
    examples: [{}],
  },
);

export const Consents = Type.Record(
  Type.String({ pattern: attributeCode }),
  closed({
    granted: Type.Boolean({ description: 'Whether consent is given.' }),
    source: Type.Optional(text(limits.textLength, 'Where it was given.', 'web-form')),
    changed_at: Type.Optional(
      InstantText(
        'When it was given or withdrawn. Absent: now. What is older than what stands changes nothing, so that a withdrawal is not undone by what was told late.',
      ),
    ),
  }),
  {
    maxProperties: limits.consentsPerMember,
    additionalProperties: false,
    description: 'Consents by purpose.',
    examples: [{ newsletter: { granted: true, source: 'web-form' } }],
  },
);

export const Acquisition = closed(
  {
    source: text(limits.textLength, 'Where the member came from.', 'spring-campaign'),
    medium: Type.Optional(text(limits.textLength, 'By what means.', 'email')),
    campaign: Type.Optional(text(limits.textLength, 'Within which campaign.', '2026-spring')),
  },
  { description: 'How the member was won.' },
);

export const Tags = Type.Array(code('A tag.', 'vip'), {
  maxItems: limits.tagsPerMember,
  uniqueItems: true,
  description: 'Tags, a set of codes that need no declaration. Conditions read them as `tags`.',
  examples: [['vip']],
});

const writable = {
  profile: Type.Optional(Profile),
  identities: Type.Optional(
    Type.Array(ref(Identity), {
      maxItems: limits.identitiesPerMember,
      description: 'All identities of the member: those not listed are removed.',
    }),
  ),
  attributes: Type.Optional(AttributeValues),
  consents: Type.Optional(Consents),
  tags: Type.Optional(Tags),
  acquisition: Type.Optional(nullable(Acquisition)),
  source_updated_at: Type.Optional(
    InstantText(
      'When the source system last changed this member. What is older than what was last written with it changes nothing: the last writer wins by the source’s own time, in whatever order it arrives.',
    ),
  ),
};

/** What a change may add to lists or take from them, and leave the rest. */
const laidOver = {
  add_identities: Type.Optional(
    Type.Array(ref(Identity), {
      maxItems: limits.identitiesPerMember,
      description: 'Identities the member has besides. Not together with `identities`.',
    }),
  ),
  add_tags: Type.Optional(Tags),
  remove_tags: Type.Optional(Tags),
};

export const PutMember = named(
  'PutMember',
  closed(
    { ...writable, referred_by: Type.Optional(referralCode) },
    {
      description:
        'Everything about the member that the caller knows. What is absent is cleared, but for `referred_by`: on whose recommendation a new member is enrolled.',
      examples: [
        {
          profile: { given_name: 'Ada', language: 'fr' },
          identities: [{ kind: 'card', value: '2099000001' }],
          consents: { newsletter: { granted: true } },
          acquisition: { source: 'spring-campaign' },
        },
      ],
    },
  ),
);
export type PutMember = Static<typeof PutMember>;

export const PatchMember = named(
  'PatchMember',
  closed(
    { ...writable, ...laidOver },
    {
      description: 'What to change: absent is unchanged, null is cleared.',
      examples: [{ profile: { language: 'en' } }],
    },
  ),
);
export type PatchMember = Static<typeof PatchMember>;

/** What became of a write of a member. `stale`: it was older than what is stored, by the source's own time. */
export const WRITTEN = ['enrolled', 'updated', 'unchanged', 'stale'] as const;
export type Written = (typeof WRITTEN)[number];

/** What is kept about a person, apart from points: one row that reads and erasure find in one place. */
export interface MemberProfile {
  profile: Record<string, string>;
  identities: Identity[];
  attributes: Record<string, string | number | boolean | string[]>;
  consents: Record<string, { granted: boolean; source?: string; changed_at: string }>;
  acquisition: { source: string; medium?: string; campaign?: string } | null;
  tags: readonly string[];
  /** What the source system said when it last wrote, in its own time; null: it never did. */
  source_updated_at: Instant | null;
}

export const Member = named(
  'Member',
  Type.Object(
    {
      id: memberId,
      status: openEnum(MEMBER_STATUSES, 'Status of the membership.'),
      enrolled_at: InstantText('When the member was enrolled.'),
      frozen_until: nullable(
        InstantText('Until when nothing is redeemed or held, as an identity was changed. Null: not frozen.'),
      ),
      profile: Profile,
      identities: Type.Array(ref(Identity)),
      attributes: AttributeValues,
      consents: Type.Record(Type.String(), ConsentView, { description: 'Consents by purpose.' }),
      acquisition: nullable(Acquisition),
      tags: Tags,
      source_updated_at: nullable(
        InstantText('When the source system last changed what it sent; null: it never said.'),
      ),
      accounts: Type.Array(ref(AccountView), {
        description: 'Balances, one account for each wallet, as they are now.',
      }),
      tiers: Type.Array(ref(TierView), {
        description: 'The tier held in each scheme, and what is missing to the next.',
      }),
      segments: Type.Array(ref(SegmentView), { description: 'The segments the member is in.' }),
      nps: nullable(
        Type.Object(
          { score: Type.Integer({ description: '0 to 10.' }), at: InstantText('When it was given.') },
          { description: 'The last answer to a survey: how likely the member is to recommend.' },
        ),
      ),
      totals: Type.Object(
        {
          spend: Type.Integer({ description: 'Money spent, in minor units, as the program counts it.' }),
          purchases: Type.Integer({ description: 'Number of purchases.' }),
          first_purchase_at: nullable(InstantText('When the first purchase occurred.')),
          last_purchase_at: nullable(InstantText('When the last purchase occurred.')),
        },
        { description: 'Totals over the whole membership.' },
      ),
      referral_code: nullable(Type.String(), {
        description: 'The member’s own code for referring others; null until it is asked for.',
      }),
      referred_by: nullable(Type.String(), {
        description: 'The code the member was enrolled with.',
      }),
      referral_qualified_at: nullable(InstantText('When a purchase of the member qualified the referral.')),
      merged_ids: Type.Array(Type.String(), {
        description: 'Ids of members who were merged into this one, directly or through others: they lead here.',
      }),
      as_of: InstantText('The instant at which this is true.'),
      result: Type.Optional(
        openEnum(
          WRITTEN,
          'In the answer to a write: what became of it. `stale`: older than what is stored, nothing changed.',
        ),
      ),
    },
    { description: 'A member with everything a checkout page shows.' },
  ),
);
export type Member = Static<typeof Member>;

export const ChangedMember = named(
  'ChangedMember',
  Type.Object(
    {
      id: memberId,
      updated_at: InstantText('When what is known about the person last changed, in real time.'),
      member: nullable(ref(Member), {
        description: 'Whom the id leads to, as it is now: of one that was merged, the other. Null: nobody any more.',
      }),
    },
    { description: 'A member that changed.' },
  ),
);

export const LookupMember = named(
  'LookupMember',
  closed(
    { identity: ref(Identity) },
    {
      description: 'The identity to look a member up by.',
      examples: [{ identity: { kind: 'card', value: '2099000001' } }],
    },
  ),
);
