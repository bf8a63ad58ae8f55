-- What may be done with a batch while somebody holds it, where a row can tell (DESIGN 2.4; ISO 13485 8.3.1, 21 CFR 7.46).
-- Shipping, consuming, putting into cases and where held goods may lie have walls of their own.

create function hold_allows(act text, kind text) returns boolean language sql immutable as $$
  -- the table of models/rules/under_hold.py; a test holds the two against each other
  select case
    when act in ('book_return', 'correct', 'inspect', 'move', 'split', 'unpack') then true
    when act in ('dispose', 'scrap_return') then kind in ('quality', 'release', 'recall')
    when act = 'label' then kind in ('quality', 'release')
    else false end
$$;

create function hold_kind(h hold) returns text language sql immutable as $$
  select case when h.cause = 'containment' and h.confirmed_at is null then 'containment'
              when h.cause in ('containment', 'recall') then 'recall'
              when h.cause = 'release' then 'release' else 'quality' end
$$;

create function held_against(of_lot bigint, act text, by_then timestamptz) returns boolean language sql stable as $$
  select exists (select from hold h where h.lot_id = of_lot and h.lifted_at is null and h.placed_at <= by_then
                    and not hold_allows(act, hold_kind(h)))
$$;

create function held_lot_wall() returns trigger language plpgsql as $$
begin
  if new.status is distinct from old.status and new.status = 'packed' and held_against(new.id, 'pack', 'infinity') then
    raise exception 'batch % is on hold and can''t be packed', new.lot_no using errcode = 'BW160';
  end if;
  return new;
end $$;

create trigger held_lot_wall before update of status on lot for each row execute function held_lot_wall();

create function held_operation_wall() returns trigger language plpgsql as $$
begin
  -- work that was done before the hold may be written down
  if exists (select from lot l where l.id = new.lot_id and l.origin = 'native')
     and held_against(new.lot_id, 'operate', new.finished_at) then
    raise exception 'a batch on hold can''t be worked on' using errcode = 'BW160';
  end if;
  return new;
end $$;

create trigger held_operation_wall before insert on operation_run for each row execute function held_operation_wall();

create function held_link_wall() returns trigger language plpgsql as $$
begin
  if new.kind in ('merge', 'repack') and exists (select from lot l where l.id = new.child_lot_id and l.origin = 'native')
     and held_against(new.parent_lot_id, new.kind, 'infinity') then
    raise exception 'a batch on hold can''t be merged or repacked' using errcode = 'BW160';
  end if;
  return new;
end $$;

create trigger held_link_wall before insert on genealogy_edge for each row when (new.kind in ('merge', 'repack'))
  execute function held_link_wall();

create function held_serial_wall() returns trigger language plpgsql as $$
begin
  if exists (select from lot l where l.id = new.lot_id and l.origin = 'native')
     and held_against(new.lot_id, 'label', 'infinity') then
    raise exception 'a batch on hold can''t be labelled' using errcode = 'BW160';
  end if;
  return new;
end $$;

create trigger held_serial_wall before insert on serial_unit for each row execute function held_serial_wall();
