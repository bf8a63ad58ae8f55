"""The reference page of definitions says what the code does."""

import re
from pathlib import Path

import runtime.commands.record.definitions  # noqa: F401 - declares DEF codes
from models.definition.condition import Operator
from models.definition.document import Definition, FieldType, Outcome, Signature, Stage, StageKind
from models.definition.lint.parts import NEEDS, TAKES
from models.kernel.refusal import CATALOGUE
from tests.support.definitions import all_shipped, known

PAGE = (Path(__file__).parents[3] / "docs/reference/definitions.md").read_text(encoding="utf-8")


def rows(code: str) -> set[str]:
    return set(re.findall(rf"^\| ({code}-\d+) \|", PAGE, re.MULTILINE))


def test_every_code_has_its_row_and_no_row_is_stale() -> None:
    assert rows("DEF") == {code for code in CATALOGUE if "DEF-001" <= code < "DEF-100"}
    assert rows("FLR") == {code for code in CATALOGUE if code.startswith("FLR-")}


def test_every_part_is_named() -> None:
    names = {*Stage.model_fields, *Outcome.model_fields, *Signature.model_fields, *Definition.model_fields}
    names |= {one.value for kind in (FieldType, Operator, StageKind) for one in kind}
    assert {name for name in names if f"`{name}" not in PAGE and f"{name}:" not in PAGE} == set()


def test_the_table_of_kinds_is_what_lint_asks_for() -> None:
    for kind in StageKind:
        row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{kind}` |"))
        named = set(re.findall(r"`(\w+)`", row.partition("` |")[2]))
        assert named == TAKES[kind], kind
        needs = row.split("|")[3]
        assert all(f"`{name}`" in needs for name in NEEDS[kind])


def test_the_shipped_definitions_are_listed_with_their_results() -> None:
    for key in all_shipped():
        row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{key}` |"))
        assert set(re.findall(r"`(\w+)`", row.split("|")[3])) == known()[key]
