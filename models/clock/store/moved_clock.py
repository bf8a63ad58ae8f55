"""The clock of a test home: where it is, and the moves that are asked for (DESIGN 13; models/clock/rules.py).

A home is one by the schema `test_clock`, which was there before its first table; no other has anything to be moved.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, text
from sqlmodel import Session

from models.clock import rules
from models.kernel.store.act import Actor, act, reading
from models.kernel.store.act import zone as zone_of

MARKED = text("select to_regclass('test_clock.clock_move') is not null")
NOW = text("select clock_timestamp()")
LOOK = text(
    "select clock_timestamp() as now, m.from_at, m.to_at, m.reason from (select) one"
    " left join lateral (select * from test_clock.clock_move order by id desc limit 1) m on true"
)
LOCK = text("select pg_advisory_xact_lock(hashtext('test_clock'))")
"""Of two who ask at once the second reads what the first asked for; the lock of the database's wall."""
MOVE = text("insert into test_clock.clock_move (from_at, to_at, reason) values (clock_timestamp(), :to, :reason)")
STEP = text("select test_clock.step(:at)")


@dataclass(frozen=True)
class Moved:
    """The record's time in a test home, and the last move that was asked for."""

    now: datetime
    began: datetime | None
    target: datetime | None
    reason: str | None

    @property
    def under_way(self) -> bool:
        """Whether the clock is still on its way."""
        return self.target is not None and self.target > self.now


def marked(session: Session) -> bool:
    """Whether this is a test home."""
    return bool(session.connection().execute(MARKED).scalar())


def read(session: Session) -> Moved | None:
    """Where the clock is; None where it is the server's."""
    if not marked(session):
        return None
    row = session.connection().execute(LOOK).one()
    return Moved(row.now, row.from_at, row.to_at, row.reason)


def look(engine: Engine) -> Moved | None:
    """The same, in a transaction of its own."""
    with reading(engine) as session:
        return read(session)


def now(engine: Engine) -> datetime:
    """The record's time."""
    with engine.begin() as connection:
        moment: datetime = connection.execute(NOW).scalar_one()
    return moment


def move(engine: Engine, actor: Actor, to: str) -> Moved:
    """Ask for the clock to go forward, for a length of time or to a date, for the actor's reason: one event of the trail.

    Refused where this is no test home (API-512), and where the rule says no.
    """
    with act(engine, actor) as session:
        if not marked(session):
            raise rules.NOT_TEST()
        session.connection().execute(LOCK)
        seen = Moved(*session.connection().execute(LOOK).one())
        zone = ZoneInfo(zone_of(session))
        target = rules.read(to, seen.now, zone)
        rules.check(seen.now, target, seen.target, actor.reason, zone)
        session.connection().execute(MOVE, {"to": target, "reason": actor.reason.strip()})
    return Moved(seen.now, seen.now, target, actor.reason.strip())


def step(engine: Engine, at: datetime) -> bool:
    """Move the clock to a moment on the way of a move; False where somebody else did."""
    with engine.begin() as connection:
        return bool(connection.execute(STEP, {"at": at}).scalar())
