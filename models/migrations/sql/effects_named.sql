-- What a step did is asked by the names of its effects, never by the key of the step: whoever renames one changes its name only
-- (DESIGN 6a).  Texts of language 1, of before, go by the keys that shipped.

create function in_family(key text, family text) returns boolean language sql immutable as $$
  select key = family or starts_with(key, family || '-') or right(key, length(family) + 1) = '-' || family
$$;

create function effects_of_before(stage text, outcome text) returns text[] language sql immutable as $$
  -- those that walls ask for, in the words of the nouns' kinds; a test holds the two against each other
  select case stage when 'packaging' then array['packaging.reconcile']
                    when 'putaway' then array['warehouse.put_away']
                    when 'hold_all' then array['recall.hold_scope']
                    when 'notify' then array['recall.notify']
                    when 'approve_scope' then case outcome when 'approve' then array['recall.approve_scope'] else array[]::text[] end
                    when 'follow_up' then case outcome when 'done' then array['recall.end_follow_up']
                                                       when 'expand' then array['recall.widen_scope'] else array[]::text[] end
                    else array[]::text[] end
$$;

create function step_did(of_run bigint, step text, by_outcome text, effect text) returns boolean language sql stable as $$
  select case when coalesce((b.body ->> 'language')::integer, 1) = 1 then effect = any (effects_of_before(step, by_outcome))
              else exists (
                select from jsonb_array_elements(b.body -> 'stages') s
                 where s ->> 'key' = step
                   and (coalesce(s -> 'does', '[]') ? effect or exists (
                     select from jsonb_array_elements(coalesce(s -> 'outcomes', '[]')) o
                      where o ->> 'key' = by_outcome and coalesce(o -> 'does', '[]') ? effect))) end
    from process_run p join definition_version d on d.id = p.definition_id, lateral (select d.body::jsonb as body) b
   where p.id = of_run
$$;

create function signed_subject(of_run bigint, step text) returns text language sql stable as $$
  -- of an inspection its verdict; where nothing can be said yes to, what becomes of goods; else what its family signs
  select case when s ->> 'kind' = 'inspection' then 'inspection'
              when jsonb_array_length(coalesce(s -> 'outcomes', '[]')) > 0
                   and not exists (select from jsonb_array_elements(s -> 'outcomes') o where o ->> 'style' = 'positive') then 'disposition'
              when in_family(d.key, 'release') then 'release'
              when in_family(d.key, 'recall') then 'recall'
              else 'task' end
    from process_run p join definition_version d on d.id = p.definition_id, jsonb_array_elements(d.body::jsonb -> 'stages') s
   where p.id = of_run and s ->> 'key' = step
$$;

create or replace function signature_told_wall() returns trigger language plpgsql as $$
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
end $$;

drop function subject_of_task(text, text);

create or replace function lot_step_proven() returns trigger language plpgsql as $$
begin
  -- a part stands where its whole stands, when it begins
  if not (lot_inherits(new) or case new.status
    when 'finished' then exists (
      select from operation_run r where r.lot_id = new.id and r.recorded_at = now())
    when 'inspected' then exists (
      select from inspection i where i.lot_id = new.id and i.stage = 'final' and i.status = 'accepted' and i.decided_at = now())
    when 'packed' then exists (
      select from human_task t where t.lot_id = new.id and t.status = 'done' and t.done_at = now()
         and step_did(t.run_id, t.stage, t.outcome, 'packaging.reconcile'))
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

create or replace function deadline_born() returns trigger language plpgsql as $$
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
            where p.id = new.run_id and p.recall_id = new.recall_id and in_family(d.key, 'legal-deadline')))) then
    raise exception 'a moment of a legal clock is written down when it comes' using errcode = 'BW297';
  end if;
  return new;
end $$;

create or replace function recall_said_now() returns trigger language plpgsql as $$
begin
  if (new.score is distinct from old.score and (old.score is not null or new.status = 'open' or new.closed_at is distinct from now()))
     or (new.hold_report is distinct from old.hold_report and not exists (
           select from human_task t where t.recall_id = new.id and t.status = 'done' and t.done_at = now()
              and step_did(t.run_id, t.stage, t.outcome, 'recall.hold_scope')))
     or ((new.check_level, new.check_share) is distinct from (old.check_level, old.check_share) and not exists (
           select from human_task t where t.recall_id = new.id and t.status = 'done' and t.done_at = now()
              and (step_did(t.run_id, t.stage, t.outcome, 'recall.approve_scope')
                or step_did(t.run_id, t.stage, t.outcome, 'recall.end_follow_up'))
           union all select from recall_sample s where s.recall_id = new.id and s.drawn_at = now())) then
    raise exception 'recall % says of itself what was done in this act', new.recall_no using errcode = 'BW300';
  end if;
  return null;
end $$;

create or replace function recall_held_now() returns trigger language plpgsql as $$
begin
  if not exists (select from human_task t where t.recall_id = new.id and t.status = 'done' and t.done_at = now()
      and step_did(t.run_id, t.stage, t.outcome, 'recall.hold_scope')) then
    raise exception 'recall % says of itself what was done in this act', new.recall_no using errcode = 'BW300';
  end if;
  return null;
end $$;

create or replace function deadline_met() returns trigger language plpgsql as $$
begin
  if not (case
    when new.stop = 'customers_notified' then not exists (
      select from recall_notice n join notice_delivery d on d.notice_id = n.id
       where n.recall_id = new.recall_id and d.kind = 'first' and d.status not in ('sent', 'printed', 'needless'))
      and exists (select from human_task t where t.recall_id = new.recall_id and t.status = 'done'
                    and step_did(t.run_id, t.stage, t.outcome, 'recall.notify'))
    when new.stop = 'recall_completed' then exists (
      select from recall c where c.id = new.recall_id and c.status = 'closed' and c.closed_at = new.met_at)
    else exists (
      select from recall_report p where p.recall_id = new.recall_id and p.jurisdiction = new.jurisdiction
         and p.filed_at = new.met_at) end) then
    raise exception 'a moment of a legal clock is written down when it comes' using errcode = 'BW297';
  end if;
  return null;
end $$;

create or replace function door_changes() returns trigger language plpgsql as $$
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
end $$;

create or replace function process_run_wall() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.status <> 'running' or new.result is not null or new.ended_at is not null
       or not exists (
         select from definition_version d where d.id = new.definition_id and d.status = 'effective'
            and coalesce(d.body::jsonb ->> 'subject', 'lot')
              = case when new.recall_id is not null then 'recall' when new.lot_id is not null then 'lot' end) then
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
