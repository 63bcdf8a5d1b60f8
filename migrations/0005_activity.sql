-- What a member did on a local day: what windows are summed from.
create table member_day (
  program_id integer  not null,
  shard      smallint not null,
  member_id  bigint   not null,
  day        date     not null,
  spend      bigint   not null,
  purchases  integer  not null,
  earned     json     not null,
  primary key (program_id, shard, member_id, day)
) with (fillfactor = 85);

-- `ordinal` says which of the member's commands it was. The answer is kept as text: a repetition gets the same bytes.
create table purchase (
  program_id  integer        not null,
  shard       smallint       not null,
  member_id   bigint         not null,
  ordinal     integer        not null,
  purchase_id text           not null,
  occurred_at timestamptz(3) not null,
  recorded_at timestamptz(3) not null,
  total       bigint         not null,
  spend       bigint         not null,
  report      json           not null,
  facts       json           not null,
  fingerprint bytea          not null,
  answer      text           not null,
  primary key (program_id, shard, member_id, ordinal)
);

create table redemption (
  program_id    integer        not null,
  shard         smallint       not null,
  member_id     bigint         not null,
  ordinal       integer        not null,
  redemption_id text           not null,
  wallet        text           not null,
  points        bigint         not null,
  entry         integer        not null,
  lots          json           not null,
  recorded_at   timestamptz(3) not null,
  fingerprint   bytea          not null,
  answer        text           not null,
  primary key (program_id, shard, member_id, ordinal)
);

-- Purchases without a member wait here for a claim. Who made them is kept only as a hash.
create table guest_purchase (
  program_id    integer        not null,
  shard         smallint       not null,
  purchase_id   text           not null,
  identity_hash bytea,
  occurred_at   timestamptz(3) not null,
  recorded_at   timestamptz(3) not null,
  total         bigint         not null,
  spend         bigint         not null,
  report        json           not null,
  facts         json           not null,
  fingerprint   bytea          not null,
  answer        text           not null,
  primary key (program_id, shard, purchase_id)
);

create index guest_purchase_by_identity on guest_purchase (program_id, identity_hash) where identity_hash is not null;

-- purchase id → member, redemption id → member: ids are unique in the program, and uniqueness crosses members.
create table operation_reference (
  program_id integer  not null,
  shard      smallint not null,
  kind       text     not null check (kind in ('purchase', 'redemption')),
  id         text     not null,
  member_id  bigint,
  ordinal    integer  not null,
  primary key (program_id, shard, kind, id)
);

-- Answers given under an Idempotency-Key, acceptance or refusal. `member_id` is 0 for guests.
create table idempotency_key (
  program_id  integer        not null,
  shard       smallint       not null,
  member_id   bigint         not null,
  key         text           not null,
  fingerprint bytea          not null,
  status      smallint       not null,
  answer      text           not null,
  expires_at  timestamptz(3) not null,
  primary key (program_id, shard, member_id, key)
);

create index idempotency_key_expiry on idempotency_key (expires_at);

-- Events of committed commands, one row a command, for a relay to deliver.
create table outbox (
  shard       smallint       not null,
  outbox_id   bigint         generated always as identity,
  program_id  integer        not null,
  member_id   bigint         not null,
  events      json           not null,
  recorded_at timestamptz(3) not null,
  primary key (shard, outbox_id)
);
