-- The walls of stock: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- what walls ask, and what stands at tables of other nouns ----------

-- A corrected consumption: links, movements and holds say the same (DESIGN 2.4; REQUIREMENTS 21, 25).
--
-- What an operation consumed of a lot is the sum of its links to it, before and after a correction.  The movements of a
-- correction are adjustments that name the operation: what went back, and what was taken instead.  They may take a lot
-- that is held, unreleased or expired, because that is what happened; so nothing but a correction may write them.
create or replace function consumption_is_linked(run bigint, lot bigint) returns boolean language sql stable as $function$
  select coalesce((select sum(case when m.to_location_id is null then m.quantity else - m.quantity end)
                     from stock_movement m
                    where m.operation_run_id = run and m.lot_id = lot and m.kind in ('consume', 'adjust')), 0)
       = coalesce((select sum(e.quantity) from genealogy_edge e
                    where e.operation_run_id = run and e.parent_lot_id = lot and e.kind = 'consume'
                      and e.superseded_at is null), 0)
$function$;

-- Goods, documents and links say the same (DESIGN 2.4; ISO 13485 7.5.8, 7.5.9; REQUIREMENTS 12, 21, 25): what moves is booked
-- by a document, what a document says has moved, and a link is what an operation used.  Looked at when an act ends, because
-- it writes one after the other.  What another system tells of is kept as it tells it; only its import can write it.
create or replace function movement_is_proven(m stock_movement) returns boolean language sql stable as $function$
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
$function$;

-- The last wall around serial numbers (DESIGN 2.4; ISO 13485 7.5.9.2; 21 CFR 821): one number is one whole piece, in one
-- place at a time.  It is in house, packed, built in, shipped, or gone by one movement; never two of these.
create or replace function serial_is_here(u serial_unit) returns boolean language sql stable as $function$
  select u.left_by_id is null and u.installed_in_id is null
     and not exists (select from shipment_line s join shipment h on h.id = s.shipment_id
                      where s.serial_unit_id = u.id and s.quantity > s.returned and h.status in ('shipped', 'arrived'))
     -- of an earlier system: told to be at a customer, without a shipment that says so
     and not (u.status = 'shipped' and not exists (select from shipment_line s where s.serial_unit_id = u.id))
$function$;

-- The last wall around serial numbers (DESIGN 2.4; ISO 13485 7.5.9.2; 21 CFR 821): one number is one whole piece, in one
-- place at a time.  It is in house, packed, built in, shipped, or gone by one movement; never two of these.
-- Refuses with BW133
create or replace function serials_fit(of_lot bigint) returns void language plpgsql as $function$
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
end $function$;

-- serial_unit -------------------------------------------------------

-- The last wall around cases and pallets (DESIGN 2.4; REQUIREMENTS 19, 56, 95): never more in them than is there, nothing in
-- two of them, none in itself, and what was shipped stays as it left.
-- Refuses with BW124
create or replace function serial_is_packed() returns trigger language plpgsql as $function$
begin
  if exists (select from packed_content c where c.serial_unit_id = new.id and c.unpacked_at is null
                and c.shipment_line_id is null) then
    raise exception 'serial % is packed: unpack it first', new.serial_no using errcode = 'BW124';
  end if;
  return new;
end $function$;
create trigger serial_is_packed before update on serial_unit for each row
  when (old.lot_id is distinct from new.lot_id or old.installed_in_id is distinct from new.installed_in_id)
  execute function serial_is_packed();

-- One number is one thing however it is spelled, a part of a piece is one in every unit, and limits are the order's own
-- (REQUIREMENTS 19, 25, 58; ISO 13485 7.5.1, 7.5.9, 8.2.6; 21 CFR 820.65, 820.70).  What was there before stays, and is listed.
-- Refuses with BW130, BW131, BW135, BW136
create or replace function serial_wall() returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
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
      if exists (select from serial_unit u where u.item_id = new.item_id and u.serial_key = near_key(new.serial_no)
                    and identity_key(u.serial_no) = identity_key(new.serial_no)) then
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
end $function$;
create trigger serial_wall before insert or update on serial_unit for each row execute function serial_wall();

