-- What the clock does is done when its moment has come: whoever writes as the worker can't tell people early that they are late
-- (21 CFR 11.10(e), (f); STANDARDS T 58-65).

-- A step escalates as its definition says, counted from its opening; the task of a legal deadline when the deadline has ended.
create function escalation_came() returns trigger language plpgsql as $$
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
end $$;

-- by name after the walls that say more of what stays
create trigger task_wall_zz_came before update on human_task for each row
  when ((new.escalation_level, new.escalated_to) is distinct from (old.escalation_level, old.escalated_to))
  execute function escalation_came();

-- Near is after three quarters of the time and a day before its end, whichever is earlier (models/rules/recall_duties.py).  What
-- was missed before anybody was told of it is both at once.
create function clock_came() returns trigger language plpgsql as $$
declare
  near timestamptz := new.event_at + make_interval(secs => extract(epoch from new.due_at - new.event_at)::float8 * 0.75);
begin
  if new.due_at - interval '24 hours' > new.event_at then
    near := least(near, new.due_at - interval '24 hours');
  end if;
  if (new.missed_at is distinct from old.missed_at and new.due_at > now())
     or (new.warned_at is distinct from old.warned_at and least(near, new.due_at) > now() + interval '1 millisecond') then
    raise exception 'a legal clock is near or missed when its moment has come' using errcode = 'BW325';
  end if;
  return new;
end $$;

create trigger zz_deadline_came before update on recall_deadline for each row
  when ((new.warned_at, new.missed_at) is distinct from (old.warned_at, old.missed_at))
  execute function clock_came();
