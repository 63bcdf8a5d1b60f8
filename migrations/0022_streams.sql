-- Where a stream stands, apart from its configuration: it is written all the time, and is not part of a revision.
-- `position` is up to where the feed was looked at: what comes before was sent, left out, or is a row of `delivery`.
-- Where the stream is of a segment, those who are in it are told first, in the order of shards and members; until then
-- `snapshot_shard` says how far that has come. Up to `snapshot_to` the feed may hold what the snapshot has overtaken.
-- `worker` has the stream until `leased_until`; `next_at` is when it wants to be looked at again. Real time, all of it.
create table stream_standing (
  program_id      integer        not null,
  stream          text           not null,
  status          text           not null check (status in ('running', 'paused', 'disabled', 'archived')),
  because         text,
  position        bigint         not null,
  snapshot_shard  smallint,
  snapshot_member bigint,
  snapshot_to     bigint         not null default 0,
  failing_since   timestamptz(3),
  failures        integer        not null default 0,
  next_at         timestamptz(3) not null,
  worker          text,
  leased_until    timestamptz(3),
  primary key (program_id, stream),
  check ((snapshot_shard is null) = (snapshot_member is null))
) with (fillfactor = 50);

-- What signs, and values of headers that are secret. Not part of the configuration, which people copy.
create table stream_secret (
  program_id integer        not null,
  stream     text           not null,
  kind       text           not null check (kind in ('signature', 'header')),
  name       text           not null,
  value      text           not null,
  created_at timestamptz(3) not null,
  expires_at timestamptz(3),
  primary key (program_id, stream, kind, name)
);

-- Events that a stream was to send and has not: those that failed and are tried again at `next_at`, those held behind
-- them as they are of the same member, and dead ones. An event is named by its member and number; one of the program
-- by member 0 and its position. `position` is null for members told with the snapshot of a segment, who are in it
-- since `since`. What was delivered has no row.
create table delivery (
  program_id integer        not null,
  shard      smallint       not null,
  stream     text           not null,
  member_id  bigint         not null,
  number     bigint         not null,
  position   bigint,
  since      timestamptz(3),
  status     text           not null check (status in ('failing', 'held', 'dead')),
  attempts   integer        not null default 0,
  next_at    timestamptz(3),
  last_error text,
  created_at timestamptz(3) not null,
  primary key (program_id, stream, shard, member_id, number),
  check ((position is null) = (since is not null)),
  check ((status = 'failing') = (next_at is not null))
) with (fillfactor = 80);

create index delivery_due on delivery (program_id, stream, next_at) where status = 'failing';
create index delivery_dead on delivery (program_id, stream, created_at, shard, member_id, number) where status = 'dead';

-- Every request a stream made: what was in it, and what came of it. Insert-only until dropped for its age.
create table delivery_attempt (
  program_id     integer        not null,
  attempt_id     bigint         generated always as identity,
  stream         text           not null,
  message_id     text           not null,
  first_position bigint,
  last_position  bigint,
  events         integer        not null,
  at             timestamptz(3) not null,
  status         integer,
  error          text,
  duration_ms    integer        not null,
  primary key (program_id, attempt_id)
);

create index delivery_attempt_of_stream on delivery_attempt (program_id, stream, attempt_id);

do $$
declare
  name text;
begin
  foreach name in array array['stream_standing', 'stream_secret', 'delivery', 'delivery_attempt'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format(
      'create policy one_program on %I to tessera_service using (program_id = nullif(current_setting(''app.program_id'', true), '''')::integer)',
      name
    );
    execute format('create policy every_program on %I for select to tessera_observer using (true)', name);
    execute format('grant select, insert, delete on %I to tessera_service', name);
  end loop;
end $$;

grant update on stream_standing, stream_secret, delivery to tessera_service;
-- Secrets are nobody's to observe.
grant select on stream_standing, delivery, delivery_attempt to tessera_observer;
