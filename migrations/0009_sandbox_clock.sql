-- The engine's time of a sandbox program: it stands until it is moved. Live programs have none.
alter table program add column clock timestamptz(3);

-- Sandboxes there are already go on from now. No policy lets the owner see a program's row, so it looks past them.
alter table program no force row level security;
update program set clock = now() where sandbox;
alter table program force row level security;
alter table program add constraint program_clock check (sandbox = (clock is not null));

-- Every move of a clock. What is still to be settled is in member_due: a move is done once nobody is due by its target.
-- `worked_until` is a lease in real time: one instance works on a move, and another takes over when that one is gone.
create table clock_move (
  program_id   integer        not null references program,
  number       integer        not null,
  from_instant timestamptz(3) not null,
  to_instant   timestamptz(3) not null,
  status       text           not null check (status in ('running', 'done')),
  due          integer        not null check (due >= 0),
  settled      integer        not null check (settled >= 0),
  worked_until timestamptz(3),
  primary key (program_id, number),
  check (to_instant >= from_instant)
);

-- One move at a time.
create unique index clock_move_running on clock_move (program_id) where status = 'running';

alter table clock_move enable row level security;
alter table clock_move force row level security;
create policy one_program on clock_move to tessera_service using (program_id = nullif(current_setting('app.program_id', true), '')::integer);
create policy every_program on clock_move for select to tessera_observer using (true);
grant select on clock_move to tessera_observer;
grant select, insert, update on clock_move to tessera_service;

-- Who is due is asked program by program, each with its own time, so that none waits behind another's.
create index member_due_by_program on member_due (program_id, due_at);
drop index member_due_at;
