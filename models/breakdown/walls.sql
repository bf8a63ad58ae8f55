-- The walls of breakdown: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- breakdown ---------------------------------------------------------

alter table breakdown
  add constraint ck_breakdown_again check (again = any (array['none'::text, 'calibration'::text, 'qualification'::text])),
  add constraint ck_breakdown_back check (status <> 'back'::text or repaired_at is not null),
  add constraint ck_breakdown_ended check (num_nulls(ended_at, ended_by_id) =
case status
    when 'open'::text then 2
    else 0
end),
  add constraint ck_breakdown_repaired check (num_nulls(found, done, repairer, repaired_at, repaired_by_id, again) = any (array[0, 6])),
  add constraint ck_breakdown_status check (status = any (array['open'::text, 'back'::text, 'retired'::text])),
  add constraint ck_breakdown_times check (happened_at <= reported_at and happened_at <= repaired_at);

-- A breakdown begins open and keeps what it is; it ends by a signature of its process, of somebody else than who repaired it, and with the calibration
-- that it needs (ISO 13485 6.3, 7.6; 21 CFR 820.70(g)).
-- Refuses with BW470, BW471
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

-- Each breakdown has a subject of its own at the site of its equipment, made in the statement that makes the row (DESIGN 6a).
-- Refuses with BW353
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

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on breakdown for each statement execute function api_stays_out();
create trigger audit_delete after delete on breakdown referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on breakdown referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on breakdown referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger breakdown_no_is_no_label before insert or update of breakdown_no on breakdown for each row
  when (may_be_label(new.breakdown_no)) execute function number_is_no_label('breakdown_no', 'BW260');
create trigger breakdown_time before insert or update of happened_at on breakdown for each row
  execute function not_in_the_future('happened_at');
create trigger fixed_key before update on breakdown for each row execute function identity_is_fixed();
create trigger kept before delete on breakdown for each row execute function kept();
create trigger reported_by_its_actor before insert on breakdown for each row execute function by_its_actor('reported_by_id');
create trigger subject_fixed before update of subject_id on breakdown for each row
  when (old.subject_id is distinct from new.subject_id) execute function subject_fixed();

-- breakdown_lot -----------------------------------------------------

alter table breakdown_lot
  add constraint ck_breakdown_lot_because check (because = any (array['named'::text, 'recorded'::text]));

-- A batch that was under way is kept with the deviation that it got for this breakdown (ISO 13485 8.3).
-- Refuses with BW472
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

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on breakdown_lot for each statement
  execute function api_stays_out();
create trigger append_only before delete or update on breakdown_lot for each row execute function append_only();
create trigger append_only_truncate before truncate on breakdown_lot for each statement execute function append_only();
create trigger audit_delete after delete on breakdown_lot referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on breakdown_lot referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on breakdown_lot referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on breakdown_lot for each row execute function identity_is_fixed();

-- breakdown_report --------------------------------------------------

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on breakdown_report for each statement
  execute function api_stays_out();
create trigger append_only before delete or update on breakdown_report for each row execute function append_only();
create trigger append_only_truncate before truncate on breakdown_report for each statement execute function append_only();
create trigger audit_delete after delete on breakdown_report referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on breakdown_report referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on breakdown_report referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on breakdown_report for each row execute function identity_is_fixed();
create trigger told_by_its_actor before insert on breakdown_report for each row execute function by_its_actor('reported_by_id');
