-- What was measured before it was entered is judged by when it was measured (ALCOA+; ISO 13485 6.2, 7.6).

create or replace function inspected_wall() returns trigger language plpgsql as $$
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
end $$;

create trigger inspection_result_time before insert or update of measured_at on inspection_result
  for each row when (new.measured_at is not null) execute function not_in_the_future('measured_at');
