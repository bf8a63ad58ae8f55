"""The audit trail of a batch, newest first, page by page along `ix_audit_event_lot_id_id` (REQUIREMENTS 103).

Keys in the images are resolved to what people read (names, codes) in one further statement per kind of key.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
from sqlmodel import Session

from models.rules.requests import cursor, read_cursor

OF_LOT = text("""
select a.id, a.at, a.actor_name, a.on_behalf_of, a.source, a.source_ref, a.reason, a.workflow, a.table_name, a.row_id,
       a.operation, a.before, a.after, encode(a.leaf, 'hex') as leaf
  from audit_event a where a.lot_id = :lot and (cast(:after as bigint) is null or a.id < :after)
 order by a.id desc limit :n
""")
NAMES = {
    "person": "select p.id, p.name as said from person p where p.id = any(cast(:ids as bigint[]))",
    "location": "select l.id, l.code as said from location l where l.id = any(cast(:ids as bigint[]))",
    "item": "select i.id, i.item_no as said from item i where i.id = any(cast(:ids as bigint[]))",
    "supplier": "select s.id, s.name as said from supplier s where s.id = any(cast(:ids as bigint[]))",
    "lot": "select l.id, l.lot_no as said from lot l where l.id = any(cast(:ids as bigint[]))",
}
TARGETS = {
    "item_id": "item",
    "supplier_id": "supplier",
    "parent_lot_id": "lot",
    "child_lot_id": "lot",
    "lot_id": "lot",
    "person_id": "person",
    "assignee_id": "person",
    "done_by_id": "person",
    "placed_by_id": "person",
    "lifted_by_id": "person",
    "decided_by_id": "person",
    "recorded_by_id": "person",
    "on_behalf_of_id": "person",
    "owner_id": "person",
    "from_location_id": "location",
    "to_location_id": "location",
    "location_id": "location",
}


@dataclass(frozen=True)
class Trail:
    """One page of the trail, and what the keys in it mean: `(kind, key)` → words."""

    rows: tuple[Row[Any], ...]
    names: dict[tuple[str, int], str]
    next: str | None


def of_lot(session: Session, lot_id: int, *, limit: int = 50, after: str | None = None) -> Trail:
    """What was changed of a batch and what hangs on it; at most six statements."""
    start = read_cursor(after, (int,))[0] if after else None
    given = {"lot": lot_id, "after": start, "n": limit + 1}
    rows = session.connection().execute(OF_LOT, given).all()
    following = cursor([rows[limit - 1].id]) if len(rows) > limit else None
    shown = tuple(rows[:limit])
    return Trail(rows=shown, names=_names(session, shown), next=following)


def _names(session: Session, rows: Iterable[Row[Any]]) -> dict[tuple[str, int], str]:
    wanted: dict[str, set[int]] = {}
    for row in rows:
        for image in (row.before or {}, row.after or {}):
            for column, kind in TARGETS.items():
                if isinstance(image.get(column), int):
                    wanted.setdefault(kind, set()).add(image[column])
    found = {}
    for kind, ids in sorted(wanted.items()):
        for one in session.connection().execute(text(NAMES[kind]), {"ids": sorted(ids)}):
            found[kind, one.id] = one.said
    return found
