-- A date that is printed as a month stays one: of manufacture and of retest too (21 CFR 801.18; ISO 13485 7.5.9).

create or replace function lot_relied_wall() returns trigger language plpgsql as $$
begin
  if new.quantity <> old.quantity and not (old.status = 'in_process' and new.status = 'finished' and exists (
      select from operation_run r where r.lot_id = new.id and r.produced = new.quantity)) then
    raise exception 'the quantity of lot % is what was received or made', new.lot_no using errcode = 'BW178';
  end if;
  if (new.supplier_id, new.supplier_lot_no, new.manufactured_on, new.made_precision, new.expires_on, new.expiry_precision,
      new.expiry_reason, new.retest_on, new.retest_precision, new.extra) is distinct from
     (old.supplier_id, old.supplier_lot_no, old.manufactured_on, old.made_precision, old.expires_on, old.expiry_precision,
      old.expiry_reason, old.retest_on, old.retest_precision, old.extra)
     and (old.status not in ('received', 'in_process') or coalesce(current_setting('bw.reason', true), '') = '') then
    raise exception 'what lot % was judged by stays as it was', new.lot_no using errcode = 'BW178',
      hint = 'before its inspection it may be put right, with a reason';
  end if;
  return new;
end $$;

-- the plant's day, also where no site says its zone
create or replace function expired_is_not_released() returns trigger language plpgsql as $$
declare
  last date := case new.expiry_precision
    when 'month' then (date_trunc('month', new.expires_on) + interval '1 month - 1 day')::date else new.expires_on end;
  zone text := coalesce((select s.zone from site s order by s.id limit 1), 'Asia/Shanghai');
begin
  if (now() at time zone zone)::date > last and not exists (
      select from genealogy_edge e where e.child_lot_id = new.id and e.kind in ('split', 'merge', 'repack')) then
    raise exception 'lot % expired on % and can''t be released', new.lot_no, last using errcode = 'BW199';
  end if;
  return new;
end $$;

-- Nothing is made here, or received, that expires or is tested again before it was made.
create function dates_in_order() returns trigger language plpgsql as $$
declare
  made date := new.manufactured_on;
  again date := case new.retest_precision
    when 'month' then (date_trunc('month', new.retest_on) + interval '1 month - 1 day')::date else new.retest_on end;
begin
  if lot_end(new) < made or again < made then
    raise exception 'lot % expires, or is tested again, before it is made', new.lot_no using errcode = 'BW315';
  end if;
  return new;
end $$;

create trigger lot_made_in_order before insert or update of manufactured_on, expires_on, retest_on on lot for each row
  when (new.origin = 'native' and new.manufactured_on is not null) execute function dates_in_order();
