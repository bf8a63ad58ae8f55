"""May these lots be split, merged or repacked, and what is the new lot: quantity, unit, expiry, serial numbers.

What leaves one lot arrives in another: the same quantity in the item's own unit, exactly.  The database asks the same of
every link (migrations/sql/reshape.sql).  Serves REQUIREMENTS 6, 7, 56; ISO 13485 7.5.8, 7.5.9, 8.3.1.

- Split: any lot that lies in stock, held ones too: to set suspect goods apart is what a hold is for; the holds go along.
- Merge: only released or rejected lots of one item, unit and pack, none held or expired.  Two lots before their release
  have two batch records, and one decision can't be over both; held goods don't mix with good ones.
- Repack: only released lots, neither held nor expired, because packing is processing; a device's labels are counted.
- The new lot expires when the first of its parents does, and is as old as the oldest of them.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, localcontext

from models.identifier.rules.identity import identity_key
from models.item.rules import shelf_life
from models.kernel.refusal import Kind
from models.kernel.text import Text
from models.kernel.time.moments import PrintedDate
from models.kernel.units.quantity import plain
from models.kernel.units.units import NOT_WHOLE, counted
from models.lot.rules import held, locked
from models.lot.rules import lot as lot_rules
from models.lot.rules.lot import STATUS_NAMES, LotFacts, LotStatus
from models.production.rules.packaging import Labels

_CLAUSE = "ISO 13485 7.5.9; REQ 7"
STATE = Kind(
    "RSH-001",
    "ISO 13485 7.5.8",
    "批次 {lot} 处于「{status_zh}」，不能{act_zh}。",
    "Batch {lot} is {status_en}; it can't be {act_en}.",
)
NOTHING = Kind("RSH-002", "DESIGN 5", "请写明新批次的批号和数量。", "Name the new batches and their quantities.", 422)
WHOLE = Kind(
    "RSH-003",
    "ISO 13485 8.2.6",
    "批次 {lot} 尚未放行，不能全部分出（现有 {there} {uom}）：它的检验和放行必须有对象。",
    "Batch {lot} is not released yet, so something must remain of it (there are {there} {uom}): its inspection and"
    " release must be about something.",
)
TWO = Kind("RSH-004", "DESIGN 5", "合并至少需要两个不同的批次。", "Merging needs at least two different batches.", 422)
DIFFERENT = Kind(
    "RSH-005",
    "ISO 13485 7.5.8; 8.3.1",
    "批次 {lot} 和 {other} 的{what_zh}不同，不能合并。",
    "Batches {lot} and {other} differ in {what_en}; they can't be merged.",
)
INEXACT = Kind(
    "RSH-006",
    _CLAUSE,
    "{quantity} {uom} 换成 {new_quantity} {new_uom} 除不尽，数量会对不上。",
    "{quantity} {uom} are not exactly {new_quantity} {new_uom}; quantities would no longer add up.",
    422,
)
SERIALS = Kind(
    "RSH-007",
    "ISO 13485 7.5.9.2; 21 CFR 821",
    "批次 {lot} 按序列号管理：{quantity} {uom} 必须写明 {quantity} 个序列号，现有 {named} 个。",
    "Batch {lot} has serial numbers: {quantity} {uom} need {quantity} of them named, not {named}.",
    422,
)
UNKNOWN_SERIAL = Kind(
    "RSH-008",
    "DESIGN 2.5",
    "批次 {lot} 在库的序列号中没有「{serial}」。",
    "Batch {lot} has no serial number “{serial}” in stock.",
    404,
)
SERIAL_TWICE = Kind(
    "RSH-009",
    "ISO 13485 7.5.9.2",
    "序列号 {serial} 出现了两次。",
    "The serial number {serial} is there twice.",
    422,
)
TOO_MANY = Kind(
    "RSH-010",
    "DESIGN 5",
    "一次最多 {most} 个批次，请分几次进行。",
    "At most {most} batches at a time; do it in several steps.",
    422,
)
NUMBER_TWICE = Kind("RSH-011", "DESIGN 5", "批号 {lot} 写了两次。", "The batch number {lot} is there twice.", 422)
LABELS = Kind(
    "RSH-012",
    "21 CFR 820.45",
    "重新包装成品必须清点标签：打印、使用、报废各多少，都不小于 0。",
    "Repacking a product needs its labels counted: how many were printed, applied and scrapped, none below 0.",
    422,
)
UNIT = Kind(
    "RSH-013",
    _CLAUSE,
    "「{uom}」是物料的基本单位，1 {uom} 只能是 1 {uom}。",
    "“{uom}” is the item's own unit: one of it holds one of it.",
    422,
)
NO_REASON = Kind("RSH-014", "21 CFR 11.10(e)", "请写明理由。", "Give a reason.", 422)
BAD_QUANTITY = Kind(
    "RSH-015",
    "DESIGN 5",
    "数量必须大于 0，最多六位小数。",
    "A quantity is more than 0 and has at most six decimals.",
    422,
)
ALL_OF_IT = Kind(
    "RSH-016",
    "ISO 13485 8.3.1",
    "要拒收整批请使用整批处置；部分处置必须留下一部分。",
    "To reject all of a batch, decide on the whole batch; a partial disposition leaves some of it.",
)
WAITING = Kind(
    "RSH-017",
    "ISO 13485 8.3.2",
    "批次 {lot} 已有一个部分处置在等待决定。",
    "A partial disposition of batch {lot} is waiting for its decision already.",
)

MOST = 50
"""New or merged lots in one act: each one's life begins with it."""
PLACES = Decimal("0.000001")
SPLITTABLE = frozenset(LotStatus) - {LotStatus.IN_PROCESS, LotStatus.CLOSED}
MERGEABLE = frozenset({LotStatus.RELEASED, LotStatus.REJECTED})
REPACKABLE = frozenset({LotStatus.RELEASED})
DISPOSABLE = SPLITTABLE - {LotStatus.REJECTED}
DECIDED = frozenset({LotStatus.RELEASED, LotStatus.REJECTED})
"""States in which nothing about the lot waits for a decision, so that nothing of it needs to remain."""
LABELLED = frozenset({"finished", "packaged"})
SPLIT, MERGED, REPACKED = Text("拆分", "split"), Text("合并", "merged"), Text("换包装", "repacked")
DISPOSED = Text("部分处置", "decided on in part")


