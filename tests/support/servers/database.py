"""The test database: one throw-away cluster per run, migrated once, copied or rolled back for each test.

Built by the migrations, not by `create_all`, so that the triggers and grants under test are the real ones.
"""

import itertools
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import Connection, Engine, NullPool, create_engine, event, make_url, text

from models.kernel.store import db
from runtime.postgres import API, APPLICATION, OWNER, SUPERUSER, Postgres
from tests.support.waits import waiting

TEMPLATE = "batchwright_template"
ADDRESSES: dict[str, str] = {}
"""The superuser's address of each database that was copied, by its name."""
_numbers = itertools.count(1)
STATEMENTS = 10_000
"""The texts of so many are kept: those of all nouns, where one test after the other needs some of them."""
_first: dict[str, Engine] = {}
"""An engine that is connected to nothing, by what engines are made with."""


def share_statements() -> None:
    """Let every engine that the application makes in this process share what SQLAlchemy knows of statements.

    A process of the plant has one engine and works out each statement's text once.  A process of the suite has one for each
    database, a thousand of them, and would work all of them out anew for each: a tenth of its time.
    """
    setattr(db, create_engine.__name__, like_the_first)


def like_the_first(url: str, **options: Any) -> Engine:
    """An engine with a pool and listeners of its own, and with the dialect and the statements of the first that was made like it."""
    first = _first.setdefault(
        repr(sorted(options.items())),
        create_engine("postgresql+psycopg://", **options, query_cache_size=STATEMENTS),
    )
    address = make_url(url)
    arguments, named = first.dialect.create_connect_args(address)
    named |= options.get("connect_args", {})
    pool = first.pool.recreate()
    pool._creator = lambda: first.dialect.connect(*arguments, **named)
    made = Engine(pool, first.dialect, address)
    made._compiled_cache = first._compiled_cache
    return made


@dataclass(frozen=True)
class TestDatabase:
    """A database with the schema in it, and its addresses."""

    __test__ = False
    name: str
    url: str  # as the application role
    owner_url: str
    api_url: str  # as the role of the API, which writes no acts
    engine: Engine  # as the application role, with the worker's options


class Administrator:
    """Makes and drops databases of one cluster, a thousand times in a run, over a connection of its own and in a thread of its own.

    Nobody waits for a database to be gone, and seldom for one to be there: whoever takes a copy of a template that was copied
    before leaves the order for the next one.
    """

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres
        self._connection = postgres.connect()
        self._behind = ThreadPoolExecutor(1, "databases")
        self._ordered: dict[str, Future[str]] = {}
        self._copied: set[str] = set()
        self._dropped: list[Future[None]] = []

    def copy(self, template: str) -> str:
        """The name of a new copy."""
        ready = self._ordered.pop(template, None) or self._behind.submit(self._copy, template)
        if template in self._copied:
            self._ordered[template] = self._behind.submit(self._copy, template)
        self._copied.add(template)
        return ready.result()

    def drop(self, name: str) -> None:
        """It goes soon, with whoever is still connected; what went wrong with those before is told now."""
        for one in [one for one in self._dropped if one.done()]:
            self._dropped.remove(one)
            one.result()
        self._dropped.append(self._behind.submit(self._drop, name))

    def leave(self) -> None:
        """For the end of the cluster, which takes the rest along."""
        self._behind.shutdown(cancel_futures=True)
        self._connection.close()

    def _copy(self, template: str) -> str:
        name = f"test_{next(_numbers)}"
        self._postgres.create_database(self._connection, name, template=template)
        return name

    def _drop(self, name: str) -> None:
        self._connection.execute(f'drop database "{name}" with (force)'.encode())


_administrators: dict[int, Administrator] = {}
"""By the port of their cluster."""


def administrator(postgres: Postgres) -> Administrator:
    """That of a cluster, to leave when it ends."""
    if postgres.port not in _administrators:
        _administrators[postgres.port] = Administrator(postgres)
    return _administrators[postgres.port]


