-- What arrives, leaves, goes in or is held does so at a time that has been: not in the future, and not before clocks began.
-- The condition stands at the trigger, so that rows by the hundred thousand cost no call; a home with a moved clock asks again.

create function at_a_time_that_was() returns trigger language plpgsql as $$
declare
  moment timestamptz := (to_jsonb(new) ->> tg_argv[0])::timestamptz;
begin
  if moment > now() + interval '5 minutes' then
    raise exception '% of % lies in the future', tg_argv[0], tg_table_name using errcode = 'BW160';
  end if;
  if moment < '1970-01-01 00:00:00+00'::timestamptz then
    raise exception '% tells of a time before 1970', tg_table_name using errcode = 'BW162';
  end if;
  return new;
end $$;

create trigger movement_time before insert on stock_movement for each row
  when (new.at > now() + interval '5 minutes' or new.at < '1970-01-01 00:00:00+00'::timestamptz)
  execute function at_a_time_that_was('at');
create trigger edge_time before insert on genealogy_edge for each row
  when (new.at > now() + interval '5 minutes' or new.at < '1970-01-01 00:00:00+00'::timestamptz)
  execute function at_a_time_that_was('at');
create trigger shipment_time before insert or update of shipped_at on shipment for each row
  when (new.shipped_at > now() + interval '5 minutes' or new.shipped_at < '1970-01-01 00:00:00+00'::timestamptz)
  execute function at_a_time_that_was('shipped_at');
create trigger hold_time before insert on hold for each row
  when (new.placed_at > now() + interval '5 minutes' or new.placed_at < '1970-01-01 00:00:00+00'::timestamptz)
  execute function at_a_time_that_was('placed_at');

-- An order is finished when its last operation was, whenever that is told.
create or replace function order_proven() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.origin = 'native'
       and (new.status <> 'open' or new.produced <> 0 or new.scrapped <> 0 or new.finished_at is not null) then
      raise exception 'order % begins open, with nothing made', new.work_order_no using errcode = 'BW290';
    end if;
    return new;
  end if;
  if not (case
    when old.status = 'open' and new.status = 'finished' then
      new.extra = old.extra
      and exists (select from operation_run r where r.work_order_id = new.id and r.recorded_at = now() and r.produced = new.produced
                     and r.finished_at = new.finished_at)
      and new.scrapped = (select coalesce(sum(r.scrapped), 0) from operation_run r where r.work_order_id = new.id)
    when old.status = 'finished' and new.status = 'open' then
      new.finished_at is null and (new.produced, new.scrapped) = (old.produced, old.scrapped)
      and (new.extra ->> 'cycle')::int = coalesce((old.extra ->> 'cycle')::int, 1) + 1
      and exists (select from process_run p where p.lot_id = new.lot_id and p.status = 'completed'
                     and p.result = 'rework' and p.ended_at = now())
    else false end) then
    raise exception 'order % is finished by its operation and taken up again by a release that sends back', old.work_order_no
      using errcode = 'BW290';
  end if;
  return new;
end $$;
