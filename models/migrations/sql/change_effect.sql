-- A verified change takes effect at once, on a day or with a batch; what is put on record from then on is made the new way and isn't paused
-- (ISO 13485 7.3.9; STANDARDS X 53).
alter table change add column effective_at timestamptz;
alter table change add column effective_batch text;
alter table change add column effective_by_id bigint constraint fk_change_effective_by_id references person (id);
alter table change add constraint ck_change_effective_by check ((effective_at is null) = (effective_by_id is null));
alter table change add constraint ck_change_effective_batch check (effective_batch is null or (effective_at is not null and btrim(effective_batch) <> ''));

-- Whether a batch is made the new way of a change: put on record when it was in effect, by its day and from the batch on that it names.
create or replace function change_governs(of_change bigint, of_lot bigint) returns boolean language sql stable as $function$
  select exists (
    select from change c join lot l on l.id = of_lot
     where c.id = of_change and c.effective_at <= l.created_at
       and (c.effective_batch is null or exists (select from lot b where b.lot_no = c.effective_batch and b.id <= of_lot)))
$function$;

-- A batch that is made while a change is approved, not closed and not yet in effect is caught, in the transaction that makes it.  Whoever makes one
-- shares the lock that an approval has alone, so none is made beside it unseen.
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
     where c.status = 'approved' and not change_governs(c.id, p.lot_id) order by c.id, p.lot_id
    on conflict (change_id, lot_id) do nothing;
  return null;
end $function$;

-- A change is approved by the signature of somebody who didn't ask for it, is verified by somebody who did none of its tasks, takes effect when
-- everybody is trained, ends by a signature, and is closed when every batch that it pauses is decided on (ISO 13485 7.3.9, 6.2; STANDARDS X 53).
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
  if (new.effective_at, new.effective_batch, new.effective_by_id) is distinct from (old.effective_at, old.effective_batch, old.effective_by_id) and (
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
