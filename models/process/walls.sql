-- The walls of process: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- what walls ask, and what stands at tables of other nouns ----------

-- What processes are about, in one table (DESIGN 6a): each batch, recall, item, partner, person … has one subject, made in the
-- statement that makes the row, whatever door it comes through; its number and title follow the row.  A subject has a site, a legal
-- entity and an owner: nothing may stand without one but what is recorded before there is a site or a person to name.
create or replace function next_subject() returns bigint language sql security definer set search_path to 'public', 'pg_temp' as $function$
  -- the number of the subject to come; as the owner, because the application takes no number of its own from a sequence
  select nextval('subject_id_seq')
$function$;

-- What a process remembers is what its people did: who waits is who has a task, what was decided is what they completed (21 CFR 11.10(f)).
-- Refuses with BW294, BW295
create or replace function run_agrees(of_run bigint) returns void language plpgsql as $function$
declare
  r process_run;
  d definition_version;
begin
  select * into r from process_run p where p.id = of_run;
  select * into d from definition_version v where v.id = r.definition_id;
  if r.status = 'running' and exists (
      select s.key from (
          select o ->> 'key' as key from jsonb_array_elements(coalesce(r.state -> 'open', '[]')) o) s
        join jsonb_array_elements(d.body::jsonb -> 'stages') g on g ->> 'key' = s.key
       where g ->> 'kind' in ('task', 'inspection', 'sign_off')
         and not exists (select from human_task t where t.run_id = of_run and t.stage = s.key and t.status = 'open')) then
    raise exception 'a step of process % waits, and nobody has its task', r.workflow_id using errcode = 'BW295';
  end if;
  if r.status = 'running' and exists (
      select from human_task t where t.run_id = of_run and t.status = 'open'
         and not exists (select from jsonb_array_elements(coalesce(r.state -> 'open', '[]')) o where o ->> 'key' = t.stage)) then
    raise exception 'process % remembers something else than what its people did', r.workflow_id using errcode = 'BW294';
  end if;
  if r.state ->> 'definition' is distinct from d.digest
     or (r.status = 'completed' and r.state ->> 'result' is distinct from r.result)
     or (r.status = 'running' and r.state ->> 'result' is not null)
     or exists (
       select from (
           select distinct on (t.stage) t.stage, t.outcome, t.done_by_id, t.form from human_task t
            where t.run_id = of_run and t.status = 'done' order by t.stage, t.id desc) t
        where r.state -> 'outcomes' ->> t.stage is distinct from t.outcome
           or not coalesce(r.state -> 'performers' -> t.stage ? t.done_by_id::text, false)
           or coalesce(r.state -> 'forms' -> t.stage, '{}') - 'reason' is distinct from t.form)
     or exists (
       select from jsonb_each_text(coalesce(r.state -> 'outcomes', '{}')) o
         join jsonb_array_elements(d.body::jsonb -> 'stages') g on g ->> 'key' = o.key
        where (g ->> 'kind' in ('task', 'inspection', 'sign_off') and not exists (
                 select from human_task t where t.run_id = of_run and t.stage = o.key and t.status = 'done'))
           or (g ->> 'kind' = 'subprocess' and not exists (
                 select from process_run c where c.parent_id = of_run and c.status = 'completed' and c.result = o.value))) then
    raise exception 'process % remembers something else than what its people did', r.workflow_id using errcode = 'BW294';
  end if;
end $function$;

-- What processes are about, in one table (DESIGN 6a): each batch, recall, item, partner, person … has one subject, made in the
-- statement that makes the row, whatever door it comes through; its number and title follow the row.  A subject has a site, a legal
-- entity and an owner: nothing may stand without one but what is recorded before there is a site or a person to name.
create or replace function subject_owner(about text, family text, supplier bigint, site bigint, shift text)
  returns bigint language plpgsql stable security definer set search_path to 'public', 'pg_temp' as $function$
declare
  somebody bigint;
begin
  -- The most specific rule first, and of it the person before the role; then whoever holds the role of the kind, of several the
  -- one who came first; then who acts; then an administrator.  Nobody is an owner who has left or is a machine.
  select coalesce(
           (select p.id from person p where p.id = r.person_id and p.active and p.kind = 'human'),
           (select min(p.id) from role_grant g join person p on p.id = g.person_id
             where g.role = r.role and p.active and p.kind = 'human' and held_role(p.id, g.role, now()))) into somebody
    from owner_rule r
   where r.subject_kind = about and r.ended_at is null
     and (r.item_family is null or r.item_family = family) and (r.supplier_id is null or r.supplier_id = supplier)
     and (r.site_id is null or r.site_id = site) and (r.shift is null or r.shift = subject_owner.shift)
     and (exists (select from person p where p.id = r.person_id and p.active and p.kind = 'human')
       or exists (select from role_grant g join person p on p.id = g.person_id
                   where g.role = r.role and p.active and p.kind = 'human' and held_role(p.id, g.role, now())))
   order by num_nonnulls(r.item_family, r.supplier_id, r.site_id, r.shift) desc, r.person_id is null, r.id limit 1;
  if somebody is not null then
    return somebody;
  end if;
  select min(p.id) into somebody from role_grant g join person p on p.id = g.person_id
   where g.role = subject_role(about) and p.active and p.kind = 'human' and held_role(p.id, g.role, now());
  if somebody is not null then
    return somebody;
  end if;
  select p.id into somebody from person p
   where p.public_id::text = current_setting('bw.actor_id', true) and p.active and p.kind = 'human';
  if somebody is not null then
    return somebody;
  end if;
  select min(p.id) into somebody from role_grant g join person p on p.id = g.person_id
   where g.role = 'administrator' and p.active and p.kind = 'human' and held_role(p.id, g.role, now());
  return somebody;
