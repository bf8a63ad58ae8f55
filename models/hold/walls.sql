-- The walls of hold: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- what walls ask, and what stands at tables of other nouns ----------

-- What may be done with a batch while somebody holds it, where a row can tell (DESIGN 2.4; ISO 13485 8.3.1, 21 CFR 7.46).
-- Work, packaging, shipping, consuming, cases and places have walls of their own (BW031, BW079, BW080, BW115, BW074).
create or replace function held_against(of_lot bigint, act text) returns boolean language sql stable as $function$
  select exists (select from hold h where h.lot_id = of_lot and h.lifted_at is null and not hold_allows(act, hold_kind(h)))
$function$;

-- How much of a batch is held at a place while the rest of it goes on (ISO 13485 8.3.1).  Asked like `packed_at_place`: what is held is in
-- stock, and nobody takes it by itself.
create or replace function held_at_place(lot bigint, place bigint) returns numeric language sql stable as $function$
  select coalesce(sum(p.quantity), 0) from hold_part p where p.lot_id = lot and p.location_id = place and p.ended_at is null
$function$;

-- What may be done with a batch while somebody holds it, where a row can tell (DESIGN 2.4; ISO 13485 8.3.1, 21 CFR 7.46).
-- Work, packaging, shipping, consuming, cases and places have walls of their own (BW031, BW079, BW080, BW115, BW074).
create or replace function hold_allows(act text, kind text) returns boolean language sql immutable as $function$
  -- the table of models/rules/held.py; a test holds the two against each other
  select case
    when act in ('split', 'inspect', 'move', 'unpack', 'return', 'correct') then true
    when act in ('propose', 'scrap_return') then kind in ('quality', 'release', 'recall')
    when act = 'number' then kind in ('quality', 'release')
    else false end
$function$;

-- What may be done with a batch while somebody holds it, where a row can tell (DESIGN 2.4; ISO 13485 8.3.1, 21 CFR 7.46).
-- Work, packaging, shipping, consuming, cases and places have walls of their own (BW031, BW079, BW080, BW115, BW074).
create or replace function hold_kind(h hold) returns text language sql immutable as $function$
  select case when h.cause = 'containment' and h.confirmed_at is null then 'containment'
              when h.cause in ('containment', 'recall') then 'recall'
              when h.cause = 'release' then 'release' else 'quality' end
$function$;

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

-- hold --------------------------------------------------------------

alter table hold
  add constraint ck_hold_confirmed check (confirmed_at is null or cause = 'containment'::text),
  add constraint ck_hold_lifted check ((lifted_at is null) = (lifted_by_id is null)),
  add constraint ck_hold_of_act check (act_id is null or recall_id is null),
  add constraint ck_hold_of_recall check ((recall_id is not null) = (cause = any (array['recall'::text, 'containment'::text])));

-- Opening a recall contains (21 CFR 7.46; ISO 13485 8.3.3): a scope isn't signed while something of it is free, and a
-- precaution becomes the recall's own hold only by the signed scope.
-- Refuses with BW038, BW078
create or replace function hold_born_wall() returns trigger language plpgsql as $function$
begin
  if exists (select from new_rows n where n.lifted_at is not null or n.lift_signature_id is not null
               or (n.cause = 'release' and n.run_id is null)) then
    raise exception 'a hold begins open, and that of a release decision names it' using errcode = 'BW038';
  end if;
  -- what is made of a held lot takes over whether its precaution was confirmed
  if exists (select from (select distinct recall_id from new_rows where confirmed_at is not null) n where not exists (
               select from recall_scope c where c.recall_id = n.recall_id and c.signed_at is not null)) then
    raise exception 'a precaution is confirmed by the signed scope only' using errcode = 'BW078';
  end if;
  return null;
end $function$;
create trigger hold_born_wall after insert on hold referencing new table as new_rows for each statement
  execute function hold_born_wall();

