-- What was found open when the application's roles were tried as an attacker would (DESIGN 2.4; 21 CFR 11.10(d), (e), (g)):
-- each role writes its own part only, and what the record relies on stays as it was when somebody did.

-- Whose part it is ------------------------------------------------------------------------------------------------------

do $$
declare
  name text;
begin
  -- acts, and what an engine keeps of its own: the worker's
  foreach name in array array['applied', 'clock_difference', 'clock_jump', 'environment_reading',
    'logistic_unit', 'operation_environment', 'operation_equipment', 'operation_parameter', 'operation_person',
    'packed_content', 'recall_check', 'recall_check_attempt', 'recall_disposition', 'recall_lot', 'recall_lot_decision',
    'recall_pull', 'recall_report', 'recall_return', 'recall_sample', 'routing_step', 'trace_finding', 'trace_health_found',
    'trace_health_lot', 'trace_health_run', 'trace_health_score', 'worker_beat'] loop
    execute format('create trigger api_stays_out before insert or update or delete on %I'
      ' for each statement execute function api_stays_out()', name);
  end loop;
  -- born of an act; what the door may change of them is said below
  foreach name in array array['act_fault', 'human_task', 'notice_delivery', 'process_run', 'recall_deadline'] loop
    execute format('create trigger api_stays_out before insert or delete on %I'
      ' for each statement execute function api_stays_out()', name);
  end loop;
end $$;

-- that everybody was told may be seen when the last letter is posted; everything else about a recall is an act
drop trigger api_stays_out on recall;
create trigger api_stays_out before insert or delete or update of status, recall_class, mode, hazard, opened_at, decided_at,
    held_at, closed_at, action, measure, depth, title, reason, cause, identifier, notice, hold_report, score, check_level,
    check_share, opened_by_id on recall
  for each statement execute function api_stays_out();
drop trigger api_stays_out on recall_notice;
create trigger api_stays_out before insert or delete or update of acknowledged_at, acknowledged_by, received, on_hand, used,
    will_return, passed_on, remark, link_expires_at, reminders, reminded_at on recall_notice
  for each statement execute function api_stays_out();

-- Of what an act began, the door says who has it in hand, that a letter was posted, and what an operator decided; a deadline
-- that a posted letter meets ends the task that asks for it.
create function door_changes() returns trigger language plpgsql as $$
declare
  was jsonb := to_jsonb(old);
  is_now jsonb := to_jsonb(new);
  may text[];
begin
  case tg_table_name
    when 'human_task' then
      may := case when was ->> 'process' = 'legal-deadline' and is_now ->> 'status' = 'cancelled'
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
end $$;

do $$
declare
  name text;
begin
  foreach name in array array['act_fault', 'human_task', 'notice_delivery', 'outbox', 'process_run', 'recall_deadline'] loop
    execute format('create trigger door_changes before update on %I for each row'
      ' when (session_user = ''batchwright_api'') execute function door_changes()', name);
  end loop;
end $$;

-- Who there is, who may do what, and what is made, bought and measured is written where people come in: in the name of whoever
-- is logged in there.  By name after the walls of doors.sql, which say more.
create function worker_has_no_say() returns trigger language plpgsql as $$
begin
  if session_user = 'batchwright_worker' then
    raise exception '% is kept by people who log in, never by the worker', tg_table_name using errcode = 'BW250';
  end if;
  return null;
end $$;

do $$
declare
  name text;
begin
  foreach name in array array['account', 'bom_line', 'calibration', 'characteristic', 'clock_jump', 'customer', 'delegation',
    'equipment', 'inspection_plan', 'item', 'item_identifier', 'location', 'person', 'qualification',
    'role_grant', 'security_notice', 'site', 'supplier', 'supplier_item'] loop
    execute format('create trigger worker_writes_none before insert or update or delete on %I'
      ' for each statement execute function worker_has_no_say()', name);
  end loop;
end $$;
-- what is old of these goes by night, as the worker asks for it
create trigger worker_writes_none before insert or update on idempotency_key
  for each statement execute function worker_has_no_say();
create trigger worker_writes_none before insert or update on task_draft
  for each statement execute function worker_has_no_say();
