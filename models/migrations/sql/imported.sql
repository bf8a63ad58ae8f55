-- Only an import brings over what an earlier system says (ISO 13485 4.2.5; ALCOA+, original): whatever is called migrated
-- goes round walls that hold for our own work, so it comes in an import's own transaction, beside the rows that prove it.

create function imported_now() returns boolean language sql stable as $$
  select exists (select from import_run r where r.at = now()
                    and current_setting('bw.actor_id', true) = 'import:' || r.source)
$$;

-- Runs and rows of an import ------------------------------------------------------------------------------------------

create function import_run_wall() returns trigger language plpgsql as $$
begin
  if current_setting('bw.actor_id', true) is distinct from 'import:' || new.source then
    raise exception 'only an import begins a run of %', new.source using errcode = 'BW174';
  end if;
  new.at := now();  -- nobody dates an import back
  return new;
end $$;

create trigger import_run_wall before insert on import_run for each row execute function import_run_wall();

create function import_row_wall() returns trigger language plpgsql as $$
begin
  if exists (select from new_rows n join import_run r on r.id = n.run_id where r.at <> now() or r.source <> n.source) then
    raise exception 'a row is imported in the transaction of its own run' using errcode = 'BW174';
  end if;
  return null;
end $$;

create trigger import_row_wall after insert on import_row referencing new table as new_rows
  for each statement execute function import_row_wall();

-- What is called migrated ---------------------------------------------------------------------------------------------

create function migrated_wall() returns trigger language plpgsql as $$
begin
  -- the name of the column and the word that says: it is our own
  if exists (select from new_rows n where to_jsonb(n) ->> tg_argv[0] <> tg_argv[1]) and not imported_now() then
    raise exception 'only an import brings a % over from another system', tg_table_name using errcode = 'BW174';
  end if;
  return null;
end $$;

create function origin_stays() returns trigger language plpgsql as $$
begin
  raise exception 'where a % came from doesn''t change', tg_table_name using errcode = 'BW174';
end $$;

do $$
declare
  name text;
begin
  foreach name in array array['customer', 'inspection', 'item', 'location', 'lot', 'shipment', 'supplier', 'work_order'] loop
    execute format('create trigger migrated_wall after insert on %I referencing new table as new_rows'
                   ' for each statement execute function migrated_wall(''origin'', ''native'')', name);
    if name <> 'lot' then  -- whose identity is fixed already
      execute format('create trigger origin_stays before update on %I for each row'
                     ' when (new.origin <> old.origin) execute function origin_stays()', name);
    end if;
  end loop;
end $$;

create trigger migrated_wall after insert on genealogy_edge referencing new table as new_rows
  for each statement execute function migrated_wall('source', 'batchwright');

-- A lot that is released, rejected or closed at its birth is one that a row of this import tells of.
create function migrated_lot_wall() returns trigger language plpgsql as $$
declare
  wrong text;
begin
  select n.lot_no into wrong from new_rows n
   where n.origin = 'migrated' and n.status in ('released', 'inspected', 'packed', 'rejected', 'closed')
     and not exists (
       select from import_row r join import_run i on i.id = r.run_id
        where r.id = n.import_row_id and i.at = now() and r.outcome <> 'rejected'
          and r.target_table = 'lot' and r.target_id = n.id) limit 1;
  if wrong is not null then
    raise exception 'no row of this import tells of lot %', wrong using errcode = 'BW174';
  end if;
  return null;
end $$;

create trigger migrated_wall_lot after insert on lot referencing new table as new_rows
  for each statement execute function migrated_lot_wall();

-- What left before leaves by the import that tells of it, and nothing is added to it afterwards.
create function migrated_line_wall() returns trigger language plpgsql as $$
begin
  if exists (select from new_rows n join shipment h on h.id = n.shipment_id where h.origin = 'migrated')
     and not imported_now() then
    raise exception 'only an import adds to what another system shipped' using errcode = 'BW174';
  end if;
  return null;
end $$;

create trigger migrated_wall after insert on shipment_line referencing new table as new_rows
  for each statement execute function migrated_line_wall();
