-- A change is approved by the signature of somebody who didn't ask for it, is verified by somebody who did none of its tasks, ends by a signature,
-- and is closed when every batch that it pauses is decided on and everybody is trained (ISO 13485 7.3.9, 6.2; STANDARDS X 53).
create or replace function change_wall() returns trigger language plpgsql as $function$
begin
  if tg_op = 'INSERT' then
    if new.status <> 'open' or to_regprocedure(format('affected_by_%s(text, bigint[])', new.kind)) is null then
      raise exception 'change % begins open, and is of something that can change', new.change_no using errcode = 'BW379';
    end if;
    return new;
  end if;
  if new is not distinct from old then
    return new;
  end if;
  if old.status not in ('open', 'approved')
     or (to_jsonb(new) - array['status', 'approved_at', 'approved_by_id', 'verified_at', 'verified_by_id', 'closed_at']) is distinct from
        (to_jsonb(old) - array['status', 'approved_at', 'approved_by_id', 'verified_at', 'verified_by_id', 'closed_at'])
     or (old.verified_at is not null and (new.verified_at, new.verified_by_id) is distinct from (old.verified_at, old.verified_by_id))
     or (old.approved_at is not null and (new.approved_at, new.approved_by_id) is distinct from (old.approved_at, old.approved_by_id)) then
    raise exception 'what change % asks for, and how it ended, never changes', old.change_no using errcode = 'BW380';
  end if;
  if new.status is distinct from old.status and (
       (old.status, new.status) not in (('open', 'approved'), ('open', 'refused'), ('approved', 'closed'), ('approved', 'withdrawn'))
       or not exists (select from signature s join process_run r on r.id = s.run_id
                       where r.subject_id = new.subject_id and s.signed_at = now())) then
    raise exception 'change % goes on by a signature', new.change_no using errcode = 'BW381';
  end if;
  if new.approved_at is distinct from old.approved_at and (new.status <> 'approved' or new.approved_by_id = new.opened_by_id or not exists (
       select from signature s join process_run r on r.id = s.run_id
        where r.subject_id = new.subject_id and s.signed_at = now() and s.person_id = new.approved_by_id
          and s.on_behalf_of_id is distinct from new.opened_by_id)) then
    raise exception 'change % is approved by the signature of somebody who didn''t ask for it', new.change_no using errcode = 'BW381';
  end if;
  if new.verified_at is distinct from old.verified_at and (
       old.status <> 'approved' or new.verified_at <> now()
       or exists (select from change_task t where t.change_id = new.id and t.kind = 'task' and (t.done_at is null or t.done_by_id = new.verified_by_id))
       or not exists (
         select from signature s join process_run r on r.id = s.run_id
          where r.subject_id = new.subject_id and s.signed_at = now() and s.person_id = new.verified_by_id
            and not exists (
              select from change_task t where t.change_id = new.id and t.kind = 'task' and t.done_by_id = s.on_behalf_of_id))) then
    raise exception 'change % is verified when its tasks are done, by the signature of somebody who did none', new.change_no using errcode = 'BW420';
  end if;
  if new.status = 'closed' and (
       (new.verified_at is null and exists (select from change_task t where t.change_id = new.id))
       or exists (select from change_task t join person p on p.id = t.owner_id
                   where t.change_id = new.id and t.done_at is null and (t.kind = 'task' or p.active))) then
    raise exception 'change % isn''t verified, or somebody isn''t trained for it', new.change_no using errcode = 'BW421';
  end if;
  if new.status = 'closed' and exists (
       select from change_lock k where k.change_id = new.id and k.decided_at is null and k.freed_at is null) then
    raise exception 'a batch waits for the decision of change %', new.change_no using errcode = 'BW382';
  end if;
  return new;
end $function$;

-- A task is planned for an approved change that isn't verified, stays what it was planned as, and is done once, by the signature of whoever did it
-- (ISO 13485 7.3.9, 6.2).
create or replace function change_task_wall() returns trigger language plpgsql as $function$
declare
  c change;
begin
  select * into c from change where id = new.change_id;
  if tg_op = 'INSERT' then
    if c.status <> 'approved' or c.verified_at is not null or new.planned_at <> now() or new.done_at is not null
       or not exists (select from process_run r where r.id = new.run_id and r.subject_id = c.subject_id) then
      raise exception 'a task is planned for an approved change that isn''t verified' using errcode = 'BW422';
    end if;
    return new;
  end if;
  if new is not distinct from old then
    return new;
  end if;
  if old.done_at is not null
     or (to_jsonb(new) - array['done_at', 'done_by_id']) is distinct from (to_jsonb(old) - array['done_at', 'done_by_id'])
     or new.done_at <> now() or not exists (
       select from signature s where s.run_id = new.run_id and s.person_id = new.done_by_id and s.signed_at = now()) then
    raise exception 'a task of a change stays what it was planned as, and is done once, by the signature of whoever did it' using errcode = 'BW423';
  end if;
  return new;
end $function$;
create trigger change_task_wall before insert or update on change_task for each row execute function change_task_wall();
create trigger kept before delete on change_task for each row execute function kept();
