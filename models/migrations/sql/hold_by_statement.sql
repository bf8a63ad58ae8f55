-- Holds for a whole scope in one statement (DESIGN 9).

drop trigger hold_wall on hold;
drop function hold_wall();

create function hold_wall() returns trigger language plpgsql as $$
declare
  locked bigint;
begin
  -- Conflicts with the shared lock of a movement under way: it commits before the hold, or sees the hold.  Once for the
  -- whole statement, because a recall holds 90,000 lots in one; so are the references looked up, which would be a third
  -- of the work row by row.  Lots and people are never deleted and keep their keys, so what was there stays there.
  select count(*) into locked
    from (select from lot l where l.id in (select lot_id from new_rows) order by l.id for no key update) l;
  if locked < (select count(distinct lot_id) from new_rows) then
    raise exception 'a hold is on a lot that there isn''t'
      using errcode = 'foreign_key_violation', constraint = 'fk_hold_lot_id';
  end if;
  if exists (select from (select distinct placed_by_id as id from new_rows) n
               left join person p using (id) where p.id is null) then
    raise exception 'a hold is placed by nobody'
      using errcode = 'foreign_key_violation', constraint = 'fk_hold_placed_by_id';
  end if;
  return null;
end $$;

create trigger hold_wall after insert on hold referencing new table as new_rows
  for each statement execute function hold_wall();
alter table hold alter constraint fk_hold_lot_id not enforced;
alter table hold alter constraint fk_hold_placed_by_id not enforced;

create function kept() returns trigger language plpgsql as $$
begin
  raise exception 'a row of % is kept for ever: % refused', tg_table_name, tg_op using errcode = 'BW002';
end $$;

create trigger kept before delete on lot for each row execute function kept();
create trigger kept before delete on person for each row execute function kept();


-- What leaves is written on a shipment's line too: a line is held against the same wall as the movement (DESIGN 2.4) ----

create function shipment_line_wall() returns trigger language plpgsql as $$
declare
  wrong text;
begin
  perform from lot l where l.id in (select lot_id from new_rows) order by l.id for share;
  select l.lot_no into wrong
    from new_rows n join shipment h on h.id = n.shipment_id join lot l on l.id = n.lot_id
   -- what an older system has shipped of its own lots is history, and comes in with its import
   where (h.origin = 'native' or l.origin = 'native') and (l.status <> 'released'
      or exists (select from hold o where o.lot_id = l.id and o.lifted_at is null)
      or lot_expired(l, coalesce((select s.zone from site s order by s.id limit 1), 'Asia/Shanghai'))) limit 1;
  if wrong is not null then
    raise exception 'lot % is held, expired or not released, and can''t be on a shipment', wrong using errcode = 'BW036';
  end if;
  return null;
end $$;

create trigger shipment_line_wall after insert on shipment_line referencing new table as new_rows
  for each statement execute function shipment_line_wall();
