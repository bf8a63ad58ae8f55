"""What a step changes of runs and tasks, written in one statement: each would be a round trip of its own.

A unit of work sends one statement for each table and kind of change.  Here each change is a part of one statement, in a fixed order: tasks
before runs, what changes before what is new, and each part asks how many rows the part before it wrote, so that PostgreSQL carries them
out in that order and the walls see what was written before, as they would one after another.
"""

from typing import Any

from sqlalchemy import CTE, ColumnElement, Update, func, insert, inspect, literal, select, update
from sqlalchemy.orm import make_transient, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, SQLModel

from models.process.tables.process import HumanTask, ProcessRun

TOGETHER = (HumanTask, ProcessRun)


def write(session: Session) -> None:
    """Write what waits in the session: its runs and tasks in one statement where nothing else waits."""
    changed = [one for one in session.dirty if session.is_modified(one)]
    waiting = [*changed, *session.new]
    if session.deleted or len(waiting) < 2 or not all(isinstance(one, TOGETHER) for one in waiting):
        session.flush()
        return
    changed.sort(key=lambda one: (one.__tablename__, one.id))
    made = list(session.new)
    parts: list[CTE] = []
    for one in changed:
        parts.append(_changing(one, _after(parts)).cte(f"written_{len(parts)}"))
    for one in made:
        parts.append(_making(one, _after(parts)).cte(f"written_{len(parts)}"))
    new = parts[len(changed) :]
    # whatever is new is read back; where nothing is, that the last part was written
    asked = select(*(column for part in new for column in part.c)) if new else select(parts[-1].c.id)
    row = session.connection().execute(asked).one()
    values = iter(row)
    for one in changed:
        _is_written(session, one)
    for one in made:
        for attribute in inspect(one).mapper.column_attrs:
            set_committed_value(one, attribute.key, next(values))
        _is_written(session, one)


def _after(parts: list[CTE]) -> ColumnElement[bool]:
    """True, once the part before has been carried out."""
    if not parts:
        return literal(value=True)
    return select(func.count()).select_from(parts[-1]).scalar_subquery() >= 0


def _changing(row: SQLModel, after: ColumnElement[bool]) -> Update:
    """What has changed of a row, where it is still there."""
    state, table = inspect(row), row.__table__  # type: ignore[attr-defined] # SQLModel says it of its tables only
    values = {
        attribute.columns[0].name: getattr(row, attribute.key)
        for attribute in state.mapper.column_attrs
        if state.attrs[attribute.key].history.has_changes()
    }
    return update(table).where(table.c.id == row.id, after).values(values).returning(table.c.id)  # type: ignore[attr-defined]


def _making(row: SQLModel, after: ColumnElement[bool]) -> Any:
    """A new row, and all of it as the database has it."""
    columns = [attribute.columns[0] for attribute in inspect(row).mapper.column_attrs]
    given = {one: getattr(row, one.key) for one in columns if getattr(row, one.key, None) is not None}
    drawn = select(*(literal(value, one.type) for one, value in given.items())).where(after)
    return insert(row.__table__).from_select(list(given), drawn, include_defaults=False).returning(*columns)  # type: ignore[attr-defined]


def _is_written(session: Session, row: SQLModel) -> None:
    """The session has the row as it stands in the database."""
    session.expunge(row)
    make_transient(row)
    make_transient_to_detached(row)
    session.add(row)
