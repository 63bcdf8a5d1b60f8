-- Every table sees one program at a time: the one named for the transaction. None named: no row.
-- The owner is bound as well, and a superuser's connection works under the service role.
do $$
declare
  name text;
begin
  foreach name in array array[
    'program', 'program_revision', 'api_key', 'member_state', 'member_profile', 'identity', 'member_due', 'tier_transition',
    'ledger_entry', 'entry_note', 'lot', 'member_day', 'purchase', 'redemption', 'guest_purchase', 'operation_reference',
    'idempotency_key', 'outbox'
  ] loop
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

-- The ledger is written once: ledger_entry, tier_transition and program_revision stay insert-only.
grant update on program, api_key, member_state, member_profile, member_due, lot, member_day, redemption to tessera_service;
grant delete on identity, member_due, idempotency_key, outbox to tessera_service;
grant update on idempotency_key to tessera_service;
grant usage on sequence member_id_seq, program_id_seq to tessera_service;
