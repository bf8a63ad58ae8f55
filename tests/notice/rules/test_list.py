"""Entries of a notice as identifiers of a scope: what is written is read again, and no question goes unseen (REQ 53)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.kernel.refusal import Refusal
from models.notice.rules import list as notice_list
from models.notice.rules.lot_list import reader as lot_list
from models.notice.rules.lot_list.kinds import All, LotList, Range, Single

items = st.lists(st.from_regex(r"[A-Z0-9./-]{1,12}", fullmatch=True), max_size=3).map(tuple)
kinds = st.sampled_from(notice_list.KINDS)
numbers = st.from_regex(r"[A-Z]{0,3}[ ./-]?[0-9]{1,8}[A-Z]?", fullmatch=True).map(str.strip)


@given(st.lists(st.builds(Single, number=numbers, kind=kinds, items=items)))
def test_a_number_is_read_as_it_was_written(some: list[Single]) -> None:
    assert notice_list.read(map(notice_list.reference, some)).singles == tuple(some)


@given(st.integers(0, 99_999), st.integers(1, 900_000), kinds, items)
def test_a_range_is_read_as_it_was_written(low: int, more: int, kind: str, named: tuple[str, ...]) -> None:
    entry = Range(f"NS{low:07d}", f"NS{low + more:07d}", kind, named)  # type: ignore[arg-type]
    assert notice_list.read([notice_list.reference(entry)]).ranges == (entry,)


@given(items.filter(bool))
def test_all_lots_of_an_item_are_read_again(named: tuple[str, ...]) -> None:
    (entry,) = notice_list.read([notice_list.reference(All("all lots", named))]).alls
    assert entry.items == named


@given(st.text())
def test_whatever_is_typed_is_read_without_a_crash(text: str) -> None:
    notice_list.read([text, f"list:{text}", f"list:lot:{text}", f"list:all:@{text}"])
    assert notice_list.label(text)[:0] == ""


def test_all_of_everything_is_never_an_identifier() -> None:
    """“All lots” without an item would be the whole plant."""
    assert notice_list.read([notice_list.reference(All("all lots"))]).alls == ()


def test_people_read_the_entry_not_its_key() -> None:
    entry = Range("NS4928020", "NS6203182", "lot", ("AR1318",))
    assert notice_list.label(notice_list.reference(entry)) == "NS4928020 – NS6203182 (REF AR1318)"
    assert notice_list.label("P88-12") == "P88-12"


@given(st.integers(0, 3), st.booleans())
def test_what_is_open_must_be_looked_at(unknown: int, asks: bool) -> None:
    parsed = lot_list.parse("Lot 1234-5678" if asks else "Lot A123456")
    assert bool(parsed.questions) is asks
    notice_list.check(parsed, unknown, seen=True)
    if unknown or asks:
        with pytest.raises(Refusal, match="RCL-015"):
            notice_list.check(parsed, unknown, seen=False)
    else:
        notice_list.check(parsed, unknown, seen=False)


def test_an_empty_list_leaves_nothing_open() -> None:
    notice_list.check(LotList((), (), (), (), ()), 0, seen=False)
