-- What equipment out of tolerance measured or made is decided on, one by one: inspection results as before, and operations that were worked with it
-- (ISO 13485 7.6; 21 CFR 820.72; REQUIREMENTS 65).
alter table out_of_tolerance_result
  alter column result_id drop not null,
  alter column inspection_no drop not null,
  alter column passed drop not null,
  add column operation_run_id bigint constraint fk_out_of_tolerance_result_operation_run_id references operation_run (id),
  add column began_at timestamptz,
  add constraint uq_out_of_tolerance_result_operation unique (assessment_id, operation_run_id, equipment_id),
  add constraint ck_out_of_tolerance_result_about check (num_nonnulls(result_id, operation_run_id) = 1),
  add constraint ck_out_of_tolerance_result_of_result check (num_nulls(result_id, inspection_no, passed) in (0, 3)),
  add constraint ck_out_of_tolerance_result_of_operation check ((operation_run_id is null) = (began_at is null) and began_at <= measured_at);
create index ix_out_of_tolerance_result_operation_run_id on out_of_tolerance_result (operation_run_id);

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
