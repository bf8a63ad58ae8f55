"""The command line: exit status, where output goes, both languages."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import cli
from models.kernel.refusal import Refusal
from runtime.home import Home
from runtime.ports import LOOPBACK, free_port

ROOT = Path(__file__).resolve().parents[2]


def batchwright(*arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, **(env or {})},
        check=False,
        timeout=120,
    )


def test_help_lists_the_verbs_without_starting_anything() -> None:
    done = batchwright("--help")
    assert done.returncode == 0
    assert all(verb in done.stdout for verb in ("up", "migrate", "api"))


def test_the_verbs_are_known_without_what_they_work_with() -> None:
    """Each command pays for what all of them import, before it has done anything."""
    asked = "import sys, cli; cli.build(); print(*{one.partition('.')[0] for one in sys.modules})"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    known = set(done.stdout.split())
    assert {"typer", "runtime"} <= known
    assert not known & {
        "sqlalchemy",
        "sqlmodel",
        "psycopg",
        "httpx",
        "temporalio",
        "fastapi",
        "uvicorn",
        "alembic",
        "yaml",
    }


def test_a_start_builds_no_validator_for_a_table() -> None:
    asked = (
        "from models import metadata; metadata.load(); from sqlmodel import SQLModel;"
        "print(len(SQLModel.metadata.tables), *(one.__name__ for one in SQLModel.__subclasses__() if one.__pydantic_complete__))"
    )
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    count, *built = done.stdout.split()
    assert int(count) > 80
    assert built == []


def test_a_wrong_option_is_status_2_and_goes_to_stderr() -> None:
    done = batchwright("up", "--bad")
    assert (done.returncode, done.stdout) == (2, "")
    assert "No such option" in done.stderr


def test_a_refusal_is_status_1_with_its_code_in_both_languages(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(**_: object) -> None:
        raise Refusal("TST-001", "clause", "不可以。", "No.")

    monkeypatch.setattr(cli, "build", lambda: refuse)
    monkeypatch.setattr(cli, "end", lambda status: (_ for _ in ()).throw(SystemExit(status)))
    with pytest.raises(SystemExit, match="1"):
        cli.main()
    said = capsys.readouterr()
    assert said.out == ""
    assert "TST-001: 不可以。" in said.err
    assert "TST-001: No. (clause)" in said.err


def test_a_folder_in_use_is_named_in_both_languages(tmp_path: Path) -> None:
    with Home(tmp_path).locked():
        done = batchwright("up", "--home", str(tmp_path), "--no-demo")
    assert done.returncode == 1
    assert "in use by another Batchwright" in done.stderr
    assert "数据目录正被另一个 Batchwright 使用" in done.stderr


def test_migrate_wants_the_owners_address() -> None:
    address = f"postgresql://nobody@{LOOPBACK}:{free_port()}/none"
    done = batchwright("migrate", env={"DATABASE_URL": address, "DATABASE_OWNER_URL": ""})
    assert done.returncode == 1
    assert "DATABASE_OWNER_URL" in done.stderr
