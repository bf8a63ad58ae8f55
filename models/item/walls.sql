-- The walls of item: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- what walls ask, and what stands at tables of other nouns ----------

-- Which batches a thing touches, of those named where some are: one function for each kind of thing that can change, `affected_by_<kind>`.
-- Whoever lets another kind of thing change adds the function of that name (models/process/changeable.py).
create or replace function affected_by_item(target text, among bigint[]) returns setof bigint language sql stable as $function$
  select l.id from item i join lot l on l.item_id = i.id where i.item_no = target and (among is null or l.id = any (among))
  union
  -- and what is being made of it
  select w.lot_id from work_order w
   where w.lot_id is not null and w.status = 'open' and (among is null or w.lot_id = any (among))
     and w.extra -> 'bill' @> jsonb_build_array(jsonb_build_object('item_no', target))
$function$;

-- One number is one thing however it is spelled, a part of a piece is one in every unit, and limits are the order's own
-- (REQUIREMENTS 19, 25, 58; ISO 13485 7.5.1, 7.5.9, 8.2.6; 21 CFR 820.65, 820.70).  What was there before stays, and is listed.
create or replace function unit_pieces(uom text) returns numeric language sql immutable as $function$
  -- how many whole pieces one of a unit is; nothing where a part of one may be taken
  select case when unit_is_whole(uom) then 1
              when lower(btrim(uom)) in ('dozen', 'dz', '打') or btrim(uom) = 'DZN' then 12
              when lower(btrim(uom)) in ('hundred', '百件') or btrim(uom) = 'CEN' then 100
              when lower(btrim(uom)) in ('thousand', '千件') or btrim(uom) = 'MIL' then 1000 end
$function$;

-- bom_line ----------------------------------------------------------

-- What was found open when the application's roles were tried as an attacker would (DESIGN 2.4; 21 CFR 11.10(d), (e), (g)):
-- each role writes its own part only, and what the record relies on stays as it was when somebody did.
-- Refuses with BW255
create or replace function bill_stays() returns trigger language plpgsql as $function$
begin
  if (new.item_id, new.component_id) is distinct from (old.item_id, old.component_id) or (new is distinct from old
      and exists (select from work_order w where w.item_id = old.item_id)) then
    raise exception 'what an order was made by stays' using errcode = 'BW255';
  end if;
  return new;
end $function$;
create trigger bill_stays before update on bom_line for each row execute function bill_stays();

-- What a product is made of never leads back to it (BOM-002), and for an item, or a kind of items, one plan is effective at
-- a stage (INP-009): whoever writes it, by whichever door, and also where two write at the same time.  Rows of before stay
-- as they are until they are touched.
-- Refuses with BW163
create or replace function bill_leads_back() returns trigger language plpgsql as $function$
begin
  perform pg_advisory_xact_lock(hashtext('bom_line'));
  if new.component_id = new.item_id or exists (
      with recursive part (id) as (
        select b.component_id from bom_line b where b.item_id = new.component_id and b.id <> new.id
        union select b.component_id from bom_line b join part p on p.id = b.item_id where b.id <> new.id)
      select from part where id = new.item_id) then
    raise exception 'item % would be made of itself', (select item_no from item where id = new.item_id)
      using errcode = 'BW163';
  end if;
  return new;
end $function$;
create trigger bom_line_leads_back before insert or update of item_id, component_id on bom_line for each row
  execute function bill_leads_back();

-- Walls that tables share.
create trigger audit_delete after delete on bom_line referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on bom_line referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on bom_line referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on bom_line for each row execute function identity_is_fixed();
create trigger worker_writes_none before insert or delete or update on bom_line for each statement
  execute function worker_has_no_say();

-- item --------------------------------------------------------------

alter table item
  add constraint ck_item_kind check (kind = any (array['raw'::text, 'component'::text, 'in_process'::text, 'finished'::text, 'packaged'::text])),
  add constraint ck_item_tolerance_percent check (tolerance_percent >= 0::numeric and tolerance_percent <= 100::numeric);

