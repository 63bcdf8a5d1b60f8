import type { Sentence } from '../model/explanation.ts';
import type { Cause } from '../model/ledger-entry.ts';
import type { RULE_REASONS } from '../model/member-explanation.ts';
import type { Rounding } from '../model/points.ts';
import type { Locale } from './conditions/wording.ts';

export type RuleReason = (typeof RULE_REASONS)[number];

/** How explanations of status, rules and entries are worded in one language. What is put in is written out already. */
export interface ExplanationWording {
  readonly joint: string;
  readonly holds: (tier: string, since: string) => string;
  readonly holdsNone: (scheme: string) => string;
  readonly rose: (of: string, condition: string) => string;
  readonly fell: (of: string, condition: string) => string;
  readonly exited: (of: string, condition: string) => string;
  readonly byHand: (actor: string, reason: string) => string;
  readonly imported: string;
  readonly archived: string;
  readonly merged: string;
  readonly toRise: (tier: string, clauses: string) => string;
  readonly inside: (segment: string, since: string) => string;
  readonly left: (segment: string, since: string) => string;
  readonly neverInside: (segment: string) => string;
  readonly fulfilled: (condition: string) => string;
  readonly now: (clauses: string) => string;
  readonly gave: (rule: string, points: number) => string;
  readonly granted: (rule: string) => string;
  readonly worked: (rule: string) => string;
  readonly wouldGive: (rule: string) => string;
  readonly gaveNothing: (rule: string, reason: string) => string;
  readonly wouldGiveNothing: (rule: string, reason: string) => string;
  readonly depends: (rule: string) => string;
  readonly reasons: Readonly<Record<RuleReason, string>>;
  readonly movements: {
    readonly earn: (points: number, cause: string) => string;
    readonly release: (points: number) => string;
    readonly redeem: (points: number, cause: string) => string;
    readonly hold: (points: number, cause: string) => string;
    readonly void: (points: number, cause: string) => string;
    readonly lapse: (points: number, cause: string) => string;
    readonly refund: (points: number, cause: string) => string;
    readonly grace: (points: number, cause: string) => string;
    readonly expire: (points: number, cause: string) => string;
    readonly recover: (points: number, cause: string) => string;
    readonly added: (points: number) => string;
    readonly taken: (points: number) => string;
    readonly return: (points: number, cause: string) => string;
    readonly write_off: (points: number, cause: string) => string;
    readonly sent: (points: number, cause: string) => string;
    readonly received: (points: number, cause: string) => string;
    readonly opened: (points: number) => string;
    readonly owed: (points: number) => string;
    readonly debtPassed: (points: number, cause: string) => string;
  };
  readonly causes: Readonly<Record<Cause, (id: string) => string>>;
  readonly share: (rule: string, points: number) => string;
  readonly perAmount: (points: number, per: number, counted: number, exact: string) => string;
  readonly fixed: (points: number) => string;
  readonly percent: (percent: number) => string;
  readonly multiplied: (by: string) => string;
  readonly limited: (to: number) => string;
  readonly rounded: Readonly<Record<Rounding, string>>;
  readonly availableFrom: (date: string) => string;
  readonly expires: (date: string) => string;
  readonly never: string;
  readonly slides: string;
}

