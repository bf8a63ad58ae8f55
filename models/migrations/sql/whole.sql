-- The last wall against parts of pieces (DESIGN 9; REQUIREMENTS 25): what is counted is counted whole, wherever it is written.

create function unit_is_whole(uom text) returns boolean language sql immutable as $$
  -- the words of models/rules/units.py; a test holds the two against each other
  select lower(btrim(uom)) = any(array['pcs', 'pc', 'piece', 'pieces', 'each', 'ea', '件', '个', '只', '支', 'h87', 'c62',
    'box', 'boxes', 'pack', 'packs', 'case', 'cases', 'set', 'sets', 'pair', 'pairs', 'bag', 'bags', 'kit', 'kits', 'unit',
    'units', '盒', '包', '箱', '套', '双', '袋', '台', '副'])
$$;

create function whole_of_lot(of_lot bigint, quantity numeric) returns boolean language sql stable as $$
  -- a lot that has a part of a piece from earlier may be used up
  select whole_of_lot.quantity * l.pack_size % 1 = 0 or not unit_is_whole(i.uom) or l.origin = 'migrated'
      or (select coalesce(sum(s.quantity), 0) * l.pack_size % 1 <> 0 from stock s where s.lot_id = l.id)
    from lot l join item i on i.id = l.item_id where l.id = of_lot
$$;

create function whole_wall() returns trigger language plpgsql as $$
begin
  if new.lot_id is not null and new.quantity % 1 <> 0 and not whole_of_lot(new.lot_id, new.quantity) then
    raise exception 'lot % is counted in whole pieces', (select lot_no from lot where id = new.lot_id)
      using errcode = 'BW140';
  end if;
  return new;
end $$;

-- by name before the trigger that writes the balance
create trigger count_whole before insert on stock_movement for each row execute function whole_wall();
create trigger count_whole before insert on shipment_line for each row execute function whole_wall();
create trigger count_whole before insert on packed_content for each row execute function whole_wall();

create function whole_order_wall() returns trigger language plpgsql as $$
begin
  if new.origin = 'native' and unit_is_whole(new.uom) and new.quantity % 1 <> 0 then
    raise exception '% % are no whole pieces', new.quantity, new.uom using errcode = 'BW140';
  end if;
  return new;
end $$;

create trigger count_whole before insert on work_order for each row execute function whole_order_wall();

create function whole_run_wall() returns trigger language plpgsql as $$
begin
  if (new.produced % 1 <> 0 or new.scrapped % 1 <> 0) and exists (
      select from work_order w where w.id = new.work_order_id and w.origin = 'native' and unit_is_whole(w.uom)
         and w.quantity % 1 = 0) then
    raise exception 'an operation makes whole pieces' using errcode = 'BW140';
  end if;
  return new;
end $$;

create trigger count_whole before insert on operation_run for each row execute function whole_run_wall();
