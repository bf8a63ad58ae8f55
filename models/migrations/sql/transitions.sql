-- What may follow what, and only beside the row that proves it (DESIGN 2.4; ISO 13485 4.2.4, 4.2.5, 8.3.2; 21 CFR 11.10(e)).

-- Definitions ---------------------------------------------------------------------------------------------------------

-- A definition goes forward only: what was approved never becomes a draft again, so its text stays frozen for good.
create or replace function definition_wall() returns trigger language plpgsql as $$
begin
  if old.status not in ('draft', 'in_review') and (new.key, new.version, new.digest, new.body)
     is distinct from (old.key, old.version, old.digest, old.body) then
    raise exception 'an approved definition never changes' using errcode = 'BW042';
  end if;
  if new.status <> old.status and not (old.status, new.status) in (
      ('draft', 'in_review'), ('in_review', 'draft'), ('in_review', 'approved'),
      ('approved', 'effective'), ('approved', 'superseded'), ('effective', 'superseded')) then
    raise exception 'a definition can''t go from % to %', old.status, new.status using errcode = 'BW170';
  end if;
  return new;
end $$;

-- Lines of shipments --------------------------------------------------------------------------------------------------

-- What left, of which lot and to whom, is said once; what came back only grows, up to what left.
create function shipped_line_wall() returns trigger language plpgsql as $$
begin
  if to_jsonb(new) - 'returned' is distinct from to_jsonb(old) - 'returned'
     or new.returned < old.returned or new.returned > new.quantity then
    raise exception 'a line of a shipment never changes; what comes back is added' using errcode = 'BW171';
  end if;
  return new;
end $$;

-- after `serial_line_stays` in the order of names, which tells more about a unit with a number
create trigger shipped_line_wall before update on shipment_line for each row execute function shipped_line_wall();

-- Stock ---------------------------------------------------------------------------------------------------------------

-- Nothing appears or vanishes by a bare adjustment: a correction of an operation is proven by its links (BW100, BW101).
create function adjust_wall() returns trigger language plpgsql as $$
begin
  raise exception 'an adjustment names the operation that it corrects' using errcode = 'BW172';
end $$;

create trigger adjust_wall before insert on stock_movement for each row
  when (new.kind = 'adjust' and new.operation_run_id is null) execute function adjust_wall();

-- Release -------------------------------------------------------------------------------------------------------------

-- A batch that was rejected or sent back after people signed is released by signatures of its new release only.
create function release_is_new() returns trigger language plpgsql as $$
declare
  fallen timestamptz;
begin
  select max(a.at) into fallen from audit_event a
   where a.table_name = 'lot' and a.row_id = new.id and a.operation = 'update'
     and a.before ->> 'status' is distinct from a.after ->> 'status' and a.after ->> 'status' in ('rejected', 'in_process');
  if fallen is not null and (
      select count(distinct s.person_id) from signature s where s.lot_id = new.id and s.signed_at > fallen
         and s.subject = case when new.kind in ('raw', 'component') then 'inspection' else 'release' end
         and s.outcome = case when new.kind in ('raw', 'component') then 'accepted' else 'release' end
     ) < (case when new.kind in ('raw', 'component') then 1 else 2 end) then
    raise exception 'the signatures on lot % are older than its rejection', new.lot_no using errcode = 'BW173';
  end if;
  return new;
end $$;

-- after `lot_wall` in the order of names; a reopened lot was released and never rejected
create trigger lot_wall_release before update on lot for each row
  when (new.status = 'released' and old.status in ('received', 'inspected', 'packed')) execute function release_is_new();
