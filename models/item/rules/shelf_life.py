"""Expiry and retest from the item master (ISO 13485 7.5.11; 21 CFR 801.18, 820.130; STANDARDS L 29).

An item says how long it lasts (`months`), whether its label carries an expiry, whether it is sterile, and after how many
months its material is tested again.  What the label says is kept as it is printed.  Where it differs from what the master
gives, or where a date is asked for and nobody has one, whoever books it in says why; a release shows that reason.
"""

from dataclasses import dataclass
from datetime import date, datetime

from models.kernel.refusal import Kind
from models.kernel.time.moments import PrintedDate, Zone, months_later

NO_BEFORE_MADE = Kind(
    "LOT-007", "DESIGN 5", "有效期早于生产日期。", "The expiry date lies before the manufacturing date.", 422
)

CLAUSE = "ISO 13485 7.5.11; 21 CFR 801.18"
ASKED = Kind(
    "LOT-021",
    CLAUSE,
    "物料 {item} 有有效期要求：请填写有效期或生产日期；确实没有时须写明理由。",
    "Item {item} has an expiry: enter it, or the day when it was made; if there is really none, say why.",
    422,
)
DIFFERS = Kind(
    "LOT-022",
    CLAUSE,
    "有效期 {told} 与物料 {item} 按 {months} 个月推算的 {computed} 不符；请核对，确认无误须写明理由。",
    "The expiry {told} is not {computed}, which {months} months of item {item} give; check it, and say why if it is right.",
    422,
)
ON_ARRIVAL = Kind(
    "LOT-023",
    CLAUSE,
    "批次 {lot} 到货时已过有效期（{day}），不能合格；仍要收货须写明理由。",
    "Batch {lot} had expired ({day}) when it arrived and can't be accepted; to receive it all the same, say why.",
    422,
)
RETEST_ASKED = Kind(
    "LOT-024",
    CLAUSE,
    "物料 {item} 每 {months} 个月复检：请填写复检日期或生产日期。",
    "Item {item} is tested again every {months} months: enter the retest date, or the day when it was made.",
    422,
)
NOT_MADE_YET = Kind(
    "LOT-026",
    "ALCOA+",
    "生产日期 {day} 不可能：应在 1970 年以后、今天（{today}）以前；请核对。",
    "The day of manufacture {day} can't be: it lies after 1970 and not after today ({today}). Check it.",
    422,
)
NO_SUCH_EXPIRY = Kind(
    "LOT-027",
    "ALCOA+",
    "日期 {day} 不可能：早于 1970 年；请核对。",
    "The date {day} can't be: it lies before 1970. Check it.",
    422,
)
RETEST_BEFORE_MADE = Kind(
    "LOT-033",
    "ALCOA+",
    "复检日期 {retest} 早于生产日期 {made}；请核对。",
    "The retest date {retest} lies before the day of manufacture {made}. Check it.",
    422,
)
EARLIEST = date(1970, 1, 1)


@dataclass(frozen=True)
class Master:
    """What the item says of its dates."""

    item_no: str
    months: int | None = None
    on_label: bool = False
    sterile: bool = False
    retest_months: int | None = None

    @property
    def expires(self) -> bool:
        """Whether a batch of it must have an expiry."""
        return self.months is not None or self.on_label or self.sterile


def computed(master: Master, made_on: date | None) -> PrintedDate | None:
    """The expiry that the master gives to what was made that day; None where it says nothing or the day isn't known."""
    if master.months is None or made_on is None:
        return None
    return PrintedDate(months_later(made_on, master.months))


def begun(master: Master, expiry: PrintedDate | None, made_on: date | None, began_on: date) -> PrintedDate | None:
    """The expiry of a batch whose work began another day than its order was written: the master's goes along, a told one stays."""
    if expiry is not None and expiry == computed(master, made_on):
        return computed(master, began_on)
    return expiry


def agrees(told: PrintedDate, right: PrintedDate) -> bool:
    """Whether what is printed says the same: the same day, or the month that the day lies in."""
    return told.first <= right.on <= told.last


def settle(master: Master, told: PrintedDate | None, made_on: date | None, reason: str | None) -> PrintedDate | None:
    """The expiry of a new batch: as told, else as the master gives it; refuses silence and contradiction without a reason."""
    right, why = computed(master, made_on), (reason or "").strip()
    if told is None:
        if right is None and master.expires and not why:
            raise ASKED(item=master.item_no)
        return right
    if right is not None and not agrees(told, right) and not why:
        raise DIFFERS(told=str(told), item=master.item_no, months=master.months, computed=str(right))
    return told


def check_arrival(lot_no: str, expiry: PrintedDate | None, now: datetime, zone: Zone, reason: str | None) -> None:
    """Refuse to receive what has expired, unless somebody says why it is taken in."""
    if expiry is not None and expired(expiry.on, expiry.precision, now, zone) and not (reason or "").strip():
        raise ON_ARRIVAL(lot=lot_no, day=str(expiry))


def check_days(made: PrintedDate | None, today: date, *others: PrintedDate | None) -> None:
    """LOT-026 for what is made tomorrow or before clocks began, LOT-027 for other days before that; today is the plant's."""
    if made is not None and not EARLIEST <= made.first <= today:
        raise NOT_MADE_YET(day=str(made), today=today.isoformat())
    for one in others:
        if one is not None and one.last < EARLIEST:
            raise NO_SUCH_EXPIRY(day=str(one))


def check_in_order(made: PrintedDate | None, expiry: PrintedDate | None, retest_on: PrintedDate | None = None) -> None:
    """LOT-007 for what expires before it was made, LOT-033 for what is tested again before; a month may be any day of it."""
    if made is not None and expiry is not None and expiry.last < made.first:
        raise NO_BEFORE_MADE()
    if made is not None and retest_on is not None and retest_on.last < made.first:
        raise RETEST_BEFORE_MADE(retest=str(retest_on), made=str(made))


def retest(master: Master, told: PrintedDate | None, made_on: date | None) -> PrintedDate | None:
    """When it is tested again: as told, else as the master gives it; refuses where the master asks and nothing tells."""
    if told is not None or master.retest_months is None:
        return told
    if made_on is None:
        raise RETEST_ASKED(item=master.item_no, months=master.retest_months)
    return PrintedDate(months_later(made_on, master.retest_months))


def expired(expires_on: date | None, precision: str, now: datetime, zone: Zone) -> bool:
    """Whether the last day is over in the plant's zone (STANDARDS L 29)."""
    return expires_on is not None and PrintedDate(expires_on, precision).over(now, zone)
