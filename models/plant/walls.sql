-- The walls of plant: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- what walls ask, and what stands at tables of other nouns ----------

-- What processes are about, in one table (DESIGN 6a): each batch, recall, item, partner, person … has one subject, made in the
-- statement that makes the row, whatever door it comes through; its number and title follow the row.  A subject has a site, a legal
-- entity and an owner: nothing may stand without one but what is recorded before there is a site or a person to name.
-- Refuses with BW350
create or replace function subject_known()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  -- written by itself: a kind that has no table yet, never one whose rows make their own
  if new.kind in ('lot', 'recall', 'nonconformance', 'item', 'supplier', 'customer', 'equipment', 'place', 'person',
                   'definition', 'site') then
    raise exception 'the subject of a % comes with its row, and not without', new.kind using errcode = 'BW350';
  end if;
  new.site_id := coalesce(new.site_id, (select min(s.id) from site s));
  new.entity_id := coalesce(new.entity_id, (select e.id from legal_entity e where e.site_id = new.site_id));
  new.owner_id := coalesce(new.owner_id, subject_owner(new.kind, null, null, new.site_id, null));
  return new;
end $function$;

-- What processes are about, in one table (DESIGN 6a): each batch, recall, item, partner, person … has one subject, made in the
-- statement that makes the row, whatever door it comes through; its number and title follow the row.  A subject has a site, a legal
-- entity and an owner: nothing may stand without one but what is recorded before there is a site or a person to name.
create or replace function subject_role(kind text) returns text language sql immutable as $function$
  -- who answers for a kind of subject where no rule says otherwise
  select case kind
    when 'recall' then 'recall_coordinator'
    when 'nonconformance' then 'quality_manager'
    when 'capa' then 'quality_manager'
    when 'complaint' then 'quality_manager'
    when 'supplier' then 'quality_manager'
    when 'customer' then 'warehouse'
    when 'place' then 'warehouse'
    when 'person' then 'administrator'
    when 'site' then 'administrator'
    when 'connector' then 'administrator'
    else 'process_owner' end
$function$;
