-- The walls of change: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- what walls ask, and what stands at tables of other nouns ----------

-- Which batches a thing touches, of those named where some are: one function for each kind of thing that can change, `affected_by_<kind>`.
-- Whoever lets another kind of thing change adds the function of that name (models/process/changeable.py).
create or replace function affected_by_definition(target text, among bigint[]) returns setof bigint language sql stable as $function$
  select r.lot_id from definition_version d join process_run r on r.definition_id = d.id
   where d.key = target and r.status = 'running' and r.lot_id is not null and (among is null or r.lot_id = any (among))
$function$;

-- Which batches a thing touches, of those named where some are: one function for each kind of thing that can change, `affected_by_<kind>`.
-- Whoever lets another kind of thing change adds the function of that name (models/process/changeable.py).
create or replace function affected_by_software(target text, among bigint[]) returns setof bigint language sql immutable as $function$
  -- no register of software yet: its batches are named by hand
  select null::bigint where false
$function$;

-- A batch that is made while a change is approved and not closed is caught, in the transaction that makes it.  Whoever makes one shares the
-- lock that an approval has alone, so none is made beside it unseen.
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
     where (c.status = 'approved' or (c.status = 'open' and c.happened_at is not null)) and not change_governs(c.id, p.lot_id)
       and not (num_nonnulls(c.ends_at, c.most_batches) > 0 and c.effective_at <= clock_timestamp()) order by c.id, p.lot_id
    on conflict (change_id, lot_id) do nothing;
  return null;
end $function$;

-- Whether a batch is made the new way of a change: put on record when it was in effect, by its day and from the batch on that it names.
create or replace function change_governs(of_change bigint, of_lot bigint) returns boolean language sql stable as $function$
  select exists (
    select from change c join lot l on l.id = of_lot
     where c.id = of_change and c.effective_at <= l.created_at
       and (c.effective_batch is null or exists (select from lot b where b.lot_no = c.effective_batch and b.id <= of_lot)))
$function$;

-- How many batches of the number that a temporary change is for are made.
create or replace function change_made(of_change bigint) returns integer language sql stable as $function$
  select count(*)::integer from change_batch b where b.change_id = of_change
$function$;

-- What somebody has named by hand, and what became of it: until the approval, which locks it, or of an emergency change since it was done.
create or replace function change_names(of_change bigint) returns setof bigint language sql stable as $function$
  select goods_after(array(select l.id from lot l where l.lot_no = any (c.also)), c.happened_at, case when c.happened_at is null then c.approved_at end)
    from change c where c.id = of_change
$function$;

-- The batches that a change pauses and from which step on: those that haven't come past its first step.  What is released and used up isn't
-- there any more; of a batch that is just being made nothing can be in stock yet.
create or replace function change_pauses(of_change bigint, among bigint[])
  returns table(lot_id bigint, step text, seq integer) language sql stable as $function$
  select s.lot_id, case when c.first_step = 'next' then s.step else c.first_step end, case when c.first_step = 'next' then s.seq else c.first_seq end
    from change c, batch_stands(array(select distinct t from change_touches(of_change, among) t)) s
   where c.id = of_change and (c.first_step = 'next' or batch_step_rank(s.step, s.seq) <= batch_step_rank(c.first_step, c.first_seq))
     and (s.step <> 'leave' or among is not null or exists (select from stock k where k.lot_id = s.lot_id and k.quantity > 0))
$function$;

-- Whether a batch is made the way of a change that is in effect: by its day and its first batch, and of a temporary one before its end and within its
-- number.  What is split, merged or repacked of a batch of that number is of that number, and takes no place of its own.
create or replace function change_runs_so(of_change bigint, of_lot bigint) returns boolean language sql stable as $function$
  select change_governs(of_change, of_lot) and exists (
    select from change c join lot l on l.id = of_lot
     where c.id = of_change and (c.ends_at is null or l.created_at < c.ends_at)
       and (c.most_batches is null or exists (
         select from change_batch b where b.change_id = c.id and b.lot_id = any (array(select g.was from goods_before(array[of_lot], null) g)))))
$function$;

