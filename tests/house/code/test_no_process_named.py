"""The engine names no process and no step: it asks the nouns' kinds (DESIGN 6a).

Read from the syntax of the code: a string that is the key of a process or of a step of one, shipped today or before.
"""

import ast
from pathlib import Path

import pytest

from models.definition.yaml_text import parse_yaml
from tests.support.definitions import all_shipped

ROOT = Path(__file__).parents[3]
ENGINE = ("models/process", "workflows", "activities")
STANDING = frozenset(
    {
        "models/process/messages/followers.py",
        "models/process/queries/inbox.py",
        "models/process/sign/sign.py",
    }
)
"""What names one still: this list gets shorter, never longer."""
BEFORE = [
    parse_yaml(file.read_text(encoding="utf-8")) for file in sorted((ROOT / "tests/process/before").glob("*.yaml"))
]
PROCESSES = [*all_shipped().values(), *BEFORE]
KEYS = {one.key for one in PROCESSES}
STEPS = {stage.key for one in PROCESSES for stage in one.stages}


def modules() -> list[Path]:
    """Every module of the engine."""
    found = [path for folder in ENGINE for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if str(path.relative_to(ROOT)) not in STANDING]


def named(text: str) -> set[str]:
    """The keys that a module's code says, its docstrings left out."""
    tree = ast.parse(text)
    told = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    said = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in told
    }
    return said & (KEYS | STEPS)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_process_and_no_step_is_named(path: Path) -> None:
    assert named(path.read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize("standing", sorted(STANDING))
def test_what_stands_names_one(standing: str) -> None:
    assert named((ROOT / standing).read_text(encoding="utf-8")), "take the line away"


def test_a_name_would_be_found() -> None:
    assert named('"""recall"""\nX = {"recall": 1}\nY = "packaging"') == {"recall", "packaging"}
    assert len(modules()) > 30
