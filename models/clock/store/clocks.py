"""The clocks as an operator sees them, how they compare, and a jump that is accepted (21 CFR 11.10(e); models/kernel/time/clock.py)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, text
from sqlmodel import Session

from models.clock.tables import ClockDifference, ClockJump
from models.kernel.store.act import Actor, act, ahead_of, reading
from models.kernel.time import clock, moments

NOW = text(
    "select clock_timestamp() as now, last_recorded() as last, clocks_compared() as ahead,"
    " coalesce((select max(id) from audit_event), 0) as event,"
    " (select extract(epoch from clock_timestamp() - max(b.compared_at))::float from worker_beat b"
    " where b.compared_at <= clock_timestamp() + interval '2 seconds') as since"
)
COMPARED = text(
    "update worker_beat set compared_at = clock_timestamp(), ahead_least = :least, ahead_most = :most where worker = :worker"
)
ONE_AT_A_TIME = text("select pg_advisory_xact_lock(hashtext('clock_difference'))")
APART = text("select d.apart from clock_difference d order by d.id desc limit 1")
LAST = text(
    "select d.at, d.apart, d.ahead_least, d.ahead_most from clock_difference d order by d.id desc limit :most_rows"
)
COMPARING = Actor("service:reconcile", "Batchwright", "worker", reason="", enters=True)
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Reading:
    """What the clocks say, the last event's number, and for how many seconds nobody has compared (None: nobody ever did)."""

    clocks: clock.Clocks
    event: int
    since: float | None


@dataclass(frozen=True)
class Difference:
    """When the clocks were found apart, or in agreement again."""

    at: datetime
    apart: bool
    ahead: clock.Ahead


def read(session: Session) -> Reading:
    """All of it at one moment."""
    row = session.connection().execute(NOW).one()
    return Reading(clock.Clocks(row.now, row.last, ahead_of(row.ahead)), row.event, row.since)


def look(engine: Engine) -> Reading:
    """The same, in a transaction of its own."""
    with reading(engine) as session:
        return read(session)


def now(engine: Engine) -> datetime:
    """The clock that the record goes by, before anybody moved it forward: a test home's is compared as it would be."""
    with engine.begin() as connection:
        moment: datetime = connection.execute(text("select pg_catalog.clock_timestamp()")).scalar_one()
    return moment


def compare(engine: Engine, worker: str, ahead: clock.Ahead) -> None:
    """Keep with the worker's sign of life how the clocks compare; that they part or agree again is an event, written once.

    Several workers compare; the lock lets one of them write it.  Who can't tell for certain says neither.
    """
    least, most = ahead.least // MILLISECOND, -(-ahead.most // MILLISECOND)
    with engine.begin() as connection:
        connection.execute(COMPARED, {"worker": worker, "least": least, "most": most})
        known = bool(connection.execute(APART).scalar())
    if ahead.agree if known else ahead.apart:
        _note(engine, ClockDifference(apart=not known, ahead_least=least, ahead_most=most, last_event_id=0))


def _note(engine: Engine, found: ClockDifference) -> None:
    with act(engine, COMPARING) as session:
        session.connection().execute(ONE_AT_A_TIME)
        if bool(session.connection().execute(APART).scalar()) != found.apart:
            found.last_event_id = read(session).event
            session.add(found)


def differences(session: Session, most: int) -> list[Difference]:
    """The last ones, the newest first."""
    rows = session.connection().execute(LAST, {"most_rows": most}).all()
    return [
        Difference(row.at, row.apart, clock.Ahead(row.ahead_least * MILLISECOND, row.ahead_most * MILLISECOND))
        for row in rows
    ]


def accept(session: Session, reason: str) -> ClockJump:
    """Go on at the clock's present time although the record is ahead of it; refused (API-507) where it isn't."""
    seen = read(session)
    if not seen.clocks.behind or seen.clocks.last is None:
        raise clock.RIGHT(now=moments.wire(seen.clocks.now))
    if not reason.strip():
        raise clock.WHY()
    jump = ClockJump(last_at=seen.clocks.last, last_event_id=seen.event, reason=reason.strip())
    session.add(jump)
    session.flush()
    return jump
