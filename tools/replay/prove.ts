import { Client } from 'pg';
import type { PurchaseLog } from './purchase-log.ts';
import { DOUBLE_POINTS, type Sandbox, STATUSES, WIN_BACK } from './sandbox-program.ts';

/*
 * What the service kept of a log, against what SQL says of the log itself, which is loaded into a temporary table as
 * it was read. Who held which tier and was in the segment at the end of a day is in the history: nobody has to stop
 * the clock to ask.
 */

const DAY_MS = 86_400_000;

export interface Proof {
  readonly days: number;
  readonly memberDays: number;
  /** Members whose tier or segment was another than it should have been at the end of a day, a few of them in words. */
  readonly differing: number;
  readonly examples: readonly string[];
  /** At the end of the last day, by what SQL says of the log. */
  readonly atLast: Readonly<Record<string, number>>;
  /** By the ledger, and by the log. */
  readonly points: readonly [number, number];
  readonly membersWithOtherPoints: number;
}

const load = async (client: Client, { histories }: PurchaseLog): Promise<void> => {
  await client.query(`create temporary table log_member (member text primary key);
    create temporary table log_purchase (member text, day date, cents bigint);
    grant select on log_member, log_purchase to tessera_observer`);
  await client.query('insert into log_member select distinct unnest($1::text[])', [
    histories.map(({ member }) => member),
  ]);
  const rows = histories.flatMap(({ member, purchases }) =>
    purchases.map(({ occurred_at, total }) => ({ member, day: occurred_at?.slice(0, 10), cents: total })),
  );
  await client.query('insert into log_purchase select * from unnest($1::text[], $2::date[], $3::bigint[])', [
    rows.map((row) => row.member),
    rows.map((row) => row.day),
    rows.map((row) => row.cents),
  ]);
  await client.query('analyze log_member; analyze log_purchase');
};

const tierOf = `case ${Object.entries(STATUSES)
  .sort(([, a], [, b]) => b - a)
  .map(([code, spend]) => `when spend >= ${spend} then '${code}'`)
  .join(' ')} end`;

/** $1 program, $2 day, $3 time zone. Purchases happened at the beginning of their day. */
const comparison = `
  with ends as (
    select ($2::date + 1)::timestamp at time zone $3 as at
  ),
  bought as (
    select member, coalesce(sum(cents) filter (where day > $2::date - 365), 0) as spend, count(*) as purchases, max(day) as last_day
    from log_purchase
    where day <= $2::date
    group by member
  ),
  expected as (
    select member, ${tierOf} as tier,
      coalesce(
        purchases >= ${WIN_BACK.purchases}
          and last_day::timestamp at time zone $3 + interval '${WIN_BACK.days * 24} hours' < ends.at - interval '1 millisecond',
        false
      ) as win_back
    from log_member
    left join bought using (member)
    cross join ends
  ),
  actual as (
    select s.external_id as member,
      (
        select t.to_tier
        from tier_transition t
        where t.program_id = s.program_id and t.shard = s.shard and t.member_id = s.member_id and t.scheme = 'status' and t.at < ends.at
        order by t.number desc
        limit 1
      ) as tier,
      exists (
        select from segment_membership m
        where m.program_id = s.program_id and m.shard = s.shard and m.member_id = s.member_id and m.segment = '${WIN_BACK.code}'
          and m.entered_at < ends.at and (m.left_at is null or m.left_at >= ends.at)
      ) as win_back
    from member_state s
    cross join ends
    where s.program_id = $1
  )
  select member, expected.tier as should_tier, actual.tier, expected.win_back as should_win_back, actual.win_back
  from expected
  full join actual using (member)
`;

interface Compared {
  readonly member: string;
  readonly should_tier: string | null;
  readonly tier: string | null;
  readonly should_win_back: boolean | null;
  readonly win_back: boolean | null;
}

const points = `
  with expected as (
    select member, coalesce(sum(cents * case when day >= '${DOUBLE_POINTS.from}' and day < '${DOUBLE_POINTS.until}' then 2 else 1 end / 100), 0) as points
    from log_member
    left join log_purchase using (member)
    group by member
  ),
  actual as (
    select s.external_id as member, coalesce(sum(e.points) filter (where e.movement = 'earn'), 0) as points
    from member_state s
    left join ledger_entry e using (program_id, shard, member_id)
    where s.program_id = $1
    group by s.external_id
  )
  select coalesce(sum(actual.points), 0)::float8 as actual, coalesce(sum(expected.points), 0)::float8 as expected,
    count(*) filter (where actual.points is distinct from expected.points)::integer as differing
  from expected
  full join actual using (member)
`;

/** So many days from the first to the last, evenly spread, the last among them. */
const sampled = (log: PurchaseLog, count: number): string[] => {
  const reported = log.histories
    .flatMap(({ purchases }) => purchases.map(({ occurred_at = '' }) => Date.parse(occurred_at.slice(0, 10)) / DAY_MS))
    .sort((a, b) => a - b);
  const [first = 0, last = 0] = [reported[0], reported.at(-1)];
  const length = last - first + 1;
  const many = Math.min(count, length);
  return Array.from({ length: many }, (_, index) => {
    const day = first + Math.ceil(((index + 1) * length) / many) - 1;
    return new Date(day * DAY_MS).toISOString().slice(0, 10);
  });
};

const EXAMPLES = 10;

export async function prove(url: string, { code, zone }: Sandbox, log: PurchaseLog, count: number): Promise<Proof> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await load(client, log);
    // Sees every program; what the service itself sees is one program at a time.
    await client.query('set role tessera_observer');
    const { rows } = await client.query<{ id: number }>('select program_id as id from program where code = $1', [code]);
    const program = rows[0]?.id;
    const days = sampled(log, count);
    let [memberDays, differing] = [0, 0];
    const examples: string[] = [];
    let atLast: Record<string, number> = {};
    for (const day of days) {
      const compared = (await client.query<Compared>(comparison, [program, day, zone])).rows;
      memberDays += compared.length;
      const wrong = compared.filter((row) => row.should_tier !== row.tier || row.should_win_back !== row.win_back);
      differing += wrong.length;
      for (const row of wrong.slice(0, EXAMPLES - examples.length))
        examples.push(
          `${day} ${row.member}: ${row.tier}, ${row.win_back ? '' : 'not '}to be won back; the log says ${row.should_tier}, ${row.should_win_back ? '' : 'not '}to be won back`,
        );
      atLast = { [WIN_BACK.code]: 0 };
      for (const { should_tier, should_win_back } of compared) {
        atLast[should_tier ?? 'none'] = (atLast[should_tier ?? 'none'] ?? 0) + 1;
        if (should_win_back) atLast[WIN_BACK.code] = (atLast[WIN_BACK.code] ?? 0) + 1;
      }
    }
    const [sums] = (await client.query<{ actual: number; expected: number; differing: number }>(points, [program]))
      .rows;
    return {
      days: days.length,
      memberDays,
      differing,
      examples,
      atLast,
      points: [sums?.actual ?? 0, sums?.expected ?? 0],
      membersWithOtherPoints: sums?.differing ?? 0,
    };
  } finally {
    await client.end();
  }
}
