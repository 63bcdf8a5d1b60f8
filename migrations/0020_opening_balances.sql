-- What members had of a wallet in the system that is left, once for each: that it was taken over, with which answer, and
-- what that system had counted for the member in all. The points themselves are ledger entries and lots. `ordinal` is
-- which of the member's commands it was.
create table opening_balance (
  program_id  integer        not null,
  shard       smallint       not null,
  member_id   bigint         not null,
  wallet      text           not null,
  ordinal     integer        not null,
  points      bigint         not null check (points >= 0),
  lifetime    json           not null,
  recorded_at timestamptz(3) not null,
  fingerprint bytea          not null,
  answer      text           not null,
  primary key (program_id, shard, member_id, wallet)
);

alter table operation_reference drop constraint operation_reference_kind_check;
alter table operation_reference add constraint operation_reference_kind_check
  check (kind in ('purchase', 'redemption', 'activity', 'return', 'cancellation', 'opening_balance'));

alter table opening_balance enable row level security;
alter table opening_balance force row level security;
create policy one_program on opening_balance to tessera_service using (program_id = nullif(current_setting('app.program_id', true), '')::integer);
create policy every_program on opening_balance for select to tessera_observer using (true);
grant select on opening_balance to tessera_observer;
grant select, insert on opening_balance to tessera_service;
