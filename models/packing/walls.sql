-- The walls of packing: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- what walls ask, and what stands at tables of other nouns ----------

-- The last wall around cases and pallets (DESIGN 2.4; REQUIREMENTS 19, 56, 95): never more in them than is there, nothing in
-- two of them, none in itself, and what was shipped stays as it left.
create or replace function packed_at_place(lot bigint, place bigint) returns numeric language sql stable as $function$
  select coalesce(sum(c.quantity), 0) from packed_content c join logistic_unit u on u.id = c.unit_id
   where c.lot_id = lot and u.location_id = place and c.unpacked_at is null and c.shipment_line_id is null
$function$;

-- One number is one thing however it is spelled, a part of a piece is one in every unit, and limits are the order's own
-- (REQUIREMENTS 19, 25, 58; ISO 13485 7.5.1, 7.5.9, 8.2.6; 21 CFR 820.65, 820.70).  What was there before stays, and is listed.
create or replace function unit_is_whole(uom text) returns boolean language sql immutable as $function$
  -- the words of models/rules/units.py; a test holds the two against each other
  select lower(btrim(uom)) = any(array['pcs', 'pc', 'piece', 'pieces', 'each', 'ea', '件', '个', '只', '支', '枚', '片', '块',
    '颗', '粒', '张', 'h87', 'c62', 'nar', 'box', 'boxes', 'bx', 'pack', 'packs', 'pk', 'case', 'cases', 'set', 'sets',
    'pair', 'pairs', 'pr', 'bag', 'bags', 'kit', 'kits', 'kt', 'unit', 'units', '盒', '包', '箱', '套', '双', '对', '组', '袋',
    '台', '副'])
$function$;

-- The last wall around cases and pallets (DESIGN 2.4; REQUIREMENTS 19, 56, 95): never more in them than is there, nothing in
-- two of them, none in itself, and what was shipped stays as it left.
create or replace function unit_path(unit bigint) returns text language sql stable as $function$
  -- from the outside in: the pallet, the case on it, the case in that
  with recursive up (id, height) as (
    select unit, 0
    union all
    select c.unit_id, up.height + 1 from up join packed_content c on c.child_id = up.id and c.unpacked_at is null
     where up.height < 100)
  select string_agg(u.unit_no, ' › ' order by up.height desc) from up join logistic_unit u on u.id = up.id
$function$;

-- logistic_unit -----------------------------------------------------

alter table logistic_unit
  add constraint ck_logistic_unit_kind check (kind = any (array['case'::text, 'pallet'::text])),
  add constraint ck_logistic_unit_shipped check ((status = 'shipped'::text) = (shipment_id is not null)),
  add constraint ck_logistic_unit_status check (status = any (array['open'::text, 'shipped'::text]));

-- The last wall around cases and pallets (DESIGN 2.4; REQUIREMENTS 19, 56, 95): never more in them than is there, nothing in
-- two of them, none in itself, and what was shipped stays as it left.
-- Refuses with BW111, BW119, BW120
create or replace function logistic_unit_wall() returns trigger language plpgsql as $function$
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
end $function$;
create trigger logistic_unit_wall before insert or update on logistic_unit for each row execute function logistic_unit_wall();

-- The last wall around cases and pallets (DESIGN 2.4; REQUIREMENTS 19, 56, 95): never more in them than is there, nothing in
-- two of them, none in itself, and what was shipped stays as it left.
-- Refuses with BW121, BW122, BW123
create or replace function logistic_unit_whole() returns trigger language plpgsql as $function$
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
end $function$;
create constraint trigger logistic_unit_whole after update on logistic_unit deferrable initially deferred for each row
  when (old.location_id <> new.location_id or old.status <> new.status) execute function logistic_unit_whole();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on logistic_unit for each statement
  execute function api_stays_out();
create trigger audit_delete after delete on logistic_unit referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on logistic_unit referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on logistic_unit referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on logistic_unit for each row execute function identity_is_fixed();
create trigger kept before delete on logistic_unit for each row execute function kept();
create trigger unit_no_is_no_label before insert or update of unit_no on logistic_unit for each row
  when (may_be_label(new.unit_no)) execute function number_is_no_label('unit_no', 'BW138');

-- packed_content ----------------------------------------------------

alter table packed_content
  add constraint ck_packed_content_how_much check ((lot_id is null) = (quantity is null)),
  add constraint ck_packed_content_left check (shipment_line_id is null or unpacked_at is null),
  add constraint ck_packed_content_line check (shipment_line_id is null or lot_id is not null),
  add constraint ck_packed_content_not_itself check (child_id <> unit_id),
  add constraint ck_packed_content_one_thing check ((lot_id is null) <> (child_id is null)),
  add constraint ck_packed_content_quantity check (quantity > 0::numeric),
  add constraint ck_packed_content_serial check (serial_unit_id is null or lot_id is not null and quantity = 1::numeric),
  add constraint ck_packed_content_unpacked check ((unpacked_at is null) = (unpacked_by_id is null));

-- The last wall around cases and pallets (DESIGN 2.4; REQUIREMENTS 19, 56, 95): never more in them than is there, nothing in
-- two of them, none in itself, and what was shipped stays as it left.
-- Refuses with BW111, BW118
create or replace function packed_content_stays() returns trigger language plpgsql as $function$
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
end $function$;
create trigger packed_content_stays before update on packed_content for each row execute function packed_content_stays();

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
create trigger packed_content_wall before insert on packed_content for each row execute function packed_content_wall();

-- The last wall around cases and pallets (DESIGN 2.4; REQUIREMENTS 19, 56, 95): never more in them than is there, nothing in
-- two of them, none in itself, and what was shipped stays as it left.
-- Refuses with BW122
create or replace function shipped_content_adds_up() returns trigger language plpgsql as $function$
begin
  if not exists (select from shipment_line s join logistic_unit u on u.id = new.unit_id
                  where s.id = new.shipment_line_id and u.status = 'shipped' and u.shipment_id = s.shipment_id
                    and s.quantity = (select sum(c.quantity) from packed_content c where c.shipment_line_id = s.id)) then
    raise exception 'the shipment doesn''t say what left in its units' using errcode = 'BW122';
  end if;
  return null;
end $function$;
create constraint trigger shipped_content_adds_up after update on packed_content deferrable initially deferred for each row
  when (new.shipment_line_id is not null) execute function shipped_content_adds_up();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on packed_content for each statement
  execute function api_stays_out();
create trigger audit_delete after delete on packed_content referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on packed_content referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on packed_content referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger count_whole before insert on packed_content for each row execute function whole_wall();
create trigger fixed_key before update on packed_content for each row execute function identity_is_fixed();
create trigger kept before delete on packed_content for each row execute function kept();
