-- The walls of equipment: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- what walls ask, and what stands at tables of other nouns ----------

-- Which batches a thing touches, of those named where some are: one function for each kind of thing that can change, `affected_by_<kind>`.
-- Whoever lets another kind of thing change adds the function of that name (models/process/changeable.py).
create or replace function affected_by_equipment(target text, among bigint[]) returns setof bigint language sql stable as $function$
  -- what was made with it, and open orders of which a step asks for a machine of its kind
  select r.lot_id from equipment e join operation_equipment o on o.equipment_id = e.id join operation_run r on r.id = o.operation_run_id
   where e.equipment_no = target and (among is null or r.lot_id = any (among))
  union
  select w.lot_id from equipment e join routing_step s on s.equipment_kind = e.kind join work_order w on w.id = s.work_order_id
   where e.equipment_no = target and w.lot_id is not null and w.status = 'open' and (among is null or w.lot_id = any (among))
$function$;

-- calibration -------------------------------------------------------

alter table calibration
  add constraint ck_calibration_as_found check (as_found = any (array['within'::text, 'out'::text])),
  add constraint ck_calibration_interval_months check (interval_months > 0),
  add constraint ck_calibration_result check (result = any (array['passed'::text, 'failed'::text])),
  add constraint ck_calibration_signed check ((run_id is null) = (as_found is null)),
  add constraint ck_calibration_standard check (standard_id <> equipment_id);

-- A calibration comes by a signature of its own process, with what was found; the register takes notes of passed ones only, and none of an
-- instrument that is blocked or whose calibrations are planned (ISO 13485 7.6; 21 CFR 820.72).
-- Refuses with BW250, BW405, BW406
create or replace function calibration_wall() returns trigger language plpgsql as $function$
begin
  if new.run_id is not null then
    if not exists (
        select from signature s join process_run r on r.id = s.run_id join equipment e on e.subject_id = r.subject_id
         where r.id = new.run_id and e.id = new.equipment_id and s.signed_at = now()) then
      raise exception 'what was found by a calibration is signed in its own process' using errcode = 'BW405';
    end if;
    if jsonb_array_length(new.readings) = 0 or new.unit is null or new.done_by is null or new.interval_months is null
       or (new.standard_id is null and new.standard_said is null) then
      raise exception 'a signed calibration says its points, their unit, the standard, the interval and who did it' using errcode = 'BW405';
    end if;
    return new;
  end if;
  if session_user = 'batchwright_worker' then
    raise exception '% is kept by people who log in, never by the worker', tg_table_name using errcode = 'BW250';
  end if;
  if session_user = 'batchwright_api' and (
       new.result <> 'passed'
       or exists (select from process_run r join equipment e on e.subject_id = r.subject_id where e.id = new.equipment_id and r.status = 'running')
       or exists (select from equipment_block b where b.equipment_id = new.equipment_id and b.lifted_at is null)) then
    raise exception 'calibrations that failed, are planned, or are of what is blocked are signed in their own process' using errcode = 'BW406';
  end if;
  return new;
end $function$;
create trigger calibration_wall before insert on calibration for each row execute function calibration_wall();

-- Walls that tables share.
create trigger append_only before delete or update on calibration for each row execute function append_only();
create trigger append_only_truncate before truncate on calibration for each statement execute function append_only();
create trigger audit_delete after delete on calibration referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on calibration referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on calibration referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger calibration_since_clocks before insert or update of performed_at, due_at on calibration for each row
  when (least(new.performed_at, new.due_at) < '1970-01-01 00:00:00+00'::timestamp with time zone)
  execute function before_clocks_began();
create trigger calibration_time before insert or update of performed_at on calibration for each row
  execute function not_in_the_future('performed_at');
create trigger fixed_key before update on calibration for each row execute function identity_is_fixed();

-- environment_reading -----------------------------------------------

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on environment_reading for each statement
  execute function api_stays_out();
create trigger append_only before delete or update on environment_reading for each row execute function append_only();
create trigger append_only_truncate before truncate on environment_reading for each statement execute function append_only();
create trigger audit_delete after delete on environment_reading referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on environment_reading referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on environment_reading referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger environment_reading_since_clocks before insert or update of measured_at on environment_reading for each row
  when (new.measured_at < '1970-01-01 00:00:00+00'::timestamp with time zone) execute function before_clocks_began();
create trigger environment_reading_time before insert or update of measured_at on environment_reading for each row
  execute function not_in_the_future('measured_at');
create trigger fixed_key before update on environment_reading for each row execute function identity_is_fixed();

-- equipment ---------------------------------------------------------

alter table equipment
  add constraint ck_equipment_status check (status = any (array['in_service'::text, 'out_of_service'::text]));

-- The subject of a equipment has its number, title and site: they follow the row (DESIGN 6a).
create or replace function subject_called_equipment()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  update subject s set number = new.equipment_no, title = new.name, title_en = new.name_en, site_id = coalesce((select p.site_id from location p where p.id = new.location_id), s.site_id)
   where s.id = new.subject_id;
  return null;
end $function$;
create trigger subject_called after update of equipment_no, name, name_en, location_id on equipment for each row
  execute function subject_called_equipment();