const en: ExplanationWording = {
  joint: '; ',
  holds: (tier, since) => `${tier} since ${since}`,
  holdsNone: (scheme) => `no tier of ${scheme}`,
  rose: (of, condition) => `the entry of ${of} became true: ${condition}`,
  fell: (of, condition) => `the entry of ${of} was true no more: ${condition}`,
  exited: (of, condition) => `the exit of ${of} became true: ${condition}`,
  byHand: (actor, reason) => `given by ${actor}: ${reason}`,
  imported: 'taken over from the system before',
  archived: 'the configuration changed',
  merged: 'two members became one, or were parted again',
  toRise: (tier, clauses) => `to ${tier}: ${clauses}`,
  inside: (segment, since) => `in ${segment} since ${since}`,
  left: (segment, since) => `not in ${segment} since ${since}`,
  neverInside: (segment) => `never in ${segment}`,
  fulfilled: (condition) => `decided by ${condition}`,
  now: (clauses) => `now: ${clauses}`,
  gave: (rule, points) => `${rule} gave ${points} points`,
  granted: (rule) => `${rule} granted its reward`,
  worked: (rule) => `${rule} multiplied what other rules gave`,
  wouldGive: (rule) => `${rule} would give`,
  gaveNothing: (rule, reason) => `${rule} gave nothing: ${reason}`,
  wouldGiveNothing: (rule, reason) => `${rule} would give nothing: ${reason}`,
  depends: (rule) => `whether ${rule} gives depends on what sets it off`,
  reasons: {
    not_in_force: 'it is not in force',
    other_trigger: 'something else sets it off',
    dates: 'outside of its dates',
    schedule: 'outside of its schedule',
    milestone: 'no milestone was reached',
    lines: 'no line matches',
    condition: 'its condition is not true',
    limit: 'its limit is used up',
    cool_down: 'it gave too short a time ago',
    budget: 'its budget is used up',
    exclusive_group: 'another rule of its group gave more',
    not_used: 'there was nothing to multiply, or another multiplier counted',
    past_purchase: 'the purchase was made before the cut-over',
    too_little: 'it comes to less than a point',
  },
  movements: {
    earn: (points, cause) => `${points} points earned ${cause}`,
    release: (points) => `${points} pending points became available`,
    redeem: (points, cause) => `${points} points spent ${cause}`,
    hold: (points, cause) => `${points} points held ${cause}`,
    void: (points, cause) => `${points} held points released ${cause}`,
    lapse: (points, cause) => `${points} held points released because the hold lapsed ${cause}`,
    refund: (points, cause) => `${points} points refunded ${cause}`,
    grace: (points, cause) => `${points} points given again in place of expired ones ${cause}`,
    expire: (points, cause) => `${points} points expired ${cause}`,
    recover: (points, cause) => `${points} points paid back debt ${cause}`,
    added: (points) => `${points} points given by hand`,
    taken: (points) => `${points} points taken by hand`,
    return: (points, cause) => `${points} points taken back ${cause}`,
    write_off: (points, cause) => `${points} owed points written off ${cause}`,
    sent: (points, cause) => `${points} points sent to another member ${cause}`,
    received: (points, cause) => `${points} points received from another member ${cause}`,
    opened: (points) => `${points} points taken over from the system before`,
    owed: (points) => `${points} owed points taken over from the system before`,
    debtPassed: (points, cause) => `a debt of ${points} points passed from one member to another ${cause}`,
  },
  causes: {
    purchase: (id) => `with purchase ${id}`,
    redemption: (id) => `with redemption ${id}`,
    adjustment: () => 'with an adjustment',
    time: () => 'in the course of time',
    closing: () => 'with the end of the membership',
    activity: (id) => `with activity ${id}`,
    enrolment: () => 'with enrolment',
    birthday: () => 'for the birthday',
    anniversary: () => 'for the anniversary of enrolment',
    'tier.entered': (id) => `on entering tier ${id}`,
    'segment.entered': (id) => `on entering segment ${id}`,
    'referral.qualified': (id) => `for referral ${id}`,
    'referral.returned': () => 'with the return of a friend’s purchase',
    return: (id) => `with return ${id}`,
    cancellation: (id) => `with the cancellation of purchase ${id}`,
    transfer: (id) => `with transfer ${id}`,
    opening: () => 'with the opening balance',
    merge: (id) => `with merge ${id}`,
    unmerge: (id) => `with the end of merge ${id}`,
  },
  share: (rule, points) => `${rule} ${points}`,
  perAmount: (points, per, counted, exact) => `${counted} × ${points} / ${per} = ${exact}`,
  fixed: (points) => `${points} each time`,
  percent: (percent) => `at ${percent} %`,
  multiplied: (by) => `multiplied by ${by}`,
  limited: (to) => `limited to ${to}`,
  rounded: {
    floor: 'rounded down',
    ceil: 'rounded up',
    half_up: 'rounded to the nearest',
    half_even: 'rounded to the nearest, ties to even',
  },
  availableFrom: (date) => `available from ${date}`,
  expires: (date) => `expires on ${date}`,
  never: 'never expires',
  slides: 'expires with all points of the wallet unless renewed',
};

