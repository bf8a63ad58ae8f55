-- The walls of inspection: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- what walls ask, and what stands at tables of other nouns ----------

-- Which batches a thing touches, of those named where some are: one function for each kind of thing that can change, `affected_by_<kind>`.
-- Whoever lets another kind of thing change adds the function of that name (models/process/changeable.py).
create or replace function affected_by_inspection_plan(target text, among bigint[]) returns setof bigint language sql stable as $function$
  -- a plan without an item is for every item of its kind
  select l.id from inspection_plan p join lot l on l.item_id = p.item_id or (p.item_id is null and l.kind = p.item_kind)
   where p.code = target and (among is null or l.id = any (among))
$function$;

-- What people rely on stays as it was when they did (DESIGN 2.4; ISO 13485 4.2.5, 7.5.9, 8.2.6; 21 CFR 11.10(e)): a verdict
-- comes from values, a batch keeps its dates and quantity, an order and its plan stay as they were worked by, and a recall
-- ends by a decision that somebody signed.
create or replace function measured_verdict(of_inspection bigint, plan bigint) returns text language sql stable as $function$
  -- the rule of models/rules/inspection.py; a test holds the two against each other
  select case when count(*) = 0 or bool_or(m.got < w.wanted) then 'open'
              when bool_or(m.bad > c.accept) then 'failed' else 'accepted' end
    from inspection i join lot l on l.id = i.lot_id
    join characteristic c on c.plan_id = plan
   cross join lateral (select samples_wanted(c.sample_size, l) as wanted) w
   cross join lateral (
      select count(*) as got, count(*) filter (where not r.passed) as bad
        from (select distinct on (v.sample_no) v.passed from inspection_result v
               where v.inspection_id = of_inspection and v.characteristic_id = c.id
                 and v.sample_no between 1 and c.sample_size order by v.sample_no, v.id desc) r) m
   where i.id = of_inspection
$function$;

-- characteristic ----------------------------------------------------

alter table characteristic
  add constraint ck_characteristic_kind check (kind = any (array['variable'::text, 'attribute'::text])),
  add constraint ck_characteristic_sample_size check (sample_size > 0);

-- What people rely on stays as it was when they did (DESIGN 2.4; ISO 13485 4.2.5, 7.5.9, 8.2.6; 21 CFR 11.10(e)): a verdict
-- comes from values, a batch keeps its dates and quantity, an order and its plan stay as they were worked by, and a recall
-- ends by a decision that somebody signed.
-- Refuses with BW182
create or replace function plan_wall() returns trigger language plpgsql as $function$
declare
  plan bigint := case tg_table_name when 'characteristic' then (to_jsonb(new) ->> 'plan_id')::bigint else new.id end;
begin
  if tg_table_name = 'inspection_plan' and to_jsonb(new) - 'status' = to_jsonb(old) - 'status' then
    return new;
  end if;
  if (tg_op = 'INSERT' or new is distinct from old)
     and exists (select from inspection i where i.plan_id = plan and i.origin = 'native') then
    raise exception 'what was inspected by a plan stays; make its next version' using errcode = 'BW182';
  end if;
  return new;
end $function$;
create trigger plan_wall before insert or update on characteristic for each row execute function plan_wall();

-- Walls that tables share.
create trigger audit_delete after delete on characteristic referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on characteristic referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on characteristic referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on characteristic for each row execute function identity_is_fixed();
create trigger reason_wall before update of kind, lower, upper, sample_size, accept, unit, equipment_kind on characteristic for each row
  execute function reason_wall('kind', 'lower', 'upper', 'sample_size', 'accept', 'unit', 'equipment_kind');
create trigger worker_writes_none before insert or delete or update on characteristic for each statement
  execute function worker_has_no_say();

-- inspection --------------------------------------------------------

alter table inspection
  add constraint ck_inspection_status check (status = any (array['open'::text, 'accepted'::text, 'failed'::text]));

-- Whoever decides the first incoming inspection of what came from a supplier counts the lot in the same transaction, and has switched its sampling
-- by the end of it; what an import brings is of before (GB/T 2828.1 9.3; REQUIREMENTS 29).
-- Refuses with BW460
create or replace function inspection_counts() returns trigger language plpgsql as $function$
begin
  if exists (select from lot l where l.id = new.lot_id and l.supplier_id is not null) and not exists (
       select from sampling_lot p join sampling_severity s on s.id = p.severity_id
        where p.inspection_id = new.id
          and s.severity = (select q.then_severity from sampling_lot q where q.severity_id = s.id order by q.seq desc limit 1)) then
    raise exception 'inspection % is decided, and its lot doesn''t count', new.inspection_no using errcode = 'BW460';
  end if;
  return null;
