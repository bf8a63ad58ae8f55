-- A change is approved by the signature of somebody who didn't ask for it, ends by a signature, and is closed when every batch that it pauses is
-- decided on (ISO 13485 7.3.9; STANDARDS X 53).
create or replace function change_wall() returns trigger language plpgsql as $function$
begin
  if tg_op = 'INSERT' then
    if new.status <> 'open' or to_regprocedure(format('affected_by_%s(text, bigint[])', new.kind)) is null then
      raise exception 'change % begins open, and is of something that can change', new.change_no using errcode = 'BW379';
    end if;
    return new;
  end if;
  if new is not distinct from old then
    return new;
  end if;
  if old.status not in ('open', 'approved')
     or (to_jsonb(new) - array['status', 'approved_at', 'approved_by_id', 'closed_at']) is distinct from
        (to_jsonb(old) - array['status', 'approved_at', 'approved_by_id', 'closed_at'])
     or (old.approved_at is not null and (new.approved_at, new.approved_by_id) is distinct from (old.approved_at, old.approved_by_id)) then
    raise exception 'what change % asks for, and how it ended, never changes', old.change_no using errcode = 'BW380';
  end if;
  if new.status is distinct from old.status and (
       (old.status, new.status) not in (('open', 'approved'), ('open', 'refused'), ('approved', 'closed'), ('approved', 'withdrawn'))
       or not exists (select from signature s join process_run r on r.id = s.run_id
                       where r.subject_id = new.subject_id and s.signed_at = now())) then
    raise exception 'change % goes on by a signature', new.change_no using errcode = 'BW381';
  end if;
  if new.approved_at is distinct from old.approved_at and (new.status <> 'approved' or new.approved_by_id = new.opened_by_id or not exists (
       select from signature s join process_run r on r.id = s.run_id
        where r.subject_id = new.subject_id and s.signed_at = now() and s.person_id = new.approved_by_id
          and s.on_behalf_of_id is distinct from new.opened_by_id)) then
    raise exception 'change % is approved by the signature of somebody who didn''t ask for it', new.change_no using errcode = 'BW381';
  end if;
  if new.status = 'closed' and exists (
       select from change_lock k where k.change_id = new.id and k.decided_at is null and k.freed_at is null) then
    raise exception 'a batch waits for the decision of change %', new.change_no using errcode = 'BW382';
  end if;
  return new;
end $function$;
create trigger change_wall before insert or update on change for each row execute function change_wall();
create trigger kept before delete on change for each row execute function kept();
create trigger opened_by_its_actor before insert on change for each row execute function by_its_actor('opened_by_id');

-- A lock is set open by an approved change and decided once, by a signature of its change, or as the batch was that it was split from; nobody
-- edits it away (ISO 13485 7.3.9; REQUIREMENTS 46).
create or replace function change_lock_wall() returns trigger language plpgsql as $function$
declare
  c change;
begin
  select * into c from change where id = new.change_id;
  if tg_op = 'INSERT' then
    if c.status <> 'approved' or new.locked_at <> now() or num_nonnulls(new.decided_at, new.freed_at) > 0 then
      raise exception 'a batch is paused by an approved change, now' using errcode = 'BW383';
    end if;
    return new;
  end if;
  if new is not distinct from old then
    return new;
  end if;
  if old.decided_at is not null or old.freed_at is not null
     or (new.public_id, new.change_id, new.lot_id, new.step, new.seq, new.locked_at) is distinct from
        (old.public_id, old.change_id, old.lot_id, old.step, old.seq, old.locked_at) then
    raise exception 'a lock stays what it was set as, and is decided once' using errcode = 'BW384';
  end if;
  if new.freed_at is not null and not (c.status = 'withdrawn' and c.closed_at = now() and new.freed_at = now()) then
    raise exception 'a lock is freed when its change is withdrawn' using errcode = 'BW384';
  end if;
  if new.decided_at is not null and not exists (
       select from signature s join process_run r on r.id = s.run_id
        where r.subject_id = c.subject_id and s.person_id = new.decided_by_id and s.signed_at = now() and new.decided_at = now())
     and not exists (
       select from genealogy_edge e join change_lock k on k.lot_id = e.parent_lot_id
        where e.child_lot_id = new.lot_id and e.kind in ('split', 'repack') and k.change_id = new.change_id
          and (k.decision, k.decided_at, k.decided_by_id, k.reason) = (new.decision, new.decided_at, new.decided_by_id, new.reason)) then
    raise exception 'how a paused batch goes on is decided by a signature' using errcode = 'BW384';
  end if;
  return new;
end $function$;
create trigger change_lock_wall before insert or update on change_lock for each row execute function change_lock_wall();
create trigger kept before delete on change_lock for each row execute function kept();

-- No step that a change forbids: work that began after it, a task of such a step, goods that leave or are put together with others.
create or replace function operation_paused_wall() returns trigger language plpgsql as $function$
begin
  if batch_is_paused(new.lot_id, 'operation', new.seq, new.started_at) then
    raise exception 'lot % is paused by a change', (select lot_no from lot where id = new.lot_id) using errcode = 'BW385';
  end if;
  return new;
end $function$;
create trigger operation_paused_wall before insert on operation_run for each row execute function operation_paused_wall();

create or replace function task_paused_wall() returns trigger language plpgsql as $function$
begin
  perform from lot l where l.id = new.lot_id for share;
  if batch_is_paused(new.lot_id, task_batch_step(new), 0, now()) then
    raise exception 'lot % is paused by a change', (select lot_no from lot where id = new.lot_id) using errcode = 'BW386';
  end if;
  return new;
