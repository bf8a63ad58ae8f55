-- The walls of kernel: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- what walls ask, and what stands at tables of other nouns ----------

-- Whether the one who acts is that person.
create or replace function acts_now(person bigint) returns boolean language sql stable as $function$
  select exists (select from person p where p.id = person and p.public_id::text = current_setting('bw.actor_id', true))
$function$;

-- The audit trail (21 CFR 11.10(e)): every change of a business row leaves an event in the same transaction.
--
-- Statement triggers with transition tables: one INSERT ... SELECT for a whole statement, so that holding 90,000 lots
-- costs one pass. The function belongs to the owner; the application can read the trail and cannot write it.
-- Refuses with BW002
create or replace function append_only() returns trigger language plpgsql as $function$
begin
  raise exception '% is append-only: % refused', tg_table_name, tg_op
    using errcode = 'BW002', hint = 'correct by a new row that names the old one';
end $function$;

-- What is only bookkeeping doesn't grow for ever.  What may go, and after how long, is decided here and nowhere else: no role of
-- the application may delete a row of these tables itself.
--
-- Ages are counted back from the newest row of the table, not from the clock: while a plant stands still nothing grows and nothing
-- goes; and the newest thousand rows stay whatever they tell, also where a clock that jumped ahead makes all others look old.
create or replace function forget_bookkeeping(most integer)
  returns table(what text, forgotten bigint) language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
declare
  newest timestamptz;
  latest bigint;
begin
  -- receipts of acts: they answer the retry of an act, which comes within hours; of an act that an operator may have done again,
  -- always; and so do the marks by which the demonstration knows its own database
  select a.at, a.id into newest, latest from applied a order by a.id desc limit 1;
  delete from applied where id in (
    select a.id from applied a
     where a.at < newest - interval '90 days' and a.id <= latest - 1000 and a.activity_key not like 'demo-company/%'
       and not exists (select from act_fault f where f.activity_key = a.activity_key and f.settled_at is null)
     order by a.id limit most);
  get diagnostics forgotten = row_count;
  what := 'applied';
  return next;

  -- facts that were handed on; what an operator has to see, or has decided on, stays
  select o.at, o.id into newest, latest from outbox o order by o.id desc limit 1;
  delete from outbox where id in (
    select o.id from outbox o
     where o.at < newest - interval '90 days' and o.id <= latest - 1000
       and o.delivered_at is not null and o.given_up_at is null and o.dismissed_at is null
     order by o.id limit most);
  get diagnostics forgotten = row_count;
  what := 'outbox';
  return next;

  -- answers to requests: a client asks again within minutes
  select k.at, k.id into newest, latest from idempotency_key k order by k.id desc limit 1;
  delete from idempotency_key where id in (
    select k.id from idempotency_key k
     where k.at < newest - interval '30 days' and k.id <= latest - 1000
     order by k.id limit most);
  get diagnostics forgotten = row_count;
  what := 'idempotency_key';
  return next;

  -- sessions that are over, and are no way in any more; for a year they tell who was logged in when
  select s.created_at, s.id into newest, latest from login_session s order by s.id desc limit 1;
  delete from login_session where id in (
    select s.id from login_session s
     where least(s.ended_at, s.expires_at) < newest - interval '400 days' and s.id <= latest - 1000
     order by s.id limit most);
  get diagnostics forgotten = row_count;
  what := 'login_session';
  return next;

  -- what somebody typed into a task that has been closed since, by them or by somebody else
  select d.saved_at, d.id into newest, latest from task_draft d order by d.saved_at desc limit 1;
  delete from task_draft where id in (
    select d.id from task_draft d join human_task t on t.id = d.task_id
     where d.saved_at < newest - interval '90 days' and t.status <> 'open'
     order by d.id limit most);
  get diagnostics forgotten = row_count;
  what := 'task_draft';
  return next;
end $function$;

-- The audit trail (21 CFR 11.10(e)): every change of a business row leaves an event in the same transaction.
--
-- Statement triggers with transition tables: one INSERT ... SELECT for a whole statement, so that holding 90,000 lots
-- costs one pass. The function belongs to the owner; the application can read the trail and cannot write it.
-- Refuses with BW002
create or replace function identity_is_fixed() returns trigger language plpgsql as $function$
begin
  if new.id is distinct from old.id then
    raise exception 'the key of % can''t change', tg_table_name using errcode = 'BW002';
  end if;
  return new;
end $function$;

-- Holds for a whole scope in one statement (DESIGN 9).
-- Refuses with BW002
create or replace function kept() returns trigger language plpgsql as $function$
begin
  raise exception 'a row of % is kept for ever: % refused', tg_table_name, tg_op using errcode = 'BW002';
