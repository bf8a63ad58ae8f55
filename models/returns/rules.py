"""Recalled goods that come back: how much may, where it goes, and what may become of it (REQUIREMENTS 75).

ISO 13485 8.3.3, 8.3.1: what comes back is nonconforming until somebody decides; what is on hold is not sold again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from models.item.rules.shelf_life import expired
from models.kernel.refusal import Kind
from models.kernel.time.reported import told
from models.lot.rules import held
from models.lot.rules.lot import LotFacts, LotStatus

CLAUSE = "ISO 13485 8.3.3"
NOT_HELD = Kind(
    "RCR-001",
    "ISO 13485 8.3.1, 8.3.3",
    "召回 {recall} 的批次尚未冻结，退货不能入库；请先全部冻结。",
    "Nothing of {recall} is on hold yet, so returned goods can't come in; hold everything first.",
)
NOT_IN_SCOPE = Kind(
    "RCR-002",
    CLAUSE,
    "批次 {lot} 不在召回 {recall} 的范围内；如确属此召回，请先扩大范围。",
    "Batch {lot} is not in the scope of {recall}; expand the scope first if it belongs to it.",
    422,
)
TOO_MANY = Kind(
    "RCR-003",
    "21 CFR 7.53(b)(4)",
    "{customer} 处的批次 {lot} 只剩 {there} {uom}，不能退回 {wanted} {uom}。",
    "{customer} has only {there} {uom} of batch {lot} left and can't return {wanted} {uom}.",
    422,
)
WHEN = Kind(
    "RCR-005",
    CLAUSE,
    "收货时间 {at} 不在召回启动之后、此刻之前。",
    "The time of receipt, {at}, is not between the beginning of the recall and now.",
    422,
)
NO_LINE = Kind("RCR-006", "DESIGN 5", "退货至少要有一行。", "A return needs at least one line.", 422)
SERIAL = Kind(
    "RCR-007",
    "21 CFR 821.25; ISO 13485 7.5.9.2",
    "批次 {lot} 按序列号发给了 {customer}，请逐件写明退回的序列号（每件数量 1）。",
    "Batch {lot} went to {customer} by serial number; name the serial of each unit that came back (quantity 1 each).",
    422,
)
UNKNOWN = Kind("RCR-008", "DESIGN 2.5", "没有这笔退货记录。", "There is no such return.", 404)
TOO_MUCH = Kind(
    "RCR-009",
    CLAUSE,
    "这笔退货只剩 {left} {uom} 未处置，不能处置 {wanted} {uom}。",
    "Only {left} {uom} of this return are left to decide about, not {wanted} {uom}.",
    422,
)
NO_REASON = Kind("RCR-010", CLAUSE, "处置必须写明理由。", "A disposition needs a reason.", 422)
HELD = Kind(
    "RCR-011",
    "ISO 13485 8.3.1",
    "批次 {lot} 仍然冻结（{reason}），退货不能重新入库销售。",
    "Batch {lot} is still on hold ({reason}); what came back can't go back to stock.",
)
NOT_GOOD = Kind(
    "RCR-012",
    "ISO 13485 8.2.6, 7.5.11",
    "批次 {lot} 不是已放行且未过期的批次，退货不能重新入库销售。",
    "Batch {lot} is not released, or has expired; what came back can't go back to stock.",
)
WITHDRAWN = Kind(
    "RCR-013",
    CLAUSE,
    "召回 {recall} 已撤销，其退货按普通退货处理。",
    "The recall {recall} was withdrawn; goods that come back are no returns of it.",
)

KINDS = ("scrap", "rework", "restock")


@dataclass(frozen=True)
class Delivered:
    """A line of a shipment to the customer: how much of it is still there, and of which unit where it has a serial."""

    line_id: int
    left: Decimal
    serial_no: str | None = None


def take_back(
    lines: Sequence[Delivered], wanted: Decimal, serial_no: str | None
) -> tuple[tuple[int, Decimal], ...] | None:
    """Which lines the quantity came from, the oldest first; None where there isn't so much."""
    missing = wanted
    taken: list[tuple[int, Decimal]] = []
    for line in lines:
        part = min(line.left, missing) if line.serial_no == serial_no else Decimal(0)
        if part > 0:
            taken.append((line.line_id, part))
            missing -= part
    return tuple(taken) if missing == 0 else None


def check_received(received_at: datetime, opened_at: datetime, now: datetime) -> datetime:
    """Refuse a receipt before the recall or tomorrow; answers when it was."""
    at = told(received_at, opened_at, now)
    if at is None:
        raise WHEN(at=received_at.isoformat(timespec="minutes"))
    return at


def check_disposition(
    lot: LotFacts, kind: str, wanted: Decimal, left: Decimal, reason: str, now: datetime, zone: str
) -> None:
    """Refuse to decide about more than came back, and to sell again what is held, not released or expired."""
    if not reason.strip():
        raise NO_REASON()
    if wanted > left:
        raise TOO_MUCH(left=f"{left.normalize():f}", wanted=f"{wanted.normalize():f}", uom=lot.uom)
    if kind == "scrap":
        held.check(lot.lot_no, lot.holds, held.Act.SCRAP_RETURN)
    if kind != "restock":
        return
    forbidding = [one for one in lot.holds if not held.allows(one.kind, held.Act.RESTOCK)]
    if forbidding:
        raise HELD(lot=lot.lot_no, reason=forbidding[0].reason)
    if lot.status is not LotStatus.RELEASED or expired(lot.expires_on, lot.expiry_precision, now, zone):
        raise NOT_GOOD(lot=lot.lot_no)
