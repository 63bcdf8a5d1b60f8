import type { Attribute, AttributeValue } from '../model/attribute.ts';
import type { Command } from '../model/command.ts';
import { type Accepted, accept, type Outcome, type Refusal, refuse } from '../model/decision.ts';
import type { MemberId } from '../model/ids.ts';
import { dayText, type Instant, parseDay, parseInstant } from '../model/instant.ts';
import { limits } from '../model/limits.ts';
import type { Identity, MemberProfile, PatchMember, PutMember, Written } from '../model/member.ts';
import type { Name } from '../model/merge.ts';
import type { Fault } from '../model/problem.ts';
import type { Rules } from '../rules/rules.ts';
import { addEnrolment } from './activities.ts';
import { freeze } from './burns.ts';
import { announceClaims, type Claimable } from './claim-purchase.ts';
import { consentsAfter, faultsOfConsents, noteConsents } from './consents.ts';
import { addEvent, type Draft } from './draft.ts';
import { evaluate } from './evaluate.ts';
import { reassessQuietly } from './past-totals.ts';
import { noteReferral, refuseReferral } from './referrals.ts';

type Body = PutMember & PatchMember;

export type PutMemberCommand = Extract<Command, { kind: 'put_member' }>;

const IDENTITY_FORMS: Record<Identity['kind'], RegExp> = {
  card: /^[A-Za-z0-9._~@=+-]{1,128}$/,
  crm: /^[A-Za-z0-9._~@=+-]{1,128}$/,
  email: /^[^\s@]{1,64}@[^\s@]{1,190}$/,
  phone: /^\+[1-9][0-9]{5,14}$/,
};

/** One form for each identity: e-mail addresses are compared without regard to case. */
export const normalIdentity = (identity: Identity): Identity =>
  identity.kind === 'email' ? { kind: 'email', value: identity.value.toLowerCase() } : identity;

export const identityKey = (identity: Name): string => `${identity.kind}:${identity.value}`;

/** Identities that do not have the form of their kind. The value itself is not repeated: it may be personal. */
export const faultsOfIdentities = (
  identities: readonly Identity[],
  pointerOf = (index: number): string => `/identities/${index}`,
): Fault[] =>
  identities.flatMap((identity, index) =>
    IDENTITY_FORMS[identity.kind].test(identity.value)
      ? []
      : [
          {
            pointer: `${pointerOf(index)}/value`,
            code: 'invalid_identity',
            detail: 'another form',
            expected: `${identity.kind} as ${IDENTITY_FORMS[identity.kind].source}`,
          },
        ],
  );

const INSTANT = /^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,3})?Z$/;

