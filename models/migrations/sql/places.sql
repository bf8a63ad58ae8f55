-- The last wall between kinds of places (DESIGN 2.4; ISO 13485 7.5.11, 8.3.1): what waits, what is rejected and what came
-- back lies apart from what may be used, and nothing leaves from there unless somebody has decided.

create function place_kind(kind text) returns text language sql immutable as $$
  -- a kind that nobody knows is not decided
  select case when kind in ('quarantine', 'storage', 'rejected', 'returns', 'line', 'cleanroom', 'transit') then kind
              else 'undecided' end
$$;

create function place_fits(goods text, kind text) returns boolean language sql immutable as $$
  -- the table of models/rules/places.py; a test holds the two against each other
  select case goods
    when 'waiting' then kind in ('quarantine', 'line', 'cleanroom', 'transit', 'undecided')
    when 'released' then kind in ('storage', 'line', 'cleanroom', 'transit', 'quarantine', 'undecided')
    when 'held' then kind in ('quarantine', 'rejected', 'returns', 'undecided')
    when 'rejected' then kind in ('rejected', 'quarantine', 'undecided')
    when 'returned' then kind in ('returns', 'quarantine', 'rejected', 'undecided')
    else false end
$$;

create function lot_goods(l lot) returns text language sql stable as $$
  select case
    when l.status = 'rejected' then 'rejected'
    when exists (select from hold h where h.lot_id = l.id and h.lifted_at is null) then 'held'
    when l.status in ('released', 'closed') then 'released'
    else 'waiting' end
$$;

create function returns_open(of_lot bigint) returns numeric language sql stable as $$
  -- what came back into stock and nobody has decided about
  select coalesce(sum(r.quantity - coalesce((select sum(d.quantity) from recall_disposition d where d.return_id = r.id), 0)), 0)
    from recall_return r where r.lot_id = of_lot and r.moved
$$;

create function place_wall() returns trigger language plpgsql as $$
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
  return new;
end $$;

-- by name before the trigger that writes the balance and locks the stock
create trigger keep_apart before insert on stock_movement for each row execute function place_wall();
