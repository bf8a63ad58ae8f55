"""The suite begins with the files that take longest: they are where the list says, and they do come first."""

from pathlib import Path

from tests.support.house import order

ROOT = Path(__file__).resolve().parents[3]


def test_every_long_file_is_there_and_named_once() -> None:
    assert [file for file in order.LONG if not (ROOT / file).is_file()] == []
    assert len(set(order.LONG)) == len(order.LONG)


def test_the_long_files_come_first_and_the_others_as_they_came() -> None:
    first, second = (f"{file}::test_it[a::b]" for file in order.LONG[:2])
    others = ["tests/frame/page/test_words.py::test_b", "tests/lot/test_rules.py::test_a"]
    assert sorted([others[0], second, others[1], first], key=order.place) == [first, second, *others]


def test_the_suite_is_shared_in_the_order_of_its_files() -> None:
    """By itself pytest-xdist begins with the files of most tests, and the longest have few."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "--dist loadfile --no-loadscope-reorder" in makefile
