"""`make test` is green when the linters and the tests are, and says last what the linters found."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FINDING = "somewhere.py:1:1: F401 imported and not used"


def make_test(folder: Path, **fails: str) -> subprocess.CompletedProcess[str]:
    """`make test` of a project that is set up, whose programs fail with what is given."""
    for name in ("Makefile", "pyproject.toml", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(ROOT / name, folder)
    (folder / ".venv/bin").mkdir(parents=True)
    for name in ("python", "ruff", "mypy", "lint-imports", "djlint"):
        program = folder / ".venv/bin" / name
        said = f"echo '{fails[name]}'; exit 1" if name in fails else f"echo {name} is content"
        # the browser is looked for with the same program as the tests are run with
        program.write_text(f'#!/bin/sh\ncase "$*" in *chromium*) exit 0;; esac\n{said}\n')
        program.chmod(0o755)
    for done, seconds in ((".venv/.installed", 1), (".venv/.installed-dev", 2)):
        (folder / done).touch()
        os.utime(folder / done, (time.time() + seconds,) * 2)
    # this may be running below another make, whose settings are that one's
    clean = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}}
    return subprocess.run(
        [str(shutil.which("make")), "test", "PYTHON=.venv/bin/python"],
        cwd=folder,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_it_is_green_when_linters_and_tests_are(tmp_path: Path) -> None:
    made = make_test(tmp_path)
    assert made.returncode == 0, made.stderr
    for name in ("python", "ruff", "mypy", "lint-imports", "djlint"):
        assert f"{name} is content" in made.stdout


@pytest.mark.parametrize("linter", ["ruff", "mypy", "lint-imports", "djlint"])
def test_what_a_linter_found_makes_it_red_and_stands_last(tmp_path: Path, linter: str) -> None:
    made = make_test(tmp_path, **{linter: FINDING})
    assert made.returncode != 0
    assert "python is content" in made.stdout, "the tests ran"
    assert FINDING in made.stdout.split("python is content")[1]
    assert "the linters found something" in made.stdout.splitlines()[-1]


def test_a_failed_test_makes_it_red(tmp_path: Path) -> None:
    made = make_test(tmp_path, python="1 failed")
    assert made.returncode != 0
    assert "the linters found something" not in made.stdout