end $function$;

-- The rows of the record that are about a subject, for its trail: another kind of subject needs no word here
create or replace function subject_rows(s subject) returns table(name text, id bigint) language plpgsql stable as $function$
declare
  behind text := case s.kind when 'place' then 'location' when 'definition' then 'definition_version' else s.kind end;
begin
  return query select 'subject'::text, s.id
    union all select 'process_run', r.id from process_run r where r.subject_id = s.id
    union all select 'human_task', t.id from human_task t where t.subject_id = s.id
    union all select 'signature', g.id from signature g where g.subject_id = s.id;
  if exists (select from pg_attribute a where a.attrelid = to_regclass(behind) and a.attname = 'subject_id') then
    return query execute format('select %L::text, b.id from %I b where b.subject_id = $1', behind, behind) using s.id;
  end if;
end $function$;

-- cause -------------------------------------------------------------

alter table cause
  add constraint ck_cause_because check (because_zh <> ''::text and because_en <> ''::text),
  add constraint ck_cause_by check (num_nonnulls(trigger, stage) = 1),
  add constraint ck_cause_run check ((run_id is not null) = (code = any (array['begun'::text, 'joined'::text, 'moved'::text]))),
  add constraint ck_cause_stage check ((stage is not null) = (code = 'moved'::text));

-- What became true about a subject, and what each trigger that names it made of it (DESIGN 6, 6a).  Both are told in the act that made
-- it true, so nobody can say afterwards that something was caused, or wasn't.
-- Refuses with BW357, BW358, BW359
create or replace function cause_wall() returns trigger language plpgsql as $function$
declare
  told fact;
  asked jsonb;
  caused boolean;
begin
  select f.* into told from fact f where f.id = new.fact_id;
  if new.at <> now() or told.recorded_at <> now() then
    raise exception 'what fact % caused is said when it is told', told.name using errcode = 'BW357';
  end if;
  select d.body::jsonb -> 'triggers' -> new.trigger into asked
    from definition_version d where d.id = new.definition_id and d.status = 'effective';
  if new.trigger is not null and asked ->> 'fact' is distinct from told.name then
    raise exception 'no trigger % of what is effective names fact %', new.trigger, told.name using errcode = 'BW358';
  end if;
  caused := case new.code
    when 'begun' then exists (
      select from process_run r join definition_version d on d.id = r.definition_id
       where r.id = new.run_id and r.started_at = now() and d.key = asked ->> 'process')
    when 'joined' then exists (
      select from process_run r join definition_version d on d.id = r.definition_id
       where r.id = new.run_id and d.key = asked ->> 'process'
         and (r.subject_id = told.subject_id
           or exists (select from run_link l where l.run_id = r.id and l.subject_id = told.subject_id)))
    when 'moved' then exists (
      select from process_run r
       where r.id = new.run_id and r.definition_id = new.definition_id and r.subject_id = told.subject_id)
    else true end;
  if not caused then
    raise exception 'fact % did not cause that', told.name using errcode = 'BW359';
  end if;
  return new;
end $function$;
create trigger cause_wall before insert on cause for each row execute function cause_wall();

-- Walls that tables share.
create trigger append_only before delete or update on cause for each row execute function append_only();
create trigger append_only_truncate before truncate on cause for each statement execute function append_only();
create trigger audit_delete after delete on cause referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on cause referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on cause referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on cause for each row execute function identity_is_fixed();

-- fact --------------------------------------------------------------

alter table fact
  add constraint ck_fact_name check (name ~ '^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$'::text),
  add constraint ck_fact_values check (jsonb_typeof("values") = 'object'::text);

-- What became true about a subject, and what each trigger that names it made of it (DESIGN 6, 6a).  Both are told in the act that made
-- it true, so nobody can say afterwards that something was caused, or wasn't.
-- Refuses with BW356
create or replace function fact_wall() returns trigger language plpgsql as $function$
begin
  if new.recorded_at <> now() or new.happened_at > now() then
    raise exception 'fact % is recorded when it is told, and has happened by then', new.name using errcode = 'BW356';
  end if;
  return new;
end $function$;
create trigger fact_wall before insert on fact for each row execute function fact_wall();

-- Walls that tables share.
create trigger append_only before delete or update on fact for each row execute function append_only();
create trigger append_only_truncate before truncate on fact for each statement execute function append_only();
create trigger audit_delete after delete on fact referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on fact referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on fact referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on fact for each row execute function identity_is_fixed();

