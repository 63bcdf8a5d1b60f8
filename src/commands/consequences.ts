import type { Configuration } from '../model/configuration.ts';
import {
  CONSEQUENCES_SAMPLE,
  type Consequences,
  type SchemeConsequences,
  type SegmentConsequences,
} from '../model/consequences.ts';
import { type Instant, instantText } from '../model/instant.ts';
import type { Tier } from '../model/tier.ts';
import { calendarOf } from '../rules/calendar.ts';
import { conditionSql } from '../rules/conditions/condition-sql.ts';
import { dependenciesOf } from '../rules/conditions/dependencies.ts';
import type { SqlContext } from '../rules/conditions/field-sql.ts';
import { fieldsOf } from '../rules/conditions/fields.ts';
import { inForce } from '../rules/resources.ts';
import { type ChangedSegment, changedSchemes, changedSegments } from '../rules/status-changes.ts';
import type { Db } from '../store/connection.ts';
import { type Database, SurveyTooLong } from '../store/database.ts';
import type { CurrentProgram } from '../store/programs.ts';
import { nobody, type SchemeChange, surveyScheme, surveySegment } from '../store/surveys.ts';
import { segmentPredicates, sqlContextOf } from './preview.ts';

/** For all statements together, each of which has a limit of its own: a document may change hundreds of segments. */
const PLAN_MS = 60_000;

const ofSegment = async (
  db: Db,
  context: SqlContext,
  { code, segment }: ChangedSegment,
): Promise<SegmentConsequences> => {
  const predicates =
    segment === null ? nobody(code) : segmentPredicates(code, segment.condition, segment.exit, context);
  return { code, ...(await surveySegment(db, context.program, predicates, CONSEQUENCES_SAMPLE)) };
};

const heldIn = (configuration: Configuration, scheme: string): string[] =>
  Object.entries(configuration.tiers)
    .filter(([, { body }]) => body.scheme === scheme)
    .map(([code]) => code);

const tiersOf = (configuration: Configuration, scheme: string): (readonly [string, Tier])[] =>
  inForce(configuration.tiers)
    .filter(([, tier]) => tier.scheme === scheme)
    .sort(([, a], [, b]) => b.rank - a.rank);

const sumOf = (moves: SchemeChange['moves'], side: 'from' | 'to', code: string): number =>
  moves.filter((move) => move[side] === code).reduce((sum, { count }) => sum + count, 0);

const ofScheme = async (
  db: Db,
  context: SqlContext,
  code: string,
  current: Configuration,
  draft: Configuration,
): Promise<SchemeConsequences> => {
  const after = tiersOf(draft, code);
  const predicates = {
    held: heldIn(current, code),
    tiers: after.map(([tier, { entry }]) => ({ code: tier, entry: conditionSql(entry, context) })),
    person: after.some(([, { entry }]) => dependenciesOf(entry, context).person),
  };
  const { moves, sample } = await surveyScheme(db, context.program, predicates, CONSEQUENCES_SAMPLE);
  const gone = tiersOf(current, code).filter(([tier]) => !after.some(([kept]) => kept === tier));
  return {
    code,
    tiers: [...after, ...gone].map(([tier]) => ({
      code: tier,
      before: sumOf(moves, 'from', tier),
      after: sumOf(moves, 'to', tier),
    })),
    moves: moves.filter(({ from, to }) => from !== to),
    sample,
  };
};

/**
 * How many members would change segment or tier by a draft without fault, counted only for what differs, as of the
 * program's time. Null when that takes too long.
 */
export const consequencesOf = async (
  database: Database,
  { row, configuration }: CurrentProgram,
  draft: Configuration,
  now: Instant,
): Promise<Consequences | null> => {
  const program = row.program_id;
  const segments = changedSegments(configuration, draft);
  const schemes = changedSchemes(configuration, draft);
  if (segments.length + schemes.length === 0) return { segments: [], schemes: [], as_of: instantText(now) };
  const fields = { fields: fieldsOf(draft), calendar: calendarOf(row.time_zone), trigger: 'none' } as const;
  const context = sqlContextOf({ program, context: fields, now });
  const until = performance.now() + PLAN_MS;
  const inTime = (): void => {
    if (performance.now() > until) throw new SurveyTooLong('too much has changed to be counted at once');
  };
  try {
    return await database.survey(program, async (db) => {
      const found: { segments: SegmentConsequences[]; schemes: SchemeConsequences[] } = { segments: [], schemes: [] };
      for (const scheme of schemes) {
        inTime();
        found.schemes.push(await ofScheme(db, context, scheme, configuration, draft));
      }
      for (const segment of segments) {
        inTime();
        found.segments.push(await ofSegment(db, context, segment));
      }
      return { ...found, as_of: instantText(now) };
    });
  } catch (error) {
    if (error instanceof SurveyTooLong) return null;
    throw error;
  }
};
