-- Tags of a member, the instant the source system last changed what it sent (what is older changes nothing), and when a
-- profile last changed, in real time: for who asks what changed since. An index on profiles costs earning nothing.
alter table member_profile add column tags jsonb not null default '[]';
alter table member_profile add column source_updated_at timestamptz(3);
alter table member_profile add column updated_at timestamptz(3) not null default now();

create index member_profile_updated on member_profile (program_id, updated_at, member_id);

-- Files sent to be imported. `number` counts those of a program from 1. While the file is coming in it is `uploading`,
-- and nobody sees it. `leased_until`: which instance has it, for how long.
create table import (
  program_id   integer        not null,
  number       integer        not null,
  kind         text           not null,
  options      json           not null,
  status       text           not null check (status in ('uploading', 'waiting', 'running', 'done', 'cancelled')),
  total        integer        not null default 0 check (total >= 0),
  succeeded    integer        not null default 0 check (succeeded >= 0),
  unchanged    integer        not null default 0 check (unchanged >= 0),
  stale        integer        not null default 0 check (stale >= 0),
  failed       integer        not null default 0 check (failed >= 0),
  created_at   timestamptz(3) not null,
  created_by   text           not null,
  finished_at  timestamptz(3),
  heard_at     timestamptz(3) not null,
  leased_until timestamptz(3),
  primary key (program_id, number)
);

create index import_open on import (status) where status in ('uploading', 'waiting', 'running');

-- Lines of a file that are yet to be worked off, some hundred a row. They hold personal data, and are deleted in the
-- transaction that says what became of them.
create table import_chunk (
  program_id integer  not null,
  number     integer  not null,
  chunk      integer  not null,
  records    json     not null,
  primary key (program_id, number, chunk)
);

-- What was wrong with which line, by JSON pointer. No value of the file is in it.
create table import_error (
  program_id integer  not null,
  number     integer  not null,
  line       integer  not null,
  place      smallint not null,
  pointer    text     not null,
  code       text     not null,
  detail     text     not null,
  primary key (program_id, number, line, place)
);

do $$
declare
  name text;
begin
  foreach name in array array['import', 'import_chunk', 'import_error'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format(
      'create policy one_program on %I to tessera_service using (program_id = nullif(current_setting(''app.program_id'', true), '''')::integer)',
      name
    );
    execute format('create policy every_program on %I for select to tessera_observer using (true)', name);
    execute format('grant select on %I to tessera_observer', name);
    execute format('grant select, insert, delete on %I to tessera_service', name);
  end loop;
end $$;

grant update on import to tessera_service;
