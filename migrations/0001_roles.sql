-- Roles are shared by all databases of a server, so another migration may create them at the same moment.
do $$
begin
  create role tessera_service nologin;
exception when duplicate_object or unique_violation then null;
end $$;

-- Reads every program: key lookup, due scans, audit, relay. It writes nothing.
do $$
begin
  create role tessera_observer nologin;
exception when duplicate_object or unique_violation then null;
end $$;

do $$
begin
  execute format('grant tessera_service, tessera_observer to %I', current_user);
exception when duplicate_object or unique_violation then null;
end $$;

grant usage on schema public to tessera_service, tessera_observer;
