-- The last wall around cases and pallets (DESIGN 2.4; REQUIREMENTS 19, 56, 95): never more in them than is there, nothing in
-- two of them, none in itself, and what was shipped stays as it left.

create function gs1_check_holds(digits text) returns boolean language sql immutable as $$
  -- weights 1 and 3 from the right, the check digit itself among them (GS1 General Specifications 7.9)
  select sum(substr(reverse(digits), n, 1)::int * case when n % 2 = 1 then 1 else 3 end) % 10 = 0
    from generate_series(1, length(digits)) n
$$;

create function packed_at_place(lot bigint, place bigint) returns numeric language sql stable as $$
  select coalesce(sum(c.quantity), 0) from packed_content c join logistic_unit u on u.id = c.unit_id
   where c.lot_id = lot and u.location_id = place and c.unpacked_at is null and c.shipment_line_id is null
$$;

create function unit_path(unit bigint) returns text language sql stable as $$
  -- from the outside in: the pallet, the case on it, the case in that
  with recursive up (id, height) as (
    select unit, 0
    union all
    select c.unit_id, up.height + 1 from up join packed_content c on c.child_id = up.id and c.unpacked_at is null
     where up.height < 100)
  select string_agg(u.unit_no, ' › ' order by up.height desc) from up join logistic_unit u on u.id = up.id
$$;

-- What goes in and comes out ------------------------------------------------------------------------------------------

create function packed_content_wall() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
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
  if new.serial_unit_id is not null and not exists (
      select from serial_unit s where s.id = new.serial_unit_id and s.lot_id = l.id and s.installed_in_id is null
         and not exists (select from shipment_line x join shipment h on h.id = x.shipment_id
                          where x.serial_unit_id = s.id and x.quantity > x.returned
                            and h.status in ('shipped', 'arrived'))) then
    raise exception 'that serial is not one of lot % in house', l.lot_no using errcode = 'BW116';
  end if;
  -- every other packing there, and every movement, waits for this row
  select quantity into there from stock where lot_id = l.id and location_id = u.location_id for update;
  if packed_at_place(l.id, u.location_id) + new.quantity > coalesce(there, 0) then
    raise exception 'there is not so much of lot % left to pack', l.lot_no using errcode = 'BW117';
  end if;
  return new;
end $$;

create trigger packed_content_wall before insert on packed_content for each row execute function packed_content_wall();

create function packed_content_stays() returns trigger language plpgsql as $$
begin
  if old.unpacked_at is not null or old.shipment_line_id is not null then
    raise exception 'what was taken out or shipped stays as it was recorded' using errcode = 'BW118';
  end if;
  if to_jsonb(new) - array['unpacked_at', 'unpacked_by_id', 'shipment_line_id']
     is distinct from to_jsonb(old) - array['unpacked_at', 'unpacked_by_id', 'shipment_line_id']
     or (new.unpacked_at is not null and new.unpacked_at <> now()) then
    raise exception 'a packing can only be ended, now' using errcode = 'BW118';
  end if;
  perform from logistic_unit where id = new.unit_id and status = 'open' for update;
  if not found then
    raise exception 'what was shipped on a unit stays on it' using errcode = 'BW111';
  end if;
  return new;
end $$;

create trigger packed_content_stays before update on packed_content
  for each row execute function packed_content_stays();
create trigger kept before delete on packed_content for each row execute function kept();

-- The unit itself -----------------------------------------------------------------------------------------------------

create function logistic_unit_wall() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.status <> 'open' or (new.unit_no ~ '^[0-9]{18}$' and not gs1_check_holds(new.unit_no)) then
      raise exception 'that is no number of a new unit: %', new.unit_no using errcode = 'BW119';
    end if;
    return new;
  end if;
  if old.status <> 'open' then
    raise exception 'unit % was shipped and is closed', old.unit_no using errcode = 'BW111';
  end if;
  -- the search key is computed after this trigger
  if to_jsonb(new) - array['status', 'shipment_id', 'location_id', 'unit_key']
     is distinct from to_jsonb(old) - array['status', 'shipment_id', 'location_id', 'unit_key'] then
    raise exception 'the identity of unit % can''t change', old.unit_no using errcode = 'BW120';
  end if;
  return new;
end $$;

create trigger logistic_unit_wall before insert or update on logistic_unit
  for each row execute function logistic_unit_wall();
create trigger kept before delete on logistic_unit for each row execute function kept();

create function logistic_unit_whole() returns trigger language plpgsql as $$
declare
  u logistic_unit;
