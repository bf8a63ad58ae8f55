"""The embedded PostgreSQL: roles, locale, and what it survives."""

import os
import signal
from pathlib import Path

import psycopg
import pytest

from runtime.home import Home
from runtime.postgres import API, APPLICATION, OWNER, WORKER, Postgres


@pytest.fixture
def own_home(folder: Path) -> Home:
    return Home(folder)


def test_the_application_role_owns_nothing_and_the_owner_is_no_superuser(postgres: Postgres) -> None:
    with postgres.connect() as connection:
        rows = connection.execute(
            "select rolname, rolsuper, rolcreatedb, rolcreaterole from pg_roles where rolname like 'batchwright%'"
        ).fetchall()
        owner = connection.execute(
            "select pg_get_userbyid(datdba) from pg_database where datname = 'batchwright'"
        ).fetchone()
    assert sorted(rows) == [(role, False, False, False) for role in sorted((API, APPLICATION, OWNER, WORKER))]
    assert owner == (OWNER,)


def test_the_application_role_cannot_create_a_table(postgres: Postgres) -> None:
    with (
        postgres.connect(APPLICATION, "batchwright") as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("create table mine (x int)")


def test_nobody_enters_without_the_password(postgres: Postgres) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://{APPLICATION}:guess@127.0.0.1:{postgres.port}/batchwright")


def test_text_sorts_the_same_on_every_machine_and_time_is_utc(postgres: Postgres) -> None:
    with postgres.connect() as connection:
        row = connection.execute(
            "select datlocprovider, datlocale, pg_encoding_to_char(encoding), current_setting('timezone')"
            " from pg_database where datname = 'batchwright'"
        ).fetchone()
    assert row == ("b", "C.UTF-8", "UTF8", "UTC")


def test_what_was_committed_is_there_after_kill_9_of_the_server(own_home: Home) -> None:
    server = Postgres(own_home)
    child = server.start()
    with server.connect(OWNER, "batchwright") as connection:
        connection.execute("create table kept as select 7 as x")
    os.kill(child.pid, signal.SIGKILL)
    child.kill()
    child = server.start()
    with server.connect(OWNER, "batchwright") as connection:
        assert connection.execute("select x from kept").fetchone() == (7,)
    child.stop()
    assert child.exit_status == 0


def test_a_second_start_ends_the_server_that_was_left_behind(own_home: Home) -> None:
    left_behind = Postgres(own_home, fast=True).start()
    child = Postgres(own_home, fast=True).start()
    assert not left_behind.alive
    child.kill()


def test_a_pid_file_that_names_somebody_else_is_no_obstacle(own_home: Home) -> None:
    server = Postgres(own_home, fast=True)
    child = server.start()
    child.kill()
    pid_file = own_home.postgres / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join(["1", *lines[1:]]) + "\n")
    server.start().stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts PostgreSQL as another user")
def test_a_data_folder_within_one_that_only_root_may_enter_works(folder: Path) -> None:
    """As a project below /root, on a fresh machine."""
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    server = Postgres(Home(closed / "home"), fast=True)
    child = server.start()
    try:
        assert server.ready()
    finally:
        child.stop()


def test_the_port_is_chosen_again_when_it_is_taken(own_home: Home, postgres: Postgres) -> None:
    own_home.ensure()
    (own_home.path / "ports.json").write_text(f'{{"postgres": {postgres.port}}}')
    assert own_home.port("postgres") != postgres.port
    assert own_home.port("postgres") == own_home.port("postgres")
