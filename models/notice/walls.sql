-- The walls of notice: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- notice_delivery ---------------------------------------------------

alter table notice_delivery
  add constraint ck_notice_delivery_status check (status = any (array['waiting'::text, 'sending'::text, 'sent'::text, 'failed'::text, 'to_print'::text, 'printed'::text, 'needless'::text]));

-- What was found open when the application's roles were tried as an attacker would (DESIGN 2.4; 21 CFR 11.10(d), (e), (g)):
-- each role writes its own part only, and what the record relies on stays as it was when somebody did.
-- Refuses with BW258
create or replace function delivery_stays() returns trigger language plpgsql as $function$
begin
  if tg_op = 'INSERT' then
    if new.status in ('sent', 'printed', 'needless') or num_nonnulls(new.done_at, new.done_by_id) > 0 then
      raise exception 'a sending begins when it is asked for' using errcode = 'BW258';
    end if;
    return new;
  end if;
  if (new.notice_id, new.kind, new.asked_at) is distinct from (old.notice_id, old.kind, old.asked_at)
     or (new.status = 'printed' and old.status <> 'printed' and (new.done_by_id is null or not (acts_as(new.done_by_id) or furnishes()))) then
    raise exception 'a sending stays what it sends, and is posted by whoever says so' using errcode = 'BW258';
  end if;
  return new;
end $function$;
create trigger delivery_stays before insert or update on notice_delivery for each row execute function delivery_stays();

-- The last wall around pulled goods and sent notices: what was found and what was sent stays as it was said (DESIGN 2.4).
-- Refuses with BW092
create or replace function notice_delivery_wall() returns trigger language plpgsql as $function$
begin
  if old.status in ('sent', 'printed') then
    raise exception 'a notice that went out stays as it went out' using errcode = 'BW092';
  end if;
  return new;
end $function$;
create trigger notice_delivery_wall before update on notice_delivery for each row execute function notice_delivery_wall();

-- Walls that tables share.
create trigger api_stays_out before insert or delete on notice_delivery for each statement execute function api_stays_out();
create trigger audit_delete after delete on notice_delivery referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on notice_delivery referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on notice_delivery referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger door_changes before update on notice_delivery for each row
  when (session_user = 'batchwright_api'::name) execute function door_changes();
create trigger fixed_key before update on notice_delivery for each row execute function identity_is_fixed();
create trigger kept before delete on notice_delivery for each row execute function kept();

-- recall_naming -----------------------------------------------------

alter table recall_naming
  add constraint ck_recall_naming_by check ((outcome <> all (array['confirmed'::text, 'declined'::text])) or decided_by_id is not null),
  add constraint ck_recall_naming_decided check ((outcome is null) = (decided_at is null)),
  add constraint ck_recall_naming_outcome check (outcome = any (array['confirmed'::text, 'declined'::text, 'cancelled'::text])),
  add constraint ck_recall_naming_quantity check (quantity > 0::numeric),
  add constraint ck_recall_naming_receivers check (jsonb_array_length(receivers) >= 1 and jsonb_array_length(receivers) <= 1000);

-- Asked at the end of the act: its task is completed after what it did (DESIGN 2.4).
-- Refuses with BW287
create or replace function recall_naming_decided() returns trigger language plpgsql as $function$
begin
  if new.outcome in ('confirmed', 'declined') and not exists (
       select from human_task t where t.run_id = new.run_id and t.status = 'done' and t.done_by_id = new.decided_by_id
          and t.outcome = case new.outcome when 'confirmed' then 'confirm' else 'decline' end)
     or new.outcome = 'cancelled' and exists (select from recall c where c.id = new.recall_id and c.status = 'open') then
    raise exception 'a list of receivers is decided by who completes its task, or ends with its recall' using errcode = 'BW287';
  end if;
  return null;
end $function$;
create constraint trigger recall_naming_decided after update on recall_naming deferrable initially deferred for each row
  execute function recall_naming_decided();

-- Receivers whom a customer names are told when somebody of ours has confirmed the list (21 CFR 7.42(b)(1), 7.49(d)): a list is named
-- by an answer, for no more than it passed on, is decided once by who completed its task, and a notice goes to whom it names.
-- Refuses with BW285
create or replace function recall_naming_stays() returns trigger language plpgsql as $function$
begin
  if old.outcome is not null or to_jsonb(new) - array['outcome', 'decided_at', 'decided_by_id', 'reason']
     is distinct from to_jsonb(old) - array['outcome', 'decided_at', 'decided_by_id', 'reason'] then
    raise exception 'a list of receivers stays as it was named, and is decided once' using errcode = 'BW285';
  end if;
  return new;
