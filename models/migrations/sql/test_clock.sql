-- The clock of a test home: what PostgreSQL says, and by how much it was moved forward.  Made before the migrations run, so that
-- every `now()` of the record, in defaults, functions and statements, is found here first.  A home without this schema has no
-- other clock than the server's, and none of its roles can make one.
create schema test_clock;

create table test_clock.moved (
  id bigint generated always as identity primary key,
  at timestamptz not null default pg_catalog.clock_timestamp(),  -- by the server's own clock
  microseconds bigint not null check (microseconds > 0)
);

create function test_clock.never() returns trigger language plpgsql as $$
begin
  raise exception 'the test clock never goes back' using errcode = 'BW240';
end $$;
create trigger append_only before update or delete on test_clock.moved for each row execute function test_clock.never();
create trigger append_only_truncate before truncate on test_clock.moved for each statement execute function test_clock.never();

-- A transaction keeps the time at which it began, whatever is moved meanwhile.
create function test_clock.now() returns timestamptz language sql stable parallel safe as $$
  select pg_catalog.now() + interval '1 microsecond' * (
    select coalesce(sum(m.microseconds), 0)::float8 from test_clock.moved m where m.at <= pg_catalog.now())
$$;
create function test_clock.transaction_timestamp() returns timestamptz language sql stable parallel safe as $$
  select test_clock.now()
$$;
create function test_clock.statement_timestamp() returns timestamptz language sql stable parallel safe as $$
  select pg_catalog.statement_timestamp() + interval '1 microsecond' * (
    select coalesce(sum(m.microseconds), 0)::float8 from test_clock.moved m where m.at <= pg_catalog.statement_timestamp())
$$;
create function test_clock.clock_timestamp() returns timestamptz language sql volatile parallel safe as $$
  select pg_catalog.clock_timestamp() + interval '1 microsecond' * (
    select coalesce(sum(m.microseconds), 0)::float8 from test_clock.moved m)
$$;

grant usage on schema test_clock to batchwright_app;
grant select on test_clock.moved to batchwright_app;

-- `public` stays the first, for that is where tables are made; it has no clock of its own.
do $$ begin
  execute format('alter database %I set search_path = public, test_clock, pg_catalog', current_database());
end $$;