-- Everything that a change touches, of those batches where some are named: by what changes, and what somebody has named by hand, both with what the goods
-- have become.  Of an emergency change that was recorded after it was done: what of it anything has happened to since.
create or replace function change_touches(of_change bigint, among bigint[]) returns setof bigint language plpgsql stable as $function$
declare
  c change;
  found bigint[];
begin
  select * into c from change where id = of_change;
  if among is null then
    execute format('select array(select %I($1, null))', 'affected_by_' || c.kind) into found using c.target;
    found := array(select goods_after(found, null, null));
  else
    execute format('select array(select %I($1, $2))', 'affected_by_' || c.kind)
      into found using c.target, array(select b.was from goods_before(among, null) b);
    found := array(select b.lot_id from goods_before(among, null) b where b.was = any (found));
  end if;
  return query select f from unnest(found) f
    where c.happened_at is null
       or exists (select from lot l where l.id = f and l.created_at >= c.happened_at)
       or exists (select from lot_fact t where t.lot_id = f and coalesce(t.happened_at, t.at) >= c.happened_at);
  if among is null then
    return query select goods_after(array(select l.id from lot l where l.lot_no = any (c.also)), c.happened_at, null);
  else
    return query select b.lot_id from goods_before(among, c.happened_at) b join lot l on l.id = b.was where l.lot_no = any (c.also);
  end if;
end $function$;

-- change ------------------------------------------------------------

alter table change
  add constraint ck_change_approved check ((status <> all (array['approved'::text, 'closed'::text])) or approved_at is not null),
  add constraint ck_change_approved_by check ((approved_at is null) = (approved_by_id is null)),
  add constraint ck_change_closed check ((status = any (array['open'::text, 'approved'::text])) = (closed_at is null)),
  add constraint ck_change_effective_batch check (effective_batch is null or effective_at is not null and btrim(effective_batch) <> ''::text),
  add constraint ck_change_effective_by check ((effective_at is null) = (effective_by_id is null)),
  add constraint ck_change_emergency check (num_nulls(happened_at, happened_by_id, happened, urgent, decide_by) = any (array[0, 5])),
  add constraint ck_change_emergency_said check (btrim(happened) <> ''::text and btrim(urgent) <> ''::text),
  add constraint ck_change_ended check ((ended_at is null) = (ended_by is null) and (ended_at is null or num_nonnulls(ends_at, most_batches) > 0)),
  add constraint ck_change_ended_by check (ended_by = any (array['day'::text, 'number'::text, 'hand'::text])),
  add constraint ck_change_ends check ((ends_on is null) = (ends_at is null)),
  add constraint ck_change_first_seq check ((first_step = 'operation'::text) = (first_seq > 0)),
  add constraint ck_change_first_step check (first_step = any (array['next'::text, 'incoming'::text, 'operation'::text, 'final'::text, 'package'::text, 'release'::text, 'put_away'::text, 'leave'::text])),
  add constraint ck_change_happened check (happened_at <= opened_at),
  add constraint ck_change_kind check (kind ~ '^[a-z_]+$'::text),
  add constraint ck_change_most_batches check (most_batches > 0),
  add constraint ck_change_said check (btrim(title) <> ''::text and btrim(reason) <> ''::text and btrim(target) <> ''::text),
  add constraint ck_change_status check (status = any (array['open'::text, 'approved'::text, 'closed'::text, 'refused'::text, 'withdrawn'::text])),
  add constraint ck_change_temporary check (num_nonnulls(ends_at, most_batches) = 0 or happened_at is null and permanent_of_id is null),
  add constraint ck_change_verified_by check ((verified_at is null) = (verified_by_id is null));

-- The end of a temporary change stays as it was approved, unless it is extended or brought forward by a signature; it comes once, when its day has ended
-- or its number is made; and nothing is approved that has ended already, nor closed before it has (ISO 13485 7.3.9; STANDARDS X 53).
-- Refuses with BW380, BW482, BW483, BW484, BW485
create or replace function change_temporary_wall() returns trigger language plpgsql as $function$
declare
  signed boolean;
  zone text := (select s.zone from site s order by s.id limit 1);
