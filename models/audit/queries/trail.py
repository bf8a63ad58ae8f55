"""The audit trail of a subject, newest first: who changed what, when, from where, and why (21 CFR 11.10(e); REQ 103).

A subject is the number of anything (a batch, an item, a customer, a recall, a shipment, a pallet, a person's login …), a
table's name with the key of a row (`person/7`), or a table's name alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from models.identifier.rules.identity import identity_key, near_key
from models.identifier.rules.scanned_field import Asked, searched
from models.kernel.request import cursor, read_cursor
from models.lot import tables as lot_tables
from models.lot.rules.lot import UNKNOWN
from models.process import kinds
from models.register.store import numbers

COLUMNS = """
select e.id as seq, e.event_id, e.at, e.actor_id, e.actor_name, e.on_behalf_of, e.source, e.source_ref, e.reason,
       e.workflow, e.build, e.transaction, e.table_name, e.row_id, e.operation, e.before, e.after,
       encode(e.leaf, 'hex') as leaf
  from audit_event e
"""
AFTER = " and (cast(:after as bigint) is null or e.id < :after) order by e.id desc limit :n"
_OLDER = "(cast(:after as bigint) is null or a.id < :after) order by a.id desc limit :n"
# what is the batch's own, and the runs that are tied to it with their steps and signatures: each along its index
OF_LOT = text(f"""
{COLUMNS} where e.id in (
  (select a.id from audit_event a where a.lot_id = (select l.id from lot l where l.lot_no = :subject) and {_OLDER})
  union
  (select a.id from lot l join run_link k on k.subject_id = l.subject_id
     cross join lateral (select 'process_run' as name, k.run_id as id
                         union all select 'human_task', t.id from human_task t where t.run_id = k.run_id
                         union all select 'signature', s.id from signature s where s.run_id = k.run_id) r
     join audit_event a on a.table_name = r.name and a.row_id = r.id
    where l.lot_no = :subject and {_OLDER}))
 order by e.id desc limit :n
""")  # noqa: S608 - our own words
OF_NUMBER = text(
    f"{COLUMNS} where (e.table_name, e.row_id) in"  # noqa: S608
    f" (select * from unnest(cast(:tables as text[]), cast(:rows as bigint[]))) {AFTER}"
)
_NUMBERS = (  # table and column of everything that people know by a number
    ("customer", "customer_no"),
    ("equipment", "equipment_no"),
    ("inspection", "inspection_no"),
    ("item", "item_no"),
    ("location", "code"),
    ("operation_run", "load_no"),
    ("nonconformance", "nonconformance_no"),
    ("recall", "recall_no"),
    ("shipment", "shipment_no"),
    ("shipment", "order_no"),
    ("shipment", "tracking_no"),
    ("supplier", "supplier_no"),
    ("work_order", "work_order_no"),
)
_BY_NUMBER = "select '{0}' as name, id from {0} where {1} = :subject or identity_key({1}) = :identity"
NAMED = text(
    "\nunion\n".join(
        [
            *(_BY_NUMBER.format(table, column) for table, column in _NUMBERS),
            "select 'item', c.item_id from item_identifier c where c.code = :subject",
            "select 'lot', l.id from lot l where l.supplier_lot_key = :near and identity_key(l.supplier_lot_no) = :identity",
            "select 'person', a.person_id from account a where a.login = :subject",
            "select 'account', a.id from account a where a.login = :subject",
            "select 'serial_unit', u.id from serial_unit u where u.serial_key = :near and identity_key(u.serial_no) = :identity",
            "select 'logistic_unit', u.id from logistic_unit u where u.unit_key = :near and identity_key(u.unit_no) = :identity",
            "select 'lot', l.id from lot l where l.lot_key = :near and identity_key(l.lot_no) = :identity",
            # whatever else processes are about: itself, the row behind it, its runs, tasks and signatures
            (
                "select r.name, r.id from subject s cross join lateral subject_rows(s) r"
                " where s.kind <> 'lot' and identity_key(s.number) = :identity"
            ),
        ]
    )
)
ROWS_OF_SUBJECT = text("select r.name, r.id from subject s cross join lateral subject_rows(s) r where s.id = :subject")
OF_ROW = text(f"{COLUMNS} where e.table_name = :table and e.row_id = :row {AFTER}")
OF_TABLE = text(f"{COLUMNS} where e.table_name = :table {AFTER}")
ALL = text(f"{COLUMNS} where true {AFTER}")
TABLES = text("select 1 from pg_tables where schemaname = 'public' and tablename = :table")


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A column with its value before and after; an insertion has no before."""

    column: str
    before: Any
    after: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditEventView:
    """One change of one row; `leaf` is its hash in the Merkle log."""

    seq: int
    event_id: UUID
    at: datetime
    actor_id: str
    actor_name: str
    on_behalf_of: str | None
    source: str
    source_ref: str | None
    reason: str | None
    workflow: str | None
    build: str | None
    transaction: int
    table_name: str
    row_id: int
    operation: str
    changes: tuple[Change, ...]
    leaf: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditPage:
    """One page of the trail."""

    subject: str
    items: tuple[AuditEventView, ...]
    next: str | None


