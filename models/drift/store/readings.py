"""What the record says of incoming lots: of each the first inspection that was decided, and of each sample of it the newest result."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from models.drift.rules.judging import Charted
from models.drift.tables import DriftChart, DriftWatch

READ = """
last as (
  select distinct on (r.inspection_id, r.characteristic_id, r.name, r.sample_no) r.inspection_id, r.sample_no, r.value, r.passed,
         coalesce(c.name_zh, r.name) as name, c.unit
    from inspection_result r join done d on d.id = r.inspection_id left join characteristic c on c.id = r.characteristic_id
   order by r.inspection_id, r.characteristic_id, r.name, r.sample_no, r.id desc)
select d.id as inspection, d.lot_id, d.lot_no, d.inspection_no, d.decided_at,
       cast(avg(r.value) filter (where r.name = :name and coalesce(r.unit, :unit) = :unit) as double precision) as value,
       count(distinct r.sample_no) as seen, count(distinct r.sample_no) filter (where not r.passed) as rejected
  from done d join last r on r.inspection_id = d.id
 group by d.id, d.lot_id, d.lot_no, d.inspection_no, d.decided_at
"""
"""A piece is rejected where one of its readings is: pieces are told apart by the number of the sample."""
OF_INSPECTION = text(f"""
with done as (select n.id, n.lot_id, l.lot_no, n.inspection_no, n.decided_at from inspection n join lot l on l.id = n.lot_id where n.id = :inspection),
{READ}
""")  # noqa: S608 - our own words
OF_WATCH = text(f"""
with done as (
  select n.id, n.lot_id, l.lot_no, n.inspection_no, n.decided_at
    from lot l join lateral (select i.* from inspection i where i.lot_id = l.id and i.stage = 'incoming' order by i.revision limit 1) n on true
   where l.supplier_id = :supplier and l.item_id = :item and n.status <> 'open' and n.decided_at is not null
   order by n.decided_at desc, n.id desc limit :most),
{READ} order by d.decided_at desc, d.id desc
""")  # noqa: S608 - our own words
LOOKED_AT = 600
"""So many of the newest lots are looked through for a base; those without the characteristic don't count."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """A lot as a chart has it: the mean of the characteristic, and how many of its pieces were looked at and rejected."""

    inspection: int
    lot_id: int
    lot: str
    inspection_no: str
    value: float | None
    seen: int
    rejected: int


def of_inspection(session: Session, chart: DriftChart, inspection: int) -> Reading | None:
    """What the inspection says for that chart; None where it measured nothing of it."""
    given = {"inspection": inspection, "name": chart.characteristic, "unit": chart.unit}
    return next(iter(_found(chart, session.connection().execute(OF_INSPECTION, given).all())), None)


def newest(session: Session, watch: DriftWatch, chart: DriftChart, n: int) -> tuple[Reading, ...]:
    """The newest lots that say something for that chart, the oldest of them first."""
    given = {
        "supplier": watch.supplier_id,
        "item": watch.item_id,
        "name": chart.characteristic,
        "unit": chart.unit,
        "most": LOOKED_AT,
    }
    return tuple(reversed(_found(chart, session.connection().execute(OF_WATCH, given).all())[:n]))


def _found(chart: DriftChart, rows: Sequence[Any]) -> list[Reading]:
    mean = chart.charted == Charted.MEAN
    return [
        Reading(
            inspection=one.inspection,
            lot_id=one.lot_id,
            lot=one.lot_no,
            inspection_no=one.inspection_no,
            value=one.value if mean else None,
            seen=one.seen,
            rejected=one.rejected,
        )
        for one in rows
        if one.value is not None or not mean
    ]
