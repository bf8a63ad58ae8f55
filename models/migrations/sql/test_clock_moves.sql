-- What needs the record: the moves that somebody asked for, and the one function that moves the clock on the way.
do $$
declare
  f regprocedure;
begin
  for f in
    select p.oid::regprocedure from pg_proc p
     where p.pronamespace = 'public'::regnamespace and p.prokind = 'f' and p.proowner = current_user::regrole
       and exists (select from unnest(p.proconfig) c where c like 'search_path=%' and c not like '%test_clock%')
  loop
    execute format('alter function %s set search_path = public, test_clock, pg_catalog, pg_temp', f);
  end loop;
end $$;

create table if not exists test_clock.clock_move (
  id bigint generated always as identity primary key,
  from_at timestamptz not null,
  to_at timestamptz not null,
  reason text not null check (length(trim(reason)) > 0),
  check (to_at > from_at)
);

create or replace function test_clock.move_wall() returns trigger language plpgsql security definer
set search_path = public, test_clock, pg_catalog, pg_temp as $$
begin
  perform pg_advisory_xact_lock(hashtext('test_clock'));
  new.from_at := clock_timestamp();
  if exists (select from test_clock.clock_move m where m.to_at > new.from_at) then
    raise exception 'the test clock is on its way' using errcode = 'BW241';
  end if;
  if new.to_at <= new.from_at or new.to_at > new.from_at + interval '3653 days' then
    raise exception 'the test clock goes forward, by ten years at most' using errcode = 'BW240';
  end if;
  return new;
end $$;

create or replace trigger move_wall before insert on test_clock.clock_move for each row execute function test_clock.move_wall();
create or replace trigger append_only before update or delete on test_clock.clock_move
  for each row execute function test_clock.never();
create or replace trigger append_only_truncate before truncate on test_clock.clock_move
  for each statement execute function test_clock.never();
create or replace trigger audit_insert after insert on test_clock.clock_move referencing new table as new_rows
  for each statement execute function audit_write();

-- Moves the clock to a moment on the way of a move; answers whether it did.  Signs of life keep their age.
create or replace function test_clock.step(at timestamptz) returns boolean language plpgsql security definer
set search_path = public, test_clock, pg_catalog, pg_temp as $$
declare
  gap bigint;
begin
  perform pg_advisory_xact_lock(hashtext('test_clock'));
  gap := ceil(extract(epoch from step.at - clock_timestamp()) * 1000000);
  if gap <= 0 then
    return false;
  end if;
  if not exists (select from test_clock.clock_move m where m.to_at >= step.at) then
    raise exception 'nobody asked for that time' using errcode = 'BW240';
  end if;
  insert into test_clock.moved (microseconds) values (gap);
  update worker_beat b set at = b.at + interval '1 microsecond' * gap,
                           compared_at = b.compared_at + interval '1 microsecond' * gap;
  return true;
end $$;

revoke all on function test_clock.step(timestamptz) from public;
grant execute on function test_clock.step(timestamptz) to batchwright_app;
grant select, insert on test_clock.clock_move to batchwright_app;
