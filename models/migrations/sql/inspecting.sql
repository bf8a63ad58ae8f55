-- What an inspection rests on (ISO 13485 6.2, 7.6, 8.2.6; 21 CFR 820.72; ALCOA+): the gauge and the qualification that its plan
-- asks for, the digits that were entered, samples that the lot has, and a signed reason before what failed is measured again.
-- Rows of before and rows from other systems are kept as they are.

create function inspected_wall() returns trigger language plpgsql as $$
declare
  asked record;
begin
  select c.name_en, c.kind, c.lower, c.upper, c.sample_size, c.equipment_kind, p.qualification, l.uom, l.quantity, l.pack_size
    into asked
    from characteristic c join inspection_plan p on p.id = c.plan_id
    join inspection i on i.id = new.inspection_id join lot l on l.id = i.lot_id
   where c.id = new.characteristic_id and i.origin = 'native';
  if not found then
    return new;
  end if;
  if asked.equipment_kind is not null and not exists (
      select from equipment e where e.id = new.equipment_id and e.kind = asked.equipment_kind) then
    raise exception '"%" is measured with a gauge of the kind that its plan names', asked.name_en using errcode = 'BW193';
  end if;
  if asked.qualification is not null and not exists (
      select from qualification q where q.person_id = new.recorded_by_id and q.code = asked.qualification
         and q.valid_from <= now() and (q.valid_until is null or now() < q.valid_until)) then
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
end $$;

create trigger inspected_wall before insert on inspection_result for each row execute function inspected_wall();

create function retest_wall() returns trigger language plpgsql as $$
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
end $$;

create trigger retest_wall before insert on inspection for each row
  when (new.origin = 'native' and new.revision > 1) execute function retest_wall();
