"""A test home's clock goes forward when somebody asks for it, from one due moment to the next (REQUIREMENTS 121; DESIGN 13).

A year of a CAPA can be played so, and what a deadline writes carries the time at which it was due.  Nowhere else may anybody
move the time of a record (21 CFR 11.10(e)), so everywhere else it is refused, and the database has nothing to move it with.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from models.kernel.refusal import Kind
from models.kernel.time.moments import minute

MOST = timedelta(days=3653)
"""Ten years in one move: longer than any deadline, and a mistyped date goes no further."""

MARK = "TEST 测试 · "
"""What every message out of a test home begins with."""

NOT_TEST = Kind(
    "API-512",
    "21 CFR 11.10(e)",
    "这里不是测试库：记录的时间谁也不能拨动。测试库在首次启动时用 batchwright up --test 建立。",
    "This is no test home: nobody moves the time of its record. A test home is made at its first start, with"
    " batchwright up --test.",
)
BEGUN = Kind(
    "API-513",
    "21 CFR 11.10(e)",
    "只有全新的本机数据目录才能建成测试库；这里已有记录，或使用另外的服务器。请换一个目录。",
    "Only a new data folder on this machine becomes a test home; this one has a record already, or uses servers of its own."
    " Choose another folder.",
)
FORWARD = Kind(
    "API-514",
    "21 CFR 11.10(e)",
    "测试时钟只能向前拨，一次最多十年（现在 {now}，要求 {to}）。",
    "The test clock only goes forward, by ten years at most (now {now}, asked for {to}).",
    422,
)
UNDER_WAY = Kind(
    "API-515",
    "DESIGN 13",
    "测试时钟正在拨到 {to}，请等它到达后再拨。",
    "The test clock is on its way to {to}; wait until it is there.",
)
WHY = Kind("API-516", "21 CFR 11.10(e)", "请说明为什么拨动测试时钟。", "Say why the test clock is moved.", 422)
UNREADABLE = Kind(
    "API-517",
    "DESIGN 2.5",
    "看不懂“{given}”；请写时长（90m、12h、30d、2w）或日期（2027-01-31）。",
    "“{given}” can't be read; write a length of time (90m, 12h, 30d, 2w) or a date (2027-01-31).",
    422,
)

_LENGTH = re.compile(r"([0-9]{1,7})\s*([mhdw])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def read(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The moment that a length of time or a date means; a date is the beginning of the plant's day."""
    said = text.strip()
    length = _LENGTH.fullmatch(said.lower())
    try:
        if length is not None:
            return now + int(length[1]) * _UNITS[length[2]]
        if len(said) == len("2027-01-31"):
            day = date.fromisoformat(said)
            return datetime(day.year, day.month, day.day, tzinfo=zone)
        moment = datetime.fromisoformat(said)
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
    except (ValueError, OverflowError):
        raise UNREADABLE(given=said[:40]) from None


def check(now: datetime, to: datetime, target: datetime | None, reason: str, zone: ZoneInfo) -> None:
    """Refuse a move back, one too far, one without a reason, and one while another is on its way to `target`."""
    if not reason.strip():
        raise WHY()
    if target is not None and target > now:
        raise UNDER_WAY(to=minute(target, zone))
    if not now < to <= now + MOST:
        raise FORWARD(now=minute(now, zone), to=minute(to, zone))


def step(now: datetime, target: datetime, due: Iterable[datetime]) -> datetime:
    """Where the clock goes next on its way to `target`: to the first moment at which something is due, or there."""
    return min((at for at in due if now < at < target), default=target)
