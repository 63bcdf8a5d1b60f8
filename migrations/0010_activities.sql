-- What members did other than buying. `number` is that of the member's event that told it. What the engine recorded by
-- itself (birthdays, anniversaries, referrals) has no id of a caller and no answer to be given again.
create table activity (
  program_id  integer        not null,
  shard       smallint       not null,
  member_id   bigint         not null,
  number      integer        not null,
  activity_id text,
  type        text           not null,
  occurred_at timestamptz(3) not null,
  recorded_at timestamptz(3) not null,
  report      json           not null,
  facts       json           not null,
  fingerprint bytea,
  answer      text,
  primary key (program_id, shard, member_id, number),
  check ((activity_id is null) = (fingerprint is null) and (activity_id is null) = (answer is null))
);

-- For activities, `ordinal` is their number.
alter table operation_reference drop constraint operation_reference_kind_check;
alter table operation_reference add check (kind in ('purchase', 'redemption', 'activity'));

alter table activity enable row level security;
alter table activity force row level security;
create policy one_program on activity to tessera_service using (program_id = nullif(current_setting('app.program_id', true), '')::integer);
create policy every_program on activity for select to tessera_observer using (true);
grant select on activity to tessera_observer;
grant select, insert on activity to tessera_service;

-- What a command of one member brings about for another, written in its transaction. It is done in a command of that
-- member, which marks it: whoever hands the command in, and however often, it is done once.
create table follow_up (
  program_id integer        not null,
  shard      smallint       not null,
  member_id  bigint         not null,
  id         text           not null,
  at         timestamptz(3) not null,
  done_at    timestamptz(3),
  primary key (program_id, shard, member_id, id)
);

create index follow_up_open on follow_up (program_id, member_id, id) where done_at is null;

alter table follow_up enable row level security;
alter table follow_up force row level security;
create policy one_program on follow_up to tessera_service using (program_id = nullif(current_setting('app.program_id', true), '')::integer);
create policy every_program on follow_up for select to tessera_observer using (true);
grant select on follow_up to tessera_observer;
grant select, insert, update on follow_up to tessera_service;
