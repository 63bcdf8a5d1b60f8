import type { Attribute, AttributeValue } from '../model/attribute.ts';
import type { Command } from '../model/command.ts';
import { type Outcome, refuse } from '../model/decision.ts';
import type { MemberId } from '../model/ids.ts';
import { dayText, instantText, parseDay } from '../model/instant.ts';
import type { Identity, MemberProfile, PutMember } from '../model/member.ts';
import type { Name } from '../model/merge.ts';
import type { Fault } from '../model/problem.ts';
import type { Rules } from '../rules/rules.ts';
import { addEnrolment } from './activities.ts';
import { freeze } from './burns.ts';
import { announceClaims, type Claimable } from './claim-purchase.ts';
import { addEvent, type Draft } from './draft.ts';
import { acceptEvaluated } from './evaluate.ts';
import { noteReferral, refuseReferral } from './referrals.ts';

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

const consentsOf = (
  before: MemberProfile['consents'],
  given: PutMember['consents'],
  replace: boolean,
  now: string,
): MemberProfile['consents'] => {
  const consents: MemberProfile['consents'] = replace ? {} : { ...before };
  for (const [purpose, consent] of Object.entries(given ?? {})) {
    const held = before[purpose];
    const same = held !== undefined && held.granted === consent.granted && held.source === consent.source;
    consents[purpose] = { ...consent, changed_at: same ? held.changed_at : now };
  }
  return consents;
};

const profileOf = (before: MemberProfile, body: PutMember, replace: boolean, now: string): MemberProfile => ({
  profile: merged(before.profile, body.profile as Record<string, string | null> | undefined, replace),
  identities: body.identities === undefined ? (replace ? [] : before.identities) : uniqueIdentities(body.identities),
  attributes: merged(before.attributes, body.attributes, replace),
  consents: consentsOf(before.consents, body.consents, replace, now),
  acquisition: body.acquisition === undefined ? (replace ? null : before.acquisition) : body.acquisition,
});

const uniqueIdentities = (identities: readonly Identity[]): Identity[] => [
  ...new Map(identities.map((identity) => [identityKey(normalIdentity(identity)), normalIdentity(identity)])).values(),
];

const without = (identities: readonly Identity[], others: readonly Identity[]): Identity[] => {
  const keys = new Set(others.map(identityKey));
  return identities.filter((identity) => !keys.has(identityKey(identity)));
};

/** Enrols a member or updates one. `taken` are identities among those given that belong to other members. `referrer` is whose the referral code is, `claimable` are guests' purchases of identities that are new to the member. */
export const putMember = (
  draft: Draft,
  command: PutMemberCommand,
  enrolling: boolean,
  taken: ReadonlySet<string>,
  referrer: MemberId | null,
  claimable: readonly Claimable[],
): Outcome => {
  const { body, replace } = command;
  if (draft.state.status === 'closed') return refuse('member_closed', 'a closed membership is not changed');
  const badIdentities = faultsOfIdentities(body.identities ?? []);
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
  const clashes = (body.identities ?? []).flatMap((identity, index) =>
    taken.has(identityKey(normalIdentity(identity)))
      ? [
          {
            pointer: `/identities/${index}`,
            code: 'identity_taken',
            detail: `this ${identity.kind} identity belongs to another member`,
          },
        ]
      : [],
  );
  if (clashes.length > 0) return refuse('identity_taken', 'an identity belongs to another member', { errors: clashes });
  const refusal = refuseReferral(draft, enrolling, body.referred_by, referrer);
  if (refusal !== null) return refusal;
  const before = draft.loaded.profile ?? emptyProfile;
  const profile = profileOf(before, body, replace, instantText(draft.now));
  draft.profile = profile;
  draft.identities = {
    added: without(profile.identities, before.identities),
    removed: without(before.identities, profile.identities),
  };
  addEvent(draft, enrolling ? 'member.enrolled' : 'member.updated', draft.now, {});
  const { added, removed } = draft.identities;
  if (!enrolling && added.length + removed.length > 0) freeze(draft);
  if (enrolling && body.referred_by !== undefined && referrer !== null) noteReferral(draft, body.referred_by, referrer);
  if (enrolling) addEnrolment(draft);
  announceClaims(draft, claimable);
  return acceptEvaluated(draft, enrolling ? 201 : 200);
};

export const emptyProfile: MemberProfile = {
  profile: {},
  identities: [],
  attributes: {},
  consents: {},
  acquisition: null,
};
