-- Every table that grows with members has the program and the shard (the distribution key) first in its primary key.
create sequence member_id_seq as bigint;

-- One row carries everything the common write needs; see MemberState in the code. It is rewritten by every command, so
-- pages keep room for the next version of a row beside the last. Documents that are written and read whole are json, not
-- jsonb: taking them apart and putting them together again cost a tenth of a purchase.
create table member_state (
  program_id  integer        not null,
  shard       smallint       not null,
  member_id   bigint         not null,
  external_id text           not null,
  status      text           not null check (status in ('active', 'suspended', 'closed')),
  enrolled_at timestamptz(3) not null,
  recorded_at timestamptz(3) not null,
  entries     integer        not null check (entries >= 0),
  commands    integer        not null check (commands >= 0),
  revision    integer        not null,
  state       json           not null,
  primary key (program_id, shard, member_id)
) with (fillfactor = 70);

-- The person behind the number: what export and erasure read and write. `identities` repeats the identity table for
-- reads of one member; the audit compares the two.
create table member_profile (
  program_id  integer  not null,
  shard       smallint not null,
  member_id   bigint   not null,
  profile     json     not null,
  identities  json     not null,
  attributes  jsonb    not null,
  consents    json     not null,
  acquisition json,
  primary key (program_id, shard, member_id)
);

-- identity → member. The caller's own id is the identity of kind `id`. Its shard follows from the text, since
-- uniqueness crosses members.
create table identity (
  program_id integer  not null,
  shard      smallint not null,
  kind       text     not null,
  value      text     not null,
  member_id  bigint   not null,
  primary key (program_id, shard, kind, value)
);

-- When a job should look at a member. A table of its own: on the member row it would cost every write an index.
create table member_due (
  program_id integer        not null,
  shard      smallint       not null,
  member_id  bigint         not null,
  due_at     timestamptz(3) not null,
  primary key (program_id, shard, member_id)
);

create index member_due_at on member_due (due_at);

create table tier_transition (
  program_id  integer        not null,
  shard       smallint       not null,
  member_id   bigint         not null,
  scheme      text           not null,
  number      integer        not null,
  from_tier   text,
  to_tier     text,
  at          timestamptz(3) not null,
  recorded_at timestamptz(3) not null,
  revision    integer        not null,
  facts       json           not null,
  primary key (program_id, shard, member_id, scheme, number)
);
