-- The audit trail (21 CFR 11.10(e)): every change of a business row leaves an event in the same transaction.
--
-- Statement triggers with transition tables: one INSERT ... SELECT for a whole statement, so that holding 90,000 lots
-- costs one pass. The function belongs to the owner; the application can read the trail and cannot write it.

create function audit_canonical(e audit_event) returns text language sql stable as $$
  -- RFC 8785 of the event: keys in order, every value a string or null, so any language can recompute the leaf
  select '{"action":' || to_json(e.operation)::text
      || ',"actor":' || to_json(e.actor_id)::text
      || ',"actor_name":' || to_json(e.actor_name)::text
      || ',"after":' || coalesce(to_json(e.after::text)::text, 'null')
      || ',"at":' || to_json(to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))::text
      || ',"before":' || coalesce(to_json(e.before::text)::text, 'null')
      || ',"build":' || coalesce(to_json(e.build)::text, 'null')
      || ',"event":' || to_json(e.event_id::text)::text
      || ',"on_behalf_of":' || coalesce(to_json(e.on_behalf_of)::text, 'null')
      || ',"reason":' || coalesce(to_json(e.reason)::text, 'null')
      || ',"row":' || to_json(e.row_id::text)::text
      || ',"source":' || to_json(e.source)::text
      || ',"source_ref":' || coalesce(to_json(e.source_ref)::text, 'null')
      || ',"table":' || to_json(e.table_name)::text
      || ',"transaction":' || to_json(e.transaction::text)::text
      || ',"workflow":' || coalesce(to_json(e.workflow)::text, 'null')
      || '}'
$$;

create function audit_leaf() returns trigger language plpgsql as $$
begin
  new.leaf := sha256('\x00'::bytea || convert_to(audit_canonical(new), 'UTF8'));
  return new;
end $$;

create trigger audit_leaf before insert on audit_event for each row execute function audit_leaf();

create function audit_image(image jsonb) returns jsonb language sql immutable as $$
  -- a changed password shows as changed, and its hash stays where it is
  select case when image ? 'password_hash'
    then image || jsonb_build_object('password_hash',
                                     left(encode(sha256(convert_to(image ->> 'password_hash', 'UTF8')), 'hex'), 12))
    else image end
$$;

create function audit_write() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
  who text := nullif(current_setting('bw.actor_id', true), '');
  who_name text := nullif(current_setting('bw.actor_name', true), '');
  src text := nullif(current_setting('bw.source', true), '');
  lot_key text := case when tg_table_name = 'lot' then 'id' else 'lot_id' end;
begin
  if who is null or who_name is null or src is null then
    raise exception 'a change of % has no actor', tg_table_name
      using errcode = 'BW001', hint = 'open the transaction with an actor (models.store.act)';
  end if;
  if tg_op = 'INSERT' then
    insert into audit_event (at, actor_id, actor_name, on_behalf_of, source, source_ref, reason, workflow, build,
                             transaction, table_name, row_id, lot_id, operation, before, after)
    select clock_timestamp(), who, who_name, nullif(current_setting('bw.on_behalf_of', true), ''), src,
           nullif(current_setting('bw.source_ref', true), ''), nullif(current_setting('bw.reason', true), ''),
           nullif(current_setting('bw.workflow', true), ''), nullif(current_setting('bw.build', true), ''),
           txid_current(), tg_table_name, (j.after ->> 'id')::bigint, (j.after ->> lot_key)::bigint, 'insert',
           null, j.after
    from (select audit_image(to_jsonb(n)) as after from new_rows n) j;
  elsif tg_op = 'UPDATE' then
    insert into audit_event (at, actor_id, actor_name, on_behalf_of, source, source_ref, reason, workflow, build,
                             transaction, table_name, row_id, lot_id, operation, before, after)
    select clock_timestamp(), who, who_name, nullif(current_setting('bw.on_behalf_of', true), ''), src,
           nullif(current_setting('bw.source_ref', true), ''), nullif(current_setting('bw.reason', true), ''),
           nullif(current_setting('bw.workflow', true), ''), nullif(current_setting('bw.build', true), ''),
           txid_current(), tg_table_name, (j.after ->> 'id')::bigint, (j.after ->> lot_key)::bigint, 'update',
           j.before, j.after
    from (select audit_image(to_jsonb(o)) as before, audit_image(to_jsonb(n)) as after from old_rows o join new_rows n using (id)) j
    where j.before is distinct from j.after;
  else
    insert into audit_event (at, actor_id, actor_name, on_behalf_of, source, source_ref, reason, workflow, build,
                             transaction, table_name, row_id, lot_id, operation, before, after)
    select clock_timestamp(), who, who_name, nullif(current_setting('bw.on_behalf_of', true), ''), src,
           nullif(current_setting('bw.source_ref', true), ''), nullif(current_setting('bw.reason', true), ''),
           nullif(current_setting('bw.workflow', true), ''), nullif(current_setting('bw.build', true), ''),
           txid_current(), tg_table_name, (j.before ->> 'id')::bigint, (j.before ->> lot_key)::bigint, 'delete',
           j.before, null
    from (select audit_image(to_jsonb(o)) as before from old_rows o) j;
  end if;
  return null;
end $$;

create function append_only() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: % refused', tg_table_name, tg_op
    using errcode = 'BW002', hint = 'correct by a new row that names the old one';
end $$;

create function identity_is_fixed() returns trigger language plpgsql as $$
begin
  if new.id is distinct from old.id then
    raise exception 'the key of % can''t change', tg_table_name using errcode = 'BW002';
  end if;
  return new;
end $$;
