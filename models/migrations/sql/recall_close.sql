-- A recall is closed only when somebody has decided about every batch of its scope that is in house (DESIGN 2.4).

create function recall_close_wall() returns trigger language plpgsql as $$
declare
  open_lot text;
begin
  if new.status = 'closed' and old.status <> 'closed' then
    select l.lot_no into open_lot
      from recall_scope s join recall_lot r on r.scope_id = s.id join lot l on l.id = r.lot_id
     where s.id = (select v.id from recall_scope v where v.recall_id = new.id order by v.version desc limit 1)
       and l.status not in ('rejected', 'closed')
       and not exists (select from recall_lot_decision d where d.recall_id = new.id and d.lot_id = l.id)
       -- what came back has decisions of its own
       and (select coalesce(sum(k.quantity), 0) from stock k where k.lot_id = l.id)
           > (select coalesce(sum(b.quantity), 0) - coalesce(sum(x.scrapped), 0)
                from recall_return b
                left join lateral (select sum(d.quantity) as scrapped from recall_disposition d
                                    where d.return_id = b.id and d.moved) x on true
               where b.recall_id = new.id and b.lot_id = l.id and b.moved)
     limit 1;
    if open_lot is not null then
      raise exception 'nobody has decided about batch %, which is in house', open_lot using errcode = 'BW093';
    end if;
  end if;
  return new;
end $$;

create trigger recall_close_wall before update on recall for each row execute function recall_close_wall();
