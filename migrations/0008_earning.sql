-- What the budgets of earn rules have given in each period, to all members together. A row that many members share: it is
-- locked before anything is decided, after the members' rows. Configuration-sized, so it has no shard.
create table earn_budget (
  program_id integer not null,
  rule       text    not null,
  period     text    not null,
  period_from date   not null,
  used       bigint  not null check (used >= 0),
  primary key (program_id, rule, period, period_from)
) with (fillfactor = 50);

-- Rewards granted by earn rules. `number` is that of the member's event that told it.
create table entitlement (
  program_id  integer        not null,
  shard       smallint       not null,
  member_id   bigint         not null,
  number      integer        not null,
  reward      text           not null,
  rule        text           not null,
  cause       text           not null,
  cause_id    text,
  granted_at  timestamptz(3) not null,
  recorded_at timestamptz(3) not null,
  expires_at  timestamptz(3),
  revision    integer        not null,
  primary key (program_id, shard, member_id, number)
);

do $$
declare
  name text;
begin
  foreach name in array array['earn_budget', 'entitlement'] loop
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

grant update on earn_budget to tessera_service;
