-- The last wall around recalls (DESIGN 2.4, 2.7): two people behind every signed scope, and a signed scope stays.

create function recall_signature_wall() returns trigger language plpgsql as $$
begin
  -- one signer, whatever the account, role or delegation: the people behind two steps on one scope are disjoint
  if new.subject = 'recall' and new.outcome in ('freeze', 'approve') and exists (
      select from signature s join human_task t on t.id = s.task_id
       where s.run_id = new.run_id and s.subject = 'recall' and s.outcome in ('freeze', 'approve')
         and s.digest = new.digest and t.stage <> (select stage from human_task where id = new.task_id)
         and array[s.person_id, coalesce(s.on_behalf_of_id, s.person_id)]
             && array[new.person_id, coalesce(new.on_behalf_of_id, new.person_id)]) then
    raise exception 'the same person can''t sign the scope of a recall twice' using errcode = 'BW070';
  end if;
  return new;
end $$;

create trigger recall_signature_wall before insert on signature for each row execute function recall_signature_wall();

create function recall_scope_wall() returns trigger language plpgsql as $$
declare
  signers int;
begin
  if tg_op = 'UPDATE' and (old.signed_at is not null or to_jsonb(new) - 'signed_at' <> to_jsonb(old) - 'signed_at') then
    raise exception 'a scope doesn''t change; compute the next version' using errcode = 'BW071';
  end if;
  if new.signed_at is not null then
    select count(distinct s.person_id) into signers
      from signature s join process_run r on r.id = s.run_id
     where r.recall_id = new.recall_id and s.subject = 'recall' and s.digest = new.digest
       and s.outcome in ('freeze', 'approve');
    if signers < 2 then
      raise exception 'the scope of a recall is signed by two people' using errcode = 'BW072';
    end if;
  end if;
  return new;
end $$;

create trigger recall_scope_wall before insert or update on recall_scope
  for each row execute function recall_scope_wall();

create function recall_notice_wall() returns trigger language plpgsql as $$
begin
  if old.acknowledged_at is not null and (new.acknowledged_at, new.received, new.on_hand, new.used, new.will_return)
     is distinct from (old.acknowledged_at, old.received, old.on_hand, old.used, old.will_return) then
    raise exception 'what a customer has acknowledged stays' using errcode = 'BW073';
  end if;
  return new;
end $$;

create trigger recall_notice_wall before update on recall_notice for each row execute function recall_notice_wall();

create function hold_recall_wall() returns trigger language plpgsql as $$
begin
  -- looked up once for the whole statement, as `hold_wall` does for lots and people
  if exists (select from (select distinct recall_id as id from new_rows where recall_id is not null) n
               left join recall r using (id) where r.id is null) then
    raise exception 'a hold is for a recall that there isn''t'
      using errcode = 'foreign_key_violation', constraint = 'fk_hold_recall_id';
  end if;
  return null;
end $$;

create trigger hold_recall_wall after insert on hold referencing new table as new_rows
  for each statement execute function hold_recall_wall();
alter table hold alter constraint fk_hold_recall_id not enforced;

create function hold_recall_stays() returns trigger language plpgsql as $$
begin
  if new.recall_id is distinct from old.recall_id then
    raise exception 'a hold can only be lifted, once' using errcode = 'BW035';
  end if;
  return new;
end $$;

create trigger hold_recall_stays before update on hold for each row execute function hold_recall_stays();
create trigger kept before delete on recall for each row execute function kept();
