-- Until when the record is written: the latest of the last events, since the clock was last accepted as it is.
-- What went before an accepted jump is no measure any more; of the many events of one act the order is not their time's.
create function last_recorded() returns timestamptz language sql stable as $$
  select max(e.at) from (
    select a.at from audit_event a
     where a.id > coalesce((select max(j.last_event_id) from clock_jump j), 0)
     order by a.id desc limit 200) e
$$;
