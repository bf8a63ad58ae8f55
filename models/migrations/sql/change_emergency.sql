-- An emergency change, recorded after it was done: what was done and when, by whom and why it couldn't wait, kept apart from when it was recorded, and
-- what ran so locked until it is approved or decided on (ISO 13485 7.3.9; STANDARDS X 53; REQUIREMENTS 45, 46).
alter table change add column happened_at timestamptz;
alter table change add column happened_by_id bigint constraint fk_change_happened_by_id references person (id);
alter table change add column happened text;
alter table change add column urgent text;
alter table change add column decide_by date;
alter table change add constraint ck_change_emergency check (num_nulls(happened_at, happened_by_id, happened, urgent, decide_by) in (0, 5));
alter table change add constraint ck_change_emergency_said check (btrim(happened) <> '' and btrim(urgent) <> '');
alter table change add constraint ck_change_happened check (happened_at <= opened_at);

-- Everything that a change touches, of those batches where some are named: by what changes, and what somebody has named by hand.  Of an emergency
-- change that was recorded after it was done: what of it anything has happened to since.
create or replace function change_touches(of_change bigint, among bigint[]) returns setof bigint language plpgsql stable as $function$
declare
  c change;
begin
  select * into c from change where id = of_change;
  return query execute format('select a from %I($1, $2) a', 'affected_by_' || c.kind)
    || case when c.happened_at is null then '' else
       ' where exists (select from lot l where l.id = a and l.created_at >= $3)'
       ' or exists (select from lot_fact f where f.lot_id = a and coalesce(f.happened_at, f.at) >= $3)' end
    using c.target, among, c.happened_at;
  return query select l.id from lot l where l.lot_no = any (c.also) and (among is null or l.id = any (among));
end $function$;

-- A batch that is made while a change is approved and not in effect, or an emergency change is recorded and not decided, is caught in the
-- transaction that makes it.  Whoever makes one shares the lock that an approval has alone, so none is made beside it unseen.
create or replace function change_catches()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
declare
  made bigint[];
begin
  perform pg_advisory_xact_lock_shared(hashtext('change.catches'));
  if not exists (select from change c where c.status = 'approved' or (c.status = 'open' and c.happened_at is not null)) then
    return null;
  end if;
  if tg_table_name = 'lot' then
    select array_agg(n.id) into made from new_rows n;
  else
    select array_agg((to_jsonb(n) ->> 'lot_id')::bigint) into made from new_rows n;
  end if;
  insert into change_lock (change_id, lot_id, step, seq)
    select c.id, p.lot_id, p.step, p.seq from change c cross join lateral change_pauses(c.id, made) p
     where (c.status = 'approved' or (c.status = 'open' and c.happened_at is not null)) and not change_governs(c.id, p.lot_id) order by c.id, p.lot_id
    on conflict (change_id, lot_id) do nothing;
  return null;
end $function$;

