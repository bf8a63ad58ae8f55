-- The walls of fault: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- act_fault ---------------------------------------------------------

alter table act_fault
  add constraint ck_act_fault_reason check (status <> 'dismissed'::text or length(trim(both from reason)) > 0),
  add constraint ck_act_fault_settled check ((status = any (array['open'::text, 'retrying'::text])) = (settled_at is null)),
  add constraint ck_act_fault_status check (status = any (array['open'::text, 'retrying'::text, 'done'::text, 'refused'::text, 'dismissed'::text]));

-- What was found open when the application's roles were tried as an attacker would (DESIGN 2.4; 21 CFR 11.10(d), (e), (g)):
-- each role writes its own part only, and what the record relies on stays as it was when somebody did.
-- Refuses with BW257
create or replace function fault_stays() returns trigger language plpgsql as $function$
begin
  if (new.public_id, new.activity_key, new.act, new.workflow_id, new.subject, new.command, new.person_id)
       is distinct from
     (old.public_id, old.activity_key, old.act, old.workflow_id, old.subject, old.command, old.person_id)
     or (new.settled_by_id is not null and new.settled_by_id is distinct from old.settled_by_id
         and not acts_as(new.settled_by_id))
     or (new.status = 'dismissed' and old.status <> 'dismissed'
         and (new.settled_by_id is null or coalesce(btrim(new.reason), '') = '')) then
    raise exception 'a fault stays the act that it met, and is left by an operator who says why' using errcode = 'BW257';
  end if;
  return new;
end $function$;
create trigger fault_stays before update on act_fault for each row execute function fault_stays();

-- Walls that tables share.
create trigger api_stays_out before insert or delete on act_fault for each statement execute function api_stays_out();
create trigger audit_delete after delete on act_fault referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on act_fault referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on act_fault referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger door_changes before update on act_fault for each row
  when (session_user = 'batchwright_api'::name) execute function door_changes();
create trigger fixed_key before update on act_fault for each row execute function identity_is_fixed();
