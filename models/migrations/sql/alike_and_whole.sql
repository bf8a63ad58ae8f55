-- One number is one thing however it is spelled, a part of a piece is one in every unit, and limits are the order's own
-- (REQUIREMENTS 19, 25, 58; ISO 13485 7.5.1, 7.5.9, 8.2.6; 21 CFR 820.65, 820.70).  What was there before stays, and is listed.

-- Serials and our own documents -----------------------------------------------------------------------------------------

create or replace function serial_wall() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
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
end $$;

create trigger master_number_is_new before insert on work_order
  for each row execute function master_number_is_new('work_order_no');
create trigger master_number_is_new before insert on shipment
  for each row execute function master_number_is_new('shipment_no');
create trigger master_number_is_new before insert on recall
  for each row execute function master_number_is_new('recall_no');
create index recall_no_identity on recall (identity_key(recall_no));

-- Parts of pieces -------------------------------------------------------------------------------------------------------

create or replace function unit_is_whole(uom text) returns boolean language sql immutable as $$
  -- the words of models/rules/units.py; a test holds the two against each other
  select lower(btrim(uom)) = any(array['pcs', 'pc', 'piece', 'pieces', 'each', 'ea', '件', '个', '只', '支', '枚', '片', '块',
    '颗', '粒', '张', 'h87', 'c62', 'nar', 'box', 'boxes', 'bx', 'pack', 'packs', 'pk', 'case', 'cases', 'set', 'sets',
    'pair', 'pairs', 'pr', 'bag', 'bags', 'kit', 'kits', 'kt', 'unit', 'units', '盒', '包', '箱', '套', '双', '对', '组', '袋',
    '台', '副'])
$$;

create function unit_pieces(uom text) returns numeric language sql immutable as $$
  -- how many whole pieces one of a unit is; nothing where a part of one may be taken
  select case when unit_is_whole(uom) then 1
              when lower(btrim(uom)) in ('dozen', 'dz', '打') or btrim(uom) = 'DZN' then 12
              when lower(btrim(uom)) in ('hundred', '百件') or btrim(uom) = 'CEN' then 100
              when lower(btrim(uom)) in ('thousand', '千件') or btrim(uom) = 'MIL' then 1000 end
$$;

create or replace function whole_of_lot(of_lot bigint, quantity numeric) returns boolean language sql stable as $$
  -- a lot that has a part of a piece from earlier may be used up
  select p.each is null or whole_of_lot.quantity * l.pack_size * p.each % 1 = 0 or l.origin = 'migrated'
      or (select coalesce(sum(s.quantity), 0) * l.pack_size * p.each % 1 <> 0 from stock s where s.lot_id = l.id)
    from lot l join item i on i.id = l.item_id cross join lateral (select unit_pieces(i.uom) as each) p where l.id = of_lot
$$;

create or replace function whole_order_wall() returns trigger language plpgsql as $$
begin
  if new.origin = 'native' and new.quantity * unit_pieces(new.uom) % 1 <> 0 then
    raise exception '% % are no whole pieces', new.quantity, new.uom using errcode = 'BW140';
  end if;
  return new;
end $$;

create or replace function whole_run_wall() returns trigger language plpgsql as $$
begin
  if (new.produced % 1 <> 0 or new.scrapped % 1 <> 0) and exists (
      select from work_order w cross join lateral (select unit_pieces(w.uom) as each) p
       where w.id = new.work_order_id and w.origin = 'native' and w.quantity * p.each % 1 = 0
         and (new.produced * p.each % 1 <> 0 or new.scrapped * p.each % 1 <> 0)) then
    raise exception 'an operation makes whole pieces' using errcode = 'BW140';
  end if;
  return new;
end $$;

-- Limits ----------------------------------------------------------------------------------------------------------------

create function limits_are_the_orders(of_run bigint, what text, told text, unit text, lower numeric, upper numeric)
returns void language plpgsql as $$
declare
  asked jsonb;
  from_order bigint;
begin
  select w.id into from_order from operation_run r join work_order w on w.id = r.work_order_id
   where r.id = of_run and w.origin = 'native';
  if not found then
    return;  -- what an earlier system tells is as it was there
  end if;
  select x into asked from operation_run r join routing_step s on (s.work_order_id, s.seq) = (r.work_order_id, r.seq)
   cross join jsonb_array_elements(coalesce(s.parameters -> what, '[]')) x
   where r.id = of_run and x ->> 'name' = told limit 1;
  if ((asked ->> 'lower')::numeric, (asked ->> 'upper')::numeric) is distinct from (lower, upper)
     or (asked ->> 'unit' is not null and asked ->> 'unit' is distinct from unit) then
    raise exception 'the limits of "%", and their unit, are the order''s', told using errcode = 'BW320';
  end if;
end $$;

create function parameter_limits_wall() returns trigger language plpgsql as $$
begin
  perform limits_are_the_orders(new.operation_run_id, 'parameters', new.name, new.unit, new.lower, new.upper);
  return new;
end $$;

create trigger parameter_limits_wall before insert on operation_parameter
  for each row execute function parameter_limits_wall();

create function reading_limits_wall() returns trigger language plpgsql as $$
begin
  perform limits_are_the_orders(new.operation_run_id, 'readings', v.quantity, v.unit, v.lower, v.upper)
     from environment_reading v where v.id = new.environment_reading_id;
  return new;
end $$;

create trigger reading_limits_wall before insert on operation_environment
  for each row execute function reading_limits_wall();

-- Verdicts --------------------------------------------------------------------------------------------------------------

create function verdict_inspector_wall() returns trigger language plpgsql as $$
declare
  skill text;
begin
  select p.qualification into skill from inspection_plan p where p.id = new.plan_id;
  if skill is not null and not exists (
      select from qualification q where q.person_id = new.decided_by_id and q.code = skill
         and q.valid_from <= now() and (q.valid_until is null or now() < q.valid_until)) then
    raise exception 'who decides inspection % lacks the qualification that its plan asks for', new.inspection_no
      using errcode = 'BW194';
  end if;
  return new;
end $$;

-- by name after the walls that say more of the row
create trigger verdict_wall_inspector before update on inspection for each row
  when (old.status = 'open' and new.status <> 'open' and new.origin = 'native') execute function verdict_inspector_wall();