-- Each equipment has a subject of its own, made in the statement that makes the row, whatever door it comes through (DESIGN 6a).
-- Refuses with BW353
create or replace function subject_of_equipment()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  if exists (select from new_rows n where n.subject_id > (select last_value from subject_id_seq)) then
    raise exception 'the subject of a row is numbered with it' using errcode = 'BW353';
  end if;

  insert into subject (id, kind, number, title, title_en, titled_by_id, site_id, entity_id, owner_id, opened_at)
  with made as materialized (
    select n.subject_id as id, n.equipment_no as number, n.name as title, n.name_en as title_en, null::bigint as titled_by_id,
           coalesce((select p.site_id from location p where p.id = n.location_id), (select min(s.id) from site s)) as site_id, now() as opened_at,
           null::text as family, null::bigint as supplier_id
      from new_rows n ),
  owned as materialized (
    select array[w.family, w.supplier_id::text, w.site_id::text] as for_whom,
           subject_owner('equipment', w.family, w.supplier_id, w.site_id, null) as owner_id,
           (select e.id from legal_entity e where e.site_id = w.site_id) as entity_id
      from (select distinct family, supplier_id, site_id from made) w)
  select m.id, 'equipment', m.number, m.title, m.title_en, m.titled_by_id, m.site_id, o.entity_id, o.owner_id, m.opened_at
    from made m join owned o on o.for_whom = array[m.family, m.supplier_id::text, m.site_id::text];
  return null;
end $function$;
create trigger subject_made after insert on equipment referencing new table as new_rows for each statement
  execute function subject_of_equipment();

-- Walls that tables share.
create trigger audit_delete after delete on equipment referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on equipment referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on equipment referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger equipment_no_is_no_label before insert or update of equipment_no on equipment for each row
  when (may_be_label(new.equipment_no)) execute function number_is_no_label('equipment_no', 'BW260');
create trigger fixed_key before update on equipment for each row execute function identity_is_fixed();
create trigger master_number_is_new before insert on equipment for each row execute function master_number_is_new('equipment_no');
create trigger name_wall before update of name, name_en on equipment for each row
  when (old.name is distinct from new.name or old.name_en is distinct from new.name_en) execute function name_wall();
create trigger number_stays before update on equipment for each row execute function number_stays('equipment_no');
create trigger reason_wall before update of status, kind, needs_calibration on equipment for each row
  execute function reason_wall('status', 'kind', 'needs_calibration');
create trigger reason_wall_name before update of name, name_en on equipment for each row
  execute function reason_wall('name', 'name_en');
create trigger subject_fixed before update of subject_id on equipment for each row
  when (old.subject_id is distinct from new.subject_id) execute function subject_fixed();
create trigger worker_writes_none before insert or delete or update on equipment for each statement
  execute function worker_has_no_say();

-- equipment_block ---------------------------------------------------

alter table equipment_block
  add constraint ck_equipment_block_because check (because = any (array['found'::text, 'standard'::text])),
  add constraint ck_equipment_block_doubted check (doubted_since <= doubted_until),
  add constraint ck_equipment_block_lifted check ((lifted_at is null) = (lifted_by_id is null));

-- A block is placed open by the calibration that found it, stays what it was, and is lifted once: by the signature that passes the instrument again or
-- closes the assessment, when the instrument has passed since and nothing that it measured waits for a decision (ISO 13485 7.6).
-- Refuses with BW407, BW408
create or replace function equipment_block_wall() returns trigger language plpgsql as $function$
begin
  if tg_op = 'INSERT' then
    if new.lifted_at is not null or new.placed_at <> now() or not exists (
         select from calibration c join signature s on s.run_id = c.run_id
          where c.id = new.calibration_id and s.signed_at = now()) then
      raise exception 'a block is placed by the signed calibration that found it' using errcode = 'BW407';
    end if;
    return new;
  end if;
  if new is not distinct from old then
    return new;
  end if;
  if old.lifted_at is not null
     or (to_jsonb(new) - array['lifted_at', 'lifted_by_id']) is distinct from (to_jsonb(old) - array['lifted_at', 'lifted_by_id']) then
    raise exception 'a block stays what it was placed as, and is lifted once' using errcode = 'BW407';
  end if;
  if new.lifted_at is distinct from now()
     or not exists (select from signature s where s.person_id = new.lifted_by_id and s.signed_at = now())
     or exists (select from out_of_tolerance o where o.calibration_id = new.calibration_id and o.status = 'open')
     or not coalesce((select c.result = 'passed' and c.performed_at >= new.good_from from calibration c
                       where c.equipment_id = new.equipment_id order by c.performed_at desc, c.id desc limit 1), false) then
    raise exception 'an instrument is free again by a signature, when it has passed since and its assessment is closed' using errcode = 'BW408';
  end if;
  return new;
end $function$;
create trigger equipment_block_wall before insert or update on equipment_block for each row
  execute function equipment_block_wall();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on equipment_block for each statement
  execute function api_stays_out();
create trigger audit_delete after delete on equipment_block referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on equipment_block referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on equipment_block referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on equipment_block for each row execute function identity_is_fixed();
create trigger kept before delete on equipment_block for each row execute function kept();