end $function$;
create constraint trigger inspection_counts after update on inspection deferrable initially deferred for each row
  when (new.stage = 'incoming'::text and new.revision = 1 and new.origin = 'native'::text and new.status <> 'open'::text and old.status = 'open'::text)
  execute function inspection_counts();

-- What an inspection rests on (ISO 13485 6.2, 7.6, 8.2.6; 21 CFR 820.72; ALCOA+): the gauge and the qualification that its plan
-- asks for, the digits that were entered, samples that the lot has, and a signed reason before what failed is measured again.
-- Rows of before and rows from other systems are kept as they are.
-- Refuses with BW198
create or replace function retest_wall() returns trigger language plpgsql as $function$
declare
  failed record;
begin
  select i.inspection_no, i.decided_at, i.decided_by_id into failed from inspection i
   where i.lot_id = new.lot_id and i.stage = new.stage and i.revision = new.revision - 1
     and i.status = 'failed' and i.origin = 'native';
  if found and not exists (
      select from signature s join human_task t on t.id = s.task_id
       where s.lot_id = new.lot_id and s.signed_at >= failed.decided_at
         and s.person_id is distinct from failed.decided_by_id
         and t.kind = 'sign_off' and btrim(coalesce(t.reason, '')) <> '') then
    raise exception 'inspection % failed and nobody has signed for another one', failed.inspection_no using errcode = 'BW198';
  end if;
  return new;
end $function$;
create trigger retest_wall before insert on inspection for each row
  when (new.origin = 'native'::text and new.revision > 1) execute function retest_wall();

-- What people rely on stays as it was when they did (DESIGN 2.4; ISO 13485 4.2.5, 7.5.9, 8.2.6; 21 CFR 11.10(e)): a verdict
-- comes from values, a batch keeps its dates and quantity, an order and its plan stay as they were worked by, and a recall
-- ends by a decision that somebody signed.
-- Refuses with BW040, BW177
create or replace function verdict_wall() returns trigger language plpgsql as $function$
begin
  if tg_op = 'INSERT' then
    if new.origin = 'native' and new.status <> 'open' then
      raise exception 'inspection % begins open', new.inspection_no using errcode = 'BW177';
    end if;
    return new;
  end if;
  if old.status <> 'open' then
    if new is distinct from old then
      raise exception 'a verdict is never reversed; open a new revision' using errcode = 'BW040';
    end if;
    return new;
  end if;
  if to_jsonb(new) - array['plan_id', 'status', 'decided_at', 'decided_by_id']
     is distinct from to_jsonb(old) - array['plan_id', 'status', 'decided_at', 'decided_by_id']
     or (old.plan_id is not null and new.plan_id is distinct from old.plan_id) then
    raise exception 'inspection % stays what it was opened for', old.inspection_no using errcode = 'BW177';
  end if;
  if new.status <> 'open' and (new.decided_by_id is null or new.decided_at is distinct from now()
      or new.status <> case when new.status = 'failed' and measured_verdict(new.id, new.plan_id) = 'accepted'
                                 and lot_is_past(new.lot_id) then 'failed' else measured_verdict(new.id, new.plan_id) end) then
    raise exception 'the values of inspection % give another verdict', new.inspection_no using errcode = 'BW177';
  end if;
  return new;
end $function$;
create trigger verdict_born before insert on inspection for each row execute function verdict_wall();
create trigger verdict_wall before update on inspection for each row execute function verdict_wall();

-- One number is one thing however it is spelled, a part of a piece is one in every unit, and limits are the order's own
-- (REQUIREMENTS 19, 25, 58; ISO 13485 7.5.1, 7.5.9, 8.2.6; 21 CFR 820.65, 820.70).  What was there before stays, and is listed.
-- Refuses with BW194
create or replace function verdict_inspector_wall() returns trigger language plpgsql as $function$
declare
  skill text;
begin
  select p.qualification into skill from inspection_plan p where p.id = new.plan_id;
  if skill is not null and not exists (
      select from qualification q where q.person_id = new.decided_by_id and q.code = skill
         and q.valid_from <= now() and (q.valid_until is null or now() < q.valid_until)) then
    raise exception 'who decides inspection % lacks the qualification that its plan asks for', new.inspection_no
      using errcode = 'BW194';
  end if;
  return new;