-- a mail about an account is asked for there too; the worker says what came of it
create trigger worker_writes_none before insert or delete on account_mail
  for each statement execute function worker_has_no_say();

-- Work ------------------------------------------------------------------------------------------------------------------

-- What was done is told in one act: nothing is added to it when people have looked at it (ISO 13485 7.5.1, 4.2.5).
create trigger a_recorded_now before insert on operation_run for each row execute function recorded_now();

create function operation_told_whole() returns trigger language plpgsql as $$
begin
  if not exists (select from operation_run r where r.id = new.operation_run_id and r.recorded_at = now()) and not furnishes() then
    raise exception 'what belongs to an operation is told with it' using errcode = 'BW251';
  end if;
  return new;
end $$;

create trigger operation_told_whole before insert on operation_environment for each row execute function operation_told_whole();
create trigger operation_told_whole before insert on operation_equipment for each row execute function operation_told_whole();
create trigger operation_told_whole before insert on operation_parameter for each row execute function operation_told_whole();
create trigger operation_told_whole before insert on operation_person for each row execute function operation_told_whole();

create function operation_of_order() returns trigger language plpgsql as $$
begin
  if not exists (
      select from work_order w join lot l on l.id = w.lot_id
       where w.id = new.work_order_id and l.id = new.lot_id and w.status = 'open' and l.status = 'in_process')
     and not furnishes() then
    raise exception 'an operation is done on the batch of its open order, while it is being made' using errcode = 'BW251';
  end if;
  return new;
end $$;

-- by name after the walls that say more of the times and of who tells
create trigger z_operation_of_order before insert on operation_run for each row execute function operation_of_order();

create function step_of_order() returns trigger language plpgsql as $$
begin
  if not exists (select from work_order w where w.id = new.work_order_id and w.created_at = now()) and not furnishes() then
    raise exception 'what is asked of an order is said when it is given' using errcode = 'BW251';
  end if;
  return new;
end $$;

create trigger step_of_order before insert on routing_step for each row execute function step_of_order();

-- Scopes ----------------------------------------------------------------------------------------------------------------

-- A version of a scope is what its own text says, the next after the last, and unsigned when it is computed.
create function recall_scope_born() returns trigger language plpgsql as $$
begin
  if furnishes() then
    return new;
  end if;
  if new.signed_at is not null or new.computed_at <> now()
     or not exists (select from recall r where r.id = new.recall_id and r.status = 'open')
     or new.version <> 1 + coalesce((select max(s.version) from recall_scope s where s.recall_id = new.recall_id), 0)
     or not exists (
       select from signed_record t join recall r on r.id = new.recall_id
        where t.digest = new.digest and t.canonical::jsonb ->> 'recall' = r.recall_no
          and (t.canonical::jsonb ->> 'version')::int = new.version
          and jsonb_array_length(t.canonical::jsonb -> 'lots') = new.lots) then
    raise exception 'a version of a scope is computed now, by what its own text says, and nobody has signed it'
      using errcode = 'BW252';
  end if;
  return new;
end $$;

create trigger recall_scope_born before insert on recall_scope for each row execute function recall_scope_born();

create function recall_lot_wall() returns trigger language plpgsql as $$
declare
  wrong text;
begin
  -- once for a statement: a scope has tens of thousands of lots
  with told as materialized (
    select s.id as scope_id, one ->> 'lot_no' as lot_no from recall_scope s join signed_record t on t.digest = s.digest,
           jsonb_array_elements(t.canonical::jsonb -> 'lots') one
     where s.id in (select n.scope_id from new_rows n) and s.computed_at = now()
  ), untold as (
    select n.scope_id, n.lot_id, l.lot_no from new_rows n join lot l on l.id = n.lot_id
      left join told t on t.scope_id = n.scope_id and t.lot_no = l.lot_no where t.lot_no is null
  )
  -- a part under a number of its own is the same goods and joins the scope by itself
  select u.lot_no into wrong from untold u where not exists (
    select from genealogy_edge e join recall_lot m on m.scope_id = u.scope_id and m.lot_id = e.parent_lot_id
     where e.child_lot_id = u.lot_id and e.kind = 'split' and e.recorded_at = now()) limit 1;
  if wrong is not null and not furnishes() then
    raise exception 'lot % is not in the scope that was computed', wrong using errcode = 'BW252';
  end if;
  return null;
