-- How many of a reward are redeemed or held, by all members together. A row that many members share, handled like
-- `earn_budget`: locked after members and budgets, before anything is decided. Rewards with a pool of codes have one too:
-- whoever draws from the pool holds it. Configuration-sized, so it has no shard.
create table reward_stock (
  program_id integer not null,
  reward     text    not null,
  used       bigint  not null check (used >= 0),
  primary key (program_id, reward)
) with (fillfactor = 50);

-- A redemption for a reward keeps the reward as it was, and what is to be given back with it. Without points no entry is
-- written. `voucher` is the number of the one it issued.
alter table redemption alter column entry drop not null;
alter table redemption add column reward json;
alter table redemption add column voucher integer;

-- Vouchers of members. `number` is that of the event that told it.
create table voucher (
  program_id    integer        not null,
  shard         smallint       not null,
  member_id     bigint         not null,
  number        integer        not null,
  reward        text           not null,
  redemption_id text           not null,
  code          text           not null,
  status        text           not null check (status in ('issued', 'used', 'lapsed', 'cancelled')),
  issued_at     timestamptz(3) not null,
  expires_at    timestamptz(3),
  ended_at      timestamptz(3),
  used_for      text,
  recorded_at   timestamptz(3) not null,
  primary key (program_id, shard, member_id, number),
  check ((status = 'issued') = (ended_at is null))
);

-- Codes by their hash (SHA-256 of program and code), with the hash's shard: which voucher a code is, and which codes were
-- handed in and are not yet drawn. Only those of a pool are kept here themselves. `shard` is that of the hash.
create table voucher_code (
  program_id integer  not null,
  shard      smallint not null,
  hash       bytea    not null,
  reward     text     not null,
  code       text,
  member_id  bigint,
  number     integer,
  primary key (program_id, shard, hash),
  check ((member_id is null) = (number is null)),
  check (code is not null or member_id is not null)
);

create index voucher_code_free on voucher_code (program_id, reward, hash) where member_id is null;

-- An entitlement may be granted by a person, and is used by a redemption.
alter table entitlement alter column rule drop not null;
alter table entitlement add column used_at timestamptz(3);
alter table entitlement add column redemption_id text;
alter table entitlement add constraint entitlement_used check ((used_at is null) = (redemption_id is null));

-- Why a person granted or took back an entitlement, or cancelled a voucher: beside it, so that it can be erased. `number`
-- is that of the entitlement or voucher.
create table reward_note (
  program_id  integer        not null,
  shard       smallint       not null,
  member_id   bigint         not null,
  kind        text           not null check (kind in ('granted', 'revoked', 'cancelled')),
  number      integer        not null,
  reason      text           not null,
  actor       text           not null,
  recorded_at timestamptz(3) not null,
  primary key (program_id, shard, member_id, kind, number)
);

do $$
declare
  name text;
begin
  foreach name in array array['reward_stock', 'voucher', 'voucher_code', 'reward_note'] loop
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

grant update on reward_stock, voucher, voucher_code to tessera_service;
