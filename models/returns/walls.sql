-- The walls of returns: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- what walls ask, and what stands at tables of other nouns ----------

-- What an act says has come back of a line is what it books in; what came before is in the trail.
create or replace function returned_is_booked(line bigint) returns boolean language sql stable as $function$
  select s.returned - coalesce((
           select (a.before ->> 'returned')::numeric from audit_event a
            where a.table_name = 'shipment_line' and a.row_id = s.id and a.operation = 'update'
              and a.transaction = txid_current() order by a.id limit 1), s.returned)
         = coalesce((select sum(m.quantity) from stock_movement m
                      where m.shipment_line_id = s.id and m.kind = 'return' and m.recorded_at = now()), 0)
    from shipment_line s where s.id = line
$function$;

-- The last wall between kinds of places (DESIGN 2.4; ISO 13485 7.5.11, 8.3.1): what waits, what is rejected and what came
-- back lies apart from what may be used, and nothing leaves from there unless somebody has decided.
create or replace function returns_open(of_lot bigint) returns numeric language sql stable as $function$
  -- what came back into stock and nobody has decided about
  select coalesce(sum(r.quantity - coalesce((select sum(d.quantity) from recall_disposition d where d.return_id = r.id), 0)), 0)
    from recall_return r where r.lot_id = of_lot and r.moved
$function$;