/** A day that exists: February has no 30th. */
const isDay = (value: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(value) && Number.isInteger(parseDay(value)) && dayText(parseDay(value)) === value;

const fits = (attribute: Attribute, value: AttributeValue): boolean => {
  const allowed = (text: string) => attribute.values === null || attribute.values.includes(text);
  switch (attribute.type) {
    case 'string':
      return typeof value === 'string' && allowed(value);
    case 'integer':
      return typeof value === 'number';
    case 'boolean':
      return typeof value === 'boolean';
    case 'instant':
      return typeof value === 'string' && INSTANT.test(value) && isDay(value.slice(0, 10));
    case 'date':
      return typeof value === 'string' && isDay(value);
    case 'set':
      return Array.isArray(value) && value.every(allowed);
  }
};

const faultsOfAttributes = (values: NonNullable<PutMember['attributes']>, rules: Rules): Fault[] =>
  Object.entries(values).flatMap(([code, value]): Fault[] => {
    const attribute = rules.attributes.get(code);
    const pointer = `/attributes/${code}`;
    if (attribute === undefined)
      return [
        {
          pointer,
          code: 'unknown_attribute',
          detail: `no attribute ${code} is declared`,
          expected: [...rules.attributes.keys()].join(', ') || 'a declared attribute',
        },
      ];
    if (value === null || fits(attribute, value)) return [];
    return [
      {
        pointer,
        code: 'invalid_attribute',
        detail: 'a value of another kind',
        expected: attribute.values === null ? attribute.type : `${attribute.type}: ${attribute.values.join(', ')}`,
      },
    ];
  });

const withoutNulls = <V>(values: Readonly<Record<string, V | null>>): Record<string, V> =>
  Object.fromEntries(Object.entries(values).filter((pair): pair is [string, V] => pair[1] !== null));

/** `PUT` replaces, `PATCH` lays over: absent is unchanged, null is cleared. */
const merged = <V>(
  before: Readonly<Record<string, V>>,
  given: Readonly<Record<string, V | null>> | undefined,
  replace: boolean,
): Record<string, V> => withoutNulls(replace ? { ...given } : { ...before, ...given });

const tagsOf = (before: readonly string[], { tags, add_tags = [], remove_tags = [] }: Body, replace: boolean) => {
  const all = new Set([...(tags ?? (replace ? [] : before)), ...add_tags]);
  for (const tag of remove_tags) all.delete(tag);
  return [...all].sort();
};

const profileOf = (before: MemberProfile, body: Body, replace: boolean, now: Instant): MemberProfile => ({
  profile: merged(before.profile, body.profile as Record<string, string | null> | undefined, replace),
  identities: uniqueIdentities([
    ...(body.identities ?? (replace ? [] : before.identities)),
    ...(body.add_identities ?? []),
  ]),
  attributes: merged(before.attributes, body.attributes, replace),
  consents: consentsAfter(before.consents, body.consents, replace, now),
  acquisition: body.acquisition === undefined ? (replace ? null : before.acquisition) : body.acquisition,
  tags: tagsOf(before.tags, body, replace),
  source_updated_at:
    body.source_updated_at === undefined ? before.source_updated_at : parseInstant(body.source_updated_at),
});

/** Whether two values of a profile are the same, whatever the order of properties. */
const same = (a: unknown, b: unknown): boolean => {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const [names, others] = [Object.keys(a), Object.keys(b)];
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  return names.length === others.length && names.every((name) => name in right && same(left[name], right[name]));
};

/** What of lists grows beyond what a member may have, as these are laid over others. */
const overfull = ({ identities, tags }: MemberProfile): Refusal | null => {
  const [pointer, most] =
    identities.length > limits.identitiesPerMember
      ? ['/add_identities', limits.identitiesPerMember]
      : tags.length > limits.tagsPerMember
        ? ['/add_tags', limits.tagsPerMember]
        : ['', 0];
  return most === 0
    ? null
    : refuse('too_many_items', 'a list of the member would grow beyond its limit', {
        errors: [
          { pointer, code: 'too_many_items', detail: 'too many with those there are', expected: `at most ${most}` },
        ],
      });
};

/** What became of the write; `saves` false: it changes nothing. */
const written = (result: Written): Accepted =>
  result === 'unchanged' || result === 'stale'
    ? { ...accept({ result }), saves: false }
    : accept({ result }, result === 'enrolled' ? 201 : 200);

const uniqueIdentities = (identities: readonly Identity[]): Identity[] => [
  ...new Map(identities.map((identity) => [identityKey(normalIdentity(identity)), normalIdentity(identity)])).values(),
];

const without = (identities: readonly Identity[], others: readonly Identity[]): Identity[] => {
  const keys = new Set(others.map(identityKey));
  return identities.filter((identity) => !keys.has(identityKey(identity)));
};

/** The identities a write gives to the member, and where it says so. */
export const identitiesIn = ({
  identities = [],
  add_identities = [],
}: Body): { readonly identity: Identity; readonly pointer: string }[] => [
  ...identities.map((identity, index) => ({ identity, pointer: `/identities/${index}` })),
  ...add_identities.map((identity, index) => ({ identity, pointer: `/add_identities/${index}` })),
];

/** Whether the source has since written something newer: the last writer wins by the source's own time. */
const isStale = ({ source_updated_at: last }: MemberProfile, { source_updated_at: now }: Body): boolean =>
  now !== undefined && last !== null && parseInstant(now) < last;

/** Enrols a member or updates one. `taken` are identities among those given that belong to other members. `referrer` is whose the referral code is, `claimable` are guests' purchases of identities that are new to the member. `isKnown`: a member who was erased comes back, and is welcomed no second time. */
export const putMember = (
  draft: Draft,
  command: PutMemberCommand,
  enrolling: boolean,
  taken: ReadonlySet<string>,
  referrer: MemberId | null,
  claimable: readonly Claimable[],
  isKnown: boolean,
): Outcome => {
  const { body, replace } = command;
  if (draft.state.status === 'closed') return refuse('member_closed', 'a closed membership is not changed');
  const before = draft.loaded.profile ?? emptyProfile;
  if (isStale(before, body)) return written('stale');
  const given = identitiesIn(body);
  const badIdentities = given.flatMap(({ identity, pointer }) => faultsOfIdentities([identity], () => pointer));
  if (badIdentities.length > 0)
    return refuse('invalid_identity', 'an identity does not have the form of its kind', { errors: badIdentities });
  const badAttributes = faultsOfAttributes(body.attributes ?? {}, draft.rules);
  const [first] = badAttributes;
  if (first !== undefined)
    return refuse(
      first.code === 'unknown_attribute' ? 'unknown_attribute' : 'invalid_attribute',
      'the attributes do not fit their declaration',
      { errors: badAttributes },
    );
  const early = faultsOfConsents(body.consents ?? {}, draft.now);
  if (early.length > 0)
    return refuse('occurred_in_future', 'a consent is given by now at the latest', { errors: early });
  const clashes = given.flatMap(({ identity, pointer }) =>
    taken.has(identityKey(normalIdentity(identity)))
      ? [{ pointer, code: 'identity_taken', detail: `this ${identity.kind} identity belongs to another member` }]
      : [],
  );
  if (clashes.length > 0) return refuse('identity_taken', 'an identity belongs to another member', { errors: clashes });
  const refusal = refuseReferral(draft, enrolling, body.referred_by, referrer);
  if (refusal !== null) return refusal;
  const profile = profileOf(before, body, replace, draft.now);
  const refused = overfull(profile);
  if (refused !== null) return refused;
  if (!enrolling && same(before, profile)) return written('unchanged');
  draft.profile = profile;
  draft.identities = {
    added: without(profile.identities, before.identities),
    removed: without(before.identities, profile.identities),
  };
  const isBackfill = command.backfill === true;
  const told = enrolling && isBackfill ? { backfill: true } : {};
  addEvent(draft, enrolling ? 'member.enrolled' : 'member.updated', draft.now, told);
  noteConsents(draft, before.consents, profile.consents);
  const { added, removed } = draft.identities;
  if (!enrolling && added.length + removed.length > 0) freeze(draft);
  if (enrolling && !isKnown) {
    if (body.referred_by !== undefined && referrer !== null) noteReferral(draft, body.referred_by, referrer);
    addEnrolment(draft, isBackfill);
  }
  announceClaims(draft, claimable);
  if (isBackfill) reassessQuietly(draft);
  else evaluate(draft, draft.now);
  return written(enrolling ? 'enrolled' : 'updated');
};

export const emptyProfile: MemberProfile = {
  profile: {},
  identities: [],
  attributes: {},
  consents: {},
  acquisition: null,
  tags: [],
  source_updated_at: null,
};
