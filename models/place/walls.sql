-- The walls of place: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- what walls ask, and what stands at tables of other nouns ----------

-- The last wall between kinds of places (DESIGN 2.4; ISO 13485 7.5.11, 8.3.1): what waits, what is rejected and what came
-- back lies apart from what may be used, and nothing leaves from there unless somebody has decided.
create or replace function place_fits(goods text, kind text) returns boolean language sql immutable as $function$
  -- the table of models/rules/places.py; a test holds the two against each other
  select case goods
    when 'waiting' then kind in ('quarantine', 'line', 'cleanroom', 'transit', 'undecided')
    when 'released' then kind in ('storage', 'line', 'cleanroom', 'transit', 'quarantine', 'undecided')
    when 'held' then kind in ('quarantine', 'rejected', 'returns', 'undecided')
    when 'rejected' then kind in ('rejected', 'quarantine', 'undecided')
    when 'returned' then kind in ('returns', 'quarantine', 'rejected', 'undecided')
    else false end
$function$;

-- The last wall between kinds of places (DESIGN 2.4; ISO 13485 7.5.11, 8.3.1): what waits, what is rejected and what came
-- back lies apart from what may be used, and nothing leaves from there unless somebody has decided.
create or replace function place_kind(kind text) returns text language sql immutable as $function$
  -- a kind that nobody knows is not decided
  select case when kind in ('quarantine', 'storage', 'rejected', 'returns', 'line', 'cleanroom', 'transit') then kind
              else 'undecided' end
$function$;

-- location ----------------------------------------------------------

-- The subject of a location has its number, title and site: they follow the row (DESIGN 6a).
create or replace function subject_called_location()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  update subject s set number = new.code, title = new.name, title_en = new.name_en, site_id = coalesce(new.site_id, s.site_id)
   where s.id = new.subject_id;
  return null;
end $function$;
create trigger subject_called after update of code, name, name_en, site_id on location for each row
  execute function subject_called_location();

-- Each location has a subject of its own, made in the statement that makes the row, whatever door it comes through (DESIGN 6a).
-- Refuses with BW353
create or replace function subject_of_location()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  if exists (select from new_rows n where n.subject_id > (select last_value from subject_id_seq)) then
    raise exception 'the subject of a row is numbered with it' using errcode = 'BW353';
  end if;

  insert into subject (id, kind, number, title, title_en, titled_by_id, site_id, entity_id, owner_id, opened_at)
  with made as materialized (
    select n.subject_id as id, n.code as number, n.name as title, n.name_en as title_en, null::bigint as titled_by_id,
           coalesce(n.site_id, (select min(s.id) from site s)) as site_id, now() as opened_at,
           null::text as family, null::bigint as supplier_id
      from new_rows n ),
  owned as materialized (
    select array[w.family, w.supplier_id::text, w.site_id::text] as for_whom,
           subject_owner('place', w.family, w.supplier_id, w.site_id, null) as owner_id,
           (select e.id from legal_entity e where e.site_id = w.site_id) as entity_id
      from (select distinct family, supplier_id, site_id from made) w)
  select m.id, 'place', m.number, m.title, m.title_en, m.titled_by_id, m.site_id, o.entity_id, o.owner_id, m.opened_at
    from made m join owned o on o.for_whom = array[m.family, m.supplier_id::text, m.site_id::text];
  return null;
end $function$;
create trigger subject_made after insert on location referencing new table as new_rows for each statement
  execute function subject_of_location();

-- Walls that tables share.
create trigger audit_delete after delete on location referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on location referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on location referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger code_is_no_label before insert or update of code on location for each row
  when (new.origin <> 'migrated'::text and may_be_label(new.code)) execute function number_is_no_label('code', 'BW260');
create trigger fixed_key before update on location for each row execute function identity_is_fixed();
create trigger master_number_is_new before insert on location for each row execute function master_number_is_new('code');
create trigger migrated_wall after insert on location referencing new table as new_rows for each statement
  execute function migrated_wall('origin', 'native');
create trigger name_wall before update of name, name_en on location for each row
  when (old.name is distinct from new.name or old.name_en is distinct from new.name_en) execute function name_wall();
create trigger number_stays before update on location for each row execute function number_stays('code');
create trigger origin_stays before update on location for each row when (new.origin <> old.origin) execute function origin_stays();
create trigger reason_wall before update of kind on location for each row execute function reason_wall('kind');
create trigger reason_wall_name before update of name, name_en on location for each row
  execute function reason_wall('name', 'name_en');
create trigger subject_fixed before update of subject_id on location for each row
  when (old.subject_id is distinct from new.subject_id) execute function subject_fixed();
create trigger worker_writes_none before insert or delete or update on location for each statement
  execute function worker_has_no_say();
