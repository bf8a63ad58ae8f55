-- The last wall around serial numbers (DESIGN 2.4; ISO 13485 7.5.9.2; 21 CFR 821): one number is one whole piece, in one
-- place at a time.  It is in house, packed, built in, shipped, or gone by one movement; never two of these.

create function serial_is_here(u serial_unit) returns boolean language sql stable as $$
  select u.left_by_id is null and u.installed_in_id is null
     and not exists (select from shipment_line s join shipment h on h.id = s.shipment_id
                      where s.serial_unit_id = u.id and s.quantity > s.returned and h.status in ('shipped', 'arrived'))
     -- of an earlier system: told to be at a customer, without a shipment that says so
     and not (u.status = 'shipped' and not exists (select from shipment_line s where s.serial_unit_id = u.id))
$$;

create function serial_wall() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
  l lot;
begin
  select * into l from lot where id = new.lot_id;
  if new.item_id <> l.item_id then
    raise exception 'serial % is no unit of the item of lot %', new.serial_no, l.lot_no using errcode = 'BW131';
  end if;
  if tg_op = 'INSERT' then
    if new.left_by_id is not null then
      raise exception 'serial % begins in house', new.serial_no using errcode = 'BW130';
    end if;
    if l.origin = 'native' then
      perform from item where id = new.item_id for no key update;  -- two registrations of one number come one by one
      if exists (select from serial_unit u where u.item_id = new.item_id and u.serial_no = new.serial_no) then
        raise exception 'there is a serial % of that item already', new.serial_no using errcode = 'BW135';
      end if;
    end if;
    return new;
  end if;
  if (new.serial_no, new.item_id) is distinct from (old.serial_no, old.item_id) then
    raise exception 'the identity of serial % can''t change', old.serial_no using errcode = 'BW136';
  end if;
  if new.lot_id <> old.lot_id and not (serial_is_here(old) and exists (
      select from genealogy_edge e where e.parent_lot_id = old.lot_id and e.child_lot_id = new.lot_id
         and e.kind in ('split', 'merge', 'repack') and e.at = now())) then
    raise exception 'serial % goes to another lot only with its goods', old.serial_no using errcode = 'BW131';
  end if;
  if new.left_by_id is distinct from old.left_by_id then
    if new.left_by_id is null then
      if not exists (select from stock_movement m where m.lot_id = new.lot_id and m.kind = 'adjust'
                        and m.to_location_id is not null and m.recorded_at = now()) then
        raise exception 'serial % comes back with its goods only', old.serial_no using errcode = 'BW130';
      end if;
    elsif not serial_is_here(old) or not exists (
        select from stock_movement m where m.id = new.left_by_id and m.lot_id = new.lot_id and m.recorded_at = now()
           and m.kind in ('consume', 'scrap', 'sample', 'adjust') and m.to_location_id is null) then
      raise exception 'serial % is not in house, or nothing leaves with it', old.serial_no using errcode = 'BW130';
    end if;
  end if;
  return new;
end $$;

create trigger serial_wall before insert or update on serial_unit for each row execute function serial_wall();

-- A line of a shipment -------------------------------------------------------------------------------------------------

create function serial_line_wall() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
  u serial_unit;
  l lot;
begin
  if exists (select from shipment h where h.id = new.shipment_id and h.origin = 'migrated') then
    return new;  -- what left before, as the earlier system tells it
  end if;
  select * into l from lot where id = new.lot_id;
  if tg_op = 'UPDATE' then
    if (new.serial_unit_id, new.lot_id, new.quantity) is distinct from (old.serial_unit_id, old.lot_id, old.quantity)
       or (old.serial_unit_id is not null and (new.returned < old.returned or new.returned not in (0, new.quantity))) then
      raise exception 'a line with a serial number stays, and comes back whole' using errcode = 'BW132';
    end if;
    return new;
  end if;
  if new.serial_unit_id is null then
    if exists (select from item i where i.id = l.item_id and i.serial_on_label) then
      raise exception 'lot % ships by serial number only', l.lot_no using errcode = 'BW134';
    end if;
    return new;
  end if;
  -- two shipments that race for one unit: the second waits here, and reads what the first did
  select * into u from serial_unit where id = new.serial_unit_id for update;
  if u.lot_id <> new.lot_id then
    raise exception 'serial % is not of lot %', u.serial_no, l.lot_no using errcode = 'BW131';
  end if;
  if new.quantity * l.pack_size <> 1 or new.returned <> 0 then
    raise exception 'serial % is one whole piece', u.serial_no using errcode = 'BW132';
  end if;
  if not serial_is_here(u) then
    raise exception 'serial % is not in house', u.serial_no using errcode = 'BW130';
  end if;
  return new;
end $$;

create trigger serial_line_wall before insert on shipment_line for each row execute function serial_line_wall();
create trigger serial_line_stays before update on shipment_line for each row
  when (old.serial_unit_id is not null or new.serial_unit_id is not null) execute function serial_line_wall();

-- Numbers and pieces, at the end of each transaction -------------------------------------------------------------------

create function serials_fit(of_lot bigint) returns void language plpgsql as $$
declare
  l lot;
  numbers bigint;
  pieces numeric;
