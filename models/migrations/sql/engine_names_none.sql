-- The walls of the engine name no process any more: what is asked of a release, and of a proof, stands in functions of their own.
-- Nothing is asked that wasn't before, and nothing less.

create function proven(attempt signing_attempt) returns boolean language sql immutable as $$
  select attempt.result is not distinct from 'accepted'
$$;

create or replace function signature_wall() returns trigger language plpgsql as $$
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
end $$;

-- after signature_wall, as its last question was
create function release_signature_wall() returns trigger language plpgsql as $$
begin
  -- one signer, whatever the account, role or delegation: the people behind two steps of one run must be disjoint;
  -- a step that was sent back may be signed again by the same person
  if new.subject = 'release' and new.outcome = 'release' and exists (
      select from signature s join human_task t on t.id = s.task_id
       where s.run_id = new.run_id and s.subject = 'release' and s.outcome = 'release' and s.digest = new.digest
         and t.stage <> (select stage from human_task where id = new.task_id)
         and array[s.person_id, coalesce(s.on_behalf_of_id, s.person_id)]
             && array[new.person_id, coalesce(new.on_behalf_of_id, new.person_id)]) then
    raise exception 'the same person can''t sign a release twice' using errcode = 'BW023';
  end if;
  return new;
end $$;
create trigger signature_wall_and_release before insert on signature for each row execute function release_signature_wall();

create or replace function attempt_account_wall() returns trigger language plpgsql as $$
begin
  if not exists (select from account a where a.id = new.account_id and a.person_id = new.person_id) then
    raise exception 'an attempt is made through an account of its person' using errcode = 'BW184';
  end if;
  if proven(new) and exists (
      select from account a where a.id = new.account_id and (a.disabled or a.locked_until > now())) then
    raise exception 'nothing is proven through a closed or locked account' using errcode = 'BW184';
  end if;
  return new;
end $$;

-- a signature is about what its step says (signature_told_wall), and one without a task about an act (ck_signature_task_or_act)
alter table signature drop constraint ck_signature_subject;

create or replace function process_run_wall() returns trigger language plpgsql as $$
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
end $$;