-- The subject of a item has its number, title and site: they follow the row (DESIGN 6a).
create or replace function subject_called_item()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  update subject s set number = new.item_no, title = new.name, title_en = new.name_en, site_id = coalesce(null::bigint, s.site_id)
   where s.id = new.subject_id;
  return null;
end $function$;
create trigger subject_called after update of item_no, name, name_en on item for each row execute function subject_called_item();

-- Each item has a subject of its own, made in the statement that makes the row, whatever door it comes through (DESIGN 6a).
-- Refuses with BW353
create or replace function subject_of_item()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  if exists (select from new_rows n where n.subject_id > (select last_value from subject_id_seq)) then
    raise exception 'the subject of a row is numbered with it' using errcode = 'BW353';
  end if;

  insert into subject (id, kind, number, title, title_en, titled_by_id, site_id, entity_id, owner_id, opened_at)
  with made as materialized (
    select n.subject_id as id, n.item_no as number, n.name as title, n.name_en as title_en, null::bigint as titled_by_id,
           coalesce(null::bigint, (select min(s.id) from site s)) as site_id, now() as opened_at,
           n.category as family, null::bigint as supplier_id
      from new_rows n ),
  owned as materialized (
    select array[w.family, w.supplier_id::text, w.site_id::text] as for_whom,
           subject_owner('item', w.family, w.supplier_id, w.site_id, null) as owner_id,
           (select e.id from legal_entity e where e.site_id = w.site_id) as entity_id
      from (select distinct family, supplier_id, site_id from made) w)
  select m.id, 'item', m.number, m.title, m.title_en, m.titled_by_id, m.site_id, o.entity_id, o.owner_id, m.opened_at
    from made m join owned o on o.for_whom = array[m.family, m.supplier_id::text, m.site_id::text];
  return null;
end $function$;
create trigger subject_made after insert on item referencing new table as new_rows for each statement
  execute function subject_of_item();

-- Walls that tables share.
create trigger audit_delete after delete on item referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on item referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on item referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on item for each row execute function identity_is_fixed();
create trigger item_no_is_no_label before insert or update of item_no on item for each row
  when (new.origin <> 'migrated'::text and may_be_label(new.item_no)) execute function number_is_no_label('item_no', 'BW260');
create trigger master_number_is_new before insert on item for each row execute function master_number_is_new('item_no');
create trigger migrated_wall after insert on item referencing new table as new_rows for each statement
  execute function migrated_wall('origin', 'native');
create trigger name_wall before update of name, name_en on item for each row
  when (old.name is distinct from new.name or old.name_en is distinct from new.name_en) execute function name_wall();
create trigger number_stays before update on item for each row execute function number_stays('item_no');
create trigger origin_stays before update on item for each row when (new.origin <> old.origin) execute function origin_stays();
create trigger reason_wall before update of kind, uom, lot_on_label, serial_on_label, manufactured_on_label, expiry_on_label, implantable, sterile, single_use, active, shelf_life_months, tolerance_percent on item for each row
  execute function reason_wall('kind', 'uom', 'lot_on_label', 'serial_on_label', 'manufactured_on_label', 'expiry_on_label', 'implantable', 'sterile', 'single_use', 'active', 'shelf_life_months', 'tolerance_percent');
create trigger reason_wall_name before update of name, name_en on item for each row
  execute function reason_wall('name', 'name_en');
create trigger subject_fixed before update of subject_id on item for each row
  when (old.subject_id is distinct from new.subject_id) execute function subject_fixed();
create trigger worker_writes_none before insert or delete or update on item for each statement
  execute function worker_has_no_say();

-- item_identifier ---------------------------------------------------

-- Walls that tables share.
create trigger audit_delete after delete on item_identifier referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on item_identifier referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on item_identifier referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on item_identifier for each row execute function identity_is_fixed();
create trigger number_stays before update on item_identifier for each row
  execute function number_stays('item_id', 'agency', 'code');
create trigger worker_writes_none before insert or delete or update on item_identifier for each statement
  execute function worker_has_no_say();
