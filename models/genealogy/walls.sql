-- The walls of genealogy: what the database refuses or does by itself, whoever asks, as it stands now.
-- Written from a migrated database by `make docs`; what is said above a function is yours and stays, and so does the file that you
-- move it to.  A wall is changed by a migration (docs/how-to/add-a-wall.md).

-- what walls ask, and what stands at tables of other nouns ----------

-- Lots that are reshaped: what leaves one lot arrives in another, and a released lot's children are released because it is
-- (REQUIREMENTS 6, 7, 56; ISO 13485 7.5.9, 8.3.1).  Exactly that, and nothing more.
create or replace function edge_conserves(e genealogy_edge) returns boolean language sql stable as $function$
  -- what the link says left the parent and arrived in the child: in the item's own unit the same quantity, exactly
  select coalesce((
    select e.quantity > 0 and e.child_quantity > 0 and (e.uom, e.child_uom) = (p.uom, c.uom)
       and (p.item_id, p.kind) = (c.item_id, c.kind) and p.pack_size * e.quantity = c.pack_size * e.child_quantity
       and (e.kind = 'repack' or (p.uom, p.pack_size) = (c.uom, c.pack_size))
       and e.quantity = (select sum(m.quantity) from stock_movement m
                          where m.edge_id = e.id and m.kind = 'reshape-out' and m.lot_id = p.id)
       and e.child_quantity = (select sum(m.quantity) from stock_movement m
                                where m.edge_id = e.id and m.kind = 'reshape-in' and m.lot_id = c.id)
      from lot p, lot c where p.id = e.parent_lot_id and c.id = e.child_lot_id), false)
$function$;

-- These batches and all that their goods have become since that moment, whatever number they have now.
create or replace function goods_after(lots bigint[], since timestamp with time zone, until timestamp with time zone)
  returns setof bigint language sql stable as $function$
  with recursive became (id) as (
    select unnest(lots)
    union
    select e.child_lot_id from became b join genealogy_edge e on e.parent_lot_id = b.id
     where e.kind in ('split', 'merge', 'repack', 'rework') and e.superseded_at is null
       and e.at >= coalesce(since, '-infinity') and e.recorded_at <= coalesce(until, 'infinity'))
  select id from became
$function$;

-- Each of these batches with every number that its goods have had: its own and those that they were split, merged, repacked or reworked from.
create or replace function goods_before(lots bigint[], since timestamp with time zone)
  returns table(lot_id bigint, was bigint) language sql stable as $function$
  with recursive earlier (lot_id, was) as (
    select l, l from unnest(lots) l
    union
    select b.lot_id, e.parent_lot_id from earlier b join genealogy_edge e on e.child_lot_id = b.was
     where e.kind in ('split', 'merge', 'repack', 'rework') and e.superseded_at is null and e.at >= coalesce(since, '-infinity'))
  select lot_id, was from earlier
$function$;

-- Goods, documents and links say the same (DESIGN 2.4; ISO 13485 7.5.8, 7.5.9; REQUIREMENTS 12, 21, 25): what moves is booked
-- by a document, what a document says has moved, and a link is what an operation used.  Looked at when an act ends, because
-- it writes one after the other.  What another system tells of is kept as it tells it; only its import can write it.
create or replace function link_is_proven(e genealogy_edge) returns boolean language sql stable as $function$
  select case
    when e.kind in ('split', 'merge', 'repack') then true  -- `reshape_conserves` asks for their movements
    when e.kind <> 'consume' then false  -- no act of ours makes any other link
    when e.operation_run_id is not null then
      exists (select from operation_run r where r.id = e.operation_run_id and r.lot_id = e.child_lot_id)
      and consumption_is_linked(e.operation_run_id, e.parent_lot_id)
    -- what takes the place of a link that was imported
    else exists (select from genealogy_edge w where w.child_lot_id = e.child_lot_id and w.kind = e.kind
                    and w.operation_run_id is null and w.superseded_at = now())
    end
$function$;

-- The lots that are reached from others by links (DESIGN 9, requirements 11-13, 21, 22).
--
-- Level by level and not by `with recursive`: one scan of the index for the sorted keys of a whole level costs half of a
-- descent for each lot (benchmarks/trace.py).  There is no limit of depth or rows, and a loop ends where it meets itself.
-- A link that a later one supersedes is not followed; `as_of` asks for the graph as it was known then.
--
-- Each level is held against all lots seen before, so a chain of thousands of levels would cost its square: after fifty
-- levels the recursive query goes on from what was found, at the same cost for each lot however deep.
create or replace function lots_above(start bigint[])
  returns bigint[] language plpgsql stable parallel safe set enable_seqscan to 'off' as $function$
