-- Points spent as money: by which burn rule, and what they pay. Null: the engine does not know what they pay.
alter table redemption add column burn json;

-- Quotes: what was frozen for a cart. `cart` is its SHA-256. They lapse by the program's time and are swept by real time:
-- a purchase keeps what it was decided by.
create table quote (
  program_id integer        not null,
  shard      smallint       not null,
  member_id  bigint         not null,
  quote_id   text           not null,
  revision   integer        not null,
  cart       bytea          not null,
  created_at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  kept_until timestamptz(3) not null,
  tiers      json           not null,
  used_by    text,
  primary key (program_id, shard, member_id, quote_id)
);

create index quote_kept on quote (program_id, kept_until);

alter table quote enable row level security;
alter table quote force row level security;
create policy one_program on quote to tessera_service using (program_id = nullif(current_setting('app.program_id', true), '')::integer);
create policy every_program on quote for select to tessera_observer using (true);
grant select on quote to tessera_observer;
grant select, insert, update, delete on quote to tessera_service;
