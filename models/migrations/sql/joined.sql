-- What turns out to belong to a recall is held by it (21 CFR 7.46; ISO 13485 8.3.1, 8.3.3): a batch that is said to be made of
-- recalled goods, and more of a recalled supplier's lot.

create function link_held_wall() returns trigger language plpgsql as $$
declare
  free text;
begin
  -- parts and packs carry every hold of theirs already (reshape.sql); an import holds what it brings when all of it is there
  select c.lot_no into free
    from new_rows n join hold h on h.lot_id = n.parent_lot_id and h.lifted_at is null and h.recall_id is not null
    join lot c on c.id = n.child_lot_id
   where n.source = 'batchwright' and n.kind not in ('split', 'merge', 'repack') and not exists (
     select from hold k where k.lot_id = n.child_lot_id and k.recall_id = h.recall_id and k.lifted_at is null) limit 1;
  if free is not null then
    raise exception 'lot % is made of recalled goods, and its recall does not hold it', free using errcode = 'BW311';
  end if;
  return null;
end $$;

create trigger link_held_wall after insert on genealogy_edge referencing new table as new_rows
  for each statement execute function link_held_wall();

create function arrival_held_wall() returns trigger language plpgsql as $$
begin
  if exists (
      select from lot t join hold h on h.lot_id = t.id and h.lifted_at is null and h.recall_id is not null
       where t.supplier_lot_key = new.supplier_lot_key and t.id <> new.id
         and t.supplier_id is not distinct from new.supplier_id
         and identity_key(t.supplier_lot_no) = identity_key(new.supplier_lot_no)
         and not exists (
           select from hold k where k.lot_id = new.id and k.recall_id = h.recall_id)) then
    raise exception 'lot % is more of a recalled supplier''s lot, and its recall does not hold it', new.lot_no
      using errcode = 'BW312';
  end if;
  return null;
end $$;

-- at the end of the act, which books the lot before anybody can hold it
create constraint trigger arrival_held_wall after insert on lot deferrable initially deferred for each row
  when (new.origin = 'native' and new.supplier_lot_no is not null)
  execute function arrival_held_wall();

-- A recall is closed when somebody has decided about every batch in house, about what came back, and about what joined since.
create or replace function recall_close_wall() returns trigger language plpgsql as $$
declare
  open_lot text;
begin
  if new.status = 'closed' and old.status <> 'closed' then
    select l.lot_no into open_lot
      from recall_scope s join recall_lot r on r.scope_id = s.id join lot l on l.id = r.lot_id
     where s.id = (select v.id from recall_scope v where v.recall_id = new.id order by v.version desc limit 1)
       and l.status not in ('rejected', 'closed')
       and not exists (select from recall_lot_decision d where d.recall_id = new.id and d.lot_id = l.id)
       -- what came back has decisions of its own
       and (select coalesce(sum(k.quantity), 0) from stock k where k.lot_id = l.id)
           > (select coalesce(sum(b.quantity), 0) - coalesce(sum(x.scrapped), 0)
                from recall_return b
                left join lateral (select sum(d.quantity) as scrapped from recall_disposition d
                                    where d.return_id = b.id and d.moved) x on true
               where b.recall_id = new.id and b.lot_id = l.id and b.moved)
     limit 1;
    if open_lot is not null then
      raise exception 'nobody has decided about batch %, which is in house', open_lot using errcode = 'BW093';
    end if;
    select l.lot_no into open_lot
      from recall_return b join lot l on l.id = b.lot_id
     where b.recall_id = new.id
       and b.quantity > (select coalesce(sum(d.quantity), 0) from recall_disposition d where d.return_id = b.id) limit 1;
    if open_lot is not null then
      raise exception 'nobody has decided about what came back of batch %', open_lot using errcode = 'BW314';
    end if;
    select l.lot_no into open_lot
      from hold h join lot l on l.id = h.lot_id
     where h.recall_id = new.id and h.lifted_at is null
       and h.placed_at > (select max(v.computed_at) from recall_scope v where v.recall_id = new.id)
       and not exists (
         select from recall_lot m join recall_scope v on v.id = m.scope_id
          where v.recall_id = new.id and m.lot_id = h.lot_id
            and v.version = (select max(w.version) from recall_scope w where w.recall_id = new.id))
     limit 1;
    if open_lot is not null then
      raise exception 'batch % joined the recall, and no signed scope names it', open_lot using errcode = 'BW313';
    end if;
  end if;
  return new;
end $$;