begin
  select * into u from logistic_unit where id = new.id;
  -- a unit and what is in it, or what it is in, are in one place and leave together
  if exists (select from packed_content c join logistic_unit o on o.id in (c.unit_id, c.child_id)
              where u.id in (c.unit_id, c.child_id) and c.child_id is not null and c.unpacked_at is null
                and (o.location_id, o.status) is distinct from (u.location_id, u.status)) then
    raise exception 'unit % and what it is packed with part', u.unit_no using errcode = 'BW121';
  end if;
  if exists (select from packed_content c join logistic_unit o on o.id in (c.unit_id, c.child_id)
              where u.id in (c.unit_id, c.child_id) and c.child_id is not null and c.unpacked_at is null
                and o.shipment_id is distinct from u.shipment_id) then
    raise exception 'unit % and what it is packed with part', u.unit_no using errcode = 'BW121';
  end if;
  if u.status = 'shipped' then
    if exists (select from packed_content c left join shipment_line s on s.id = c.shipment_line_id
                where c.unit_id = u.id and c.lot_id is not null and c.unpacked_at is null
                  and (s.shipment_id is distinct from u.shipment_id or s.lot_id is distinct from c.lot_id
                       or s.serial_unit_id is distinct from c.serial_unit_id)) then
      raise exception 'unit % leaves with all that is in it', u.unit_no using errcode = 'BW122';
    end if;
  elsif exists (select from packed_content c
                 where c.unit_id = u.id and c.lot_id is not null and c.unpacked_at is null
                   and packed_at_place(c.lot_id, u.location_id) >
                       coalesce((select k.quantity from stock k
                                  where k.lot_id = c.lot_id and k.location_id = u.location_id), 0)) then
    raise exception 'what is in unit % is not where the unit is', u.unit_no using errcode = 'BW123';
  end if;
  return null;
end $$;

-- at the end of the transaction, when movements, lines and units are all written
create constraint trigger logistic_unit_whole after update on logistic_unit deferrable initially deferred for each row
  when (old.location_id <> new.location_id or old.status <> new.status) execute function logistic_unit_whole();

create function shipped_content_adds_up() returns trigger language plpgsql as $$
begin
  if not exists (select from shipment_line s join logistic_unit u on u.id = new.unit_id
                  where s.id = new.shipment_line_id and u.status = 'shipped' and u.shipment_id = s.shipment_id
                    and s.quantity = (select sum(c.quantity) from packed_content c where c.shipment_line_id = s.id)) then
    raise exception 'the shipment doesn''t say what left in its units' using errcode = 'BW122';
  end if;
  return null;
end $$;

create constraint trigger shipped_content_adds_up after update on packed_content
  deferrable initially deferred for each row
  when (new.shipment_line_id is not null) execute function shipped_content_adds_up();

-- Nothing leaves a unit unseen -----------------------------------------------------------------------------------------

create function packed_is_there() returns trigger language plpgsql as $$
begin
  if packed_at_place(new.lot_id, new.location_id) >
     coalesce((select k.quantity from stock k where k.id = new.id), 0) then
    raise exception 'what is packed can''t be taken without its unit: unpack it first (lot %)',
      (select lot_no from lot where id = new.lot_id) using errcode = 'BW124';
  end if;
  return null;
end $$;

-- at the end, for a unit that is moved or shipped is written beside its movements
create constraint trigger packed_is_there after update on stock deferrable initially deferred for each row
  when (new.quantity < old.quantity) execute function packed_is_there();

create function serial_is_packed() returns trigger language plpgsql as $$
begin
  if exists (select from packed_content c where c.serial_unit_id = new.id and c.unpacked_at is null
                and c.shipment_line_id is null) then
    raise exception 'serial % is packed: unpack it first', new.serial_no using errcode = 'BW124';
  end if;
  return new;
end $$;

create trigger serial_is_packed before update on serial_unit for each row
  when ((old.lot_id, old.installed_in_id) is distinct from (new.lot_id, new.installed_in_id))
  execute function serial_is_packed();

create function serial_leaves_packed() returns trigger language plpgsql as $$
begin
  -- at the end: a serial that leaves with its unit is then bound to this very line
  if exists (select from packed_content c where c.serial_unit_id = new.serial_unit_id and c.unpacked_at is null
                and c.shipment_line_id is null) then
    raise exception 'a packed serial leaves with its unit only' using errcode = 'BW124';
  end if;
  return null;
end $$;

create constraint trigger serial_leaves_packed after insert on shipment_line deferrable initially deferred for each row
  when (new.serial_unit_id is not null) execute function serial_leaves_packed();
