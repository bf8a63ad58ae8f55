-- The walls of pull: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- recall_pull -------------------------------------------------------

alter table recall_pull
  add constraint ck_recall_pull_done check ((found is null) = (done_at is null)),
  add constraint ck_recall_pull_found check (found is null or found >= 0::numeric),
  add constraint ck_recall_pull_kind check (kind = any (array['shipment'::text, 'work_order'::text, 'location'::text])),
  add constraint ck_recall_pull_quantity check (quantity > 0::numeric),
  add constraint ck_recall_pull_whose check (num_nonnulls(recall_id, hold_act_id) = 1);

-- What was found open when the application's roles were tried as an attacker would (DESIGN 2.4; 21 CFR 11.10(d), (e), (g)):
-- each role writes its own part only, and what the record relies on stays as it was when somebody did.
-- Refuses with BW258
create or replace function pull_born_wall() returns trigger language plpgsql as $function$
begin
  if num_nonnulls(new.found, new.put_to, new.done_at, new.done_by_id) > 0 then
    raise exception 'what was found is said after somebody was sent' using errcode = 'BW258';
  end if;
  return new;
end $function$;
create trigger pull_born_wall before insert on recall_pull for each row execute function pull_born_wall();

-- The last wall around pulled goods and sent notices: what was found and what was sent stays as it was said (DESIGN 2.4).
-- Refuses with BW090, BW091
create or replace function recall_pull_wall() returns trigger language plpgsql as $function$
begin
  if old.done_at is not null then
    raise exception 'what was found at a place stays as it was said' using errcode = 'BW090';
  end if;
  if to_jsonb(new) - array['found', 'put_to', 'note', 'done_at', 'done_by_id']
     is distinct from to_jsonb(old) - array['found', 'put_to', 'note', 'done_at', 'done_by_id'] then
    raise exception 'what somebody was sent for stays' using errcode = 'BW091';
  end if;
  return new;
end $function$;
create trigger recall_pull_wall before update on recall_pull for each row execute function recall_pull_wall();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on recall_pull for each statement execute function api_stays_out();
create trigger audit_delete after delete on recall_pull referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on recall_pull referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on recall_pull referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on recall_pull for each row execute function identity_is_fixed();
create trigger kept before delete on recall_pull for each row execute function kept();
create trigger told_by_its_actor before update on recall_pull for each row
  when (new.done_by_id is distinct from old.done_by_id) execute function by_its_actor('done_by_id');