end $function$;
create trigger verdict_wall_inspector before update on inspection for each row
  when (old.status = 'open'::text and new.status <> 'open'::text and new.origin = 'native'::text)
  execute function verdict_inspector_wall();

-- No watched lot is decided on without its points: looked at when the act ends, because it writes one after the other (REQUIREMENTS 50).
-- Refuses with BW436
create or replace function watched_lot_judged() returns trigger language plpgsql as $function$
begin
  if exists (
    select from lot t join drift_watch w on (w.supplier_id, w.item_id) = (t.supplier_id, t.item_id) join drift_chart c on c.watch_id = w.id
     where t.id = new.lot_id and exists (select from drift_limits l where l.chart_id = c.id and l.version is not null)
       and not exists (select from drift_point p where p.chart_id = c.id and p.lot_id = t.id)
       and exists (select from inspection_result r left join characteristic m on m.id = r.characteristic_id
                    where r.inspection_id = new.id and (c.charted = 'rejects' or (
                      r.value is not null and coalesce(m.name_zh, r.name) = c.characteristic and coalesce(m.unit, c.unit) = c.unit)))) then
    raise exception 'lot % is watched, and nobody judged it', (select lot_no from lot where id = new.lot_id) using errcode = 'BW436';
  end if;
  return null;
end $function$;
create constraint trigger watched_lot_judged after update on inspection deferrable initially deferred for each row
  when (new.stage = 'incoming'::text and new.revision = 1 and old.status = 'open'::text and new.status <> 'open'::text)
  execute function watched_lot_judged();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on inspection for each statement execute function api_stays_out();
create trigger audit_delete after delete on inspection referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on inspection referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on inspection referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on inspection for each row execute function identity_is_fixed();
create trigger migrated_wall after insert on inspection referencing new table as new_rows for each statement
  execute function migrated_wall('origin', 'native');
create trigger origin_stays before update on inspection for each row
  when (new.origin <> old.origin) execute function origin_stays();
create trigger verdict_wall_told before update on inspection for each row
  when (new.decided_by_id is distinct from old.decided_by_id) execute function by_its_actor('decided_by_id');

-- inspection_plan ---------------------------------------------------

alter table inspection_plan
  add constraint ck_inspection_plan_stage check (stage = any (array['incoming'::text, 'final'::text])),
  add constraint ck_inspection_plan_status check (status = any (array['effective'::text, 'superseded'::text]));

-- What a product is made of never leads back to it (BOM-002), and for an item, or a kind of items, one plan is effective at
-- a stage (INP-009): whoever writes it, by whichever door, and also where two write at the same time.  Rows of before stay
-- as they are until they are touched (ISO 13485 8.2.6).
-- Refuses with BW164
create or replace function plan_is_one() returns trigger language plpgsql as $function$
begin
  perform pg_advisory_xact_lock(hashtext('inspection_plan'));
  if exists (
      select from inspection_plan p where p.status = 'effective' and p.id <> new.id and p.stage = new.stage
        and (p.item_id, p.item_kind) is not distinct from (new.item_id, new.item_kind)) then
    raise exception 'another plan of the same items is effective at this stage' using errcode = 'BW164';
  end if;
  return new;
end $function$;
create trigger inspection_plan_is_one before insert or update of status, stage, item_id, item_kind on inspection_plan for each row
  when (new.status = 'effective'::text) execute function plan_is_one();

create trigger plan_wall before update on inspection_plan for each row execute function plan_wall();

-- Walls that tables share.
create trigger audit_delete after delete on inspection_plan referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on inspection_plan referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on inspection_plan referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on inspection_plan for each row execute function identity_is_fixed();
create trigger reason_wall before update of status, stage, item_id, item_kind, qualification on inspection_plan for each row
  execute function reason_wall('status', 'stage', 'item_id', 'item_kind', 'qualification');
create trigger worker_writes_none before insert or delete or update on inspection_plan for each statement
  execute function worker_has_no_say();

-- inspection_result -------------------------------------------------

-- What was measured before it was entered is judged by when it was measured (ALCOA+; ISO 13485 6.2, 7.6).
-- Refuses with BW193, BW194, BW195, BW196, BW197, BW316, BW317
create or replace function inspected_wall() returns trigger language plpgsql as $function$
declare
  asked record;
  moment timestamptz := coalesce(new.measured_at, now());
