import { keptUntil } from '../engine/stay.ts';
import { tierOf } from '../engine/tiers.ts';
import { nextOf } from '../engine/view.ts';
import { instantText, instantTextOrNull } from '../model/instant.ts';
import type { TierDecision, TierExplanation } from '../model/member-explanation.ts';
import type { CompiledCondition } from '../rules/conditions/compiled.ts';
import { explainCondition } from '../rules/conditions/explain.ts';
import { explanationView } from '../rules/conditions/explanation-view.ts';
import { sentence } from '../rules/conditions/sentence.ts';
import type { Subject } from '../rules/conditions/subject.ts';
import { type ExplanationWording, inEachLanguage } from '../rules/explanation-wording.ts';
import type { Rules } from '../rules/rules.ts';
import type { CompiledTier } from '../rules/status-rules.ts';
import { listTransitions, nextTransition, type TransitionRow } from '../store/status-history.ts';
import { decisionView, type Explaining, HISTORY_MAX, localDay, rulesOfAll, subjectNow } from './explaining.ts';

const findTier = (rules: Rules | undefined, scheme: string, code: string | null): CompiledTier | null =>
  tierOf(rules?.schemes.find((one) => one.code === scheme) ?? { code: scheme, tiers: [] }, code);

const decisionOf = (row: TransitionRow, scheme: string, rules: Rules | undefined): TierDecision => {
  const { facts, reason, actor, until } = row;
  const tier = findTier(rules, scheme, facts.of);
  const decided = facts.because === 'entry' ? tier?.entry : facts.because === 'exit' ? tier?.exit : null;
  const looked = tier === null ? [] : tier.exit === null ? [tier.entry] : [tier.entry, tier.exit];
  return {
    from: row.from_tier,
    to: row.to_tier,
    ...decisionView(row.at, row.recorded_at, row.revision, facts, looked, decided ?? null),
    note: reason === null || actor === null ? null : { reason, actor, until: instantTextOrNull(until) },
  };
};

const why = ({ because, of, condition, note, to }: TierDecision, words: ExplanationWording): string => {
  if (because === 'manual') return note === null ? words.archived : words.byHand(note.actor, note.reason);
  if (because === 'imported') return words.imported;
  if (because === 'merge') return words.merged;
  if (of === null || condition === null) return words.archived;
  if (because === 'exit') return words.exited(of, condition);
  return of === to ? words.rose(of, condition) : words.fell(of, condition);
};

const viewOf = ({ condition, context }: CompiledCondition, subject: Subject) =>
  explanationView(explainCondition(condition, subject, context), context);

/** What holds now: the clauses of the tier held and of the next, and until when it is kept. */
const now = ({ found }: Explaining, code: string) => {
  const scheme = found.rules.schemes.find((one) => one.code === code);
  const held = found.state.tiers[code];
  const nothing = { entry: null, exit: null, kept_until: null, next: null, rising: null };
  if (scheme === undefined) return nothing;
  const subject = subjectNow(found);
  const tier = tierOf(scheme, held?.tier ?? null);
  const next = nextOf(scheme, tier) ?? null;
  return {
    entry: tier === null ? null : viewOf(tier.entry, subject),
    exit: tier === null || tier.exit === null ? null : viewOf(tier.exit, subject),
    kept_until: held === undefined || tier === null ? null : instantTextOrNull(keptUntil(held)),
    next: next === null ? null : { tier: next.code, entry: viewOf(next.entry, subject) },
    rising: next === null ? null : explainCondition(next.entry.condition, subject, next.entry.context),
  };
};

/** Why a member holds a tier of a scheme, or none; null: there is no such scheme, and never was one for the member. */
export const explainTier = async (explaining: Explaining, scheme: string): Promise<TierExplanation | null> => {
  const { database, program, found, at } = explaining;
  const { member_id } = found.state;
  const instant = at ?? found.now;
  const [rows, until] = await database.transaction(program, async (tx) => [
    await listTransitions(tx, program, member_id, scheme, instant, HISTORY_MAX),
    at === null ? null : await nextTransition(tx, program, member_id, scheme, at),
  ]);
  if (rows.length === 0 && until === null && !found.rules.schemes.some(({ code }) => code === scheme)) return null;
  const rules = await rulesOfAll(
    explaining,
    rows.map(({ revision }) => revision),
  );
  const history = rows.map((row) => decisionOf(row, scheme, rules.get(row.revision)));
  const [last] = rows;
  const [first] = history;
  const held = found.state.tiers[scheme];
  const tier = at === null ? (held?.tier ?? null) : (last?.to_tier ?? null);
  const since = at === null ? (held?.since ?? null) : (last?.at ?? null);
  // What time alone has just changed is not in the history before the background job has been by.
  const decision = first !== undefined && last?.to_tier === tier && last.at === since ? first : null;
  const { rising, ...present } =
    at === null ? now(explaining, scheme) : { entry: null, exit: null, kept_until: null, next: null, rising: null };
  const words = (text: ExplanationWording, locale: 'en' | 'fr'): string =>
    [
      tier === null || since === null ? text.holdsNone(scheme) : text.holds(tier, localDay(found.rules, since)),
      ...(decision === null ? [] : [why(decision, text)]),
      ...(present.next === null || rising === null ? [] : [text.toRise(present.next.tier, sentence(rising, locale))]),
    ].join(text.joint);
  return {
    scheme,
    tier,
    since: since === null ? null : instantText(since),
    until: instantTextOrNull(until),
    decision,
    ...present,
    history,
    sentence: inEachLanguage(words),
  };
};
