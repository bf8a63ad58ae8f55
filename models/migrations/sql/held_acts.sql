-- What may be done with a batch while somebody holds it, where a row can tell (DESIGN 2.4; ISO 13485 8.3.1, 21 CFR 7.46).
-- Work, packaging, shipping, consuming, cases and places have walls of their own (BW031, BW079, BW080, BW115, BW074).

create function hold_allows(act text, kind text) returns boolean language sql immutable as $$
  -- the table of models/rules/held.py; a test holds the two against each other
  select case
    when act in ('split', 'inspect', 'move', 'unpack', 'return', 'correct') then true
    when act in ('propose', 'scrap_return') then kind in ('quality', 'release', 'recall')
    when act = 'number' then kind in ('quality', 'release')
    else false end
$$;

create function hold_kind(h hold) returns text language sql immutable as $$
  select case when h.cause = 'containment' and h.confirmed_at is null then 'containment'
              when h.cause in ('containment', 'recall') then 'recall'
              when h.cause = 'release' then 'release' else 'quality' end
$$;

create function held_against(of_lot bigint, act text) returns boolean language sql stable as $$
  select exists (select from hold h where h.lot_id = of_lot and h.lifted_at is null and not hold_allows(act, hold_kind(h)))
$$;

-- Merging and repacking, and the rejected part that leaves a batch; what was migrated is history.
create function held_link_wall() returns trigger language plpgsql as $$
declare
  parent lot;
  child lot;
  act text := new.kind;
begin
  select * into parent from lot where id = new.parent_lot_id;
  select * into child from lot where id = new.child_lot_id;
  if new.kind = 'split' and child.status = 'rejected' and parent.status <> 'rejected' then
    act := 'propose';
  end if;
  if child.origin = 'native' and held_against(new.parent_lot_id, act) then
    raise exception 'lot % is held, and is not merged, repacked or decided on in part', parent.lot_no using errcode = 'BW083';
  end if;
  return new;
end $$;

-- after `reshape_stays` in the order of names
create trigger reshape_stays_held before insert on genealogy_edge for each row
  when (new.kind in ('merge', 'repack', 'split')) execute function held_link_wall();

create function held_serial_wall() returns trigger language plpgsql as $$
begin
  if exists (select from lot l where l.id = new.lot_id and l.origin = 'native') and held_against(new.lot_id, 'number') then
    raise exception 'a held lot is given no serial numbers' using errcode = 'BW084';
  end if;
  return new;
end $$;

-- after `serial_wall` in the order of names
create trigger serial_wall_held before insert on serial_unit for each row execute function held_serial_wall();

-- What came back goes to stock only while nobody holds its batch (BW075); a precaution lets nothing of it be scrapped either.
create function held_return_wall() returns trigger language plpgsql as $$
begin
  if exists (select from recall_return r where r.id = new.return_id and held_against(r.lot_id, 'scrap_return')) then
    raise exception 'its batch is held as a precaution: what came back is not scrapped yet' using errcode = 'BW085';
  end if;
  return new;
end $$;

create trigger recall_held_wall before insert on recall_disposition for each row
  when (new.kind = 'scrap') execute function held_return_wall();
