-- What people rely on stays as it was when they did (DESIGN 2.4; ISO 13485 4.2.5, 7.5.9, 8.2.6; 21 CFR 11.10(e)): a verdict
-- comes from values, a batch keeps its dates and quantity, an order and its plan stay as they were worked by, and a recall
-- ends by a decision that somebody signed.

-- Verdicts ------------------------------------------------------------------------------------------------------------

create function samples_wanted(planned int, l lot) returns int language sql stable as $$
  -- as planned, and never more pieces than the lot has; packs and units by another name are left to the rule
  select case when l.uom in ('pcs', 'pc', 'piece', 'pieces', 'each', 'ea', '件', '个', '只', '支')
    then greatest(1, least(planned, trunc(l.quantity * l.pack_size)::int))
    else case when unit_is_whole(l.uom) then 1 else planned end end
$$;

create function measured_verdict(of_inspection bigint, plan bigint) returns text language sql stable as $$
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
$$;

create function lot_is_past(of_lot bigint) returns boolean language sql stable as $$
  -- what has expired fails, whatever its values
  select lot_expired(l, coalesce((select s.zone from site s order by s.id limit 1), 'Asia/Shanghai')) from lot l where l.id = of_lot
$$;

create or replace function verdict_wall() returns trigger language plpgsql as $$
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
end $$;

create trigger verdict_born before insert on inspection for each row execute function verdict_wall();

-- A value is one of its inspection's plan, and comes while the inspection is open (`inspected_wall` asks for the limits).
create function result_wall() returns trigger language plpgsql as $$
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
end $$;

create trigger result_wall before insert on inspection_result for each row execute function result_wall();

-- A batch goes on only by its newest inspection.
create function lot_verdict_wall() returns trigger language plpgsql as $$
begin
  if not lot_inherits(new) and coalesce((
      select i.status from inspection i where i.lot_id = new.id
         and i.stage = case new.status when 'inspected' then 'final' else 'incoming' end
       order by i.revision desc limit 1), '') <> 'accepted' then
    raise exception 'the newest inspection of lot % doesn''t accept it', new.lot_no using errcode = 'BW177';
  end if;
  return new;
end $$;

-- after `lot_wall` in the order of names, which tells more
create trigger lot_wall_verdict before update on lot for each row
  when ((old.status, new.status) in (('finished', 'inspected'), ('received', 'released')))
  execute function lot_verdict_wall();

-- Plans, routings and orders --------------------------------------------------------------------------------------------

create function plan_wall() returns trigger language plpgsql as $$
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
end $$;

create trigger plan_wall before insert or update on characteristic for each row execute function plan_wall();
create trigger plan_wall before update on inspection_plan for each row execute function plan_wall();

create function order_wall() returns trigger language plpgsql as $$
begin
  if to_jsonb(new) - array['status', 'finished_at', 'produced', 'scrapped', 'extra', 'origin']
     is distinct from to_jsonb(old) - array['status', 'finished_at', 'produced', 'scrapped', 'extra', 'origin']
     or new.extra - 'cycle' is distinct from old.extra - 'cycle' then
    raise exception 'order % stays as it was given', old.work_order_no using errcode = 'BW182';
  end if;
  return new;
end $$;

create trigger order_wall before update on work_order for each row execute function order_wall();

-- Lots ----------------------------------------------------------------------------------------------------------------

create function lot_relied_wall() returns trigger language plpgsql as $$
begin
  if new.quantity <> old.quantity and not (old.status = 'in_process' and new.status = 'finished' and exists (
      select from operation_run r where r.lot_id = new.id and r.produced = new.quantity)) then
    raise exception 'the quantity of lot % is what was received or made', new.lot_no using errcode = 'BW178';
  end if;
  if (new.supplier_id, new.supplier_lot_no, new.manufactured_on, new.expires_on, new.expiry_precision, new.expiry_reason,
      new.retest_on, new.extra) is distinct from
     (old.supplier_id, old.supplier_lot_no, old.manufactured_on, old.expires_on, old.expiry_precision, old.expiry_reason,
      old.retest_on, old.extra)
     and (old.status not in ('received', 'in_process') or coalesce(current_setting('bw.reason', true), '') = '') then
    raise exception 'what lot % was judged by stays as it was', new.lot_no using errcode = 'BW178',
      hint = 'before its inspection it may be put right, with a reason';
  end if;
  return new;
end $$;

-- after `lot_made` and `lot_wall` in the order of names, which tell more
create trigger lot_wall_relied before update on lot for each row execute function lot_relied_wall();

-- Recalls -------------------------------------------------------------------------------------------------------------

create function recall_stays() returns trigger language plpgsql as $$
begin
  if (new.recall_no, new.public_id, new.mode, new.cause, new.opened_by_id, new.opened_at, new.identifier)
     is distinct from
     (old.recall_no, old.public_id, old.mode, old.cause, old.opened_by_id, old.opened_at, old.identifier)
     or (old.status <> 'open' and (new.status, new.closed_at) is distinct from (old.status, old.closed_at)) then
    raise exception 'recall % stays what it was opened for, and ended', old.recall_no using errcode = 'BW180';
  end if;
  return new;
end $$;

create trigger recall_stays before update on recall for each row execute function recall_stays();

create function recall_end_wall() returns trigger language plpgsql as $$
begin
  -- at the end of the act, which writes the signature, the run and the recall one after the other
  if not exists (
      select from process_run p join signature s on s.run_id = p.id
       where p.recall_id = new.id and p.status = 'completed' and p.result = new.status and s.subject = 'recall'
         and s.signed_at = now()) then
    raise exception 'recall % ends by a signed decision', new.recall_no using errcode = 'BW180';
  end if;
  return null;
end $$;

create constraint trigger recall_end_wall after update on recall deferrable initially deferred for each row
  when (new.status <> old.status) execute function recall_end_wall();
