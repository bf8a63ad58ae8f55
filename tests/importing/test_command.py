"""`batchwright import` as a person or a script meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from sqlalchemy import text
from typer.testing import CliRunner

from models.kernel.refusal import Refusal
from runtime.commands.record import import_
from tests.importing.inventree.company import company, dump
from tests.importing.test_reading import DEVICE
from tests.support.servers.database import TestDatabase


@pytest.fixture
def command(fresh_database: TestDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    monkeypatch.setenv("DATABASE_URL", fresh_database.url)
    monkeypatch.setenv("BATCHWRIGHT_HOME", str(tmp_path / "home"))
    app = typer.Typer()
    import_.register(app)
    return app


def write(folder: Path, name: str, content: bytes) -> str:
    file = folder / name
    file.write_bytes(content)
    return str(file)


def rows(database: TestDatabase, table: str) -> int:
    with database.engine.connect() as connection:
        return int(connection.execute(text(f"select count(*) from {table}")).scalar_one())  # noqa: S608 - ours


def test_json_of_one_file_has_the_shape_of_the_contract(
    command: typer.Typer, tmp_path: Path, fresh_database: TestDatabase
) -> None:
    done = CliRunner().invoke(command, [write(tmp_path, "c.json", dump(company())), "--json"])
    assert done.exit_code == 0
    document = json.loads(done.stdout)
    assert list(document) == ["source", "kinds", "findings"]
    assert document["source"] == "inventree"
    assert document["kinds"]["stock_item"] == {"read": 5, "imported": 5, "merged": 0, "rejected": 0, "flagged": 3}
    assert {"kind", "key", "outcome", "code", "zh", "en"} <= set(document["findings"][0])
    assert rows(fresh_database, "lot") == 4


def test_several_files_give_a_list_in_their_order(command: typer.Typer, tmp_path: Path) -> None:
    files = [write(tmp_path, "c.json", dump(company())), write(tmp_path, "d.jsonl", json.dumps(DEVICE).encode())]
    done = CliRunner().invoke(command, [*files, "--json"])
    assert [document["source"] for document in json.loads(done.stdout)] == ["inventree", "gudid"]


def test_a_dry_run_tells_the_same_and_stores_nothing(
    command: typer.Typer, tmp_path: Path, fresh_database: TestDatabase
) -> None:
    file = write(tmp_path, "c.json", dump(company()))
    before = rows(fresh_database, "audit_event")
    dry = CliRunner().invoke(command, [file, "--dry-run", "--json"])
    assert [rows(fresh_database, table) for table in ("lot", "import_run", "audit_event")] == [0, 0, before]
    assert CliRunner().invoke(command, [file, "--json"]).stdout == dry.stdout


def test_one_bad_file_keeps_the_good_ones_out_too(
    command: typer.Typer, tmp_path: Path, fresh_database: TestDatabase
) -> None:
    files = [write(tmp_path, "c.json", dump(company())), write(tmp_path, "bad.json", b"[{")]
    done = CliRunner().invoke(command, files)
    assert isinstance(done.exception, Refusal)
    assert done.exception.code == "IMP-003"
    assert rows(fresh_database, "import_run") == 0


@pytest.mark.parametrize(
    ("arguments", "code"), [(["none.json"], "IMP-001"), (["none.json", "--mapping", "m.yaml"], "IMP-006")]
)
def test_what_can_t_be_done_is_said(command: typer.Typer, arguments: list[str], code: str) -> None:
    done = CliRunner().invoke(command, arguments)
    assert isinstance(done.exception, Refusal)
    assert done.exception.code == code