begin
  if tg_op = 'INSERT' then
    if new.ended_at is not null or new.ends_at is distinct from ((new.ends_on + 1)::timestamp at time zone zone) or new.ends_at <= now() then
      raise exception 'a temporary change ends after a day of the plant that is to come' using errcode = 'BW482';
    end if;
    if new.permanent_of_id is not null and not exists (
         select from change c where c.id = new.permanent_of_id and num_nonnulls(c.ends_at, c.most_batches) > 0 and c.approved_at is not null) then
      raise exception 'only a temporary change that was approved is made permanent' using errcode = 'BW485';
    end if;
    return new;
  end if;
  signed := exists (select from signature s join process_run r on r.id = s.run_id where r.subject_id = new.subject_id and s.signed_at = now());
  if (num_nonnulls(new.ends_at, new.most_batches) > 0) <> (num_nonnulls(old.ends_at, old.most_batches) > 0)
     or new.permanent_of_id is distinct from old.permanent_of_id then
    raise exception 'what change % asks for never changes', old.change_no using errcode = 'BW380';
  end if;
  if (new.ends_on, new.ends_at, new.most_batches) is distinct from (old.ends_on, old.ends_at, old.most_batches) and not (
       (new.ends_at = now() and new.ends_on is not distinct from old.ends_on and new.most_batches is not distinct from old.most_batches
        and new.ended_by = 'hand' and old.ended_at is null and signed)
       or (new.ended_at is null and new.ends_at is not distinct from ((new.ends_on + 1)::timestamp at time zone zone) and exists (
         select from change_extension e where e.change_id = new.id and e.approved_at = now()
            and (e.to_day, e.to_batches) is not distinct from (new.ends_on, new.most_batches)))) then
    raise exception 'the end of temporary change % moves by a signature', old.change_no using errcode = 'BW483';
  end if;
  if new.ended_at is distinct from old.ended_at and (
       old.ended_at is not null or new.ended_at <> now() or new.status <> 'approved' or new.effective_at is null
       or not case new.ended_by when 'day' then new.ends_at <= now() when 'number' then change_made(new.id) >= new.most_batches
                                else signed and new.ends_at = now() end) then
    raise exception 'temporary change % ends once, when its day has ended or its number is made', old.change_no using errcode = 'BW484';
  end if;
  if new.ends_at <= now() and ((new.approved_at is distinct from old.approved_at) or (new.effective_at is distinct from old.effective_at)) then
    raise exception 'temporary change % would begin after its end', old.change_no using errcode = 'BW482';
  end if;
  if new.effective_at >= new.ends_at and new.effective_at is distinct from old.effective_at then
    raise exception 'temporary change % would begin after its end', old.change_no using errcode = 'BW482';
  end if;
  if new.status = 'closed' and num_nonnulls(new.ends_at, new.most_batches) > 0 and new.ended_at is null then
    raise exception 'temporary change % has not ended yet', old.change_no using errcode = 'BW484';
  end if;
  return new;
end $function$;
create trigger change_temporary_wall before insert or update on change for each row execute function change_temporary_wall();

-- A change is approved by the signature of somebody who didn't ask for it, ends by a signature, and is closed when every batch that it pauses is
-- decided on (ISO 13485 7.3.9; STANDARDS X 53).
-- Refuses with BW379, BW380, BW381, BW382, BW420, BW421, BW424, BW425, BW450, BW451
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
     or (to_jsonb(new) - array['status', 'approved_at', 'approved_by_id', 'verified_at', 'verified_by_id', 'effective_at', 'effective_batch', 'effective_by_id', 'closed_at', 'ends_on', 'ends_at', 'most_batches', 'ended_at', 'ended_by', 'permanent_of_id']) is distinct from
        (to_jsonb(old) - array['status', 'approved_at', 'approved_by_id', 'verified_at', 'verified_by_id', 'effective_at', 'effective_batch', 'effective_by_id', 'closed_at', 'ends_on', 'ends_at', 'most_batches', 'ended_at', 'ended_by', 'permanent_of_id'])
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
create trigger change_wall before insert or update on change for each row execute function change_wall();

