-- The walls of audit: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- what walls ask, and what stands at tables of other nouns ----------

-- The leaf covers the event's place in the trail and its lot as well: an event can't be moved to another number or shown
-- under another batch without its hash saying so (21 CFR 11.10(e), 11.70).  Events of before keep form 1 and verify as it.
create or replace function audit_canonical(e audit_event) returns text language sql stable as $function$
  select case e.form
    when 1 then audit_text(audit_frame(e), e.before, e.after, e.event_id, e.row_id)
    else audit_text_2(audit_frame_2(e), e.before, e.after, e.event_id, e.row_id, e.lot_id, e.id)
  end
$function$;

-- The audit trail, faster and with the same guarantee: what all events of a statement share is said once, and the leaf
-- is computed where the event is written instead of in a trigger for each row (benchmarks/hold.py) (21 CFR 11.10(e)).
create or replace function audit_frame(e audit_event) returns text[] language sql stable as $function$
  -- RFC 8785 of the event: keys in order, every value a string or null, so any language can recompute the leaf.  Cut
  -- where the images, the event's id and the row's key go, because the rest is the same for a whole statement
  select array[
         '{"action":' || to_json(e.operation)::text
      || ',"actor":' || to_json(e.actor_id)::text
      || ',"actor_name":' || to_json(e.actor_name)::text
      || ',"after":',
         ',"at":' || to_json(to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))::text
      || ',"before":',
         ',"build":' || coalesce(to_json(e.build)::text, 'null')
      || ',"event":"',
         '","on_behalf_of":' || coalesce(to_json(e.on_behalf_of)::text, 'null')
      || ',"reason":' || coalesce(to_json(e.reason)::text, 'null')
      || ',"row":"',
         '","source":' || to_json(e.source)::text
      || ',"source_ref":' || coalesce(to_json(e.source_ref)::text, 'null')
      || ',"table":' || to_json(e.table_name)::text
      || ',"transaction":' || to_json(e.transaction::text)::text
      || ',"workflow":' || coalesce(to_json(e.workflow)::text, 'null')
      || '}']
$function$;

-- The leaf covers the event's place in the trail and its lot as well: an event can't be moved to another number or shown
-- under another batch without its hash saying so (21 CFR 11.10(e), 11.70).  Events of before keep form 1 and verify as it.
create or replace function audit_frame_2(e audit_event) returns text[] language sql stable as $function$
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
$function$;

-- The audit trail (21 CFR 11.10(e)): every change of a business row leaves an event in the same transaction.
--
-- Statement triggers with transition tables: one INSERT ... SELECT for a whole statement, so that holding 90,000 lots
-- costs one pass. The function belongs to the owner; the application can read the trail and cannot write it.
create or replace function audit_image(image jsonb) returns jsonb language sql immutable as $function$
  -- a changed password shows as changed, and its hash stays where it is
  select case when image ? 'password_hash'
    then image || jsonb_build_object('password_hash',
                                     left(encode(sha256(convert_to(image ->> 'password_hash', 'UTF8')), 'hex'), 12))
    else image end
$function$;

-- The audit trail, faster and with the same guarantee: what all events of a statement share is said once, and the leaf
-- is computed where the event is written instead of in a trigger for each row (benchmarks/hold.py) (21 CFR 11.10(e)).
create or replace function audit_leaf(frame text[], before jsonb, after jsonb, event uuid, row_id bigint)
  returns bytea language sql stable as $function$
  select sha256('\x00'::bytea || convert_to(audit_text(frame, before, after, event, row_id), 'UTF8'))
$function$;

-- The leaf covers the event's place in the trail and its lot as well: an event can't be moved to another number or shown
-- under another batch without its hash saying so (21 CFR 11.10(e), 11.70).  Events of before keep form 1 and verify as it.
create or replace function audit_leaf_2(frame text[], before jsonb, after jsonb, event uuid, row_id bigint, lot bigint, seq bigint)
  returns bytea language sql stable as $function$
  select sha256('\x00'::bytea || convert_to(audit_text_2(frame, before, after, event, row_id, lot, seq), 'UTF8'))
$function$;

