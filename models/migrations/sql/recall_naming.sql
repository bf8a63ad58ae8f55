-- Receivers whom a customer names are told when somebody of ours has confirmed the list (21 CFR 7.42(b)(1), 7.49(d)): a list is named
-- by an answer, for no more than it passed on, is decided once by who completed its task, and a notice goes to whom it names.

create function recall_naming_wall() returns trigger language plpgsql as $$
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
end $$;

create trigger recall_naming_wall before insert on recall_naming for each row execute function recall_naming_wall();

create function recall_naming_stays() returns trigger language plpgsql as $$
begin
  if old.outcome is not null or to_jsonb(new) - array['outcome', 'decided_at', 'decided_by_id', 'reason']
     is distinct from to_jsonb(old) - array['outcome', 'decided_at', 'decided_by_id', 'reason'] then
    raise exception 'a list of receivers stays as it was named, and is decided once' using errcode = 'BW285';
  end if;
  return new;
end $$;

create trigger recall_naming_stays before update on recall_naming for each row execute function recall_naming_stays();
create trigger kept before delete on recall_naming for each row execute function kept();

-- asked at the end of the act: its task is completed after what it did
create function recall_naming_decided() returns trigger language plpgsql as $$
begin
  if new.outcome in ('confirmed', 'declined') and not exists (
       select from human_task t where t.run_id = new.run_id and t.status = 'done' and t.done_by_id = new.decided_by_id
          and t.outcome = case new.outcome when 'confirmed' then 'confirm' else 'decline' end)
     or new.outcome = 'cancelled' and exists (select from recall c where c.id = new.recall_id and c.status = 'open') then
    raise exception 'a list of receivers is decided by who completes its task, or ends with its recall' using errcode = 'BW287';
  end if;
  return null;
end $$;

create constraint trigger recall_naming_decided after update on recall_naming deferrable initially deferred
  for each row execute function recall_naming_decided();

create trigger api_stays_out before insert or update or delete on recall_naming
  for each statement execute function api_stays_out();

create function recall_receiver_confirmed() returns trigger language plpgsql as $$
begin
  if not exists (select from recall_naming g
                  where g.notice_id = new.parent_id and g.outcome = 'confirmed' and g.receivers @> jsonb_build_array(
                    jsonb_build_object('name', new.receiver, 'contact', new.contact, 'email', new.email, 'phone', new.phone))
                    and exists (select from jsonb_array_elements(g.receivers) one
                                 where one ->> 'name' = new.receiver and (one ->> 'quantity')::numeric = new.shipped)) then
    raise exception 'a receiver is told when the list that names them is confirmed' using errcode = 'BW288';
  end if;
  return new;
end $$;

-- after the wall of receivers, whose reasons say more
create trigger recall_receiver_wall_confirmed before insert on recall_notice
  for each row when (new.parent_id is not null) execute function recall_receiver_confirmed();

-- a list that waits is a process of its recall
create or replace function process_run_wall() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.status <> 'running' or new.result is not null or new.ended_at is not null
       or not exists (
         select from definition_version d where d.id = new.definition_id and d.status = 'effective'
            and (d.key in ('recall', 'pull-goods', 'legal-deadline', 'confirm-receivers')) = (new.recall_id is not null)) then
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
