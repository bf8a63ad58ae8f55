"""The generated reference pages say what the code does; `make docs` writes them again."""

import ast
import functools
import re
import subprocess
import sys
from pathlib import Path

import pytest

from runtime.reference.pages import FOLDER, PACKAGES


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Written by a process of its own, which has seen no test's refusals."""
    folder = tmp_path_factory.mktemp("docs") / "reference"
    done = subprocess.run(
        [sys.executable, "-m", "runtime.reference", str(folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_the_pages_and_pictures_say_what_the_code_does(fresh: Path) -> None:
    made = sorted(path.relative_to(fresh.parent) for path in fresh.parent.rglob("*") if path.is_file())
    assert {"refusals.md", "holds.md", "glossary.md", "states.md", "states-lot-zh.svg"} <= {path.name for path in made}
    stale = [
        str(path)
        for path in made
        if not (FOLDER.parent / path).exists()
        or (FOLDER.parent / path).read_text(encoding="utf-8") != (fresh.parent / path).read_text(encoding="utf-8")
    ]
    assert stale == [], "run `make docs`"


def test_no_picture_of_states_is_left_over(fresh: Path) -> None:
    there, made = (
        {path.name for path in (root / "images").glob("states-*.svg")} for root in (FOLDER.parent, fresh.parent)
    )
    assert there == made


ROOT = FOLDER.parent.parent
SQLSTATE = re.compile(r"errcode\s*=\s*'(BW\d{3})'")


def test_every_code_that_the_database_raises_is_told_and_no_other() -> None:
    """Read from where it is raised: the SQL of the migrations and of a test home's clock."""
    sources = (path for end in ("sql", "py") for path in sorted((ROOT / "models" / "migrations").rglob(f"*.{end}")))
    raised = {code for path in sources for code in SQLSTATE.findall(path.read_text(encoding="utf-8"))}
    told = re.findall(r"^\| `(BW\d{3})` \|", FOLDER.joinpath("record.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(raised) > 100
    assert set(told) == raised
    assert len(told) == len(raised)


@functools.cache  # two tests read each module
def kinds(path: Path) -> list[str]:
    """The codes of the refusals that a module declares."""
    found: list[str] = []
    text = path.read_text(encoding="utf-8")
    if "Kind" not in text:  # few modules have the word, and to parse all takes long
        return found
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute) and len(node.args) > 3:
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            first = node.args[0]
            if name == "Kind" and isinstance(first, ast.Constant) and isinstance(first.value, str):
                found.append(first.value)
    return found


@pytest.mark.parametrize("package", PACKAGES)
def test_every_refusal_of_a_package_is_told(package: str) -> None:
    """Read from the text of the modules, so that none is missed that the page's own process didn't load."""
    declared = {code for path in sorted((ROOT / package).rglob("*.py")) for code in kinds(path)}
    page = FOLDER.joinpath("refusals.md").read_text(encoding="utf-8")
    assert not {code for code in declared if f"| `{code}` |" not in page}


def test_every_package_that_may_say_no_is_looked_at() -> None:
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    saying = {name for name in folders for path in (ROOT / name).rglob("*.py") if kinds(path)}
    assert saying <= set(PACKAGES)
