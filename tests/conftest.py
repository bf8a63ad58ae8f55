"""Fixtures of the whole suite: the real PostgreSQL, the real Temporal server, a real browser; and the closing summary.

- `postgres`: one throw-away cluster per run. `session`: a transaction that is rolled back; `fresh_database`: a database
  of its own, for tests that commit or race. Both have the schema that the migrations build.
- `temporal_env`: one Temporal server per run, with time skipping. Use a task queue of your own per test.
- `tests/support/servers/stack.py`: a whole Batchwright of separate processes that can be killed; `prepared.py`: a home for it.
- `page`: a fresh page in the system's Chromium; `count_statements`: how many SQL statements a block sends.
"""

import os
import shutil
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from playwright.async_api import Browser, BrowserContext, Page, async_playwright
from sqlalchemy import Engine
from sqlmodel import Session
from temporalio.testing import WorkflowEnvironment

from runtime import rubbish
from runtime.home import Home
from runtime.postgres import Postgres
from tests.support import hashing, scratch
from tests.support.house import order, summary
from tests.support.often import DEEP, often
from tests.support.plant.plant import furnish
from tests.support.servers import browser as browsers
from tests.support.servers import chromium, prepared, temporal
from tests.support.servers import database as databases
from tests.support.waits import waiting

# The fixtures of one kind of test each; those of one name are one thing.
pytest_plugins = [
    "tests.support.fixtures.acts",
    "tests.support.fixtures.api",
    "tests.support.fixtures.command",
    "tests.support.fixtures.graph",
    "tests.support.fixtures.walls",
    "tests.support.fixtures.workflows",
    "tests.support.servers.site",
]

# Always the same examples: a red test is red for everybody; in depth others, from a seed.  Time limits belong to benchmarks.
hypothesis_settings.register_profile(
    "batchwright",
    max_examples=often(20, 2_000),
    deadline=None,
    derandomize=not DEEP,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
hypothesis_settings.load_profile("batchwright")
hashing.cheaply()
databases.share_statements()
# Collecting thousands of tests makes objects that stay to the end; by default half of that time goes into looking for
# rubbish among them, and a tenth of every test's.
rubbish.look_seldom()
# Dozens of commands, workers and APIs are started: each would compile all sources anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_configure(config: pytest.Config) -> None:
    """Print at the end what the run spent its time on."""
    config.pluginmanager.register(summary, "summary")
    if os.environ.get("PYTEST_XDIST_WORKER", "").endswith(tuple("13579")):
        config.args = order.from_the_end(config.args)


def pytest_unconfigure() -> None:
    """Remove the homes that the processes of the run shared; the one that started them all does."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        prepared.remove()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where several processes share the suite, begin with the files that take longest."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: order.key(item.nodeid))


def pytest_collection_finish() -> None:
    """What is there now stays: leave it out of every later search for rubbish."""
    rubbish.leave_out_what_is_there()


@pytest.fixture(scope="session")
def scratch_home() -> Iterator[Home]:
    """A data folder that is gone after the run."""
    folder = scratch.folder()
    yield Home(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder for a data folder of the test's own.

    Not `tmp_path`: every pytest that starts on this machine closes that to other users, and PostgreSQL runs as one.
    """
    made = scratch.folder()
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(scratch_home: Home) -> Iterator[Postgres]:
    """A running cluster that doesn't wait for the disk."""
    server = Postgres(scratch_home, fast=True)
    with waiting("PostgreSQL starts"):
        child = server.start()
    yield server
    databases.leave(server)
    child.kill()


@pytest.fixture(scope="session")
def database_template(postgres: Postgres) -> Postgres:
    """The cluster with a migrated database to copy."""
    databases.make_template(postgres)
    return postgres


@pytest.fixture(scope="session")
def furnished_template(database_template: Postgres) -> str:
    """The name of a database with a furnished plant, to copy: `furnish` finds it done there."""
    made = databases.copy_template(database_template)
    furnish(made.engine)
    made.engine.dispose()
    return made.name


@pytest.fixture(scope="session")
def database(database_template: Postgres) -> Iterator[databases.TestDatabase]:
    """One migrated database for all tests that roll back."""
    made = databases.copy_template(database_template)
    yield made
    databases.drop(database_template, made)


@pytest.fixture(scope="module")
def module_database(database_template: Postgres) -> Iterator[databases.TestDatabase]:
    """A migrated database that the tests of one file share, and commit to."""
    made = databases.copy_template(database_template)
    yield made
    databases.drop(database_template, made)


@pytest.fixture(scope="module")
def furnished_database(database_template: Postgres, furnished_template: str) -> Iterator[databases.TestDatabase]:
    """A database with a furnished plant that the tests of one file share, and commit to."""
    made = databases.copy_template(database_template, furnished_template)
    yield made
    databases.drop(database_template, made)


@pytest.fixture
def fresh_database(database_template: Postgres) -> Iterator[databases.TestDatabase]:
    """A migrated database of the test's own; commit as you like."""
    made = databases.copy_template(database_template)
    yield made
    databases.drop(database_template, made)


@pytest.fixture
def session(database: databases.TestDatabase) -> Iterator[Session]:
    """A session of the application role; whatever the test does, even commit, is rolled back."""
    with database.engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as made:
            yield made
        outer.rollback()


@pytest.fixture
def count_statements() -> Callable[[Engine], databases.StatementCounter]:
    """`with count_statements(engine) as sent: …; assert len(sent) == 3`."""
    return databases.StatementCounter


@pytest_asyncio.fixture(scope="session")
async def temporal_env() -> AsyncIterator[WorkflowEnvironment]:
    """The real Temporal server with time skipping; `temporal_env.client` speaks Pydantic."""
    with waiting("Temporal starts"):
        env = await temporal.start_time_skipping()
    yield env
    with waiting("Temporal stops"):
        await env.shutdown()


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium, headless. Playwright's asynchronous form, because its other one occupies the event loop."""
    async with async_playwright() as playwright:
        with waiting("a browser starts"):
            made = await playwright.chromium.launch(executable_path=chromium.executable(), args=browsers.ARGUMENTS)
        yield made
        await made.close()


@pytest_asyncio.fixture
async def context(browser: Browser, request: pytest.FixtureRequest) -> AsyncIterator[BrowserContext]:
    """A person's browser."""
    async with browsers.browsing(browser, request.node) as made:
        yield made


@pytest_asyncio.fixture
async def other_context(browser: Browser, request: pytest.FixtureRequest) -> AsyncIterator[BrowserContext]:
    """A second person's browser."""
    async with browsers.browsing(browser, request.node) as made:
        yield made


@pytest_asyncio.fixture
async def page(context: BrowserContext) -> Page:
    """A tab in `context`."""
    return await browsers.tab(context)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let fixtures know at their end that the test has failed."""
    report = yield
    if report.failed:
        item.stash[browsers.FAILED] = True
    return report
