-- Lots that are reshaped: what leaves one lot arrives in another, and a released lot's children are released because it is
-- (REQUIREMENTS 6, 7, 56; ISO 13485 7.5.9, 8.3.1).  Exactly that, and nothing more.

create function holds_follow(parent bigint, child bigint) returns boolean language sql stable as $$
  -- every open hold of the parent is one of the child
  select not exists (
    select from hold h where h.lot_id = parent and h.lifted_at is null and not exists (
      select from hold k where k.lot_id = child and k.lifted_at is null
         and (k.cause, k.reason) = (h.cause, h.reason) and k.recall_id is not distinct from h.recall_id))
$$;

create function edge_conserves(e genealogy_edge) returns boolean language sql stable as $$
  -- what the link says left the parent and arrived in the child: in the item's own unit the same quantity, exactly
  select coalesce((
    select e.quantity > 0 and e.child_quantity > 0 and (e.uom, e.child_uom) = (p.uom, c.uom)
       and (p.item_id, p.kind) = (c.item_id, c.kind) and p.pack_size * e.quantity = c.pack_size * e.child_quantity
       and (e.kind = 'repack' or (p.uom, p.pack_size) = (c.uom, c.pack_size))
       and e.quantity = (select sum(m.quantity) from stock_movement m
                          where m.edge_id = e.id and m.kind = 'reshape-out' and m.lot_id = p.id)
       and e.child_quantity = (select sum(m.quantity) from stock_movement m
                                where m.edge_id = e.id and m.kind = 'reshape-in' and m.lot_id = c.id)
      from lot p, lot c where p.id = e.parent_lot_id and c.id = e.child_lot_id), false)
$$;

create function lot_end(l lot) returns date language sql stable as $$
  select case l.expiry_precision
    when 'month' then (date_trunc('month', l.expires_on) + interval '1 month - 1 day')::date else l.expires_on end
$$;

create function lot_inherits(child lot) returns boolean language plpgsql as $$
declare
  parents bigint[];
begin
  -- at birth only: later, what the parents have become says nothing about the child
  if child.origin <> 'native' or child.created_at <> now() then
    return false;
  end if;
  select array_agg(e.parent_lot_id) into parents
    from genealogy_edge e where e.child_lot_id = child.id and e.superseded_at is null;
  if parents is null
     or exists (select from genealogy_edge e where e.child_lot_id = child.id and e.superseded_at is not null) then
    return false;
  end if;
  perform from lot p where p.id = any(parents) order by p.id for share;
  return child.quantity = (select sum(e.child_quantity) from genealogy_edge e
                            where e.child_lot_id = child.id and e.superseded_at is null)
    -- nothing is in it, or left it, but through those links
    and not exists (select from stock_movement m where m.lot_id = child.id and m.edge_id is null)
    and not exists (
      select from genealogy_edge e join lot p on p.id = e.parent_lot_id
       where e.child_lot_id = child.id and e.superseded_at is null and not coalesce((
             e.kind in ('split', 'merge', 'repack') and e.source = 'batchwright' and e.at = now()
         and e.supersedes_id is null
         and edge_conserves(e) and holds_follow(p.id, child.id)
         and (p.expires_on is null or lot_end(child) <= lot_end(p))
         and p.status = child.status), false));
end $$;

create or replace function lot_wall() returns trigger language plpgsql as $$
declare
  signers bigint[];
  steps int;
begin
  if tg_op = 'INSERT' then
    if new.status in ('released', 'inspected', 'packed', 'rejected', 'closed')
       and (new.origin <> 'migrated' or new.import_row_id is null) then
      raise exception 'lot % can''t begin as %', new.lot_no, new.status
        using errcode = 'BW010', hint = 'only a migrated lot with its source row begins after its inspection';
    end if;
    if new.created_at > now() then  -- whose birth lies ahead could inherit then
      raise exception 'lot % can''t begin in the future', new.lot_no using errcode = 'BW010';
    end if;
    return new;
  end if;

  if (new.lot_no, new.item_id, new.kind, new.origin, new.import_row_id, new.public_id, new.uom, new.pack_size,
      new.created_at) is distinct from (old.lot_no, old.item_id, old.kind, old.origin, old.import_row_id, old.public_id,
      old.uom, old.pack_size, old.created_at) then
    raise exception 'the identity of lot % can''t change', old.lot_no using errcode = 'BW011';
  end if;
  if new.status = old.status then
    return new;
  end if;
  if old.status in ('received', 'finished') and lot_inherits(new) then
    return new;
  end if;
  if not (old.status, new.status) in (
      ('received', 'released'), ('received', 'rejected'),
      ('in_process', 'finished'), ('in_process', 'rejected'),
      ('finished', 'inspected'), ('finished', 'rejected'), ('finished', 'in_process'),
      ('inspected', 'packed'), ('inspected', 'released'), ('inspected', 'rejected'), ('inspected', 'in_process'),
      ('packed', 'released'), ('packed', 'rejected'), ('packed', 'in_process'),
      ('released', 'rejected'), ('released', 'closed'), ('rejected', 'in_process'), ('rejected', 'closed')) then
    raise exception 'lot % can''t go from % to %', old.lot_no, old.status, new.status using errcode = 'BW012';
  end if;

  if new.status = 'released' then
    if exists (select from hold h where h.lot_id = new.id and h.lifted_at is null) then
      raise exception 'lot % is held', new.lot_no using errcode = 'BW013';
    end if;
    if new.kind in ('raw', 'component') then
      if not exists (select from signature s join human_task t on t.id = s.task_id
                     where s.lot_id = new.id and s.subject = 'inspection' and s.outcome = 'accepted') then
        raise exception 'lot % has no signed, accepted incoming inspection', new.lot_no using errcode = 'BW014';
      end if;
    else
      -- two different people at two different steps over the same record in one run
      select array_agg(distinct s.person_id), count(distinct t.stage) into signers, steps
        from signature s join human_task t on t.id = s.task_id
       where s.lot_id = new.id and s.subject = 'release' and s.outcome = 'release'
         and s.run_id = (select s2.run_id from signature s2 where s2.lot_id = new.id and s2.subject = 'release'
                         order by s2.id desc limit 1)
         and s.digest = (select s3.digest from signature s3 where s3.lot_id = new.id and s3.subject = 'release'
                         order by s3.id desc limit 1);
      if coalesce(cardinality(signers), 0) < 2 or steps < 2 then
        raise exception 'lot % lacks the release signatures of two different people', new.lot_no
          using errcode = 'BW015';
      end if;
    end if;
  end if;
  return new;
