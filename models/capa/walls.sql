-- The walls of capa: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- capa --------------------------------------------------------------

alter table capa
  add constraint ck_capa_closed check ((status = 'open'::text) = (closed_at is null)),
  add constraint ck_capa_status check (status = any (array['open'::text, 'closed'::text, 'withdrawn'::text])),
  add constraint ck_capa_title check (btrim(title) <> ''::text);

-- A CAPA ends by a signature in its own process, and is closed when what was fixed before has been measured and is met: nobody closes
-- it because time has passed (ISO 13485 8.5.2 f); MDR 10(9)(l); STANDARDS P 50).
-- Refuses with BW371, BW372, BW373, BW374
create or replace function capa_wall() returns trigger language plpgsql as $function$
begin
  if tg_op = 'INSERT' then
    if new.status <> 'open' then
      raise exception 'CAPA % can''t begin ended', new.capa_no using errcode = 'BW371';
    end if;
    return new;
  end if;
  if old.status <> 'open' then
    raise exception 'how CAPA % ended never changes', old.capa_no using errcode = 'BW372';
  end if;
  if (new.capa_no, new.public_id, new.title, new.title_en, new.source, new.item_id, new.supplier_id, new.opened_at, new.opened_by_id)
     is distinct from
     (old.capa_no, old.public_id, old.title, old.title_en, old.source, old.item_id, old.supplier_id, old.opened_at, old.opened_by_id) then
    raise exception 'what opened CAPA % can''t change', old.capa_no using errcode = 'BW372';
  end if;
  if new.status <> 'open' and not exists (
      select from signature s join process_run r on r.id = s.run_id
       where r.subject_id = new.subject_id and s.signed_at = now()) then
    raise exception 'CAPA % ends by a signature', new.capa_no using errcode = 'BW373';
  end if;
  if new.status = 'closed' and not exists (
      select from capa_measurement m join capa_plan p on p.id = m.plan_id
       where p.capa_id = new.id and m.result = 'effective'
         and p.round = (select max(q.round) from capa_plan q where q.capa_id = new.id)) then
    raise exception 'CAPA % is closed when it has been shown to be effective', new.capa_no using errcode = 'BW374';
  end if;
  return new;
end $function$;
create trigger capa_wall before insert or update on capa for each row execute function capa_wall();

-- The subject of a capa has its number and title: they follow the row (DESIGN 6a).
create or replace function subject_called_capa()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  update subject s set number = new.capa_no, title = new.title, title_en = new.title_en where s.id = new.subject_id;
  return null;
end $function$;
create trigger subject_called after update of capa_no, title, title_en on capa for each row execute function subject_called_capa();

-- Each capa has a subject of its own, made in the statement that makes the row, whatever door it comes through (DESIGN 6a).
-- Refuses with BW353
create or replace function subject_of_capa()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  if exists (select from new_rows n where n.subject_id > (select last_value from subject_id_seq)) then
    raise exception 'the subject of a row is numbered with it' using errcode = 'BW353';
  end if;

  insert into subject (id, kind, number, title, title_en, titled_by_id, site_id, entity_id, owner_id, opened_at)
  with made as materialized (
    select n.subject_id as id, n.capa_no as number, n.title as title, n.title_en as title_en, null::bigint as titled_by_id,
           (select min(s.id) from site s) as site_id, n.opened_at as opened_at, i.category as family, n.supplier_id as supplier_id
      from new_rows n left join item i on i.id = n.item_id),
  owned as materialized (
    select array[w.family, w.supplier_id::text, w.site_id::text] as for_whom,
           subject_owner('capa', w.family, w.supplier_id, w.site_id, null) as owner_id,
           (select e.id from legal_entity e where e.site_id = w.site_id) as entity_id
      from (select distinct family, supplier_id, site_id from made) w)
  select m.id, 'capa', m.number, m.title, m.title_en, m.titled_by_id, m.site_id, o.entity_id, o.owner_id, m.opened_at
    from made m join owned o on o.for_whom = array[m.family, m.supplier_id::text, m.site_id::text];
  return null;
end $function$;
create trigger subject_made after insert on capa referencing new table as new_rows for each statement
  execute function subject_of_capa();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on capa for each statement execute function api_stays_out();
create trigger audit_delete after delete on capa referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on capa referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on capa referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger capa_no_is_no_label before insert or update of capa_no on capa for each row
  when (may_be_label(new.capa_no)) execute function number_is_no_label('capa_no', 'BW260');
create trigger fixed_key before update on capa for each row execute function identity_is_fixed();
create trigger subject_fixed before update of subject_id on capa for each row
  when (old.subject_id is distinct from new.subject_id) execute function subject_fixed();

-- capa_measurement --------------------------------------------------

alter table capa_measurement
  add constraint ck_capa_measurement_observed check (observed >= 0),
  add constraint ck_capa_measurement_result check (result = any (array['effective'::text, 'failed'::text, 'no_data'::text])),
  add constraint ck_capa_measurement_span check (until >= since),
  add constraint ck_capa_measurement_value check (result = 'no_data'::text or value is not null);

-- What is measured lies after the criterion was fixed and the actions were verified: nobody chooses a limit that the figures already meet
-- (ISO 13485 8.5.2 f); STANDARDS P 50).
-- Refuses with BW378
create or replace function capa_measurement_wall() returns trigger language plpgsql as $function$
begin
  if not exists (select from capa_plan p where p.id = new.plan_id and p.fixed_at <= new.since and p.verified_at <= new.since) then
    raise exception 'what was fixed first is measured afterwards' using errcode = 'BW378';
  end if;
  return new;
