-- What had expired when it arrived is never released by its incoming inspection (ISO 13485 7.5.11; DESIGN 2.4).

create function expired_is_not_released() returns trigger language plpgsql as $$
declare
  last date := case new.expiry_precision
    when 'month' then (date_trunc('month', new.expires_on) + interval '1 month - 1 day')::date else new.expires_on end;
  zone text := coalesce((select s.zone from site s order by s.id limit 1), 'UTC');
begin
  if (now() at time zone zone)::date > last and not exists (
      select from genealogy_edge e where e.child_lot_id = new.id and e.kind in ('split', 'merge', 'repack')) then
    raise exception 'lot % expired on % and can''t be released', new.lot_no, last using errcode = 'BW199';
  end if;
  return new;
end $$;

create trigger lot_wall_expired before update on lot for each row
  when (new.status = 'released' and old.status in ('received', 'inspected', 'packed') and new.expires_on is not null)
  execute function expired_is_not_released();
