-- The walls of partner: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- what walls ask, and what stands at tables of other nouns ----------

-- Which batches a thing touches, of those named where some are: one function for each kind of thing that can change, `affected_by_<kind>`.
-- Whoever lets another kind of thing change adds the function of that name (models/process/changeable.py).
create or replace function affected_by_supplier(target text, among bigint[]) returns setof bigint language sql stable as $function$
  select l.id from supplier s join lot l on l.supplier_id = s.id where s.supplier_no = target and (among is null or l.id = any (among))
$function$;

-- customer ----------------------------------------------------------

alter table customer
  add constraint ck_customer_country check (country ~ '^[A-Z]{2}$'::text),
  add constraint ck_customer_level check (level = any (array['wholesale'::text, 'retail'::text, 'user'::text]));

-- The subject of a customer has its number, title and site: they follow the row (DESIGN 6a).
create or replace function subject_called_customer()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  update subject s set number = new.customer_no, title = new.name, title_en = new.name_en, site_id = coalesce(null::bigint, s.site_id)
   where s.id = new.subject_id;
  return null;
end $function$;
create trigger subject_called after update of customer_no, name, name_en on customer for each row
  execute function subject_called_customer();

-- Each customer has a subject of its own, made in the statement that makes the row, whatever door it comes through (DESIGN 6a).
-- Refuses with BW353
create or replace function subject_of_customer()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  if exists (select from new_rows n where n.subject_id > (select last_value from subject_id_seq)) then
    raise exception 'the subject of a row is numbered with it' using errcode = 'BW353';
  end if;

  insert into subject (id, kind, number, title, title_en, titled_by_id, site_id, entity_id, owner_id, opened_at)
  with made as materialized (
    select n.subject_id as id, n.customer_no as number, n.name as title, n.name_en as title_en, null::bigint as titled_by_id,
           coalesce(null::bigint, (select min(s.id) from site s)) as site_id, now() as opened_at,
           null::text as family, null::bigint as supplier_id
      from new_rows n ),
  owned as materialized (
    select array[w.family, w.supplier_id::text, w.site_id::text] as for_whom,
           subject_owner('customer', w.family, w.supplier_id, w.site_id, null) as owner_id,
           (select e.id from legal_entity e where e.site_id = w.site_id) as entity_id
      from (select distinct family, supplier_id, site_id from made) w)
  select m.id, 'customer', m.number, m.title, m.title_en, m.titled_by_id, m.site_id, o.entity_id, o.owner_id, m.opened_at
    from made m join owned o on o.for_whom = array[m.family, m.supplier_id::text, m.site_id::text];
  return null;
end $function$;
create trigger subject_made after insert on customer referencing new table as new_rows for each statement
  execute function subject_of_customer();

-- Walls that tables share.
create trigger audit_delete after delete on customer referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on customer referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on customer referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger customer_no_is_no_label before insert or update of customer_no on customer for each row
  when (new.origin <> 'migrated'::text and may_be_label(new.customer_no))
  execute function number_is_no_label('customer_no', 'BW260');
create trigger fixed_key before update on customer for each row execute function identity_is_fixed();
create trigger master_number_is_new before insert on customer for each row execute function master_number_is_new('customer_no');
create trigger migrated_wall after insert on customer referencing new table as new_rows for each statement
  execute function migrated_wall('origin', 'native');
create trigger name_wall before update of name, name_en on customer for each row
  when (old.name is distinct from new.name or old.name_en is distinct from new.name_en) execute function name_wall();
create trigger number_stays before update on customer for each row execute function number_stays('customer_no');
create trigger origin_stays before update on customer for each row when (new.origin <> old.origin) execute function origin_stays();
create trigger reason_wall before update of level on customer for each row execute function reason_wall('level');
create trigger reason_wall_country before update of country on customer for each row execute function reason_wall('country');
create trigger reason_wall_name before update of name, name_en on customer for each row
  execute function reason_wall('name', 'name_en');
create trigger subject_fixed before update of subject_id on customer for each row
  when (old.subject_id is distinct from new.subject_id) execute function subject_fixed();
create trigger worker_writes_none before insert or delete or update on customer for each statement
  execute function worker_has_no_say();

-- supplier ----------------------------------------------------------

alter table supplier
  add constraint ck_supplier_status check (status = any (array['approved'::text, 'conditional'::text, 'blocked'::text]));

