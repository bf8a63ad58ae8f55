"""`@proves(…)` names what docs/design knows and nothing else, and its page says what pytest has collected."""

import re
from pathlib import Path

import pytest

from runtime.reference import proofs as reference_proofs
from tests.support.house.proves import proves

ROOT = Path(__file__).resolve().parents[3]
REGISTER = """\
from tests.support.house.proves import proves


@proves("R35", "11.10(e)")
@proves("S 19")
async def test_one() -> None: ...


class TestMany:
    @proves("R1")
    def test_two(self) -> None: ...

    def test_three(self) -> None: ...
"""


def test_every_row_of_requirements_and_standards_is_known() -> None:
    assert list(reference_proofs.capabilities()) == [f"R{number}" for number in range(1, 129)]
    assert [int(key.split()[1]) for key in reference_proofs.rules()] == list(range(1, 103))
    assert {"11.10(e)", "11.70", "ISO 8.2.6", "Annex 11 §9"} <= set(reference_proofs.clauses())
    assert reference_proofs.clauses()["11.10(e)"] == ("A 1", "A 2", "A 3", "A 4")


def test_each_case_of_the_audit_is_proven_or_says_what_it_comes_with() -> None:
    cases = reference_proofs.cases()
    assert list(cases) == [f"case {number}" for number in range(1, 19)]
    proven = {key for one in reference_proofs.proofs() for key in one.ids}
    for key, words in cases.items():
        assert (key in proven) != ("comes with" in words), f"{key}: {words}"


@pytest.mark.parametrize("key", ["R129", "R0", "r35", "A 102", "11.10(z)", "2nd", "independent"])
def test_an_id_that_is_not_known_is_an_error_where_the_test_is_collected(key: str) -> None:
    with pytest.raises(ValueError, match=re.escape(key)):
        proves("R35", key)


def test_a_proof_of_nothing_is_none() -> None:
    with pytest.raises(ValueError, match="nothing"):
        proves()


def test_proofs_are_read_from_every_kind_of_test(tmp_path: Path) -> None:
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "test_some.py").write_text(REGISTER, encoding="utf-8")
    read = {(one.test, one.ids) for one in reference_proofs.proofs(folder)}
    assert read == {("test_one", ("R35", "11.10(e)", "S 19")), ("test_two", ("R1",))}
    assert {one.file for one in reference_proofs.proofs(folder)} == {"tests/test_some.py"}


def test_nobody_marks_a_proof_past_the_check() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "tests").rglob("*.py"))
        if path.name not in {"proves.py", "test_proofs.py"} and "mark.proves" in path.read_text(encoding="utf-8")
    ]
    assert found == []


def test_each_named_test_is_in_its_row_of_the_page_and_no_row_is_there_without() -> None:
    page = (ROOT / "docs/reference/proofs.md").read_text(encoding="utf-8")
    said = reference_proofs.proofs()
    assert len(said) > 70
    rows = dict(re.findall(r"^\| (?:\[([A-Z] ?\d+)\]\([^)]*\)) \| [^|]+ \| ([^|]+) \|$", page, re.MULTILINE))
    named = {
        key for one in said for key in one.ids if key in reference_proofs.capabilities() | reference_proofs.rules()
    }
    assert set(rows) == named
    for one in said:
        for key in one.ids:
            assert (
                key not in rows or f"{one.test.removeprefix('test_').replace('_', ' ')}](../../{one.file})" in rows[key]
            )
