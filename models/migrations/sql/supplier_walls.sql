-- An entry of the list of approved suppliers begins as a request, or is carried over by an update or an import; two different people sign
-- before it is in force, and nobody edits it afterwards (ISO 13485 7.4.1; STANDARDS Q 87).
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
create trigger supplier_approval_wall before insert or update on supplier_approval for each row execute function supplier_approval_wall();
create trigger kept before delete on supplier_approval for each row execute function kept();
create trigger asked_by_its_actor before insert on supplier_approval for each row
  when (new.asked_by_id is not null) execute function by_its_actor('asked_by_id');
create trigger asked_again_by_its_actor before update on supplier_approval for each row
  when (new.asked_by_id is not null and new.asked_by_id is distinct from old.asked_by_id) execute function by_its_actor('asked_by_id');
create trigger approval_no_is_no_label before insert or update of approval_no on supplier_approval for each row
  when (may_be_label(new.approval_no)) execute function number_is_no_label('approval_no', 'BW260');

-- Whether an entry of the list, as it stands, covers what came in that revision with that certificate today at the plant; of a number of lots
-- without counting them.
create or replace function approval_covers(a supplier_approval, came text, certificate text) returns boolean language sql stable as $function$
  select a.status = 'approved' and (a.revision = '' or lower(a.revision) = lower(came)) and a.condition <> 'other'
     and (a.condition <> 'certificate' or coalesce(btrim(certificate), '') <> '')
     and coalesce(a.expires_on >= (now() at time zone coalesce((select p.zone from site p order by p.id limit 1), 'UTC'))::date, true)
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

-- Under which entry of the list a lot was received is judged with its receipt: one that no entry in force covers is held in the same
-- transaction (ISO 13485 7.4.1, 7.4.3; STANDARDS Q 87).
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

-- Nothing enters stock from a supplier without that judgement: looked at when the receipt ends, because it writes one after the other.
create or replace function received_from_whom() returns trigger language plpgsql as $function$
begin
  if not exists (select from supplier_receipt r where r.lot_id = new.lot_id)
     and exists (select from lot l where l.id = new.lot_id and l.origin = 'native' and l.supplier_id is not null) then
    raise exception 'lot % was received, and nobody looked whether its supplier is approved', (select lot_no from lot where id = new.lot_id)
      using errcode = 'BW404';
  end if;
  return null;
end $function$;
create constraint trigger received_from_whom after insert on stock_movement deferrable initially deferred for each row
  when (new.kind = 'receive') execute function received_from_whom();

-- A signed scope lets go of what was held when it was computed and isn't in it, and of nothing that joined since
-- (ISO 13485 8.3.1; 21 CFR 7.46).  One signature of quality lifts one hold, or all that one act placed.
create or replace function hold_owner_wall() returns trigger language plpgsql as $function$
declare
  wrong bigint;
begin
  -- once for the whole statement: a recall lets go of 90,000 lots in one
  with lifted as (
    select n.* from new_rows n join old_rows o using (id) where o.lifted_at is null and n.lifted_at is not null
  ), withdrawn as (
    -- withdrawn by two people who signed on the same scope; one that never held for good may be withdrawn by one
    select r.id from recall r where r.id in (select recall_id from lifted) and r.status = 'withdrawn'
       and (select count(distinct s.person_id) from signature s join process_run p on p.id = s.run_id
             where p.recall_id = r.id and s.subject = 'recall'
               and s.digest = (select c.digest from recall_scope c where c.recall_id = r.id order by c.version desc limit 1)
           ) >= 2
  )
  select l.id into wrong from lifted l where not (
    case
      when l.recall_id is null and l.cause <> 'release' then exists (
        select from signature s where s.id = l.lift_signature_id and s.person_id = l.lifted_by_id and s.outcome = 'lift'
           and (s.act = 'lift_hold' and s.about = l.public_id::text
             or s.act = 'lift_hold_act' and s.about = (select a.public_id::text from hold_act a where a.id = l.act_id)))
        or l.cause = 'supplier' and approval_frees(l.id)
      when l.cause = 'release' then exists (
          select from process_run p where p.id = l.lift_run_id and p.lot_id = l.lot_id and p.id > coalesce(l.run_id, 0))
        and (select count(distinct s.person_id) from signature s where s.run_id = l.lift_run_id and s.subject = 'release') >= 2
      when l.recall_id in (select id from withdrawn) then true
      -- the signed scope leaves out what the precaution held
      when l.cause = 'containment' and l.confirmed_at is null and l.lift_signature_id is null then exists (
          select from recall_scope c where c.recall_id = l.recall_id and c.signed_at is not null
             and c.version = (select max(version) from recall_scope where recall_id = l.recall_id)
             -- what joined later is told of by a later scope
             and l.placed_at <= c.computed_at
             and not exists (select from recall_lot m where m.scope_id = c.id and m.lot_id = l.lot_id))
      when l.cause = 'recall' or l.confirmed_at is not null then exists (
        -- two people on one record, the second of them now
        select from signature s join signature f on f.act = s.act and f.about = s.about and f.digest = s.digest
         where s.id = l.lift_signature_id and s.act = 'lift_hold' and s.about = l.public_id::text
           and s.person_id = l.lifted_by_id and s.outcome = 'lift'
           and f.outcome = 'propose_lift' and f.person_id <> s.person_id)
      else false
    end) limit 1;
  if wrong is not null then
    raise exception 'this hold is lifted only by the decision of whoever placed it' using errcode = 'BW037';
  end if;
  return null;
end $function$;

-- Each entry has a subject of its own, made in the statement that makes the row, whatever door it comes through (DESIGN 6a).
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
create trigger subject_fixed before update of subject_id on supplier_approval for each row
  when (old.subject_id is distinct from new.subject_id) execute function subject_fixed();

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

-- Quality and whoever keeps suppliers have them assessed; a plant's own roles are given it by whoever gives them the rest.
select set_config('bw.actor_id', 'service:update', true), set_config('bw.actor_name', 'Batchwright', true),
       set_config('bw.source', 'migration', true), set_config('bw.reason', 'who keeps suppliers has them assessed', true);
update role r set permissions = array(select distinct p from unnest(r.permissions || 'supplier.assess'::text) p order by p)
 where r.shipped and r.permissions && array['partner.write', 'capa.open'];
