"""One act, one transaction: who acts is set before the first write, and the audit triggers refuse a write without it.

Only activities and API commands open transactions, and only here (21 CFR 11.10(e), REQUIREMENTS 103).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from models.kernel.refusal import Refusal
from models.kernel.store import later, who
from models.kernel.store.days import DEFAULT_ZONE
from models.kernel.store.english_names import READER, retell
from models.kernel.store.walls import refusal_of
from models.kernel.time import clock

_SET_ACTOR = (
    "select set_config('bw.actor_id', :actor_id, true), set_config('bw.actor_name', :name, true),"
    " set_config('bw.source', :source, true), set_config('bw.source_ref', :source_ref, true),"
    " set_config('bw.on_behalf_of', :on_behalf_of, true), set_config('bw.reason', :reason, true),"
    " set_config('bw.workflow', :workflow, true), set_config('bw.build', coalesce(nullif(:build, ''), current_setting('bw.build', true), ''), true),"
    " now(), (select array[s.zone, s.code, s.late_entry_hours::text] from site s order by s.id limit 1),"
    " clock_timestamp(), last_recorded(), clocks_compared(), now() - pg_catalog.now()"
)
SET_ACTOR = text(_SET_ACTOR)
SET_ASKER = text(f"{_SET_ACTOR}, (select row_to_json(w) from ({who.WHO}) w)")  # noqa: S608 - our own words
SET_REASON = text("select set_config('bw.reason', :reason, true)")
AHEAD = text("select now() - pg_catalog.now()")


P = ParamSpec("P")
T = TypeVar("T")
SET_LANGUAGE = text("select set_config('bw.language', :language, true)")
"""Names come in English then, where the query says `said(x.name, x.name_en)`; Chinese needs no word."""
LATE = "late entry hours"
HOURS = text("select s.late_entry_hours from site s order by s.id limit 1")
ZONE = text("select s.zone from site s order by s.id limit 1")


@dataclass(frozen=True)
class Actor:
    """Who changes something: the person's public id (or a service's name), the name as printed, and from where.

    `source` is the system the change comes from (`web`, `api`, `worker`, `inventree`, …), `source_ref` its message or
    row, `workflow` is `workflow_id/run_id`, `build` the code's build id (the connection's own where it is empty).  `enters`:
    somebody comes or goes, which must be possible to look at the record also while its clock is wrong.  `person_id` and
    `session_id` are of the person who asks, where the act asks who they are now (`who.known`).
    """

    actor_id: str
    name: str
    source: str
    source_ref: str = ""
    on_behalf_of: str = ""
    reason: str = ""
    workflow: str = ""
    build: str = ""
    enters: bool = False
    person_id: int = 0
    session_id: int | None = None


@contextmanager
def act(engine: Engine, actor: Actor) -> Iterator[Session]:
    """A transaction of `actor`: commits at the end, rolls back on any error.

    A wall of the database that says no becomes the same `Refusal` that the rule would have raised.
    """
    with Session(engine, expire_on_commit=False) as session:
        try:
            begin(session, actor)
            yield session
            session.commit()
        except Refusal as refusal:
            session.rollback()  # no lock is kept while names are looked up
            retell(session, refusal)
            raise
        except DBAPIError as error:
            session.rollback()
            refused = refusal_of(error)
            if refused is None:
                raise
            retell(session, refused)
            raise refused from error


def begin(session: Session, actor: Actor) -> datetime:
    """Name the actor of the session's transaction; answers the transaction's time."""
    asked = {"person": actor.person_id, "session": actor.session_id} if actor.person_id else {}
    row = session.connection().execute(
        SET_ASKER if asked else SET_ACTOR,
        {
            **asked,
            "actor_id": actor.actor_id,
            "name": actor.name,
            "source": actor.source,
            "source_ref": actor.source_ref,
            "on_behalf_of": actor.on_behalf_of,
            "reason": actor.reason,
            "workflow": actor.workflow,
            "build": actor.build,
        },
    )
    moment: datetime
    values = tuple(row.one())
    session.info[who.ASKED] = who.of(values[-1]) if asked else None
    session.info.pop(who.AGAIN, None)
    *_, moment, site, clock_now, last, ahead, moved = values[:-1] if asked else values
    zone, code, late = site or (None, None, None)
    session.info.update(now=moment, zone=zone or DEFAULT_ZONE, site=code, moved=moved, **{LATE: late})
    if not actor.enters:
        clock.check(clock.Clocks(clock_now, last, ahead_of(ahead)), zone or DEFAULT_ZONE)
    return moment


def ahead_of(milliseconds: list[int] | None) -> clock.Ahead | None:
    """How the clocks compare, as `clocks_compared()` says it."""
    if milliseconds is None:
        return None
    least, most = milliseconds
    return clock.Ahead(timedelta(milliseconds=least), timedelta(milliseconds=most))


def now(session: Session) -> datetime:
    """The transaction's time: the server's clock, the same for everything in the act."""
    moment: datetime = session.info.get("now") or session.connection().execute(text("select now()")).scalar_one()
    return moment


def moved(session: Session) -> timedelta:
    """By how much the record's clock was moved forward; nothing but in a test home."""
    known: timedelta | None = session.info.get("moved")
    return session.connection().execute(AHEAD).scalar_one() if known is None else known


@contextmanager
def reason(session: Session, why: str) -> Iterator[None]:
    """Give a change its own reason in the audit trail, where the act's person gave none for it."""
    connection = session.connection()
    later.write(session)
    before = connection.execute(text("select current_setting('bw.reason', true)")).scalar() or ""
    connection.execute(SET_REASON, {"reason": why})
    yield
    later.write(session)
    connection.execute(SET_REASON, {"reason": before})


def zone(session: Session) -> str:
    """The plant's time zone."""
    known = session.info.get("zone") or session.connection().execute(ZONE).scalar()
    return str(known or DEFAULT_ZONE)


def late_hours(session: Session) -> int | None:
    """The hours after which the plant calls an entry late, where it has said so."""
    if LATE in session.info:
        known: str | None = session.info[LATE]
        return None if known is None else int(known)
    found: int | None = session.connection().execute(HOURS).scalar()
    return found


def read_by(engine: Engine, language: str) -> Engine:
    """The same database, read for somebody of that language."""
    return engine.execution_options(**{READER: language})


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A read-only session: a snapshot in which nothing can be written.

    It ends with a commit, which commits nothing: at a rollback the driver throws away every statement that the connection
    has prepared, and a batch record takes longer to plan than to read.
    """
    with Session(engine, expire_on_commit=False) as session:
        session.connection().execute(text("set transaction isolation level repeatable read, read only"))
        if engine.get_execution_options().get(READER) == "en":
            session.connection().execute(SET_LANGUAGE, {"language": "en"})
            session.info[READER] = "en"
        try:
            yield session
        except Refusal as refusal:
            retell(session, refusal)
            raise
        session.expunge_all()
        session.commit()


def as_written(compose: Callable[Concatenate[Session, P], T]) -> Callable[Concatenate[Session, P], T]:
    """What has a digest is composed of names as the plant writes them: it is the same record for every reader."""

    @wraps(compose)
    def composed(session: Session, /, *args: P.args, **more: P.kwargs) -> T:
        reader = session.info.get(READER, "")
        if not reader:
            return compose(session, *args, **more)
        session.connection().execute(SET_LANGUAGE, {"language": ""})
        try:
            return compose(session, *args, **more)
        finally:
            session.connection().execute(SET_LANGUAGE, {"language": reader})

    return composed
