"""Hands over InvenTree's lots, now that everything that ever left them is known.

A lot had what lies here, what was shipped, and what went into other lots.  Of what was released the ledger says so: the
whole quantity came, and what is gone went out again; so the lot balances like one of our own (requirement 25).  The
database lets nothing leave a lot that has expired by now, so the store leaves these lines out of such a lot's ledger.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from models.importing.rules.inventree.dump import Dump, LotDraft
from models.importing.rules.reading import Record

BEFORE_THE_IMPORT = "migrated: before the import"
"""Why a movement is told that nobody made here."""


def read(dump: Dump) -> None:
    """Lots, and the movements of what was used and shipped before the import."""
    records = list(dump.intake.records.values())
    places: dict[str | None, str | None] = {}
    lines: dict[str | None, list[Record]] = defaultdict(list)
    gone = {r.ref for r in records if r.table == "shipment" and r.values["status"] != "planned"}
    for record in records:
        refs = record.refs
        if record.table == "stock_movement":
            places.setdefault(refs["lot_id"], refs["to_location_id"])
        elif record.table == "shipment_line" and refs["shipment_id"] in gone:
            lines[refs["lot_id"]].append(record)
    for draft in dump.lots:
        dump.intake.record("lot", draft.ref, draft.row, draft.values | {"quantity": draft.quantity}, draft.refs)
        place = places.get(draft.ref)
        if place is not None and draft.condition == "ok":
            _past(dump, draft, place, lines[draft.ref])


def _past(dump: Dump, draft: LotDraft, place: str, lines: list[Record]) -> None:
    """What came and went before the import, through the place where the rest lies."""
    left = [(line, line.values["quantity"] - line.values["returned"]) for line in lines]
    came = draft.used + sum((quantity for _, quantity in left), Decimal(0))

    def move(name: str, kind: str, quantity: Decimal, **refs: str) -> None:
        if quantity > 0:
            values = {"kind": kind, "quantity": quantity, "reason": BEFORE_THE_IMPORT}
            links = {"lot_id": draft.ref, **refs}
            dump.intake.record("stock_movement", f"{name}:{draft.ref}", draft.row, values, links)

    move("came", "receive", came, to_location_id=place)
    move("used", "consume", draft.used, from_location_id=place)
    for line, quantity in left:
        move(f"left:{line.ref}", "ship", quantity, from_location_id=place, shipment_line_id=line.ref)