end $$;

create trigger recall_lot_wall after insert on recall_lot referencing new table as new_rows
  for each statement execute function recall_lot_wall();

create function recall_scope_whole() returns trigger language plpgsql as $$
begin
  if (select count(*) from recall_lot m where m.scope_id = new.id) < new.lots then
    raise exception 'lots of the scope that is signed are missing' using errcode = 'BW252';
  end if;
  return new;
end $$;

create trigger recall_scope_whole before update on recall_scope for each row
  when (old.signed_at is null and new.signed_at is not null) execute function recall_scope_whole();

-- Processes and tasks -----------------------------------------------------------------------------------------------------

create function process_run_wall() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.status <> 'running' or new.result is not null or new.ended_at is not null
       or not exists (
         select from definition_version d where d.id = new.definition_id and d.status = 'effective'
            and (d.key in ('recall', 'pull-goods', 'legal-deadline')) = (new.recall_id is not null)) then
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

create trigger process_run_wall before insert or update on process_run for each row execute function process_run_wall();

create function process_run_ended() returns trigger language plpgsql as $$
begin
  if exists (select from human_task t where t.run_id = new.id and t.status = 'open') then
    raise exception 'process % ends when nobody is waited for', new.workflow_id using errcode = 'BW253';
  end if;
  return null;
end $$;

-- at the end of the act, which ends the tasks and the process one after the other
create constraint trigger process_run_ended after update on process_run deferrable initially deferred for each row
  when (old.status = 'running' and new.status <> 'running') execute function process_run_ended();

-- A task is one of the steps of its process, for the role that its definition names, and is ended by somebody.
create function task_born_wall() returns trigger language plpgsql as $$
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
end $$;

create trigger task_born_wall before insert on human_task for each row execute function task_born_wall();

create function task_stays_wall() returns trigger language plpgsql as $$
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
end $$;

-- by name after the walls that say more of who ends it
create trigger task_wall_zstays before update on human_task for each row execute function task_stays_wall();

-- Numbers and what is made of what ------------------------------------------------------------------------------------------

-- Labels, orders and other systems name things by their numbers: a thing keeps its own, and a device identifier its item
-- (21 CFR 830.40(c)).  A whole label that was stored in the place of a number may be put right.
create function number_stays() returns trigger language plpgsql as $$
declare
  name text;
begin
  foreach name in array tg_argv loop
    if to_jsonb(new) ->> name is distinct from to_jsonb(old) ->> name then
      raise exception '% of % stays', name, tg_table_name using errcode = 'BW255';
    end if;
  end loop;
  return new;
end $$;

create trigger number_stays before update on customer for each row execute function number_stays('customer_no');
create trigger number_stays before update on equipment for each row execute function number_stays('equipment_no');
create trigger number_stays before update on item for each row execute function number_stays('item_no');
create trigger number_stays before update on item_identifier for each row
  execute function number_stays('item_id', 'agency', 'code');
create trigger number_stays before update on location for each row execute function number_stays('code');
create trigger number_stays before update on person for each row execute function number_stays('kind', 'public_id');
create trigger number_stays before update on supplier for each row execute function number_stays('supplier_no');

create function bill_stays() returns trigger language plpgsql as $$
begin
  if (new.item_id, new.component_id) is distinct from (old.item_id, old.component_id) or (new is distinct from old
      and exists (select from work_order w where w.item_id = old.item_id)) then
    raise exception 'what an order was made by stays' using errcode = 'BW255';
  end if;
  return new;
end $$;

create trigger bill_stays before update on bom_line for each row execute function bill_stays();

create function supplier_item_stays() returns trigger language plpgsql as $$
begin
  if (new.item_id, new.supplier_id) is distinct from (old.item_id, old.supplier_id) or (new is distinct from old
      and exists (select from lot l where l.item_id = old.item_id and l.supplier_id = old.supplier_id)) then
    raise exception 'what a lot was received by stays' using errcode = 'BW255';
  end if;
  return new;
end $$;

create trigger supplier_item_stays before update on supplier_item for each row execute function supplier_item_stays();