-- human_task --------------------------------------------------------

alter table human_task
  add constraint ck_human_task_status check (status = any (array['open'::text, 'done'::text, 'cancelled'::text])),
  add constraint ck_human_task_subject check (lot_id is null or recall_id is null);

-- What processes are about, in one table (DESIGN 6a): each batch, recall, item, partner, person … has one subject, made in the
-- statement that makes the row, whatever door it comes through; its number and title follow the row.  A subject has a site, a legal
-- entity and an owner: nothing may stand without one but what is recorded before there is a site or a person to name.
-- Refuses with BW353
create or replace function subject_fixed() returns trigger language plpgsql as $function$
begin
  raise exception 'a row of % keeps its subject', tg_table_name using errcode = 'BW353';
end $function$;
create trigger subject_fixed before update of subject_id on human_task for each row
  when (old.subject_id is distinct from new.subject_id) execute function subject_fixed();

-- Nobody writes in another's name or at another time (21 CFR 11.10(d), 11.50, 11.70, 11.100(a), 11.200): who a row says did it
-- is who does it, a signature carries the name of its signer and the moment of its signing, and is about its own task.
-- Refuses with BW354
create or replace function subject_of_task() returns trigger language plpgsql as $function$
declare
  meant bigint;
begin
  select r.subject_id into meant from process_run r where r.id = new.run_id;
  if new.subject_id <> meant then
    raise exception 'a task is about the subject of its run' using errcode = 'BW354';
  end if;
  new.subject_id := meant;
  return new;
end $function$;
create trigger subject_of_task before insert on human_task for each row execute function subject_of_task();

-- A task is one of the steps of its process, for the role that its definition names, and is ended by somebody (21 CFR 11.10(f), (g)).
-- Refuses with BW254
create or replace function task_born_wall() returns trigger language plpgsql as $function$
begin
  if new.status <> 'open' or num_nonnulls(new.done_at, new.done_by_id, new.on_behalf_of_id, new.outcome, new.receipt) > 0
     or not exists (
       select from process_run r join definition_version d on d.id = r.definition_id,
              jsonb_array_elements(d.body::jsonb -> 'stages') s
        where r.id = new.run_id and r.status = 'running' and d.key = new.process
          and r.lot_id is not distinct from new.lot_id and r.recall_id is not distinct from new.recall_id
          and s ->> 'key' = new.stage and s ->> 'kind' = new.kind and coalesce(s ->> 'role', '') = new.role) then
    raise exception 'task % is no step of its process', new.stage using errcode = 'BW254';
  end if;
  return new;
end $function$;
create trigger task_born_wall before insert on human_task for each row execute function task_born_wall();

-- The last wall (DESIGN 2.4): what must never happen is refused here whoever asks and by whatever way.
-- Refuses with BW041
create or replace function task_wall() returns trigger language plpgsql as $function$
begin
  if old.status <> 'open' then
    raise exception 'the task is closed' using errcode = 'BW041';
  end if;
  return new;
end $function$;
create trigger task_wall before update on human_task for each row execute function task_wall();

-- No task of a step that a change forbids its batch is completed (REQUIREMENTS 46; ISO 13485 7.3.9).
-- Refuses with BW386
create or replace function task_paused_wall() returns trigger language plpgsql as $function$
begin
  perform from lot l where l.id = new.lot_id for share;
  if batch_is_paused(new.lot_id, task_batch_step(new), 0, now()) then
    raise exception 'lot % is paused by a change', (select lot_no from lot where id = new.lot_id) using errcode = 'BW386';
  end if;
  return new;
end $function$;
create trigger task_wall_paused before update on human_task for each row
  when (old.status = 'open'::text and new.status = 'done'::text and new.lot_id is not null) execute function task_paused_wall();

-- Who held which role when, and who may stand behind an act (21 CFR 11.10(g), 11.10(i), 11.100; DESIGN 2.4, 7).
create or replace function task_role_wall() returns trigger language plpgsql as $function$
begin
  if new.status = 'done' and old.status = 'open' and new.done_by_id is not null then
    perform check_role(new.done_by_id, new.on_behalf_of_id, new.role, 'a task is done');
  end if;
  if new.assignee_id is not null and new.assignee_id is distinct from old.assignee_id then
    perform check_role(new.assignee_id, null, new.role, 'a task is taken');
  end if;
  return new;
end $function$;
create trigger task_wall_role before update on human_task for each row execute function task_role_wall();

-- What was found open when the application's roles were tried as an attacker would (DESIGN 2.4; 21 CFR 11.10(d), (e), (g)):
-- each role writes its own part only, and what the record relies on stays as it was when somebody did.
-- Refuses with BW254
create or replace function task_stays_wall() returns trigger language plpgsql as $function$
begin
  if (new.public_id, new.run_id, new.lot_id, new.recall_id, new.process, new.stage, new.kind, new.role)
       is distinct from
     (old.public_id, old.run_id, old.lot_id, old.recall_id, old.process, old.stage, old.kind, old.role)
     -- a demonstration has tasks that are late already
     or ((new.opened_at <> old.opened_at
          or (old.opened_at <> now() and (new.due_at, new.pick_up_by) is distinct from (old.due_at, old.pick_up_by)))
         and not furnishes())
     or new.escalation_level < old.escalation_level
     or (new.status = 'done' and (new.done_by_id is null or new.done_at is distinct from now()))
     or (new.status <> 'done' and num_nonnulls(new.done_by_id, new.on_behalf_of_id, new.outcome) > 0) then
    raise exception 'task % stays what it asks, of whom and by when, and somebody ends it', old.stage using errcode = 'BW254';
  end if;
  return new;
