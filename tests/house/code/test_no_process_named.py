"""The engine and the frames name no process and no step: they ask the nouns' kinds, words and marks (DESIGN 6a).

Read from the syntax of the code: a string, or a name within one that is quoted there (as SQL does), that is the key of a process or
of a step of one, shipped today or before; of YAML its keys and single values; of templates and walls what stands in quotes.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from models.definition.yaml_text import parse_yaml
from tests.support.definitions import all_shipped

ROOT = Path(__file__).parents[3]
ENGINE = ("models/process", "workflows", "activities", "api/frame", "ui/frame")
BEFORE = [
    parse_yaml(file.read_text(encoding="utf-8")) for file in sorted((ROOT / "tests/process/before").glob("*.yaml"))
]
PROCESSES = [*all_shipped().values(), *BEFORE]
KEYS = {one.key for one in PROCESSES}
STEPS = {stage.key for one in PROCESSES for stage in one.stages}
QUOTED = re.compile(r"""(['"])([\w-]+)\1""")


def files() -> list[Path]:
    """Every module, catalogue and template of the engine and the frames."""
    found = [path for folder in ENGINE for path in sorted((ROOT / folder).rglob("*"))]
    return [path for path in found if path.suffix in {".py", ".yaml", ".html", ".sql"} and "vendor" not in path.parts]


def _of_code(text: str) -> Iterator[str]:
    """Strings, docstrings left out, and what a web server has put into a request under its own name (`request.scope["route"]`)."""
    tree = ast.parse(text)
    left_out: set[ast.AST] = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    left_out |= {
        node.slice
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == "scope"
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in left_out:
            yield node.value
            yield from (name for _, name in QUOTED.findall(node.value))


def _of_yaml(value: Any) -> Iterator[str]:
    """Keys and single values; a list is what people read, in both languages."""
    for key, inner in value.items() if isinstance(value, dict) else ():
        yield str(key)
        if isinstance(inner, str):
            yield inner
        yield from _of_yaml(inner)


def named(text: str, kind: str = ".py") -> set[str]:
    """The keys that a file says."""
    match kind:
        case ".py":
            said = set(_of_code(text))
        case ".yaml":
            said = set(_of_yaml(yaml.safe_load(text)))
        case ".sql":
            said = {name for _, name in QUOTED.findall(re.sub(r"--.*", "", text))}
        case _:
            said = {name for _, name in QUOTED.findall(text)}
    return said & (KEYS | STEPS)


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_process_and_no_step_is_named(path: Path) -> None:
    assert named(path.read_text(encoding="utf-8"), path.suffix) == set()


def test_a_name_would_be_found() -> None:
    assert named('"""recall"""\nX = {"recall": 1}\nY = "packaging"') == {"recall", "packaging"}
    assert named("X = text(\"select 1 where a = 'released'\")") == {"released"}
    assert named("route = request.scope['route']") == set()
    assert named("X = scope['route'] + y['held']") == {"route", "held"}
    assert named("status:\n  held: [recall, 'it is held']\n  x: rework", ".yaml") == {"held", "rework"}
    assert named("{% if x == 'pull' %}pull{% endif %}", ".html") == {"pull"}
    assert named("if new.subject = 'release' then -- 'recall'", ".sql") == {"release"}
    folders = {folder for folder in ENGINE for path in files() if path.is_relative_to(ROOT / folder)}
    assert folders == set(ENGINE)
    assert len(files()) > 100
