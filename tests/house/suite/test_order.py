"""The suite begins with the files that take longest: they are where the list says, and they do come first."""

from pathlib import Path

from tests.support.house import order

ROOT = Path(__file__).resolve().parents[3]


def test_every_long_file_is_there_and_named_once() -> None:
    assert [file for file in order.LONG if not (ROOT / file).is_file()] == []
    assert len(set(order.LONG)) == len(order.LONG)


def test_the_long_files_come_first_and_the_others_as_they_came() -> None:
    first, second = (f"{file}::test_it[a::b]" for file in order.LONG[:2])
    others = [
        "tests/frame/page/test_words.py::test_b",
        "tests/frame/page/test_words.py::test_a",
        "tests/lot/test_rules.py::test_a",
    ]
    assert sorted([others[0], second, *others[1:], first], key=order.key) == [first, second, *others]


def test_whichever_end_a_process_begins_to_read_at_it_reads_the_same_files() -> None:
    backwards = order.from_the_end([str(ROOT / "tests"), "tests/lot/test_rules.py::test_a"])
    assert backwards.pop(0) == "tests/lot/test_rules.py::test_a"
    assert backwards == sorted(backwards, reverse=True)
    read = {file for part in map(Path, backwards) for file in ([part] if part.is_file() else part.rglob("test_*.py"))}
    assert read == set((ROOT / "tests").rglob("test_*.py"))


def test_the_suite_is_shared_in_the_order_of_its_files() -> None:
    """By itself pytest-xdist begins with the files of most tests, and the longest have few."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "--dist loadfile --no-loadscope-reorder" in makefile
