-- The walls of reshape: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- what walls ask, and what stands at tables of other nouns ----------

-- Lots that are reshaped: what leaves one lot arrives in another, and a released lot's children are released because it is
-- (REQUIREMENTS 6, 7, 56; ISO 13485 7.5.9, 8.3.1).  Exactly that, and nothing more.
-- Refuses with BW052, BW053
create or replace function reshape_conserves() returns trigger language plpgsql as $function$
declare
  e genealogy_edge;
begin
  if tg_table_name = 'genealogy_edge' then
    e := new;
  else
    select * into e from genealogy_edge where id = new.edge_id;
  end if;
  if not edge_conserves(e) then
    raise exception 'what left one lot is not what arrived in the other' using errcode = 'BW052';
  end if;
  if not holds_follow(e.parent_lot_id, e.child_lot_id) then
    raise exception 'a hold doesn''t end where its lot is reshaped' using errcode = 'BW053';
  end if;
  return null;
end $function$;
