-- Members merged into others. The row is the source's: `ordinal` is which of its commands it was. `kept` is what of the
-- survivor is not a sum, before and after, so that it can be put back. Reason and actor can be erased.
create table member_merge (
  program_id   integer        not null,
  shard        smallint       not null,
  member_id    bigint         not null,
  ordinal      integer        not null,
  survivor_id  bigint         not null check (survivor_id <> member_id),
  recorded_at  timestamptz(3) not null,
  kept         json           not null,
  debts        json           not null,
  reason       text,
  actor        text,
  unmerged_at  timestamptz(3),
  unmerge_reason text,
  unmerge_actor  text,
  primary key (program_id, shard, member_id, ordinal)
);

-- Which lot of the source a lot of the survivor was: where a late return of the source's purchase looks first, and what
-- is given back when the two are parted.
create table merged_lot (
  program_id    integer  not null,
  shard         smallint not null,
  member_id     bigint   not null,
  lot           integer  not null,
  source_id     bigint   not null,
  source_lot    integer  not null,
  merge_ordinal integer  not null,
  points        bigint   not null check (points > 0),
  primary key (program_id, shard, member_id, lot)
);

create index merged_lot_of on merged_lot (program_id, shard, member_id, source_id, source_lot);

do $$
declare
  name text;
begin
  foreach name in array array['member_merge', 'merged_lot'] loop
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

grant update (unmerged_at, unmerge_reason, unmerge_actor) on member_merge to tessera_service;

alter table member_state drop constraint member_state_status_check;
alter table member_state add constraint member_state_status_check check (status in ('active', 'suspended', 'closed', 'merged'));
