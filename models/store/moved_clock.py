"""The clock of a test home: where it is, moves that are asked for, what is due on the way (DESIGN 13; models/rules/moved_clock.py).

A home is one by the schema `test_clock`, which was there before its first table; no other has anything to be moved.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, Row, text
from sqlmodel import Session

from models.messages.process import Timer
from models.rules import moved_clock as rules
from models.store import recall_duties, runs
from models.store.act import Actor, act, reading
from models.store.act import zone as zone_of
from models.tables.recalls import Recall

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
FOLLOWED = text("""
select r.id, r.version, r.workflow_id, r.recall_id,
       coalesce((select jsonb_object_agg(t.stage, t.escalation_level) from human_task t
                  where t.run_id = r.id and t.status = 'open'), '{}') as levels
  from process_run r where r.status = 'running' or r.workflow_id = any(:waiting)
""")


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


@dataclass(frozen=True)
class Due:
    """A moment at which the workflow of a run has to do something."""

    workflow_id: str
    at: datetime


@dataclass
class Known:
    """Escalation moments of runs by their key and version: they change with the version only."""

    timers: dict[tuple[int, int], list[Timer]] = field(default_factory=dict)


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
    with engine.connect() as connection:
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


def followed(engine: Engine) -> list[str]:
    """The workflows that wait for a moment of the record."""
    with reading(engine) as session:
        return [row.workflow_id for row in _rows(session)]


def due(engine: Engine, known: Known) -> list[Due]:
    """Every moment that some workflow still has to act upon, past ones that it hasn't yet included."""
    with reading(engine) as session:
        rows = _rows(session)
        kept = {(row.id, row.version): known.timers.get((row.id, row.version)) for row in rows}
        for run_id, version in [key for key, timers in kept.items() if timers is None]:
            kept[run_id, version] = runs.task_timers(runs.load(session, run_id))
        known.timers = {key: timers or [] for key, timers in kept.items()}
        found = [
            Due(row.workflow_id, timer.at)
            for row in rows
            for timer in known.timers[row.id, row.version]
            if row.levels.get(timer.stage, timer.level) < timer.level
        ]
        return found + list(_duties(session, rows))


def _rows(session: Session) -> Sequence[Row[Any]]:
    waiting = recall_duties.waiting(session)
    return session.connection().execute(FOLLOWED, {"waiting": waiting}).all()


def _duties(session: Session, rows: Sequence[Row[Any]]) -> Iterable[Due]:
    for row in rows:
        if row.recall_id is not None and row.workflow_id.startswith("recall/"):
            recall = session.get_one(Recall, row.recall_id)
            for timer in recall_duties.timers(session, recall):
                yield Due(row.workflow_id, timer.at)
