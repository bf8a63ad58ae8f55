-- The lots of before, in the order in which they were decided: a plant that is updated goes on as strictly as its own lots ask for.
select set_config('bw.actor_id', 'service:update', true), set_config('bw.actor_name', 'Batchwright', true),
       set_config('bw.source', 'migration', true), set_config('bw.reason', 'how strictly lots were to be inspected before it was kept', true);
do $body$
declare
  one record;
  newest boolean[];
  now_is text;
  n integer;
  of_whom bigint := 0;
begin
  insert into sampling_severity (supplier_id, item_id)
  select distinct l.supplier_id, l.item_id from lot l join inspection i on i.lot_id = l.id
   where l.supplier_id is not null and i.stage = 'incoming' and i.revision = 1 and i.status <> 'open' and i.origin = 'native' and i.decided_at is not null
   order by 1, 2;
  for one in
    select s.id, l.id as lot_id, i.id as inspection_id, i.status = 'accepted' as accepted, i.decided_at
      from sampling_severity s join lot l on (l.supplier_id, l.item_id) = (s.supplier_id, s.item_id) join inspection i on i.lot_id = l.id
     where i.stage = 'incoming' and i.revision = 1 and i.status <> 'open' and i.origin = 'native' and i.decided_at is not null
     order by s.id, i.decided_at, i.id
  loop
    if one.id <> of_whom then
      of_whom := one.id; newest := '{}'; now_is := 'normal'; n := 0;
    end if;
    n := n + 1;
    newest := array_prepend(one.accepted, newest[1:4]);
    insert into sampling_lot (severity_id, seq, lot_id, inspection_id, accepted, severity, then_severity, judged_at)
    values (one.id, n, one.lot_id, one.inspection_id, one.accepted, now_is, sampling_after(now_is, newest), one.decided_at);
    if sampling_after(now_is, newest) <> now_is then
      now_is := sampling_after(now_is, newest); newest := '{}';
      update sampling_severity set severity = now_is, since = one.decided_at where id = one.id;
    end if;
  end loop;
end $body$;
