-- Scrapping recalled batches in house is signed (21 CFR 11.50; ISO 13485 8.3.3): by who decides, once, over these very
-- batches and quantities.

create function scrap_lots_signed_wall() returns trigger language plpgsql as $$
begin
  if exists (
      select from made d where d.kind = 'scrap' and not exists (
        select from signature s join recall r on r.id = d.recall_id
         where s.id = d.signature_id and s.act = 'decide_lots' and s.about = r.recall_no
           and s.person_id = d.decided_by_id and s.outcome = 'scrap'))
    or exists (
      select from recall_lot_decision o
       where o.signature_id in (select d.signature_id from made d) and o.id not in (select d.id from made d))
    or exists (
      select from made d join lot l on l.id = d.lot_id where d.kind = 'scrap' and (l.lot_no, d.quantity) not in (
        select one ->> 'lot_no', (one ->> 'quantity')::numeric
          from (select distinct signature_id from made) g join signature s on s.id = g.signature_id
          join signed_record r on r.digest = s.digest,
               jsonb_array_elements(r.canonical::jsonb -> 'lots') one)) then
    raise exception 'scrapping recalled batches takes a signature over them' using errcode = 'BW082';
  end if;
  return null;
end $$;

create trigger scrap_lots_signed_wall after insert on recall_lot_decision referencing new table as made
  for each statement execute function scrap_lots_signed_wall();
