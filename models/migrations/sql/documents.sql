-- Goods, documents and links say the same (DESIGN 2.4; ISO 13485 7.5.8, 7.5.9; REQUIREMENTS 12, 21, 25): what moves is booked
-- by a document, what a document says has moved, and a link is what an operation used.  Looked at when an act ends, because
-- it writes one after the other.  What another system tells of is kept as it tells it; only its import can write it.

create function recorded_now() returns trigger language plpgsql as $$
begin
  new.recorded_at := now();  -- nobody says that it was known before
  return new;
end $$;

create trigger a_recorded_now before insert on stock_movement for each row execute function recorded_now();
create trigger a_recorded_now before insert on genealogy_edge for each row execute function recorded_now();
create trigger a_recorded_now before insert on shipment_line for each row execute function recorded_now();

-- Lines of shipments --------------------------------------------------------------------------------------------------

create function line_is_moved(line bigint) returns boolean language sql stable as $$
  select h.origin = 'migrated'
      or case when h.status in ('shipped', 'arrived') then s.quantity else 0 end
         = coalesce((select sum(m.quantity) from stock_movement m where m.shipment_line_id = s.id and m.kind = 'ship'), 0)
    from shipment_line s join shipment h on h.id = s.shipment_id where s.id = line
$$;

create function told_by_movements() returns trigger language plpgsql as $$
declare
  l text;
begin
  if tg_table_name = 'shipment' then
    select (select lot_no from lot where id = s.lot_id) into l from shipment_line s
     where s.shipment_id = new.id and not line_is_moved(s.id) limit 1;
  elsif not line_is_moved(new.id) then
    select lot_no into l from lot where id = new.lot_id;
  end if;
  if l is not null then
    raise exception 'the shipment says something else of lot % than what left', l using errcode = 'BW175';
  end if;
  return null;
end $$;

create constraint trigger told_by_movements after insert on shipment_line deferrable initially deferred for each row
  execute function told_by_movements();
create constraint trigger told_by_movements after update on shipment deferrable initially deferred for each row
  when (new.status <> old.status and new.status = 'shipped') execute function told_by_movements();

-- What an act says has come back of a line is what it books in; what came before is in the trail.
create function returned_is_booked(line bigint) returns boolean language sql stable as $$
  select s.returned - coalesce((
           select (a.before ->> 'returned')::numeric from audit_event a
            where a.table_name = 'shipment_line' and a.row_id = s.id and a.operation = 'update'
              and a.transaction = txid_current() order by a.id limit 1), s.returned)
         = coalesce((select sum(m.quantity) from stock_movement m
                      where m.shipment_line_id = s.id and m.kind = 'return' and m.recorded_at = now()), 0)
    from shipment_line s where s.id = line
$$;

create function returns_are_booked() returns trigger language plpgsql as $$
begin
  if not returned_is_booked(new.id) then
    raise exception 'what came back of lot % is not what was booked in', (select lot_no from lot where id = new.lot_id)
      using errcode = 'BW175';
  end if;
  return null;
end $$;

create constraint trigger told_by_returns after update on shipment_line deferrable initially deferred for each row
  when (new.returned <> old.returned) execute function returns_are_booked();

-- To whom a shipment went, under which number and when it left is said once; it goes forward only.
create function shipment_wall() returns trigger language plpgsql as $$
begin
  if (new.shipment_no, new.public_id, new.customer_id) is distinct from (old.shipment_no, old.public_id, old.customer_id)
     or (old.shipped_at is not null and new.shipped_at is distinct from old.shipped_at)
     or (old.arrived_at is not null and new.arrived_at is distinct from old.arrived_at)
     or (new.status <> old.status and (old.status, new.status) not in (
           ('planned', 'shipped'), ('planned', 'cancelled'), ('shipped', 'arrived'))) then
    raise exception 'shipment % stays what left, to whom and when', old.shipment_no using errcode = 'BW176';
  end if;
  return new;
end $$;

create trigger shipment_wall before update on shipment for each row execute function shipment_wall();

-- Movements -----------------------------------------------------------------------------------------------------------

create function movement_is_proven(m stock_movement) returns boolean language sql stable as $$
  select case m.kind
    -- a lot comes once, with itself
    when 'receive' then exists (select from lot l where l.id = m.lot_id and l.created_at = now())
      and (select sum(o.quantity) from stock_movement o where o.lot_id = m.lot_id and o.kind = 'receive')
          = (select l.quantity from lot l where l.id = m.lot_id)
    -- never more than the operation says that it made
    when 'produce' then exists (
      select from operation_run r where r.id = m.operation_run_id and r.lot_id = m.lot_id
         and r.produced >= (select sum(o.quantity) from stock_movement o
                             where o.operation_run_id = r.id and o.lot_id = r.lot_id and o.kind = 'produce'))
    when 'consume' then m.operation_run_id is not null and consumption_is_linked(m.operation_run_id, m.lot_id)
    when 'ship' then exists (select from shipment_line s where s.id = m.shipment_line_id and s.lot_id = m.lot_id)
      and line_is_moved(m.shipment_line_id)
    when 'return' then exists (select from shipment_line s where s.id = m.shipment_line_id and s.lot_id = m.lot_id)
      and returned_is_booked(m.shipment_line_id)
    when 'scrap' then coalesce(btrim(m.reason), '') <> ''
    when 'sample' then coalesce(btrim(m.reason), '') <> ''
    else true end
$$;

create function told_by_document() returns trigger language plpgsql as $$
begin
  if not imported_now() and not coalesce(movement_is_proven(new), false) then
    raise exception 'no document books this movement of lot % (%)', (select lot_no from lot where id = new.lot_id), new.kind
      using errcode = 'BW175';
  end if;
  return null;
end $$;

create constraint trigger told_by_document after insert on stock_movement deferrable initially deferred for each row
  when (new.kind not in ('move', 'adjust', 'reshape-in', 'reshape-out')) execute function told_by_document();

-- Links ---------------------------------------------------------------------------------------------------------------

create function link_is_proven(e genealogy_edge) returns boolean language sql stable as $$
  select case
    when e.kind in ('split', 'merge', 'repack') then true  -- `reshape_conserves` asks for their movements
    when e.kind <> 'consume' then false  -- no act of ours makes any other link
    when e.operation_run_id is not null then
      exists (select from operation_run r where r.id = e.operation_run_id and r.lot_id = e.child_lot_id)
      and consumption_is_linked(e.operation_run_id, e.parent_lot_id)
    -- what takes the place of a link that was imported
    else exists (select from genealogy_edge w where w.child_lot_id = e.child_lot_id and w.kind = e.kind
                    and w.operation_run_id is null and w.superseded_at = now())
    end
$$;

create function told_by_use() returns trigger language plpgsql as $$
begin
  if link_is_proven(new) is not true then
    raise exception 'no operation used lot % for lot % so', (select lot_no from lot where id = new.parent_lot_id),
      (select lot_no from lot where id = new.child_lot_id) using errcode = 'BW181';
  end if;
  perform pg_advisory_xact_lock(hashtext('genealogy.loop'));  -- two links at once could close a loop together
  if new.parent_lot_id = any(lots_below(array[new.child_lot_id])) then
    raise exception 'lot % would be made of itself', (select lot_no from lot where id = new.parent_lot_id)
      using errcode = 'BW181';
  end if;
  return null;
end $$;

create constraint trigger told_by_use after insert on genealogy_edge deferrable initially deferred for each row
  when (new.source = 'batchwright') execute function told_by_use();
