-- The walls of shipment: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- what walls ask, and what stands at tables of other nouns ----------

-- Goods, documents and links say the same (DESIGN 2.4; ISO 13485 7.5.8, 7.5.9; REQUIREMENTS 12, 21, 25): what moves is booked
-- by a document, what a document says has moved, and a link is what an operation used.  Looked at when an act ends, because
-- it writes one after the other.  What another system tells of is kept as it tells it; only its import can write it.
create or replace function line_is_moved(line bigint) returns boolean language sql stable as $function$
  select h.origin = 'migrated'
      or case when h.status in ('shipped', 'arrived') then s.quantity else 0 end
         = coalesce((select sum(m.quantity) from stock_movement m where m.shipment_line_id = s.id and m.kind = 'ship'), 0)
    from shipment_line s join shipment h on h.id = s.shipment_id where s.id = line
$function$;

-- shipment ----------------------------------------------------------

alter table shipment
  add constraint ck_shipment_status check (status = any (array['planned'::text, 'shipped'::text, 'arrived'::text, 'cancelled'::text]));

-- To whom a shipment went, under which number and when it left is said once; it goes forward only (ISO 13485 7.5.9.2).
-- Refuses with BW176
create or replace function shipment_wall() returns trigger language plpgsql as $function$
begin
  if (new.shipment_no, new.public_id, new.customer_id) is distinct from (old.shipment_no, old.public_id, old.customer_id)
     or (old.shipped_at is not null and new.shipped_at is distinct from old.shipped_at)
     or (old.arrived_at is not null and new.arrived_at is distinct from old.arrived_at)
     or (new.status <> old.status and (old.status, new.status) not in (
           ('planned', 'shipped'), ('planned', 'cancelled'), ('shipped', 'arrived'))) then
    raise exception 'shipment % stays what left, to whom and when', old.shipment_no using errcode = 'BW176';
  end if;
  return new;
end $function$;
create trigger shipment_wall before update on shipment for each row execute function shipment_wall();

-- Goods, documents and links say the same (DESIGN 2.4; ISO 13485 7.5.8, 7.5.9; REQUIREMENTS 12, 21, 25): what moves is booked
-- by a document, what a document says has moved, and a link is what an operation used.  Looked at when an act ends, because
-- it writes one after the other.  What another system tells of is kept as it tells it; only its import can write it.
-- Refuses with BW175
create or replace function told_by_movements() returns trigger language plpgsql as $function$
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
end $function$;
create constraint trigger told_by_movements after update on shipment deferrable initially deferred for each row
  when (new.status <> old.status and new.status = 'shipped'::text) execute function told_by_movements();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on shipment for each statement execute function api_stays_out();
create trigger audit_delete after delete on shipment referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on shipment referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on shipment referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on shipment for each row execute function identity_is_fixed();
create trigger master_number_is_new before insert on shipment for each row execute function master_number_is_new('shipment_no');
create trigger migrated_wall after insert on shipment referencing new table as new_rows for each statement
  execute function migrated_wall('origin', 'native');
create trigger order_no_is_no_label before insert or update of order_no on shipment for each row
  when (new.origin <> 'migrated'::text and may_be_label(new.order_no)) execute function number_is_no_label('order_no', 'BW260');
create trigger origin_stays before update on shipment for each row when (new.origin <> old.origin) execute function origin_stays();
create trigger shipment_no_is_no_label before insert or update of shipment_no on shipment for each row
  when (new.origin <> 'migrated'::text and may_be_label(new.shipment_no))
  execute function number_is_no_label('shipment_no', 'BW260');
create trigger shipment_time before insert or update of shipped_at on shipment for each row
  when (new.shipped_at > (now() + '00:05:00'::interval) or new.shipped_at < '1970-01-01 00:00:00+00'::timestamp with time zone)
  execute function at_a_time_that_was('shipped_at');
create trigger tracking_no_is_no_label before insert or update of tracking_no on shipment for each row
  when (new.origin <> 'migrated'::text and may_be_label(new.tracking_no))
  execute function number_is_no_label('tracking_no', 'BW260');

-- shipment_line -----------------------------------------------------

alter table shipment_line
  add constraint ck_shipment_line_quantity check (quantity > 0::numeric),
  add constraint ck_shipment_line_returned check (returned >= 0::numeric and returned <= quantity);

-- What left before leaves by the import that tells of it, and nothing is added to it afterwards (21 CFR 11.10(e)).
-- Refuses with BW174
create or replace function migrated_line_wall() returns trigger language plpgsql as $function$
begin
  if exists (select from new_rows n join shipment h on h.id = n.shipment_id where h.origin = 'migrated')
     and not imported_now() then
    raise exception 'only an import adds to what another system shipped' using errcode = 'BW174';
  end if;
  return null;