@dataclass(frozen=True)
class Lot:
    """A lot that is to be reshaped: what it is, how much of it is in house, and the serial numbers there."""

    facts: LotFacts
    item_no: str
    item_uom: str
    kind: str
    pack_size: Decimal
    there: Decimal
    made_on: PrintedDate | None = None
    serials: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Part:
    """A part of a lot that becomes a lot of its own."""

    lot_no: str
    quantity: Decimal
    serials: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dates:
    """What a new lot has of its parents' dates."""

    expires_on: date | None
    expiry_precision: str
    made_on: PrintedDate | None


def check_split(lot: Lot, parts: Sequence[Part], reason: str) -> Decimal:
    """Refuse a split that can't be; answers what remains."""
    _reason(reason)
    _state(lot, SPLITTABLE, SPLIT)
    held.check(lot.facts.lot_no, lot.facts.holds, held.Act.SPLIT)
    _numbers([part.lot_no for part in parts])
    for part in parts:
        check_exact(part.quantity)
    _serials(lot, parts)
    taken = sum((part.quantity for part in parts), Decimal(0))
    left = _left(lot, taken)
    if not left and lot.facts.status not in DECIDED:
        raise WHOLE(lot=lot.facts.lot_no, there=plain(lot.there), uom=lot.facts.uom)
    return left


