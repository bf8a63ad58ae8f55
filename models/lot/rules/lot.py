"""The life of a lot: its states, the ways between them, and when it may be used or shipped.

The database holds the same transitions (models/lot/walls.sql); a test compares the two.
Serves REQUIREMENTS 2, 5, 8, 27, 54; ISO 13485 7.5.8, 8.3.1.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from models.identifier.rules.scanned_field import refuse_whole
from models.item.rules.shelf_life import expired
from models.kernel.refusal import Kind, Refusal
from models.kernel.text import Text
from models.kernel.time.moments import PrintedDate, Zone
from models.kernel.units.quantity import plain
from models.lot.rules import held, locked
from models.lot.rules.open_hold import OpenHold

UNKNOWN = Kind("LOT-001", "DESIGN 2.5", "找不到批次「{lot}」。", "There is no batch “{lot}”.", 404)
NOT_RELEASED = Kind(
    "LOT-002",
    "ISO 13485 8.2.6; 医疗器械生产质量管理规范 (放行)",
    "批次 {lot} 尚未放行（{status}），不能{act_zh}。",
    "Batch {lot} is not released ({status_en}); it can't be {act_en}.",
)
EXPIRED = Kind(
    "LOT-004",
    "ISO 13485 7.5.11",
    "批次 {lot} 已于 {day} 过期，不能{act_zh}。",
    "Batch {lot} expired on {day}; it can't be {act_en}.",
)
NOT_ENOUGH = Kind(
    "STK-001",
    "DESIGN 2.4",
    "批次 {lot}（{where_zh}）只有 {there} {uom}，不够 {wanted} {uom}。",
    "There are only {there} {uom} of batch {lot} ({where_en}), not {wanted} {uom}.",
)
PACKED = Kind(
    "STK-006",
    "REQ 56",
    "批次 {lot}（{where_zh}）散放的只有 {there} {uom}，不够 {wanted} {uom}；另有 {packed} {uom} 装在 {units} 中，请先取出，或整个发出。",
    "Only {there} {uom} of batch {lot} ({where_en}) lie loose, not {wanted} {uom}; {packed} {uom} more are packed in {units}:"
    " take them out first, or ship the whole unit.",
)
HELD_THERE = Kind(
    "STK-009",
    "ISO 13485 8.3.1",
    "批次 {lot}（{where_zh}）未冻结的只有 {there} {uom}，不够 {wanted} {uom}；另有 {held} {uom} 冻结在 {places}：{reason}。",
    "Only {there} {uom} of batch {lot} ({where_en}) are free, not {wanted} {uom}; {held} {uom} more are held at {places}: {reason}.",
)
NO_QUANTITY = Kind("STK-002", "DESIGN 5", "数量必须大于 0。", "The quantity must be more than 0.", 422)
TRANSITION = Kind(
    "LOT-005",
    "21 CFR 11.10(f)",
    "批次 {lot} 不能从「{old}」变为「{new}」。",
    "Batch {lot} can't go from “{old_en}” to “{new_en}”.",
)
TWICE = Kind("LOT-006", "DESIGN 5", "批号 {lot} 已经存在。", "There is a batch {lot} already.")
ALIKE = Kind(
    "LOT-018",
    "REQ 19; 21 CFR 820.65",
    "批号 {lot} 与已有的批号 {other} 只是大小写、空格、连字符或看不见的字符不同，请换一个批号。",
    "Batch number {lot} differs from {other}, which exists, only in case, blanks, dashes or characters that nobody sees;"
    " choose another one.",
)
BAD_DATE = Kind(
    "LOT-008",
    "21 CFR 801.18",
    "日期「{value}」应为 2031-10-31 或 2031-10。",
    "The date “{value}” should read 2031-10-31 or 2031-10.",
    422,
)
BLOCKED_SUPPLIER = Kind(
    "LOT-009",
    "ISO 13485 7.4.1",
    "供应商 {supplier} 已被停用，不能收货。",
    "Supplier {supplier} is blocked; nothing can be received.",
)

NO_NUMBER = Kind(
    "LOT-011",
    "DESIGN 5",
    "编号不能为空，最多 60 个可打印字符，前后不留空格。",
    "A number has 1 to 60 printable characters, without spaces around them.",
    422,
)
MAX_NUMBER = 60


class LotStatus(StrEnum):
    """Where a lot stands; `held` is no status but an open hold on top of one."""

    RECEIVED = "received"
    IN_PROCESS = "in_process"
    FINISHED = "finished"
    INSPECTED = "inspected"
    PACKED = "packed"
    RELEASED = "released"
    REJECTED = "rejected"
    CLOSED = "closed"


STATUS_NAMES: dict[LotStatus, Text] = {
    LotStatus.RECEIVED: Text("待检", "quarantine"),
    LotStatus.IN_PROCESS: Text("生产中", "in process"),
    LotStatus.FINISHED: Text("已完工", "finished"),
    LotStatus.INSPECTED: Text("已检验", "inspected"),
    LotStatus.PACKED: Text("已包装", "packed"),
    LotStatus.RELEASED: Text("已放行", "released"),
    LotStatus.REJECTED: Text("不合格", "rejected"),
    LotStatus.CLOSED: Text("已关闭", "closed"),
}

S = LotStatus
TRANSITIONS: frozenset[tuple[LotStatus, LotStatus]] = frozenset(
    {
        (S.RECEIVED, S.RELEASED),
        (S.RECEIVED, S.REJECTED),
        (S.IN_PROCESS, S.FINISHED),
        (S.IN_PROCESS, S.REJECTED),
        (S.FINISHED, S.INSPECTED),
        (S.FINISHED, S.REJECTED),
        (S.FINISHED, S.IN_PROCESS),
        (S.INSPECTED, S.PACKED),
        (S.INSPECTED, S.RELEASED),
        (S.INSPECTED, S.REJECTED),
        (S.INSPECTED, S.IN_PROCESS),
        (S.PACKED, S.RELEASED),
        (S.PACKED, S.REJECTED),
        (S.PACKED, S.IN_PROCESS),
        (S.RELEASED, S.REJECTED),
        (S.RELEASED, S.CLOSED),
        (S.REJECTED, S.IN_PROCESS),
        (S.REJECTED, S.CLOSED),
    }
)


class Use(StrEnum):
    """What somebody wants to do with a lot."""

    CONSUME = "consume"
    SHIP = "ship"


USE_WORDS = {use: held.ACT_WORDS[held.Act(use)] for use in Use}


@dataclass(frozen=True)
class OnUnit:
    """A quantity of a lot that is packed in a case or on a pallet: in stock, and not free to be taken by itself."""

    unit_no: str
    location: str
    quantity: Decimal


@dataclass(frozen=True)
class HeldThere:
    """A quantity of a lot that is held at a place, and why: in stock, and not to be taken while the rest of the lot goes on."""

    location: str
    quantity: Decimal
    reason: str


@dataclass(frozen=True)
class LotFacts:
    """What the rules need to know of a lot.  `holds` and `locks` are the open ones, the oldest first."""

    lot_no: str
    status: LotStatus
    holds: tuple[OpenHold, ...] = ()
    expires_on: date | None = None
    expiry_precision: str = "day"
    uom: str = "pcs"
    packed: tuple[OnUnit, ...] = ()
    parts: tuple[HeldThere, ...] = ()
    locks: tuple[locked.Lock, ...] = ()


def last_day(expires_on: date, precision: str) -> date:
    """The last day on which the lot may be used; an expiry month means its last day (21 CFR 801.18)."""
    return PrintedDate(expires_on, precision).last


def check_use(lot: LotFacts, use: Use, now: datetime, zone: Zone) -> None:
    """Refuse to consume or ship a lot that is not released, held, paused by a change, or expired."""
    act_zh, act_en = USE_WORDS[use]
    held.check(lot.lot_no, lot.holds, held.Act(use))
    locked.check_act(lot.lot_no, lot.locks, held.Act(use))
    if lot.status is not LotStatus.RELEASED:
        zh, en = STATUS_NAMES[lot.status]
        raise NOT_RELEASED(lot=lot.lot_no, status=zh, status_en=en, act_zh=act_zh, act_en=act_en)
    if expired(lot.expires_on, lot.expiry_precision, now, zone) and lot.expires_on is not None:
        day = last_day(lot.expires_on, lot.expiry_precision)
        raise EXPIRED(lot=lot.lot_no, day=day.isoformat(), act_zh=act_zh, act_en=act_en)


def check_transition(lot_no: str, old: LotStatus, new: LotStatus) -> None:
    """Refuse a way between states that does not exist."""
    if (old, new) not in TRANSITIONS:
        (zh, en), (new_zh, new_en) = STATUS_NAMES[old], STATUS_NAMES[new]
        raise TRANSITION(lot=lot_no, old=zh, new=new_zh, old_en=en, new_en=new_en)


def check_number(number: str) -> None:
    """Refuse a new number (of a batch, an order, a shipment) that can't be printed, or that is a whole label."""
    if not number.strip() or len(number) > MAX_NUMBER or not number.isprintable() or number != number.strip():
        raise NO_NUMBER()
    refuse_whole(number)