-- Opening a recall contains (21 CFR 7.46; ISO 13485 8.3.3): a scope isn't signed while something of it is free, and a
-- precaution becomes the recall's own hold only by the signed scope.
-- Refuses with BW078
create or replace function hold_confirm_wall() returns trigger language plpgsql as $function$
begin
  if exists (
      select from (select distinct n.recall_id from new_rows n join old_rows o using (id)
                    where o.confirmed_at is null and n.confirmed_at is not null) k
       where not exists (
         select from recall_scope c where c.recall_id = k.recall_id and c.signed_at is not null
            and c.version = (select max(v.version) from recall_scope v where v.recall_id = k.recall_id))) then
    raise exception 'a precaution is confirmed by the signed scope only' using errcode = 'BW078';
  end if;
  return null;
end $function$;
create trigger hold_confirm_wall after update on hold referencing old table as old_rows new table as new_rows for each statement
  execute function hold_confirm_wall();

-- A hold is lifted by whoever placed it (ISO 13485 8.3.1, 8.3.3; 21 CFR 7.46): a person of quality by a signature, a release
-- decision by the newer one of two people, a recall by its own decision of two or by its withdrawal.
-- Refuses with BW035
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
create trigger hold_lift_wall before update on hold for each row execute function hold_lift_wall();

-- A signed scope lets go of what was held when it was computed and isn't in it, and of nothing that joined since
-- (ISO 13485 8.3.1; 21 CFR 7.46).
-- Refuses with BW037
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
create trigger hold_owner_wall after update on hold referencing old table as old_rows new table as new_rows for each statement
  execute function hold_owner_wall();

-- The last wall around recalls (DESIGN 2.4, 2.7): two people behind every signed scope, and a signed scope stays.
-- Refuses with BW035
create or replace function hold_recall_stays() returns trigger language plpgsql as $function$
begin
  if new.recall_id is distinct from old.recall_id then
    raise exception 'a hold can only be lifted, once' using errcode = 'BW035';
  end if;
  return new;
end $function$;
create trigger hold_recall_stays before update on hold for each row execute function hold_recall_stays();

-- The last wall around recalls (DESIGN 2.4, 2.7): two people behind every signed scope, and a signed scope stays.
create or replace function hold_recall_wall() returns trigger language plpgsql as $function$
begin
  -- looked up once for the whole statement, as `hold_wall` does for lots and people
  if exists (select from (select distinct recall_id as id from new_rows where recall_id is not null) n
               left join recall r using (id) where r.id is null) then
    raise exception 'a hold is for a recall that there isn''t'
      using errcode = 'foreign_key_violation', constraint = 'fk_hold_recall_id';
  end if;
  return null;
end $function$;
create trigger hold_recall_wall after insert on hold referencing new table as new_rows for each statement
  execute function hold_recall_wall();

-- What a hold points to is looked up once for the whole statement, as its lot, its recall and who placed it are: PostgreSQL
-- asks a foreign key for each row, also for the four columns that are empty while a hold is open, and a recall holds 90,000
-- lots in one statement (benchmarks/hold.py).  Runs, signatures and people are never deleted and keep their keys.
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
create trigger hold_references after insert on hold referencing new table as new_rows for each statement
  execute function hold_references();
create trigger hold_references_later after update on hold referencing new table as new_rows for each statement
  execute function hold_references();

-- Holds for a whole scope in one statement (DESIGN 9).
create or replace function hold_wall() returns trigger language plpgsql as $function$
declare
  locked bigint;
begin
  -- Conflicts with the shared lock of a movement under way: it commits before the hold, or sees the hold.  Once for the
  -- whole statement, because a recall holds 90,000 lots in one; so are the references looked up, which would be a third
  -- of the work row by row.  Lots and people are never deleted and keep their keys, so what was there stays there.
  select count(*) into locked
    from (select from lot l where l.id in (select lot_id from new_rows) order by l.id for no key update) l;
  if locked < (select count(distinct lot_id) from new_rows) then
    raise exception 'a hold is on a lot that there isn''t'
      using errcode = 'foreign_key_violation', constraint = 'fk_hold_lot_id';
  end if;
  if exists (select from (select distinct placed_by_id as id from new_rows) n
               left join person p using (id) where p.id is null) then
    raise exception 'a hold is placed by nobody'
      using errcode = 'foreign_key_violation', constraint = 'fk_hold_placed_by_id';
  end if;
  return null;
