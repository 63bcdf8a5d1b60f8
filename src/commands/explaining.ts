import type { TransitionFacts } from '../model/decision.ts';
import type { ProgramId } from '../model/ids.ts';
import { dayText, type Instant, instantText, instantTextOrNull } from '../model/instant.ts';
import type { StatusDecision } from '../model/member-explanation.ts';
import type { CompiledCondition } from '../rules/conditions/compiled.ts';
import { shownFacts } from '../rules/conditions/recorded.ts';
import type { Subject } from '../rules/conditions/subject.ts';
import { conditionText } from '../rules/conditions/text.ts';
import type { Rules } from '../rules/rules.ts';
import type { Database } from '../store/database.ts';
import type { RulesCache } from '../store/rules-cache.ts';
import type { ReadMember } from './read-member.ts';

/** Entries of a history at most. */
export const HISTORY_MAX = 20;

/** Of whom something is explained, by what, and as of when; `at` null: now. */
export interface Explaining {
  readonly database: Database;
  readonly rules: RulesCache;
  readonly program: ProgramId;
  readonly found: ReadMember;
  readonly at: Instant | null;
}

/** The rules of a revision, compiled when they are first asked for. */
export const rulesOf = async (
  { database, rules, program }: Pick<Explaining, 'database' | 'rules' | 'program'>,
  revision: number,
): Promise<Rules> =>
  rules.find(program, revision) ?? database.transaction(program, (tx) => rules.load(tx, program, revision));

/** The rules of several revisions. */
export const rulesOfAll = async (
  explaining: Explaining,
  revisions: readonly number[],
): Promise<ReadonlyMap<number, Rules>> => {
  const found = new Map<number, Rules>();
  for (const revision of new Set(revisions)) found.set(revision, await rulesOf(explaining, revision));
  return found;
};

/** The member now. The state has every window that conditions of status read. */
export const subjectNow = ({ state, row, rules, now }: ReadMember): Subject => ({
  state,
  person: row,
  now,
  today: rules.calendar.dayOf(now),
  trigger: null,
});

/** The local day of an instant, for people. */
export const localDay = ({ calendar }: Rules, at: Instant): string => dayText(calendar.dayOf(at));

/** What decided a transition, with the conditions that were looked at then. */
export const decisionView = (
  at: Instant,
  recordedAt: Instant | null,
  revision: number,
  { because, of, values }: TransitionFacts,
  looked: readonly CompiledCondition[],
  decisive: CompiledCondition | null,
): StatusDecision => {
  const [first] = looked;
  return {
    at: instantText(at),
    recorded_at: instantTextOrNull(recordedAt),
    revision,
    because,
    of,
    condition: decisive === null ? null : conditionText(decisive.condition),
    values:
      first === undefined
        ? values
        : shownFacts(
            values,
            looked.map(({ condition }) => condition),
            first.context,
          ),
  };
};
