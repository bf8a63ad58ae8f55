"""A batch is packed and labelled: the counts go into the books, and labels that don't add up hold it (REQUIREMENTS 63)."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from models.hold.store import holds
from models.lot.rules.lot import LotStatus, allocate
from models.lot.store import lots
from models.lot.tables import Lot
from models.process.messages.process import By
from models.production.rules import packaging as rules
from models.stock.rules import check_leaving
from models.stock.store import serials, stock

CAUSE = "labels"


def pack(session: Session, lot: Lot, form: dict[str, Any], there: Decimal, by: By, now: datetime) -> dict[str, Any]:
    """Book samples, scrap and what is missing out, each by its own reason, and hold what labels don't add up of."""
    counted = rules.read(form, there, lot.uom)
    lost = (
        ("sample", counted.samples, ""),
        ("scrap", counted.scrapped, counted.why),
        ("missing", counted.missing, counted.why),
    )
    for what, quantity, why in lost:
        if quantity <= 0:
            continue
        lots.check_whole(session, lot, quantity)
        kind = "sample" if what == "sample" else "scrap"
        named = str(form.get(f"{what}_serials") or "").split()
        check_leaving(serials.numbered(session, lot), quantity, named, lost=True)
        picks = allocate(lots.facts(session, lot), quantity, stock.places(session, lot.id), None)
        reason = "packaging" if what == "sample" else f"packaging {what}: {why}"
        serials.leave(session, lot, stock.take(session, lot, kind, picks, reason=reason), named)
    lots.check_whole(session, lot, counted.packed)
    lots.set_status(session, lot, LotStatus.PACKED)
    labels = {**vars(counted.labels), "difference": f"{counted.difference.normalize():f}"}
    data = {
        "packed": str(counted.packed),
        "samples": str(counted.samples),
        "scrapped": str(counted.scrapped),
        "missing": str(counted.missing),
        "labels": labels,
    }
    lots.note(session, lot.id, "lot.packed", by.person_id, data | ({"reason": counted.why} if counted.why else {}))
    if counted.difference:
        why = rules.hold_reason(counted)
        holds.place(session, [lot.id], reason=why, cause=CAUSE, person_id=by.person_id, now=now)
    return data