begin
  select c.name_en, c.kind, c.lower, c.upper, c.sample_size, c.equipment_kind, p.qualification, l.uom, l.quantity, l.pack_size,
         l.lot_no, l.created_at
    into asked
    from characteristic c join inspection_plan p on p.id = c.plan_id
    join inspection i on i.id = new.inspection_id join lot l on l.id = i.lot_id
   where c.id = new.characteristic_id and i.origin = 'native';
  if not found then
    return new;
  end if;
  if new.measured_at < asked.created_at then
    raise exception 'lot % was not there when "%" is said to have been measured', asked.lot_no, asked.name_en
      using errcode = 'BW316';
  end if;
  if new.measured_at is not null and btrim(coalesce(new.late_reason, '')) = '' and new.measured_at < now()
     - make_interval(hours => coalesce((select s.late_entry_hours from site s order by s.id limit 1), 24)) then
    raise exception '"%" was measured long before it is told, and nobody says why', asked.name_en using errcode = 'BW317';
  end if;
  if asked.equipment_kind is not null and not exists (
      select from equipment e where e.id = new.equipment_id and e.kind = asked.equipment_kind) then
    raise exception '"%" is measured with a gauge of the kind that its plan names', asked.name_en using errcode = 'BW193';
  end if;
  if asked.qualification is not null and not exists (
      select from qualification q where q.person_id = new.recorded_by_id and q.code = asked.qualification
         and q.valid_from <= moment and (q.valid_until is null or moment < q.valid_until)) then
    raise exception 'who recorded "%" lacks the qualification that its plan asks for', asked.name_en using errcode = 'BW194';
  end if;
  if new.sample_no < 1 or new.sample_no > asked.sample_size
     or (asked.uom = 'pcs' and new.sample_no > greatest(1, asked.quantity * asked.pack_size)) then
    raise exception '"%" has no sample %', asked.name_en, new.sample_no using errcode = 'BW195';
  end if;
  if asked.kind = 'variable' and (new.value is null or new.text_value is null
     or new.text_value !~ '^[+-]?[0-9]+([.][0-9]+)?$' or new.text_value::numeric <> new.value) then
    raise exception 'the value of "%" is not what was entered', asked.name_en using errcode = 'BW196';
  end if;
  if asked.kind = 'variable' and new.passed
     <> (new.value >= coalesce(asked.lower, new.value) and new.value <= coalesce(asked.upper, new.value)) then
    raise exception 'the limits of "%" say otherwise of %', asked.name_en, new.text_value using errcode = 'BW197';
  end if;
  return new;
end $function$;
create trigger inspected_wall before insert on inspection_result for each row execute function inspected_wall();

-- Nothing is measured with what is out of use by a breakdown (ISO 13485 6.3, 7.6).
-- Refuses with BW473
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

-- Nothing is measured with an instrument that is blocked, nor told of a time in which it is doubted: whoever measures at the instant of the
-- calibration is in what it finds, or is refused here (ISO 13485 7.6; STANDARDS M 39).
-- Refuses with BW409
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

-- A value is one of its inspection's plan, and comes while the inspection is open (`inspected_wall` asks for the limits) (ISO 13485 8.2.6).
-- Refuses with BW040, BW174, BW177
create or replace function result_wall() returns trigger language plpgsql as $function$
declare
  i inspection;
  c characteristic;
begin
  select * into i from inspection where id = new.inspection_id for share;
  if i.origin = 'migrated' then
    if not imported_now() then
      raise exception 'only an import adds to what another system inspected' using errcode = 'BW174';
    end if;
    return new;
  end if;
  if i.status <> 'open' then
    raise exception 'inspection % has its verdict', i.inspection_no using errcode = 'BW040';
  end if;
  select * into c from characteristic where id = new.characteristic_id;
  if c.id is null or c.plan_id is distinct from i.plan_id or new.recorded_by_id is null then
    raise exception 'this is no value of inspection %', i.inspection_no using errcode = 'BW177';
  end if;
  new.recorded_at := now();
  return new;
end $function$;
create trigger result_wall before insert on inspection_result for each row execute function result_wall();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on inspection_result for each statement
  execute function api_stays_out();
create trigger append_only before delete or update on inspection_result for each row execute function append_only();
create trigger append_only_truncate before truncate on inspection_result for each statement execute function append_only();
create trigger audit_delete after delete on inspection_result referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on inspection_result referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on inspection_result referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on inspection_result for each row execute function identity_is_fixed();
create trigger inspection_result_time before insert or update of measured_at on inspection_result for each row
  when (new.measured_at is not null) execute function not_in_the_future('measured_at');
create trigger told_by_its_actor before insert on inspection_result for each row execute function by_its_actor('recorded_by_id');