end $function$;
create trigger hold_wall after insert on hold referencing new table as new_rows for each statement execute function hold_wall();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on hold for each statement execute function api_stays_out();
create trigger audit_delete after delete on hold referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on hold referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on hold referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on hold for each row execute function identity_is_fixed();
create trigger hold_time before insert on hold for each row
  when (new.placed_at > (now() + '00:05:00'::interval) or new.placed_at < '1970-01-01 00:00:00+00'::timestamp with time zone)
  execute function at_a_time_that_was('placed_at');

-- hold_act ----------------------------------------------------------

alter table hold_act
  add constraint ck_hold_act_lots check (lots > 0),
  add constraint ck_hold_act_reason check (btrim(reason) <> ''::text),
  add constraint ck_hold_act_scope check (scope = any (array['lot'::text, 'parts'::text, 'place'::text]));

-- Who holds a batch with everything made of it holds all of that, in one act (ISO 13485 8.3.1; REQUIREMENTS 5): looked at when the
-- act ends, because it writes one after the other.
-- Refuses with BW391
create or replace function hold_act_reaches() returns trigger language plpgsql as $function$
declare
  free text;
begin
  if new.scope = 'place' and (select count(*) from hold_part p where p.act_id = new.id and p.from_id is null) <> 1 then
    raise exception 'a hold of a quantity says where how much of which batch is held' using errcode = 'BW391';
  end if;
  if new.scope <> 'place' and (select count(*) from hold h where h.act_id = new.id and h.placed_at = new.placed_at) <> new.lots then
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

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on hold_act for each statement execute function api_stays_out();
create trigger append_only before delete or update on hold_act for each row execute function append_only();
create trigger append_only_truncate before truncate on hold_act for each statement execute function append_only();
create trigger audit_delete after delete on hold_act referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on hold_act referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on hold_act referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger fixed_key before update on hold_act for each row execute function identity_is_fixed();
create trigger hold_act_time before insert on hold_act for each row
  when (new.placed_at > (now() + '00:05:00'::interval) or new.placed_at < '1970-01-01 00:00:00+00'::timestamp with time zone)
  execute function at_a_time_that_was('placed_at');
create trigger placed_by_its_actor before insert on hold_act for each row execute function by_its_actor('placed_by_id');

-- hold_part ---------------------------------------------------------

alter table hold_part
  add constraint ck_hold_part_ended check (num_nulls(lifted, ended_at, ended_by_id, end_reason) = any (array[0, 4])),
  add constraint ck_hold_part_lifted check (lifted is null or lifted >= 0::numeric and lifted <= quantity),
  add constraint ck_hold_part_quantity check (quantity > 0::numeric),
  add constraint ck_hold_part_signed check ((coalesce(lifted, 0::numeric) > 0::numeric) = (signature_id is not null));

-- What is held at a place lies there, loose: never more is held and packed than there is (ISO 13485 8.3.1).  Whoever takes goods, in whatever
-- way, meets `packed_is_there`, which asks the same of the place that gets less; this one is asked of a hold.
-- Refuses with BW389
create or replace function held_is_there() returns trigger language plpgsql as $function$
begin
  if held_at_place(new.lot_id, new.location_id) + packed_at_place(new.lot_id, new.location_id) >
     coalesce((select k.quantity from stock k where k.lot_id = new.lot_id and k.location_id = new.location_id), 0) then
    raise exception 'more of lot % is held at % than lies loose there', (select lot_no from lot where id = new.lot_id),
      (select code from location where id = new.location_id) using errcode = 'BW389';
  end if;
  return null;
end $function$;
create constraint trigger held_is_there after insert on hold_part deferrable initially deferred for each row
  execute function held_is_there();

