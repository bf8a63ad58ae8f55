-- What is proposed to be rejected stays in its batch until that is decided (ISO 13485 8.3.1, 8.3.2).

create function rejection_proposed(of_lot bigint) returns numeric language sql stable as $$
  select coalesce(sum((p.state -> 'facts' ->> 'disposition.rejected')::numeric), 0)
    from process_run p where p.lot_id = of_lot and p.status = 'running' and p.state -> 'facts' ? 'disposition.rejected'
$$;

create or replace function place_wall() returns trigger language plpgsql as $$
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
end $$;