-- What people are told of their accounts --------------------------------------------------------------------------------------

create function account_mail_wall() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.status <> 'waiting' or new.attempts <> 0 or new.done_at is not null
       or not exists (select from account a join person p on p.id = a.person_id where a.id = new.account_id
                         and strpos(p.email, new.address) > 0)
       or (new.code_id is not null
           and not exists (select from sign_in_code c where c.id = new.code_id and c.account_id = new.account_id)) then
      raise exception 'a mail about an account goes to its person, at the address on record' using errcode = 'BW256';
    end if;
    return new;
  end if;
  if to_jsonb(new) - array['status', 'attempts', 'why', 'done_at']
       is distinct from to_jsonb(old) - array['status', 'attempts', 'why', 'done_at']
     or (old.status in ('sent', 'unsent') and new is distinct from old) then
    raise exception 'a mail about an account stays what it said, to whom, and what came of it' using errcode = 'BW256';
  end if;
  return new;
end $$;

create trigger account_mail_wall before insert or update on account_mail for each row execute function account_mail_wall();
create trigger api_stays_out before update or delete on account_mail for each statement execute function api_stays_out();

create function security_notice_wall() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    new.at := now();
    new.seen_at := null;
    return new;
  end if;
  if to_jsonb(new) - 'seen_at' is distinct from to_jsonb(old) - 'seen_at'
     or (old.seen_at is not null and new.seen_at is distinct from old.seen_at) then
    raise exception 'what a person is told of the own account stays' using errcode = 'BW256';
  end if;
  return new;
end $$;

create trigger security_notice_wall before insert or update on security_notice
  for each row execute function security_notice_wall();

-- Facts, receipts and faults --------------------------------------------------------------------------------------------------

create function fact_stays() returns trigger language plpgsql as $$
begin
  raise exception 'a fact on its way stays what it says, and arrives or is left by somebody' using errcode = 'BW257';
end $$;

-- asked by the condition, so that a recall's 90,000 facts call nothing
create trigger fact_stays before update on outbox for each row when (
    (new.public_id, new.fact, new.payload, new.lot_id, new.at) is distinct from (old.public_id, old.fact, old.payload, old.lot_id, old.at)
    or (old.delivered_at is not null and new.delivered_at is distinct from old.delivered_at)
    or (new.next_at is distinct from old.next_at and new.next_at > now() + interval '1 hour')
    or ((new.dismissed_at, new.dismissed_by_id) is distinct from (old.dismissed_at, old.dismissed_by_id)
        and (old.given_up_at is null or old.dismissed_at is not null or new.dismissed_by_id is null
             or coalesce(btrim(new.dismiss_reason), '') = '' or not acts_as(new.dismissed_by_id))))
  execute function fact_stays();

create function fact_born() returns trigger language plpgsql as $$
begin
  if session_user in ('batchwright_worker', 'batchwright_api')
     and exists (select from new_rows n where n.delivered_at is not null or n.dismissed_at is not null) then
    raise exception 'a fact on its way stays what it says, and arrives or is left by somebody' using errcode = 'BW257';
  end if;
  return null;
end $$;

create trigger fact_born after insert on outbox referencing new table as new_rows
  for each statement execute function fact_born();

create function receipt_stays() returns trigger language plpgsql as $$
begin
  raise exception 'the receipt of an act stays' using errcode = 'BW257';
end $$;

create trigger receipt_stays before update on applied for each row execute function receipt_stays();

create function fault_stays() returns trigger language plpgsql as $$
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
end $$;

create trigger fault_stays before update on act_fault for each row execute function fault_stays();

-- Recalls ---------------------------------------------------------------------------------------------------------------------

create function recall_said_wall() returns trigger language plpgsql as $$
begin
  if (new.title, new.reason, new.notice) is distinct from (old.title, old.reason, old.notice)
     or (old.decided_at is not null and new.decided_at is distinct from old.decided_at)
     or (old.held_at is not null and new.held_at is distinct from old.held_at)
     or (old.notified_at is not null and new.notified_at is distinct from old.notified_at)
     or ((new.recall_class, new.hazard, new.action, new.measure, new.depth, new.decided_at) is distinct from
         (old.recall_class, old.hazard, old.action, old.measure, old.depth, old.decided_at)
         and not exists (
           select from process_run p join signature s on s.run_id = p.id
            where p.recall_id = new.id and s.subject = 'recall' and s.signed_at = now())) then
    raise exception 'what recall % was decided by stays, until somebody signs again', old.recall_no using errcode = 'BW258';
  end if;
  return new;
