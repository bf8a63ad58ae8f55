"""A worker is judged by its own signs of life, from its first on."""

import os

import pytest
from sqlalchemy import text

from models.clock.store import signs_of_life as beats
from runtime.settings import Settings
from runtime.stack import Stack
from tests.support.servers.database import TestDatabase

SILENT = "update worker_beat set at = clock_timestamp() - make_interval(secs => :seconds) where process = :process"


@pytest.fixture
def process() -> int:
    """One that lives, and began some seconds ago: this one."""
    return os.getpid()


def worker_works(database: TestDatabase, process: int) -> bool:
    stack = Stack(Settings(database_url=database.url), wanted=frozenset({"worker"}))
    (worker,) = stack.parts()
    return worker.works(process)


def said(database: TestDatabase, process: int, seconds: float) -> None:
    beats.write(database.engine, "w-1", process, ("quality",), "build")
    with database.engine.begin() as connection:
        connection.execute(text(SILENT), {"seconds": seconds, "process": process})


def test_one_that_hangs_before_its_first_sign_of_life_is_replaced(
    fresh_database: TestDatabase, process: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beats, "FIRST", 3_600.0)
    assert worker_works(fresh_database, process), "it has time to begin"
    monkeypatch.setattr(beats, "FIRST", 0.0)
    assert not worker_works(fresh_database, process)


def test_signs_of_an_earlier_process_of_the_same_number_are_not_its_own(
    fresh_database: TestDatabase, process: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beats, "FIRST", 86_400.0)
    said(fresh_database, process, 86_000)
    assert worker_works(fresh_database, process), "yesterday's silence isn't today's"
    said(fresh_database, process, 0)
    assert worker_works(fresh_database, process)


def test_one_that_is_gone_is_noticed_elsewhere(fresh_database: TestDatabase) -> None:
    assert worker_works(fresh_database, 2**22 + 1)