declare
  seen bigint[] := start;
  front bigint[] := start;
begin
  for level in 1 .. 50 loop
    select array_agg(x.lot) into front from (
      select e.parent_lot_id as lot from genealogy_edge e where e.child_lot_id = any(front) and e.superseded_at is null
      except select unnest(seen)) x;
    if front is null then
      return seen;
    end if;
    seen := seen || front;
  end loop;
  return array(
    with recursive closure (lot) as (
      select unnest(seen)
      union
      select e.parent_lot_id from closure c join genealogy_edge e on e.child_lot_id = c.lot where e.superseded_at is null
    ) select c.lot from closure c);
end $function$;

-- The lots that are reached from others by links (DESIGN 9, requirements 11-13, 21, 22).
--
-- Level by level and not by `with recursive`: one scan of the index for the sorted keys of a whole level costs half of a
-- descent for each lot (benchmarks/trace.py).  There is no limit of depth or rows, and a loop ends where it meets itself.
-- A link that a later one supersedes is not followed; `as_of` asks for the graph as it was known then.
--
-- Each level is held against all lots seen before, so a chain of thousands of levels would cost its square: after fifty
-- levels the recursive query goes on from what was found, at the same cost for each lot however deep.
create or replace function lots_above(start bigint[], as_of timestamp with time zone)
  returns bigint[] language sql stable parallel safe set enable_seqscan to 'off' as $function$
  with recursive closure (lot) as (
    select unnest(start)
    union
    select e.parent_lot_id from closure c join genealogy_edge e on e.child_lot_id = c.lot
     where e.recorded_at <= as_of and (e.superseded_at is null or e.superseded_at > as_of)
  ) select array(select c.lot from closure c)
$function$;

-- The lots that are reached from others by links (DESIGN 9, requirements 11-13, 21, 22).
--
-- Level by level and not by `with recursive`: one scan of the index for the sorted keys of a whole level costs half of a
-- descent for each lot (benchmarks/trace.py).  There is no limit of depth or rows, and a loop ends where it meets itself.
-- A link that a later one supersedes is not followed; `as_of` asks for the graph as it was known then.
--
-- Each level is held against all lots seen before, so a chain of thousands of levels would cost its square: after fifty
-- levels the recursive query goes on from what was found, at the same cost for each lot however deep.
create or replace function lots_below(start bigint[])
  returns bigint[] language plpgsql stable parallel safe set enable_seqscan to 'off' as $function$
declare
  seen bigint[] := start;
  front bigint[] := start;
begin
  for level in 1 .. 50 loop
    select array_agg(x.lot) into front from (
      select e.child_lot_id as lot from genealogy_edge e where e.parent_lot_id = any(front) and e.superseded_at is null
      except select unnest(seen)) x;
    if front is null then
      return seen;
    end if;
    seen := seen || front;
  end loop;
  return array(
    with recursive closure (lot) as (
      select unnest(seen)
      union
      select e.child_lot_id from closure c join genealogy_edge e on e.parent_lot_id = c.lot where e.superseded_at is null
    ) select c.lot from closure c);
end $function$;

-- The lots that are reached from others by links (DESIGN 9, requirements 11-13, 21, 22).
--
-- Level by level and not by `with recursive`: one scan of the index for the sorted keys of a whole level costs half of a
-- descent for each lot (benchmarks/trace.py).  There is no limit of depth or rows, and a loop ends where it meets itself.
-- A link that a later one supersedes is not followed; `as_of` asks for the graph as it was known then.
--
-- Each level is held against all lots seen before, so a chain of thousands of levels would cost its square: after fifty
-- levels the recursive query goes on from what was found, at the same cost for each lot however deep.
create or replace function lots_below(start bigint[], as_of timestamp with time zone)
  returns bigint[] language sql stable parallel safe set enable_seqscan to 'off' as $function$
  with recursive closure (lot) as (
    select unnest(start)
    union
    select e.child_lot_id from closure c join genealogy_edge e on e.parent_lot_id = c.lot
     where e.recorded_at <= as_of and (e.superseded_at is null or e.superseded_at > as_of)
  ) select array(select c.lot from closure c)
$function$;

