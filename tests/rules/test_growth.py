"""No parser takes longer than its input: twice the text takes about twice the time, whatever it is made of.

Time squared would show as 4 between n and 2n; the ratio of 4n to n is asked, in processor time, with the noise of small
measurements left out.
"""

import contextlib
import time
from collections.abc import Callable

import pytest

from models.rules import identifiers, lot_list, notice_list
from models.rules.refusals import Refusal

SIZE = 5_000
LITTLE = 0.05
"""Seconds below which a measurement is noise."""
PARTS = (
    "-", "--", "- ", "-=", " ", "\t ", "\n", "a-", "A1 ", "A1,", "1,", "1),", "1)-", "(", ")", "((A1)", "\x1d", "<GS>", "&lt;", "<br>", "<a ",
    "all ", "all-", "all of ", "lot ", "Lot of ", "lots, ", "批", "批号", "等3批", "A1等3批、", "A1001+ ", "before  ", "before ", "1 to ", "A-1 - ",
    "except ", "非召回", "REF a1, ", "REF a1 Lot b1, ", "exp 2026-12 ", "made 2026-12, ", "3月4日", "1E", "1E+", "*1", "?", "1X", "(01)", "(10)A",
    "+A123", "http://a/", "|a", "|", ".", "..", "…", "年", "A_", "A/1", "no lots ", "x'", "™", "共1", "12 units ", "to and including ",
)  # fmt: skip


def spent(parse: Callable[[str], object], text: str) -> float:
    started = time.process_time()
    with contextlib.suppress(Refusal):
        parse(text)
    return time.process_time() - started


@pytest.mark.parametrize("part", PARTS)
def test_a_notice_takes_time_in_proportion_to_its_length(part: str) -> None:
    one, four = (part * SIZE)[:SIZE], (part * SIZE * 4)[: SIZE * 4]
    once = spent(lot_list.parse, one)
    if once > LITTLE:
        once = min(once, spent(lot_list.parse, one))
    # 4 is in proportion, 16 squared; asked again only where the machine may have done something else meanwhile
    assert any(spent(lot_list.parse, four) / max(once, LITTLE) < 10 for _ in range(2))


def test_eighty_thousand_dashes_take_no_time() -> None:
    assert spent(lot_list.parse, "Lot A1 " + "-" * 80_000) < 2


def test_a_notice_of_numbers_as_long_as_itself_is_asked_about_and_not_counted() -> None:
    for text in ("Lots " + "1" * 90_000 + "-" + "2" * 90_000, "1a" * 90_000, "A1等" + "9" * 90_000 + "批"):
        assert spent(lot_list.parse, text) < 4
        assert not lot_list.parse(text).complete


def test_a_list_whose_lots_and_items_multiply_is_refused_with_a_sentence() -> None:
    text = "REF " + ", ".join(f"r{n}" for n in range(4_000)) + " Lots " + ", ".join(f"b{n}" for n in range(4_000))
    with pytest.raises(Refusal) as refused:
        lot_list.parse(text)
    assert refused.value.code == "LST-003"


@pytest.mark.parametrize("part", ["(10)A", "(", "+A123$", "]C1", "01", "/01/", "http://", "^", "\x1d", "*", "LOT:", "批号：", "MA.156.M0.", "%2", ". "])  # fmt: skip
def test_an_identifier_of_any_length_is_read_or_refused_at_once(part: str) -> None:
    """Five hundred characters at most are read; a longer text is refused before it is looked at."""
    for length in (100, 200, 400, 500, 1_000_000):
        assert spent(identifiers.parse, (part * length)[:length]) < 0.5


@pytest.mark.parametrize("part", ["list:lot:A1 – ", "@|", "a|", "list:all:@", "1"])
def test_the_entries_of_a_scope_take_time_in_proportion(part: str) -> None:
    def read(text: str) -> object:
        return notice_list.read(["list:lot:" + text])

    once = max(spent(read, (part * SIZE)[:SIZE]), LITTLE)
    assert spent(read, (part * SIZE * 4)[: SIZE * 4]) / once < 10
