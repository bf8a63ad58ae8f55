"""How strictly the lots of a supplier are inspected, by which lots it was switched, and what is left until it is normal again (GB/T 2828.1 9.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from models.supplier.rules import switching
from models.supplier.rules.switching import Severity

SELECT = """
select s.id, s.severity, s.since, i.item_no, said(i.name, i.name_en) as item,
       (select coalesce(json_agg(json_build_object('lot', l.lot_no, 'accepted', p.accepted, 'then', p.then_severity, 'switched', p.severity <> p.then_severity)
                                 order by p.seq desc), '[]')
          from (select * from sampling_lot p where p.severity_id = s.id order by p.seq desc limit :n) p join lot l on l.id = p.lot_id) as lots,
       (select coalesce(json_agg(json_build_object('lot', l.lot_no, 'at', p.judged_at, 'then', p.then_severity, 'failed', (
                 select coalesce(json_agg(k.lot_no order by q.seq), '[]') from sampling_lot q join lot k on k.id = q.lot_id
                  where q.severity_id = s.id and q.seq between p.seq - 4 and p.seq and not q.accepted and q.severity = p.severity)) order by p.seq desc), '[]')
          from (select * from sampling_lot p where p.severity_id = s.id and p.severity <> p.then_severity order by p.seq desc limit :n) p
          join lot l on l.id = p.lot_id) as switches
  from sampling_severity s join supplier v on v.id = s.supplier_id join item i on i.id = s.item_id
"""
OF_GOODS = text(f"{SELECT} where s.supplier_id = :supplier and s.item_id = :item")
OF_SUPPLIER = text(f"{SELECT} where v.supplier_no = :supplier order by i.item_no")
NEWEST = 20
"""So many lots and switches of each are read; the record has all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Switch:
    """When it was switched, to what, by which lot, and which lots weren't accepted."""

    at: datetime
    then: Severity
    lot: str
    failed: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sampled:
    """How an item from a supplier is inspected, since when; `left` lots in a row are to be accepted until it is normal (0: it is)."""

    item_no: str
    item: str
    severity: Severity
    since: datetime
    left: int
    lots: tuple[tuple[str, bool], ...]
    switches: tuple[Switch, ...]


def of_goods(session: Session, supplier: int | None, item: int) -> Sampled | None:
    """Of an item from a supplier; None where no lot of it was decided on."""
    if supplier is None:
        return None
    given = {"supplier": supplier, "item": item, "n": NEWEST}
    found = session.connection().execute(OF_GOODS, given).one_or_none()
    return None if found is None else _sampled(found)


def of_supplier(session: Session, number: str) -> tuple[Sampled, ...]:
    """All items of a supplier, by number."""
    return tuple(_sampled(one) for one in session.connection().execute(OF_SUPPLIER, {"supplier": number, "n": NEWEST}))


def _sampled(row: Any) -> Sampled:
    severity = Severity(row.severity)
    return Sampled(
        item_no=row.item_no,
        item=row.item,
        severity=severity,
        since=row.since,
        left=_left(row.lots) if severity is Severity.TIGHTENED else 0,
        lots=tuple((one["lot"], one["accepted"]) for one in row.lots),
        switches=tuple(
            Switch(
                at=datetime.fromisoformat(one["at"]),
                then=Severity(one["then"]),
                lot=one["lot"],
                failed=tuple(one["failed"]),
            )
            for one in row.switches
        ),
    )


def _left(lots: Sequence[Any]) -> int:
    """How many more lots in a row, of those since it was tightened."""
    good = [*takewhile(lambda one: one["accepted"] and not one["switched"], lots)]
    return switching.RELAXING - len(good)