end $function$;
create trigger task_wall_paused before update on human_task for each row
  when (old.status = 'open' and new.status = 'done' and new.lot_id is not null) execute function task_paused_wall();

create or replace function movement_paused_wall() returns trigger language plpgsql as $function$
begin
  perform from lot l where l.id = new.lot_id for share;
  if batch_is_paused(new.lot_id, 'leave', 0, now()) then
    raise exception 'lot % is paused by a change', (select lot_no from lot where id = new.lot_id) using errcode = 'BW387';
  end if;
  return new;
end $function$;
create trigger movement_paused_wall before insert on stock_movement for each row
  when (new.kind in ('ship', 'consume')) execute function movement_paused_wall();

create or replace function merge_paused_wall() returns trigger language plpgsql as $function$
begin
  if batch_is_paused(new.parent_lot_id, 'leave', 0, now()) then
    raise exception 'lot % is paused by a change', (select lot_no from lot where id = new.parent_lot_id) using errcode = 'BW387';
  end if;
  return new;
end $function$;
create trigger merge_paused_wall before insert on genealogy_edge for each row
  when (new.kind = 'merge') execute function merge_paused_wall();

-- What is split off or repacked takes its lock along, open or decided: it is the same goods.
create or replace function change_lock_follows()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  if not exists (select from new_rows n join change_lock k on k.lot_id = n.parent_lot_id where n.kind in ('split', 'repack')) then
    return null;
  end if;
  insert into change_lock (change_id, lot_id, step, seq)
    select distinct on (k.change_id, n.child_lot_id) k.change_id, n.child_lot_id, k.step, k.seq
      from new_rows n join change_lock k on k.lot_id = n.parent_lot_id join change c on c.id = k.change_id
     where n.kind in ('split', 'repack') and k.decided_at is null and k.freed_at is null and c.status = 'approved'
     order by k.change_id, n.child_lot_id
    on conflict (change_id, lot_id) do nothing;
  update change_lock o set decision = k.decision, decided_at = k.decided_at, decided_by_id = k.decided_by_id, reason = k.reason
    from new_rows n join change_lock k on k.lot_id = n.parent_lot_id
   where n.kind in ('split', 'repack') and k.decided_at is not null and o.change_id = k.change_id and o.lot_id = n.child_lot_id
     and o.decided_at is null and o.freed_at is null;
  return null;
end $function$;
create trigger change_lock_follows after insert on genealogy_edge referencing new table as new_rows for each statement
  execute function change_lock_follows();

-- A batch that is made while a change is approved and not closed is caught, in the transaction that makes it.  Whoever makes one shares the
-- lock that an approval has alone, so none is made beside it unseen.
create or replace function change_catches()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
declare
  made bigint[];
begin
  perform pg_advisory_xact_lock_shared(hashtext('change.catches'));
  if not exists (select from change c where c.status = 'approved') then
    return null;
  end if;
  if tg_table_name = 'lot' then
    select array_agg(n.id) into made from new_rows n;
  else
    select array_agg((to_jsonb(n) ->> 'lot_id')::bigint) into made from new_rows n;
  end if;
  insert into change_lock (change_id, lot_id, step, seq)
    select c.id, p.lot_id, p.step, p.seq from change c cross join lateral change_pauses(c.id, made) p
     where c.status = 'approved' order by c.id, p.lot_id
    on conflict (change_id, lot_id) do nothing;
  return null;
end $function$;
create trigger change_catches after insert on lot referencing new table as new_rows for each statement execute function change_catches();
create trigger change_catches after insert on work_order referencing new table as new_rows for each statement execute function change_catches();

-- Each change has a subject of its own, made in the statement that makes the row, whatever door it comes through (DESIGN 6a).
create or replace function subject_of_change()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  if exists (select from new_rows n where n.subject_id > (select last_value from subject_id_seq)) then
    raise exception 'the subject of a row is numbered with it' using errcode = 'BW353';
  end if;

  insert into subject (id, kind, number, title, title_en, titled_by_id, site_id, entity_id, owner_id, opened_at)
  select n.subject_id, 'change', n.change_no, n.title, n.title_en, null::bigint, w.site_id, w.entity_id, w.owner_id, n.opened_at
    from new_rows n
    cross join lateral (
      select s.id as site_id, (select e.id from legal_entity e where e.site_id = s.id) as entity_id,
             subject_owner('change', null, null, s.id, null) as owner_id
        from (select min(id) as id from site) s) w;
  return null;
end $function$;
create trigger subject_made after insert on change referencing new table as new_rows for each statement
  execute function subject_of_change();
create trigger subject_fixed before update of subject_id on change for each row
  when (old.subject_id is distinct from new.subject_id) execute function subject_fixed();

-- The subject of a change has its number and title: they follow the row (DESIGN 6a).
create or replace function subject_called_change()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  update subject s set number = new.change_no, title = new.title, title_en = new.title_en where s.id = new.subject_id;
  return null;
end $function$;
create trigger subject_called after update of change_no, title, title_en on change for each row execute function subject_called_change();

create trigger change_no_is_no_label before insert or update of change_no on change for each row
  when (may_be_label(new.change_no)) execute function number_is_no_label('change_no', 'BW260');

-- Whoever takes part may ask for a change; a plant's own roles are given it by whoever gives them the rest.
select set_config('bw.actor_id', 'service:update', true), set_config('bw.actor_name', 'Batchwright', true),
       set_config('bw.source', 'migration', true), set_config('bw.reason', 'whoever takes part may ask for a change', true);
update role r set permissions = array(select distinct p from unnest(r.permissions || 'change.open'::text) p order by p)
 where r.shipped and 'nonconformance.raise' = any (r.permissions);
