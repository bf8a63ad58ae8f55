-- A hold is lifted by whoever placed it (ISO 13485 8.3.1, 8.3.3; 21 CFR 7.46): a person of quality by a signature, a release
-- decision by the newer one of two people, a recall by its own decision of two or by its withdrawal.

create or replace function hold_lift_wall() returns trigger language plpgsql as $$
begin
  if old.lifted_at is not null
     or (new.id, new.public_id, new.lot_id, new.reason, new.cause, new.placed_by_id, new.placed_at, new.run_id)
        is distinct from
        (old.id, old.public_id, old.lot_id, old.reason, old.cause, old.placed_by_id, old.placed_at, old.run_id)
     or (old.confirmed_at is not null and new.confirmed_at is distinct from old.confirmed_at)
     or (new.lifted_at is null and (new.lift_reason, new.lift_signature_id, new.lift_run_id)
         is distinct from (old.lift_reason, old.lift_signature_id, old.lift_run_id)) then
    raise exception 'a hold can only be lifted, once' using errcode = 'BW035';
  end if;
  return new;
end $$;

create function hold_owner_wall() returns trigger language plpgsql as $$
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
        select from signature s where s.id = l.lift_signature_id and s.act = 'lift_hold'
           and s.about = l.public_id::text and s.person_id = l.lifted_by_id and s.outcome = 'lift')
      when l.cause = 'release' then exists (
          select from process_run p where p.id = l.lift_run_id and p.lot_id = l.lot_id and p.id > coalesce(l.run_id, 0))
        and (select count(distinct s.person_id) from signature s where s.run_id = l.lift_run_id and s.subject = 'release') >= 2
      when l.recall_id in (select id from withdrawn) then true
      -- the signed scope leaves out what the precaution held
      when l.cause = 'containment' and l.confirmed_at is null and l.lift_signature_id is null then exists (
          select from recall_scope c where c.recall_id = l.recall_id and c.signed_at is not null
             and c.version = (select max(version) from recall_scope where recall_id = l.recall_id)
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
end $$;

create trigger hold_owner_wall after update on hold referencing old table as old_rows new table as new_rows
  for each statement execute function hold_owner_wall();

create function hold_born_wall() returns trigger language plpgsql as $$
begin
  if exists (select from new_rows n where n.lifted_at is not null or n.lift_signature_id is not null
               or (n.cause = 'release' and n.run_id is null)) then
    raise exception 'a hold begins open, and that of a release decision names it' using errcode = 'BW038';
  end if;
  return null;
end $$;

create trigger hold_born_wall after insert on hold referencing new table as new_rows
  for each statement execute function hold_born_wall();
