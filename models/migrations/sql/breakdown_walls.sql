-- A breakdown begins open and keeps what it is; it ends by a signature of its process, of somebody else than who repaired it, and with the calibration
-- that it needs (ISO 13485 6.3, 7.6; 21 CFR 820.70(g)).
create or replace function breakdown_wall() returns trigger language plpgsql as $function$
begin
  if tg_op = 'INSERT' then
    if new.status <> 'open' or new.reported_at <> now() or new.repaired_at is not null
       or exists (select from breakdown d where d.equipment_id = new.equipment_id and d.ended_at > new.happened_at) then
      raise exception 'breakdown % begins open, after the last one ended', new.breakdown_no using errcode = 'BW470';
    end if;
    return new;
  end if;
  if new is not distinct from old then
    return new;
  end if;
  if old.status <> 'open'
     or (to_jsonb(new) - array['status', 'found', 'done', 'repairer', 'repaired_at', 'repaired_by_id', 'again', 'ended_at', 'ended_by_id']) is distinct from
        (to_jsonb(old) - array['status', 'found', 'done', 'repairer', 'repaired_at', 'repaired_by_id', 'again', 'ended_at', 'ended_by_id']) then
    raise exception 'what breakdown % is, and how it ended, never changes', old.breakdown_no using errcode = 'BW470';
  end if;
  if new.status = 'open' then
    return new;
  end if;
  if new.ended_at is distinct from now() or not exists (
       select from signature s join process_run r on r.id = s.run_id
        where r.subject_id = new.subject_id and s.person_id = new.ended_by_id and s.signed_at = now()
          and (new.status <> 'back' or new.repaired_by_id is distinct from s.on_behalf_of_id)) then
    raise exception 'breakdown % ends by a signature', new.breakdown_no using errcode = 'BW471';
  end if;
  if new.status = 'back' and (new.repaired_by_id = new.ended_by_id or (new.again = 'calibration' and not coalesce((
       select c.result = 'passed' and c.performed_at >= new.repaired_at from calibration c where c.equipment_id = new.equipment_id
        order by c.performed_at desc, c.id desc limit 1), false))) then
    raise exception 'equipment goes back into use by somebody else than who repaired it, and calibrated where it has to be' using errcode = 'BW471';
  end if;
  return new;
end $function$;
create trigger breakdown_wall before insert or update on breakdown for each row execute function breakdown_wall();
create trigger kept before delete on breakdown for each row execute function kept();
create trigger breakdown_no_is_no_label before insert or update of breakdown_no on breakdown for each row
  when (may_be_label(new.breakdown_no)) execute function number_is_no_label('breakdown_no', 'BW260');
create trigger reported_by_its_actor before insert on breakdown for each row execute function by_its_actor('reported_by_id');
create trigger breakdown_time before insert or update of happened_at on breakdown for each row execute function not_in_the_future('happened_at');
create trigger told_by_its_actor before insert on breakdown_report for each row execute function by_its_actor('reported_by_id');

-- A batch that was under way is kept with the deviation that it got for this breakdown (ISO 13485 8.3).
create or replace function breakdown_lot_wall() returns trigger language plpgsql as $function$
begin
  if new.found_at <> now() or not exists (
       select from nonconformance n join breakdown d on d.id = new.breakdown_id
        where n.id = new.nonconformance_id and n.lot_id = new.lot_id and n.code = 'EQP-031' and n.about = d.breakdown_no and d.status <> 'back') then
    raise exception 'a batch under way is kept with its deviation, while the breakdown is open' using errcode = 'BW472';
  end if;
  return new;
end $function$;
create trigger breakdown_lot_wall before insert on breakdown_lot for each row execute function breakdown_lot_wall();

-- Nothing is measured with what is out of use by a breakdown (ISO 13485 6.3, 7.6).
create or replace function measured_broken_wall() returns trigger language plpgsql as $function$
declare
  moment timestamptz := coalesce(new.measured_at, now());
begin
  perform from equipment e where e.id = new.equipment_id for share;
  if exists (select from breakdown d where d.equipment_id = new.equipment_id and d.happened_at <= moment
               and (d.status <> 'back' or moment < d.ended_at)) then
    raise exception 'equipment % had broken down', (select equipment_no from equipment where id = new.equipment_id) using errcode = 'BW473';
  end if;
  return new;
end $function$;
create trigger measured_broken_wall before insert on inspection_result for each row
  when (new.equipment_id is not null) execute function measured_broken_wall();

-- Work that begins after a breakdown isn't done with that machine; work that had begun comes with the deviation of its batch, whoever was first,
-- the report or the work (ISO 13485 6.3, 8.3; REQUIREMENTS 43).
create or replace function worked_broken_wall() returns trigger language plpgsql as $function$
begin
  perform from equipment e where e.id = new.equipment_id for share;
  if exists (
    select from breakdown d join operation_run r on r.id = new.operation_run_id
     where d.equipment_id = new.equipment_id and (
       (r.finished_at > now() - interval '5 minutes' and d.happened_at <= r.started_at and (d.status <> 'back' or r.started_at < d.ended_at))
       or (r.started_at < d.happened_at and d.happened_at <= r.finished_at and not exists (
             select from nonconformance n where n.lot_id = r.lot_id and n.code = 'EQP-031' and n.about = d.breakdown_no)))) then
    raise exception 'equipment % had broken down', (select equipment_no from equipment where id = new.equipment_id) using errcode = 'BW474';
  end if;
  return new;
end $function$;
create trigger worked_broken_wall before insert on operation_equipment for each row execute function worked_broken_wall();

-- Each breakdown has a subject of its own at the site of its equipment, made in the statement that makes the row (DESIGN 6a).
create or replace function subject_of_breakdown()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  if exists (select from new_rows n where n.subject_id > (select last_value from subject_id_seq)) then
    raise exception 'the subject of a row is numbered with it' using errcode = 'BW353';
  end if;

  insert into subject (id, kind, number, title, title_en, titled_by_id, site_id, entity_id, owner_id, opened_at)
  select n.subject_id, 'breakdown', n.breakdown_no, n.title, n.title_en, null::bigint, b.site_id, b.entity_id,
         subject_owner('breakdown', null, null, b.site_id, null), n.reported_at
    from new_rows n
    join equipment e on e.id = n.equipment_id
    join subject b on b.id = e.subject_id;
  return null;
end $function$;
create trigger subject_made after insert on breakdown referencing new table as new_rows for each statement
  execute function subject_of_breakdown();
create trigger subject_fixed before update of subject_id on breakdown for each row
  when (old.subject_id is distinct from new.subject_id) execute function subject_fixed();
