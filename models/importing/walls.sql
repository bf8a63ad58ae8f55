-- The walls of importing: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- what walls ask, and what stands at tables of other nouns ----------

-- Only an import brings over what an earlier system says (ISO 13485 4.2.5; ALCOA+, original): whatever is called migrated
-- goes round walls that hold for our own work, so it comes in an import's own transaction, beside the rows that prove it.
create or replace function imported_now() returns boolean language sql stable as $function$
  select exists (select from import_run r where r.at = now()
                    and current_setting('bw.actor_id', true) = 'import:' || r.source)
$function$;

-- Only an import brings over what an earlier system says (ISO 13485 4.2.5; ALCOA+, original): whatever is called migrated
-- goes round walls that hold for our own work, so it comes in an import's own transaction, beside the rows that prove it.
-- Refuses with BW174
create or replace function migrated_wall() returns trigger language plpgsql as $function$
begin
  -- the name of the column and the word that says: it is our own
  if exists (select from new_rows n where to_jsonb(n) ->> tg_argv[0] <> tg_argv[1]) and not imported_now() then
    raise exception 'only an import brings a % over from another system', tg_table_name using errcode = 'BW174';
  end if;
  return null;
end $function$;

-- Only an import brings over what an earlier system says (ISO 13485 4.2.5; ALCOA+, original): whatever is called migrated
-- goes round walls that hold for our own work, so it comes in an import's own transaction, beside the rows that prove it.
-- Refuses with BW174
create or replace function origin_stays() returns trigger language plpgsql as $function$
begin
  raise exception 'where a % came from doesn''t change', tg_table_name using errcode = 'BW174';
end $function$;

-- import_row --------------------------------------------------------

alter table import_row
  add constraint ck_import_row_outcome check (outcome = any (array['imported'::text, 'merged'::text, 'rejected'::text]));

-- Only an import brings over what an earlier system says (ISO 13485 4.2.5; ALCOA+, original): whatever is called migrated
-- goes round walls that hold for our own work, so it comes in an import's own transaction, beside the rows that prove it.
-- Refuses with BW174
create or replace function import_row_wall() returns trigger language plpgsql as $function$
begin
  if exists (select from new_rows n join import_run r on r.id = n.run_id where r.at <> now() or r.source <> n.source) then
    raise exception 'a row is imported in the transaction of its own run' using errcode = 'BW174';
  end if;
  return null;
end $function$;
create trigger import_row_wall after insert on import_row referencing new table as new_rows for each statement
  execute function import_row_wall();

-- What another system says comes in where somebody imports it, never through the worker or the door that people come through:
-- a batch may be born released there (ISO 13485 4.2.5).
-- Refuses with BW281
create or replace function imports_have_their_own_door() returns trigger language plpgsql as $function$
begin
  if session_user in ('batchwright_worker', 'batchwright_api') then
    raise exception 'what another system says is brought over by the import, never by the worker or the door that people come through'
      using errcode = 'BW281';
  end if;
  return null;
end $function$;
create trigger imports_have_their_own_door before insert on import_row for each statement
  execute function imports_have_their_own_door();

-- Walls that tables share.
create trigger append_only before delete or update on import_row for each row execute function append_only();
create trigger append_only_truncate before truncate on import_row for each statement execute function append_only();

-- import_run --------------------------------------------------------

-- Only an import brings over what an earlier system says (ISO 13485 4.2.5; ALCOA+, original): whatever is called migrated
-- goes round walls that hold for our own work, so it comes in an import's own transaction, beside the rows that prove it.
-- Refuses with BW174
create or replace function import_run_wall() returns trigger language plpgsql as $function$
begin
  if current_setting('bw.actor_id', true) is distinct from 'import:' || new.source then
    raise exception 'only an import begins a run of %', new.source using errcode = 'BW174';
  end if;
  new.at := now();  -- nobody dates an import back
  return new;
end $function$;
create trigger import_run_wall before insert on import_run for each row execute function import_run_wall();

create trigger imports_have_their_own_door before insert on import_run for each statement
  execute function imports_have_their_own_door();

-- Walls that tables share.
create trigger append_only before delete or update on import_run for each row execute function append_only();
create trigger append_only_truncate before truncate on import_run for each statement execute function append_only();
create trigger audit_delete after delete on import_run referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on import_run referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on import_run referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on import_run for each row execute function identity_is_fixed();
