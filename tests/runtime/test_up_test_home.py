"""`up --test` makes a new home a test home, and none of another (21 CFR 11.10(e))."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import cli
from models.kernel.refusal import Refusal
from runtime.settings import Settings
from runtime.stack import Stack
from tests.runtime.test_cli import batchwright
from tests.support.servers import prepared


@pytest.fixture
def home() -> Iterator[Path]:
    """A data folder with a record, stopped."""
    made = prepared.migrated("home-")
    yield made
    shutil.rmtree(made, ignore_errors=True)


def test_a_home_with_a_record_never_becomes_a_test_home_and_its_clock_stays(
    home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """By starting it so, by the command that moves the clock; and nothing is left running."""
    refused = batchwright("up", "--test", "--home", str(home), "--port", "0", "--no-demo")
    assert refused.returncode == 1
    assert "API-513" in refused.stderr
    with pytest.raises(Refusal, match="API-512"):
        cli.build()(["clock", "forward", "30d", "--reason", "CAPA", "--home", str(home)], standalone_mode=False)
    assert not (home / "run.json").exists()
    cli.build()(["clock", "show", "--home", str(home)], standalone_mode=False)
    assert capfd.readouterr().out.startswith("clock 2")


def test_a_test_home_has_its_own_servers(folder: Path) -> None:
    given = Settings(home=folder)
    for elsewhere in ({"database_url": "postgresql://elsewhere/b"}, {"temporal_address": "elsewhere:7233"}):
        with pytest.raises(Refusal, match="API-513"):
            Stack(given.model_copy(update=elsewhere), test=True)
