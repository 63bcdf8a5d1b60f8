import type { Member } from '../model/member.ts';

type Told = Readonly<Record<string, unknown>>;

const identity = ({ identities }: Member, kind: string): string | null =>
  identities.find((one) => one.kind === kind)?.value ?? null;

const balances = ({ accounts }: Member) =>
  Object.fromEntries(
    accounts.map(({ wallet, available, pending, held, debt }) => [wallet, { available, pending, held, debt }]),
  );

/** A field that a stream asks for; null where the member has none. */
const fieldOf = (member: Member, field: string): unknown => {
  const [kind = '', code] = field.split('.', 2);
  if (code !== undefined) {
    if (kind === 'attributes') return member.attributes[code] ?? null;
    return member.consents[code]?.granted ?? null;
  }
  switch (field) {
    case 'status':
    case 'enrolled_at':
    case 'referral_code':
    case 'tiers':
      return member[field];
    case 'segments':
      return member.segments.map(({ segment }) => segment);
    case 'balances':
      return balances(member);
    case 'email':
    case 'phone':
    case 'card':
    case 'crm':
      return identity(member, field);
    case 'given_name':
    case 'family_name':
    case 'birth_date':
    case 'language':
    case 'country':
      return member.profile[field] ?? null;
    default:
      return null;
  }
};

/** What a stream asks for of a member, by the names it asks with; of `attributes.x`, within `attributes`. */
export const fieldsOf = (member: Member, fields: readonly string[]): Told => {
  const told: Record<string, unknown> = {};
  for (const field of fields) {
    const [kind = '', code] = field.split('.', 2);
    if (code === undefined) told[field] = fieldOf(member, field);
    else told[kind] = { ...(told[kind] as Told | undefined), [code]: fieldOf(member, field) };
  }
  return told;
};