def check_quantity(quantity: Decimal) -> None:
    """Refuse nothing, less than nothing, and what is no number."""
    if not quantity.is_finite() or quantity <= 0:
        raise NO_QUANTITY()


def parse_expiry(value: str | None) -> tuple[date | None, str]:
    """Read `2031-10-31` or `2031-10`; answers the date and its precision."""
    if not value:
        return None, "day"
    read = PrintedDate.read(value)
    if read is None:
        raise BAD_DATE(value=value[:40])
    return read.on, read.precision


@dataclass(frozen=True)
class Pick:
    """A quantity to take from one location."""

    location_id: int
    location: str
    quantity: Decimal


def allocate(lot: LotFacts, wanted: Decimal, there: tuple[Pick, ...], location: str | None) -> tuple[Pick, ...]:
    """Where to take `wanted` from: the named location, or every location until it is enough (largest first).

    `there` is what lies loose; what is packed leaves with its unit, or after somebody took it out.
    """
    check_quantity(wanted)
    here = tuple(pick for pick in there if location is None or pick.location == location)
    total = sum((pick.quantity for pick in here), Decimal(0))
    if total < wanted:
        raise _short(lot, wanted, total, location)
    picks: list[Pick] = []
    left = wanted
    for pick in sorted(here, key=lambda one: (-one.quantity, one.location_id)):
        take = min(pick.quantity, left)
        if take > 0:
            picks.append(Pick(pick.location_id, pick.location, take))
            left -= take
    return tuple(picks)