-- The subject of a change has its number and title: they follow the row (DESIGN 6a).
create or replace function subject_called_change()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  update subject s set number = new.change_no, title = new.title, title_en = new.title_en where s.id = new.subject_id;
  return null;
end $function$;
create trigger subject_called after update of change_no, title, title_en on change for each row
  execute function subject_called_change();

-- Each change has a subject of its own, made in the statement that makes the row, whatever door it comes through (DESIGN 6a).
-- Refuses with BW353
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

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on change for each statement execute function api_stays_out();
create trigger audit_delete after delete on change referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on change referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on change referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger change_no_is_no_label before insert or update of change_no on change for each row
  when (may_be_label(new.change_no)) execute function number_is_no_label('change_no', 'BW260');
create trigger fixed_key before update on change for each row execute function identity_is_fixed();
create trigger kept before delete on change for each row execute function kept();
create trigger opened_by_its_actor before insert on change for each row execute function by_its_actor('opened_by_id');
create trigger subject_fixed before update of subject_id on change for each row
  when (old.subject_id is distinct from new.subject_id) execute function subject_fixed();

-- change_batch ------------------------------------------------------

alter table change_batch
  add constraint ck_change_batch_place check (place > 0);

-- A place in the number of a temporary change is given by the database itself, in its order and never beyond it (ISO 13485 7.3.9).
-- Refuses with BW480
create or replace function change_batch_wall() returns trigger language plpgsql as $function$
begin
  if not exists (select from change c where c.id = new.change_id and c.status = 'approved' and c.ended_at is null and c.effective_at <= now()
                    and new.place <= c.most_batches and new.place = change_made(c.id) + 1) or new.made_at <> now() then
    raise exception 'a batch takes the next place in the number of a temporary change that is in effect' using errcode = 'BW480';
  end if;
  return new;
end $function$;
create trigger change_batch_wall before insert on change_batch for each row execute function change_batch_wall();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on change_batch for each statement execute function api_stays_out();
create trigger append_only before delete or update on change_batch for each row execute function append_only();
create trigger append_only_truncate before truncate on change_batch for each statement execute function append_only();
create trigger audit_delete after delete on change_batch referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on change_batch referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on change_batch referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on change_batch for each row execute function identity_is_fixed();

-- change_extension --------------------------------------------------

alter table change_extension
  add constraint ck_change_extension_longer check ((from_day is null) = (to_day is null) and (from_batches is null) = (to_batches is null) and num_nonnulls(to_day, to_batches) > 0 and coalesce(to_day >= from_day, true) and coalesce(to_batches >= from_batches, true) and (coalesce(to_day > from_day, false) or coalesce(to_batches > from_batches, false))),
  add constraint ck_change_extension_number check (number > 0),
  add constraint ck_change_extension_other check (asked_by_id <> approved_by_id),
  add constraint ck_change_extension_said check (btrim(reason) <> ''::text);

-- A temporary change is extended while it isn't over, by the signature of somebody who didn't ask for it, each time counted (ISO 13485 7.3.9).
-- Refuses with BW481
create or replace function change_extension_wall() returns trigger language plpgsql as $function$
declare
  c change;
begin
  select * into c from change where id = new.change_id;
  if c.status <> 'approved' or c.effective_at is null or c.ended_at is not null or c.ends_at <= now() or change_made(c.id) >= c.most_batches
     or (new.from_day, new.from_batches) is distinct from (c.ends_on, c.most_batches) or new.approved_at <> now()
     or new.number <> 1 + (select count(*) from change_extension e where e.change_id = c.id)
     or not exists (select from signature s join process_run r on r.id = s.run_id
                     where r.subject_id = c.subject_id and s.signed_at = now() and s.person_id = new.approved_by_id
                       and s.on_behalf_of_id is distinct from new.asked_by_id) then
    raise exception 'a temporary change is extended before its end, by the signature of somebody who didn''t ask for it' using errcode = 'BW481';
  end if;
  return new;
end $function$;
create trigger change_extension_wall before insert on change_extension for each row execute function change_extension_wall();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on change_extension for each statement
  execute function api_stays_out();