end $function$;
create trigger task_wall_zstays before update on human_task for each row execute function task_stays_wall();

-- A step escalates as its definition says, counted from its opening; the task of a legal deadline when the deadline has ended (DESIGN 6).
-- Refuses with BW325
create or replace function escalation_came() returns trigger language plpgsql as $function$
begin
  if not exists (
    select from process_run r join definition_version d on d.id = r.definition_id,
           jsonb_array_elements(d.body::jsonb -> 'stages') s,
           jsonb_array_elements(s -> 'sla' -> 'escalations') with ordinality e (said, level)
     where r.id = new.run_id and s ->> 'key' = new.stage and e.level = new.escalation_level
       and e.said ->> 'to_role' = new.escalated_to
       and (new.opened_at at time zone 'UTC' + (e.said ->> 'after')::interval) at time zone 'UTC' <= now())
     and not exists (select from recall_deadline l where l.run_id = new.run_id and new.escalation_level = 2 and l.due_at <= now()) then
    raise exception 'task % is told of to the next when its moment has come', new.stage using errcode = 'BW325';
  end if;
  return new;
end $function$;
create trigger task_wall_zz_came before update on human_task for each row
  when (new.escalation_level is distinct from old.escalation_level or new.escalated_to is distinct from old.escalated_to)
  execute function escalation_came();

-- What changes only together with the row that proves it, in the same act (DESIGN 2.4; 21 CFR 11.10(e), (f); ISO 13485 4.2.5):
-- orders, batches, processes, tasks, serial numbers, and what a recall says of itself.
create or replace function run_agrees_now() returns trigger language plpgsql as $function$
begin
  perform run_agrees(case tg_table_name when 'human_task' then (to_jsonb(new) ->> 'run_id')::bigint else new.id end);
  return null;
end $function$;
create constraint trigger z_run_agrees after update on human_task deferrable initially deferred for each row
  when (new.status <> old.status) execute function run_agrees_now();

-- Walls that tables share.
create trigger api_stays_out before insert or delete on human_task for each statement execute function api_stays_out();
create trigger audit_delete after delete on human_task referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on human_task referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on human_task referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger door_changes before update on human_task for each row
  when (session_user = 'batchwright_api'::name) execute function door_changes();
create trigger fixed_key before update on human_task for each row execute function identity_is_fixed();
create trigger task_wall_told before update on human_task for each row
  when (new.done_by_id is distinct from old.done_by_id) execute function by_its_actor('done_by_id');

-- legal_entity ------------------------------------------------------

alter table legal_entity
  add constraint ck_legal_entity_kind check (kind = any (array['registrant'::text, 'maker'::text, 'contract_maker'::text]));

-- Walls that tables share.
create trigger audit_delete after delete on legal_entity referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on legal_entity referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on legal_entity referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on legal_entity for each row execute function identity_is_fixed();

-- numbering ---------------------------------------------------------

alter table numbering
  add constraint ck_numbering_next check (next > 0);

-- Numbers are given by counters, not by counting rows: whoever takes one holds the counter until the end of the transaction, so two
-- never get the same, and what is rolled back leaves no gap (DESIGN 6a).
-- Refuses with BW355
create or replace function numbering_wall() returns trigger language plpgsql as $function$
begin
  if (new.kind, new.scope, new.site_id, new.year) is distinct from (old.kind, old.scope, old.site_id, old.year)
     or new.next < old.next then
    raise exception 'a counter of numbers only goes on' using errcode = 'BW355';
  end if;
  return new;
end $function$;
create trigger numbering_wall before update on numbering for each row execute function numbering_wall();

-- Walls that tables share.
create trigger kept before delete on numbering for each row execute function kept();

-- owner_rule --------------------------------------------------------

-- Walls that tables share.
create trigger audit_delete after delete on owner_rule referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on owner_rule referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on owner_rule referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on owner_rule for each row execute function identity_is_fixed();

-- process_run -------------------------------------------------------

alter table process_run
  add constraint ck_process_run_place check ((num_nonnulls(parent_stage, parent_item, parent_round) = any (array[0, 3])) and (parent_item is null or parent_id is not null)),
  add constraint ck_process_run_status check (status = any (array['running'::text, 'completed'::text, 'cancelled'::text])),
  add constraint ck_process_run_subject check (lot_id is null or recall_id is null);

