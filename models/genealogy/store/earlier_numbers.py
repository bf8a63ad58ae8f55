"""The same goods under earlier numbers: what a lot was split, merged or repacked from (REQUIREMENTS 6, 7).

Who made and inspected them, and what was found, stays true of them under a new number: until the moment at which they
left the earlier lot, not what became of that afterwards.
"""

HERITAGE = """
with recursive heritage (lot_id, until) as (
  select cast(:lot as bigint), cast('infinity' as timestamptz)
  union
  select e.parent_lot_id, least(h.until, e.at)
    from heritage h join genealogy_edge e on e.child_lot_id = h.lot_id and e.kind in ('split', 'merge', 'repack')
   where e.parent_lot_id <> e.child_lot_id and e.superseded_at is null
)
"""
"""`heritage (lot_id, until)` of the lot `:lot`: itself for ever, and each lot that its goods were in until they left it."""