LABELLED = (
    Asked.LOT,
    Asked.UNIT,
    Asked.SERIAL,
    Asked.EQUIPMENT,
    Asked.SHIPMENT,
    Asked.ORDER,
    Asked.TRACKING,
    Asked.ITEM,
    Asked.PLACE,
)
"""What of a label is looked for, the first that it holds."""


def page(session: Session, subject: str, *, limit: int = 50, after: str | None = None) -> AuditPage:
    """The trail of `subject`; empty text means everything.  At most five statements, six for a scanned label."""
    connection = session.connection()
    lot = numbers.meant(session, lot_tables.LOTS, subject) if subject else None
    if lot is None and subject != (subject := searched(subject, *LABELLED)):
        lot = numbers.meant(session, lot_tables.LOTS, subject)
    subject = lot or subject
    values: dict[str, Any] = {
        "after": read_cursor(after, (int,))[0] if after else None, "n": limit + 1, "subject": subject
    }  # fmt: skip
    table, _, row = subject.partition("/")
    statement = ALL
    if subject:
        if lot is not None:
            statement = OF_LOT
        elif connection.execute(TABLES, {"table": table}).scalar() is not None and (not row or _is_key(row)):
            statement = OF_ROW if row else OF_TABLE
            values |= {"table": table, "row": int(row or 0)}
        else:
            statement = OF_NUMBER
            values |= _named(session, subject)
    return _page(subject, connection.execute(statement, values).all(), limit)


def of_subject(session: Session, key: int, number: str, *, limit: int = 50, after: str | None = None) -> AuditPage:
    """The trail of one subject by its key.  Three statements.

    Of itself, of the row behind it and what its noun hangs on that, and of its runs, tasks and signatures.
    """
    connection = session.connection()
    rows = [*connection.execute(ROWS_OF_SUBJECT, {"subject": key}).all(), *_hanging(session, [key])]
    values: dict[str, Any] = {"tables": [row.name for row in rows], "rows": [row.id for row in rows]}
    values |= {"after": read_cursor(after, (int,))[0] if after else None, "n": limit + 1}
    return _page(number, connection.execute(OF_NUMBER, values).all(), limit)


def _hanging(session: Session, keys: Sequence[int]) -> Sequence[Any]:
    """The rows that nouns say belong to these subjects."""
    said = [one.hanging for one in kinds.subjects() if one.hanging]
    if not said or not keys:
        return ()
    return session.connection().execute(text(" union all ".join(said)), {"subjects": list(keys)}).all()


def _page(subject: str, rows: Sequence[Any], limit: int) -> AuditPage:
    following = cursor([rows[limit - 1].seq]) if len(rows) > limit else None
    return AuditPage(subject=subject, items=tuple(_event(one) for one in rows[:limit]), next=following)


def _named(session: Session, subject: str) -> dict[str, list[Any]]:
    """The rows that bear the number; LOT-001 when nothing does."""
    given = {"subject": subject, "identity": identity_key(subject) or None, "near": near_key(subject)}
    found = list(session.connection().execute(NAMED, given).all())
    if not found:
        raise UNKNOWN(lot=subject[:80])
    found += _hanging(session, [row.id for row in found if row.name == "subject"])
    return {"tables": [row.name for row in found], "rows": [row.id for row in found]}


def _is_key(text_: str) -> bool:
    return text_.isascii() and text_.isdigit() and len(text_) <= 18


def _event(row: Any) -> AuditEventView:
    known = {name: value for name, value in row._mapping.items() if name not in {"before", "after"}}  # noqa: SLF001 - SQLAlchemy's public name
    before, after = row.before or {}, row.after or {}
    changes = tuple(
        Change(column=name, before=before.get(name), after=after.get(name))
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    )
    return AuditEventView(**known, changes=changes)
