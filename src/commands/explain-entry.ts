import { expiryOfLot } from '../engine/sliding.ts';
import type { EntryExplanation } from '../model/entry-explanation.ts';
import { makeId, type ProgramId } from '../model/ids.ts';
import { type Instant, instantText, instantTextOrNull } from '../model/instant.ts';
import type { Lot } from '../model/lot.ts';
import type { Rounding } from '../model/points.ts';
import type { RuleFact } from '../model/purchase.ts';
import { shownFacts } from '../rules/conditions/recorded.ts';
import { type ExplanationWording, inEachLanguage } from '../rules/explanation-wording.ts';
import type { Rules } from '../rules/rules.ts';
import { findActivity } from '../store/activity-reads.ts';
import type { Db } from '../store/connection.ts';
import type { Database } from '../store/database.ts';
import { entryView, type ReadEntry } from '../store/ledger-entry-reads.ts';
import { findLots } from '../store/lots.ts';
import { loadStates } from '../store/members.ts';
import { findPurchase } from '../store/purchase-reads.ts';
import type { RulesCache } from '../store/rules-cache.ts';
import { localDay, rulesOf } from './explaining.ts';

type Share = EntryExplanation['rules'][number];

interface Facts {
  readonly rules: readonly RuleFact[];
  readonly fields?: Readonly<Record<string, unknown>>;
}

const TIER = 'tier:';
/** Digits behind the point that are shown of what is not whole; further ones are left out. */
const DIGITS = 4;

/** counted × points / per, exactly as far as it is shown: the product can be beyond what numbers count. */
const exactText = (counted: number, points: number, per: number): string => {
  const scale = 10n ** BigInt(DIGITS);
  const scaled = (BigInt(counted) * BigInt(points) * scale) / BigInt(per);
  const digits = `${scaled % scale}`.padStart(DIGITS, '0').replace(/0+$/, '');
  return digits === '' ? `${scaled / scale}` : `${scaled / scale}.${digits}`;
};

const ofTier = (share: { rule: string; points: number }, rules: Rules): Share => {
  const code = share.rule.slice(TIER.length);
  const tier = rules.schemes.flatMap(({ tiers }) => tiers).find((one) => one.code === code)?.tier;
  const percent = tier?.benefits.multiplier_percent;
  return {
    ...share,
    name: tier?.name ?? null,
    effect: percent === undefined ? null : { type: 'multiplier', percent },
    counted: null,
    exact: null,
    multiplied: [],
    limited_to: null,
  };
};

const shareOf = (share: { rule: string; points: number }, rules: Rules, facts: Facts): Share => {
  if (share.rule.startsWith(TIER)) return ofTier(share, rules);
  const rule = rules.earnRules.find(({ code }) => code === share.rule)?.rule;
  const fact = facts.rules.find((one) => one.rule === share.rule);
  const counted = rule?.effect.type === 'per_amount' ? (fact?.counted ?? null) : null;
  return {
    ...share,
    name: rule?.name ?? null,
    effect: rule?.effect ?? null,
    counted,
    exact:
      counted === null || rule?.effect.type !== 'per_amount'
        ? null
        : exactText(counted, rule.effect.points, rule.effect.per),
    multiplied: [...(fact?.multiplied ?? [])],
    limited_to: fact?.limited_to ?? null,
  };
};

const effectText = ({ effect, counted, exact }: Share, words: ExplanationWording): string[] => {
  const { type, points, per, percent } = (effect ?? {}) as Readonly<Record<string, unknown>>;
  if (type === 'per_amount' && counted !== null && exact !== null)
    return [words.perAmount(Number(points), Number(per), counted, exact)];
  if (type === 'fixed') return [words.fixed(Number(points))];
  return type === 'multiplier' ? [words.percent(Number(percent))] : [];
};

const shareText = (share: Share, words: ExplanationWording): string => {
  const how = [
    ...effectText(share, words),
    ...(share.multiplied.length === 0 ? [] : [words.multiplied(share.multiplied.join(', '))]),
    ...(share.limited_to === null ? [] : [words.limited(share.limited_to)]),
  ];
  return `${words.share(share.rule, share.points)}${how.length === 0 ? '' : ` (${how.join(', ')})`}`;
};

