-- Burns made with an API key lately, where the program limits them: counted in twelfths of each limit's window, as in a
-- member's state. A row that many members share: it is locked before anything is decided, after the members' rows and
-- the budgets. Configuration-sized, so it has no shard.
create table key_burns (
  program_id integer not null,
  key_id     text    not null,
  burns      json    not null,
  primary key (program_id, key_id)
) with (fillfactor = 50);

alter table key_burns enable row level security;
alter table key_burns force row level security;
create policy one_program on key_burns to tessera_service using (program_id = nullif(current_setting('app.program_id', true), '')::integer);
create policy every_program on key_burns for select to tessera_observer using (true);
grant select on key_burns to tessera_observer;
grant select, insert, update on key_burns to tessera_service;