-- What may be done with a batch while somebody holds it, where a row can tell (DESIGN 2.4; ISO 13485 8.3.1, 21 CFR 7.46).
-- Work, packaging, shipping, consuming, cases and places have walls of their own (BW031, BW079, BW080, BW115, BW074).
-- Refuses with BW084
create or replace function held_serial_wall() returns trigger language plpgsql as $function$
begin
  if exists (select from lot l where l.id = new.lot_id and l.origin = 'native') and held_against(new.lot_id, 'number') then
    raise exception 'a held lot is given no serial numbers' using errcode = 'BW084';
  end if;
  return new;
end $function$;
create trigger serial_wall_held before insert on serial_unit for each row execute function held_serial_wall();

-- The last wall around serial numbers (DESIGN 2.4; ISO 13485 7.5.9.2; 21 CFR 821): one number is one whole piece, in one
-- place at a time.  It is in house, packed, built in, shipped, or gone by one movement; never two of these.
create or replace function serials_fit_stock() returns trigger language plpgsql as $function$
begin
  perform serials_fit(new.lot_id);
  return null;
end $function$;
create constraint trigger serials_fit after insert or update on serial_unit deferrable initially deferred for each row
  execute function serials_fit_stock();

-- Where a unit is follows from its movement, its shipment and its case; what an earlier system said of it stays as it came
-- (ISO 13485 7.5.9.2).
-- Refuses with BW293
create or replace function serial_told() returns trigger language plpgsql as $function$
begin
  if not imported_now() then
    raise exception 'where serial % is follows from what was done with it', new.serial_no using errcode = 'BW293';
  end if;
  return new;
end $function$;
create trigger z_serial_told before update on serial_unit for each row
  when (new.status is distinct from old.status or new.installed_in_id is distinct from old.installed_in_id)
  execute function serial_told();
create trigger z_serial_told_born before insert on serial_unit for each row
  when (new.status <> 'in_stock'::text or new.installed_in_id is not null) execute function serial_told();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on serial_unit for each statement execute function api_stays_out();
create trigger audit_delete after delete on serial_unit referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on serial_unit referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on serial_unit referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on serial_unit for each row execute function identity_is_fixed();
create trigger serial_no_is_no_label before insert or update of serial_no on serial_unit for each row
  when (may_be_label(new.serial_no)) execute function number_is_no_label('serial_no', 'BW138');

-- stock -------------------------------------------------------------

alter table stock
  add constraint ck_stock_never_negative check (quantity >= 0::numeric);

-- The last wall around cases and pallets (DESIGN 2.4; REQUIREMENTS 19, 56, 95): never more in them than is there, nothing in
-- two of them, none in itself, and what was shipped stays as it left.
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
create constraint trigger packed_is_there after update on stock deferrable initially deferred for each row
  when (new.quantity < old.quantity) execute function packed_is_there();

create constraint trigger serials_fit after update on stock deferrable initially deferred for each row
  when (new.quantity < old.quantity) execute function serials_fit_stock();

-- stock_movement ----------------------------------------------------

alter table stock_movement
  add constraint ck_stock_movement_kind check (kind = any (array['receive'::text, 'produce'::text, 'move'::text, 'consume'::text, 'ship'::text, 'return'::text, 'scrap'::text, 'sample'::text, 'adjust'::text, 'reshape-out'::text, 'reshape-in'::text])),
  add constraint ck_stock_movement_quantity check (quantity > 0::numeric),
  add constraint ck_stock_movement_somewhere check (from_location_id is not null or to_location_id is not null);

-- Nothing appears or vanishes by a bare adjustment: a correction of an operation is proven by its links (BW100, BW101) (ISO 13485 7.5.9).
-- Refuses with BW172
create or replace function adjust_wall() returns trigger language plpgsql as $function$
begin
  raise exception 'an adjustment names the operation that it corrects' using errcode = 'BW172';
end $function$;
create trigger adjust_wall before insert on stock_movement for each row
  when (new.kind = 'adjust'::text and new.operation_run_id is null) execute function adjust_wall();

