"""The supervisor on real servers: order, restart, kill -9, two on one folder, two on one machine."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from runtime.home import Home, HomeInUseError, read_json
from runtime.postgres import OWNER, Postgres
from runtime.process import is_same
from runtime.settings import Settings
from runtime.stack import SERVERS
from runtime.supervisor import running_stack
from runtime.temporal.server import Temporal
from tests.support.servers import prepared
from tests.support.servers.stack import SERVERS_ONLY, Up, wait_for


@pytest.fixture(scope="module")
def made() -> Iterator[Up]:
    """A migrated data folder for the file; each test uses tables of its own."""
    folder = prepared.migrated("supervisor-")
    with Up(folder, SERVERS_ONLY) as running:
        yield running
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def up(made: Up) -> Up:
    """Its supervisor at work, whatever the test before did to it."""
    if made.process is None:
        made.start()
    return made


@pytest.fixture
def another() -> Iterator[Path]:
    """A second migrated data folder."""
    made = prepared.migrated("supervisor-")
    yield made
    shutil.rmtree(made, ignore_errors=True)


def _owner(up: Up) -> psycopg.Connection:
    server = Postgres(up.home)
    server.port = up.document()["postgres_port"]
    return server.connect(OWNER, "batchwright")


def _temporal_answers(up: Up) -> bool:
    server = Temporal(up.home)
    server.http_port = read_json(up.home.path / "ports.json")["temporal_http"]
    return server.ready()


def test_a_fallen_server_is_started_again_and_keeps_its_address_and_its_data(up: Up) -> None:
    with _owner(up) as connection:
        connection.execute("create table kept as select 7 as x")
    before = up.document()
    for part in ("postgres", "temporal"):
        up.wait_restarted(part, up.kill(part))
    after = up.document()
    assert (after["postgres_port"], after["temporal_address"]) == (before["postgres_port"], before["temporal_address"])
    with _owner(up) as connection:
        assert connection.execute("select x from kept").fetchone() == (7,)
    wait_for(lambda: _temporal_answers(up))


def test_kill_9_of_the_supervisor_leaves_no_server_behind_and_the_next_start_finds_everything(up: Up) -> None:
    with _owner(up) as connection:
        connection.execute("create table outlived as select 7 as x")
    up.kill_supervisor()
    up.start()
    with _owner(up) as connection:
        assert connection.execute("select x from outlived").fetchone() == (7,)


def test_a_command_uses_the_running_servers_and_leaves_them_running(up: Up) -> None:
    with running_stack(Settings(home=up.home.path), SERVERS) as stack:
        assert stack.settings.temporal_address == up.document()["temporal_address"]
        assert stack.postgres is not None
        assert stack.postgres.ready()
    assert stack.postgres.ready()


def test_a_command_starts_servers_when_none_run_and_stops_them_after(another: Path) -> None:
    with running_stack(Settings(home=another), frozenset({"postgres"})) as stack:
        assert stack.postgres is not None
        assert stack.postgres.ready()
    assert not stack.postgres.ready()


def test_two_supervisors_cannot_use_one_folder(up: Up) -> None:
    with pytest.raises(HomeInUseError, match="in use"), Home(up.home.path).locked():
        pass


def test_two_instances_on_one_machine_do_not_meet(up: Up, another: Path) -> None:
    with Up(another, SERVERS_ONLY) as second:
        assert second.document()["postgres_port"] != up.document()["postgres_port"]
        with _owner(up) as connection:
            connection.execute("create table only_in_first (x int)")
        with _owner(second) as connection, pytest.raises(psycopg.errors.UndefinedTable):
            connection.execute("select * from only_in_first")


def test_secrets_are_readable_by_their_owner_only(up: Up) -> None:
    assert (up.home.path / "secrets.json").stat().st_mode & 0o077 == 0
    assert up.home.run_file.stat().st_mode & 0o077 == 0
    assert up.home.temporal.stat().st_mode & 0o077 == 0
    assert up.home.postgres.stat().st_mode & 0o077 == 0


def test_an_orderly_stop_leaves_nothing_running_and_no_run_file(up: Up) -> None:
    """The last of the file: whoever came after it would start everything once more."""
    parts = list(up.document()["parts"].values())
    assert up.stop() == 0
    assert not any(is_same(each) for each in parts)
    assert not up.home.run_file.exists()