create trigger append_only before delete or update on change_extension for each row execute function append_only();
create trigger append_only_truncate before truncate on change_extension for each statement execute function append_only();
create trigger audit_delete after delete on change_extension referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on change_extension referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on change_extension referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on change_extension for each row execute function identity_is_fixed();

-- change_impact -----------------------------------------------------

alter table change_impact
  add constraint ck_change_impact_version check (version > 0);

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on change_impact for each statement
  execute function api_stays_out();
create trigger append_only before delete or update on change_impact for each row execute function append_only();
create trigger append_only_truncate before truncate on change_impact for each statement execute function append_only();
create trigger audit_delete after delete on change_impact referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on change_impact referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on change_impact referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on change_impact for each row execute function identity_is_fixed();

-- change_lock -------------------------------------------------------

alter table change_lock
  add constraint ck_change_lock_decided check (num_nulls(decision, decided_at, decided_by_id, reason) = any (array[0, 4])),
  add constraint ck_change_lock_decision check (decision = any (array['old_way'::text, 'new_way'::text, 'rework'::text, 'scrap'::text])),
  add constraint ck_change_lock_freed check (num_nonnulls(decided_at, freed_at) < 2),
  add constraint ck_change_lock_step check (step = any (array['incoming'::text, 'operation'::text, 'final'::text, 'package'::text, 'release'::text, 'put_away'::text, 'leave'::text]));

-- A lock is set open by an approved change and decided once, by a signature of its change, or as the batch was that it was split from; nobody
-- edits it away (ISO 13485 7.3.9; REQUIREMENTS 46).
-- Refuses with BW383, BW384
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
create trigger change_lock_wall before insert or update on change_lock for each row execute function change_lock_wall();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on change_lock for each statement execute function api_stays_out();
create trigger audit_delete after delete on change_lock referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on change_lock referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on change_lock referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on change_lock for each row execute function identity_is_fixed();
create trigger kept before delete on change_lock for each row execute function kept();

-- change_task -------------------------------------------------------

alter table change_task
  add constraint ck_change_task_done check ((done_at is null) = (done_by_id is null)),
  add constraint ck_change_task_kind check (kind = any (array['task'::text, 'training'::text])),
  add constraint ck_change_task_read_by check (kind = 'task'::text or coalesce(done_by_id, owner_id) = owner_id),
  add constraint ck_change_task_said check (number > 0 and btrim(title) <> ''::text);

-- A task is planned for an approved change that isn't verified, stays what it was planned as, and is done once, by the signature of whoever did it
-- (ISO 13485 7.3.9, 6.2).
-- Refuses with BW422, BW423
create or replace function change_task_wall() returns trigger language plpgsql as $function$
declare
  c change;
begin
  select * into c from change where id = new.change_id;
  if tg_op = 'INSERT' then
    if c.status <> 'approved' or c.verified_at is not null or new.planned_at <> now() or new.done_at is not null
       or not exists (select from process_run r where r.id = new.run_id and r.subject_id = c.subject_id) then
      raise exception 'a task is planned for an approved change that isn''t verified' using errcode = 'BW422';
    end if;
    return new;
  end if;
  if new is not distinct from old then
    return new;
  end if;
  if old.done_at is not null
     or (to_jsonb(new) - array['done_at', 'done_by_id']) is distinct from (to_jsonb(old) - array['done_at', 'done_by_id'])
     or new.done_at <> now() or not exists (
       select from signature s where s.run_id = new.run_id and s.person_id = new.done_by_id and s.signed_at = now()) then
    raise exception 'a task of a change stays what it was planned as, and is done once, by the signature of whoever did it' using errcode = 'BW423';
  end if;
  return new;
end $function$;
create trigger change_task_wall before insert or update on change_task for each row execute function change_task_wall();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on change_task for each statement execute function api_stays_out();
create trigger audit_delete after delete on change_task referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on change_task referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on change_task referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on change_task for each row execute function identity_is_fixed();
create trigger kept before delete on change_task for each row execute function kept();
