import type { Locale } from './conditions/wording.ts';

/** How a member's card is worded in one language. */
export interface CardWording {
  readonly member: string;
  readonly tier: string;
  readonly noTier: string;
  readonly expiring: (wallet: string) => string;
  readonly pointsUntil: (points: string, date: string) => string;
  readonly toRise: (tier: string) => string;
  /** What is missing of what a tier counts. */
  readonly missing: {
    readonly spend: (money: string) => string;
    readonly purchases: (count: number, text: string) => string;
    readonly earned_points: (text: string) => string;
  };
  readonly joint: string;
}

const en: CardWording = {
  member: 'Member',
  tier: 'Status',
  noTier: 'None yet',
  expiring: (wallet) => `${wallet} to use soon`,
  pointsUntil: (points, date) => `${points} until ${date}`,
  toRise: (tier) => `To ${tier}`,
  missing: {
    spend: (money) => `${money} to spend`,
    purchases: (count, text) => `${text} ${count === 1 ? 'purchase' : 'purchases'} to make`,
    earned_points: (text) => `${text} points to earn`,
  },
  joint: ', ',
};

const fr: CardWording = {
  member: 'Membre',
  tier: 'Statut',
  noTier: 'Aucun pour l’instant',
  expiring: (wallet) => `${wallet} à utiliser bientôt`,
  pointsUntil: (points, date) => `${points} jusqu’au ${date}`,
  toRise: (tier) => `Vers ${tier}`,
  missing: {
    spend: (money) => `encore ${money} d’achats`,
    purchases: (count, text) => `encore ${text} ${count === 1 ? 'achat' : 'achats'}`,
    earned_points: (text) => `encore ${text} points à gagner`,
  },
  joint: ', ',
};

export const cardWordings: Readonly<Record<Locale, CardWording>> = { en, fr };

/** The language there is wording in for a program's locale: English where there is none in its own. */
export const localeFor = (locale: string): Locale => (/^fr\b/.test(locale) ? 'fr' : 'en');
