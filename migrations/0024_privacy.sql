-- A member may be erased: what names or describes the person goes, the ledger stays under a pseudonym.
alter table member_state drop constraint member_state_status_check;
alter table member_state add constraint member_state_status_check check (status in ('active', 'suspended', 'closed', 'merged', 'erased'));

-- With what identities are hashed that outlive their member: of each program its own.
alter table program add column identity_salt bytea not null default uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());

-- Salted hashes of identities of erased members. That of the caller's own id is kept for a while in any case, so that an
-- erasure that is asked for again is answered again; the others for good, where the program wants to know who comes back.
-- `shard` is that of the hash.
create table erased_identity (
  program_id integer        not null,
  shard      smallint       not null,
  hash       bytea          not null,
  member_id  bigint         not null,
  kept_until timestamptz(3),
  primary key (program_id, shard, hash)
);

create index erased_identity_expiry on erased_identity (program_id, kept_until) where kept_until is not null;

-- Every consent a member gave, changed or withdrew. `number` is that of the member's event that told it. Null: the caller
-- says no more whether it is given.
create table consent_change (
  program_id  integer        not null,
  shard       smallint       not null,
  member_id   bigint         not null,
  number      integer        not null,
  purpose     text           not null,
  granted     boolean,
  source      text,
  changed_at  timestamptz(3) not null,
  recorded_at timestamptz(3) not null,
  primary key (program_id, shard, member_id, number, purpose)
);

-- Consents given before there was a history begin it.
alter table member_profile no force row level security;
alter table member_state no force row level security;
insert into consent_change
select p.program_id, p.shard, p.member_id, 0, consent.key, (consent.value ->> 'granted')::boolean, consent.value ->> 'source',
  (consent.value ->> 'changed_at')::timestamptz, (consent.value ->> 'changed_at')::timestamptz
from member_profile p
cross join lateral json_each(p.consents) consent;
alter table member_profile force row level security;
alter table member_state force row level security;

-- Who did what to the program or to a member, by which request: written once, with what it tells of. No personal data:
-- `author` is the id of a key, or who needs none; `details` holds codes and numbers; a member is its number. Whom a person
-- was named by as the actor stands beside it, so that it can go with the member. `number` orders entries, with gaps.
create sequence audit_log_number_seq as bigint;

create table audit_log (
  program_id integer        not null,
  shard      smallint       not null,
  number     bigint         not null default nextval('audit_log_number_seq'),
  at         timestamptz(3) not null,
  action     text           not null,
  author     text           not null,
  member_id  bigint,
  subject    text,
  details    json           not null,
  request_id text           not null,
  primary key (program_id, shard, number)
);

create index audit_log_latest on audit_log (program_id, number);
create index audit_log_of_member on audit_log (program_id, member_id, number) where member_id is not null;

create table audit_actor (
  program_id integer  not null,
  shard      smallint not null,
  member_id  bigint   not null,
  number     bigint   not null,
  actor      text     not null,
  primary key (program_id, shard, member_id, number)
);

do $$
declare
  name text;
begin
  foreach name in array array['erased_identity', 'consent_change', 'audit_log', 'audit_actor'] loop
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

grant update, delete on erased_identity to tessera_service;
grant delete on consent_change, audit_actor to tessera_service;
grant usage on sequence audit_log_number_seq to tessera_service;

-- Erasure takes free text away, and what of a record describes the person; nothing else of it changes.
grant delete on entry_note, tier_note, reward_note to tessera_service;
grant update (report, facts, fingerprint, answer) on purchase, activity to tessera_service;
grant update (fingerprint, answer) on purchase_return, opening_balance to tessera_service;
grant update (facts) on tier_transition to tessera_service;
grant update (kept, reason, actor) on member_merge to tessera_service;

-- What a member returned, and was sent, and who was merged into it, is found for export and erasure.
create index purchase_return_of_member on purchase_return (program_id, member_id) where member_id is not null;
create index transfer_to on transfer (program_id, recipient_id);
create index member_merge_into on member_merge (program_id, survivor_id);
