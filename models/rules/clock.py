"""The record's clock never goes back: what is written now can't be earlier than what was written before.

A release would else be signed before its inspection (21 CFR 11.10(e); GAMP 5 on time stamps).
"""

from datetime import datetime, timedelta

from models.rules.moments import Zone, second
from models.rules.refusals import Kind

TOLERANCE = timedelta(seconds=2)
"""What a clock that is set by the network may be corrected by, without anybody being told."""

BEHIND = Kind(
    "API-505",
    "21 CFR 11.10(e)",
    "服务器时钟倒退了（现在 {now}，最近一条记录 {last}），为防止时间颠倒，暂停一切记录；您填写的内容请保留，并通知管理员校时。",
    "The server's clock has gone back (now {now}, the last record {last}); nothing is recorded until it is right, so that no"
    " act comes before its cause. Keep what you typed and tell the administrator.",
    503,
)
RIGHT = Kind(
    "API-507",
    "21 CFR 11.10(e)",
    "时钟没有落后于记录（现在 {now}），没有什么需要确认。",
    "The clock is not behind the record (now {now}); there is nothing to accept.",
)
WHY = Kind(
    "API-508",
    "21 CFR 11.10(e)",
    "请说明时钟为什么变了，以及此前的时间错在哪里。",
    "Say why the clock has changed, and what was wrong with the times before.",
    422,
)


def check(now: datetime, last: datetime | None, zone: Zone) -> None:
    """Refuse to write at `now` when the last audit event is later than a correction of the clock explains."""
    if behind(now, last):
        raise BEHIND(now=second(now, zone), last=second(last or now, zone))


def behind(now: datetime, last: datetime | None) -> bool:
    """Whether the clock shows less than the record already holds."""
    return last is not None and last - now > TOLERANCE