-- What is proposed to be rejected stays in its batch until that is decided (ISO 13485 8.3.1, 8.3.2).
-- Refuses with BW150, BW151, BW152, BW333
create or replace function place_wall() returns trigger language plpgsql as $function$
declare
  l lot;
  source location;
  target location;
  apart numeric;
begin
  select * into l from lot where id = new.lot_id;
  select * into source from location where id = new.from_location_id;
  select * into target from location where id = new.to_location_id;
  if l.origin = 'migrated' and new.kind = 'receive' then
    return new;  -- where an earlier system says that it lies
  end if;
  if new.kind in ('receive', 'move') and not place_fits(lot_goods(l), place_kind(target.kind))
     or new.kind = 'return' and not place_fits('returned', place_kind(target.kind)) then
    raise exception 'location % (%) doesn''t take lot % (%)', target.code, target.kind, l.lot_no, lot_goods(l)
      using errcode = 'BW150';
  end if;
  if new.kind in ('ship', 'consume') and source.kind in ('returns', 'rejected') then
    raise exception 'nothing leaves location % (%) for use', source.code, source.kind using errcode = 'BW151';
  end if;
  if new.kind in ('ship', 'consume', 'move') and place_fits('returned', place_kind(source.kind))
     and (target.id is null or not place_fits('returned', place_kind(target.kind))) then
    select coalesce(sum(s.quantity), 0) into apart from stock s join location o on o.id = s.location_id
     where s.lot_id = l.id and place_fits('returned', place_kind(o.kind));
    if apart - new.quantity < returns_open(l.id) then
      raise exception 'some of lot % came back and nobody has decided about it', l.lot_no using errcode = 'BW152';
    end if;
  end if;
  if new.kind in ('ship', 'consume') and rejection_proposed(l.id) > 0
     and (select coalesce(sum(s.quantity), 0) from stock s where s.lot_id = l.id) - new.quantity < rejection_proposed(l.id) then
    raise exception 'some of lot % is proposed to be rejected and stays until that is decided', l.lot_no using errcode = 'BW333';
  end if;
  return new;
end $function$;
create trigger keep_apart before insert on stock_movement for each row execute function place_wall();

-- Goods of a batch that a change pauses are neither used nor shipped (REQUIREMENTS 46; ISO 13485 7.3.9).
-- Refuses with BW387
create or replace function movement_paused_wall() returns trigger language plpgsql as $function$
begin
  perform from lot l where l.id = new.lot_id for share;
  if batch_is_paused(new.lot_id, 'leave', 0, now()) then
    raise exception 'lot % is paused by a change', (select lot_no from lot where id = new.lot_id) using errcode = 'BW387';
  end if;
  return new;
end $function$;
create trigger movement_paused_wall before insert on stock_movement for each row
  when (new.kind = any (array['ship'::text, 'consume'::text])) execute function movement_paused_wall();

-- Work is judged by when it was done (ALCOA+; ISO 13485 7.5.9): a lot that was good when it went in is not refused because
-- it ran out before somebody told; and nothing has happened yet that lies in the future.
-- Refuses with BW030, BW031, BW032, BW033, BW034
create or replace function movement_wall()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
declare
  l lot;
  zone text;
  moment timestamptz := now();
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
    if new.kind = 'consume' and new.operation_run_id is not null then
      -- the last day is that of the work; what had run out by then is told as a deviation of the batch that took it
      select least(now(), r.finished_at) into moment from operation_run r where r.id = new.operation_run_id;
      if lot_expired_at(l, zone, moment) and moment < now() - interval '5 minutes' then
        moment := null;
      end if;
    end if;
    if moment is not null and lot_expired_at(l, zone, moment) then
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
end $function$;
create trigger movement_wall before insert on stock_movement for each row execute function movement_wall();

-- Nothing enters stock from a supplier without a judgement by the list of approved suppliers: looked at when the receipt ends, because
-- it writes one after the other (ISO 13485 7.4.1, 7.4.3; STANDARDS Q 87).
-- Refuses with BW404
create or replace function received_from_whom() returns trigger language plpgsql as $function$
begin
  if not exists (select from supplier_receipt r where r.lot_id = new.lot_id)
     and exists (select from lot l where l.id = new.lot_id and l.origin = 'native' and l.supplier_id is not null) then
    raise exception 'lot % was received, and nobody looked whether its supplier is approved', (select lot_no from lot where id = new.lot_id)
      using errcode = 'BW404';
  end if;
  return null;
