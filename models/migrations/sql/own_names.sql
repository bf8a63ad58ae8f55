-- Nobody writes in another's name or at another time (21 CFR 11.10(d), 11.50, 11.70, 11.100(a), 11.200): who a row says did it
-- is who does it, a signature carries the name of its signer and the moment of its signing, and is about its own task.

create function by_its_actor() returns trigger language plpgsql as $$
declare
  who bigint := (to_jsonb(new) ->> tg_argv[0])::bigint;
begin
  if who is not null and not exists (
      select from person p where p.id = who and p.active and p.public_id::text = current_setting('bw.actor_id', true)) then
    raise exception '% of a % is whoever writes it', tg_argv[0], tg_table_name using errcode = 'BW183';
  end if;
  return new;
end $$;

-- by name after the walls that say more of the row
create trigger told_by_its_actor before insert on signing_attempt
  for each row execute function by_its_actor('person_id');
create trigger told_by_its_actor before insert on signature
  for each row execute function by_its_actor('person_id');
create trigger told_by_its_actor before insert on operation_run
  for each row execute function by_its_actor('recorded_by_id');
create trigger told_by_its_actor before insert on inspection_result
  for each row execute function by_its_actor('recorded_by_id');
create trigger verdict_wall_told before update on inspection for each row
  when (new.decided_by_id is distinct from old.decided_by_id) execute function by_its_actor('decided_by_id');
create trigger task_wall_told before update on human_task for each row
  when (new.done_by_id is distinct from old.done_by_id) execute function by_its_actor('done_by_id');
create trigger told_by_its_actor before update on nonconformance for each row
  when (new.decided_by_id is distinct from old.decided_by_id) execute function by_its_actor('decided_by_id');
create trigger told_by_its_actor before insert on recall_check_attempt
  for each row execute function by_its_actor('recorded_by_id');
create trigger told_by_its_actor before insert on recall_disposition
  for each row execute function by_its_actor('decided_by_id');
create trigger told_by_its_actor before insert on recall_lot_decision
  for each row execute function by_its_actor('decided_by_id');
create trigger told_by_its_actor before insert on recall_report
  for each row execute function by_its_actor('recorded_by_id');
create trigger told_by_its_actor before insert on recall_return
  for each row execute function by_its_actor('recorded_by_id');

-- Attempts ------------------------------------------------------------------------------------------------------------

create or replace function attempt_is_now() returns trigger language plpgsql as $$
begin
  if new.at is distinct from now() then
    new.at := now();  -- nobody dates an attempt back or ahead, whatever came of it
  end if;
  return new;
end $$;

create function attempt_account_wall() returns trigger language plpgsql as $$
begin
  if not exists (select from account a where a.id = new.account_id and a.person_id = new.person_id) then
    raise exception 'an attempt is made through an account of its person' using errcode = 'BW184';
  end if;
  if new.result = 'accepted' and exists (
      select from account a where a.id = new.account_id and (a.disabled or a.locked_until > now())) then
    raise exception 'nothing is proven through a closed or locked account' using errcode = 'BW184';
  end if;
  return new;
end $$;

create trigger attempt_account_wall before insert on signing_attempt for each row execute function attempt_account_wall();

-- Records and signatures ----------------------------------------------------------------------------------------------

create function kept_now() returns trigger language plpgsql as $$
begin
  new.at := now();
  return new;
end $$;

create trigger kept_now before insert on signed_record for each row execute function kept_now();

create function signed_now() returns trigger language plpgsql as $$
begin
  new.signed_at := now();  -- nobody dates a signature back or ahead
  return new;
end $$;

create trigger signed_now before insert on signature for each row execute function signed_now();

create function subject_of_task(process text, stage text) returns text language sql immutable as $$
  -- the words of models/store/signing.py; a test holds the two against each other
  select case when stage = 'disposition' then 'disposition'
              when process in ('release', 'recall') then process
              when process in ('incoming-inspection', 'final-inspection') then 'inspection'
              else 'task' end
$$;

create function signature_told_wall() returns trigger language plpgsql as $$
begin
  if new.printed_name is distinct from (select p.name from person p where p.id = new.person_id) then
    raise exception 'a signature carries the name of its signer' using errcode = 'BW185';
  end if;
  if new.task_id is not null and not exists (
      select from human_task t where t.id = new.task_id and t.status = 'open' and t.run_id = new.run_id
         and t.lot_id is not distinct from new.lot_id and subject_of_task(t.process, t.stage) = new.subject) then
    raise exception 'a signature is about its own open task' using errcode = 'BW185';
  end if;
  return new;
end $$;

-- by name after the walls that ask for the attempt, the role and the statement
create trigger signature_wall_told before insert on signature for each row execute function signature_told_wall();