end $function$;
create trigger recall_naming_stays before update on recall_naming for each row execute function recall_naming_stays();

-- Receivers whom a customer names are told when somebody of ours has confirmed the list (21 CFR 7.42(b)(1), 7.49(d)): a list is named
-- by an answer, for no more than it passed on, is decided once by who completed its task, and a notice goes to whom it names.
-- Refuses with BW282, BW283, BW284, BW286
create or replace function recall_naming_wall() returns trigger language plpgsql as $function$
declare
  above recall_notice;
  given numeric;
begin
  select * into above from recall_notice where id = new.notice_id for no key update;
  if new.outcome is not null or above.id is null or above.acknowledged_at is null or above.recall_id <> new.recall_id
     or not exists (select from recall c where c.id = new.recall_id and c.status = 'open')
     or not exists (select from process_run r where r.id = new.run_id and r.recall_id = new.recall_id) then
    raise exception 'a list of receivers is named by the answer that passed goods on, and then waits' using errcode = 'BW282';
  end if;
  select coalesce(sum(shipped), 0) into given from recall_notice where parent_id = new.notice_id;
  select given + coalesce(sum(quantity), 0) into given from recall_naming where notice_id = new.notice_id and outcome is null;
  if given + new.quantity > coalesce(above.passed_on, 0) then
    raise exception 'the receivers of a list got more than was passed on' using errcode = 'BW283';
  end if;
  if exists (select from jsonb_array_elements(new.receivers) one
              where coalesce(identity_key(one ->> 'name'), '') = '' or coalesce((one ->> 'quantity')::numeric, 0) <= 0)
     or new.quantity <> (select sum((one ->> 'quantity')::numeric) from jsonb_array_elements(new.receivers) one) then
    raise exception 'each receiver of a list has a name and a quantity, and they make its sum' using errcode = 'BW284';
  end if;
  if new.link and (select count(*) from recall_naming where notice_id = new.notice_id and link) >= 20 then
    raise exception 'the link of a notice takes no more lists' using errcode = 'BW286';
  end if;
  return new;
end $function$;
create trigger recall_naming_wall before insert on recall_naming for each row execute function recall_naming_wall();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on recall_naming for each statement
  execute function api_stays_out();
create trigger audit_delete after delete on recall_naming referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on recall_naming referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on recall_naming referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on recall_naming for each row execute function identity_is_fixed();
create trigger kept before delete on recall_naming for each row execute function kept();

-- recall_notice -----------------------------------------------------

alter table recall_notice
  add constraint ck_recall_notice_passed_on check (passed_on is null or passed_on >= 0::numeric and received is not null),
  add constraint ck_recall_notice_quantities check (received is null or received >= 0::numeric and on_hand >= 0::numeric and used >= 0::numeric and will_return >= 0::numeric),
  add constraint ck_recall_notice_receiver check ((parent_id is null) = (receiver is null) and (parent_id is not null or num_nonnulls(contact, email, phone) = 0) and (parent_id is null or shipped > 0::numeric) and identity_key(receiver) <> ''::text),
  add constraint ck_recall_notice_status check (status = any (array['open'::text, 'sent'::text, 'acknowledged'::text]));

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update of acknowledged_at, acknowledged_by, received, on_hand, used, will_return, passed_on, remark, link_expires_at, reminders, reminded_at on recall_notice for each statement
  execute function api_stays_out();
create trigger audit_delete after delete on recall_notice referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on recall_notice referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on recall_notice referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on recall_notice for each row execute function identity_is_fixed();
create trigger notice_born after insert on recall_notice referencing new table as new_rows for each statement
  execute function notice_born();
create trigger notice_sent_wall before update on recall_notice for each row execute function notice_sent_wall();
create trigger recall_notice_depth_wall before insert on recall_notice for each row execute function recall_notice_depth_wall();
create trigger recall_notice_wall before update on recall_notice for each row execute function recall_notice_wall();
create trigger recall_receiver_wall before insert on recall_notice for each row execute function recall_receiver_wall();
create trigger recall_receiver_wall_confirmed before insert on recall_notice for each row
  when (new.parent_id is not null) execute function recall_receiver_confirmed();
create trigger z_notice_told before update on recall_notice for each row execute function notice_told();