end $$;

create or replace function movement_wall() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
  l lot;
  zone text;
begin
  -- shared with other movements, exclusive with a hold being placed: nothing leaves after a hold
  select * into l from lot where id = new.lot_id for share;
  if new.kind in ('ship', 'consume') then
    if l.status <> 'released' then
      raise exception 'lot % is not released (%)', l.lot_no, l.status using errcode = 'BW030';
    end if;
    if exists (select from hold h where h.lot_id = l.id and h.lifted_at is null) then
      raise exception 'lot % is held', l.lot_no using errcode = 'BW031';
    end if;
    select coalesce((select s.zone from site s order by s.id limit 1), 'Asia/Shanghai') into zone;
    if lot_expired(l, zone) then
      raise exception 'lot % has expired', l.lot_no using errcode = 'BW032';
    end if;
  end if;
  if (new.kind in ('receive', 'produce', 'return', 'reshape-in')) <> (new.from_location_id is null)
     and new.kind <> 'adjust' then
    raise exception 'movement % goes the wrong way', new.kind using errcode = 'BW034';
  end if;
  if new.kind in ('consume', 'ship', 'scrap', 'sample', 'reshape-out') and new.to_location_id is not null then
    raise exception 'movement % leaves no stock behind', new.kind using errcode = 'BW034';
  end if;
  if new.from_location_id is not null then
    update stock set quantity = quantity - new.quantity
     where lot_id = new.lot_id and location_id = new.from_location_id and quantity >= new.quantity;
    if not found then
      raise exception 'there is not so much of lot % there', l.lot_no using errcode = 'BW033';
    end if;
  end if;
  if new.to_location_id is not null then
    insert into stock (lot_id, location_id, quantity) values (new.lot_id, new.to_location_id, new.quantity)
    on conflict (lot_id, location_id) do update set quantity = stock.quantity + excluded.quantity;
  end if;
  return new;
end $$;

-- Movements and links of reshaped lots ------------------------------------------------------------------------------

create function reshape_movement_wall() returns trigger language plpgsql as $$
declare
  e genealogy_edge;
begin
  select * into e from genealogy_edge where id = new.edge_id;
  if e.id is null or e.kind not in ('split', 'merge', 'repack') or e.at <> now()
     or new.kind not in ('reshape-out', 'reshape-in')
     or new.lot_id <> (case new.kind when 'reshape-out' then e.parent_lot_id else e.child_lot_id end) then
    raise exception 'what goes from lot to lot goes along a link of this act' using errcode = 'BW050';
  end if;
  if new.kind = 'reshape-in' and not exists (
      select from lot c where c.id = new.lot_id and c.created_at = now() and c.origin = 'native') then
    raise exception 'a lot takes from other lots only when it begins' using errcode = 'BW051';
  end if;
  return new;
end $$;

create trigger reshape_movement_wall before insert on stock_movement for each row
  when (new.kind in ('reshape-out', 'reshape-in') or new.edge_id is not null)
  execute function reshape_movement_wall();

create function reshape_conserves() returns trigger language plpgsql as $$
declare
  e genealogy_edge;
begin
  if tg_table_name = 'genealogy_edge' then
    e := new;
  else
    select * into e from genealogy_edge where id = new.edge_id;
  end if;
  if not edge_conserves(e) then
    raise exception 'what left one lot is not what arrived in the other' using errcode = 'BW052';
  end if;
  if not holds_follow(e.parent_lot_id, e.child_lot_id) then
    raise exception 'a hold doesn''t end where its lot is reshaped' using errcode = 'BW053';
  end if;
  return null;
end $$;

-- at the end of the transaction, when link and movements are both written
create constraint trigger reshape_conserves after insert on genealogy_edge deferrable initially deferred for each row
  when (new.kind in ('split', 'merge', 'repack') and new.source = 'batchwright') execute function reshape_conserves();
create constraint trigger reshape_conserves after insert on stock_movement deferrable initially deferred for each row
  when (new.edge_id is not null) execute function reshape_conserves();

create function reshape_stays() returns trigger language plpgsql as $$
begin
  if exists (select from genealogy_edge e where e.id = new.supersedes_id and e.source = 'batchwright'
                and e.kind in ('split', 'merge', 'repack')) then
    raise exception 'what was reshaped stays linked: its goods did go there' using errcode = 'BW054';
  end if;
  return new;
end $$;

create trigger reshape_stays before insert on genealogy_edge for each row
  when (new.supersedes_id is not null) execute function reshape_stays();
