-- The lots that are reached from others by links that count (DESIGN 9, requirements 11-13, 21, 22): `here` to `there`.
--
-- Level by level and not by `with recursive`: one scan of the index for the sorted keys of a whole level costs half of a
-- descent for each lot (benchmarks/trace.py).  There is no limit of depth or rows, and a loop ends where it meets itself.
-- The graph of now is an index of its own, without the links that were corrected.
--
-- Each level is held against all lots seen before, so a chain of thousands of levels would cost its square: after fifty
-- levels the recursive query goes on from what was found, at the same cost for each lot however deep.

create function {name}(start bigint[]) returns bigint[]
language plpgsql stable parallel safe as $$
declare
  seen bigint[] := start;
  front bigint[] := start;
begin
  for level in 1 .. 50 loop
    select array_agg(x.lot) into front from (
      select e.{there} as lot from genealogy_edge e where e.{here} = any(front) and e.superseded_at is null
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
      select e.{there} from closure c join genealogy_edge e on e.{here} = c.lot where e.superseded_at is null
    ) select c.lot from closure c);
end $$;

-- The same of the graph as it was known at a moment; asked seldom, so it may cost a little more.
create function {name}(start bigint[], as_of timestamptz) returns bigint[]
language sql stable parallel safe as $$
  with recursive closure (lot) as (
    select unnest(start)
    union
    select e.{there} from closure c join genealogy_edge e on e.{here} = c.lot
     where e.recorded_at <= as_of and (e.superseded_at is null or e.superseded_at > as_of)
  ) select array(select c.lot from closure c)
$$;
