"""What an import says of the batches that it brought, as part of a batch record (STANDARDS D 98, 99)."""

from collections.abc import Iterable
from types import SimpleNamespace

from models.release.rules.batch_record import Migrated

MIGRATED = """
select a.lot_id, (
  select json_build_object(
           'lot_no', l.lot_no, 'source', coalesce(w.source, ''), 'brought_at', r.at,
           'signed', l.status in ('released', 'closed') and exists (
             select from signature s where s.lot_id = l.id and s.subject = 'release' and s.outcome = 'release'),
           'inspection_no', i.inspection_no, 'inspected_at', i.decided_at, 'inspected_here', coalesce(i.here, false),
           'accepted', coalesce(i.accepted, false))
    from lot l left join import_row w on w.id = l.import_row_id left join import_run r on r.id = w.run_id
    left join lateral (
      select n.inspection_no, nullif(n.decided_at, to_timestamp(0)) as decided_at, n.origin <> 'migrated' as here,
             n.status = 'accepted' as accepted
        from inspection n
       where n.lot_id = l.id and n.status <> 'open' and exists (select from inspection_result x where x.inspection_id = n.id)
       order by n.decided_at desc, n.id desc limit 1) i on true
   where l.id = a.lot_id and l.origin = 'migrated') as migrated
  from (select lot_id from up union select cast(:lot as bigint)) a
"""
"""Each batch of the closure `up` and the batch `:lot` itself, with what was imported; an inspection without a time has that of 1970."""


def migrated(rows: Iterable[SimpleNamespace]) -> tuple[Migrated, ...]:
    """What an import brought of these goods, by number: the order of the tables says nothing."""
    told = (one.migrated for one in rows if one.migrated is not None)
    return tuple(sorted((Migrated(**vars(one)) for one in told), key=lambda one: one.lot_no))
