"""`batchwright trace`: JSON on stdout, everything else on stderr, status 0 only when it worked (DESIGN 12)."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlmodel import Session

import cli
from models.kernel.refusal import Refusal
from models.trace.rules import csv_file as trace_csv
from runtime.postgres import SUPERUSER, Postgres
from tests.support.graph import Plant, day
from tests.support.servers.database import TestDatabase

Run = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def planted(postgres: Postgres, module_database: TestDatabase) -> TestDatabase:
    """One plant for all who only ask."""
    engine = create_engine(postgres.url(SUPERUSER, module_database.name))
    with Session(engine, expire_on_commit=False) as session:
        plant = Plant(session)
        plant.begin()
        steel, needle = plant.raw("STEEL-1", supplier_lot="SUP 77"), plant.product("NEEDLE-1", 50)
        plant.use(steel, needle, 40, day(1))
        plant.ship(needle, 10, "C-1", "SH-1", day(2))
        session.commit()
    engine.dispose()
    return module_database


@pytest.fixture
def command(planted: TestDatabase, tmp_path: Path) -> Run:
    environment = os.environ | {"DATABASE_URL": planted.url, "BATCHWRIGHT_HOME": str(tmp_path)}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "cli", "trace", *arguments],
            cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    return run


def test_json_csv_and_pdf_are_one_answer(command: Run, tmp_path: Path) -> None:
    file, paper = tmp_path / "trace.csv", tmp_path / "trace.pdf"
    ran = command("sup 77", "--direction", "forward", "--json", "--csv", str(file), "--pdf", str(paper))
    assert ran.returncode == 0, ran.stderr
    document = json.loads(ran.stdout)
    assert [node["lot_no"] for node in document["nodes"]] == ["STEEL-1", "NEEDLE-1"]
    assert document["customers"][0]["outstanding"] == "10"
    assert trace_csv.digest(document) == document["digest"]
    assert trace_csv.digest(trace_csv.from_csv(file.read_text("utf-8"))) == document["digest"]
    assert paper.read_bytes().startswith(b"%PDF-")
    assert "在外/outstanding 10" in ran.stderr
    assert document["digest"] in ran.stderr


def test_a_no_is_said_in_both_languages_with_status_one(command: Run) -> None:
    ran = command("NO-SUCH-LOT")
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert ran.stderr.count("TRC-001") == 2


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([""], "ID-001"),
        (["STEEL-1", "--as-of", "soon"], "TRC-010"),
        (["STEEL-1", "--csv", "/no/such/folder/x.csv"], "TRC-020"),
        (["STEEL-1", "--pdf", "/no/such/folder/x.pdf"], "TRC-020"),
    ],
)
def test_what_cannot_be_answered_is_a_no_and_prints_nothing(
    planted: TestDatabase,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
    arguments: list[str],
    code: str,
) -> None:
    """Asked in this process: how a no leaves the command is above."""
    monkeypatch.setenv("DATABASE_URL", planted.url)
    with pytest.raises(Refusal, match=code):
        cli.build()(["trace", *arguments, "--home", str(tmp_path)], standalone_mode=False)
    assert capfd.readouterr().out == ""
