-- The leaf covers the event's place in the trail and its lot as well: an event can't be moved to another number or shown
-- under another batch without its hash saying so (21 CFR 11.10(e), 11.70).  Events of before keep form 1 and verify as it.

create function audit_frame_2(e audit_event) returns text[] language sql stable as $$
  -- RFC 8785 of the event: keys in order, every value a string or null.  Cut where the images, the event's id, its lot,
  -- the row's key and the number go, because the rest is the same for a whole statement
  select array[
         '{"action":' || to_json(e.operation)::text
      || ',"actor":' || to_json(e.actor_id)::text
      || ',"actor_name":' || to_json(e.actor_name)::text
      || ',"after":',
         ',"at":' || to_json(to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))::text
      || ',"before":',
         ',"build":' || coalesce(to_json(e.build)::text, 'null')
      || ',"event":"',
         '","form":"2","lot":',
         ',"on_behalf_of":' || coalesce(to_json(e.on_behalf_of)::text, 'null')
      || ',"reason":' || coalesce(to_json(e.reason)::text, 'null')
      || ',"row":"',
         '","seq":"',
         '","source":' || to_json(e.source)::text
      || ',"source_ref":' || coalesce(to_json(e.source_ref)::text, 'null')
      || ',"table":' || to_json(e.table_name)::text
      || ',"transaction":' || to_json(e.transaction::text)::text
      || ',"workflow":' || coalesce(to_json(e.workflow)::text, 'null')
      || '}']
$$;

create function audit_text_2(frame text[], before jsonb, after jsonb, event uuid, row_id bigint, lot bigint, seq bigint)
returns text language sql stable as $$
  select frame[1] || coalesce(to_json(after::text)::text, 'null')
      || frame[2] || coalesce(to_json(before::text)::text, 'null')
      || frame[3] || event::text
      || frame[4] || coalesce(to_json(lot::text)::text, 'null')
      || frame[5] || row_id::text
      || frame[6] || seq::text
      || frame[7]
$$;

create function audit_leaf_2(frame text[], before jsonb, after jsonb, event uuid, row_id bigint, lot bigint, seq bigint)
returns bytea language sql stable as $$
  select sha256('\x00'::bytea || convert_to(audit_text_2(frame, before, after, event, row_id, lot, seq), 'UTF8'))
$$;

create or replace function audit_canonical(e audit_event) returns text language sql stable as $$
  select case e.form
    when 1 then audit_text(audit_frame(e), e.before, e.after, e.event_id, e.row_id)
    else audit_text_2(audit_frame_2(e), e.before, e.after, e.event_id, e.row_id, e.lot_id, e.id)
  end
$$;

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
           e.build, e.transaction, e.table_name, r.id, (r.after ->> lot_key)::bigint, e.operation, null, r.after,
           audit_leaf_2(frame, null, r.after, r.event, r.id, (r.after ->> lot_key)::bigint, r.seq)
      from (select i.id, case when secret then audit_image(i.image) else i.image end as after, uuidv7() as event, nextval(sequence) as seq
              from (select n.id, to_jsonb(n) as image from new_rows n offset 0) i) r;
  elsif tg_op = 'UPDATE' then
    insert into audit_event (id, event_id, form, at, actor_id, actor_name, on_behalf_of, source, source_ref, reason, workflow,
                             build, transaction, table_name, row_id, lot_id, operation, before, after, leaf)
    select r.seq, r.event, 2, e.at, e.actor_id, e.actor_name, e.on_behalf_of, e.source, e.source_ref, e.reason, e.workflow,
           e.build, e.transaction, e.table_name, r.id, (r.after ->> lot_key)::bigint, e.operation, r.before, r.after,
           audit_leaf_2(frame, r.before, r.after, r.event, r.id, (r.after ->> lot_key)::bigint, r.seq)
      from (select i.id, case when secret then audit_image(i.image) else i.image end as after,
                   case when secret then audit_image(i.old) else i.old end as before, uuidv7() as event, nextval(sequence) as seq
              from (select id, to_jsonb(o) as old, to_jsonb(n) as image
                      from old_rows o join new_rows n using (id) offset 0) i
             where i.old is distinct from i.image) r;
  else
    insert into audit_event (id, event_id, form, at, actor_id, actor_name, on_behalf_of, source, source_ref, reason, workflow,
                             build, transaction, table_name, row_id, lot_id, operation, before, after, leaf)
    select r.seq, r.event, 2, e.at, e.actor_id, e.actor_name, e.on_behalf_of, e.source, e.source_ref, e.reason, e.workflow,
           e.build, e.transaction, e.table_name, r.id, (r.before ->> lot_key)::bigint, e.operation, r.before, null,
           audit_leaf_2(frame, r.before, null, r.event, r.id, (r.before ->> lot_key)::bigint, r.seq)
      from (select i.id, case when secret then audit_image(i.image) else i.image end as before, uuidv7() as event, nextval(sequence) as seq
              from (select o.id, to_jsonb(o) as image from old_rows o offset 0) i) r;
  end if;
  return null;
end $$;
