-- How much of a batch is held at a place while the rest of it goes on (ISO 13485 8.3.1).  Asked like `packed_at_place`: what is held is in
-- stock, and nobody takes it by itself.
create function held_at_place(lot bigint, place bigint) returns numeric language sql stable as $function$
  select coalesce(sum(p.quantity), 0) from hold_part p where p.lot_id = lot and p.location_id = place and p.ended_at is null
$function$;

-- So much of a batch is held at one place (ISO 13485 8.3.1): by an act of its own, open at first, and never while all of the batch is held.  What
-- follows an earlier part belongs to the same act and batch, and lies where held goods may lie.  The batch's row lock decides races: a
-- movement, a packing or another hold under way commits first and is seen, or waits and sees this one.
-- Refuses with BW388, BW395
create function hold_part_born_wall() returns trigger language plpgsql as $function$
declare
  old_part hold_part;
begin
  perform from lot l where l.id = new.lot_id for no key update;
  if new.ended_at is not null or new.lifted is not null
     or not exists (select from hold_act a where a.id = new.act_id and a.scope = 'place') then
    raise exception 'a part is held by an act of its own, and begins open' using errcode = 'BW388';
  end if;
  if new.from_id is null then
    if exists (select from hold h where h.lot_id = new.lot_id and h.lifted_at is null)
       or exists (select from hold_part p where p.act_id = new.act_id) then
      raise exception 'a part is held once by its act, of a batch that is not held as a whole' using errcode = 'BW388';
    end if;
    return new;
  end if;
  select * into old_part from hold_part p where p.id = new.from_id;
  if (old_part.act_id, old_part.lot_id) is distinct from (new.act_id, new.lot_id) or old_part.ended_at is distinct from now() then
    raise exception 'what goes on being held is of the part that ends now' using errcode = 'BW388';
  end if;
  if old_part.location_id <> new.location_id
     and not place_fits('held', place_kind((select o.kind from location o where o.id = new.location_id))) then
    raise exception 'held goods are brought only to where held goods may lie' using errcode = 'BW395';
  end if;
  return new;
end $function$;
create trigger hold_part_born_wall before insert on hold_part for each row execute function hold_part_born_wall();

-- A part that is held ends once, and says by whom, why and how much of it was let go (ISO 13485 8.3.1; 21 CFR 11.10(e)).
-- Refuses with BW392
create function hold_part_ends_wall() returns trigger language plpgsql as $function$
begin
  if old.ended_at is not null or new.ended_at is distinct from now() or btrim(new.end_reason) = ''
     or to_jsonb(new) - array['lifted', 'ended_at', 'ended_by_id', 'end_reason', 'signature_id']
        is distinct from to_jsonb(old) - array['lifted', 'ended_at', 'ended_by_id', 'end_reason', 'signature_id'] then
    raise exception 'a part that is held can only be ended, once, now' using errcode = 'BW392';
  end if;
  perform from lot l where l.id = new.lot_id for no key update;
  return new;
end $function$;
create trigger hold_part_ends_wall before update on hold_part for each row execute function hold_part_ends_wall();
create trigger ended_by_its_actor before update on hold_part for each row
  when (new.ended_by_id is distinct from old.ended_by_id) execute function by_its_actor('ended_by_id');

-- What was held of a part is let go of by a signature over it, or goes on being held: nothing gets free on the way
-- (ISO 13485 8.3.1; 21 CFR 11.50).  Looked at when an act ends, because it ends the part before what follows is written.
-- Refuses with BW393, BW394
create function hold_part_adds_up() returns trigger language plpgsql as $function$
begin
  if new.lifted + (select coalesce(sum(p.quantity), 0) from hold_part p where p.from_id = new.id) <> new.quantity then
    raise exception 'what was held is lifted or goes on being held, all of it' using errcode = 'BW393';
  end if;
  if new.lifted > 0 and not exists (
      select from signature s where s.id = new.signature_id and s.person_id = new.ended_by_id and s.outcome = 'lift'
         and s.act = 'lift_hold_part' and s.about = new.public_id::text) then
    raise exception 'a part that is held is lifted by a signature over it' using errcode = 'BW394';
  end if;
  return null;
