-- The walls of supplier: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- what walls ask, and what stands at tables of other nouns ----------

-- Whether an entry of the list, as it stands, covers what came in that revision with that certificate today at the plant; of a number of lots
-- without counting them.
create or replace function approval_covers(a supplier_approval, came text, certificate text) returns boolean language sql stable as $function$
  select a.status = 'approved' and (a.revision = '' or lower(a.revision) = lower(came)) and a.condition <> 'other'
     and (a.condition <> 'certificate' or coalesce(btrim(certificate), '') <> '')
     and coalesce(a.expires_on >= (now() at time zone coalesce((select p.zone from site p order by p.id limit 1), 'UTC'))::date, true)
$function$;

-- The signature that approves a supplier lets go of what was kept apart only because no approval covered it, and of nothing else: not of what
-- came from somebody whom the plant had refused, without its certificate or under a condition.  What became of such a lot is let go of with the
-- last of them that holds it (ISO 13485 7.4.1, 7.4.3; STANDARDS Q 87).
create or replace function approval_frees(of_hold bigint) returns boolean language sql stable as $function$
  select exists (
    select from hold h join signature s on s.id = h.lift_signature_id and s.person_id = h.lifted_by_id and s.signed_at = now()
      join process_run p on p.id = s.run_id and p.id = h.lift_run_id
      join supplier_approval a on a.subject_id = p.subject_id and a.approved_at = now() and a.approved_by_id = s.person_id
     where h.id = of_hold and h.cause = 'supplier' and case
       when exists (select from supplier_receipt r where r.hold_id = h.id) then
         (a.condition <> 'lots' or approval_taken(a) <= a.most_lots) and exists (
           select from supplier_receipt r join lot l on l.id = r.lot_id
            where r.hold_id = h.id and (l.supplier_id, l.item_id) = (a.supplier_id, a.item_id)
              and r.finding in ('unlisted', 'revision', 'undecided', 'expired', 'used_up')
              and approval_covers(a, r.revision, r.certificate_no))
       else exists (
           select from hold k join supplier_receipt r on r.hold_id = k.id
            where k.lot_id = any(lots_above(array[h.lot_id])) and k.reason = h.reason and k.lift_signature_id = s.id)
         and not exists (
           select from hold k join supplier_receipt r on r.hold_id = k.id
            where k.lot_id = any(lots_above(array[h.lot_id])) and k.reason = h.reason and k.lifted_at is null)
       end)
$function$;

-- How many lots have come under the newest terms of an entry: those that it covered when they were received, and those that its signature
-- let go of later.
create or replace function approval_taken(a supplier_approval) returns bigint language sql stable as $function$
  select (select count(*) from supplier_receipt r
           where r.approval_id = a.id and r.finding = 'approved' and r.terms_at is not distinct from a.approved_at)
       + (select count(*) from lot l join supplier_receipt r on r.lot_id = l.id join hold h on h.id = r.hold_id
            join signature s on s.id = h.lift_signature_id and s.signed_at = a.approved_at join process_run p on p.id = s.run_id
           where (l.supplier_id, l.item_id) = (a.supplier_id, a.item_id) and p.subject_id = a.subject_id)
$function$;

-- Who was relied on before the list was kept is on it: what lots were received from whom, and what the register or an import says that a
-- supplier delivers.  Without an end, until somebody assesses it; whom the plant has blocked isn't carried over.
create or replace function carry_over_suppliers(from_where text) returns bigint language sql as $function$
  with known as (
    select l.supplier_id, l.item_id from lot l where l.supplier_id is not null and l.kind in ('raw', 'component')
    union
    select p.supplier_id, p.item_id from supplier_item p join item i on i.id = p.item_id
     where p.kind = 'supplier' and i.kind in ('raw', 'component')
  ), fresh as (
    select k.*, row_number() over (order by k.supplier_id, k.item_id) as n, count(*) over () as total
      from known k join supplier s on s.id = k.supplier_id and s.status <> 'blocked'
     where not exists (select from supplier_approval a where (a.supplier_id, a.item_id) = (k.supplier_id, k.item_id))
  ), taken as (
    insert into numbering as c (kind, scope, site_id, year, next)
    select 'supplier_approval', '', (select min(p.id) from site p), 0, f.total + 1 from fresh f where f.n = 1
    on conflict (kind, scope, site_id, year) do update set next = c.next + excluded.next - 1
    returning c.next
  ), made as (
    insert into supplier_approval (approval_no, supplier_id, item_id, origin, status)
    select 'SA-' || lpad((t.next - f.total + f.n - 1)::text, 5, '0'), f.supplier_id, f.item_id, from_where, 'approved' from fresh f cross join taken t order by f.n
    returning id
  ) select count(*) from made
$function$;