end $function$;

-- What a person may do now: a role that was set inactive permits nothing.
create or replace function permits(person bigint) returns text[] language sql stable as $function$
  select coalesce(array_agg(distinct one order by one), '{}')
    from role_grant g join role r on r.key = g.role and r.active cross join unnest(r.permissions) one
   where g.person_id = person and g.revoked_at is null and (g.valid_until is null or g.valid_until > now())
$function$;

-- One state of all roles, told from any other; whoever comes in brings it along, so that names are read again when they change.
create or replace function roles_digest() returns text language sql stable as $function$
  select md5(coalesce(string_agg(concat_ws('|', r.key, r.zh, r.en, array_to_string(r.permissions, ','), r.duty, r.quality, r.active,
                                           r.version), E'\n' order by r.key collate "C"), '')) from role r
$function$;

-- Of two names the reader's.  Only a session that reads for somebody says a language; acts, and whatever is signed, don't:
-- there a name is as the plant writes it.
create or replace function said(zh text, en text) returns text language sql stable parallel safe as $function$
  select case when current_setting('bw.language', true) = 'en' then coalesce(nullif(en, ''), zh) else zh end
$function$;

-- The API makes attempts to sign and sessions, the worker makes signatures and whatever rests on them; neither role can do
-- the other's part, so no single password of ours makes a signature out of nothing (21 CFR 11.10(g), 11.70; DESIGN 2.4).
-- Both belong to the application's role and have its rights; who logs in as the application itself is asked nothing here.
-- Refuses with BW200
create or replace function worker_stays_out() returns trigger language plpgsql as $function$
begin
  if session_user = 'batchwright_worker' then
    raise exception 'attempts to sign, sessions and passwords are made where people log in, never by the worker'
      using errcode = 'BW200';
  end if;
  return null;
end $function$;

-- applied -----------------------------------------------------------

-- The API makes attempts to sign and sessions, the worker makes signatures and whatever rests on them; neither role can do
-- the other's part, so no single password of ours makes a signature out of nothing (21 CFR 11.10(g), 11.70; DESIGN 2.4).
-- Both belong to the application's role and have its rights; who logs in as the application itself is asked nothing here.
-- Refuses with BW201
create or replace function api_stays_out() returns trigger language plpgsql as $function$
begin
  if session_user = 'batchwright_api' then
    raise exception 'what the plant did is written by the worker, as an act, never by the door that people come through'
      using errcode = 'BW201';
  end if;
  return null;
end $function$;
create trigger api_stays_out before insert or delete or update on applied for each statement execute function api_stays_out();

-- What was found open when the application's roles were tried as an attacker would (DESIGN 2.4; 21 CFR 11.10(d), (e), (g)):
-- each role writes its own part only, and what the record relies on stays as it was when somebody did.
-- Refuses with BW257
create or replace function receipt_stays() returns trigger language plpgsql as $function$
begin
  raise exception 'the receipt of an act stays' using errcode = 'BW257';
end $function$;
create trigger receipt_stays before update on applied for each row execute function receipt_stays();

-- idempotency_key ---------------------------------------------------

-- Who there is, who may do what, and what is made, bought and measured is written where people come in: in the name of whoever
-- is logged in there.  By name after the walls of doors.sql, which say more (21 CFR 11.10(d), (g)).
-- Refuses with BW250
create or replace function worker_has_no_say() returns trigger language plpgsql as $function$
begin
  if session_user = 'batchwright_worker' then
    raise exception '% is kept by people who log in, never by the worker', tg_table_name using errcode = 'BW250';
  end if;
  return null;
end $function$;
create trigger worker_writes_none before insert or update on idempotency_key for each statement
  execute function worker_has_no_say();

-- outbox ------------------------------------------------------------

alter table outbox
  add constraint ck_outbox_dismissed check (dismissed_at is null or length(trim(both from dismiss_reason)) > 0);

-- Of what an act began, the door says who has it in hand, that a letter was posted, and what an operator decided; a deadline
-- that a posted letter meets ends the task that asks for it (21 CFR 11.10(d), (g)).
-- Refuses with BW201
create or replace function door_changes() returns trigger language plpgsql as $function$
declare
  was jsonb := to_jsonb(old);
  is_now jsonb := to_jsonb(new);
  may text[];
