-- A lot counts once, in the series of its own supplier and item, when its first incoming inspection is decided; it was inspected as the series stood,
-- and how the next one is follows from the switching rules (GB/T 2828.1 9.3; STANDARDS Q 88: what is submitted again isn't counted).
create or replace function sampling_lot_wall() returns trigger language plpgsql as $function$
declare
  s sampling_severity;
  last sampling_lot;
  newest boolean[];
begin
  select * into s from sampling_severity where id = new.severity_id;
  select * into last from sampling_lot where severity_id = new.severity_id order by seq desc limit 1;
  select array(
    select p.accepted from sampling_lot p
     where p.severity_id = new.severity_id
       and p.seq > coalesce((select max(q.seq) from sampling_lot q where q.severity_id = new.severity_id and q.severity <> q.then_severity), 0)
     order by p.seq desc limit 4) into newest;
  if new.judged_at <> now() or new.seq <> 1 + coalesce(last.seq, 0) or new.severity is distinct from coalesce(last.then_severity, 'normal')
     or new.then_severity is distinct from sampling_after(new.severity, array_prepend(new.accepted, newest))
     or not exists (
       select from lot l join inspection i on i.lot_id = l.id
        where l.id = new.lot_id and (l.supplier_id, l.item_id) = (s.supplier_id, s.item_id) and i.id = new.inspection_id and i.stage = 'incoming'
          and i.revision = 1 and i.status = case when new.accepted then 'accepted' else 'failed' end and i.decided_at = now()) then
    raise exception 'a lot counts with its first incoming inspection, and switches its sampling by the rules' using errcode = 'BW458';
  end if;
  return new;
end $function$;
create trigger sampling_lot_wall before insert on sampling_lot for each row execute function sampling_lot_wall();

-- How strictly lots are inspected begins as normal, and is what the newest lot of the series made it (GB/T 2828.1 9.3; STANDARDS Q 88).
create or replace function sampling_severity_wall() returns trigger language plpgsql as $function$
begin
  if tg_op = 'INSERT' then
    if new.severity <> 'normal' then
      raise exception 'sampling begins as normal' using errcode = 'BW459';
    end if;
    return new;
  end if;
  if new is not distinct from old then
    return new;
  end if;
  if (new.supplier_id, new.item_id) is distinct from (old.supplier_id, old.item_id) or new.since is distinct from now()
     or new.severity is distinct from (select p.then_severity from sampling_lot p where p.severity_id = new.id order by p.seq desc limit 1) then
    raise exception 'sampling is switched by its lots only' using errcode = 'BW459';
  end if;
  return new;
end $function$;
create trigger sampling_severity_wall before insert or update on sampling_severity for each row execute function sampling_severity_wall();
create trigger kept before delete on sampling_severity for each row execute function kept();

-- Whoever decides the first incoming inspection of what came from a supplier counts the lot in the same transaction, and has switched its sampling
-- by the end of it; what an import brings is of before (GB/T 2828.1 9.3; REQUIREMENTS 29).
create or replace function inspection_counts() returns trigger language plpgsql as $function$
begin
  if exists (select from lot l where l.id = new.lot_id and l.supplier_id is not null) and not exists (
       select from sampling_lot p join sampling_severity s on s.id = p.severity_id
        where p.inspection_id = new.id
          and s.severity = (select q.then_severity from sampling_lot q where q.severity_id = s.id order by q.seq desc limit 1)) then
    raise exception 'inspection % is decided, and its lot doesn''t count', new.inspection_no using errcode = 'BW460';
  end if;
  return null;
end $function$;
create constraint trigger inspection_counts after update on inspection deferrable initially deferred for each row
  when (new.stage = 'incoming' and new.revision = 1 and new.origin = 'native' and new.status <> 'open' and old.status = 'open')
  execute function inspection_counts();
