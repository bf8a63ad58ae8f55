"""Marks a new database as a test home's: its clock can be moved forward (DESIGN 13; models/clock/rules.py).

The mark is a schema that only the owner can make, made while the database is empty: the times of a record that has begun are
the server's for ever, and those of a test home can be told by their schema.
"""

from pathlib import Path

from sqlalchemy import NullPool, create_engine, text

from models.clock.rules import BEGUN

SQL = Path(__file__).parent / "sql"
MARKED = text("select to_regnamespace('test_clock') is not null")
EMPTY = text("select not exists (select from pg_class where relnamespace = 'public'::regnamespace)")


def mark(owner_url: str) -> None:
    """Make the test clock in an empty database; refused (API-513) in one that has a record, harmless in a marked one."""
    _run(owner_url, "test_clock.sql", wanted=True)


def finish(owner_url: str) -> None:
    """After the migrations of a marked database: what they made goes by the test clock.  Of no other anything is changed."""
    _run(owner_url, "test_clock_moves.sql", wanted=False)


def _run(owner_url: str, file: str, *, wanted: bool) -> None:
    engine = create_engine(owner_url, poolclass=NullPool)
    with engine.begin() as connection:
        marked = bool(connection.execute(MARKED).scalar())
        if wanted and not marked and not connection.execute(EMPTY).scalar():
            raise BEGUN()
        if wanted is not marked:
            connection.exec_driver_sql((SQL / file).read_text(encoding="utf-8").replace("%", "%%"))
