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

-- A signed scope lets go of what was held when it was computed and isn't in it, and of nothing that joined since.
create or replace function hold_owner_wall() returns trigger language plpgsql as $$
declare
  wrong bigint;
begin
  -- once for the whole statement: a recall lets go of 90,000 lots in one
  with lifted as (
    select n.* from new_rows n join old_rows o using (id) where o.lifted_at is null and n.lifted_at is not null
  ), withdrawn as (
    -- withdrawn by two people who signed on the same scope; one that never held for good may be withdrawn by one
    select r.id from recall r where r.id in (select recall_id from lifted) and r.status = 'withdrawn'
       and (select count(distinct s.person_id) from signature s join process_run p on p.id = s.run_id
             where p.recall_id = r.id and s.subject = 'recall'
               and s.digest = (select c.digest from recall_scope c where c.recall_id = r.id order by c.version desc limit 1)
           ) >= 2
  )
  select l.id into wrong from lifted l where not (
    case
      when l.recall_id is null and l.cause <> 'release' then exists (
        select from signature s where s.id = l.lift_signature_id and s.act = 'lift_hold'
           and s.about = l.public_id::text and s.person_id = l.lifted_by_id and s.outcome = 'lift')
      when l.cause = 'release' then exists (
          select from process_run p where p.id = l.lift_run_id and p.lot_id = l.lot_id and p.id > coalesce(l.run_id, 0))
        and (select count(distinct s.person_id) from signature s where s.run_id = l.lift_run_id and s.subject = 'release') >= 2
      when l.recall_id in (select id from withdrawn) then true
      -- the signed scope leaves out what the precaution held
      when l.cause = 'containment' and l.confirmed_at is null and l.lift_signature_id is null then exists (
          select from recall_scope c where c.recall_id = l.recall_id and c.signed_at is not null
             and c.version = (select max(version) from recall_scope where recall_id = l.recall_id)
             -- what joined later is told of by a later scope
             and l.placed_at <= c.computed_at
             and not exists (select from recall_lot m where m.scope_id = c.id and m.lot_id = l.lot_id))
      when l.cause = 'recall' or l.confirmed_at is not null then exists (
        -- two people on one record, the second of them now
        select from signature s join signature f on f.act = s.act and f.about = s.about and f.digest = s.digest
         where s.id = l.lift_signature_id and s.act = 'lift_hold' and s.about = l.public_id::text
           and s.person_id = l.lifted_by_id and s.outcome = 'lift'
           and f.outcome = 'propose_lift' and f.person_id <> s.person_id)
      else false
    end) limit 1;
  if wrong is not null then
    raise exception 'this hold is lifted only by the decision of whoever placed it' using errcode = 'BW037';
  end if;
  return null;
end $$;

-- A legal clock is met by what its rule names, and by nothing else: a report that was filed there and then, the notices, the end.
create function deadline_met() returns trigger language plpgsql as $$
begin
  if not (case
    when new.stop = 'customers_notified' then not exists (
      select from recall_notice n join notice_delivery d on d.notice_id = n.id
       where n.recall_id = new.recall_id and d.kind = 'first' and d.status not in ('sent', 'printed', 'needless'))
      and exists (select from human_task t where t.recall_id = new.recall_id and t.stage = 'notify' and t.status = 'done')
    when new.stop = 'recall_completed' then exists (
      select from recall c where c.id = new.recall_id and c.status = 'closed' and c.closed_at = new.met_at)
    else exists (
      select from recall_report p where p.recall_id = new.recall_id and p.jurisdiction = new.jurisdiction
         and p.filed_at = new.met_at) end) then
    raise exception 'a moment of a legal clock is written down when it comes' using errcode = 'BW297';
  end if;
  return null;
end $$;

create constraint trigger deadline_met after update on recall_deadline deferrable initially deferred for each row
  when (old.met_at is null and new.met_at is not null) execute function deadline_met();

-- When everything was held is said by the step that holds it.
create function recall_held_now() returns trigger language plpgsql as $$
begin
  if not exists (select from human_task t where t.recall_id = new.id and t.stage = 'hold_all' and t.status = 'done' and t.done_at = now()) then
    raise exception 'recall % says of itself what was done in this act', new.recall_no using errcode = 'BW300';
  end if;
  return null;
end $$;

create constraint trigger recall_held_now after update on recall deferrable initially deferred for each row
  when (new.held_at is distinct from old.held_at) execute function recall_held_now();
