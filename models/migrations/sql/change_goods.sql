-- The goods count and not their number: what a batch that a change touches has been split, merged, repacked or reworked into is touched as well, so that
-- nothing escapes by getting another number between the request and the approval (ISO 13485 7.3.9; STANDARDS X 53; REQUIREMENTS 45, 46).

-- These batches and all that their goods have become since that moment, whatever number they have now.
create or replace function goods_after(lots bigint[], since timestamptz, until timestamptz) returns setof bigint language sql stable as $function$
  with recursive became (id) as (
    select unnest(lots)
    union
    select e.child_lot_id from became b join genealogy_edge e on e.parent_lot_id = b.id
     where e.kind in ('split', 'merge', 'repack', 'rework') and e.superseded_at is null
       and e.at >= coalesce(since, '-infinity') and e.recorded_at <= coalesce(until, 'infinity'))
  select id from became
$function$;

-- Each of these batches with every number that its goods have had: its own and those that they were split, merged, repacked or reworked from.
create or replace function goods_before(lots bigint[], since timestamptz) returns table(lot_id bigint, was bigint) language sql stable as $function$
  with recursive earlier (lot_id, was) as (
    select l, l from unnest(lots) l
    union
    select b.lot_id, e.parent_lot_id from earlier b join genealogy_edge e on e.child_lot_id = b.was
     where e.kind in ('split', 'merge', 'repack', 'rework') and e.superseded_at is null and e.at >= coalesce(since, '-infinity'))
  select lot_id, was from earlier
$function$;

-- What somebody has named by hand, and what became of it: until the approval, which locks it, or of an emergency change since it was done.
create or replace function change_names(of_change bigint) returns setof bigint language sql stable as $function$
  select goods_after(array(select l.id from lot l where l.lot_no = any (c.also)), c.happened_at, case when c.happened_at is null then c.approved_at end)
    from change c where c.id = of_change
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