-- What was held of a part is let go of by a signature over it, or goes on being held: nothing gets free on the way
-- (ISO 13485 8.3.1; 21 CFR 11.50).  Looked at when an act ends, because it ends the part before what follows is written.
-- Refuses with BW393, BW394
create or replace function hold_part_adds_up() returns trigger language plpgsql as $function$
begin
  if new.lifted + (select coalesce(sum(p.quantity), 0) from hold_part p where p.from_id = new.id) <> new.quantity then
    raise exception 'what was held is lifted or goes on being held, all of it' using errcode = 'BW393';
  end if;
  if new.lifted > 0 and not exists (
      select from signature s where s.id = new.signature_id and s.person_id = new.ended_by_id and s.outcome = 'lift'
         and s.act = 'lift_hold_part' and s.about = new.public_id::text) then
    raise exception 'a part that is held is lifted by a signature over it' using errcode = 'BW394';
  end if;
  return null;
end $function$;
create constraint trigger hold_part_adds_up after update on hold_part deferrable initially deferred for each row
  execute function hold_part_adds_up();

-- So much of a batch is held at one place (ISO 13485 8.3.1): by an act of its own, open at first, and never while all of the batch is held.  What
-- follows an earlier part belongs to the same act and batch, and lies where held goods may lie.  The batch's row lock decides races: a
-- movement, a packing or another hold under way commits first and is seen, or waits and sees this one.
-- Refuses with BW388, BW395
create or replace function hold_part_born_wall() returns trigger language plpgsql as $function$
declare
  old_part hold_part;
begin
  perform from lot l where l.id = new.lot_id for no key update;
  if new.ended_at is not null or new.lifted is not null
     or not exists (select from hold_act a where a.id = new.act_id and a.scope = 'place') then
    raise exception 'a part is held by an act of its own, and begins open' using errcode = 'BW388';
  end if;
  if new.from_id is null then
    if exists (select from hold h where h.lot_id = new.lot_id and h.lifted_at is null)
       or exists (select from hold_part p where p.act_id = new.act_id) then
      raise exception 'a part is held once by its act, of a batch that is not held as a whole' using errcode = 'BW388';
    end if;
    return new;
  end if;
  select * into old_part from hold_part p where p.id = new.from_id;
  if (old_part.act_id, old_part.lot_id) is distinct from (new.act_id, new.lot_id) or old_part.ended_at is distinct from now() then
    raise exception 'what goes on being held is of the part that ends now' using errcode = 'BW388';
  end if;
  if old_part.location_id <> new.location_id
     and not place_fits('held', place_kind((select o.kind from location o where o.id = new.location_id))) then
    raise exception 'held goods are brought only to where held goods may lie' using errcode = 'BW395';
  end if;
  return new;
end $function$;
create trigger hold_part_born_wall before insert on hold_part for each row execute function hold_part_born_wall();

-- A part that is held ends once, and says by whom, why and how much of it was let go (ISO 13485 8.3.1; 21 CFR 11.10(e)).
-- Refuses with BW392
create or replace function hold_part_ends_wall() returns trigger language plpgsql as $function$
begin
  if old.ended_at is not null or new.ended_at is distinct from now() or btrim(new.end_reason) = ''
     or to_jsonb(new) - array['lifted', 'ended_at', 'ended_by_id', 'end_reason', 'signature_id']
        is distinct from to_jsonb(old) - array['lifted', 'ended_at', 'ended_by_id', 'end_reason', 'signature_id'] then
    raise exception 'a part that is held can only be ended, once, now' using errcode = 'BW392';
  end if;
  perform from lot l where l.id = new.lot_id for no key update;
  return new;
end $function$;
create trigger hold_part_ends_wall before update on hold_part for each row execute function hold_part_ends_wall();

-- Walls that tables share.
create trigger api_stays_out before insert or delete or update on hold_part for each statement execute function api_stays_out();
create trigger audit_delete after delete on hold_part referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on hold_part referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on hold_part referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create trigger ended_by_its_actor before update on hold_part for each row
  when (new.ended_by_id is distinct from old.ended_by_id) execute function by_its_actor('ended_by_id');
create trigger fixed_key before update on hold_part for each row execute function identity_is_fixed();
create trigger hold_part_time before insert on hold_part for each row
  when (new.placed_at > (now() + '00:05:00'::interval) or new.placed_at < '1970-01-01 00:00:00+00'::timestamp with time zone)
  execute function at_a_time_that_was('placed_at');
