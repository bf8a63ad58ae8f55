-- Doors for beginnings that stayed open afterwards: each is shut to whoever has no business there any more.

-- Whoever furnishes the demonstration makes people with passwords of their own.  That is for plants that the demonstration has
-- founded; where a plant was founded otherwise, its people exist, and nobody makes passwords for them (21 CFR 11.100(b)).
create or replace function furnishes() returns boolean language sql stable security definer set search_path = public, pg_temp as $$
  select exists (select from service_actor s where s.actor_id = current_setting('bw.actor_id', true) and s.furnishes)
     and not exists (
       select from site p where not exists (
         select from audit_event e join service_actor f on f.actor_id = e.actor_id and f.furnishes
          where e.table_name = 'site' and e.row_id = p.id and e.operation = 'insert'))
$$;

-- Codes are mailed to the address on record, so nobody but the person changes it, and no part of the software either.
create or replace function person_address_wall() returns trigger language plpgsql as $$
begin
  if new.email is distinct from old.email and old.kind = 'human' and not acts_as(new.id) and not furnishes() then
    raise exception 'a mail address is changed by nobody but the person' using errcode = 'BW191';
  end if;
  return new;
end $$;

-- What another system says comes in where somebody imports it, never through the worker or the door that people come through:
-- a batch may be born released there (ISO 13485 4.2.5).
create function imports_have_their_own_door() returns trigger language plpgsql as $$
begin
  if session_user in ('batchwright_worker', 'batchwright_api') then
    raise exception 'what another system says is brought over by the import, never by the worker or the door that people come through'
      using errcode = 'BW281';
  end if;
  return null;
end $$;

create trigger imports_have_their_own_door before insert on import_run
  for each statement execute function imports_have_their_own_door();
create trigger imports_have_their_own_door before insert on import_row
  for each statement execute function imports_have_their_own_door();

-- A legal clock keeps everything that it was computed from, and each of its moments comes once (STANDARDS 2.10).
create function recall_deadline_wall() returns trigger language plpgsql as $$
begin
  if to_jsonb(new) - array['met_at', 'warned_at', 'missed_at', 'run_id'] is distinct from
     to_jsonb(old) - array['met_at', 'warned_at', 'missed_at', 'run_id']
     or (old.met_at is not null and new.met_at is distinct from old.met_at)
     or (old.warned_at is not null and new.warned_at is distinct from old.warned_at)
     or (old.missed_at is not null and new.missed_at is distinct from old.missed_at) then
    raise exception 'a legal clock stays as it was computed, and each of its moments comes once' using errcode = 'BW280';
  end if;
  return new;
end $$;

create trigger recall_deadline_wall before update on recall_deadline for each row execute function recall_deadline_wall();