end $$;

create trigger recall_said_wall before update on recall for each row execute function recall_said_wall();

create function notice_sent_wall() returns trigger language plpgsql as $$
begin
  if (old.sent_at is not null and new.sent_at is distinct from old.sent_at)
     or array_position(array['open', 'sent', 'acknowledged'], new.status)
        < array_position(array['open', 'sent', 'acknowledged'], old.status)
     or new.link_expires_at is distinct from old.link_expires_at or new.public_id <> old.public_id
     or (old.acknowledged_at is not null and (new.acknowledged_by, new.remark, new.status)
         is distinct from (old.acknowledged_by, old.remark, old.status)) then
    raise exception 'a notice stays sent, and answered by whom it was' using errcode = 'BW258';
  end if;
  return new;
end $$;

create trigger notice_sent_wall before update on recall_notice for each row execute function notice_sent_wall();

create function delivery_stays() returns trigger language plpgsql as $$
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
end $$;

create trigger delivery_stays before insert or update on notice_delivery for each row execute function delivery_stays();

create function pull_born_wall() returns trigger language plpgsql as $$
begin
  if num_nonnulls(new.found, new.put_to, new.done_at, new.done_by_id) > 0 then
    raise exception 'what was found is said after somebody was sent' using errcode = 'BW258';
  end if;
  return new;
end $$;

create trigger pull_born_wall before insert on recall_pull for each row execute function pull_born_wall();
create trigger told_by_its_actor before update on recall_pull for each row
  when (new.done_by_id is distinct from old.done_by_id) execute function by_its_actor('done_by_id');

create function decided_in_scope() returns trigger language plpgsql as $$
begin
  if exists (select from made d where not exists (
      select from recall_scope s join recall_lot m on m.scope_id = s.id where s.recall_id = d.recall_id and m.lot_id = d.lot_id)) then
    raise exception 'batches of a recall''s scope are decided on, and no others' using errcode = 'BW258';
  end if;
  return null;
end $$;

-- by name after the wall that asks for the signature
create trigger z_decided_in_scope after insert on recall_lot_decision referencing new table as made
  for each statement execute function decided_in_scope();

-- Definitions -------------------------------------------------------------------------------------------------------------------

create function definition_born() returns trigger language plpgsql as $$
begin
  if new.digest <> encode(sha256(convert_to(new.body, 'UTF8')), 'hex')
     or (session_user = 'batchwright_worker' and (new.version <> 1 or new.status <> 'effective' or exists (
           select from definition_version d where d.key = new.key))) then
    raise exception 'definition % is not what its digest says, or nobody approved it', new.key using errcode = 'BW259';
  end if;
  return new;
end $$;

create trigger definition_born before insert on definition_version for each row execute function definition_born();

-- A plant is founded at the door, with the definitions that ship; there is nobody yet whom they could bind.
create function api_only_founds() returns trigger language plpgsql as $$
begin
  if session_user = 'batchwright_api' and (tg_op <> 'INSERT' or exists (select from account)) then
    raise exception 'definitions come into a plant with its founding or an update, never by the door that people come through'
      using errcode = 'BW201';
  end if;
  return null;
end $$;

create trigger api_stays_out before insert or update or delete on definition_version
  for each statement execute function api_only_founds();

create function definition_stays() returns trigger language plpgsql as $$
begin
  if session_user = 'batchwright_worker' or new.author_id is distinct from old.author_id
     or (old.status not in ('draft', 'in_review') and new.effective_from is distinct from old.effective_from
         and old.effective_from is not null) then
    raise exception 'definition % stays as it was approved', old.key using errcode = 'BW259';
  end if;
  return new;
end $$;

-- by name after the wall that tells of its steps
create trigger definition_wall_stays before update on definition_version for each row execute function definition_stays();
