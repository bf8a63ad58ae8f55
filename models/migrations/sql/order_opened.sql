-- When a work order was opened, where it is told: not after its entry, and none of its operations began before it (ALCOA+;
-- 21 CFR 11.10(f)).  People tell times to the minute; what an order told stays as it was given (BW182).

create function order_opened_wall() returns trigger language plpgsql as $$
begin
  if new.opened_at > new.created_at then
    raise exception 'order % is opened when it is entered, or before', new.work_order_no using errcode = 'BW330';
  end if;
  return new;
end $$;

create trigger order_opened_wall before insert on work_order
  for each row execute function order_opened_wall();

create function operation_after_opening() returns trigger language plpgsql as $$
declare
  opened timestamptz;
begin
  select w.opened_at into opened from work_order w where w.id = new.work_order_id;
  if date_trunc('minute', new.started_at) < date_trunc('minute', opened) then
    raise exception 'an operation begins when its order has been opened' using errcode = 'BW331';
  end if;
  return new;
end $$;

create trigger operation_after_opening before insert on operation_run
  for each row execute function operation_after_opening();

-- The zone by which the plant's days are counted is one that the database knows (21 CFR 11.10(e)).

create function site_zone_wall() returns trigger language plpgsql as $$
begin
  if new.zone = 'Factory' or not exists (select from pg_timezone_names z where z.name = new.zone) then
    raise exception '% is no time zone', new.zone using errcode = 'BW332';
  end if;
  return new;
end $$;

create trigger site_zone_wall before insert or update of zone on site for each row execute function site_zone_wall();
