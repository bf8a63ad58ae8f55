"""The generated reference pages say what the code does; `make docs` writes them again."""

import subprocess
import sys
from pathlib import Path

import pytest

from runtime.reference import FOLDER


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Written by a process of its own, which has seen no test's refusals."""
    folder = tmp_path_factory.mktemp("reference")
    done = subprocess.run(
        [sys.executable, "-m", "runtime.reference", str(folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("name", ["settings.md", "cli.md", "permissions.md", "record.md", "refusals.md"])
def test_the_page_says_what_the_code_does(name: str, fresh: Path) -> None:
    written, now = (folder.joinpath(name).read_text(encoding="utf-8") for folder in (FOLDER, fresh))
    assert written == now, f"docs/reference/{name} is stale: run `make docs`"
