-- Work is judged by when it was done (ALCOA+; ISO 13485 7.5.9): a lot that was good when it went in is not refused because
-- it ran out before somebody told; and nothing has happened yet that lies in the future.

create function lot_expired_at(lot lot, zone text, moment timestamptz) returns boolean language sql stable as $$
  select lot.expires_on is not null and (moment at time zone zone)::date > lot_end(lot)
$$;

create or replace function movement_wall() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
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
end $$;

create function not_in_the_future() returns trigger language plpgsql as $$
begin
  if (to_jsonb(new) ->> tg_argv[0])::timestamptz > now() + interval '5 minutes' then
    raise exception '% of % lies in the future', tg_argv[0], tg_table_name using errcode = 'BW160';
  end if;
  return new;
end $$;

create trigger operation_run_time before insert or update of finished_at on operation_run
  for each row execute function not_in_the_future('finished_at');
create trigger environment_reading_time before insert or update of measured_at on environment_reading
  for each row execute function not_in_the_future('measured_at');
create trigger calibration_time before insert or update of performed_at on calibration
  for each row execute function not_in_the_future('performed_at');
create trigger lot_fact_time before insert on lot_fact
  for each row when (new.happened_at is not null) execute function not_in_the_future('happened_at');

create function made_by_today() returns trigger language plpgsql as $$
begin
  if new.manufactured_on > (now() at time zone
      coalesce((select s.zone from site s order by s.id limit 1), 'Asia/Shanghai'))::date then
    raise exception 'lot % is made in the future', new.lot_no using errcode = 'BW161';
  end if;
  return new;
end $$;

create trigger lot_made before insert or update of manufactured_on on lot
  for each row when (new.manufactured_on is not null) execute function made_by_today();