def check_merge(lots: Sequence[Lot], into: str, reason: str, now: datetime, zone: str) -> Decimal:
    """Refuse a merger of what doesn't belong together; answers the quantity of the new lot."""
    _reason(reason)
    if len({lot.facts.lot_no for lot in lots}) < 2:
        raise TWO()
    if len(lots) > MOST:
        raise TOO_MANY(most=MOST)
    lot_rules.check_number(into)
    first = lots[0]
    for lot in lots:
        _state(lot, MERGEABLE, MERGED)
        _free(lot, held.Act.MERGE, MERGED, now, zone)
        _loose(lot)
        for what, zh, en in (("item_no", "物料", "item"), ("kind", "类型", "kind"), ("pack_size", "包装规格", "pack")):
            if getattr(lot, what) != getattr(first, what):
                raise DIFFERENT(lot=first.facts.lot_no, other=lot.facts.lot_no, what_zh=zh, what_en=en)
        for what, zh, en in (("uom", "单位", "unit"), ("status", "状态", "status")):
            if getattr(lot.facts, what) != getattr(first.facts, what):
                raise DIFFERENT(lot=first.facts.lot_no, other=lot.facts.lot_no, what_zh=zh, what_en=en)
        _left(lot, lot.there)
    counted = Counter(serial for lot in lots for serial in lot.serials)
    for serial, times in sorted(counted.items()):
        if times > 1:
            raise SERIAL_TWICE(serial=serial)
    return sum((lot.there for lot in lots), Decimal(0))


def check_repack(
    lot: Lot, taken: Part, new_quantity: Decimal, new_uom: str, labels: Labels | None, reason: str
) -> Decimal:
    """Refuse a repacking whose quantities don't come out; answers the pack size of the new lot.

    Labels that don't add up are recorded as they were counted, and hold the new lot (models/production/rules/packaging.py).
    """
    _reason(reason)
    _state(lot, REPACKABLE, REPACKED)
    _numbers([taken.lot_no])
    check_exact(taken.quantity)
    check_exact(new_quantity)
    _serials(lot, [taken])
    _left(lot, taken.quantity)
    size = pack_size(lot, taken.quantity, new_quantity, new_uom)
    if counted(new_uom) and new_quantity % 1:
        raise NOT_WHOLE(lot=taken.lot_no[:80], quantity=plain(new_quantity), uom=new_uom[:40])
    if labels is None and lot.kind in LABELLED:
        raise LABELS()
    if labels is not None and min(labels.printed, labels.applied, labels.scrapped, labels.each) < 0:
        raise LABELS()
    return size


def check_packable(lot: Lot, now: datetime, zone: str) -> None:
    """Refuse to repack what is held or expired."""
    _free(lot, held.Act.REPACK, REPACKED, now, zone)


def check_disposition(lot: Lot, part: Part, reason: str, *, decided: bool = False) -> Decimal:
    """Refuse a partial disposition that can't be; answers what stays in the lot.

    When it is `decided`, the part may be all that is left: the rest has gone since it was proposed.
    """
    _reason(reason)
    _state(lot, DISPOSABLE, DISPOSED)
    held.check(lot.facts.lot_no, lot.facts.holds, held.Act.PROPOSE)
    _numbers([part.lot_no])
    check_exact(part.quantity)
    _serials(lot, [part])
    left = _left(lot, part.quantity)
    if not left and not decided:
        raise ALL_OF_IT()
    return left


def pack_size(lot: Lot, quantity: Decimal, new_quantity: Decimal, new_uom: str) -> Decimal:
    """How much of the item's own unit one new unit holds; refused where that is not exact."""
    given = {
        "quantity": plain(quantity),
        "uom": lot.facts.uom,
        "new_quantity": plain(new_quantity),
        "new_uom": new_uom[:40],
    }
    with localcontext(prec=60):  # nothing may round here but the last place, which must then be exact
        base = lot.pack_size * quantity
        size = (base / new_quantity).quantize(PLACES)
        if size <= 0 or size * new_quantity != base:
            raise INEXACT(**given)
    if new_uom == lot.item_uom and size != 1:
        raise UNIT(uom=new_uom)
    return size


