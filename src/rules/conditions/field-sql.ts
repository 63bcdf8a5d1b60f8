import { sql } from 'kysely';
import type { FieldReference, Window } from '../../model/condition.ts';
import type { ProgramId } from '../../model/ids.ts';
import { DAY_MS, dayText, type EpochDay, type Instant } from '../../model/instant.ts';
import { isRolling, windowStart } from './civil-days.ts';
import type { ConditionContext, ConditionField } from './field.ts';
import { tierCodes } from './fields.ts';
import { schemeOf } from './held-fields.ts';
import { walletOf } from './member-fields.ts';
import type { Fragment } from './numbers-sql.ts';
import { personSql } from './person-sql.ts';

/** A condition is written for one program and one instant. */
export interface SqlContext extends ConditionContext {
  readonly program: ProgramId;
  readonly now: Instant;
  /** The local day of `now`. */
  readonly today: EpochDay;
}

const date = (day: EpochDay): Fragment => sql`${dayText(day)}::date`;

/** The last anniversary of enrolment. A year added to February 29th is the 28th here as well. */
const membershipYear = (today: EpochDay): Fragment => {
  const year = new Date(today * DAY_MS).getUTCFullYear();
  const inYear = (which: number): Fragment =>
    sql`(s.enrolled_on + make_interval(years => ${which}::integer - extract(year from s.enrolled_on)::integer))::date`;
  return sql`case when ${inYear(year)} <= ${date(today)} then ${inYear(year)} else ${inYear(year - 1)} end`;
};

/** The day buckets of a window, summed. Days are computed here: the database does not know the program's time zone. */
const overWindow = (value: Fragment, window: Window, { program, today }: SqlContext): Fragment => {
  const first =
    isRolling(window) || window === 'calendar_year' ? date(windowStart(window, today, today)) : membershipYear(today);
  return sql`(
    select ${value}
    from member_day d
    where d.program_id = ${program}::integer and d.shard = s.shard and d.member_id = s.member_id
      and d.day between ${first} and ${date(today)}
  )`;
};

const sum = (value: Fragment): Fragment => sql`coalesce(sum(${value}), 0)`;

/** A total over a window, or ever. */
const total = (ever: Fragment, bucket: Fragment, { window }: FieldReference, context: SqlContext): Fragment =>
  window === undefined ? ever : overWindow(sum(bucket), window, context);

const counted = (kind: 'earned' | 'activities', key: string, reference: FieldReference, context: SqlContext) => {
  const [document, entry] = [sql.lit(kind), sql`${key}::text`];
  return total(
    sql`coalesce((s.state -> 'totals' -> ${document} ->> ${entry})::bigint, 0)`,
    sql`(d.${sql.ref(kind)} ->> ${entry})::bigint`,
    reference,
    context,
  );
};

const average = (reference: FieldReference, context: SqlContext): Fragment =>
  reference.window === undefined
    ? sql`case when s.purchases > 0 then s.spend / s.purchases end`
    : overWindow(
        sql`case when sum(d.purchases) > 0 then div(sum(d.spend), sum(d.purchases)) end`,
        reference.window,
        context,
      );

const balances: Readonly<Record<string, string>> = {
  available_points: 'available',
  pending_points: 'pending',
  debt_points: 'debt',
  redeemed_points: 'redeemed',
  expired_points: 'expired',
};

/** Milliseconds as the state has them. Exact: half a million years of them are. */
const fromMilliseconds = (value: Fragment): Fragment =>
  sql`(timestamptz '1970-01-01T00:00:00Z' + (${value})::bigint * interval '1 millisecond')`;

const scheme = (reference: FieldReference, context: SqlContext): Fragment =>
  sql`${schemeOf(context.fields.schemes, reference)}::text`;

/** The tier of the scheme the member holds, out of those of all schemes. */
const tierHeld = (reference: FieldReference, context: SqlContext): Fragment =>
  sql`(select held.tier from unnest(s.tiers) as held (tier) where held.tier = any(${tierCodes(context.fields, reference).held}::text[]) limit 1)`;

/** Where the value of a field stands, over `s` (member_state) and `p` (member_profile). Null where it is absent. */
export const fieldSql = (field: ConditionField, reference: FieldReference, context: SqlContext): Fragment => {
  const balance = balances[field.name];
  if (balance !== undefined)
    return sql`coalesce((s.state -> 'accounts' -> ${walletOf(reference)}::text ->> ${sql.lit(balance)})::bigint, 0)`;
  switch (field.name) {
    case 'status':
    case 'enrolled_at':
    case 'first_purchase_at':
    case 'last_purchase_at':
    case 'segments':
      return sql`s.${sql.ref(field.name)}`;
    case 'days_enrolled':
      return sql`(${date(context.today)} - s.enrolled_on)`;
    case 'spend':
      return total(sql`s.spend`, sql`d.spend`, reference, context);
    case 'purchases':
      return total(sql`s.purchases`, sql`d.purchases`, reference, context);
    case 'earned_points':
      return counted('earned', walletOf(reference), reference, context);
    case 'activities':
      return counted('activities', reference.activity ?? '', reference, context);
    case 'average_purchase':
      return average(reference, context);
    case 'nps':
      return sql`(s.state -> 'nps' ->> 'score')::integer`;
    case 'nps_at':
      return fromMilliseconds(sql`s.state -> 'nps' ->> 'at'`);
    case 'tier':
      return tierHeld(reference, context);
    case 'tier_since': {
      const { held } = tierCodes(context.fields, reference);
      const since = sql`s.state -> 'tiers' -> ${scheme(reference, context)} ->> 'since'`;
      return sql`case when s.tiers && ${held}::text[] then ${fromMilliseconds(since)} end`;
    }
    default:
      return personSql(field);
  }
};