-- genealogy_edge ----------------------------------------------------

alter table genealogy_edge
  add constraint ck_genealogy_edge_kind check (kind = any (array['consume'::text, 'split'::text, 'merge'::text, 'rework'::text, 'repack'::text, 'processed-in-load'::text, 'install'::text])),
  add constraint ck_genealogy_edge_no_self check (parent_lot_id <> child_lot_id or kind = 'install'::text);

-- Since when a link is known, and until when it counted (REQUIREMENTS 13, 21; DESIGN 9, as-of).
--
-- Links are append-only; a correction is a new link that names the wrong one.  So that the closure need not ask for each
-- link whether a later one took its place, the wrong link carries the moment at which that became known.  Nobody writes
-- it: this trigger does, once, and the row's guard lets nothing else through.
-- Refuses with BW002
create or replace function link_is_kept() returns trigger language plpgsql as $function$
begin
  if tg_op = 'UPDATE' and old.superseded_at is null
     and to_jsonb(new) - 'superseded_at' = to_jsonb(old) - 'superseded_at'
     and exists (select from genealogy_edge s where s.supersedes_id = old.id and s.recorded_at = new.superseded_at) then
    return new;
  end if;
  raise exception 'genealogy_edge is append-only: % refused', tg_op
    using errcode = 'BW002', hint = 'correct by a new row that names the old one';
end $function$;
create trigger append_only before delete or update on genealogy_edge for each row execute function link_is_kept();

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
create trigger change_lock_follows after insert on genealogy_edge referencing new table as new_rows for each statement
  execute function change_lock_follows();

-- Whatever is made of held goods is held when it is made, whichever way its link is written (ISO 13485 8.3.1): parts and packs carry
-- every hold of theirs, what goods went into carries what quality said of them (what a recall says: BW311).
-- Refuses with BW390
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

-- What turns out to belong to a recall is held by it (21 CFR 7.46; ISO 13485 8.3.1, 8.3.3): a batch that is said to be made of
-- recalled goods, and more of a recalled supplier's lot.
-- Refuses with BW311
create or replace function link_held_wall() returns trigger language plpgsql as $function$
declare
  free text;
begin
  -- parts and packs carry every hold of theirs already (reshape.sql); an import holds what it brings when all of it is there
  select c.lot_no into free
    from new_rows n join hold h on h.lot_id = n.parent_lot_id and h.lifted_at is null and h.recall_id is not null
    join lot c on c.id = n.child_lot_id
   where n.source = 'batchwright' and n.kind not in ('split', 'merge', 'repack') and not exists (
     select from hold k where k.lot_id = n.child_lot_id and k.recall_id = h.recall_id and k.lifted_at is null) limit 1;
  if free is not null then
    raise exception 'lot % is made of recalled goods, and its recall does not hold it', free using errcode = 'BW311';
  end if;
  return null;
end $function$;
create trigger link_held_wall after insert on genealogy_edge referencing new table as new_rows for each statement
  execute function link_held_wall();

-- Goods of a batch that a change pauses are not put together with others (REQUIREMENTS 46; ISO 13485 7.3.9).
-- Refuses with BW387
create or replace function merge_paused_wall() returns trigger language plpgsql as $function$
begin
  if batch_is_paused(new.parent_lot_id, 'leave', 0, now()) then
    raise exception 'lot % is paused by a change', (select lot_no from lot where id = new.parent_lot_id) using errcode = 'BW387';
  end if;
  return new;
end $function$;
create trigger merge_paused_wall before insert on genealogy_edge for each row
  when (new.kind = 'merge'::text) execute function merge_paused_wall();

-- Lots that are reshaped: what leaves one lot arrives in another, and a released lot's children are released because it is
-- (REQUIREMENTS 6, 7, 56; ISO 13485 7.5.9, 8.3.1).  Exactly that, and nothing more.
-- Refuses with BW054
create or replace function reshape_stays() returns trigger language plpgsql as $function$
begin
  if exists (select from genealogy_edge e where e.id = new.supersedes_id and e.source = 'batchwright'
                and e.kind in ('split', 'merge', 'repack')) then
    raise exception 'what was reshaped stays linked: its goods did go there' using errcode = 'BW054';
  end if;
  return new;
end $function$;
create trigger reshape_stays before insert on genealogy_edge for each row
  when (new.supersedes_id is not null) execute function reshape_stays();