def leave(postgres: Postgres) -> None:
    """No database of this cluster is made or dropped any more."""
    if (one := _administrators.pop(postgres.port, None)) is not None:
        one.leave()


def make_template(postgres: Postgres) -> None:
    """A migrated database that is only ever copied."""
    from models import migrations

    with waiting("the template is migrated"):
        with postgres.connect() as connection:
            postgres.create_database(connection, TEMPLATE)
        migrations.upgrade(postgres.url(OWNER, TEMPLATE))
        know_tests(postgres, TEMPLATE)


def know_tests(postgres: Postgres, name: str) -> None:
    """Let the audit trail take the name that tests write under; a plant's own doesn't."""
    with postgres.connect(OWNER, name) as connection:
        connection.execute(
            "insert into service_actor (actor_id, what, furnishes) values ('service:test', 'tests', true)"
        )


@contextmanager
def test_home(postgres: Postgres) -> Iterator[TestDatabase]:
    """A database that was marked before its first table, so that its clock can be moved; a few seconds."""
    from models import migrations
    from models.migrations import test_home as marking

    name = f"a_test_home_{next(_numbers)}"
    with postgres.connect() as connection:
        postgres.create_database(connection, name)
    owner = postgres.url(OWNER, name)
    with waiting("a test home is migrated"):
        marking.mark(owner)
        migrations.upgrade(owner)
        marking.finish(owner)
    know_tests(postgres, name)
    url = postgres.url(APPLICATION, name)
    made = TestDatabase(name, url, owner, postgres.url(API, name), db.engine(url, acts=True))
    yield made
    drop(postgres, made)


test_home.__test__ = False  # type: ignore[attr-defined]


def copy_template(postgres: Postgres, template: str = TEMPLATE) -> TestDatabase:
    """A database of its own for a test that commits; about 0.1 s."""
    with waiting("databases are copied"):
        name = administrator(postgres).copy(template)
    url = postgres.url(APPLICATION, name)
    ADDRESSES[name] = postgres.url(SUPERUSER, name)
    engine = db.engine(
        url, pool_size=20, acts=True
    )  # as the worker has it: planning a batch record takes longer than reading it
    return TestDatabase(name, url, postgres.url(OWNER, name), postgres.url(API, name), engine)


@contextmanager
def past_walls(engine: Engine) -> Iterator[Connection]:
    """A transaction in which no wall and no trail looks: for what a record of before may hold and ours can't any more."""
    owner = create_engine(ADDRESSES[str(engine.url.database)], poolclass=NullPool)
    with owner.begin() as connection:
        connection.execute(text("set local session_replication_role = replica"))
        yield connection


@contextmanager
def past_wall(engine: Engine, table: str, wall: str) -> Iterator[Connection]:
    """A transaction of the test's own in which one wall of a table doesn't look; the trail does."""
    owner = create_engine(ADDRESSES[str(engine.url.database)], poolclass=NullPool)
    with owner.begin() as connection:
        connection.execute(
            text(
                "select set_config('bw.actor_id', 'service:test', true), set_config('bw.actor_name', 'test', true), set_config('bw.source', 'test', true)"
            )
        )
        connection.execute(text(f"alter table {table} disable trigger {wall}"))
        yield connection
        connection.execute(text(f"alter table {table} enable trigger {wall}"))


def drop(postgres: Postgres, database: TestDatabase) -> None:
    """Remove it, soon."""
    database.engine.dispose()
    with waiting("databases are dropped"):
        administrator(postgres).drop(database.name)


class StatementCounter:
    """Counts the SQL statements an engine sends; lists and traces assert their number (no N+1)."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.statements: list[str] = []

    def __enter__(self) -> Self:
        event.listen(self.engine, "before_cursor_execute", self._record)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self._record)

    def _record(self, *arguments: object) -> None:
        self.statements.append(str(arguments[2]))

    def __len__(self) -> int:
        return len(self.statements)
