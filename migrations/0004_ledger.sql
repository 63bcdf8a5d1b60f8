-- Immutable: the service may only insert and select.
create table ledger_entry (
  program_id      integer        not null,
  shard           smallint       not null,
  member_id       bigint         not null,
  sequence        integer        not null check (sequence > 0),
  ordinal         integer        not null,
  wallet          text           not null,
  movement        text           not null,
  from_bucket     text           not null,
  to_bucket       text           not null,
  points          bigint         not null check (points > 0),
  pending_after   bigint         not null check (pending_after >= 0),
  available_after bigint         not null check (available_after >= 0),
  held_after      bigint         not null check (held_after >= 0),
  debt_after      bigint         not null check (debt_after >= 0),
  cause           text           not null,
  cause_id        text,
  allocations     json           not null,
  rules           json           not null,
  revision        integer        not null,
  occurred_at     timestamptz(3) not null,
  recorded_at     timestamptz(3) not null,
  primary key (program_id, shard, member_id, sequence)
);

-- Free text lives beside the ledger, so that it can be erased without touching it.
create table entry_note (
  program_id integer  not null,
  shard      smallint not null,
  member_id  bigint   not null,
  sequence   integer  not null,
  reason     text     not null,
  actor      text     not null,
  primary key (program_id, shard, member_id, sequence)
);

-- `lot` is the sequence of the entry that made it; `expires_at` is infinity where it never expires.
create table lot (
  program_id   integer        not null,
  shard        smallint       not null,
  member_id    bigint         not null,
  lot          integer        not null,
  wallet       text           not null,
  original     bigint         not null check (original > 0),
  pending      bigint         not null check (pending >= 0),
  available    bigint         not null check (available >= 0),
  held         bigint         not null check (held >= 0),
  value_points bigint,
  value_amount bigint,
  earned_at    timestamptz(3) not null,
  available_at timestamptz(3) not null,
  expires_at   timestamptz(3) not null,
  primary key (program_id, shard, member_id, lot),
  check (pending + available + held <= original)
) with (fillfactor = 85);

-- Spending order. Lots that are spent are not in it, however many there are; what expires when is read from it alone.
create index lot_spendable on lot (program_id, shard, member_id, wallet, expires_at, lot) include (available) where available > 0;
create index lot_pending on lot (program_id, shard, member_id, wallet, available_at) where pending > 0;