end $function$;
create constraint trigger received_from_whom after insert on stock_movement deferrable initially deferred for each row
  when (new.kind = 'receive'::text) execute function received_from_whom();

-- Lots that are reshaped: what leaves one lot arrives in another, and a released lot's children are released because it is
-- (REQUIREMENTS 6, 7, 56; ISO 13485 7.5.9, 8.3.1).  Exactly that, and nothing more.
-- Refuses with BW050, BW051
create or replace function reshape_movement_wall() returns trigger language plpgsql as $function$
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
end $function$;
create trigger reshape_movement_wall before insert on stock_movement for each row
  when ((new.kind = any (array['reshape-out'::text, 'reshape-in'::text])) or new.edge_id is not null)
  execute function reshape_movement_wall();

-- What an earlier system tells of lots with serial numbers is kept as it tells it: it names no number for each piece that
-- was used.  The act itself asks for the numbers of such lots from now on (ISO 13485 7.5.9.2).
-- Refuses with BW134
create or replace function serials_consumed() returns trigger language plpgsql as $function$
begin
  if exists (select from lot l join item i on i.id = l.item_id where l.id = new.lot_id and i.serial_on_label
                and l.origin = 'native'
                and l.pack_size * new.quantity <> (select count(*) from serial_unit u where u.left_by_id = new.id)) then
    raise exception 'lot % is used by serial number only', (select lot_no from lot where id = new.lot_id)
      using errcode = 'BW134';
  end if;
  return null;
end $function$;
create constraint trigger serials_consumed after insert on stock_movement deferrable initially deferred for each row
  when (new.kind = 'consume'::text) execute function serials_consumed();

-- Goods, documents and links say the same (DESIGN 2.4; ISO 13485 7.5.8, 7.5.9; REQUIREMENTS 12, 21, 25): what moves is booked
-- by a document, what a document says has moved, and a link is what an operation used.  Looked at when an act ends, because
-- it writes one after the other.  What another system tells of is kept as it tells it; only its import can write it.
-- Refuses with BW175
create or replace function told_by_document() returns trigger language plpgsql as $function$
begin
  if not imported_now() and not coalesce(movement_is_proven(new), false) then
    raise exception 'no document books this movement of lot % (%)', (select lot_no from lot where id = new.lot_id), new.kind
      using errcode = 'BW175';
  end if;
  return null;
end $function$;
create constraint trigger told_by_document after insert on stock_movement deferrable initially deferred for each row
  when (new.kind <> all (array['move'::text, 'adjust'::text, 'reshape-in'::text, 'reshape-out'::text]))
  execute function told_by_document();

-- Walls that tables share.
create trigger a_recorded_now before insert on stock_movement for each row execute function recorded_now();
create trigger api_stays_out before insert or delete or update on stock_movement for each statement
  execute function api_stays_out();
create trigger append_only before delete or update on stock_movement for each row execute function append_only();
create trigger append_only_truncate before truncate on stock_movement for each statement execute function append_only();
create trigger audit_delete after delete on stock_movement referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on stock_movement referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on stock_movement referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create constraint trigger correction_wall after insert on stock_movement deferrable initially deferred for each row
  when (new.kind = 'adjust'::text and new.operation_run_id is not null) execute function correction_wall();
create trigger count_whole before insert on stock_movement for each row execute function whole_wall();
create trigger fixed_key before update on stock_movement for each row execute function identity_is_fixed();
create trigger movement_time before insert on stock_movement for each row
  when (new.at > (now() + '00:05:00'::interval) or new.at < '1970-01-01 00:00:00+00'::timestamp with time zone)
  execute function at_a_time_that_was('at');
create constraint trigger reshape_conserves after insert on stock_movement deferrable initially deferred for each row
  when (new.edge_id is not null) execute function reshape_conserves();
