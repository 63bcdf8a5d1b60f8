import { accountViews, balancesOf, tierViews } from '../engine/view.ts';
import { type Instant, parseInstant } from '../model/instant.ts';
import type { Identity } from '../model/member.ts';
import type { CardField, MemberCard } from '../model/member-card.ts';
import type { Clause } from '../model/tier-view.ts';
import { type CardWording, cardWordings, localeFor } from '../rules/card-wording.ts';
import { explainCondition } from '../rules/conditions/explain.ts';
import { sentence } from '../rules/conditions/sentence.ts';
import type { Locale } from '../rules/conditions/wording.ts';
import type { Rules } from '../rules/rules.ts';
import type { CompiledTier } from '../rules/status-rules.ts';
import { subjectNow } from './explaining.ts';
import type { ReadMember } from './read-member.ts';

/** What of the program a card says. */
export interface CardProgram {
  readonly name: string;
  readonly locale: string;
}

/** Beyond this Code 128 is too wide for a phone to show so that a till can read it. */
const CODE_128_MAX = 20;

const numberOf = (identities: readonly Identity[], id: string): string =>
  identities.find(({ kind }) => kind === 'card')?.value ?? id;

const barcodeOf = (number: string): MemberCard['barcode'] => ({
  format: number.length <= CODE_128_MAX && /^[\x20-\x7e]+$/.test(number) ? 'code128' : 'qr',
  message: number,
  alt_text: number,
});

type CardTier = MemberCard['tiers'][number];

/** What a tier reads of the person is not for whoever looks over a shoulder: nothing is said of what is missing then. */
const isPersonal = ({ entry }: CompiledTier): boolean => entry.dependencies.person;

const tiersOf = (found: ReadMember): CardTier[] =>
  tierViews(subjectNow(found), found.rules).map(({ scheme, tier, next, benefits }) => {
    const tiers = found.rules.schemes.find(({ code }) => code === scheme)?.tiers ?? [];
    const tierOf = (code: string | null) => tiers.find((one) => one.code === code);
    const above = tierOf(next?.tier ?? null);
    return {
      scheme,
      tier,
      name: tierOf(tier)?.tier.name ?? tier,
      perks: benefits?.perks ?? [],
      next:
        next === null || above === undefined
          ? null
          : { tier: next.tier, name: above.tier.name, clauses: isPersonal(above) ? [] : next.clauses },
    };
  });

const nextExpiring = ({ state, rules, expiring, now }: ReadMember): MemberCard['expiring'] => {
  const all = accountViews(state, rules, expiring, now).flatMap(({ wallet, expiring: some }) =>
    some.map(({ points, expires_at }) => ({ wallet, points, expires_at })),
  );
  return all.sort((a, b) => (a.expires_at < b.expires_at ? -1 : 1))[0] ?? null;
};

/** How numbers and days are written for people of the program's locale. */
const textsOf = ({ time_zone, currency }: Rules, locale: string) => {
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: time_zone });
  const money = new Intl.NumberFormat(locale, { style: 'currency', currency });
  const minorUnits = 10 ** (money.resolvedOptions().maximumFractionDigits ?? 0);
  const number = new Intl.NumberFormat(locale);
  return {
    number: (value: number): string => number.format(value),
    money: (amount: number): string => money.format(amount / minorUnits),
    // Points can be used until the end of the day before the instant at which they are gone.
    lastDay: (expiry: Instant): string => day.format(expiry - 1),
  };
};
type Texts = ReturnType<typeof textsOf>;

/** What is missing of one clause, where it is a number that people understand without the condition; null: it is not. */
const missingText = ({ field, missing }: Clause, { missing: words }: CardWording, texts: Texts): string | null => {
  if (field === null || missing === null) return null;
  const [name] = field.split('(');
  if (name === 'spend') return words.spend(texts.money(missing));
  if (name === 'purchases') return words.purchases(missing, texts.number(missing));
  return name === 'earned_points' ? words.earned_points(texts.number(missing)) : null;
};

const progressText = (
  found: ReadMember,
  { scheme, next }: CardTier,
  words: CardWording,
  texts: Texts,
  locale: Locale,
) => {
  const above = found.rules.schemes.find(({ code }) => code === scheme)?.tiers.find(({ code }) => code === next?.tier);
  if (next === null || above === undefined || isPersonal(above)) return null;
  const missing = next.clauses.map((clause) => missingText(clause, words, texts));
  if (missing.every((text) => text !== null)) return missing.join(words.joint);
  const { condition, context } = above.entry;
  return sentence(explainCondition(condition, subjectNow(found), context), locale);
};

const fieldsOf = (card: Omit<MemberCard, 'fields'>, found: ReadMember, locale: string): CardField[] => {
  const { rules } = found;
  const language = localeFor(locale);
  const words = cardWordings[language];
  const texts = textsOf(rules, locale);
  const walletName = (code: string): string => rules.wallets.get(code)?.name ?? code;
  const fields: CardField[] = [];
  const add = (key: string, label: string, value: string | null): void => {
    if (value !== null) fields.push({ key, label, value });
  };
  add('name', words.member, card.display_name);
  for (const { scheme, name } of card.tiers) add(`tier.${scheme}`, words.tier, name ?? words.noTier);
  for (const { wallet, available } of card.balances)
    add(`points.${wallet}`, walletName(wallet), texts.number(available));
  if (card.expiring !== null) {
    const { wallet, points, expires_at } = card.expiring;
    const value = words.pointsUntil(texts.number(points), texts.lastDay(parseInstant(expires_at)));
    add(`expiring.${wallet}`, words.expiring(walletName(wallet)), value);
  }
  for (const tier of card.tiers)
    add(
      `next_tier.${tier.scheme}`,
      words.toRise(tier.next?.name ?? ''),
      progressText(found, tier, words, texts, language),
    );
  return fields;
};

/** A member's card: nothing of the person but the name. */
export const memberCard = (found: ReadMember, program: CardProgram): MemberCard => {
  const { state, row, rules } = found;
  const { given_name, family_name } = row.profile;
  const name = [given_name, family_name].filter((part) => part !== undefined).join(' ');
  const number = numberOf(row.identities, state.external_id);
  const card = {
    number,
    barcode: barcodeOf(number),
    member: state.external_id,
    status: state.status,
    display_name: name === '' ? null : name,
    program: program.name,
    tiers: tiersOf(found),
    balances: balancesOf(state, rules),
    expiring: nextExpiring(found),
  };
  return { ...card, fields: fieldsOf(card, found, program.locale) };
};
