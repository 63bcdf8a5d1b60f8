import type { Operator, Window } from '../../model/condition.ts';

export type Locale = 'en' | 'fr';

/** How explanations are worded in one language. `value` and `needed` are written out already. */
export interface Wording {
  readonly fields: Readonly<Record<string, string>>;
  readonly over: (window: Window) => string;
  readonly is: (subject: string, value: string) => string;
  readonly absent: (subject: string) => string;
  readonly unknown: (subject: string) => string;
  readonly needed: (op: Operator, value: string) => string;
  readonly opposite: (needed: string) => string;
  /** Follows what is needed. */
  readonly missing: (count: string) => string;
  readonly lines: (result: boolean | 'unknown') => string;
  readonly joint: string;
  readonly and: string;
  readonly yes: string;
  readonly no: string;
  readonly nothing: string;
  readonly calculated: string;
  readonly sum: string;
}

const en: Wording = {
  fields: {
    status: 'status',
    enrolled_at: 'enrolment',
    days_enrolled: 'days enrolled',
    tier: 'tier',
    tier_since: 'the date of the tier',
    segments: 'segments',
    spend: 'spend',
    purchases: 'purchases',
    earned_points: 'points earned',
    average_purchase: 'average purchase',
    first_purchase_at: 'first purchase',
    last_purchase_at: 'last purchase',
    available_points: 'points available',
    pending_points: 'points pending',
    debt_points: 'points owed',
    redeemed_points: 'points spent',
    expired_points: 'points expired',
    activities: 'activities',
    nps: 'recommendation score',
    nps_at: 'last survey',
    birth_date: 'date of birth',
    language: 'language',
    country: 'country',
  },
  over: (window) =>
    window === 'calendar_year'
      ? 'this calendar year'
      : window === 'membership_year'
        ? 'this membership year'
        : `over ${window.slice(0, -1)} days`,
  is: (subject, value) => `${subject} is ${value}`,
  absent: (subject) => `${subject} is absent`,
  unknown: (subject) => `${subject} cannot be told`,
  needed: (op, value) => {
    switch (op) {
      case 'ne':
      case 'not_in':
        return `other than ${value} needed`;
      case 'lt':
        return `less than ${value} needed`;
      case 'lte':
        return `at most ${value} needed`;
      case 'gt':
        return `more than ${value} needed`;
      case 'between':
        return `between ${value} needed`;
      case 'starts_with':
        return `beginning with ${value} needed`;
      case 'contains':
        return `containing ${value} needed`;
      case 'within_last':
        return `within the last ${value} needed`;
      case 'older_than':
        return `more than ${value} ago needed`;
      case 'before':
        return `before ${value} needed`;
      case 'after':
        return `after ${value} needed`;
      case 'anniversary_within':
        return `anniversary within ${value} needed`;
      case 'exists':
        return 'a value needed';
      default:
        return `${value} needed`;
    }
  },
  opposite: (needed) => `the opposite of “${needed}” needed`,
  missing: (count) => `: ${count} missing`,
  lines: (result) =>
    result === 'unknown'
      ? 'of the lines it cannot be told'
      : result
        ? 'the lines are as needed'
        : 'the lines are not as needed',
  joint: '; ',
  and: 'and',
  yes: 'yes',
  no: 'no',
  nothing: 'none',
  calculated: 'the calculation',
  sum: 'the sum of the lines',
};

const fr: Wording = {
  fields: {
    status: 'statut',
    enrolled_at: 'inscription',
    days_enrolled: 'jours depuis l’inscription',
    tier: 'palier',
    tier_since: 'date du palier',
    segments: 'segments',
    spend: 'montant dépensé',
    purchases: 'nombre d’achats',
    earned_points: 'points gagnés',
    average_purchase: 'panier moyen',
    first_purchase_at: 'premier achat',
    last_purchase_at: 'dernier achat',
    available_points: 'points disponibles',
    pending_points: 'points en attente',
    debt_points: 'points dus',
    redeemed_points: 'points utilisés',
    expired_points: 'points expirés',
    activities: 'activités',
    nps: 'note de recommandation',
    nps_at: 'dernière enquête',
    birth_date: 'date de naissance',
    language: 'langue',
    country: 'pays',
  },
  over: (window) =>
    window === 'calendar_year'
      ? 'sur l’année civile'
      : window === 'membership_year'
        ? 'sur l’année d’adhésion'
        : `sur ${window.slice(0, -1)} jours`,
  is: (subject, value) => `${subject} : ${value}`,
  absent: (subject) => `${subject} : non renseigné`,
  unknown: (subject) => `${subject} : indéterminé`,
  needed: (op, value) => {
    switch (op) {
      case 'ne':
      case 'not_in':
        return `autre que ${value} requis`;
      case 'lt':
        return `moins de ${value} requis`;
      case 'lte':
        return `au plus ${value} requis`;
      case 'gt':
        return `plus de ${value} requis`;
      case 'between':
        return `entre ${value} requis`;
      case 'starts_with':
        return `commençant par ${value} requis`;
      case 'contains':
        return `contenant ${value} requis`;
      case 'within_last':
        return `dans les ${value} derniers requis`;
      case 'older_than':
        return `il y a plus de ${value} requis`;
      case 'before':
        return `avant ${value} requis`;
      case 'after':
        return `après ${value} requis`;
      case 'anniversary_within':
        return `anniversaire dans les ${value} requis`;
      case 'exists':
        return 'une valeur requise';
      default:
        return `${value} requis`;
    }
  },
  opposite: (needed) => `le contraire de « ${needed} » requis`,
  missing: (count) => ` : il manque ${count}`,
  lines: (result) =>
    result === 'unknown'
      ? 'les lignes : indéterminé'
      : result
        ? 'les lignes conviennent'
        : 'les lignes ne conviennent pas',
  joint: ' ; ',
  and: 'et',
  yes: 'oui',
  no: 'non',
  nothing: 'aucun',
  calculated: 'le calcul',
  sum: 'la somme des lignes',
};

export const wordings: Readonly<Record<Locale, Wording>> = { en, fr };
