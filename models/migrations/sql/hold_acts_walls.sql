-- What a hold points to is looked up once for the whole statement, as its lot, its recall and who placed it are: PostgreSQL
-- asks a foreign key for each row, also for the four columns that are empty while a hold is open, and a recall holds 90,000
-- lots in one statement (benchmarks/hold.py).  Runs, signatures, people and acts are never deleted and keep their keys.
create or replace function hold_references() returns trigger language plpgsql as $function$
declare
  missing text;
begin
  select named.part into missing
    from new_rows n cross join lateral (values
      ('run_id', n.run_id is null or exists (select from process_run p where p.id = n.run_id)),
      ('act_id', n.act_id is null or exists (select from hold_act a where a.id = n.act_id)),
      ('lift_run_id', n.lift_run_id is null or exists (select from process_run p where p.id = n.lift_run_id)),
      ('lifted_by_id', n.lifted_by_id is null or exists (select from person p where p.id = n.lifted_by_id)),
      ('lift_signature_id', n.lift_signature_id is null or exists (select from signature s where s.id = n.lift_signature_id))
    ) named (part, known)
   where coalesce(n.run_id, n.act_id, n.lift_run_id, n.lifted_by_id, n.lift_signature_id) is not null and not named.known limit 1;
  if missing is not null then
    raise exception 'a hold names in % what there isn''t', missing
      using errcode = 'foreign_key_violation', constraint = 'fk_hold_' || missing;
  end if;
  return null;
end $function$;

-- A hold is lifted by whoever placed it (ISO 13485 8.3.1, 8.3.3; 21 CFR 7.46): a person of quality by a signature, a release
-- decision by the newer one of two people, a recall by its own decision of two or by its withdrawal.
create or replace function hold_lift_wall() returns trigger language plpgsql as $function$
begin
  if old.lifted_at is not null
     or (new.id, new.public_id, new.lot_id, new.reason, new.cause, new.placed_by_id, new.placed_at, new.run_id, new.act_id)
        is distinct from
        (old.id, old.public_id, old.lot_id, old.reason, old.cause, old.placed_by_id, old.placed_at, old.run_id, old.act_id)
     or (old.confirmed_at is not null and new.confirmed_at is distinct from old.confirmed_at)
     or (new.lifted_at is null and (new.lift_reason, new.lift_signature_id, new.lift_run_id)
         is distinct from (old.lift_reason, old.lift_signature_id, old.lift_run_id)) then
    raise exception 'a hold can only be lifted, once' using errcode = 'BW035';
  end if;
  return new;
end $function$;

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

-- Lots that are reshaped: what leaves one lot arrives in another, and a released lot's children are released because it is
-- (REQUIREMENTS 6, 7, 56; ISO 13485 7.5.9, 8.3.1).  Exactly that, and nothing more.
create or replace function holds_follow(parent bigint, child bigint) returns boolean language sql stable as $function$
  -- every open hold of the parent is one of the child
  select not exists (
    select from hold h where h.lot_id = parent and h.lifted_at is null and not exists (
      select from hold k where k.lot_id = child and k.lifted_at is null
         and (k.cause, k.reason) = (h.cause, h.reason) and k.recall_id is not distinct from h.recall_id
         and k.act_id is not distinct from h.act_id))
$function$;

-- Whatever is made of held goods is held when it is made, whichever way its link is written (ISO 13485 8.3.1): parts and packs carry
-- every hold of theirs, what goods went into carries what quality said of them (what a recall says: BW311).
create or replace function child_held_wall() returns trigger language plpgsql as $function$
begin
  if exists (
      select from hold h where h.lot_id = new.parent_lot_id and h.lifted_at is null
         and (h.recall_id is null or new.kind in ('split', 'merge', 'repack')) and not exists (
        select from hold k where k.lot_id = new.child_lot_id and k.lifted_at is null and k.reason = h.reason
           and k.recall_id is not distinct from h.recall_id and k.act_id is not distinct from h.act_id)) then
    raise exception 'lot % is made of held goods, and is not held as they are',
      (select lot_no from lot where id = new.child_lot_id) using errcode = 'BW390';
  end if;
  return null;
end $function$;
create constraint trigger child_held_wall after insert on genealogy_edge deferrable initially deferred for each row
  when (new.source = 'batchwright'::text) execute function child_held_wall();

-- Who holds a batch with everything made of it holds all of that, in one act (ISO 13485 8.3.1; REQUIREMENTS 5): looked at when the
-- act ends, because it writes one after the other.
create or replace function hold_act_reaches() returns trigger language plpgsql as $function$
declare
  free text;
begin
  if (select count(*) from hold h where h.act_id = new.id and h.placed_at = new.placed_at) <> new.lots then
    raise exception 'a hold says how many batches it is on' using errcode = 'BW391';
  end if;
  if new.scope = 'parts' then
    select l.lot_no into free
      from unnest(lots_below(array(select h.lot_id from hold h where h.act_id = new.id))) b (id) join lot l on l.id = b.id
     where not exists (select from hold h where h.lot_id = b.id and h.act_id = new.id) limit 1;
  end if;
  if free is not null then
    raise exception 'lot % is made of what is held, and this act leaves it free', free using errcode = 'BW391';
  end if;
  return null;
end $function$;
create constraint trigger hold_act_reaches after insert on hold_act deferrable initially deferred for each row
  execute function hold_act_reaches();
