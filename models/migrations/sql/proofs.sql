-- What changes only together with the row that proves it, in the same act (DESIGN 2.4; 21 CFR 11.10(e), (f); ISO 13485 4.2.5):
-- orders, batches, processes, tasks, serial numbers, and what a recall says of itself.

-- Work orders -----------------------------------------------------------------------------------------------------------

-- An order begins open, is finished by the operation that made its goods, and is taken up again by a release that sent them back.
create function order_proven() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.origin = 'native'
       and (new.status <> 'open' or new.produced <> 0 or new.scrapped <> 0 or new.finished_at is not null) then
      raise exception 'order % begins open, with nothing made', new.work_order_no using errcode = 'BW290';
    end if;
    return new;
  end if;
  if not (case
    when old.status = 'open' and new.status = 'finished' then
      new.finished_at = now() and new.extra = old.extra
      and exists (select from operation_run r where r.work_order_id = new.id and r.recorded_at = now() and r.produced = new.produced)
      and new.scrapped = (select coalesce(sum(r.scrapped), 0) from operation_run r where r.work_order_id = new.id)
    when old.status = 'finished' and new.status = 'open' then
      new.finished_at is null and (new.produced, new.scrapped) = (old.produced, old.scrapped)
      and (new.extra ->> 'cycle')::int = coalesce((old.extra ->> 'cycle')::int, 1) + 1
      and exists (select from process_run p where p.lot_id = new.lot_id and p.status = 'completed'
                     and p.result = 'rework' and p.ended_at = now())
    else false end) then
    raise exception 'order % is finished by its operation and taken up again by a release that sends back', old.work_order_no
      using errcode = 'BW290';
  end if;
  return new;
end $$;

-- by name after the walls that say more of what stays
create trigger z_order_born before insert on work_order for each row execute function order_proven();
create trigger z_order_proven before update on work_order for each row
  when ((new.status, new.produced, new.scrapped, new.finished_at, new.extra) is distinct from
        (old.status, old.produced, old.scrapped, old.finished_at, old.extra))
  execute function order_proven();

-- Batches ---------------------------------------------------------------------------------------------------------------

-- A batch goes on by what was done with it in this act; asked at the end of it, when everything is written.
create function lot_step_proven() returns trigger language plpgsql as $$
begin
  -- a part stands where its whole stands, when it begins
  if not (lot_inherits(new) or case new.status
    when 'finished' then exists (
      select from operation_run r where r.lot_id = new.id and r.recorded_at = now())
    when 'inspected' then exists (
      select from inspection i where i.lot_id = new.id and i.stage = 'final' and i.status = 'accepted' and i.decided_at = now())
    when 'packed' then exists (
      select from human_task t where t.lot_id = new.id and t.stage = 'packaging' and t.status = 'done' and t.done_at = now())
    when 'closed' then not exists (select from stock s where s.lot_id = new.id and s.quantity > 0) and exists (
      select from process_run p where p.lot_id = new.id and p.status = 'completed' and p.result = 'closed' and p.ended_at = now())
    when 'in_process' then exists (
      select from process_run p where p.lot_id = new.id and p.status = 'completed' and p.result = 'rework' and p.ended_at = now())
    when 'rejected' then exists (
      -- of a part that was split off, the decision is about the whole
      select from signature s join process_run p on p.id = s.run_id
       where s.signed_at = now() and (p.lot_id = new.id or exists (
         select from genealogy_edge e where e.parent_lot_id = p.lot_id and e.child_lot_id = new.id and e.kind = 'split')))
    else true end) then
    raise exception 'lot % goes on by what was done with it, not from % to % by itself', new.lot_no, old.status, new.status
      using errcode = 'BW291';
  end if;
  return null;
end $$;

create constraint trigger lot_step_proven after update on lot deferrable initially deferred for each row
  when (new.status <> old.status) execute function lot_step_proven();

-- Once for the statement: a split or a shipment tells many batches at once.
create function fact_told_now() returns trigger language plpgsql as $$
begin
  if not imported_now() and exists (
      select from new_rows n where n.at <> now() or (n.person_id is not null and not acts_as(n.person_id))) then
    raise exception 'what happened to a lot is told now, by who says so' using errcode = 'BW292';
  end if;
  return null;
end $$;

create trigger fact_told_now after insert on lot_fact referencing new table as new_rows
  for each statement execute function fact_told_now();

-- Where a unit is follows from its movement, its shipment and its case; what an earlier system said of it stays as it came.
create function serial_told() returns trigger language plpgsql as $$
begin
  if not imported_now() then
    raise exception 'where serial % is follows from what was done with it', new.serial_no using errcode = 'BW293';
  end if;
  return new;
end $$;

create trigger z_serial_told_born before insert on serial_unit for each row
  when (new.status <> 'in_stock' or new.installed_in_id is not null) execute function serial_told();
create trigger z_serial_told before update on serial_unit for each row
  when ((new.status, new.installed_in_id) is distinct from (old.status, old.installed_in_id)) execute function serial_told();