-- A change is approved by the signature of somebody who didn't ask for it, and an emergency change by somebody who didn't do it either, is verified by
-- somebody who did none of its tasks, takes effect when everybody is trained (what was done before with its approval), ends by a signature, and is
-- closed when every batch that it pauses is decided on (ISO 13485 7.3.9, 6.2; STANDARDS X 53).
create or replace function change_wall() returns trigger language plpgsql as $function$
begin
  if tg_op = 'INSERT' then
    if new.status <> 'open' or to_regprocedure(format('affected_by_%s(text, bigint[])', new.kind)) is null then
      raise exception 'change % begins open, and is of something that can change', new.change_no using errcode = 'BW379';
    end if;
    if new.happened_at is not null and new.opened_at <> now() then
      raise exception 'an emergency change is recorded when it is recorded, and not back-dated' using errcode = 'BW450';
    end if;
    return new;
  end if;
  if new is not distinct from old then
    return new;
  end if;
  if old.status not in ('open', 'approved')
     or (to_jsonb(new) - array['status', 'approved_at', 'approved_by_id', 'verified_at', 'verified_by_id', 'effective_at', 'effective_batch', 'effective_by_id', 'closed_at']) is distinct from
        (to_jsonb(old) - array['status', 'approved_at', 'approved_by_id', 'verified_at', 'verified_by_id', 'effective_at', 'effective_batch', 'effective_by_id', 'closed_at'])
     or (old.verified_at is not null and (new.verified_at, new.verified_by_id) is distinct from (old.verified_at, old.verified_by_id))
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
  if new.approved_at is distinct from old.approved_at and new.happened_at is not null and (new.approved_by_id = new.happened_by_id or not exists (
       select from signature s join process_run r on r.id = s.run_id
        where r.subject_id = new.subject_id and s.signed_at = now() and s.person_id = new.approved_by_id
          and coalesce(s.on_behalf_of_id, 0) not in (new.opened_by_id, new.happened_by_id))) then
    raise exception 'emergency change % is approved by the signature of somebody who neither did nor recorded it', new.change_no using errcode = 'BW451';
  end if;
  if new.verified_at is distinct from old.verified_at and (
       old.status <> 'approved' or new.verified_at <> now()
       or exists (select from change_task t where t.change_id = new.id and t.kind = 'task' and (t.done_at is null or t.done_by_id = new.verified_by_id))
       or not exists (
         select from signature s join process_run r on r.id = s.run_id
          where r.subject_id = new.subject_id and s.signed_at = now() and s.person_id = new.verified_by_id
            and not exists (
              select from change_task t where t.change_id = new.id and t.kind = 'task' and t.done_by_id = s.on_behalf_of_id))) then
    raise exception 'change % is verified when its tasks are done, by the signature of somebody who did none', new.change_no using errcode = 'BW420';
  end if;
  if (new.effective_at, new.effective_batch, new.effective_by_id) is distinct from (old.effective_at, old.effective_batch, old.effective_by_id)
     and not (new.happened_at is not null and old.status = 'open' and new.status = 'approved' and new.effective_at = now()
              and new.effective_batch is null and new.effective_by_id = new.approved_by_id) and (
       old.status <> 'approved' or old.verified_at is null or new.effective_at < now()
       or (old.effective_at <= now() and (old.effective_batch is null or exists (select from lot l where l.lot_no = old.effective_batch)))
       or exists (select from change_task t join person p on p.id = t.owner_id
                   where t.change_id = new.id and t.done_at is null and (t.kind = 'task' or p.active))
       or not exists (select from signature s join process_run r on r.id = s.run_id
                       where r.subject_id = new.subject_id and s.signed_at = now() and s.person_id = new.effective_by_id)) then
    raise exception 'change % takes effect from now on, once, by a signature, when it is verified and everybody is trained', new.change_no using errcode = 'BW424';
  end if;
  if new.status = 'closed' and new.effective_at is not null and (new.effective_at > now()
       or (new.effective_batch is not null and not exists (select from lot l where l.lot_no = new.effective_batch))) then
    raise exception 'change % isn''t in effect yet', new.change_no using errcode = 'BW425';
  end if;
  if new.status = 'closed' and (
       (new.verified_at is null and exists (select from change_task t where t.change_id = new.id))
       or exists (select from change_task t join person p on p.id = t.owner_id
                   where t.change_id = new.id and t.done_at is null and (t.kind = 'task' or p.active))) then
    raise exception 'change % isn''t verified, or somebody isn''t trained for it', new.change_no using errcode = 'BW421';
  end if;
  if new.status = 'closed' and exists (
       select from change_lock k where k.change_id = new.id and k.decided_at is null and k.freed_at is null) then
    raise exception 'a batch waits for the decision of change %', new.change_no using errcode = 'BW382';
  end if;
  return new;
end $function$;

-- A lock is set open by an approved change, or by one that was done already and isn't approved, and decided once, by a signature of its change, or as
-- the batch was that it was split from; nobody edits it away (ISO 13485 7.3.9; REQUIREMENTS 46).
create or replace function change_lock_wall() returns trigger language plpgsql as $function$
declare
  c change;
begin
  select * into c from change where id = new.change_id;
  if tg_op = 'INSERT' then
    if not (c.status = 'approved' or (c.happened_at is not null and c.status in ('open', 'refused'))) or new.locked_at <> now() or num_nonnulls(new.decided_at, new.freed_at) > 0 then
      raise exception 'a batch is paused by a change that is approved or was done already, now' using errcode = 'BW383';
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
  if new.freed_at is not null and not (new.freed_at = now() and (
       (c.status = 'withdrawn' and c.closed_at = now())
       or (c.happened_at is not null and c.status = 'approved' and c.approved_at = now()))) then
    raise exception 'a lock is freed when its change is withdrawn, or what was done before is approved' using errcode = 'BW384';
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
     where n.kind in ('split', 'repack') and k.decided_at is null and k.freed_at is null and (c.status = 'approved' or c.happened_at is not null)
     order by k.change_id, n.child_lot_id
    on conflict (change_id, lot_id) do nothing;
  update change_lock o set decision = k.decision, decided_at = k.decided_at, decided_by_id = k.decided_by_id, reason = k.reason
    from new_rows n join change_lock k on k.lot_id = n.parent_lot_id
   where n.kind in ('split', 'repack') and k.decided_at is not null and o.change_id = k.change_id and o.lot_id = n.child_lot_id
     and o.decided_at is null and o.freed_at is null;
  return null;
end $function$;
