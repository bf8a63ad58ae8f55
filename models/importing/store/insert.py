"""Bulk inserts of an import, and the keys by which records of earlier imports are met."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from sqlalchemy import Table, literal, select, text, tuple_
from sqlmodel import Session, SQLModel

from models import metadata
from models.importing.rules.reading import Record

metadata.load()

# What is inserted, in the order in which one points at the other.
TABLES = (
    "location",
    "supplier",
    "customer",
    "item",
    "item_identifier",
    "supplier_item",
    "bom_line",
    "inspection_plan",
    "characteristic",
    "lot",
    "serial_unit",
    "work_order",
    "genealogy_edge",
    "inspection",
    "inspection_result",
    "shipment",
    "shipment_line",
    "stock_movement",
    "lot_fact",
)

NATURAL_KEYS: dict[str, tuple[str, ...]] = {
    "location": ("code",),
    "supplier": ("supplier_no",),
    "customer": ("customer_no",),
    "item": ("item_no",),
    "item_identifier": ("agency", "code"),
    "inspection_plan": ("code",),
    "lot": ("lot_no",),
    "work_order": ("work_order_no",),
    "shipment": ("shipment_no",),
    "inspection": ("inspection_no",),
}
# Records of these kinds may be shared by several source rows, so a later file may add to one that is there already.
_SHARED = frozenset({"lot", "inspection", "inspection_plan"})


def table(name: str) -> Table:
    """The table of a name."""
    return SQLModel.metadata.tables[name]


def ids_of_numbers(
    session: Session, name: str, columns: tuple[str, ...], records: list[Record]
) -> dict[tuple[str, ...], tuple[int, bool]]:
    """For each number that exists: its key, and whether an import may share the record."""
    numbers = sorted({tuple(str(record.values[column]) for column in columns) for record in records})
    target = table(name)
    origin = target.c.origin if "origin" in target.c else literal("migrated")
    found: dict[tuple[str, ...], tuple[int, bool]] = {}
    for start in range(0, len(numbers), 5000):
        keys = tuple_(*(target.c[column] for column in columns))
        query = select(target.c.id, origin, *(target.c[column] for column in columns))
        for row in session.execute(query.where(keys.in_(numbers[start : start + 5000]))):
            shared = row[1] == "migrated" and (name in _SHARED or (name, row[2]) == ("location", "IV-L0"))
            found[tuple(row[2:])] = (row[0], shared)
    return found


def registered_devices(session: Session, ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Those of the items that stand in a register of devices, numbered by their own DI: kind and unit by key."""
    item, code = table("item").c, table("item_identifier").c
    own = select(code.item_id).where(code.level == "Primary", code.item_id == item.id, code.code == item.item_no)
    query = select(item.id, item.kind, item.uom).where(item.id.in_(sorted(ids)), own.exists())
    return {key: (kind, uom) for key, kind, uom in session.execute(query)}


def insert_in_order(session: Session, name: str, rows: list[dict[str, Any]]) -> list[int]:
    """Insert rows of one table; answers their ids in the same order.

    The rows travel as one JSON document that PostgreSQL turns into the table's own types: measured 6 times faster than
    thousands of bound parameters. `insert … select … order by` gives out keys in that order.
    """
    ids: list[int] = []
    for _, same in groupby(rows, key=frozenset):
        batch = list(same)
        columns = ", ".join(f'"{table(name).c[column].name}"' for column in sorted(batch[0]))
        statement = text(
            f"insert into {table(name).name} ({columns})"  # noqa: S608 - names of our own tables and columns
            f" select {columns} from jsonb_populate_recordset(null::{table(name).name}, cast(:rows as jsonb))"
            " with ordinality order by ordinality returning id"
        )
        document = json.dumps(batch, default=str, ensure_ascii=False)
        ids += sorted(session.connection().execute(statement, {"rows": document}).scalars())
    return ids


def reserve_lots(session: Session, rows: Iterable[dict[str, Any]]) -> list[int]:
    """Keys for lots to come: inserted and rolled back to a savepoint, since keys that were given out stay given out.

    The application role may not touch the sequence itself.
    """
    plain = [row | {"status": "received"} for row in rows]
    if not plain:
        return []
    with session.begin_nested() as savepoint:
        ids = insert_in_order(session, "lot", plain)
        savepoint.rollback()
    return ids