def _short(lot: LotFacts, wanted: Decimal, total: Decimal, location: str | None) -> Refusal:
    """There is not enough; where the rest is held or packed, at which places and in which units."""
    said = {
        "lot": lot.lot_no,
        "where_zh": (location or "全部库位")[:80],
        "where_en": (location or "all locations")[:80],
        "there": f"{total.normalize():f}",
        "wanted": f"{wanted.normalize():f}",
        "uom": lot.uom,
    }
    parts = [one for one in lot.parts if location is None or one.location == location]
    packed = [one for one in lot.packed if location is None or one.location == location]
    if parts and (not packed or total + sum(one.quantity for one in parts) >= wanted):
        return held_there(lot, wanted, total, parts, location)
    if not packed:
        return NOT_ENOUGH(**said)
    quantity = sum((one.quantity for one in packed), Decimal(0))
    return PACKED(**said, packed=f"{quantity.normalize():f}", units=unit_names(packed))


def held_there(
    lot: LotFacts, wanted: Decimal, free: Decimal, parts: Sequence[HeldThere], location: str | None = None
) -> Refusal:
    """There would be enough, but for what is held: how much, where and why."""
    return HELD_THERE(
        lot=lot.lot_no,
        where_zh=(location or "全部库位")[:80],
        where_en=(location or "all locations")[:80],
        there=plain(free),
        wanted=plain(wanted),
        uom=lot.uom,
        held=plain(sum((one.quantity for one in parts), Decimal(0))),
        places=", ".join(sorted({one.location for one in parts})),
        reason=parts[0].reason[:200],
    )


def unit_names(packed: Iterable[OnUnit]) -> str:
    """The first units by number, and how many more."""
    names = sorted({one.unit_no for one in packed})
    return ", ".join(names[:5]) + (f" +{len(names) - 5}" if len(names) > 5 else "")