-- The subject of a supplier has its number, title and site: they follow the row (DESIGN 6a).
create or replace function subject_called_supplier()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  update subject s set number = new.supplier_no, title = new.name, title_en = new.name_en, site_id = coalesce(null::bigint, s.site_id)
   where s.id = new.subject_id;
  return null;
end $function$;
create trigger subject_called after update of supplier_no, name, name_en on supplier for each row
  execute function subject_called_supplier();

-- Each supplier has a subject of its own, made in the statement that makes the row, whatever door it comes through (DESIGN 6a).
-- Refuses with BW353
create or replace function subject_of_supplier()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  if exists (select from new_rows n where n.subject_id > (select last_value from subject_id_seq)) then
    raise exception 'the subject of a row is numbered with it' using errcode = 'BW353';
  end if;

  insert into subject (id, kind, number, title, title_en, titled_by_id, site_id, entity_id, owner_id, opened_at)
  with made as materialized (
    select n.subject_id as id, n.supplier_no as number, n.name as title, n.name_en as title_en, null::bigint as titled_by_id,
           coalesce(null::bigint, (select min(s.id) from site s)) as site_id, now() as opened_at,
           null::text as family, n.id as supplier_id
      from new_rows n ),
  owned as materialized (
    select array[w.family, w.supplier_id::text, w.site_id::text] as for_whom,
           subject_owner('supplier', w.family, w.supplier_id, w.site_id, null) as owner_id,
           (select e.id from legal_entity e where e.site_id = w.site_id) as entity_id
      from (select distinct family, supplier_id, site_id from made) w)
  select m.id, 'supplier', m.number, m.title, m.title_en, m.titled_by_id, m.site_id, o.entity_id, o.owner_id, m.opened_at
    from made m join owned o on o.for_whom = array[m.family, m.supplier_id::text, m.site_id::text];
  return null;
end $function$;
create trigger subject_made after insert on supplier referencing new table as new_rows for each statement
  execute function subject_of_supplier();

-- Walls that tables share.
create trigger audit_delete after delete on supplier referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on supplier referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on supplier referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on supplier for each row execute function identity_is_fixed();
create trigger master_number_is_new before insert on supplier for each row execute function master_number_is_new('supplier_no');
create trigger migrated_wall after insert on supplier referencing new table as new_rows for each statement
  execute function migrated_wall('origin', 'native');
create trigger name_wall before update of name, name_en on supplier for each row
  when (old.name is distinct from new.name or old.name_en is distinct from new.name_en) execute function name_wall();
create trigger number_stays before update on supplier for each row execute function number_stays('supplier_no');
create trigger origin_stays before update on supplier for each row when (new.origin <> old.origin) execute function origin_stays();
create trigger reason_wall before update of status on supplier for each row execute function reason_wall('status');
create trigger reason_wall_name before update of name, name_en on supplier for each row
  execute function reason_wall('name', 'name_en');
create trigger subject_fixed before update of subject_id on supplier for each row
  when (old.subject_id is distinct from new.subject_id) execute function subject_fixed();
create trigger supplier_no_is_no_label before insert or update of supplier_no on supplier for each row
  when (new.origin <> 'migrated'::text and may_be_label(new.supplier_no))
  execute function number_is_no_label('supplier_no', 'BW260');
create trigger worker_writes_none before insert or delete or update on supplier for each statement
  execute function worker_has_no_say();

-- supplier_item -----------------------------------------------------

-- What was found open when the application's roles were tried as an attacker would (DESIGN 2.4; 21 CFR 11.10(d), (e), (g)):
-- each role writes its own part only, and what the record relies on stays as it was when somebody did.
-- Refuses with BW255
create or replace function supplier_item_stays() returns trigger language plpgsql as $function$
begin
  if (new.item_id, new.supplier_id) is distinct from (old.item_id, old.supplier_id) or (new is distinct from old
      and exists (select from lot l where l.item_id = old.item_id and l.supplier_id = old.supplier_id)) then
    raise exception 'what a lot was received by stays' using errcode = 'BW255';
  end if;
  return new;
end $function$;
create trigger supplier_item_stays before update on supplier_item for each row execute function supplier_item_stays();

-- Walls that tables share.
create trigger audit_delete after delete on supplier_item referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on supplier_item referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on supplier_item referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on supplier_item for each row execute function identity_is_fixed();
create trigger worker_writes_none before insert or delete or update on supplier_item for each statement
  execute function worker_has_no_say();
