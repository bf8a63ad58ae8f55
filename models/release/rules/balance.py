"""Figures that were taken independently are held against one another: none is computed from the others.

What the order put in, what its bill of material says it takes, what the operations scrapped, what samples and disposals
took, what was counted when it was packed, and what the books have.  Beyond the item's tolerance a difference is an
exception that a release has to explain.  Serves REQUIREMENTS 25, 32; ISO 13485 7.5.1; 21 CFR 820.184.
"""

from decimal import Decimal

from models.kernel.units.quantity import plain
from models.release.rules.batch_record import Balance, BatchRecord, Labels, MaterialUse
from models.release.rules.matrix import Book, ExceptionItem, Factor, Mark

STAGE = "inspection"
MADE = frozenset({"in_process", "finished", "packaged"})
ZERO = Decimal(0)


def judge(book: Book, record: BatchRecord) -> None:
    """Every difference as an exception with its two figures."""
    balance, uom = record.balance, record.uom
    _off(book, "EV-LOT-3", "账面不平衡", "the books don't balance", balance.difference, "0", uom, ZERO)
    lost = unaccounted(balance)
    if balance.ordered is None and record.kind in MADE and not record.came_from:
        # goods that another lot was made as are counted under that one's number
        zh, en = ("没有投产数量，物料平衡未核对", "how much went in is not known; the balance could not be checked")
        book.say(Factor.MATERIAL, STAGE, Mark.NOT_CHECKED, zh, en)
    if lost is not None:
        limit = f"{plain(balance.ordered or ZERO)} {uom}"
        tolerance = (balance.ordered or ZERO) * balance.tolerance / 100
        _off(
            book,
            "EV-BALANCE-2",
            "投产数量没有全部交代",
            "what the order put in is not all accounted for",
            lost,
            limit,
            uom,
            tolerance,
        )
    if balance.missing:
        _off(book, "EV-BALANCE-3", "包装时清点短少", "missing when it was packed", balance.missing, "0", uom, ZERO)
    for one in record.materials:
        expected = f"{plain(one.expected)} {one.uom}"
        text_zh, text_en = (
            f"{one.item} 投料与物料清单不符",
            f"{one.item}: consumption is not what the bill of material says",
        )
        _off(book, "EV-BALANCE-4", text_zh, text_en, one.consumed - one.expected, expected, one.uom, tolerated(one))


def unaccounted(balance: Balance) -> Decimal | None:
    """What the order put in minus all that anybody says of it; None where no order of this plant made it."""
    if balance.ordered is None:
        return None
    gone = balance.consumed + balance.shipped + balance.reshaped + balance.samples
    return balance.ordered - balance.operation_scrap - balance.decided_scrap - gone - balance.stock


def tolerated(one: MaterialUse) -> Decimal:
    """How far consumption may be from the bill of material."""
    return one.expected * one.tolerance / 100


def labels(book: Book, counts: Labels) -> None:
    """Labels that don't add up: the batch was held for it, and the release explains it (21 CFR 820.45)."""
    parts = [counts.applied, counts.scrapped, *(one for one in (counts.samples, counts.left) if one)]
    text = f"{counts.printed} = {' + '.join(str(one) for one in parts)}"
    difference = counts.difference if counts.difference is not None else Decimal(counts.printed - sum(parts))
    if difference == 0 and counts.difference is None:
        # counted before the packed quantity was held against them
        zh, en = (f"标签 {text}，未与包装数量核对", f"labels {text}, not held against the packed quantity")
        book.say(Factor.METHOD, "label", Mark.NOT_CHECKED, zh, en)
        return
    if difference == 0:
        book.say(Factor.METHOD, "label", Mark.PASSED, f"标签 {text}", f"labels {text}")
        return
    off = text.replace("=", "≠")
    book.fault(
        ExceptionItem(
            code="EV-METHOD-5",
            factor=Factor.METHOD,
            stage="label",
            value=plain(difference),
            limit="0",
            zh=f"标签不平衡 {off}（与包装数量核对后差 {plain(difference)}）",
            en=f"labels don't balance {off} (off by {plain(difference)} against the packed quantity)",
        )
    )


def _off(
    book: Book, code: str, zh: str, en: str, difference: Decimal, limit: str, uom: str, tolerance: Decimal
) -> None:
    if abs(difference) <= tolerance:
        return
    said = f"{plain(difference)} {uom}"
    book.fault(
        ExceptionItem(
            code=code,
            factor=Factor.MATERIAL,
            stage=STAGE,
            value=said,
            limit=limit,
            zh=f"{zh}，差 {said}",
            en=f"{en}, by {said}",
        )
    )
