"""What happened to a batch, as its timeline tells it: the facts written down, and the holds, which tell theirs themselves.

A hold row says who froze the batch, when and why, and who let go; to write it down again as facts would double the cost of
a recall's hold (`benchmarks/hold.py`).  A hold's entries have negative keys, so that the keys stay apart.
"""

HAPPENED = """(
select f.lot_id, f.id, f.fact, f.at, f.person_id, f.data, f.happened_at from lot_fact f
union all
select h.lot_id, -2 * h.id, 'lot.held', h.placed_at, h.placed_by_id,
       jsonb_build_object(case h.cause when 'release' then 'run' when 'supplier' then 'apart' else 'reason' end, h.reason), null
  from hold h
union all
select h.lot_id, -2 * h.id - 1, 'lot.hold_lifted', h.lifted_at, h.lifted_by_id,
       jsonb_build_object(case when h.cause = 'supplier' and h.lift_run_id is not null then 'apart' else 'reason' end, h.lift_reason), null
  from hold h where h.lifted_at is not null
)"""
