"""Expiry in the evidence of a release: the batch itself, and what went into it (ISO 13485 7.5.11; STANDARDS L 29).

A batch past its last day is not released.  A parent past its last day when it went in is bad material for ever; one that
ran out later is none of the batch's business.
"""

from datetime import datetime

from models.rules.batch_record import BatchRecord, Parent
from models.rules.evidence_matrix import Book, Factor, Mark, block, missing
from models.rules.lot import expired, last_day
from models.rules.moments import plant_day


def judge(book: Book, record: BatchRecord, now: datetime) -> None:
    """Put what is or was past its last day into the matrix, by the plant's days."""
    if record.expires_on is not None and expired(record.expires_on, record.expiry_precision, now, record.zone):
        end, today = last_day(record.expires_on, record.expiry_precision), plant_day(now, record.zone)
        book.fault(
            block(
                "EV-LOT-4",
                Factor.MATERIAL,
                "inspection",
                f"本批已过有效期（有效期至 {end}）",
                f"this batch has expired (its last day was {end})",
                value=today.isoformat(),
                limit=end.isoformat(),
            )
        )
    for parent in record.parents:
        _parent(book, parent, record.zone)


def _parent(book: Book, parent: Parent, zone: str) -> None:
    if parent.expires_on is None:
        return
    end = last_day(parent.expires_on, parent.expiry_precision)
    if parent.consumed_at is None:
        zh = f"{parent.lot_no} 有效期至 {end}，投料时间不明"
        en = f"{parent.lot_no} may be used until {end}; when it was consumed is not known"
        book.fault(missing("EV-MATERIAL-6", Factor.MATERIAL, "incoming", zh, en, about=parent.lot_no))
    elif expired(parent.expires_on, parent.expiry_precision, parent.consumed_at, zone):
        day = plant_day(parent.consumed_at, zone)
        book.fault(
            block(
                "EV-MATERIAL-4",
                Factor.MATERIAL,
                "incoming",
                f"投料批 {parent.lot_no} 投料时（{day}）已过有效期（{end}）",
                f"batch {parent.lot_no} had expired (its last day was {end}) when it was consumed on {day}",
                value=day.isoformat(),
                limit=end.isoformat(),
            )
        )
    else:
        zh, en = f"{parent.lot_no} 投料时在有效期内（{end}）", f"{parent.lot_no} was within its expiry ({end})"
        book.say(Factor.MATERIAL, "incoming", Mark.PASSED, zh, en)