-- Merging and repacking, and the rejected part that leaves a batch; what was migrated is history (ISO 13485 8.3.1).
-- Refuses with BW083
create or replace function held_link_wall() returns trigger language plpgsql as $function$
declare
  parent lot;
  child lot;
  act text := new.kind;
begin
  select * into parent from lot where id = new.parent_lot_id;
  select * into child from lot where id = new.child_lot_id;
  if new.kind = 'split' and child.status = 'rejected' and parent.status <> 'rejected' then
    act := 'propose';
  end if;
  if child.origin = 'native' and held_against(new.parent_lot_id, act) then
    raise exception 'lot % is held, and is not merged, repacked or decided on in part', parent.lot_no using errcode = 'BW083';
  end if;
  return new;
end $function$;
create trigger reshape_stays_held before insert on genealogy_edge for each row
  when (new.kind = any (array['merge'::text, 'repack'::text, 'split'::text])) execute function held_link_wall();

-- A link is never taken away: a corrected one says since when.  With the owner's right, because the application may not update a link
-- (21 CFR 11.10(e)).
-- Refuses with BW037
create or replace function supersede_link()
  returns trigger language plpgsql security definer set search_path to 'public', 'pg_temp' as $function$
begin
  -- two corrections of one link at once: the second waits for the first here, and then finds it done
  update genealogy_edge set superseded_at = new.recorded_at where id = new.supersedes_id and superseded_at is null;
  if not found then
    raise exception 'link % is corrected already', new.supersedes_id
      using errcode = 'BW037', hint = 'correct the link that took its place';
  end if;
  return null;
end $function$;
create trigger supersede_link after insert on genealogy_edge for each row
  when (new.supersedes_id is not null) execute function supersede_link();

-- Goods, documents and links say the same (DESIGN 2.4; ISO 13485 7.5.8, 7.5.9; REQUIREMENTS 12, 21, 25): what moves is booked
-- by a document, what a document says has moved, and a link is what an operation used.  Looked at when an act ends, because
-- it writes one after the other.  What another system tells of is kept as it tells it; only its import can write it.
-- Refuses with BW181
create or replace function told_by_use() returns trigger language plpgsql as $function$
begin
  if link_is_proven(new) is not true then
    raise exception 'no operation used lot % for lot % so', (select lot_no from lot where id = new.parent_lot_id),
      (select lot_no from lot where id = new.child_lot_id) using errcode = 'BW181';
  end if;
  perform pg_advisory_xact_lock(hashtext('genealogy.loop'));  -- two links at once could close a loop together
  if new.parent_lot_id = any(lots_below(array[new.child_lot_id])) then
    raise exception 'lot % would be made of itself', (select lot_no from lot where id = new.parent_lot_id)
      using errcode = 'BW181';
  end if;
  return null;
end $function$;
create constraint trigger told_by_use after insert on genealogy_edge deferrable initially deferred for each row
  when (new.source = 'batchwright'::text) execute function told_by_use();

-- Walls that tables share.
create trigger a_recorded_now before insert on genealogy_edge for each row execute function recorded_now();
create trigger api_stays_out before insert or delete or update on genealogy_edge for each statement
  execute function api_stays_out();
create trigger append_only_truncate before truncate on genealogy_edge for each statement execute function append_only();
create trigger audit_delete after delete on genealogy_edge referencing old table as old_rows for each statement
  execute function audit_write();
create trigger audit_insert after insert on genealogy_edge referencing new table as new_rows for each statement
  execute function audit_write();
create trigger audit_update after update on genealogy_edge referencing old table as old_rows new table as new_rows for each statement
  execute function audit_write();
create constraint trigger correction_wall after insert on genealogy_edge deferrable initially deferred for each row
  when (new.supersedes_id is not null) execute function correction_wall();
create trigger edge_time before insert on genealogy_edge for each row
  when (new.at > (now() + '00:05:00'::interval) or new.at < '1970-01-01 00:00:00+00'::timestamp with time zone)
  execute function at_a_time_that_was('at');
create trigger fixed_key before update on genealogy_edge for each row execute function identity_is_fixed();
create trigger migrated_wall after insert on genealogy_edge referencing new table as new_rows for each statement
  execute function migrated_wall('source', 'batchwright');
create constraint trigger reshape_conserves after insert on genealogy_edge deferrable initially deferred for each row
  when ((new.kind = any (array['split'::text, 'merge'::text, 'repack'::text])) and new.source = 'batchwright'::text)
  execute function reshape_conserves();
