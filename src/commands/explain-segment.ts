import type { TransitionFacts } from '../model/decision.ts';
import { type Instant, instantTextOrNull } from '../model/instant.ts';
import type { Membership, SegmentExplanation, StatusDecision } from '../model/member-explanation.ts';
import { explainCondition } from '../rules/conditions/explain.ts';
import { explanationView } from '../rules/conditions/explanation-view.ts';
import { sentence } from '../rules/conditions/sentence.ts';
import { type ExplanationWording, inEachLanguage } from '../rules/explanation-wording.ts';
import type { Rules } from '../rules/rules.ts';
import { listMemberships, type MembershipRow } from '../store/status-history.ts';
import { decisionView, type Explaining, HISTORY_MAX, localDay, rulesOfAll, subjectNow } from './explaining.ts';

const decisionOf = (
  code: string,
  kind: 'entered' | 'left',
  at: Instant,
  revision: number,
  facts: TransitionFacts,
  rules: Rules | undefined,
): StatusDecision => {
  const segment = facts.because === 'condition' ? rules?.segments.find((one) => one.code === code) : undefined;
  if (segment === undefined) return decisionView(at, null, revision, facts, [], null);
  const decisive = kind === 'left' ? (segment.exit ?? segment.condition) : segment.condition;
  return decisionView(at, null, revision, facts, [decisive], decisive);
};

/** A membership as it was known at an instant: what ended later had not ended. */
const membershipOf = (code: string, row: MembershipRow, rules: ReadonlyMap<number, Rules>, at: Instant): Membership => {
  const { left_at, left_revision, left_facts } = row;
  const ended = left_at !== null && left_revision !== null && left_facts !== null && left_at <= at;
  return {
    entered: decisionOf(
      code,
      'entered',
      row.entered_at,
      row.entered_revision,
      row.entered_facts,
      rules.get(row.entered_revision),
    ),
    left: ended ? decisionOf(code, 'left', left_at, left_revision, left_facts, rules.get(left_revision)) : null,
  };
};

const whyOf = ({ because, condition }: StatusDecision, text: ExplanationWording): string => {
  if (condition !== null) return text.fulfilled(condition);
  return because === 'merge' ? text.merged : text.archived;
};

const now = ({ found }: Explaining, code: string) => {
  const segment = found.rules.segments.find((one) => one.code === code);
  if (segment === undefined) return { condition: null, exit: null, explained: null };
  const subject = subjectNow(found);
  const { condition, exit } = segment;
  const explained = explainCondition(condition.condition, subject, condition.context);
  return {
    condition: explanationView(explained, condition.context),
    exit: exit === null ? null : explanationView(explainCondition(exit.condition, subject, exit.context), exit.context),
    explained,
  };
};

/** Why a member is in a segment, or is not; null: there is no such segment, and the member never was in one. */
export const explainSegment = async (explaining: Explaining, segment: string): Promise<SegmentExplanation | null> => {
  const { database, program, found, at } = explaining;
  const instant = at ?? found.now;
  const rows = await database.transaction(program, (tx) =>
    listMemberships(tx, program, found.state.member_id, segment, instant, HISTORY_MAX),
  );
  if (rows.length === 0 && !found.rules.segmentCodes.has(segment)) return null;
  const revisions = rows.flatMap(({ entered_revision, left_revision }) =>
    [entered_revision, left_revision ?? []].flat(),
  );
  const rules = await rulesOfAll(explaining, revisions);
  const history = rows.map((row) => membershipOf(segment, row, rules, instant));
  const [row] = rows;
  const [last] = history;
  const held = found.state.segments[segment];
  const inside = at === null ? held !== undefined : last !== undefined && last.left === null;
  const since = inside ? (at === null ? (held?.since ?? null) : (row?.entered_at ?? null)) : (row?.left_at ?? null);
  const { explained, ...present } =
    at === null ? now(explaining, segment) : { condition: null, exit: null, explained: null };
  const decision = inside ? last?.entered : last?.left;
  const words = (text: ExplanationWording, locale: 'en' | 'fr'): string => {
    const day = since === null ? '' : localDay(found.rules, since);
    const stands = inside
      ? text.inside(segment, day)
      : since === null
        ? text.neverInside(segment)
        : text.left(segment, day);
    const decided = decision == null ? [] : [whyOf(decision, text)];
    return [stands, ...decided, ...(explained === null ? [] : [text.now(sentence(explained, locale))])].join(
      text.joint,
    );
  };
  return { segment, inside, since: instantTextOrNull(since), ...present, history, sentence: inEachLanguage(words) };
};