-- The audit trail, faster and with the same guarantee: what all events of a statement share is said once, and the leaf
-- is computed where the event is written instead of in a trigger for each row (benchmarks/hold.py) (21 CFR 11.10(e)).
create or replace function audit_text(frame text[], before jsonb, after jsonb, event uuid, row_id bigint)
  returns text language sql stable as $function$
  select frame[1] || coalesce(to_json(after::text)::text, 'null')
      || frame[2] || coalesce(to_json(before::text)::text, 'null')
      || frame[3] || event::text || frame[4] || row_id::text || frame[5]
$function$;

-- The leaf covers the event's place in the trail and its lot as well: an event can't be moved to another number or shown
-- under another batch without its hash saying so (21 CFR 11.10(e), 11.70).  Events of before keep form 1 and verify as it.
create or replace function audit_text_2(frame text[], before jsonb, after jsonb, event uuid, row_id bigint, lot bigint, seq bigint)
  returns text language sql stable as $function$
  select frame[1] || coalesce(to_json(after::text)::text, 'null')
      || frame[2] || coalesce(to_json(before::text)::text, 'null')
      || frame[3] || event::text
      || frame[4] || coalesce(to_json(lot::text)::text, 'null')
      || frame[5] || row_id::text
      || frame[6] || seq::text
      || frame[7]
$function$;

-- Who acts is asked where the event is written, once for a statement: a wall behind the trail had PostgreSQL keep all events
-- of a statement a second time only to ask the same (a recall's 90,000 holds; benchmarks/hold.py).  Nobody but this function
-- may write the trail, so it is the same wall (21 CFR 11.10(e)).
-- Refuses with BW001, BW003
create or replace function audit_write() returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
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
end $function$;

-- Nobody writes in another's name or at another time (21 CFR 11.10(d), 11.50, 11.70, 11.100(a), 11.200): who a row says did it
-- is who does it, a signature carries the name of its signer and the moment of its signing, and is about its own task.
-- Refuses with BW183
create or replace function by_its_actor() returns trigger language plpgsql as $function$
declare
  who bigint := (to_jsonb(new) ->> tg_argv[0])::bigint;
begin
  if who is not null and not exists (
      select from person p where p.id = who and p.active and p.public_id::text = current_setting('bw.actor_id', true)) then
    raise exception '% of a % is whoever writes it', tg_argv[0], tg_table_name using errcode = 'BW183';
  end if;
  return new;
end $function$;

-- Who held which role when, and who may stand behind an act (21 CFR 11.10(g), 11.10(i), 11.100; DESIGN 2.4, 7).
create or replace function known_actor(who text, said text)
  returns boolean language sql stable security definer set search_path to 'public', 'pg_temp' as $function$
  select case
    when who ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
      then exists (select from person p where p.public_id = who::uuid and p.name = said and p.active)
    when who like 'customer:%' then exists (select from customer c where c.customer_no = substr(who, 10))
    when who like 'supplier:%' then exists (select from supplier s where s.supplier_no = substr(who, 10))
    when who like 'import:%' then who ~ '^import:[a-z0-9_.-]+$'
    else exists (select from service_actor s where s.actor_id = who) end
$function$;

-- What decides who may do what, and by which limits, changes with a reason only (21 CFR 11.10(e); ALCOA+; EU GMP Annex 11.9).
-- Refuses with BW179
create or replace function reason_wall() returns trigger language plpgsql as $function$
declare
  name text;
begin
  if coalesce(btrim(current_setting('bw.reason', true)), '') <> '' then
    return new;
  end if;
  if tg_op = 'INSERT' then
    raise exception 'a % is given with a reason only', tg_table_name using errcode = 'BW179';
  end if;
  foreach name in array tg_argv loop
    if to_jsonb(new) -> name is distinct from to_jsonb(old) -> name then
      raise exception '% of % changes with a reason only', name, tg_table_name
        using errcode = 'BW179', hint = 'say why, as the audit trail keeps it';
    end if;
  end loop;
  return new;
end $function$;

-- audit_event -------------------------------------------------------

-- Walls that tables share.
create trigger append_only before delete or update on audit_event for each row execute function append_only();
create trigger append_only_truncate before truncate on audit_event for each statement execute function append_only();
