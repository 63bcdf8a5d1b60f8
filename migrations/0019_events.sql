-- The outbox is taken in the order in which commands wrote into it, program by program. What is of the program itself
-- (a change of its configuration) has no member.
alter table outbox drop constraint outbox_pkey;
alter table outbox add primary key (program_id, outbox_id, shard);
alter table outbox alter column member_id drop not null;

-- How far a program's events are numbered, and how far they were dropped again. Whoever numbers holds this row: positions
-- become visible in their order, and without gaps.
create table event_feed (
  program_id       integer not null primary key,
  last_position    bigint  not null default 0,
  dropped_position bigint  not null default 0,
  check (dropped_position <= last_position)
) with (fillfactor = 50);

insert into event_feed (program_id) select program_id from program;

-- Events as they are told: each with its position in the program's feed. Insert-only until they are dropped for their
-- age (`numbered_at` is real time, also in a sandbox). `number` counts a member's events; null: of the program itself.
create table event (
  program_id  integer        not null,
  position    bigint         not null,
  shard       smallint       not null,
  member_id   bigint,
  number      integer,
  type        text           not null,
  occurred_at timestamptz(3) not null,
  recorded_at timestamptz(3) not null,
  numbered_at timestamptz(3) not null,
  data        json           not null,
  primary key (program_id, position, shard),
  check ((member_id is null) = (number is null))
);

-- Also keeps an event from being numbered twice.
create unique index event_of_member on event (program_id, shard, member_id, number);

do $$
declare
  name text;
begin
  foreach name in array array['event_feed', 'event'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format(
      'create policy one_program on %I to tessera_service using (program_id = nullif(current_setting(''app.program_id'', true), '''')::integer)',
      name
    );
    execute format('create policy every_program on %I for select to tessera_observer using (true)', name);
    execute format('grant select on %I to tessera_observer', name);
    execute format('grant select, insert on %I to tessera_service', name);
  end loop;
end $$;

grant update on event_feed to tessera_service;
grant delete on event to tessera_service;