-- What was found open when the application's roles were tried as an attacker would (DESIGN 2.4; 21 CFR 11.10(d), (e), (g)):
-- each role writes its own part only, and what the record relies on stays as it was when somebody did.
-- Refuses with BW253
create or replace function process_run_ended() returns trigger language plpgsql as $function$
begin
  if exists (select from human_task t where t.run_id = new.id and t.status = 'open') then
    raise exception 'process % ends when nobody is waited for', new.workflow_id using errcode = 'BW253';
  end if;
  return null;
end $function$;
create constraint trigger process_run_ended after update on process_run deferrable initially deferred for each row
  when (old.status = 'running'::text and new.status <> 'running'::text) execute function process_run_ended();

-- What a process is about is said by its definition, and by no list of names (DESIGN 6a).
-- Refuses with BW253
create or replace function process_run_wall() returns trigger language plpgsql as $function$
begin
  if tg_op = 'INSERT' then
    if new.status <> 'running' or new.result is not null or new.ended_at is not null
       or not exists (
         select from definition_version d
           join subject b on b.id = coalesce((select l.subject_id from lot l where l.id = new.lot_id),
                                             (select c.subject_id from recall c where c.id = new.recall_id), new.subject_id)
          where d.id = new.definition_id and d.status = 'effective' and coalesce(d.body::jsonb ->> 'subject', 'lot') = b.kind) then
      raise exception 'process % begins running, by what is effective', new.workflow_id using errcode = 'BW253';
    end if;
    return new;
  end if;
  if to_jsonb(new) - array['state', 'status', 'version', 'result', 'ended_at']
       is distinct from to_jsonb(old) - array['state', 'status', 'version', 'result', 'ended_at']
     or new.version < old.version
     or (old.status <> 'running' and to_jsonb(new) - 'version' is distinct from to_jsonb(old) - 'version')
     or (new.status = 'running') <> (new.ended_at is null) or (new.status = 'running') <> (new.result is null)
     or (new.status <> 'running' and old.status = 'running' and new.ended_at <> now()) then
    raise exception 'process % stays what it is about, and how it ended', old.workflow_id using errcode = 'BW253';
  end if;
  return new;
end $function$;
create trigger process_run_wall before insert or update on process_run for each row execute function process_run_wall();

-- A wait that has no other way is over when its time has come: so long after it was opened, or at the day that was answered or that an effect has
-- worked out (`item.column`) and so long after, whichever is first.  On working days it takes longer, which the rule says; here the least is
-- asked (DESIGN 6).
-- Refuses with BW345
create or replace function wait_came() returns trigger language plpgsql as $function$
begin
  if exists (
    select from definition_version d, jsonb_array_elements(d.body::jsonb -> 'stages') s,
           jsonb_array_elements(coalesce(old.state -> 'open', '[]')) o,
           lateral (select coalesce(
             old.state #>> array['forms', split_part(s -> 'until' ->> 'date', '.', 1), split_part(s -> 'until' ->> 'date', '.', 2)],
             case when s -> 'until' ->> 'date' like 'item.%' then old.state -> 'facts' ->> (s -> 'until' ->> 'date') end) as day) said,
           lateral (select least(
             (((o ->> 'opened_at')::timestamptz at time zone 'UTC') + (s -> 'until' ->> 'after')::interval) at time zone 'UTC',
             case when said.day ~ '^\d{4}-\d{2}-\d{2}$'
               then (said.day::date::timestamp at time zone coalesce((select p.zone from site p order by p.id limit 1), 'UTC'))
                    + coalesce(s -> 'until' ->> 'offset', 'P0D')::interval
               when s -> 'until' ->> 'date' is not null
               then said.day::timestamptz + coalesce(s -> 'until' ->> 'offset', 'P0D')::interval
             end) as at) came
     where d.id = new.definition_id and s ->> 'key' = o ->> 'key' and s ->> 'kind' = 'wait' and s -> 'until' is not null
       and not exists (select from jsonb_array_elements(coalesce(new.state -> 'open', '[]')) n
                        where n ->> 'key' = o ->> 'key' and (n ->> 'opened_at')::timestamptz = (o ->> 'opened_at')::timestamptz)
       and new.state -> 'outcomes' ->> (o ->> 'key') = 'elapsed' and coalesce(came.at > now(), true)) then
    raise exception 'a wait of process % is over when its time has come', new.workflow_id using errcode = 'BW345';
  end if;
  return new;
end $function$;
create trigger process_run_wall_waits before update on process_run for each row
  when (old.status = 'running'::text and (new.state -> 'open'::text) is distinct from (old.state -> 'open'::text) and (new.state -> 'outcomes'::text) @? '$.*?(@ == "elapsed")'::jsonpath)
  execute function wait_came();

create trigger subject_fixed before update of subject_id on process_run for each row
  when (old.subject_id is distinct from new.subject_id) execute function subject_fixed();

-- What processes are about, in one table (DESIGN 6a): each batch, recall, item, partner, person … has one subject, made in the
-- statement that makes the row, whatever door it comes through; its number and title follow the row.  A subject has a site, a legal
-- entity and an owner: nothing may stand without one but what is recorded before there is a site or a person to name.
-- Refuses with BW354
create or replace function subject_of_run() returns trigger language plpgsql as $function$
declare
  meant bigint;
