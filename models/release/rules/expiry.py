"""Expiry in the evidence of a release: the batch itself, and what went into it (ISO 13485 7.5.11; STANDARDS L 29).

A batch past its last day is not released.  A parent past its last day when it went in is bad material for ever; one that
ran out later is none of the batch's business.  What the item master asks for and isn't recorded, or is recorded otherwise, stands out.
"""

from datetime import datetime

from models.item.rules import shelf_life
from models.item.rules.shelf_life import expired
from models.kernel.time.moments import plant_day, printed
from models.label.rules import receipt as receipt_label
from models.lot.rules.lot import last_day
from models.release.rules.batch_record import BatchRecord, Parent
from models.release.rules.matrix import Book, ExceptionItem, Factor, Mark, block, missing


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
    _own(book, record)
    _labels(book, record)
    for parent in record.parents:
        _parent(book, parent, record.zone)


def _own(book: Book, record: BatchRecord) -> None:
    """What the item master asks of the batch's own expiry."""
    shelf = record.shelf_life
    if shelf is None:
        return
    told, right = printed(record.expires_on, record.expiry_precision), printed(shelf.computed)
    why = shelf.reason or "–"
    if shelf.asked and told is None:
        zh, en = (
            f"物料要求有效期，本批没有记录（理由：{why}）",
            f"the item has an expiry; none is recorded (reason: {why})",
        )
        book.fault(missing("EV-LOT-6", Factor.MATERIAL, "inspection", zh, en))
    elif told is not None and right is not None and not shelf_life.agrees(told, right):
        book.fault(
            ExceptionItem(
                code="EV-LOT-7",
                factor=Factor.MATERIAL,
                stage="inspection",
                zh=f"有效期与物料主数据推算的不同（理由：{why}）",
                en=f"the expiry is not the one that the item master gives (reason: {why})",
                value=str(told),
                limit=str(right),
            )
        )


def _labels(book: Book, record: BatchRecord) -> None:
    """A label that said something else than is recorded: its reason is read by whoever releases."""
    for one in record.label_differs:
        words = receipt_label.WORDS[one.what]
        own = one.lot_no == record.lot_no
        book.fault(
            ExceptionItem(
                code="EV-LOT-8" if own else "EV-MATERIAL-12",
                factor=Factor.MATERIAL,
                stage="inspection" if own else "incoming",
                zh=f"{one.lot_no} 的标签与记录不一致：{words[0]}（理由：{one.reason}）",
                en=f"the label of {one.lot_no} said something else than is recorded: {words[1]} (reason: {one.reason})",
                value=one.label,
                limit=one.told,
                about=f"{one.lot_no} {one.what}",
            )
        )


def _retest(book: Book, parent: Parent, zone: str) -> None:
    """Material that went in past its retest date went in untested."""
    if parent.retest_on is None or parent.consumed_at is None:
        return
    day = plant_day(parent.consumed_at, zone)
    if day > parent.retest_on.last:
        book.fault(
            ExceptionItem(
                code="EV-MATERIAL-10",
                factor=Factor.MATERIAL,
                stage="incoming",
                zh=f"投料批 {parent.lot_no} 投料时（{day}）已过复检日期（{parent.retest_on}）",
                en=f"batch {parent.lot_no} was past its retest date ({parent.retest_on}) when it was consumed on {day}",
                value=day.isoformat(),
                limit=str(parent.retest_on),
                about=parent.lot_no,
            )
        )


def _parent(book: Book, parent: Parent, zone: str) -> None:
    _retest(book, parent, zone)
    if parent.expires_on is None:
        if parent.expiry_asked:
            zh, en = (
                f"{parent.lot_no} 应有有效期，没有记录",
                f"{parent.lot_no} should have an expiry; none is recorded",
            )
            book.fault(missing("EV-MATERIAL-11", Factor.MATERIAL, "incoming", zh, en, about=parent.lot_no))
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
        zh, en = (f"{parent.lot_no} 投料时在有效期内（{end}）", f"{parent.lot_no} was within its expiry ({end})")
        book.say(Factor.MATERIAL, "incoming", Mark.PASSED, zh, en)
