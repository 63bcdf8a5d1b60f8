-- Points that passed from one member to another, with the sender: `ordinal` is which of the sender's commands it was.
-- Both sides' ledger entries name the transfer; this row names both members.
create table transfer (
  program_id   integer        not null,
  shard        smallint       not null,
  member_id    bigint         not null,
  ordinal      integer        not null,
  recipient_id bigint         not null check (recipient_id <> member_id),
  wallet       text           not null,
  points       bigint         not null check (points > 0),
  recorded_at  timestamptz(3) not null,
  primary key (program_id, shard, member_id, ordinal)
);

alter table transfer enable row level security;
alter table transfer force row level security;
create policy one_program on transfer to tessera_service using (program_id = nullif(current_setting('app.program_id', true), '')::integer);
create policy every_program on transfer for select to tessera_observer using (true);
grant select on transfer to tessera_observer;
grant select, insert on transfer to tessera_service;

-- A transfer may be given a reason, or an actor, or both.
alter table entry_note alter column reason drop not null;
alter table entry_note alter column actor drop not null;