end $function$;
create trigger capa_measurement_wall before insert on capa_measurement for each row execute function capa_measurement_wall();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on capa_measurement for each statement
  execute function api_stays_out();
create trigger append_only before delete or update on capa_measurement for each row execute function append_only();
create trigger append_only_truncate before truncate on capa_measurement for each statement execute function append_only();
create trigger audit_delete after delete on capa_measurement referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on capa_measurement referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on capa_measurement referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on capa_measurement for each row execute function identity_is_fixed();

-- capa_plan ---------------------------------------------------------

alter table capa_plan
  add constraint ck_capa_plan_characteristic check ((measure = 'mean'::text) = (characteristic is not null)),
  add constraint ck_capa_plan_direction check (direction = any (array['at_most'::text, 'at_least'::text])),
  add constraint ck_capa_plan_fixed check ((fixed_at is null) = (fixed_by_id is null)),
  add constraint ck_capa_plan_least check ("least" > 0),
  add constraint ck_capa_plan_measure check (measure = any (array['findings'::text, 'failed_share'::text, 'mean'::text])),
  add constraint ck_capa_plan_round check (round > 0),
  add constraint ck_capa_plan_verified check (verified_at >= fixed_at);

-- What is good enough is fixed by the signature of somebody who didn't write it, before there is anything to see, and never changes
-- afterwards (ISO 13485 8.5.2 f); STANDARDS P 50).
-- Refuses with BW375, BW376, BW377
create or replace function capa_plan_wall() returns trigger language plpgsql as $function$
begin
  if tg_op = 'INSERT' then
    if new.fixed_at is not null or new.verified_at is not null then
      raise exception 'a plan isn''t fixed before it is written down' using errcode = 'BW375';
    end if;
    if exists (select from capa_plan p where p.capa_id = new.capa_id and p.fixed_at is null) then
      raise exception 'a plan that isn''t fixed is written again, and no other begun beside it' using errcode = 'BW375';
    end if;
    return new;
  end if;
  if (new.capa_id, new.round) is distinct from (old.capa_id, old.round)
     or (old.fixed_at is not null and (to_jsonb(new) - 'verified_at') is distinct from (to_jsonb(old) - 'verified_at'))
     or (old.verified_at is not null and new.verified_at is distinct from old.verified_at) then
    raise exception 'a criterion that is fixed doesn''t change' using errcode = 'BW376';
  end if;
  if old.fixed_at is null and new.fixed_at is not null and not exists (
      select from signature s join process_run r on r.id = s.run_id join capa c on c.subject_id = r.subject_id
       where c.id = new.capa_id and s.person_id = new.fixed_by_id and s.person_id <> new.planned_by_id and s.signed_at = now()) then
    raise exception 'a plan is fixed by the signature of somebody who didn''t write it' using errcode = 'BW377';
  end if;
  return new;
end $function$;
create trigger capa_plan_wall before insert or update on capa_plan for each row execute function capa_plan_wall();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on capa_plan for each statement execute function api_stays_out();
create trigger audit_delete after delete on capa_plan referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on capa_plan referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on capa_plan referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on capa_plan for each row execute function identity_is_fixed();
create trigger planned_by_its_actor before insert on capa_plan for each row execute function by_its_actor('planned_by_id');
create trigger told_by_its_actor before update on capa_plan for each row
  when (new.planned_by_id is distinct from old.planned_by_id) execute function by_its_actor('planned_by_id');

-- capa_scope --------------------------------------------------------

alter table capa_scope
  add constraint ck_capa_scope_direction check (direction = any (array['forward'::text, 'backward'::text, 'both'::text])),
  add constraint ck_capa_scope_ended check (num_nonnulls(ended_by_id, ended_at, nullif(btrim(end_reason), ''::text)) = any (array[0, 3])),
  add constraint ck_capa_scope_reason check (btrim(reason) <> ''::text);

-- What a CAPA is about is added and ended by people while it is open, each with a reason, and is never rewritten (REQUIREMENTS 41).
-- Refuses with BW397, BW398
create or replace function capa_scope_wall() returns trigger language plpgsql as $function$
begin
  if not exists (select from capa c where c.id = new.capa_id and c.status = 'open') then
    raise exception 'what an ended CAPA was about stays as it was' using errcode = 'BW397';
  end if;
  if tg_op = 'INSERT' then
    if new.ended_at is not null then
      raise exception 'a part of a scope isn''t ended before it is there' using errcode = 'BW398';
    end if;
    return new;
  end if;
  if (old.ended_at is not null and new is distinct from old)
     or (to_jsonb(new) - array['ended_by_id', 'ended_at', 'end_reason']) is distinct from
        (to_jsonb(old) - array['ended_by_id', 'ended_at', 'end_reason']) then
    raise exception 'a part of a scope is ended once, and otherwise stays as it was' using errcode = 'BW398';
  end if;
  return new;
end $function$;
create trigger capa_scope_wall before insert or update on capa_scope for each row execute function capa_scope_wall();

-- Walls that tables share.
create trigger added_by_its_actor before insert on capa_scope for each row execute function by_its_actor('added_by_id');
create trigger api_stays_out before insert or delete or update on capa_scope for each statement execute function api_stays_out();
create trigger audit_delete after delete on capa_scope referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on capa_scope referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on capa_scope referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger ended_by_its_actor before update on capa_scope for each row
  when (new.ended_by_id is distinct from old.ended_by_id) execute function by_its_actor('ended_by_id');
create trigger fixed_key before update on capa_scope for each row execute function identity_is_fixed();