begin
  select coalesce((select l.subject_id from lot l where l.id = new.lot_id),
                  (select c.subject_id from recall c where c.id = new.recall_id), new.subject_id) into meant;
  if new.subject_id <> meant then
    raise exception 'a run is about one subject' using errcode = 'BW354';
  end if;
  new.subject_id := meant;
  return new;
end $function$;
create trigger subject_of_run before insert on process_run for each row execute function subject_of_run();

-- What a run remembers of its many is how their runs ended (DESIGN 6).
-- Refuses with BW346
create or replace function many_agree() returns trigger language plpgsql as $function$
begin
  if exists (
    select from jsonb_each(new.state -> 'many') m, jsonb_each_text(m.value) i
     where i.value is not null and not exists (
       select from process_run c where c.parent_id = new.id and c.parent_stage = m.key and c.parent_item = i.key
          and c.status = 'completed' and c.result = i.value)) then
    raise exception 'process % remembers something else than how its many ended', new.workflow_id using errcode = 'BW346';
  end if;
  return null;
end $function$;
create constraint trigger z_many_agree after update on process_run deferrable initially deferred for each row
  when ((new.state -> 'many'::text) is distinct from (old.state -> 'many'::text)) execute function many_agree();

create constraint trigger z_run_agrees after insert on process_run deferrable initially deferred for each row
  execute function run_agrees_now();
create constraint trigger z_run_agrees_still after update on process_run deferrable initially deferred for each row
  when (new.state is distinct from old.state or new.status is distinct from old.status) execute function run_agrees_now();

-- Walls that tables share.
create trigger api_stays_out before insert or delete on process_run for each statement execute function api_stays_out();
create trigger audit_delete after delete on process_run referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on process_run referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on process_run referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger door_changes before update on process_run for each row
  when (session_user = 'batchwright_api'::name) execute function door_changes();
create trigger fixed_key before update on process_run for each row execute function identity_is_fixed();
create trigger kept before delete on process_run for each row execute function kept();

-- run_link ----------------------------------------------------------

-- Walls that tables share.
create trigger append_only before delete or update on run_link for each row execute function append_only();
create trigger append_only_truncate before truncate on run_link for each statement execute function append_only();
create trigger audit_delete after delete on run_link referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on run_link referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on run_link referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on run_link for each row execute function identity_is_fixed();

-- signature ---------------------------------------------------------

alter table signature
  add constraint ck_signature_task_or_act check ((task_id is null) = (subject = 'act'::text) and (run_id is null) = (task_id is null) and (act is null) = (task_id is not null) and (about is null) = (act is null));

-- A signature without a task belongs to the act that its attempt was made for (21 CFR 11.70).
-- Refuses with BW020
create or replace function signature_act_wall() returns trigger language plpgsql as $function$
declare
  attempt signing_attempt;
begin
  select * into attempt from signing_attempt a where a.id = new.attempt_id;
  if (attempt.act, attempt.about) is distinct from (new.act, new.about) then
    raise exception 'this signature has no accepted attempt of its own' using errcode = 'BW020';
  end if;
  return new;
end $function$;
create trigger signature_act_wall before insert on signature for each row execute function signature_act_wall();

-- The last wall (DESIGN 2.4): what must never happen is refused here whoever asks and by whatever way.
-- Refuses with BW020, BW021, BW022
create or replace function signature_wall() returns trigger language plpgsql as $function$
declare
  attempt signing_attempt;
begin
  select * into attempt from signing_attempt a where a.id = new.attempt_id;
  if not proven(attempt) or attempt.person_id <> new.person_id
     or attempt.task_id is distinct from new.task_id or attempt.digest <> new.digest
     or attempt.meaning <> new.meaning or attempt.on_behalf_of_id is distinct from new.on_behalf_of_id then
    raise exception 'this signature has no accepted attempt of its own' using errcode = 'BW020';
  end if;
  if attempt.at < now() - interval '15 minutes' then
    raise exception 'the signing attempt is too old' using errcode = 'BW021';
  end if;
  if not exists (select from signed_record r where r.digest = new.digest) then
    raise exception 'the record behind the signature is missing' using errcode = 'BW022';
  end if;
  return new;
end $function$;
create trigger signature_wall before insert on signature for each row execute function signature_wall();

-- Who held which role when, and who may stand behind an act (21 CFR 11.10(g), 11.10(i), 11.100; DESIGN 2.4, 7).
create or replace function signature_role_wall() returns trigger language plpgsql as $function$
begin
  perform check_role(new.person_id, new.on_behalf_of_id, t.role, 'a signature') from human_task t where t.id = new.task_id;
  return new;
end $function$;
create trigger signature_wall_role before insert on signature for each row execute function signature_role_wall();

-- A signature rests on a password that only its owner has set (21 CFR 11.200(a)(3)).
-- Refuses with BW187
create or replace function signature_own_wall() returns trigger language plpgsql as $function$
begin
  if not exists (select from signing_attempt t join account a on a.id = t.account_id
                  where t.id = new.attempt_id and a.person_id = new.person_id and a.own_since <= t.at) then
    raise exception 'the password behind this signature was set by somebody else, or its owner hasn''t certified who it is'
      using errcode = 'BW187';
  end if;
  return new;
