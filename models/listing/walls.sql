-- The walls of listing: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- list_export -------------------------------------------------------

alter table list_export
  add constraint ck_list_export_digest check (digest ~ '^[0-9a-f]{64}$'::text),
  add constraint ck_list_export_language check (language = any (array['zh'::text, 'en'::text])),
  add constraint ck_list_export_rows check (rows >= 0),
  add constraint ck_list_export_size check (size > 0);

-- Who took a list out of the record is who acts, at the moment of it (21 CFR 11.10(e)).
-- Refuses with BW365
create or replace function list_export_wall() returns trigger language plpgsql as $function$
begin
  if not coalesce(acts_as(new.person_id), false) or new.at <> now() then
    raise exception 'a list is taken out by whoever acts, when they do' using errcode = 'BW365';
  end if;
  return new;
end $function$;
create trigger taken_out_by_actor before insert on list_export for each row execute function list_export_wall();

-- Walls that tables share.
create trigger append_only before delete or update on list_export for each row execute function append_only();
create trigger append_only_truncate before truncate on list_export for each statement execute function append_only();
create trigger audit_delete after delete on list_export referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on list_export referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on list_export referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on list_export for each row execute function identity_is_fixed();
create trigger worker_has_no_say before insert or delete or update on list_export for each statement
  execute function worker_has_no_say();

-- saved_view --------------------------------------------------------

alter table saved_view
  add constraint ck_saved_view_name check (name = btrim(name) and length(name) >= 1 and length(name) <= 60 and name !~ '[[:cntrl:]]'::text),
  add constraint ck_saved_view_shared check (not (for_everybody and for_role is not null)),
  add constraint ck_saved_view_version check (version > 0);

-- A saved view is its owner's: nobody else names it, changes what it shows or takes it away, shared or not (DESIGN 2.4).
-- Refuses with BW366, BW367
create or replace function saved_view_wall() returns trigger language plpgsql as $function$
declare
  it saved_view := coalesce(new, old);
begin
  if not coalesce(acts_as(it.person_id), false)
     or (tg_op = 'UPDATE' and (new.person_id, new.list_key, new.created_at) is distinct from (old.person_id, old.list_key, old.created_at)) then
    raise exception 'a saved view is changed by its owner and stays theirs' using errcode = 'BW366';
  end if;
  if tg_op = 'DELETE' then
    return old;
  end if;
  if (tg_op = 'INSERT' and new.version <> 1) or (tg_op = 'UPDATE' and new.version <> old.version + 1)
     or new.changed_at <> now()
     or (new.for_role is not null and (tg_op = 'INSERT' or new.for_role is distinct from old.for_role)
         and not held_role(new.person_id, new.for_role, now())) then
    raise exception 'a saved view counts its changes, and is shared with a role that its owner has' using errcode = 'BW367';
  end if;
  return new;
end $function$;
create trigger owner_keeps before insert or delete or update on saved_view for each row execute function saved_view_wall();

-- Walls that tables share.
create trigger audit_delete after delete on saved_view referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on saved_view referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on saved_view referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on saved_view for each row execute function identity_is_fixed();
create trigger worker_has_no_say before insert or delete or update on saved_view for each statement
  execute function worker_has_no_say();
