"""Reads a whole InvenTree company (Django `dumpdata`, one JSON list) as the legacy system we migrate from.

The order of the parts matters: master data, then stock as lots, then builds and orders that point at lots, then the
history.  Each part keeps its own account of rows; here stands only the order and what is not taken over.
"""

from __future__ import annotations

from typing import Any

from models.importing.rules import doubts
from models.importing.rules.codes import NO_PEOPLE, NOT_TAKEN_OVER
from models.importing.rules.inventree import builds as inventree_builds
from models.importing.rules.inventree import history as inventree_history
from models.importing.rules.inventree import lots as inventree_lots
from models.importing.rules.inventree import master as inventree_master
from models.importing.rules.inventree import orders as inventree_orders
from models.importing.rules.inventree import stock as inventree_stock
from models.importing.rules.inventree.dump import KINDS, SOURCE, Dump
from models.importing.rules.reading import Intake, Reading


def looks_like(row: Any) -> bool:
    """Is this one object of a Django dump?"""
    return (
        isinstance(row, dict)
        and isinstance(row.get("model"), str)
        and isinstance(row.get("pk"), int | str)
        and isinstance(row.get("fields"), dict)
    )


def read(rows: list[dict[str, Any]]) -> Reading:
    """Everything that the dump says, as records."""
    intake = Intake(SOURCE)
    dump = Dump(intake)
    for raw in rows:
        kind = KINDS.get(raw["model"], raw["model"])
        row = intake.open(kind, str(raw["pk"]), raw)
        if row is None:
            continue
        if kind == "user":
            intake.reject(row, NO_PEOPLE())
        elif raw["model"] not in KINDS:
            intake.reject(row, NOT_TAKEN_OVER(what=raw["model"]))
        else:
            dump.add(row, raw["pk"], raw["fields"])
    inventree_master.read(dump)
    inventree_stock.read(dump)
    inventree_builds.read(dump)
    inventree_orders.read(dump)
    inventree_history.read(dump)
    inventree_lots.read(dump)
    doubts.flag(intake)
    return intake.reading()
