-- What is only bookkeeping doesn't grow for ever.  What may go, and after how long, is decided here and nowhere else: no role of
-- the application may delete a row of these tables itself.
--
-- Ages are counted back from the newest row of the table, not from the clock: while a plant stands still nothing grows and nothing
-- goes; and the newest thousand rows stay whatever they tell, also where a clock that jumped ahead makes all others look old.

create index ix_applied_at on applied using brin (at);
create index ix_outbox_at on outbox using brin (at);
create index ix_idempotency_key_at on idempotency_key using brin (at);

-- the application has no right to delete sessions; what is left to refuse is that the worker makes or changes one
drop trigger worker_stays_out on login_session;
create trigger worker_stays_out before insert or update on login_session
  for each statement execute function worker_stays_out();

create function forget_bookkeeping(most integer) returns table (what text, forgotten bigint)
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  newest timestamptz;
  latest bigint;
begin
  -- receipts of acts: they answer the retry of an act, which comes within hours; of an act that an operator may have done again,
  -- always; and so do the marks by which the demonstration knows its own database
  select a.at, a.id into newest, latest from applied a order by a.id desc limit 1;
  delete from applied where id in (
    select a.id from applied a
     where a.at < newest - interval '90 days' and a.id <= latest - 1000 and a.activity_key not like 'demo-company/%'
       and not exists (select from act_fault f where f.activity_key = a.activity_key and f.settled_at is null)
     order by a.id limit most);
  get diagnostics forgotten = row_count;
  what := 'applied';
  return next;

  -- facts that were handed on; what an operator has to see, or has decided on, stays
  select o.at, o.id into newest, latest from outbox o order by o.id desc limit 1;
  delete from outbox where id in (
    select o.id from outbox o
     where o.at < newest - interval '90 days' and o.id <= latest - 1000
       and o.delivered_at is not null and o.given_up_at is null and o.dismissed_at is null
     order by o.id limit most);
  get diagnostics forgotten = row_count;
  what := 'outbox';
  return next;

  -- answers to requests: a client asks again within minutes
  select k.at, k.id into newest, latest from idempotency_key k order by k.id desc limit 1;
  delete from idempotency_key where id in (
    select k.id from idempotency_key k
     where k.at < newest - interval '30 days' and k.id <= latest - 1000
     order by k.id limit most);
  get diagnostics forgotten = row_count;
  what := 'idempotency_key';
  return next;

  -- sessions that are over, and are no way in any more; for a year they tell who was logged in when
  select s.created_at, s.id into newest, latest from login_session s order by s.id desc limit 1;
  delete from login_session where id in (
    select s.id from login_session s
     where least(s.ended_at, s.expires_at) < newest - interval '400 days' and s.id <= latest - 1000
     order by s.id limit most);
  get diagnostics forgotten = row_count;
  what := 'login_session';
  return next;

  -- what somebody typed into a task that has been closed since, by them or by somebody else
  select d.saved_at, d.id into newest, latest from task_draft d order by d.saved_at desc limit 1;
  delete from task_draft where id in (
    select d.id from task_draft d join human_task t on t.id = d.task_id
     where d.saved_at < newest - interval '90 days' and t.status <> 'open'
     order by d.id limit most);
  get diagnostics forgotten = row_count;
  what := 'task_draft';
  return next;
end $$;

revoke all on function forget_bookkeeping(integer) from public;
grant execute on function forget_bookkeeping(integer) to batchwright_app;
