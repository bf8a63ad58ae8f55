-- A nonconformance has a severity, says by what it was found, and may be found before there is a batch: then it names the item, the
-- supplier or the place.  What is set apart has a quantity and a place (ISO 13485 8.3.1; STANDARDS N 42).
alter table nonconformance
  alter column lot_id drop not null,
  add column severity text not null default 'major',
  add column source text not null default 'hand',
  add column item_id bigint constraint fk_nonconformance_item_id references item (id),
  add column supplier_id bigint constraint fk_nonconformance_supplier_id references supplier (id),
  add column supplier_lot_no text,
  add column location_id bigint constraint fk_nonconformance_location_id references location (id),
  add column quantity numeric(20, 6),
  add column uom text,
  add column files text[] not null default '{}';

-- what was found before says by what, as far as its row knows, decided or not; the trail tells who says so
select set_config('bw.actor_id', 'service:update', true), set_config('bw.actor_name', 'Batchwright', true),
       set_config('bw.source', 'migration', true), set_config('bw.reason', 'how grave it is, and by what it was found', true);
alter table nonconformance disable trigger nonconformance_wall;
update nonconformance n set
  source = case when n.inspection_id is not null then 'inspection' when n.operation_run_id is not null then 'operation'
                when n.kind = 'deviation' then 'record' else 'hand' end,
  severity = case when n.kind = 'deviation' then 'minor' else 'major' end;
alter table nonconformance enable trigger nonconformance_wall;

alter table nonconformance
  add constraint ck_nonconformance_severity check (severity in ('minor', 'major', 'critical')),
  add constraint ck_nonconformance_source check (source in ('inspection', 'operation', 'record', 'load', 'equipment', 'count', 'return', 'hand')),
  add constraint ck_nonconformance_about_something check (num_nonnulls(lot_id, item_id, supplier_id, location_id) > 0),
  add constraint ck_nonconformance_set_apart check ((quantity is null) = (uom is null) and quantity > 0);
create index ix_nonconformance_item_id on nonconformance (item_id);
create index ix_nonconformance_supplier_id on nonconformance (supplier_id);
create index ix_nonconformance_location_id on nonconformance (location_id);

-- A nonconformance or deviation is closed only by its own signed decision, and keeps its batch from release until then
-- (ISO 13485 8.3.1, 8.3.2; DESIGN 2.4).  A critical one is accepted by two people.
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

create trigger supplier_lot_no_is_no_label before insert or update of supplier_lot_no on nonconformance for each row
  when (may_be_label(new.supplier_lot_no)) execute function number_is_no_label('supplier_lot_no', 'BW138');

-- Each nonconformance has a subject of its own, made in the statement that makes the row, whatever door it comes through (DESIGN 6a).
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

-- Whoever takes part may say what they found (ISO 13485 8.3.1); a plant's own roles are given it by whoever gives them the rest.
select set_config('bw.reason', 'who takes part may raise a nonconformance', true);
update role r set permissions = array(select distinct p from unnest(r.permissions || 'nonconformance.raise'::text) p order by p)
 where r.shipped and 'attachment.add' = any (r.permissions);