end $function$;
create trigger signature_wall_self before insert on signature for each row execute function signature_own_wall();

-- What a signature says beside the record (21 CFR 11.50, 11.70): as it was proven, and kept word by word.
-- Refuses with BW065, BW066
create or replace function statement_wall() returns trigger language plpgsql as $function$
begin
  if new.form <> 2 or new.statement is null
     or new.statement is distinct from (select a.statement from signing_attempt a where a.id = new.attempt_id) then
    raise exception 'this signature doesn''t say what its attempt said' using errcode = 'BW065';
  end if;
  if not exists (select from signed_record r where r.digest = new.statement
                    and r.canonical::jsonb ->> 'record' = new.digest
                    and r.canonical::jsonb ->> 'meaning' = new.meaning
                    and r.canonical::jsonb ->> 'signer' = new.printed_name) then
    raise exception 'the statement of this signature is missing, or about something else' using errcode = 'BW066';
  end if;
  return new;
end $function$;
create trigger signature_wall_statement before insert on signature for each row execute function statement_wall();

-- What a step did is asked by the names of its effects, never by the key of the step: whoever renames one changes its name only
-- (DESIGN 6a).  Texts of language 1, of before, go by the keys that shipped.
-- Refuses with BW185
create or replace function signature_told_wall() returns trigger language plpgsql as $function$
begin
  if new.printed_name is distinct from (select p.name from person p where p.id = new.person_id) then
    raise exception 'a signature carries the name of its signer' using errcode = 'BW185';
  end if;
  if new.task_id is not null and not exists (
      select from human_task t where t.id = new.task_id and t.status = 'open' and t.run_id = new.run_id
         and t.lot_id is not distinct from new.lot_id and signed_subject(t.run_id, t.stage) = new.subject) then
    raise exception 'a signature is about its own open task' using errcode = 'BW185';
  end if;
  return new;
end $function$;
create trigger signature_wall_told before insert on signature for each row execute function signature_told_wall();

-- Nobody writes in another's name or at another time (21 CFR 11.10(d), 11.50, 11.70, 11.100(a), 11.200): who a row says did it
-- is who does it, a signature carries the name of its signer and the moment of its signing, and is about its own task.
create or replace function signed_now() returns trigger language plpgsql as $function$
begin
  new.signed_at := now();  -- nobody dates a signature back or ahead
  return new;
end $function$;
create trigger signed_now before insert on signature for each row execute function signed_now();

-- What processes are about, in one table (DESIGN 6a): each batch, recall, item, partner, person … has one subject, made in the
-- statement that makes the row, whatever door it comes through; its number and title follow the row.  A subject has a site, a legal
-- entity and an owner: nothing may stand without one but what is recorded before there is a site or a person to name.
-- Refuses with BW354
create or replace function subject_of_signature() returns trigger language plpgsql as $function$
declare
  meant bigint;
begin
  select coalesce((select r.subject_id from process_run r where r.id = new.run_id),
                  (select l.subject_id from lot l where l.id = new.lot_id), new.subject_id) into meant;
  if new.subject_id <> meant then
    raise exception 'a signature is about the subject of its run or batch' using errcode = 'BW354';
  end if;
  new.subject_id := meant;
  return new;
end $function$;
create trigger subject_of_signature before insert on signature for each row execute function subject_of_signature();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on signature for each statement execute function api_stays_out();
create trigger append_only before delete or update on signature for each row execute function append_only();
create trigger append_only_truncate before truncate on signature for each statement execute function append_only();
create trigger audit_delete after delete on signature referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on signature referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on signature referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on signature for each row execute function identity_is_fixed();
create trigger kept before delete on signature for each row execute function kept();
create trigger recall_signature_wall before insert on signature for each row execute function recall_signature_wall();
create trigger signature_wall_and_release before insert on signature for each row execute function release_signature_wall();
create trigger told_by_its_actor before insert on signature for each row execute function by_its_actor('person_id');

-- signed_record -----------------------------------------------------

-- Nobody writes in another's name or at another time (21 CFR 11.10(d), 11.50, 11.70, 11.100(a), 11.200): who a row says did it
-- is who does it, a signature carries the name of its signer and the moment of its signing, and is about its own task.
create or replace function kept_now() returns trigger language plpgsql as $function$
begin
  new.at := now();
  return new;
end $function$;
create trigger kept_now before insert on signed_record for each row execute function kept_now();

-- What is kept under a digest has that digest (21 CFR 11.70).
-- Refuses with BW067
create or replace function signed_record_wall() returns trigger language plpgsql as $function$
begin
  if new.digest <> encode(sha256(convert_to(new.canonical, 'UTF8')), 'hex') then
    raise exception 'this text has another digest' using errcode = 'BW067';
  end if;
  return new;
end $function$;
create trigger signed_record_wall before insert on signed_record for each row execute function signed_record_wall();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on signed_record for each statement
  execute function api_stays_out();
create trigger append_only before delete or update on signed_record for each row execute function append_only();
create trigger append_only_truncate before truncate on signed_record for each statement execute function append_only();