-- Processes and tasks ---------------------------------------------------------------------------------------------------

-- What a process remembers is what its people did: who waits is who has a task, what was decided is what they completed.
create function run_agrees(of_run bigint) returns void language plpgsql as $$
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
end $$;

create function run_agrees_now() returns trigger language plpgsql as $$
begin
  perform run_agrees(case tg_table_name when 'human_task' then (to_jsonb(new) ->> 'run_id')::bigint else new.id end);
  return null;
end $$;

-- at the end of the act, which writes the task and its process one after the other
create constraint trigger z_run_agrees after insert on process_run deferrable initially deferred for each row
  execute function run_agrees_now();
create constraint trigger z_run_agrees_still after update on process_run deferrable initially deferred for each row
  when ((new.state, new.status) is distinct from (old.state, old.status)) execute function run_agrees_now();
create constraint trigger z_run_agrees after update on human_task deferrable initially deferred for each row
  when (new.status <> old.status) execute function run_agrees_now();

-- Recalls ---------------------------------------------------------------------------------------------------------------

create function notice_born() returns trigger language plpgsql as $$
begin
  if exists (
      select from new_rows n where n.status <> 'open' or num_nonnulls(n.sent_at, n.reminded_at, n.acknowledged_by) > 0 or n.reminders <> 0
         or not exists (select from recall c join recall_scope s on s.recall_id = c.id
                         where c.id = n.recall_id and c.status = 'open' and s.version = n.scope_version and s.signed_at is not null)) then
    raise exception 'a notice is written for the signed scope of an open recall, and then waits' using errcode = 'BW296';
  end if;
  return null;
end $$;

create trigger notice_born after insert on recall_notice referencing new table as new_rows
  for each statement execute function notice_born();

create function notice_told() returns trigger language plpgsql as $$
begin
  if (new.acknowledged_at is distinct from old.acknowledged_at and (
        new.acknowledged_at is distinct from now() or new.status <> 'acknowledged' or coalesce(btrim(new.acknowledged_by), '') = ''
        or new.received is null or not exists (
          select from customer c where c.id = new.customer_id and current_setting('bw.actor_id', true) = 'customer:' || c.customer_no
          union all select from person p where p.public_id::text = current_setting('bw.actor_id', true) and p.active)))
     or (new.status = 'acknowledged' and new.acknowledged_at is null)
     or (new.acknowledged_at is null and num_nonnulls(new.acknowledged_by, new.received, new.passed_on) > 0)
     or (new.sent_at is distinct from old.sent_at and new.sent_at is distinct from now())
     or (new.status = 'sent' and new.sent_at is null)
     or new.reminders not in (old.reminders, old.reminders + 1)
     or ((new.reminders, new.reminded_at) is distinct from (old.reminders, old.reminded_at)
         and (new.reminders = old.reminders or new.reminded_at is distinct from now())) then
    raise exception 'a notice is answered by its customer or by who writes down what they said, as it happens' using errcode = 'BW296';
  end if;
  return new;
end $$;

-- by name after the walls that say more of what stays
create trigger z_notice_told before update on recall_notice for each row execute function notice_told();

create function deadline_born() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if num_nonnulls(new.met_at, new.warned_at, new.missed_at, new.run_id) > 0 or new.due_at < new.event_at
       or new.event_at > now() + interval '5 minutes'
       or not (furnishes() or exists (
         select from recall c where c.id = new.recall_id and c.mode = 'recall' and c.status <> 'withdrawn')) then
      raise exception 'a legal clock runs from what has happened, of a recall that is none of an exercise' using errcode = 'BW297';
    end if;
    return new;
  end if;
  if (new.warned_at is distinct from old.warned_at and new.warned_at is distinct from now())
     or (new.missed_at is distinct from old.missed_at and (new.missed_at is distinct from now() or new.met_at is not null))
     or (new.met_at is distinct from old.met_at and (new.met_at > now() + interval '5 minutes' or new.met_at < new.event_at))
     or (new.run_id is distinct from old.run_id and (old.run_id is not null or not exists (
           select from process_run p join definition_version d on d.id = p.definition_id
            where p.id = new.run_id and p.recall_id = new.recall_id and d.key = 'legal-deadline'))) then
    raise exception 'a moment of a legal clock is written down when it comes' using errcode = 'BW297';
  end if;
  return new;
end $$;

create trigger z_deadline_told before insert or update on recall_deadline for each row execute function deadline_born();