const fr: ExplanationWording = {
  joint: ' ; ',
  holds: (tier, since) => `${tier} depuis le ${since}`,
  holdsNone: (scheme) => `aucun palier de ${scheme}`,
  rose: (of, condition) => `l’entrée de ${of} est devenue vraie : ${condition}`,
  fell: (of, condition) => `l’entrée de ${of} n’était plus vraie : ${condition}`,
  exited: (of, condition) => `la sortie de ${of} est devenue vraie : ${condition}`,
  byHand: (actor, reason) => `accordé par ${actor} : ${reason}`,
  imported: 'repris du système précédent',
  archived: 'la configuration a changé',
  merged: 'deux membres ont été réunis, ou de nouveau séparés',
  toRise: (tier, clauses) => `vers ${tier} : ${clauses}`,
  inside: (segment, since) => `dans ${segment} depuis le ${since}`,
  left: (segment, since) => `plus dans ${segment} depuis le ${since}`,
  neverInside: (segment) => `jamais dans ${segment}`,
  fulfilled: (condition) => `décidé par ${condition}`,
  now: (clauses) => `maintenant : ${clauses}`,
  gave: (rule, points) => `${rule} a donné ${points} points`,
  granted: (rule) => `${rule} a accordé sa récompense`,
  worked: (rule) => `${rule} a multiplié ce que d’autres règles ont donné`,
  wouldGive: (rule) => `${rule} donnerait`,
  gaveNothing: (rule, reason) => `${rule} n’a rien donné : ${reason}`,
  wouldGiveNothing: (rule, reason) => `${rule} ne donnerait rien : ${reason}`,
  depends: (rule) => `que ${rule} donne dépend de ce qui la déclenche`,
  reasons: {
    not_in_force: 'elle n’est pas en vigueur',
    other_trigger: 'autre chose la déclenche',
    dates: 'hors de ses dates',
    schedule: 'hors de ses horaires',
    milestone: 'aucune étape atteinte',
    lines: 'aucune ligne ne convient',
    condition: 'sa condition n’est pas vraie',
    limit: 'sa limite est épuisée',
    cool_down: 'elle a donné il y a trop peu de temps',
    budget: 'son budget est épuisé',
    exclusive_group: 'une autre règle de son groupe a donné plus',
    not_used: 'il n’y avait rien à multiplier, ou un autre multiplicateur a compté',
    past_purchase: 'l’achat précède la bascule',
    too_little: 'cela fait moins d’un point',
  },
  movements: {
    earn: (points, cause) => `${points} points gagnés ${cause}`,
    release: (points) => `${points} points en attente sont devenus disponibles`,
    redeem: (points, cause) => `${points} points utilisés ${cause}`,
    hold: (points, cause) => `${points} points réservés ${cause}`,
    void: (points, cause) => `${points} points réservés ont été libérés ${cause}`,
    lapse: (points, cause) => `${points} points réservés ont été libérés, la réservation ayant pris fin ${cause}`,
    refund: (points, cause) => `${points} points remboursés ${cause}`,
    grace: (points, cause) => `${points} points accordés à la place de points expirés ${cause}`,
    expire: (points, cause) => `${points} points expirés ${cause}`,
    recover: (points, cause) => `${points} points ont remboursé une dette ${cause}`,
    added: (points) => `${points} points accordés manuellement`,
    taken: (points) => `${points} points retirés manuellement`,
    return: (points, cause) => `${points} points repris ${cause}`,
    write_off: (points, cause) => `${points} points dus ont été abandonnés ${cause}`,
    sent: (points, cause) => `${points} points envoyés à un autre membre ${cause}`,
    received: (points, cause) => `${points} points reçus d’un autre membre ${cause}`,
    opened: (points) => `${points} points repris du système précédent`,
    owed: (points) => `${points} points dus repris du système précédent`,
    debtPassed: (points, cause) => `une dette de ${points} points est passée d’un membre à un autre ${cause}`,
  },
  causes: {
    purchase: (id) => `avec l’achat ${id}`,
    redemption: (id) => `avec l’utilisation ${id}`,
    adjustment: () => 'par un ajustement',
    time: () => 'avec le temps',
    closing: () => 'avec la fin de l’adhésion',
    activity: (id) => `avec l’activité ${id}`,
    enrolment: () => 'à l’inscription',
    birthday: () => 'pour l’anniversaire',
    anniversary: () => 'pour l’anniversaire d’inscription',
    'tier.entered': (id) => `à l’entrée dans le palier ${id}`,
    'segment.entered': (id) => `à l’entrée dans le segment ${id}`,
    'referral.qualified': (id) => `pour le parrainage ${id}`,
    'referral.returned': () => 'avec le retour de l’achat d’un filleul',
    return: (id) => `avec le retour ${id}`,
    cancellation: (id) => `avec l’annulation de l’achat ${id}`,
    transfer: (id) => `avec le transfert ${id}`,
    opening: () => 'avec le solde d’ouverture',
    merge: (id) => `avec la fusion ${id}`,
    unmerge: (id) => `avec la fin de la fusion ${id}`,
  },
  share: (rule, points) => `${rule} ${points}`,
  perAmount: (points, per, counted, exact) => `${counted} × ${points} / ${per} = ${exact}`,
  fixed: (points) => `${points} à chaque fois`,
  percent: (percent) => `à ${percent} %`,
  multiplied: (by) => `multiplié par ${by}`,
  limited: (to) => `limité à ${to}`,
  rounded: {
    floor: 'arrondi vers le bas',
    ceil: 'arrondi vers le haut',
    half_up: 'arrondi au plus proche',
    half_even: 'arrondi au plus proche, au pair à mi-chemin',
  },
  availableFrom: (date) => `disponible à partir du ${date}`,
  expires: (date) => `expire le ${date}`,
  never: 'n’expire jamais',
  slides: 'expire avec tous les points du portefeuille, sauf renouvellement',
};

/** The same in each language. */
export const inEachLanguage = (text: (words: ExplanationWording, locale: Locale) => string): Sentence => ({
  en: text(en, 'en'),
  fr: text(fr, 'fr'),
});
