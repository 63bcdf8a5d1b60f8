create sequence program_id_seq as integer;

create table program (
  program_id   integer        primary key,
  code         text           not null unique,
  name         text           not null,
  currency     text           not null,
  time_zone    text           not null,
  locale       text           not null,
  sandbox      boolean        not null,
  revision     integer        not null,
  created_at   timestamptz(3) not null
);

-- Every revision of a program's configuration, whole: an older one can be compiled again at any time.
create table program_revision (
  program_id    integer        not null references program,
  revision      integer        not null,
  configuration jsonb          not null,
  changed_by    text           not null,
  created_at    timestamptz(3) not null,
  primary key (program_id, revision)
);

create table api_key (
  key_id       text           primary key,
  program_id   integer        not null references program,
  secret_hash  bytea          not null unique,
  name         text           not null,
  scopes       text[]         not null,
  created_at   timestamptz(3) not null,
  expires_at   timestamptz(3),
  revoked_at   timestamptz(3),
  last_used_at timestamptz(3)
);

create index api_key_by_program on api_key (program_id, created_at, key_id);
