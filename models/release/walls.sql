-- The walls of release: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- what walls ask, and what stands at tables of other nouns ----------

-- What is proposed to be rejected stays in its batch until that is decided (ISO 13485 8.3.1, 8.3.2).
create or replace function rejection_proposed(of_lot bigint) returns numeric language sql stable as $function$
  select coalesce(sum((p.state -> 'facts' ->> 'disposition.rejected')::numeric), 0)
    from process_run p where p.lot_id = of_lot and p.status = 'running' and p.state -> 'facts' ? 'disposition.rejected'
$function$;

-- Two different people stand behind a release (DESIGN 2.4, 2.7; ISO 13485 8.2.6).
-- Refuses with BW023
create or replace function release_signature_wall() returns trigger language plpgsql as $function$
begin
  -- one signer, whatever the account, role or delegation: the people behind two steps of one run must be disjoint;
  -- a step that was sent back may be signed again by the same person
  if new.subject = 'release' and new.outcome = 'release' and exists (
      select from signature s join human_task t on t.id = s.task_id
       where s.run_id = new.run_id and s.subject = 'release' and s.outcome = 'release' and s.digest = new.digest
         and t.stage <> (select stage from human_task where id = new.task_id)
         and array[s.person_id, coalesce(s.on_behalf_of_id, s.person_id)]
             && array[new.person_id, coalesce(new.on_behalf_of_id, new.person_id)]) then
    raise exception 'the same person can''t sign a release twice' using errcode = 'BW023';
  end if;
  return new;
end $function$;