begin
  select * into l from lot where id = of_lot;
  if l.origin = 'migrated' then
    return;  -- its numbers and its stock were counted elsewhere
  end if;
  select count(*) into numbers from serial_unit u where u.lot_id = of_lot and serial_is_here(u);
  if numbers = 0 then
    return;
  end if;
  select coalesce(sum(s.quantity), 0) * l.pack_size into pieces from stock s where s.lot_id = of_lot;
  if numbers > pieces then
    raise exception 'lot % has % serial numbers in house and % pieces: name those that leave', l.lot_no, numbers, pieces
      using errcode = 'BW133';
  end if;
end $$;

create function serials_fit_stock() returns trigger language plpgsql as $$
begin
  perform serials_fit(new.lot_id);
  return null;
end $$;

create constraint trigger serials_fit after update on stock deferrable initially deferred for each row
  when (new.quantity < old.quantity) execute function serials_fit_stock();
create constraint trigger serials_fit after insert or update on serial_unit deferrable initially deferred for each row
  execute function serials_fit_stock();

create function serials_consumed() returns trigger language plpgsql as $$
begin
  if exists (select from lot l join item i on i.id = l.item_id where l.id = new.lot_id and i.serial_on_label
                and l.pack_size * new.quantity <> (select count(*) from serial_unit u where u.left_by_id = new.id)) then
    raise exception 'lot % is used by serial number only', (select lot_no from lot where id = new.lot_id)
      using errcode = 'BW134';
  end if;
  return null;
end $$;

create constraint trigger serials_consumed after insert on stock_movement deferrable initially deferred for each row
  when (new.kind = 'consume') execute function serials_consumed();

create constraint trigger serials_fit after update on shipment_line deferrable initially deferred for each row
  when (new.serial_unit_id is not null and new.returned > old.returned) execute function serials_fit_stock();

-- Cases and pallets ----------------------------------------------------------------------------------------------------

create or replace function packed_content_wall() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
  u logistic_unit;
  inner_unit logistic_unit;
  l lot;
  rest boolean;
  there numeric;
begin
  if new.unpacked_at is not null or new.shipment_line_id is not null or new.packed_at <> now() then
    raise exception 'a packing begins now, in a unit' using errcode = 'BW110';
  end if;
  if new.child_id is not null then
    perform pg_advisory_xact_lock(hashtext('logistic.nest'));  -- two nestings at once could close a loop together
  end if;
  select * into u from logistic_unit where id = new.unit_id for update;
  if u.status <> 'open' then
    raise exception 'unit % was shipped and is closed', u.unit_no using errcode = 'BW111';
  end if;
  if new.child_id is not null then
    select * into inner_unit from logistic_unit where id = new.child_id for update;
    if inner_unit.status <> 'open' then
      raise exception 'unit % was shipped and is closed', inner_unit.unit_no using errcode = 'BW111';
    end if;
    if inner_unit.kind = 'pallet' or inner_unit.location_id <> u.location_id then
      raise exception 'unit % can''t go into unit %', inner_unit.unit_no, u.unit_no using errcode = 'BW112';
    end if;
    if exists (
        with recursive above (id) as (
          select new.unit_id
          union select c.unit_id from above a join packed_content c on c.child_id = a.id where c.unpacked_at is null)
        select from above where id = new.child_id) then
      raise exception 'unit % would be inside itself', inner_unit.unit_no using errcode = 'BW113';
    end if;
    return new;
  end if;

  select * into l from lot where id = new.lot_id for share;
  select exists (select from packed_content c where c.id = new.rest_of_id and c.unpacked_at = now()
                    and (c.unit_id, c.lot_id) = (new.unit_id, new.lot_id) and c.serial_unit_id is null
                    and c.quantity > new.quantity) into rest;
  if new.rest_of_id is not null and not rest then
    raise exception 'that is not the rest of what was taken out' using errcode = 'BW114';
  end if;
  if not rest and exists (select from hold h where h.lot_id = l.id and h.lifted_at is null) then
    raise exception 'lot % is held', l.lot_no using errcode = 'BW115';
  end if;
  if new.serial_unit_id is not null then
    perform from serial_unit s where s.id = new.serial_unit_id for update;
    if not exists (select from serial_unit s where s.id = new.serial_unit_id and s.lot_id = l.id and serial_is_here(s)) then
      raise exception 'that serial is not one of lot % in house', l.lot_no using errcode = 'BW116';
    end if;
    if new.quantity * l.pack_size <> 1 then
      raise exception 'a serial number is one whole piece of lot %', l.lot_no using errcode = 'BW132';
    end if;
  elsif not rest and exists (select from item i where i.id = l.item_id and i.serial_on_label) then
    raise exception 'lot % is packed by serial number only', l.lot_no using errcode = 'BW134';
  end if;
  -- every other packing there, and every movement, waits for this row
  select quantity into there from stock where lot_id = l.id and location_id = u.location_id for update;
  if packed_at_place(l.id, u.location_id) + new.quantity > coalesce(there, 0) then
    raise exception 'there is not so much of lot % left to pack', l.lot_no using errcode = 'BW117';
  end if;
  return new;
end $$;
