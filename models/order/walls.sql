-- The walls of order: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- what walls ask, and what stands at tables of other nouns ----------

-- Which batches a thing touches, of those named where some are: one function for each kind of thing that can change, `affected_by_<kind>`.
-- Whoever lets another kind of thing change adds the function of that name (models/process/changeable.py).
create or replace function affected_by_document(target text, among bigint[]) returns setof bigint language sql stable as $function$
  select w.lot_id from work_order w where w.document = target and w.lot_id is not null and (among is null or w.lot_id = any (among))
$function$;

-- routing_step ------------------------------------------------------

-- What was found open when the application's roles were tried as an attacker would (DESIGN 2.4; 21 CFR 11.10(d), (e), (g)):
-- each role writes its own part only, and what the record relies on stays as it was when somebody did.
-- Refuses with BW251
create or replace function step_of_order() returns trigger language plpgsql as $function$
begin
  if not exists (select from work_order w where w.id = new.work_order_id and w.created_at = now()) and not furnishes() then
    raise exception 'what is asked of an order is said when it is given' using errcode = 'BW251';
  end if;
  return new;
end $function$;
create trigger step_of_order before insert on routing_step for each row execute function step_of_order();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on routing_step for each statement execute function api_stays_out();
create trigger append_only before delete or update on routing_step for each row execute function append_only();
create trigger append_only_truncate before truncate on routing_step for each statement execute function append_only();
create trigger audit_delete after delete on routing_step referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on routing_step referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on routing_step referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on routing_step for each row execute function identity_is_fixed();

-- work_order --------------------------------------------------------

alter table work_order
  add constraint ck_work_order_status check (status = any (array['open'::text, 'finished'::text, 'cancelled'::text]));

-- One number is one thing however it is spelled, a part of a piece is one in every unit, and limits are the order's own
-- (REQUIREMENTS 19, 25, 58; ISO 13485 7.5.1, 7.5.9, 8.2.6; 21 CFR 820.65, 820.70).  What was there before stays, and is listed.
-- Refuses with BW140
create or replace function whole_order_wall() returns trigger language plpgsql as $function$
begin
  if new.origin = 'native' and new.quantity * unit_pieces(new.uom) % 1 <> 0 then
    raise exception '% % are no whole pieces', new.quantity, new.uom using errcode = 'BW140';
  end if;
  return new;
end $function$;
create trigger count_whole before insert on work_order for each row execute function whole_order_wall();

-- When a work order was opened, where it is told: not after its entry, and none of its operations began before it (ALCOA+;
-- 21 CFR 11.10(f)).  People tell times to the minute; what an order told stays as it was given (BW182).
-- Refuses with BW330
create or replace function order_opened_wall() returns trigger language plpgsql as $function$
begin
  if new.opened_at > new.created_at then
    raise exception 'order % is opened when it is entered, or before', new.work_order_no using errcode = 'BW330';
  end if;
  return new;
end $function$;
create trigger order_opened_wall before insert on work_order for each row execute function order_opened_wall();

-- What people rely on stays as it was when they did (DESIGN 2.4; ISO 13485 4.2.5, 7.5.9, 8.2.6; 21 CFR 11.10(e)): a verdict
-- comes from values, a batch keeps its dates and quantity, an order and its plan stay as they were worked by, and a recall
-- ends by a decision that somebody signed.
-- Refuses with BW182
create or replace function order_wall() returns trigger language plpgsql as $function$
begin
  if to_jsonb(new) - array['status', 'finished_at', 'produced', 'scrapped', 'extra', 'origin']
     is distinct from to_jsonb(old) - array['status', 'finished_at', 'produced', 'scrapped', 'extra', 'origin']
     or new.extra - 'cycle' is distinct from old.extra - 'cycle' then
    raise exception 'order % stays as it was given', old.work_order_no using errcode = 'BW182';
  end if;
  return new;
end $function$;
create trigger order_wall before update on work_order for each row execute function order_wall();

-- An order is finished when its last operation was, whenever that is told (21 CFR 11.10(e)).
-- Refuses with BW290
create or replace function order_proven() returns trigger language plpgsql as $function$
begin
  if tg_op = 'INSERT' then
    if new.origin = 'native'
       and (new.status <> 'open' or new.produced <> 0 or new.scrapped <> 0 or new.finished_at is not null) then
      raise exception 'order % begins open, with nothing made', new.work_order_no using errcode = 'BW290';
    end if;
    return new;
  end if;
  if not (case
    when old.status = 'open' and new.status = 'finished' then
      new.extra = old.extra
      and exists (select from operation_run r where r.work_order_id = new.id and r.recorded_at = now() and r.produced = new.produced
                     and r.finished_at = new.finished_at)
      and new.scrapped = (select coalesce(sum(r.scrapped), 0) from operation_run r where r.work_order_id = new.id)
    when old.status = 'finished' and new.status = 'open' then
      new.finished_at is null and (new.produced, new.scrapped) = (old.produced, old.scrapped)
      and (new.extra ->> 'cycle')::int = coalesce((old.extra ->> 'cycle')::int, 1) + 1
      and exists (select from process_run p where p.lot_id = new.lot_id and p.status = 'completed'
                     and p.result = 'rework' and p.ended_at = now())
    else false end) then
    raise exception 'order % is finished by its operation and taken up again by a release that sends back', old.work_order_no
      using errcode = 'BW290';
  end if;
  return new;
end $function$;
create trigger z_order_born before insert on work_order for each row execute function order_proven();
create trigger z_order_proven before update on work_order for each row
  when (new.status is distinct from old.status or new.produced is distinct from old.produced or new.scrapped is distinct from old.scrapped or new.finished_at is distinct from old.finished_at or new.extra is distinct from old.extra)
  execute function order_proven();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on work_order for each statement execute function api_stays_out();
create trigger audit_delete after delete on work_order referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on work_order referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on work_order referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger change_catches after insert on work_order referencing new table as new_rows for each statement
  execute function change_catches();
create trigger fixed_key before update on work_order for each row execute function identity_is_fixed();
create trigger master_number_is_new before insert on work_order for each row
  execute function master_number_is_new('work_order_no');
create trigger migrated_wall after insert on work_order referencing new table as new_rows for each statement
  execute function migrated_wall('origin', 'native');
create trigger origin_stays before update on work_order for each row
  when (new.origin <> old.origin) execute function origin_stays();
create trigger work_order_no_is_no_label before insert or update of work_order_no on work_order for each row
  when (new.origin <> 'migrated'::text and may_be_label(new.work_order_no))
  execute function number_is_no_label('work_order_no', 'BW260');
