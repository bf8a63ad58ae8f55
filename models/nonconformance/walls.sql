-- The walls of nonconformance: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- nonconformance ----------------------------------------------------

alter table nonconformance
  add constraint ck_nonconformance_about_something check (num_nonnulls(lot_id, item_id, supplier_id, location_id) > 0),
  add constraint ck_nonconformance_cost check (cost >= 0::numeric),
  add constraint ck_nonconformance_kind check (kind = any (array['nonconformance'::text, 'deviation'::text])),
  add constraint ck_nonconformance_set_apart check ((quantity is null) = (uom is null) and quantity > 0::numeric),
  add constraint ck_nonconformance_severity check (severity = any (array['minor'::text, 'major'::text, 'critical'::text])),
  add constraint ck_nonconformance_source check (source = any (array['inspection'::text, 'operation'::text, 'record'::text, 'load'::text, 'equipment'::text, 'count'::text, 'return'::text, 'hand'::text])),
  add constraint ck_nonconformance_status check (status = any (array['open'::text, 'closed'::text]));

-- A nonconformance or deviation is closed only by its own signed decision, and keeps its batch from release until then
-- (ISO 13485 8.3.1, 8.3.2; DESIGN 2.4).
-- Refuses with BW104, BW105, BW106, BW370
create or replace function nonconformance_wall() returns trigger language plpgsql as $function$
begin
  if tg_op = 'INSERT' then
    if new.status <> 'open' then
      raise exception 'nonconformance % can''t begin closed', new.nonconformance_no using errcode = 'BW104';
    end if;
    return new;
  end if;
  if old.status = 'closed' then
    raise exception 'the decision on nonconformance % never changes', old.nonconformance_no using errcode = 'BW105';
  end if;
  if (new.nonconformance_no, new.public_id, new.lot_id, new.kind, new.code, new.about, new.title, new.title_en, new.value,
      new.limit_text, new.said, new.happened_at, new.opened_at, new.opened_by_id, new.inspection_id, new.operation_run_id, new.severity,
      new.source, new.item_id, new.supplier_id, new.supplier_lot_no, new.location_id, new.quantity, new.uom, new.files)
     is distinct from
     (old.nonconformance_no, old.public_id, old.lot_id, old.kind, old.code, old.about, old.title, old.title_en, old.value,
      old.limit_text, old.said, old.happened_at, old.opened_at, old.opened_by_id, old.inspection_id, old.operation_run_id, old.severity,
      old.source, old.item_id, old.supplier_id, old.supplier_lot_no, old.location_id, old.quantity, old.uom, old.files)
     or (old.run_id is not null and new.run_id is distinct from old.run_id) then
    raise exception 'what opened nonconformance % can''t change', old.nonconformance_no using errcode = 'BW105';
  end if;
  if new.status = 'closed' and not (
      coalesce(btrim(new.cause), '') <> '' and coalesce(btrim(new.decision_reason), '') <> ''
      and new.owner_id is not null and new.closed_at is not null
      and exists (select from signature s join process_run r on r.id = s.run_id
                   where s.run_id = new.run_id and (s.lot_id = new.lot_id or r.subject_id = new.subject_id)
                     and s.person_id = new.decided_by_id and s.outcome = new.disposition)) then
    raise exception 'nonconformance % is closed only by a signed decision with cause and owner', new.nonconformance_no
      using errcode = 'BW106';
  end if;
  if new.status = 'closed' and new.severity = 'critical' and new.disposition = 'accept'
     and not exists (
       select from signature s
        where s.run_id = new.run_id and s.person_id <> new.decided_by_id and s.outcome = 'accept'
          and s.id > (select max(d.id) from signature d
                       where d.run_id = new.run_id and d.person_id = new.decided_by_id and d.outcome = new.disposition)) then
    raise exception 'critical nonconformance % is accepted by two people', new.nonconformance_no using errcode = 'BW370';
  end if;
  return new;
end $function$;
create trigger nonconformance_wall before insert or update on nonconformance for each row execute function nonconformance_wall();

-- The subject of a nonconformance has its number, title and site: they follow the row (DESIGN 6a).
create or replace function subject_called_nonconformance()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  update subject s set number = new.nonconformance_no, title = new.title, title_en = new.title_en, site_id = coalesce(null::bigint, s.site_id)
   where s.id = new.subject_id;
  return null;
end $function$;
create trigger subject_called after update of nonconformance_no, title, title_en on nonconformance for each row
  execute function subject_called_nonconformance();

-- Each nonconformance has a subject of its own, made in the statement that makes the row, whatever door it comes through (DESIGN 6a).
-- Refuses with BW353
create or replace function subject_of_nonconformance()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  if exists (select from new_rows n where n.subject_id > (select last_value from subject_id_seq)) then
    raise exception 'the subject of a row is numbered with it' using errcode = 'BW353';
  end if;

  insert into subject (id, kind, number, title, title_en, titled_by_id, site_id, entity_id, owner_id, opened_at)
  with made as materialized (
    select n.subject_id as id, n.nonconformance_no as number, n.title as title, n.title_en as title_en, null::bigint as titled_by_id,
           coalesce(null::bigint, (select min(s.id) from site s)) as site_id, n.opened_at as opened_at,
           i.category as family, coalesce(l.supplier_id, n.supplier_id) as supplier_id
      from new_rows n left join lot l on l.id = n.lot_id left join item i on i.id = coalesce(l.item_id, n.item_id)),
  owned as materialized (
    select array[w.family, w.supplier_id::text, w.site_id::text] as for_whom,
           subject_owner('nonconformance', w.family, w.supplier_id, w.site_id, null) as owner_id,
           (select e.id from legal_entity e where e.site_id = w.site_id) as entity_id
      from (select distinct family, supplier_id, site_id from made) w)
  select m.id, 'nonconformance', m.number, m.title, m.title_en, m.titled_by_id, m.site_id, o.entity_id, o.owner_id, m.opened_at
    from made m join owned o on o.for_whom = array[m.family, m.supplier_id::text, m.site_id::text];
  return null;
end $function$;
create trigger subject_made after insert on nonconformance referencing new table as new_rows for each statement
  execute function subject_of_nonconformance();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on nonconformance for each statement
  execute function api_stays_out();
create trigger audit_delete after delete on nonconformance referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on nonconformance referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on nonconformance referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on nonconformance for each row execute function identity_is_fixed();
create trigger subject_fixed before update of subject_id on nonconformance for each row
  when (old.subject_id is distinct from new.subject_id) execute function subject_fixed();
create trigger supplier_lot_no_is_no_label before insert or update of supplier_lot_no on nonconformance for each row
  when (may_be_label(new.supplier_lot_no)) execute function number_is_no_label('supplier_lot_no', 'BW138');
create trigger told_by_its_actor before update on nonconformance for each row
  when (new.decided_by_id is distinct from old.decided_by_id) execute function by_its_actor('decided_by_id');
