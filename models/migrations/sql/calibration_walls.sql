-- A calibration comes by a signature of its own process, with what was found; the register takes notes of passed ones only, and none of an
-- instrument that is blocked or whose calibrations are planned (ISO 13485 7.6; 21 CFR 820.72).
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
drop trigger worker_writes_none on calibration;
create trigger calibration_wall before insert on calibration for each row execute function calibration_wall();

-- A block is placed open by the calibration that found it, stays what it was, and is lifted once: by the signature that passes the instrument again or
-- closes the assessment, when the instrument has passed since and nothing that it measured waits for a decision (ISO 13485 7.6).
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
create trigger equipment_block_wall before insert or update on equipment_block for each row execute function equipment_block_wall();
create trigger kept before delete on equipment_block for each row execute function kept();

-- Nothing is measured with an instrument that is blocked, nor told of a time in which it is doubted: whoever measures at the instant of the
-- calibration is in what it finds, or is refused here (ISO 13485 7.6; STANDARDS M 39).
create or replace function measured_in_doubt_wall() returns trigger language plpgsql as $function$
declare
  moment timestamptz := coalesce(new.measured_at, now());
begin
  perform from equipment e where e.id = new.equipment_id for share;
  if exists (select from equipment_block b where b.equipment_id = new.equipment_id
               and ((b.placed_at <= moment and (b.lifted_at is null or moment < b.lifted_at))
                    or (coalesce(b.doubted_since, '-infinity') <= moment and moment <= b.doubted_until))) then
    raise exception 'equipment % was out of tolerance, and what it measured isn''t trusted',
      (select equipment_no from equipment where id = new.equipment_id) using errcode = 'BW409';
  end if;
  return new;
end $function$;
create trigger measured_in_doubt_wall before insert on inspection_result for each row
  when (new.equipment_id is not null) execute function measured_in_doubt_wall();

-- Work that is told as it happens isn't done with a blocked machine; what was done before is recorded, and the record says so (ISO 13485 7.6).
create or replace function worked_in_doubt_wall() returns trigger language plpgsql as $function$
begin
  perform from equipment e where e.id = new.equipment_id for share;
  if exists (select from equipment_block b join operation_run r on r.id = new.operation_run_id
              where b.equipment_id = new.equipment_id and b.lifted_at is null and r.finished_at > now() - interval '5 minutes'
                and r.finished_at >= b.placed_at) then
    raise exception 'equipment % was out of tolerance, and is blocked',
      (select equipment_no from equipment where id = new.equipment_id) using errcode = 'BW410';
  end if;
  return new;
end $function$;
create trigger worked_in_doubt_wall before insert on operation_equipment for each row execute function worked_in_doubt_wall();

-- An assessment begins open, keeps what it found, and is closed by a signature when every result is decided on (ISO 13485 7.6).
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
create trigger out_of_tolerance_wall before insert or update on out_of_tolerance for each row execute function out_of_tolerance_wall();
create trigger kept before delete on out_of_tolerance for each row execute function kept();

-- What was found is kept with the assessment that found it, and is decided once, by a signature in its process (ISO 13485 7.6; REQUIREMENTS 65).
create or replace function out_of_tolerance_result_wall() returns trigger language plpgsql as $function$
declare
  o out_of_tolerance;
begin
  select * into o from out_of_tolerance where id = new.assessment_id;
  if tg_op = 'INSERT' then
    if o.status <> 'open' or o.opened_at <> now() or new.decided_at is not null or not exists (
         select from inspection_result r join inspection i on i.id = r.inspection_id
          where r.id = new.result_id and r.equipment_id = new.equipment_id and i.lot_id = new.lot_id) then
      raise exception 'what was measured is kept as it was found, undecided' using errcode = 'BW414';
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
create trigger kept before delete on out_of_tolerance_result for each row execute function kept();

-- Each out_of_tolerance has a subject of its own, made in the statement that makes the row, whatever door it comes through (DESIGN 6a).
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
create trigger subject_fixed before update of subject_id on out_of_tolerance for each row
  when (old.subject_id is distinct from new.subject_id) execute function subject_fixed();

-- The subject of a out_of_tolerance has its number and title: they follow the row (DESIGN 6a).
create or replace function subject_called_out_of_tolerance()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  update subject s set number = new.assessment_no, title = new.title, title_en = new.title_en where s.id = new.subject_id;
  return null;
end $function$;
create trigger subject_called after update of assessment_no, title, title_en on out_of_tolerance for each row
  execute function subject_called_out_of_tolerance();

create trigger assessment_no_is_no_label before insert or update of assessment_no on out_of_tolerance for each row
  when (may_be_label(new.assessment_no)) execute function number_is_no_label('assessment_no', 'BW260');

-- A wait that has no other way is over when its time has come: so long after it was opened, or at the day that was answered or that an effect has
-- worked out (`item.column`) and so long after, whichever is first.  On working days it takes longer, which the rule says; here the least is
-- asked (DESIGN 6).
create or replace function wait_came() returns trigger language plpgsql as $function$
begin
  if exists (
    select from definition_version d, jsonb_array_elements(d.body::jsonb -> 'stages') s,
           jsonb_array_elements(coalesce(old.state -> 'open', '[]')) o,
           lateral (select coalesce(
             old.state #>> array['forms', split_part(s -> 'until' ->> 'date', '.', 1), split_part(s -> 'until' ->> 'date', '.', 2)],
             case when s -> 'until' ->> 'date' like 'item.%' then old.state -> 'facts' ->> (s -> 'until' ->> 'date') end) as day) said,
           lateral (select least(
             (((o ->> 'opened_at')::timestamptz at time zone 'UTC') + (s -> 'until' ->> 'after')::interval) at time zone 'UTC',
             case when said.day ~ '^\d{4}-\d{2}-\d{2}$'
               then (said.day::date::timestamp at time zone coalesce((select p.zone from site p order by p.id limit 1), 'UTC'))
                    + coalesce(s -> 'until' ->> 'offset', 'P0D')::interval
               when s -> 'until' ->> 'date' is not null
               then said.day::timestamptz + coalesce(s -> 'until' ->> 'offset', 'P0D')::interval
             end) as at) came
     where d.id = new.definition_id and s ->> 'key' = o ->> 'key' and s ->> 'kind' = 'wait' and s -> 'until' is not null
       and not exists (select from jsonb_array_elements(coalesce(new.state -> 'open', '[]')) n
                        where n ->> 'key' = o ->> 'key' and (n ->> 'opened_at')::timestamptz = (o ->> 'opened_at')::timestamptz)
       and new.state -> 'outcomes' ->> (o ->> 'key') = 'elapsed' and coalesce(came.at > now(), true)) then
    raise exception 'a wait of process % is over when its time has come', new.workflow_id using errcode = 'BW345';
  end if;
  return new;
end $function$;