const movementText = (entry: ReadEntry, words: ExplanationWording): string => {
  const { movement, points } = entry;
  const { movements } = words;
  const cause = words.causes[entry.cause](entry.cause_id ?? '');
  switch (movement) {
    case 'earn':
      return movements.earn(points, cause);
    case 'release':
      return movements.release(points);
    case 'hold':
    case 'void':
    case 'lapse':
    case 'refund':
    case 'grace':
      return movements[movement](points, cause);
    case 'capture':
    case 'redeem':
      return movements.redeem(points, cause);
    case 'expire':
      return movements.expire(points, cause);
    case 'recover':
      return movements.recover(points, cause);
    case 'return':
      return movements.return(points, cause);
    case 'write_off':
      return movements.write_off(points, cause);
    case 'merge':
    case 'unmerge':
      if (entry.from_bucket === 'debt' || entry.to_bucket === 'debt') return movements.debtPassed(points, cause);
      return entry.to_bucket === 'transferred' ? movements.sent(points, cause) : movements.received(points, cause);
    case 'transfer':
      return entry.to_bucket === 'transferred' ? movements.sent(points, cause) : movements.received(points, cause);
    case 'opening':
      return entry.from_bucket === 'issued' ? movements.opened(points) : movements.owed(points);
    case 'adjust':
      return entry.from_bucket === 'issued' ? movements.added(points) : movements.taken(points);
    default:
      return movement satisfies never;
  }
};

const lifeText = (entry: ReadEntry, lots: readonly Lot[], rules: Rules, words: ExplanationWording): string[] => {
  const [lot] = lots;
  const isGiven =
    entry.movement === 'earn' ||
    ((entry.movement === 'adjust' || entry.movement === 'opening') && entry.from_bucket === 'issued');
  if (!isGiven || lot === undefined) return [];
  const day = (at: Instant): string => localDay(rules, at);
  const expiry = lot.expires_at === null ? words.never : words.expires(day(lot.expires_at));
  const expires = lot.slides === true ? words.slides : expiry;
  return lot.available_at > lot.earned_at ? [words.availableFrom(day(lot.available_at)), expires] : [expires];
};

/** What was recorded with whatever brought an entry about; nothing for what keeps no facts. */
const factsOf = async (db: Db, program: ProgramId, { cause, cause_id }: ReadEntry): Promise<Facts> => {
  if (cause_id === null) return { rules: [] };
  if (cause === 'purchase') return (await findPurchase(db, program, cause_id))?.facts ?? { rules: [] };
  if (cause === 'activity') return (await findActivity(db, program, cause_id))?.facts ?? { rules: [] };
  return { rules: [] };
};

/** What conditions read of the member then. Fields of the member are read alike whatever the trigger. */
const valuesOf = ({ fields = {} }: Facts, rules: Rules): Record<string, unknown> => {
  const shown = rules.earnConditions.map(({ condition, context }) => shownFacts(fields, [condition], context));
  const changed = shown.map((values) =>
    Object.fromEntries(Object.entries(values).filter(([text, value]) => value !== fields[text])),
  );
  return { ...fields, ...Object.assign({}, ...changed) };
};

/** How an entry came about: which rules gave what, on which facts, and what becomes of the points. */
export const explainEntry = async (
  database: Database,
  cache: RulesCache,
  program: ProgramId,
  entry: ReadEntry,
): Promise<EntryExplanation> => {
  const rules = await rulesOf({ database, rules: cache, program }, entry.revision);
  const numbers = entry.allocations.map(({ lot }) => lot);
  const [facts, lots, states] = await database.transaction(program, async (tx) => {
    const found = await findLots(tx, program, entry.member_id, numbers);
    // What slides expires when the account says.
    const slides = found.some((lot) => lot.slides === true);
    return [
      await factsOf(tx, program, entry),
      found,
      slides ? await loadStates(tx, program, [entry.member_id]) : [],
    ] as const;
  });
  const [state] = states;
  const shares = entry.rules.map((share) => shareOf(share, rules, facts));
  const rounding: Rounding | null =
    entry.movement === 'earn' ? (rules.wallets.get(entry.wallet)?.rounding ?? null) : null;
  const byNumber = new Map(lots.map((lot) => [lot.lot, lot]));
  return {
    entry: entryView(entry),
    rules: shares,
    rounding,
    facts: valuesOf(facts, rules),
    lots: entry.allocations.flatMap(({ lot, points }) => {
      const found = byNumber.get(lot);
      if (found === undefined) return [];
      return [
        {
          lot_id: makeId('lot', entry.member_id, lot),
          points,
          earned_at: instantText(found.earned_at),
          available_at: instantText(found.available_at),
          expires_at: instantTextOrNull(state === undefined ? found.expires_at : expiryOfLot(state, found)),
        },
      ];
    }),
    sentence: inEachLanguage((words) =>
      [
        movementText(entry, words),
        ...shares.map((share) => shareText(share, words)),
        ...(rounding === null || shares.every(({ exact }) => exact?.includes('.') !== true)
          ? []
          : [words.rounded[rounding]]),
        ...(entry.reason === null || entry.actor === null ? [] : [words.byHand(entry.actor, entry.reason)]),
        ...lifeText(entry, lots, rules, words),
      ].join(words.joint),
    ),
  };
};