def dates(lots: Iterable[Lot]) -> Dates:
    """The dates of a lot that is made of these: the first expiry, the oldest manufacture."""
    known = list(lots)
    ends = [
        (lot_rules.last_day(one.facts.expires_on, one.facts.expiry_precision), one.facts)
        for one in known
        if one.facts.expires_on is not None
    ]
    made = min((one.made_on for one in known if one.made_on is not None), key=lambda one: one.first, default=None)
    if not ends:
        return Dates(None, "day", made)
    _, first = min(ends, key=lambda one: one[0])
    return Dates(first.expires_on, first.expiry_precision, made)


def check_exact(quantity: Decimal) -> None:
    """Refuse what the record couldn't keep digit for digit."""
    lot_rules.check_quantity(quantity)
    exponent = quantity.normalize().as_tuple().exponent
    if not isinstance(exponent, int) or exponent < PLACES.as_tuple().exponent:  # type: ignore[operator]
        raise BAD_QUANTITY()


def _reason(reason: str) -> None:
    if not reason.strip():
        raise NO_REASON()


def _state(lot: Lot, allowed: Collection[LotStatus], act: tuple[str, str]) -> None:
    status = lot.facts.status
    if status not in allowed:
        zh, en = STATUS_NAMES[status]
        raise STATE(lot=lot.facts.lot_no, status_zh=zh, status_en=en, act_zh=act[0], act_en=act[1])


def _free(lot: Lot, what: held.Act, act: tuple[str, str], now: datetime, zone: str) -> None:
    facts = lot.facts
    held.check(facts.lot_no, facts.holds, what)
    locked.check_act(facts.lot_no, facts.locks, what)
    if facts.expires_on is not None and shelf_life.expired(facts.expires_on, facts.expiry_precision, now, zone):
        day = lot_rules.last_day(facts.expires_on, facts.expiry_precision).isoformat()
        raise lot_rules.EXPIRED(lot=facts.lot_no, day=day, act_zh=act[0], act_en=act[1])


def _loose(lot: Lot) -> None:
    """All of it becomes another lot, so nothing of it may be held, or sit in a case that would still name the old one."""
    held_ = sum((one.quantity for one in lot.facts.parts), Decimal(0))
    if held_:
        raise lot_rules.held_there(lot.facts, lot.there, lot.there - held_, lot.facts.parts)
    packed = sum((one.quantity for one in lot.facts.packed), Decimal(0))
    if packed:
        raise lot_rules.PACKED(
            lot=lot.facts.lot_no,
            where_zh="全部库位",
            where_en="all locations",
            there=plain(lot.there - packed),
            wanted=plain(lot.there),
            uom=lot.facts.uom,
            packed=plain(packed),
            units=lot_rules.unit_names(lot.facts.packed),
        )


def _left(lot: Lot, taken: Decimal) -> Decimal:
    lot_rules.check_quantity(taken)
    if taken > lot.there:
        raise lot_rules.NOT_ENOUGH(
            lot=lot.facts.lot_no,
            where_zh="全部库位",
            where_en="all locations",
            there=plain(lot.there),
            wanted=plain(taken),
            uom=lot.facts.uom,
        )
    return lot.there - taken


def _numbers(numbers: Sequence[str]) -> None:
    if not numbers:
        raise NOTHING()
    if len(numbers) > MOST:
        raise TOO_MANY(most=MOST)
    for number in numbers:
        lot_rules.check_number(number)
    for number, times in Counter(map(identity_key, numbers)).items():
        if times > 1:
            raise NUMBER_TWICE(lot=number)


def _serials(lot: Lot, parts: Sequence[Part]) -> None:
    """Units with a number of their own go by number: as many as the part has pieces, each once, each really there."""
    counted = Counter(serial for part in parts for serial in part.serials)
    for serial, times in counted.items():
        if serial not in lot.serials:
            raise UNKNOWN_SERIAL(lot=lot.facts.lot_no, serial=serial[:80])
        if times > 1:
            raise SERIAL_TWICE(serial=serial[:80])
    if not lot.serials:
        return
    for part in parts:
        if part.quantity * lot.pack_size != len(part.serials):
            raise SERIALS(
                lot=lot.facts.lot_no, quantity=plain(part.quantity), uom=lot.facts.uom, named=len(part.serials)
            )