-- signing_attempt ---------------------------------------------------

-- Nobody writes in another's name or at another time (21 CFR 11.10(d), 11.50, 11.70, 11.100(a), 11.200): who a row says did it
-- is who does it, a signature carries the name of its signer and the moment of its signing, and is about its own task.
create or replace function attempt_is_now() returns trigger language plpgsql as $function$
begin
  if new.at is distinct from now() then
    new.at := now();  -- nobody dates an attempt back or ahead, whatever came of it
  end if;
  return new;
end $function$;
create trigger attempt_now before insert on signing_attempt for each row execute function attempt_is_now();

-- Walls that tables share.
create trigger append_only before delete or update on signing_attempt for each row execute function append_only();
create trigger append_only_truncate before truncate on signing_attempt for each statement execute function append_only();
create trigger attempt_account_wall before insert on signing_attempt for each row execute function attempt_account_wall();
create trigger told_by_its_actor before insert on signing_attempt for each row execute function by_its_actor('person_id');
create trigger worker_stays_out before insert or delete or update on signing_attempt for each statement
  execute function worker_stays_out();

-- subject -----------------------------------------------------------

alter table subject
  add constraint ck_subject_kind check (kind ~ '^[a-z][a-z_]*$'::text),
  add constraint ck_subject_title check ((title is null) = (titled_by_id is not null));

-- A subject's owner changes by a signature over whose it was and whose it is to be, written in the same transaction
-- (DESIGN 6a; ISO 13485 5.5.1; 21 CFR 11.10(e), 11.70).  What has no owner yet may be given one.
-- Refuses with BW368, BW369
create or replace function subject_handed_over() returns trigger language plpgsql as $function$
begin
  if not exists (
      select from signature s join person p on p.id = new.owner_id
       where s.act = 'hand_over' and s.about = new.public_id::text and s.signed_at = now() and s.outcome = p.public_id::text) then
    raise exception 'the owner of % changes by a signature only', new.number using errcode = 'BW368';
  end if;
  if not exists (select from person p join account a on a.person_id = p.id and not a.disabled
                  where p.id = new.owner_id and p.active and p.kind = 'human') then
    raise exception 'whoever owns % works here and logs in', new.number using errcode = 'BW369';
  end if;
  return new;
end $function$;
create trigger subject_handed_over before update of owner_id on subject for each row
  when (old.owner_id is not null and new.owner_id is not null and new.owner_id <> old.owner_id)
  execute function subject_handed_over();

-- What processes are about, in one table (DESIGN 6a): each batch, recall, item, partner, person … has one subject, made in the
-- statement that makes the row, whatever door it comes through; its number and title follow the row.  A subject has a site, a legal
-- entity and an owner: nothing may stand without one but what is recorded before there is a site or a person to name.
create or replace function subjects_owned()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
declare
  somebody bigint;
begin
  select min(p.id) into somebody from person p where p.active and p.kind = 'human';
  if somebody is not null then
    update subject s set owner_id = o.owner_id
      from (select k.kind, k.site_id, coalesce(subject_owner(k.kind, null, null, k.site_id, null), somebody) as owner_id
              from (select distinct kind, site_id from subject where owner_id is null) k) o
     where s.owner_id is null and s.kind = o.kind and s.site_id is not distinct from o.site_id;
  end if;
  return null;
end $function$;
create constraint trigger subject_owned after insert on subject deferrable initially deferred for each row
  when (new.owner_id is null) execute function subjects_owned();

-- What processes are about, in one table (DESIGN 6a): each batch, recall, item, partner, person … has one subject, made in the
-- statement that makes the row, whatever door it comes through; its number and title follow the row.  A subject has a site, a legal
-- entity and an owner: nothing may stand without one but what is recorded before there is a site or a person to name.
-- Refuses with BW351, BW352
create or replace function subject_stays() returns trigger language plpgsql as $function$
begin
  if (new.kind, new.opened_at, new.titled_by_id) is distinct from (old.kind, old.opened_at, old.titled_by_id)
     or (new.number, new.title, new.title_en) is distinct from (old.number, old.title, old.title_en) and pg_trigger_depth() = 1 then
    raise exception 'a subject is called what its row is called' using errcode = 'BW351';
  end if;
  if new.owner_id is null and old.owner_id is not null or new.site_id is null and old.site_id is not null
     or new.entity_id is null and old.entity_id is not null then
    raise exception 'a subject has a site, a legal entity and an owner' using errcode = 'BW352';
  end if;
  return new;
end $function$;
create trigger subject_stays before update on subject for each row execute function subject_stays();

-- Walls that tables share.
create trigger audit_delete after delete on subject referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on subject referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on subject referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on subject for each row execute function identity_is_fixed();
create trigger kept before delete on subject for each row execute function kept();
create trigger subject_known before insert on subject for each row when (pg_trigger_depth() = 0) execute function subject_known();

-- task_draft --------------------------------------------------------

-- Walls that tables share.
create trigger worker_writes_none before insert or update on task_draft for each statement execute function worker_has_no_say();
