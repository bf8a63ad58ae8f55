-- The walls of production: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- what walls ask, and what stands at tables of other nouns ----------

-- One number is one thing however it is spelled, a part of a piece is one in every unit, and limits are the order's own
-- (REQUIREMENTS 19, 25, 58; ISO 13485 7.5.1, 7.5.9, 8.2.6; 21 CFR 820.65, 820.70).  What was there before stays, and is listed.
-- Refuses with BW320
create or replace function limits_are_the_orders(of_run bigint, what text, told text, unit text, lower numeric, upper numeric)
  returns void language plpgsql as $function$
declare
  asked jsonb;
  from_order bigint;
begin
  select w.id into from_order from operation_run r join work_order w on w.id = r.work_order_id
   where r.id = of_run and w.origin = 'native';
  if not found then
    return;  -- what an earlier system tells is as it was there
  end if;
  select x into asked from operation_run r join routing_step s on (s.work_order_id, s.seq) = (r.work_order_id, r.seq)
   cross join jsonb_array_elements(coalesce(s.parameters -> what, '[]')) x
   where r.id = of_run and x ->> 'name' = told limit 1;
  if ((asked ->> 'lower')::numeric, (asked ->> 'upper')::numeric) is distinct from (lower, upper)
     or (asked ->> 'unit' is not null and asked ->> 'unit' is distinct from unit) then
    raise exception 'the limits of "%", and their unit, are the order''s', told using errcode = 'BW320';
  end if;
end $function$;

-- operation_environment ---------------------------------------------

-- What was found open when the application's roles were tried as an attacker would (DESIGN 2.4; 21 CFR 11.10(d), (e), (g)):
-- each role writes its own part only, and what the record relies on stays as it was when somebody did.
-- Refuses with BW251
create or replace function operation_told_whole() returns trigger language plpgsql as $function$
begin
  if not exists (select from operation_run r where r.id = new.operation_run_id and r.recorded_at = now()) and not furnishes() then
    raise exception 'what belongs to an operation is told with it' using errcode = 'BW251';
  end if;
  return new;
end $function$;
create trigger operation_told_whole before insert on operation_environment for each row execute function operation_told_whole();

-- One number is one thing however it is spelled, a part of a piece is one in every unit, and limits are the order's own
-- (REQUIREMENTS 19, 25, 58; ISO 13485 7.5.1, 7.5.9, 8.2.6; 21 CFR 820.65, 820.70).  What was there before stays, and is listed.
create or replace function reading_limits_wall() returns trigger language plpgsql as $function$
begin
  perform limits_are_the_orders(new.operation_run_id, 'readings', v.quantity, v.unit, v.lower, v.upper)
     from environment_reading v where v.id = new.environment_reading_id;
  return new;
end $function$;
create trigger reading_limits_wall before insert on operation_environment for each row execute function reading_limits_wall();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on operation_environment for each statement
  execute function api_stays_out();
create trigger append_only before delete or update on operation_environment for each row execute function append_only();
create trigger append_only_truncate before truncate on operation_environment for each statement execute function append_only();
create trigger audit_delete after delete on operation_environment referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on operation_environment referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on operation_environment referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on operation_environment for each row execute function identity_is_fixed();

-- operation_equipment -----------------------------------------------

create trigger operation_told_whole before insert on operation_equipment for each row execute function operation_told_whole();

-- Work that begins after a breakdown isn't done with that machine; work that had begun comes with the deviation of its batch, whoever was first,
-- the report or the work (ISO 13485 6.3, 8.3; REQUIREMENTS 43).
-- Refuses with BW474
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

-- Work that is told as it happens isn't done with a blocked machine; what was done before is recorded, and the record says so (ISO 13485 7.6).
-- Refuses with BW410
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

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on operation_equipment for each statement
  execute function api_stays_out();
create trigger append_only before delete or update on operation_equipment for each row execute function append_only();
create trigger append_only_truncate before truncate on operation_equipment for each statement execute function append_only();
create trigger audit_delete after delete on operation_equipment referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on operation_equipment referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on operation_equipment referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on operation_equipment for each row execute function identity_is_fixed();

-- operation_parameter -----------------------------------------------

create trigger operation_told_whole before insert on operation_parameter for each row execute function operation_told_whole();

-- One number is one thing however it is spelled, a part of a piece is one in every unit, and limits are the order's own
-- (REQUIREMENTS 19, 25, 58; ISO 13485 7.5.1, 7.5.9, 8.2.6; 21 CFR 820.65, 820.70).  What was there before stays, and is listed.
create or replace function parameter_limits_wall() returns trigger language plpgsql as $function$
begin
  perform limits_are_the_orders(new.operation_run_id, 'parameters', new.name, new.unit, new.lower, new.upper);
  return new;
end $function$;
create trigger parameter_limits_wall before insert on operation_parameter for each row execute function parameter_limits_wall();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on operation_parameter for each statement
  execute function api_stays_out();
create trigger append_only before delete or update on operation_parameter for each row execute function append_only();
create trigger append_only_truncate before truncate on operation_parameter for each statement execute function append_only();
create trigger audit_delete after delete on operation_parameter referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on operation_parameter referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on operation_parameter referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on operation_parameter for each row execute function identity_is_fixed();

-- operation_person --------------------------------------------------

create trigger operation_told_whole before insert on operation_person for each row execute function operation_told_whole();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on operation_person for each statement
  execute function api_stays_out();