-- How strictly the next lot is inspected, after lots that were inspected in one way since it was switched: whether each was accepted, the newest
-- first, of whom five are looked at (GB/T 2828.1 9.3.1, 9.3.2; ISO 2859-1 9.3).
create or replace function sampling_after(before text, newest boolean[]) returns text language sql immutable as $function$
  select case before
    when 'tightened' then case when cardinality(newest) >= 5 and not (false = any(newest[1:5])) then 'normal' else 'tightened' end
    else case when (select count(*) from unnest(newest[1:5]) as e (accepted) where not e.accepted) >= 2 then 'tightened' else 'normal' end end
$function$;

-- sampling_lot ------------------------------------------------------

alter table sampling_lot
  add constraint ck_sampling_lot_seq check (seq > 0),
  add constraint ck_sampling_lot_severity check ((severity = any (array['normal'::text, 'tightened'::text])) and (then_severity = any (array['normal'::text, 'tightened'::text])));

-- A lot counts once, in the series of its own supplier and item, when its first incoming inspection is decided; it was inspected as the series stood,
-- and how the next one is follows from the switching rules (GB/T 2828.1 9.3; STANDARDS Q 88: what is submitted again isn't counted).
-- Refuses with BW458
create or replace function sampling_lot_wall() returns trigger language plpgsql as $function$
declare
  s sampling_severity;
  last sampling_lot;
  newest boolean[];
begin
  select * into s from sampling_severity where id = new.severity_id;
  select * into last from sampling_lot where severity_id = new.severity_id order by seq desc limit 1;
  select array(
    select p.accepted from sampling_lot p
     where p.severity_id = new.severity_id
       and p.seq > coalesce((select max(q.seq) from sampling_lot q where q.severity_id = new.severity_id and q.severity <> q.then_severity), 0)
     order by p.seq desc limit 4) into newest;
  if new.judged_at <> now() or new.seq <> 1 + coalesce(last.seq, 0) or new.severity is distinct from coalesce(last.then_severity, 'normal')
     or new.then_severity is distinct from sampling_after(new.severity, array_prepend(new.accepted, newest))
     or not exists (
       select from lot l join inspection i on i.lot_id = l.id
        where l.id = new.lot_id and (l.supplier_id, l.item_id) = (s.supplier_id, s.item_id) and i.id = new.inspection_id and i.stage = 'incoming'
          and i.revision = 1 and i.status = case when new.accepted then 'accepted' else 'failed' end and i.decided_at = now()) then
    raise exception 'a lot counts with its first incoming inspection, and switches its sampling by the rules' using errcode = 'BW458';
  end if;
  return new;
end $function$;
create trigger sampling_lot_wall before insert on sampling_lot for each row execute function sampling_lot_wall();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on sampling_lot for each statement execute function api_stays_out();
create trigger append_only before delete or update on sampling_lot for each row execute function append_only();
create trigger append_only_truncate before truncate on sampling_lot for each statement execute function append_only();
create trigger audit_delete after delete on sampling_lot referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on sampling_lot referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on sampling_lot referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on sampling_lot for each row execute function identity_is_fixed();

-- sampling_severity -------------------------------------------------

alter table sampling_severity
  add constraint ck_sampling_severity_severity check (severity = any (array['normal'::text, 'tightened'::text]));

-- How strictly lots are inspected begins as normal, and is what the newest lot of the series made it (GB/T 2828.1 9.3; STANDARDS Q 88).
-- Refuses with BW459
create or replace function sampling_severity_wall() returns trigger language plpgsql as $function$
begin
  if tg_op = 'INSERT' then
    if new.severity <> 'normal' then
      raise exception 'sampling begins as normal' using errcode = 'BW459';
    end if;
    return new;
  end if;
  if new is not distinct from old then
    return new;
  end if;
  if (new.supplier_id, new.item_id) is distinct from (old.supplier_id, old.item_id) or new.since is distinct from now()
     or new.severity is distinct from (select p.then_severity from sampling_lot p where p.severity_id = new.id order by p.seq desc limit 1) then
    raise exception 'sampling is switched by its lots only' using errcode = 'BW459';
  end if;
  return new;
end $function$;
create trigger sampling_severity_wall before insert or update on sampling_severity for each row
  execute function sampling_severity_wall();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on sampling_severity for each statement
  execute function api_stays_out();
create trigger audit_delete after delete on sampling_severity referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on sampling_severity referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on sampling_severity referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on sampling_severity for each row execute function identity_is_fixed();
create trigger kept before delete on sampling_severity for each row execute function kept();

-- supplier_approval -------------------------------------------------

alter table supplier_approval
  add constraint ck_supplier_approval_approved check (status <> 'approved'::text or approved_at is null and origin <> 'native'::text or expires_on is not null and reassess_on is not null),
  add constraint ck_supplier_approval_approved_by check ((approved_at is null) = (approved_by_id is null)),
  add constraint ck_supplier_approval_condition check (condition = any (array['none'::text, 'certificate'::text, 'lots'::text, 'other'::text])),
  add constraint ck_supplier_approval_condition_text check (condition <> 'other'::text or btrim(condition_text) <> ''::text),
  add constraint ck_supplier_approval_most_lots check ((condition = 'lots'::text) = (most_lots is not null) and most_lots > 0),
  add constraint ck_supplier_approval_origin check (origin = any (array['native'::text, 'carried_over'::text, 'migrated'::text])),
  add constraint ck_supplier_approval_reassess check (reassess_on < expires_on),
  add constraint ck_supplier_approval_refused check ((status = 'refused'::text) = (refused_at is not null)),
  add constraint ck_supplier_approval_revision check (revision = btrim(revision)),
  add constraint ck_supplier_approval_round check (round > 0),
  add constraint ck_supplier_approval_status check (status = any (array['requested'::text, 'approved'::text, 'refused'::text]));

-- Each entry has a subject of its own, made in the statement that makes the row, whatever door it comes through (DESIGN 6a).
-- Refuses with BW353
create or replace function subject_of_supplier_approval()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  if exists (select from new_rows n where n.subject_id > (select last_value from subject_id_seq)) then
    raise exception 'the subject of a row is numbered with it' using errcode = 'BW353';
  end if;

  insert into subject (id, kind, number, title, title_en, titled_by_id, site_id, entity_id, owner_id, opened_at)
  with made as materialized (
    select n.subject_id as id, n.approval_no as number, concat_ws(' ', s.name, '×', i.name, nullif(n.revision, '')) as title,
           concat_ws(' ', coalesce(s.name_en, s.name), '×', coalesce(i.name_en, i.name), nullif(n.revision, '')) as title_en,
           null::bigint as titled_by_id, (select min(p.id) from site p) as site_id, n.opened_at as opened_at, i.category as family,
           n.supplier_id as supplier_id
      from new_rows n join supplier s on s.id = n.supplier_id join item i on i.id = n.item_id),
  owned as materialized (
    select array[w.family, w.supplier_id::text, w.site_id::text] as for_whom,
           subject_owner('supplier_approval', w.family, w.supplier_id, w.site_id, null) as owner_id,
           (select e.id from legal_entity e where e.site_id = w.site_id) as entity_id
      from (select distinct family, supplier_id, site_id from made) w)
  select m.id, 'supplier_approval', m.number, m.title, m.title_en, m.titled_by_id, m.site_id, o.entity_id, o.owner_id, m.opened_at
    from made m join owned o on o.for_whom = array[m.family, m.supplier_id::text, m.site_id::text];
  return null;
end $function$;
create trigger subject_made after insert on supplier_approval referencing new table as new_rows for each statement
  execute function subject_of_supplier_approval();

-- An entry of the list of approved suppliers begins as a request, or is carried over by an update or an import; two different people sign
-- before it is in force, and nobody edits it afterwards (ISO 13485 7.4.1; STANDARDS Q 87).
-- Refuses with BW399, BW400, BW401, BW402
create or replace function supplier_approval_wall() returns trigger language plpgsql as $function$
begin
  if tg_op = 'INSERT' then
    if new.round <> 1 or new.approved_at is not null or not (
         (new.origin = 'native' and new.status = 'requested' and num_nonnulls(new.expires_on, new.reassess_on) = 0 and new.condition = 'none')
         or (new.origin = 'carried_over' and new.status = 'approved' and current_setting('bw.actor_id', true) = 'service:update')
         or (new.origin = 'migrated' and new.status = 'approved' and imported_now())) then
      raise exception 'supplier approval % begins as a request', new.approval_no using errcode = 'BW399';
    end if;
    return new;
  end if;
  if new is not distinct from old then
    return new;
  end if;
  if (new.public_id, new.approval_no, new.supplier_id, new.item_id, new.revision, new.origin, new.opened_at)
     is distinct from
     (old.public_id, old.approval_no, old.supplier_id, old.item_id, old.revision, old.origin, old.opened_at)
     or new.round not in (old.round, old.round + 1)
     or (new.round = old.round and (new.round_at, new.reason, new.asked_by_id) is distinct from (old.round_at, old.reason, old.asked_by_id))
     or (new.round > old.round and new.round_at <> now()) then
    raise exception 'what supplier approval % is about never changes', old.approval_no using errcode = 'BW400';
  end if;
  if (new.status, new.condition, new.most_lots, new.condition_text, new.expires_on, new.reassess_on, new.approved_at, new.approved_by_id, new.refused_at)
     is not distinct from
     (old.status, old.condition, old.most_lots, old.condition_text, old.expires_on, old.reassess_on, old.approved_at, old.approved_by_id, old.refused_at) then
    return new;
  end if;
  if new.status = 'requested' or new.round <> old.round or not exists (
       select from signature s join process_run r on r.id = s.run_id
        where r.subject_id = new.subject_id and s.signed_at = now()
          and (new.asked_by_id is null or new.asked_by_id not in (s.person_id, coalesce(s.on_behalf_of_id, s.person_id)))
          and (new.status <> 'approved' or s.person_id = new.approved_by_id)) then
    raise exception 'supplier approval % is decided by a signature of somebody who didn''t ask for it', new.approval_no using errcode = 'BW401';
  end if;
  if new.status = 'approved' and (new.approved_at is distinct from now() or (
       select count(distinct s.person_id) from signature s join process_run r on r.id = s.run_id
        where r.subject_id = new.subject_id and s.signed_at >= new.round_at) < 2) then
    raise exception 'supplier approval % takes the signatures of two people', new.approval_no using errcode = 'BW402';
  end if;
  return new;
end $function$;
create trigger supplier_approval_wall before insert or update on supplier_approval for each row
  execute function supplier_approval_wall();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on supplier_approval for each statement
  execute function api_stays_out();
create trigger approval_no_is_no_label before insert or update of approval_no on supplier_approval for each row
  when (may_be_label(new.approval_no)) execute function number_is_no_label('approval_no', 'BW260');
create trigger asked_again_by_its_actor before update on supplier_approval for each row
  when (new.asked_by_id is not null and new.asked_by_id is distinct from old.asked_by_id)
  execute function by_its_actor('asked_by_id');
create trigger asked_by_its_actor before insert on supplier_approval for each row
  when (new.asked_by_id is not null) execute function by_its_actor('asked_by_id');
create trigger audit_delete after delete on supplier_approval referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on supplier_approval referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on supplier_approval referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on supplier_approval for each row execute function identity_is_fixed();
create trigger kept before delete on supplier_approval for each row execute function kept();
create trigger subject_fixed before update of subject_id on supplier_approval for each row
  when (old.subject_id is distinct from new.subject_id) execute function subject_fixed();

-- supplier_receipt --------------------------------------------------

alter table supplier_receipt
  add constraint ck_supplier_receipt_finding check (finding = any (array['approved'::text, 'uncontrolled'::text, 'unnamed'::text, 'unlisted'::text, 'revision'::text, 'undecided'::text, 'refused'::text, 'expired'::text, 'certificate'::text, 'used_up'::text, 'condition'::text])),
  add constraint ck_supplier_receipt_held check ((hold_id is null) = (finding = any (array['approved'::text, 'uncontrolled'::text])));

-- Under which entry of the list a lot was received is judged with its receipt: one that no entry in force covers is held in the same
-- transaction (ISO 13485 7.4.1, 7.4.3; STANDARDS Q 87).
-- Refuses with BW403
create or replace function supplier_receipt_wall() returns trigger language plpgsql as $function$
declare
  l lot;
  a supplier_approval;
begin
  select * into l from lot where id = new.lot_id;
  select * into a from supplier_approval where id = new.approval_id;
  if new.judged_at <> now() or new.terms_at is distinct from a.approved_at
     or (a.id is not null and (a.supplier_id is distinct from l.supplier_id or a.item_id <> l.item_id)) then
    raise exception 'lot % is judged by the approval of its own supplier and item, when it is received', l.lot_no using errcode = 'BW403';
  end if;
  if new.finding = 'approved' and (a.id is null or not approval_covers(a, new.revision, new.certificate_no)
       or (a.condition = 'lots' and approval_taken(a) >= a.most_lots)) then
    raise exception 'no approval in force covers lot %', l.lot_no using errcode = 'BW403';
  end if;
  if new.finding = 'uncontrolled' and (l.supplier_id is not null or new.approval_id is not null) then
    raise exception 'lot % names its supplier', l.lot_no using errcode = 'BW403';
  end if;
  if new.hold_id is not null and not exists (
       select from hold h where h.id = new.hold_id and h.lot_id = new.lot_id and h.cause = 'supplier' and h.lifted_at is null) then
    raise exception 'lot % is held by what was found', l.lot_no using errcode = 'BW403';
  end if;
  return new;
end $function$;
create trigger supplier_receipt_wall before insert on supplier_receipt for each row execute function supplier_receipt_wall();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on supplier_receipt for each statement
  execute function api_stays_out();
create trigger append_only before delete or update on supplier_receipt for each row execute function append_only();
create trigger append_only_truncate before truncate on supplier_receipt for each statement execute function append_only();
create trigger audit_delete after delete on supplier_receipt referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on supplier_receipt referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on supplier_receipt referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on supplier_receipt for each row execute function identity_is_fixed();
