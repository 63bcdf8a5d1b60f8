-- Returns and cancellations of purchases, members' and guests'. A return has the caller's id, a cancellation that of its
-- purchase: the key, and with it the shard, is that of `operation_reference`. `number` counts the returns of a purchase.
create table purchase_return (
  program_id   integer        not null,
  shard        smallint       not null,
  kind         text           not null check (kind in ('return', 'cancellation')),
  id           text           not null,
  purchase_id  text           not null,
  number       integer        not null,
  member_id    bigint,
  ordinal      integer        not null,
  occurred_at  timestamptz(3) not null,
  recorded_at  timestamptz(3) not null,
  amount       bigint         not null check (amount >= 0),
  spend        bigint         not null check (spend >= 0),
  whole        boolean        not null,
  returned     json           not null,
  taken        json           not null,
  fingerprint  bytea          not null,
  answer       text           not null,
  primary key (program_id, shard, kind, id)
);

-- The returns of a purchase, in order. Two that are decided at once cannot both be the same one.
create unique index purchase_return_of on purchase_return (program_id, purchase_id, number);

alter table purchase_return enable row level security;
alter table purchase_return force row level security;
create policy one_program on purchase_return to tessera_service using (program_id = nullif(current_setting('app.program_id', true), '')::integer);
create policy every_program on purchase_return for select to tessera_observer using (true);
grant select on purchase_return to tessera_observer;
grant select, insert on purchase_return to tessera_service;

alter table operation_reference drop constraint if exists operation_reference_kind_check;
alter table operation_reference drop constraint if exists operation_reference_kind_check1;
alter table operation_reference add constraint operation_reference_kind_check check (kind in ('purchase', 'redemption', 'activity', 'return', 'cancellation'));

-- An entitlement goes with the purchase that granted it.
alter table entitlement add column revoked_at timestamptz(3);
grant update on entitlement to tessera_service;

-- What a follow-up gave, so that it can be taken back: the entries its command wrote.
alter table follow_up add column entries_from integer;
alter table follow_up add column entries_to integer;
