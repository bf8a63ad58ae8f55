"""When `batchwright up` loads the demo company, and what it says of how that ended."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from models.kernel.store.act import act, now
from models.plant.store import demo
from runtime.commands.server import up
from runtime.demo.company.ground import FOUNDER, PASSWORD
from runtime.demo.load import is_wanted
from runtime.home import Home
from runtime.process import Child, Program
from runtime.settings import Settings
from tests.support.servers.database import TestDatabase


def test_it_is_loaded_into_an_empty_record_and_goes_on_where_it_was_interrupted(fresh_database: TestDatabase) -> None:
    settings = Settings(database_url=fresh_database.url)
    assert is_wanted(settings), "the record is empty"
    with act(fresh_database.engine, FOUNDER) as session:
        demo.begin(session, PASSWORD, now(session), 72)
    assert is_wanted(settings), "the one who loaded was killed"
    with act(fresh_database.engine, FOUNDER) as session:
        demo.end(session)
    assert not is_wanted(settings)


def test_nothing_is_loaded_into_a_plant_of_somebodys_own(furnished_database: TestDatabase) -> None:
    assert not is_wanted(Settings(database_url=furnished_database.url))


@pytest.mark.parametrize(
    ("ends", "said"),
    [("pass", "is complete"), ("raise SystemExit(1)", "company failed"), ("import os; os.kill(os.getpid(), 9)", "")],
)
def test_the_end_of_loading_is_told_unless_it_was_stopped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], ends: str, said: str
) -> None:
    loading = Child(Program("demo", [sys.executable, "-I", "-S", "-c", ends], tmp_path / "demo.log"))
    up._say_when_loaded(SimpleNamespace(home=Home(tmp_path)), loading)
    told = capsys.readouterr().out.replace("are being loaded; you can log in already", "")
    assert [word for word in ("is complete", "company failed") if word in told] == ([said] if said else [])
