"""What an act only writes and never reads again: told at once, written together in one statement when the act commits.

A line of a timeline, a fact for the dispatcher, the receipt of the act: each would be a round trip of its own.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import TextClause, bindparam, event, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import SessionTransaction
from sqlmodel import Session, SQLModel

from models.kernel.store import who

WAITING = "written later"
"""Where a session keeps its rows until then, by table."""
NOTHING = "select 1"
AS_THEY_ARE = f"select row_to_json(w) from ({who.WHO}) w"  # noqa: S608 - our own words
BEFORE = "written later, at a savepoint"
"""What waited when a savepoint began: it waits again when that is taken back, written in between or not."""


def add(session: Session, table: type[SQLModel], **values: Any) -> None:
    """Write a row of that table when the act commits; in the order of the calls."""
    plain = {name: one.isoformat() if isinstance(one, datetime) else one for name, one in values.items()}
    session.info.setdefault(WAITING, {}).setdefault((table, tuple(sorted(values))), []).append(plain)


def waiting(session: Session, table: type[SQLModel]) -> Iterator[Mapping[str, Any]]:
    """The rows of that table that wait to be written."""
    for (one, _), rows in (session.info.get(WAITING) or {}).items():
        if one is table:
            yield from rows


def write(session: Session) -> None:
    """Write what waits, now; whatever is about to be told another reason or to read it asks for this."""
    if session.info.get(WAITING):
        _write(session, NOTHING, {})
    else:
        session.info.pop(WAITING, None)


def _write(session: Session, asked: str, given: Mapping[str, Any]) -> Any:
    """Write what waits and answer what is asked in the same statement."""
    waiting: Mapping[Any, Any] = session.info.pop(WAITING, None) or {}
    rows = {f"rows_{number}": rows for number, rows in enumerate(waiting.values())}
    return session.connection().execute(_statement(tuple(waiting), asked), {**rows, **given}).scalar()


@cache
def _statement(told: tuple[tuple[type[SQLModel], tuple[str, ...]], ...], asked: str) -> TextClause:
    """One statement for rows of these tables with these columns, which answers what is asked besides."""
    inserts = [_insert(table, columns, number) for number, (table, columns) in enumerate(told)]
    parts = ", ".join(f"written_{number} as ({insert})" for number, insert in enumerate(inserts))
    query = f"with {parts} {asked}" if parts else asked
    return text(query).bindparams(*(bindparam(f"rows_{number}", type_=JSONB) for number in range(len(told))))


def _insert(table: type[SQLModel], columns: tuple[str, ...], number: int) -> str:
    known = table.__table__.c  # type: ignore[attr-defined] # SQLModel says it of its tables only
    types = ", ".join(f"{name} {known[name].type.compile(postgresql.dialect())}" for name in columns)  # type: ignore[no-untyped-call]
    names = ", ".join(columns)
    return (
        f"insert into {table.__tablename__} ({names})"  # noqa: S608 - the names of our own tables and columns
        f" select {names} from jsonb_to_recordset(:rows_{number}) as told({types})"
    )


@event.listens_for(Session, "before_commit")
def _before_commit(session: Session) -> None:
    known: who.Who | None = session.info.get(who.ASKED)
    if known is None or who.AGAIN not in session.info or session.in_nested_transaction():
        write(session)
        return
    # the answer is of this moment: who lost a role while the act waited for its locks has lost it for this act as well
    who.judge(session, _write(session, AS_THEY_ARE, {"person": known.id, "session": known.session_id}))


@event.listens_for(Session, "after_transaction_create")
def _at_savepoint(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        session.info.setdefault(BEFORE, {})[transaction] = {
            told: list(rows) for told, rows in session.info.get(WAITING, {}).items()
        }


@event.listens_for(Session, "after_soft_rollback")
def _after_rollback(session: Session, taken_back: SessionTransaction) -> None:
    session.info[WAITING] = session.info.get(BEFORE, {}).pop(taken_back, {})


@event.listens_for(Session, "after_transaction_end")
def _at_end(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:  # of a savepoint it comes before the word that it was taken back
        session.info.pop(BEFORE, None)
