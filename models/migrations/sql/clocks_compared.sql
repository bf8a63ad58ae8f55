-- How the engine's clock compared with the record's the last time a worker asked (models/rules/clock.py), in milliseconds by which
-- the record's is ahead: at least, at most.  Nothing where no worker has asked for a minute: then nobody knows, and nobody waits.
create function clocks_compared() returns bigint[] language sql stable as $$
  select array[b.ahead_least, b.ahead_most] from worker_beat b
   where b.compared_at between clock_timestamp() - interval '1 minute' and clock_timestamp() + interval '2 seconds'
   order by b.compared_at desc limit 1
$$;

-- Until when the record is written.  While the two clocks are apart nothing is recorded but that they are, and who tried to come in;
-- once they agree again those times were nobody's act and are no measure, so that work goes on by itself.
create or replace function last_recorded() returns timestamptz language sql stable as $$
  select max(e.at) from (
    select a.at from audit_event a
     where a.id > coalesce((select max(j.last_event_id) from clock_jump j), 0)
       and not (a.table_name in ('account', 'clock_difference')
                and coalesce((select d.apart from clock_difference d where d.last_event_id < a.id order by d.id desc limit 1), false))
     order by a.id desc limit 32) e
$$;