create trigger append_only before delete or update on operation_person for each row execute function append_only();
create trigger append_only_truncate before truncate on operation_person for each statement execute function append_only();
create trigger audit_delete after delete on operation_person referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on operation_person referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on operation_person referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on operation_person for each row execute function identity_is_fixed();

-- operation_run -----------------------------------------------------

alter table operation_run
  add constraint ck_operation_run_period check (finished_at >= started_at);

-- One number is one thing however it is spelled, a part of a piece is one in every unit, and limits are the order's own
-- (REQUIREMENTS 19, 25, 58; ISO 13485 7.5.1, 7.5.9, 8.2.6; 21 CFR 820.65, 820.70).  What was there before stays, and is listed.
-- Refuses with BW140
create or replace function whole_run_wall() returns trigger language plpgsql as $function$
begin
  if (new.produced % 1 <> 0 or new.scrapped % 1 <> 0) and exists (
      select from work_order w cross join lateral (select unit_pieces(w.uom) as each) p
       where w.id = new.work_order_id and w.origin = 'native' and w.quantity * p.each % 1 = 0
         and (new.produced * p.each % 1 <> 0 or new.scrapped * p.each % 1 <> 0)) then
    raise exception 'an operation makes whole pieces' using errcode = 'BW140';
  end if;
  return new;
end $function$;
create trigger count_whole before insert on operation_run for each row execute function whole_run_wall();

-- When a work order was opened, where it is told: not after its entry, and none of its operations began before it (ALCOA+;
-- 21 CFR 11.10(f)).  People tell times to the minute; what an order told stays as it was given (BW182).
-- Refuses with BW331
create or replace function operation_after_opening() returns trigger language plpgsql as $function$
declare
  opened timestamptz;
begin
  select w.opened_at into opened from work_order w where w.id = new.work_order_id;
  if date_trunc('minute', new.started_at) < date_trunc('minute', opened) then
    raise exception 'an operation begins when its order has been opened' using errcode = 'BW331';
  end if;
  return new;
end $function$;
create trigger operation_after_opening before insert on operation_run for each row execute function operation_after_opening();

-- Opening a recall contains (21 CFR 7.46; ISO 13485 8.3.3): a scope isn't signed while something of it is free, and a
-- precaution becomes the recall's own hold only by the signed scope.
-- Refuses with BW079
create or replace function operation_held_wall() returns trigger language plpgsql as $function$
begin
  perform from lot l where l.id = new.lot_id for share;
  if exists (select from hold h where h.lot_id = new.lot_id and h.lifted_at is null and h.placed_at <= new.started_at) then
    raise exception 'lot % is held, and is not worked on', (select lot_no from lot where id = new.lot_id)
      using errcode = 'BW079';
  end if;
  return new;
end $function$;
create trigger operation_held_wall before insert on operation_run for each row execute function operation_held_wall();

-- No operation that a change forbids its batch, which began after the change was approved (REQUIREMENTS 46; ISO 13485 7.3.9).
-- Refuses with BW385
create or replace function operation_paused_wall() returns trigger language plpgsql as $function$
begin
  if batch_is_paused(new.lot_id, 'operation', new.seq, new.started_at) then
    raise exception 'lot % is paused by a change', (select lot_no from lot where id = new.lot_id) using errcode = 'BW385';
  end if;
  return new;
end $function$;
create trigger operation_paused_wall before insert on operation_run for each row execute function operation_paused_wall();

-- What was found open when the application's roles were tried as an attacker would (DESIGN 2.4; 21 CFR 11.10(d), (e), (g)):
-- each role writes its own part only, and what the record relies on stays as it was when somebody did.
-- Refuses with BW251
create or replace function operation_of_order() returns trigger language plpgsql as $function$
begin
  if not exists (
      select from work_order w join lot l on l.id = w.lot_id
       where w.id = new.work_order_id and l.id = new.lot_id and w.status = 'open' and l.status = 'in_process')
     and not furnishes() then
    raise exception 'an operation is done on the batch of its open order, while it is being made' using errcode = 'BW251';
  end if;
  return new;
end $function$;
create trigger z_operation_of_order before insert on operation_run for each row execute function operation_of_order();

-- Walls that tables share.
create trigger a_recorded_now before insert on operation_run for each row execute function recorded_now();
create trigger api_stays_out before insert or delete or update on operation_run for each statement
  execute function api_stays_out();
create trigger append_only before delete or update on operation_run for each row execute function append_only();
create trigger append_only_truncate before truncate on operation_run for each statement execute function append_only();
create trigger audit_delete after delete on operation_run referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on operation_run referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on operation_run referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on operation_run for each row execute function identity_is_fixed();
create trigger load_no_is_no_label before insert or update of load_no on operation_run for each row
  when (may_be_label(new.load_no)) execute function number_is_no_label('load_no', 'BW260');
create trigger operation_run_since_clocks before insert or update of started_at, finished_at on operation_run for each row
  when (least(new.started_at, new.finished_at) < '1970-01-01 00:00:00+00'::timestamp with time zone)
  execute function before_clocks_began();
create trigger operation_run_time before insert or update of finished_at on operation_run for each row
  execute function not_in_the_future('finished_at');
create trigger told_by_its_actor before insert on operation_run for each row execute function by_its_actor('recorded_by_id');
