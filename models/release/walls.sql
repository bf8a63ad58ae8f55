-- The walls of release: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- what walls ask, and what stands at tables of other nouns ----------

-- What is proposed to be rejected stays in its batch until that is decided (ISO 13485 8.3.1, 8.3.2).
create or replace function rejection_proposed(of_lot bigint) returns numeric language sql stable as $function$
  select coalesce(sum((p.state -> 'facts' ->> 'disposition.rejected')::numeric), 0)
    from process_run p where p.lot_id = of_lot and p.status = 'running' and p.state -> 'facts' ? 'disposition.rejected'
$function$;
