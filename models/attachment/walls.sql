-- The walls of attachment: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- attachment --------------------------------------------------------

alter table attachment
  add constraint ck_attachment_name check (length(name) >= 1 and length(name) <= 200 and name !~ '[/\\[:cntrl:]]'::text);

-- Who attaches is who acts (21 CFR 11.10(e)).
-- Refuses with BW342
create or replace function attachment_wall() returns trigger language plpgsql as $function$
begin
  if (select p.public_id::text from person p where p.id = new.uploaded_by_id) is distinct from current_setting('bw.actor_id', true) then
    raise exception 'a file is attached by whoever acts' using errcode = 'BW342';
  end if;
  return new;
end $function$;
create trigger attached_by_actor before insert on attachment for each row execute function attachment_wall();

-- Walls that tables share.
create trigger append_only before delete or update on attachment for each row execute function append_only();
create trigger append_only_truncate before truncate on attachment for each statement execute function append_only();
create trigger audit_delete after delete on attachment referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on attachment referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on attachment referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on attachment for each row execute function identity_is_fixed();

-- stored_file -------------------------------------------------------

alter table stored_file
  add constraint ck_stored_file_digest check (digest ~ '^[0-9a-f]{64}$'::text),
  add constraint ck_stored_file_size check (size > 0),
  add constraint ck_stored_file_type check (type = any (array['pdf'::text, 'png'::text, 'jpeg'::text, 'heic'::text, 'mp4'::text, 'xlsx'::text, 'docx'::text, 'zip'::text, 'csv'::text, 'txt'::text]));

-- A content is what its digest says, whole from the moment it is kept (21 CFR 11.10(c), 11.70).
-- Refuses with BW340
create or replace function stored_file_whole() returns trigger language plpgsql as $function$
declare
  found record;
begin
  select count(*) as parts, coalesce(sum(length(p.data)), 0) as size,
         sha256(coalesce(string_agg(p.data, ''::bytea order by p.place), ''::bytea)) as digest
    into found from stored_part p where p.file_id = new.id;
  if found.size <> new.size or encode(found.digest, 'hex') <> new.digest
     or found.parts <> ceil(new.size / 1048576.0) then
    raise exception 'the parts of file % aren''t what its digest says', new.digest using errcode = 'BW340';
  end if;
  return null;
end $function$;
create constraint trigger whole after insert on stored_file deferrable initially deferred for each row
  execute function stored_file_whole();

-- Walls that tables share.
create trigger append_only before delete or update on stored_file for each row execute function append_only();
create trigger append_only_truncate before truncate on stored_file for each statement execute function append_only();
create trigger audit_delete after delete on stored_file referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on stored_file referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on stored_file referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on stored_file for each row execute function identity_is_fixed();

-- stored_part -------------------------------------------------------

alter table stored_part
  add constraint ck_stored_part_data check (length(data) >= 1 and length(data) <= 1048576),
  add constraint ck_stored_part_place check (place >= 0);

-- Once kept, every place is taken: what comes later has none (21 CFR 11.10(c)).
-- Refuses with BW341
create or replace function stored_part_wall() returns trigger language plpgsql as $function$
begin
  if new.place >= (select ceil(f.size / 1048576.0) from stored_file f where f.id = new.file_id) then
    raise exception 'file % has no part %', new.file_id, new.place using errcode = 'BW341';
  end if;
  return new;
end $function$;
create trigger place_in_file before insert on stored_part for each row execute function stored_part_wall();

-- Walls that tables share.
create trigger append_only before delete or update on stored_part for each row execute function append_only();
create trigger append_only_truncate before truncate on stored_part for each statement execute function append_only();