begin
  case tg_table_name
    when 'human_task' then
      may := case when in_family(was ->> 'process', 'legal-deadline') and is_now ->> 'status' = 'cancelled'
        then array['status', 'reason', 'done_at'] else array['assignee_id', 'claimed_at'] end;
    when 'process_run' then
      may := case when is_now ->> 'status' = 'cancelled' and was ->> 'workflow_id' like 'deadline/%'
        then array['status', 'result', 'ended_at', 'version'] else array['version'] end;
    when 'notice_delivery' then
      may := case when is_now ->> 'status' = 'printed' then array['status', 'done_at', 'done_by_id'] else array[]::text[] end;
    when 'recall_deadline' then may := array['met_at'];
    when 'act_fault' then
      may := case when is_now ->> 'status' in ('retrying', 'dismissed')
        then array['status', 'settled_at', 'settled_by_id', 'reason'] else array[]::text[] end;
    else  -- the outbox
      may := array['attempts', 'next_at', 'given_up_at', 'dismissed_at', 'dismissed_by_id', 'dismiss_reason'];
      if was ->> 'given_up_at' is not null then
        may := may || array['delivered_at'];
      end if;
  end case;
  if is_now - may is distinct from was - may then
    raise exception 'what the plant did is written by the worker, as an act, never by the door that people come through'
      using errcode = 'BW201';
  end if;
  return new;
end $function$;
create trigger door_changes before update on outbox for each row
  when (session_user = 'batchwright_api'::name) execute function door_changes();

-- What was found open when the application's roles were tried as an attacker would (DESIGN 2.4; 21 CFR 11.10(d), (e), (g)):
-- each role writes its own part only, and what the record relies on stays as it was when somebody did.
-- Refuses with BW257
create or replace function fact_born() returns trigger language plpgsql as $function$
begin
  if session_user in ('batchwright_worker', 'batchwright_api')
     and exists (select from new_rows n where n.delivered_at is not null or n.dismissed_at is not null) then
    raise exception 'a fact on its way stays what it says, and arrives or is left by somebody' using errcode = 'BW257';
  end if;
  return null;
end $function$;
create trigger fact_born after insert on outbox referencing new table as new_rows for each statement execute function fact_born();

-- What was found open when the application's roles were tried as an attacker would (DESIGN 2.4; 21 CFR 11.10(d), (e), (g)):
-- each role writes its own part only, and what the record relies on stays as it was when somebody did.
-- Refuses with BW257
create or replace function fact_stays() returns trigger language plpgsql as $function$
begin
  raise exception 'a fact on its way stays what it says, and arrives or is left by somebody' using errcode = 'BW257';
end $function$;
create trigger fact_stays before update on outbox for each row
  when (new.public_id is distinct from old.public_id or new.fact is distinct from old.fact or new.payload is distinct from old.payload or new.lot_id is distinct from old.lot_id or new.at is distinct from old.at or old.delivered_at is not null and new.delivered_at is distinct from old.delivered_at or new.next_at is distinct from old.next_at and new.next_at > (now() + '01:00:00'::interval) or (new.dismissed_at is distinct from old.dismissed_at or new.dismissed_by_id is distinct from old.dismissed_by_id) and (old.given_up_at is null or old.dismissed_at is not null or new.dismissed_by_id is null or coalesce(btrim(new.dismiss_reason), ''::text) = ''::text or not acts_as(new.dismissed_by_id)))
  execute function fact_stays();

-- What processes are about, in one table (DESIGN 6a): each batch, recall, item, partner, person … has one subject, made in the
-- statement that makes the row, whatever door it comes through; its number and title follow the row.  A subject has a site, a legal
-- entity and an owner: nothing may stand without one but what is recorded before there is a site or a person to name.
create or replace function subject_of_news() returns trigger language plpgsql as $function$
begin
  new.subject_id := (select l.subject_id from lot l where l.id = new.lot_id);
  return new;
end $function$;
create trigger subject_of_news before insert on outbox for each row
  when (new.subject_id is null and new.lot_id is not null) execute function subject_of_news();

-- That it arrived can't be proven by a row; but it arrives now, by one more try, or needn't be told, or was given up and came about
-- in another way.  Asked by the condition, so that a recall's 90,000 facts call nothing (DESIGN 2.4).
-- Refuses with BW299
create or replace function fact_arrives() returns trigger language plpgsql as $function$
begin
  raise exception 'a fact arrives now, by a try that is counted' using errcode = 'BW299';
end $function$;
create trigger z_fact_arrives before update on outbox for each row
  when (old.delivered_at is null and new.delivered_at is not null and (new.delivered_at <> now() or not (old.given_up_at is not null or (new.fact = any (array['lot.held'::text, 'task.escalated'::text])) or new.attempts = (old.attempts + 1))) or new.attempts <> old.attempts and new.attempts <> (old.attempts + 1) and (new.attempts <> 0 or old.given_up_at is null))
  execute function fact_arrives();

-- Walls that tables share.
create trigger subject_fixed before update of subject_id on outbox for each row
  when (old.subject_id is distinct from new.subject_id) execute function subject_fixed();
