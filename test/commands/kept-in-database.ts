import type { Client } from 'pg';
import type { Lot } from '../../src/model/lot.ts';
import type { MemberState, Totals } from '../../src/model/member-state.ts';

/* What the database keeps of a member, read as its owner with statements of the tests' own. */

const ms = (column: string): string => `(extract(epoch from ${column}) * 1000)::float8`;

const of = async (owner: Client, member: number) => {
  const read = <R extends object>(text: string) => owner.query<R>(text, [member]).then((result) => result.rows);
  const states = await read<{ state: MemberState }>('select state from member_state where member_id = $1');
  const lots = await read<
    Omit<Lot, 'slides'> & { slides: boolean; value_points: number | null; value_amount: number | null }
  >(
    `select lot, wallet, original::float8, pending::float8, available::float8, held::float8, value_points::float8, value_amount::float8,
       ${ms('earned_at')} as earned_at, ${ms('available_at')} as available_at,
       case when expires_at < '10000-01-01' then ${ms('expires_at')} end as expires_at, expires_at = '10000-01-01' as slides
     from lot where member_id = $1 order by lot`,
  );
  const days = await read<Totals & { day: number }>(
    `select day - date '1970-01-01' as day, spend::float8, purchases, earned, activities from member_day where member_id = $1 order by day`,
  );
  const transitions = await read<object>(
    `select scheme, number, from_tier, to_tier, ${ms('at')} as at, revision, facts
     from tier_transition where member_id = $1 order by scheme, number`,
  );
  const memberships = await read<object>(
    `select segment, number, ${ms('entered_at')} as entered_at, entered_revision, entered_facts,
       ${ms('left_at')} as left_at, left_revision, left_facts
     from segment_membership where member_id = $1 order by number`,
  );
  const events = await read<{ events: object[] }>('select events from outbox where member_id = $1 order by outbox_id');
  return {
    state: states[0]!.state,
    lots: lots.map(({ value_points, value_amount, slides, ...lot }) => ({
      ...lot,
      ...(slides ? { slides } : {}),
      value: value_points === null ? null : { points: value_points, amount: value_amount },
    })),
    days: days.map(({ day, ...totals }) => [day, totals]),
    transitions,
    memberships,
    events: events.flatMap((row) => row.events),
  };
};

/** What a member's row says beside its state, under the names the state has for it. */
const columns = async (owner: Client, member: number) => {
  const { rows } = await owner.query<object>(
    `select external_id, status, ${ms('enrolled_at')} as enrolled_at, enrolled_on - date '1970-01-01' as enrolled_on,
       ${ms('recorded_at')} as recorded_at, entries, commands, revision, status_revision, spend::float8, purchases,
       ${ms('first_purchase_at')} as first_purchase_at, ${ms('last_purchase_at')} as last_purchase_at, tiers, segments
     from member_state where member_id = $1`,
    [member],
  );
  return rows[0];
};

/** Members of the program whose instant has come, by their own ids. */
const due = async (owner: Client, program: number, now: number): Promise<string[]> => {
  const { rows } = await owner.query<{ name: string }>(
    `select external_id as name from member_due d join member_state s using (program_id, shard, member_id)
     where d.program_id = $1 and due_at <= to_timestamp($2::float8 / 1000)`,
    [program, now],
  );
  return rows.map(({ name }) => name);
};

export const keptInDatabase = { of, columns, due };
