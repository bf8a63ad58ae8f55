-- Who acted is asked once for each actor of a statement, not once for each of its events: without the fence the planner asks
-- below the distinct, and a recall's 90,000 holds look up the same person 90,000 times (benchmarks/hold.py).

create or replace function audit_actor_wall() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
declare
  wrong record;
begin
  with actors as materialized (select distinct actor_id, actor_name from new_rows)
  select n.actor_id, n.actor_name into wrong from actors n where not known_actor(n.actor_id, n.actor_name) limit 1;
  if found then
    raise exception 'nobody here is % (%)', wrong.actor_name, wrong.actor_id using errcode = 'BW003';
  end if;
  return null;
end $$;
