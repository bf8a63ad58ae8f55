-- The walls of calibration: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- out_of_tolerance --------------------------------------------------

alter table out_of_tolerance
  add constraint ck_out_of_tolerance_closed check ((status = 'open'::text) = (closed_at is null)),
  add constraint ck_out_of_tolerance_results check (results >= 0),
  add constraint ck_out_of_tolerance_status check (status = any (array['open'::text, 'closed'::text]));

-- An assessment begins open, keeps what it found, and is closed by a signature when every result is decided on (ISO 13485 7.6).
-- Refuses with BW411, BW412, BW413
create or replace function out_of_tolerance_wall() returns trigger language plpgsql as $function$
begin
  if tg_op = 'INSERT' then
    if new.status <> 'open' or not exists (select from equipment_block b where b.calibration_id = new.calibration_id) then
      raise exception 'assessment % begins open, of a calibration that blocks something', new.assessment_no using errcode = 'BW411';
    end if;
    return new;
  end if;
  if new is not distinct from old then
    return new;
  end if;
  if old.status <> 'open'
     or (to_jsonb(new) - array['status', 'closed_at']) is distinct from (to_jsonb(old) - array['status', 'closed_at']) then
    raise exception 'what assessment % found, and how it ended, never changes', old.assessment_no using errcode = 'BW411';
  end if;
  if not exists (select from signature s join process_run r on r.id = s.run_id
                  where r.subject_id = new.subject_id and s.signed_at = now()) then
    raise exception 'assessment % is closed by a signature', new.assessment_no using errcode = 'BW412';
  end if;
  if new.results <> (select count(*) from out_of_tolerance_result r where r.assessment_id = new.id and r.decided_at is not null) then
    raise exception 'a result of assessment % isn''t decided on', new.assessment_no using errcode = 'BW413';
  end if;
  return new;
end $function$;
create trigger out_of_tolerance_wall before insert or update on out_of_tolerance for each row
  execute function out_of_tolerance_wall();

-- The subject of a out_of_tolerance has its number and title: they follow the row (DESIGN 6a).
create or replace function subject_called_out_of_tolerance()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  update subject s set number = new.assessment_no, title = new.title, title_en = new.title_en where s.id = new.subject_id;
  return null;
end $function$;
create trigger subject_called after update of assessment_no, title, title_en on out_of_tolerance for each row
  execute function subject_called_out_of_tolerance();

-- Each out_of_tolerance has a subject of its own, made in the statement that makes the row, whatever door it comes through (DESIGN 6a).
-- Refuses with BW353
create or replace function subject_of_out_of_tolerance()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  if exists (select from new_rows n where n.subject_id > (select last_value from subject_id_seq)) then
    raise exception 'the subject of a row is numbered with it' using errcode = 'BW353';
  end if;

  insert into subject (id, kind, number, title, title_en, titled_by_id, site_id, entity_id, owner_id, opened_at)
  select n.subject_id, 'out_of_tolerance', n.assessment_no, n.title, n.title_en, null::bigint, w.site_id, w.entity_id, w.owner_id, n.opened_at
    from new_rows n
    cross join lateral (
      select s.id as site_id, (select e.id from legal_entity e where e.site_id = s.id) as entity_id,
             subject_owner('out_of_tolerance', null, null, s.id, null) as owner_id
        from (select min(id) as id from site) s) w;
  return null;
end $function$;
create trigger subject_made after insert on out_of_tolerance referencing new table as new_rows for each statement
  execute function subject_of_out_of_tolerance();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on out_of_tolerance for each statement
  execute function api_stays_out();
create trigger assessment_no_is_no_label before insert or update of assessment_no on out_of_tolerance for each row
  when (may_be_label(new.assessment_no)) execute function number_is_no_label('assessment_no', 'BW260');
create trigger audit_delete after delete on out_of_tolerance referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on out_of_tolerance referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on out_of_tolerance referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on out_of_tolerance for each row execute function identity_is_fixed();
create trigger kept before delete on out_of_tolerance for each row execute function kept();
create trigger subject_fixed before update of subject_id on out_of_tolerance for each row
  when (old.subject_id is distinct from new.subject_id) execute function subject_fixed();

-- out_of_tolerance_result -------------------------------------------

alter table out_of_tolerance_result
  add constraint ck_out_of_tolerance_result_about check (num_nonnulls(result_id, operation_run_id) = 1),
  add constraint ck_out_of_tolerance_result_decided check (num_nulls(decision, decided_at, decided_by_id, reason) = any (array[0, 4])),
  add constraint ck_out_of_tolerance_result_decision check (decision = any (array['no_effect'::text, 'reinspect'::text, 'nonconformance'::text])),
  add constraint ck_out_of_tolerance_result_of_operation check ((operation_run_id is null) = (began_at is null) and began_at <= measured_at),
  add constraint ck_out_of_tolerance_result_of_result check (num_nulls(result_id, inspection_no, passed) = any (array[0, 3])),
  add constraint ck_out_of_tolerance_result_seq check (seq > 0);

-- What was found is kept with the assessment that found it, and is decided once, by a signature in its process (ISO 13485 7.6; REQUIREMENTS 65).
-- Refuses with BW414, BW415, BW416
create or replace function out_of_tolerance_result_wall() returns trigger language plpgsql as $function$
declare
  o out_of_tolerance;
begin
  select * into o from out_of_tolerance where id = new.assessment_id;
  if tg_op = 'INSERT' then
    if o.status <> 'open' or o.opened_at <> now() or new.decided_at is not null or not exists (
         select from inspection_result r join inspection i on i.id = r.inspection_id
          where r.id = new.result_id and r.equipment_id = new.equipment_id and i.lot_id = new.lot_id
         union all
         select from operation_equipment e join operation_run r on r.id = e.operation_run_id
          where r.id = new.operation_run_id and e.equipment_id = new.equipment_id and r.lot_id = new.lot_id
            and (r.started_at, r.finished_at) = (new.began_at, new.measured_at)) then
      raise exception 'what was measured or made is kept as it was found, undecided' using errcode = 'BW414';
    end if;
    return new;
  end if;
  if new is not distinct from old then
    return new;
  end if;
  if old.decided_at is not null
     or (to_jsonb(new) - array['decision', 'decided_at', 'decided_by_id', 'reason', 'nonconformance_id']) is distinct from
        (to_jsonb(old) - array['decision', 'decided_at', 'decided_by_id', 'reason', 'nonconformance_id']) then
    raise exception 'a result stays as it was found, and is decided once' using errcode = 'BW415';
  end if;
  if new.decided_at is distinct from now() or o.status <> 'open' or not exists (
       select from signature s join process_run r on r.id = s.run_id
        where r.subject_id = o.subject_id and s.person_id = new.decided_by_id and s.signed_at = now()) then
    raise exception 'a result is decided on by a signature of its assessment' using errcode = 'BW416';
  end if;
  if (new.decision = 'nonconformance') <> (new.nonconformance_id is not null) then
    raise exception 'a nonconformance is there with the decision for it' using errcode = 'BW416';
  end if;
  return new;
end $function$;
create trigger out_of_tolerance_result_wall before insert or update on out_of_tolerance_result for each row
  execute function out_of_tolerance_result_wall();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on out_of_tolerance_result for each statement
  execute function api_stays_out();
create trigger audit_delete after delete on out_of_tolerance_result referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on out_of_tolerance_result referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on out_of_tolerance_result referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on out_of_tolerance_result for each row execute function identity_is_fixed();
create trigger kept before delete on out_of_tolerance_result for each row execute function kept();
