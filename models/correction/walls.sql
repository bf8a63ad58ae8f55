-- The walls of correction: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- what walls ask, and what stands at tables of other nouns ----------

-- Has somebody corrected, in this transaction, what that operation consumed?
create or replace function corrected_now(run bigint) returns boolean language sql stable as $function$
  select exists (select from genealogy_edge e where e.operation_run_id = run and e.superseded_at = now())
$function$;

-- A corrected consumption: links, movements and holds say the same (DESIGN 2.4; REQUIREMENTS 21, 25).
--
-- What an operation consumed of a lot is the sum of its links to it, before and after a correction.  The movements of a
-- correction are adjustments that name the operation: what went back, and what was taken instead.  They may take a lot
-- that is held, unreleased or expired, because that is what happened; so nothing but a correction may write them.
-- Refuses with BW100, BW101, BW102, BW103
create or replace function correction_wall() returns trigger language plpgsql as $function$
declare
  wrong genealogy_edge;
  child lot;
begin
  if tg_table_name = 'stock_movement' then
    if not corrected_now(new.operation_run_id) then
      raise exception 'only a correction adjusts what an operation consumed' using errcode = 'BW100';
    end if;
    if not consumption_is_linked(new.operation_run_id, new.lot_id) then
      raise exception 'what was consumed is not what is linked' using errcode = 'BW101';
    end if;
    return null;
  end if;
  select * into wrong from genealogy_edge where id = new.supersedes_id;
  if (new.child_lot_id, new.kind, new.operation_run_id)
     is distinct from (wrong.child_lot_id, wrong.kind, wrong.operation_run_id)
     or (wrong.operation_run_id is not null and new.at <> wrong.at) then
    raise exception 'a correction tells of the same operation at the same time' using errcode = 'BW102';
  end if;
  -- what was imported has links only, without an operation
  if wrong.operation_run_id is not null and not (
     consumption_is_linked(wrong.operation_run_id, wrong.parent_lot_id)
     and consumption_is_linked(wrong.operation_run_id, new.parent_lot_id)) then
    raise exception 'what was consumed is not what is linked' using errcode = 'BW101';
  end if;
  select * into child from lot where id = new.child_lot_id;
  if child.status in ('released', 'closed') and not exists (
      select from hold h where h.lot_id = child.id and h.cause = 'correction' and h.placed_at = now()) then
    raise exception 'lot % is in use; who corrects its record holds it', child.lot_no using errcode = 'BW103';
  end if;
  return null;
end $function$;
