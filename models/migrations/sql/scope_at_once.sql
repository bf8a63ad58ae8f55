-- For each batch of a scope all links of the plant were read: 30,000 batches took a minute and a half to store.  Each is looked up among
-- those that were computed, and the links of those alone that aren't there, along the index of links that stand.
create or replace function recall_lot_wall() returns trigger language plpgsql as $$
declare
  wrong text;
begin
  -- once for a statement: a scope has tens of thousands of lots
  with told as materialized (
    select s.id as scope_id, one ->> 'lot_no' as lot_no from recall_scope s join signed_record t on t.digest = s.digest,
           jsonb_array_elements(t.canonical::jsonb -> 'lots') one
     where s.id in (select n.scope_id from new_rows n) and s.computed_at = now() and one ->> 'lot_no' is not null
  ), untold as materialized (
    -- `not in` looks each up in a hash of all; a join would be planned for the handful that the server expects of JSON
    select n.scope_id, n.lot_id, l.lot_no from new_rows n join lot l on l.id = n.lot_id
     where (n.scope_id, l.lot_no) not in (select t.scope_id, t.lot_no from told t)
  )
  -- a part under a number of its own is the same goods and joins the scope by itself
  select u.lot_no into wrong from untold u where not exists (
    select from genealogy_edge e join recall_lot m on m.scope_id = u.scope_id and m.lot_id = e.parent_lot_id
     where e.child_lot_id = u.lot_id and e.superseded_at is null and e.kind = 'split' and e.recorded_at = now()) limit 1;
  if wrong is not null and not furnishes() then
    raise exception 'lot % is not in the scope that was computed', wrong using errcode = 'BW252';
  end if;
  return null;
end $$;
