-- The walls of clock: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- what walls ask, and what stands at tables of other nouns ----------

-- What arrives, leaves, goes in or is held does so at a time that has been: not in the future, and not before clocks began.
-- The condition stands at the trigger, so that rows by the hundred thousand cost no call; a home with a moved clock asks again
-- (21 CFR 11.10(e)).
-- Refuses with BW160, BW162
create or replace function at_a_time_that_was() returns trigger language plpgsql as $function$
declare
  moment timestamptz := (to_jsonb(new) ->> tg_argv[0])::timestamptz;
begin
  if moment > now() + interval '5 minutes' then
    raise exception '% of % lies in the future', tg_argv[0], tg_table_name using errcode = 'BW160';
  end if;
  if moment < '1970-01-01 00:00:00+00'::timestamptz then
    raise exception '% tells of a time before 1970', tg_table_name using errcode = 'BW162';
  end if;
  return new;
end $function$;

-- Nothing that is recorded happened, or holds, before clocks began (TIM-001): whoever writes it, by whichever door.
-- Rows of before stay as they are until they are touched.
-- Refuses with BW162
create or replace function before_clocks_began() returns trigger language plpgsql as $function$
begin
  raise exception '% tells of a time before 1970', tg_table_name using errcode = 'BW162';
end $function$;

-- How the engine's clock compared with the record's the last time a worker asked (models/kernel/time/clock.py), in milliseconds by which
-- the record's is ahead: at least, at most.  Nothing where no worker has asked for a minute: then nobody knows, and nobody waits.
create or replace function clocks_compared() returns bigint[] language sql stable as $function$
  select array[b.ahead_least, b.ahead_most] from worker_beat b
   where b.compared_at between clock_timestamp() - interval '1 minute' and clock_timestamp() + interval '2 seconds'
   order by b.compared_at desc limit 1
$function$;

-- Until when the record is written.  While the two clocks are apart nothing is recorded but that they are, and who tried to come in;
-- once they agree again those times were nobody's act and are no measure, so that work goes on by itself (21 CFR 11.10(e)).
create or replace function last_recorded() returns timestamp with time zone language sql stable as $function$
  select max(e.at) from (
    select a.at from audit_event a
     where a.id > coalesce((select max(j.last_event_id) from clock_jump j), 0)
       and not (a.table_name in ('account', 'clock_difference')
                and coalesce((select d.apart from clock_difference d where d.last_event_id < a.id order by d.id desc limit 1), false))
     order by a.id desc limit 32) e
$function$;

-- Work is judged by when it was done (ALCOA+; ISO 13485 7.5.9): a lot that was good when it went in is not refused because
-- it ran out before somebody told; and nothing has happened yet that lies in the future.
-- Refuses with BW160
create or replace function not_in_the_future() returns trigger language plpgsql as $function$
begin
  if (to_jsonb(new) ->> tg_argv[0])::timestamptz > now() + interval '5 minutes' then
    raise exception '% of % lies in the future', tg_argv[0], tg_table_name using errcode = 'BW160';
  end if;
  return new;
end $function$;

-- Goods, documents and links say the same (DESIGN 2.4; ISO 13485 7.5.8, 7.5.9; REQUIREMENTS 12, 21, 25): what moves is booked
-- by a document, what a document says has moved, and a link is what an operation used.  Looked at when an act ends, because
-- it writes one after the other.  What another system tells of is kept as it tells it; only its import can write it.
create or replace function recorded_now() returns trigger language plpgsql as $function$
begin
  new.recorded_at := now();  -- nobody says that it was known before
  return new;
end $function$;

-- clock_difference --------------------------------------------------

alter table clock_difference
  add constraint ck_clock_difference_order check (ahead_least <= ahead_most);

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on clock_difference for each statement
  execute function api_stays_out();
create trigger append_only before delete or update on clock_difference for each row execute function append_only();
create trigger append_only_truncate before truncate on clock_difference for each statement execute function append_only();
create trigger audit_delete after delete on clock_difference referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on clock_difference referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on clock_difference referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on clock_difference for each row execute function identity_is_fixed();

-- clock_jump --------------------------------------------------------

alter table clock_jump
  add constraint ck_clock_jump_reason check (length(trim(both from reason)) > 0);

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on clock_jump for each statement execute function api_stays_out();
create trigger append_only before delete or update on clock_jump for each row execute function append_only();
create trigger append_only_truncate before truncate on clock_jump for each statement execute function append_only();
create trigger audit_delete after delete on clock_jump referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on clock_jump referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on clock_jump referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on clock_jump for each row execute function identity_is_fixed();
create trigger worker_writes_none before insert or delete or update on clock_jump for each statement
  execute function worker_has_no_say();

-- worker_beat -------------------------------------------------------

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on worker_beat for each statement execute function api_stays_out();
