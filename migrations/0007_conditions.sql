-- What conditions select members by stands in columns of its own; the rest is read out of `state`. `enrolled_on` is the
-- local day of enrolment, `tiers` and `segments` the codes of those held.
alter table member_state
  add enrolled_on       date,
  add spend             bigint,
  add purchases         integer,
  add first_purchase_at timestamptz(3),
  add last_purchase_at  timestamptz(3),
  add tiers             text[],
  add segments          text[];

-- The owner of the tables is bound by row-level security too, and would fill in nothing.
alter table member_state no force row level security;
alter table program no force row level security;

update member_state s
set enrolled_on = (s.enrolled_at at time zone p.time_zone)::date,
  spend = (s.state -> 'totals' ->> 'spend')::bigint,
  purchases = (s.state -> 'totals' ->> 'purchases')::integer,
  first_purchase_at = timestamptz '1970-01-01T00:00:00Z' + (s.state ->> 'first_purchase_at')::bigint * interval '1 millisecond',
  last_purchase_at = timestamptz '1970-01-01T00:00:00Z' + (s.state ->> 'last_purchase_at')::bigint * interval '1 millisecond',
  tiers = array(select held.value ->> 'tier' from json_each(s.state -> 'tiers') held where held.value ->> 'tier' is not null),
  segments = array(select json_object_keys(coalesce(s.state -> 'segments', '{}')))
from program p
where p.program_id = s.program_id;

alter table member_state force row level security;
alter table program force row level security;

alter table member_state
  alter enrolled_on set not null,
  alter spend set not null,
  alter purchases set not null,
  alter tiers set not null,
  alter segments set not null;

alter table member_day add activities json not null default '{}';
