-- Who is and was in a segment, and why. `number` is that of the member's event that told the entering.
create table segment_membership (
  program_id       integer        not null,
  shard            smallint       not null,
  member_id        bigint         not null,
  number           integer        not null,
  segment          text           not null,
  entered_at       timestamptz(3) not null,
  entered_revision integer        not null,
  entered_facts    json           not null,
  left_at          timestamptz(3),
  left_revision    integer,
  left_facts       json,
  primary key (program_id, shard, member_id, number)
);

-- The members a segment has now.
create index segment_member on segment_membership (program_id, segment, shard, member_id) include (entered_at) where left_at is null;

-- The last revision that changed tiers or segments, when the member was last evaluated: the background pass visits those behind.
alter table member_state add column status_revision integer not null default 0;

-- A background pass that brings every member under the tiers and segments of a revision, shard by shard in the order of
-- members' numbers. The instance at work on it has a lease; another takes over when that has run out.
create table reassessment (
  program_id   integer        not null references program,
  revision     integer        not null,
  members      bigint,
  done         bigint         not null default 0,
  after_shard  smallint       not null default 0,
  after_member bigint         not null default 0,
  created_at   timestamptz(3) not null,
  finished_at  timestamptz(3),
  leased_until timestamptz(3),
  primary key (program_id, revision)
);

create index reassessment_open on reassessment (program_id, revision) where finished_at is null;

-- Why a tier was given by hand, and by whom: beside the history, so that it can be erased.
create table tier_note (
  program_id  integer        not null,
  shard       smallint       not null,
  member_id   bigint         not null,
  number      integer        not null,
  scheme      text           not null,
  tier        text           not null,
  until       timestamptz(3),
  reason      text           not null,
  actor       text           not null,
  recorded_at timestamptz(3) not null,
  primary key (program_id, shard, member_id, number)
);

do $$
declare
  name text;
begin
  foreach name in array array['segment_membership', 'reassessment', 'tier_note'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format(
      'create policy one_program on %I to tessera_service using (program_id = nullif(current_setting(''app.program_id'', true), '''')::integer)',
      name
    );
    execute format('create policy every_program on %I for select to tessera_observer using (true)', name);
    execute format('grant select on %I to tessera_observer', name);
    execute format('grant select, insert, update on %I to tessera_service', name);
  end loop;
end $$;

-- The owner of the tables is bound by row-level security too, and would change nothing.
alter table member_state no force row level security;

-- States written before there were segments, activities, stays and graces. Window totals are summed again when next read.
update member_state
set state = (
  state::jsonb - 'tier_due_at'
  || jsonb_build_object(
    'enrolled_on', enrolled_on - date '1970-01-01',
    'segments', '{}'::jsonb,
    'nps', null,
    'reassess_at', state -> 'tier_due_at',
    'status_revision', 0,
    'windows', '{}'::jsonb,
    'totals', (state::jsonb -> 'totals') || '{"activities": {}}',
    'today', (state::jsonb -> 'today') || '{"activities": {}}',
    'tiers', (
      select coalesce(
        jsonb_object_agg(
          scheme.key,
          scheme.value || '{"stay_until": null, "qualified_since": null, "leaves_at": null, "manual": null, "announced": null}'
        ),
        '{}'
      )
      from jsonb_each(state::jsonb -> 'tiers') scheme
    )
  )
)::json
where state -> 'segments' is null;

alter table member_state force row level security;