create function follow_told() returns trigger language plpgsql as $$
begin
  case tg_table_name
    when 'recall_sample' then
      new.drawn_at := now();
      if (new.drawn_by_id is not null and not acts_as(new.drawn_by_id))
         or not exists (
           select from recall c join recall_scope s on s.recall_id = c.id
            where c.id = new.recall_id and c.status = 'open' and (c.check_level, c.check_share) = (new.level, new.share)
              and s.version = new.scope_version and s.signed_at is not null) then
        raise exception 'customers are drawn from those told of a signed scope, as many as was decided' using errcode = 'BW298';
      end if;
    when 'recall_check' then
      if not exists (select from recall_sample s where s.id = new.sample_id and s.drawn_at = now()) then
        raise exception 'customers are drawn from those told of a signed scope, as many as was decided' using errcode = 'BW298';
      end if;
    when 'recall_check_attempt' then
      new.recorded_at := now();
      if new.contacted_at > now() + interval '5 minutes' or not exists (
           select from recall_check k join recall_sample s on s.id = k.sample_id join recall c on c.id = s.recall_id
            where k.id = new.check_id and c.status = 'open' and c.opened_at <= new.contacted_at) then
        raise exception 'a customer was asked after the recall began, and before that was written down' using errcode = 'BW298';
      end if;
    else  -- a report
      new.recorded_at := now();
      if new.filed_at > now() + interval '5 minutes'
         or not exists (select from recall c where c.id = new.recall_id and least(c.opened_at, c.decided_at) <= new.filed_at)
         or (new.digest is not null and not exists (select from signed_record r where r.digest = new.digest)) then
        raise exception 'a report was filed after the recall began, and before that was written down' using errcode = 'BW298';
      end if;
  end case;
  return new;
end $$;

-- by name after the walls that ask who tells
create trigger z_follow_told before insert on recall_sample for each row execute function follow_told();
create trigger z_follow_told before insert on recall_check for each row execute function follow_told();
create trigger z_follow_told before insert on recall_check_attempt for each row execute function follow_told();
create trigger z_follow_told before insert on recall_report for each row execute function follow_told();

create function sample_whole() returns trigger language plpgsql as $$
begin
  if new.size <> (select count(*) from recall_check k where k.sample_id = new.id) then
    raise exception 'customers are drawn from those told of a signed scope, as many as was decided' using errcode = 'BW298';
  end if;
  return null;
end $$;

create constraint trigger sample_whole after insert on recall_sample deferrable initially deferred for each row
  execute function sample_whole();

-- The score is said once, as the recall ends; what a hold reached, when everything was held; whom to ask, by a step or a draw.
create function recall_said_now() returns trigger language plpgsql as $$
begin
  if (new.score is distinct from old.score and (old.score is not null or new.status = 'open' or new.closed_at is distinct from now()))
     or (new.hold_report is distinct from old.hold_report and not exists (
           select from human_task t where t.recall_id = new.id and t.stage = 'hold_all' and t.status = 'done' and t.done_at = now()))
     or ((new.check_level, new.check_share) is distinct from (old.check_level, old.check_share) and not exists (
           select from human_task t where t.recall_id = new.id and t.stage in ('approve_scope', 'follow_up')
              and t.status = 'done' and t.done_at = now()
           union all select from recall_sample s where s.recall_id = new.id and s.drawn_at = now())) then
    raise exception 'recall % says of itself what was done in this act', new.recall_no using errcode = 'BW300';
  end if;
  return null;
end $$;

create constraint trigger recall_said_now after update on recall deferrable initially deferred for each row
  when ((new.score, new.hold_report, new.check_level, new.check_share) is distinct from
        (old.score, old.hold_report, old.check_level, old.check_share))
  execute function recall_said_now();

-- Facts on their way ----------------------------------------------------------------------------------------------------

-- That it arrived can't be proven by a row; but it arrives now, by one more try, or needn't be told, or was given up and came about
-- in another way.  Asked by the condition, so that a recall's 90,000 facts call nothing.
create function fact_arrives() returns trigger language plpgsql as $$
begin
  raise exception 'a fact arrives now, by a try that is counted' using errcode = 'BW299';
end $$;

create trigger z_fact_arrives before update on outbox for each row when (
    (old.delivered_at is null and new.delivered_at is not null and (new.delivered_at <> now() or not (
      old.given_up_at is not null or new.fact in ('lot.held', 'task.escalated') or new.attempts = old.attempts + 1)))
    or (new.attempts not in (old.attempts, old.attempts + 1) and (new.attempts <> 0 or old.given_up_at is null)))
  execute function fact_arrives();

-- The demonstration ends -------------------------------------------------------------------------------------------------

-- Whoever furnishes it does so until it says that it has ended; the mark of it is kept for ever (bookkeeping.sql).
create or replace function furnishes() returns boolean language sql stable security definer set search_path = public, pg_temp as $$
  select exists (select from service_actor s where s.actor_id = current_setting('bw.actor_id', true) and s.furnishes)
     and not exists (select from applied a where a.activity_key = 'demo-company/ended')
     and not exists (
       select from site p where not exists (
         select from audit_event e join service_actor f on f.actor_id = e.actor_id and f.furnishes
          where e.table_name = 'site' and e.row_id = p.id and e.operation = 'insert'))
$$;

-- What a process is about is said by its definition, and by no list of names.
create or replace function process_run_wall() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.status <> 'running' or new.result is not null or new.ended_at is not null
       or not exists (
         select from definition_version d where d.id = new.definition_id and d.status = 'effective'
            and (d.body::jsonb ->> 'subject' is not distinct from 'recall') = (new.recall_id is not null)) then
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
end $$;
