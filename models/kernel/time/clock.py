"""The record's clock never goes back, and agrees with the engine's: what is written now can't be earlier than what was written before.

A release would else be signed before its inspection (21 CFR 11.10(e); GAMP 5 on time stamps).  PostgreSQL's clock dates the
record, Temporal's makes deadlines due; where the two part nobody knows which is right, so nothing is recorded until they agree.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from models.kernel.refusal import Kind, Refusal
from models.kernel.time.moments import Zone, second

TOLERANCE = timedelta(seconds=2)
"""What a clock that is set by the network may be corrected by, without anybody being told."""
LIMIT = timedelta(seconds=5)
"""How far two servers' clocks may be apart: far more than the network's time leaves, far less than any deadline."""

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
APART = Kind(
    "API-511",
    "21 CFR 11.10(e)",
    "数据库时钟（{now}）与流程引擎时钟（{engine}）不一致，无法判断哪个正确，暂停一切记录；您填写的内容请保留，并通知管理员校时，两者一致后自动继续。",
    "The database's clock ({now}) and the process engine's ({engine}) disagree, and nobody can tell which is right; nothing is"
    " recorded until they agree, then it goes on by itself. Keep what you typed and tell the administrator.",
    503,
)

PASSING = frozenset({BEHIND.code, APART.code})
"""What ends when the clocks are right: an act waits for it, as it would for a record that can't be reached."""


@dataclass(frozen=True)
class Ahead:
    """By how much the record's clock is ahead of the engine's (behind: less than nothing): between `least` and `most`.

    A comparison takes time, and nobody knows in which moment of it the engine looked at its clock; so it never says one number.
    """

    least: timedelta
    most: timedelta

    @property
    def apart(self) -> bool:
        """Whether the clocks differ by more than the limit for certain: a slow network alone never makes it so."""
        return self.least > LIMIT or self.most < -LIMIT

    @property
    def agree(self) -> bool:
        """Whether they don't, for certain."""
        return self.least >= -LIMIT and self.most <= LIMIT

    @property
    def surely(self) -> timedelta:
        """What of the difference is certain; nothing where none may be."""
        if self.least > timedelta():
            return self.least
        return min(self.most, timedelta())


def compared(before: datetime, engine: datetime, after: datetime) -> Ahead:
    """The engine's time, which it said at some moment between the record's `before` and `after`, against the record's.

    A clock that was set in between makes the answer wide, not wrong.
    """
    return Ahead(min(before, after) - engine, max(before, after) - engine)


@dataclass(frozen=True)
class Clocks:
    """The record's clock, until when the record is written, and how the engine's clock compares; None: not compared lately."""

    now: datetime
    last: datetime | None
    ahead: Ahead | None = None

    @property
    def behind(self) -> bool:
        """Whether the clock shows less than the record already holds."""
        return self.last is not None and self.last - self.now > TOLERANCE

    @property
    def apart(self) -> bool:
        """Whether record and engine have different times."""
        return self.ahead is not None and self.ahead.apart

    @property
    def wrong(self) -> bool:
        """Whether nothing may be recorded."""
        return self.behind or self.apart


def check(clocks: Clocks, zone: Zone) -> None:
    """Refuse to write while the last audit event is later than a correction explains, or the engine's clock says otherwise."""
    refusal = refused(clocks, zone)
    if refusal is not None:
        raise refusal


def refused(clocks: Clocks, zone: Zone) -> Refusal | None:
    """Why nothing may be written now, if so."""
    if clocks.behind:
        return BEHIND(now=second(clocks.now, zone), last=second(clocks.last or clocks.now, zone))
    if clocks.ahead is not None and clocks.apart:
        return APART(now=second(clocks.now, zone), engine=second(clocks.now - clocks.ahead.surely, zone))
    return None
