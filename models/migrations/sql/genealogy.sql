-- The lots that are reached from others by links (DESIGN 9, requirements 11-13, 21, 22).
--
-- Level by level and not by `with recursive`: one scan of the index for the sorted keys of a whole level costs half of a
-- descent for each lot (benchmarks/trace.py).  There is no limit of depth or rows, and a loop ends where it meets itself.
-- A link that a later one supersedes is not followed; `as_of` asks for the graph as it was known then.
--
-- Each level is held against all lots seen before, so a chain of thousands of levels would cost its square: after fifty
-- levels the recursive query goes on from what was found, at the same cost for each lot however deep.

create function lots_below(start bigint[], as_of timestamptz default 'infinity') returns bigint[]
language plpgsql stable parallel safe as $$
declare
  seen bigint[] := start;
  front bigint[] := start;
begin
  for level in 1 .. 50 loop
    with link as materialized (
      select e.id, e.child_lot_id as lot from genealogy_edge e where e.parent_lot_id = any(front) and e.at <= as_of
    ), dead as materialized (
      select s.supersedes_id as id from genealogy_edge s
       where s.supersedes_id = any(array(select l.id from link l)) and s.at <= as_of
    )
    select array_agg(x.lot) into front
      from (select l.lot from link l where l.id not in (select d.id from dead d) except select unnest(seen)) x;
    if front is null then
      return seen;
    end if;
    seen := seen || front;
  end loop;
  return array(
    with recursive closure (lot) as (
      select unnest(seen)
      union
      select e.child_lot_id from closure c join genealogy_edge e on e.parent_lot_id = c.lot
       where e.at <= as_of
         and not exists (select from genealogy_edge s where s.supersedes_id = e.id and s.at <= as_of)
    ) select c.lot from closure c);
end $$;

create function lots_above(start bigint[], as_of timestamptz default 'infinity') returns bigint[]
language plpgsql stable parallel safe as $$
declare
  seen bigint[] := start;
  front bigint[] := start;
begin
  for level in 1 .. 50 loop
    with link as materialized (
      select e.id, e.parent_lot_id as lot from genealogy_edge e where e.child_lot_id = any(front) and e.at <= as_of
    ), dead as materialized (
      select s.supersedes_id as id from genealogy_edge s
       where s.supersedes_id = any(array(select l.id from link l)) and s.at <= as_of
    )
    select array_agg(x.lot) into front
      from (select l.lot from link l where l.id not in (select d.id from dead d) except select unnest(seen)) x;
    if front is null then
      return seen;
    end if;
    seen := seen || front;
  end loop;
  return array(
    with recursive closure (lot) as (
      select unnest(seen)
      union
      select e.parent_lot_id from closure c join genealogy_edge e on e.child_lot_id = c.lot
       where e.at <= as_of
         and not exists (select from genealogy_edge s where s.supersedes_id = e.id and s.at <= as_of)
    ) select c.lot from closure c);
end $$;