end $function$;
create trigger migrated_wall after insert on shipment_line referencing new table as new_rows for each statement
  execute function migrated_line_wall();

-- The last wall around cases and pallets (DESIGN 2.4; REQUIREMENTS 19, 56, 95): never more in them than is there, nothing in
-- two of them, none in itself, and what was shipped stays as it left.
-- Refuses with BW124
create or replace function serial_leaves_packed() returns trigger language plpgsql as $function$
begin
  -- at the end: a serial that leaves with its unit is then bound to this very line
  if exists (select from packed_content c where c.serial_unit_id = new.serial_unit_id and c.unpacked_at is null
                and c.shipment_line_id is null) then
    raise exception 'a packed serial leaves with its unit only' using errcode = 'BW124';
  end if;
  return null;
end $function$;
create constraint trigger serial_leaves_packed after insert on shipment_line deferrable initially deferred for each row
  when (new.serial_unit_id is not null) execute function serial_leaves_packed();

-- The last wall around serial numbers (DESIGN 2.4; ISO 13485 7.5.9.2; 21 CFR 821): one number is one whole piece, in one
-- place at a time.  It is in house, packed, built in, shipped, or gone by one movement; never two of these.
-- Refuses with BW130, BW131, BW132, BW134
create or replace function serial_line_wall()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
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
end $function$;
create trigger serial_line_stays before update on shipment_line for each row
  when (old.serial_unit_id is not null or new.serial_unit_id is not null) execute function serial_line_wall();
create trigger serial_line_wall before insert on shipment_line for each row execute function serial_line_wall();

-- Holds for a whole scope in one statement (DESIGN 9).
-- Refuses with BW036
create or replace function shipment_line_wall() returns trigger language plpgsql as $function$
declare
  wrong text;
begin
  perform from lot l where l.id in (select lot_id from new_rows) order by l.id for share;
  select l.lot_no into wrong
    from new_rows n join shipment h on h.id = n.shipment_id join lot l on l.id = n.lot_id
   -- what an older system has shipped of its own lots is history, and comes in with its import
   where (h.origin = 'native' or l.origin = 'native') and (l.status <> 'released'
      or exists (select from hold o where o.lot_id = l.id and o.lifted_at is null)
      or lot_expired(l, coalesce((select s.zone from site s order by s.id limit 1), 'Asia/Shanghai'))) limit 1;
  if wrong is not null then
    raise exception 'lot % is held, expired or not released, and can''t be on a shipment', wrong using errcode = 'BW036';
  end if;
  return null;
end $function$;
create trigger shipment_line_wall after insert on shipment_line referencing new table as new_rows for each statement
  execute function shipment_line_wall();

-- What left, of which lot and to whom, is said once; what came back only grows, up to what left (ISO 13485 7.5.9.2).
-- Refuses with BW171
create or replace function shipped_line_wall() returns trigger language plpgsql as $function$
begin
  if to_jsonb(new) - 'returned' is distinct from to_jsonb(old) - 'returned'
     or new.returned < old.returned or new.returned > new.quantity then
    raise exception 'a line of a shipment never changes; what comes back is added' using errcode = 'BW171';
  end if;
  return new;
end $function$;
create trigger shipped_line_wall before update on shipment_line for each row execute function shipped_line_wall();

create constraint trigger told_by_movements after insert on shipment_line deferrable initially deferred for each row
  execute function told_by_movements();

-- Goods, documents and links say the same (DESIGN 2.4; ISO 13485 7.5.8, 7.5.9; REQUIREMENTS 12, 21, 25): what moves is booked
-- by a document, what a document says has moved, and a link is what an operation used.  Looked at when an act ends, because
-- it writes one after the other.  What another system tells of is kept as it tells it; only its import can write it.
-- Refuses with BW175
create or replace function returns_are_booked() returns trigger language plpgsql as $function$
begin
  if not returned_is_booked(new.id) then
    raise exception 'what came back of lot % is not what was booked in', (select lot_no from lot where id = new.lot_id)
      using errcode = 'BW175';
  end if;
  return null;
end $function$;
create constraint trigger told_by_returns after update on shipment_line deferrable initially deferred for each row
  when (new.returned <> old.returned) execute function returns_are_booked();

-- Walls that tables share.
create trigger a_recorded_now before insert on shipment_line for each row execute function recorded_now();
create trigger api_stays_out before insert or delete or update on shipment_line for each statement
  execute function api_stays_out();
create trigger audit_delete after delete on shipment_line referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on shipment_line referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on shipment_line referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger count_whole before insert on shipment_line for each row execute function whole_wall();
create trigger fixed_key before update on shipment_line for each row execute function identity_is_fixed();
create constraint trigger serials_fit after update on shipment_line deferrable initially deferred for each row
  when (new.serial_unit_id is not null and new.returned > old.returned) execute function serials_fit_stock();
