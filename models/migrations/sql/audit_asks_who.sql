-- Who acts is asked where the event is written, once for a statement: a wall behind the trail had PostgreSQL keep all events
-- of a statement a second time only to ask the same (a recall's 90,000 holds; benchmarks/hold.py).  Nobody but this function
-- may write the trail, so it is the same wall.

drop trigger audit_actor_wall on audit_event;
drop function audit_actor_wall();

create or replace function audit_write() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
  e audit_event;  -- what all events of the statement share
  frame text[];
  lot_key text := case when tg_table_name = 'lot' then 'id' else 'lot_id' end;
  sequence regclass := pg_get_serial_sequence('audit_event', 'id');
  secret boolean := tg_table_name = 'account';  -- elsewhere nothing needs to be hidden from the image
begin
  e.actor_id := nullif(current_setting('bw.actor_id', true), '');
  e.actor_name := nullif(current_setting('bw.actor_name', true), '');
  e.source := nullif(current_setting('bw.source', true), '');
  if e.actor_id is null or e.actor_name is null or e.source is null then
    raise exception 'a change of % has no actor', tg_table_name
      using errcode = 'BW001', hint = 'open the transaction with an actor (models.store.act)';
  end if;
  if not known_actor(e.actor_id, e.actor_name) then
    raise exception 'nobody here is % (%)', e.actor_name, e.actor_id using errcode = 'BW003';
  end if;
  e.on_behalf_of := nullif(current_setting('bw.on_behalf_of', true), '');
  e.source_ref := nullif(current_setting('bw.source_ref', true), '');
  e.reason := nullif(current_setting('bw.reason', true), '');
  e.workflow := nullif(current_setting('bw.workflow', true), '');
  e.build := nullif(current_setting('bw.build', true), '');
  e.at := clock_timestamp();
  e.transaction := txid_current();
  e.table_name := tg_table_name;
  e.operation := lower(tg_op);
  frame := audit_frame_2(e);
  if tg_op = 'INSERT' then
    insert into audit_event (id, event_id, form, at, actor_id, actor_name, on_behalf_of, source, source_ref, reason, workflow,
                             build, transaction, table_name, row_id, lot_id, operation, before, after, leaf)
    select r.seq, r.event, 2, e.at, e.actor_id, e.actor_name, e.on_behalf_of, e.source, e.source_ref, e.reason, e.workflow,
           e.build, e.transaction, e.table_name, r.id, r.lot, e.operation, null, r.after,
           audit_leaf_2(frame, null, r.after, r.event, r.id, r.lot, r.seq)
      from (select i.id, case when secret then audit_image(i.image) else i.image end as after, (i.image ->> lot_key)::bigint as lot,
                   uuidv7() as event, nextval(sequence) as seq
              from (select n.id, to_jsonb(n) as image from new_rows n offset 0) i) r;
  elsif tg_op = 'UPDATE' then
    insert into audit_event (id, event_id, form, at, actor_id, actor_name, on_behalf_of, source, source_ref, reason, workflow,
                             build, transaction, table_name, row_id, lot_id, operation, before, after, leaf)
    select r.seq, r.event, 2, e.at, e.actor_id, e.actor_name, e.on_behalf_of, e.source, e.source_ref, e.reason, e.workflow,
           e.build, e.transaction, e.table_name, r.id, r.lot, e.operation, r.before, r.after,
           audit_leaf_2(frame, r.before, r.after, r.event, r.id, r.lot, r.seq)
      from (select i.id, case when secret then audit_image(i.image) else i.image end as after,
                   case when secret then audit_image(i.old) else i.old end as before, (i.image ->> lot_key)::bigint as lot,
                   uuidv7() as event, nextval(sequence) as seq
              from (select id, to_jsonb(o) as old, to_jsonb(n) as image
                      from old_rows o join new_rows n using (id) offset 0) i
             where i.old is distinct from i.image) r;
  else
    insert into audit_event (id, event_id, form, at, actor_id, actor_name, on_behalf_of, source, source_ref, reason, workflow,
                             build, transaction, table_name, row_id, lot_id, operation, before, after, leaf)
    select r.seq, r.event, 2, e.at, e.actor_id, e.actor_name, e.on_behalf_of, e.source, e.source_ref, e.reason, e.workflow,
           e.build, e.transaction, e.table_name, r.id, r.lot, e.operation, r.before, null,
           audit_leaf_2(frame, r.before, null, r.event, r.id, r.lot, r.seq)
      from (select i.id, case when secret then audit_image(i.image) else i.image end as before, (i.image ->> lot_key)::bigint as lot,
                   uuidv7() as event, nextval(sequence) as seq
              from (select o.id, to_jsonb(o) as image from old_rows o offset 0) i) r;
  end if;
  return null;
end $$;

-- Every act asks until when the record is written.  The last few events say it as well as the last two hundred: acts at the
-- same time differ by seconds, and the limit is minutes.
create or replace function last_recorded() returns timestamptz language sql stable as $$
  select max(e.at) from (
    select a.at from audit_event a
     where a.id > coalesce((select max(j.last_event_id) from clock_jump j), 0)
     order by a.id desc limit 32) e
$$;