end $function$;
create constraint trigger hold_part_adds_up after update on hold_part deferrable initially deferred for each row
  execute function hold_part_adds_up();

-- What is held at a place lies there, loose: never more is held and packed than there is (ISO 13485 8.3.1).  Whoever takes goods, in whatever
-- way, meets `packed_is_there`, which asks the same of the place that gets less; this one is asked of a hold.
-- Refuses with BW389
create function held_is_there() returns trigger language plpgsql as $function$
begin
  if held_at_place(new.lot_id, new.location_id) + packed_at_place(new.lot_id, new.location_id) >
     coalesce((select k.quantity from stock k where k.lot_id = new.lot_id and k.location_id = new.location_id), 0) then
    raise exception 'more of lot % is held at % than lies loose there', (select lot_no from lot where id = new.lot_id),
      (select code from location where id = new.location_id) using errcode = 'BW389';
  end if;
  return null;
end $function$;
create constraint trigger held_is_there after insert on hold_part deferrable initially deferred for each row
  execute function held_is_there();

-- The last wall around cases and pallets (DESIGN 2.4; REQUIREMENTS 19, 56, 95): never more in them than is there, nothing in
-- two of them, none in itself, and what was shipped stays as it left.  Nor is anything taken that is held there (ISO 13485 8.3.1).
-- Refuses with BW124, BW389
create or replace function packed_is_there() returns trigger language plpgsql as $function$
declare
  there numeric := coalesce((select k.quantity from stock k where k.id = new.id), 0);
  packed numeric := packed_at_place(new.lot_id, new.location_id);
begin
  if packed > there then
    raise exception 'what is packed can''t be taken without its unit: unpack it first (lot %)',
      (select lot_no from lot where id = new.lot_id) using errcode = 'BW124';
  end if;
  if packed + held_at_place(new.lot_id, new.location_id) > there then
    raise exception 'what is held at a place can''t be taken (lot %)', (select lot_no from lot where id = new.lot_id)
      using errcode = 'BW389';
  end if;
  return null;
end $function$;

-- The last wall around serial numbers (DESIGN 2.4; ISO 13485 7.5.9.2; 21 CFR 821): one number is one whole piece, in one
-- place at a time.  It is in house, packed, built in, shipped, or gone by one movement; never two of these.
-- Refuses with BW110, BW111, BW112, BW113, BW114, BW115, BW116, BW117, BW132, BW134
create or replace function packed_content_wall()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
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
  if packed_at_place(l.id, u.location_id) + held_at_place(l.id, u.location_id) + new.quantity > coalesce(there, 0) then
    raise exception 'there is not so much of lot % left to pack', l.lot_no using errcode = 'BW117';
  end if;
  return new;
end $function$;

-- Who holds a batch with everything made of it holds all of that, in one act (ISO 13485 8.3.1; REQUIREMENTS 5): looked at when the
-- act ends, because it writes one after the other.
-- Refuses with BW391
create or replace function hold_act_reaches() returns trigger language plpgsql as $function$
declare
  free text;
begin
  if new.scope = 'place' and (select count(*) from hold_part p where p.act_id = new.id and p.from_id is null) <> 1 then
    raise exception 'a hold of a quantity says where how much of which batch is held' using errcode = 'BW391';
  end if;
  if new.scope <> 'place' and (select count(*) from hold h where h.act_id = new.id and h.placed_at = new.placed_at) <> new.lots then
    raise exception 'a hold says how many batches it is on' using errcode = 'BW391';
  end if;
  if new.scope = 'parts' then
    select l.lot_no into free
      from unnest(lots_below(array(select h.lot_id from hold h where h.act_id = new.id))) b (id) join lot l on l.id = b.id
     where not exists (select from hold h where h.lot_id = b.id and h.act_id = new.id) limit 1;
  end if;
  if free is not null then
    raise exception 'lot % is made of what is held, and this act leaves it free', free using errcode = 'BW391';
  end if;
  return null;
end $function$;
