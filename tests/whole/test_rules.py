"""No parser takes longer than its input: twice the text takes about twice the time, whatever it is made of.

Time squared would show as 16 between n and 4n, in proportion as 4; `tests/support/house/growth.py` measures it in processor time, and
`tests/support/house/readers.py` has every parser, which a house test compares with the code.
"""

import functools
from collections.abc import Callable

import pytest

from models.definition import yaml_text as definition_yaml
from models.identifier.rules import identifiers
from models.importing.rules import files
from models.kernel.refusal import Refusal
from models.notice.rules import receivers as recall_receivers
from models.notice.rules.lot_list import reader as lot_list
from models.packing import rules as packing
from tests.support.house import growth, reader_files
from tests.support.house.readers import SHAPES, TEXTS, shapes
from tests.support.often import often

SHARE = 25


@pytest.mark.parametrize("name", TEXTS)
def test_a_parser_takes_time_in_proportion_to_its_text(name: str) -> None:
    """With the suite every twenty-fifth of the common shapes, others for the next reader; in depth all.  Its own always."""
    reader, number = TEXTS[name], [*TEXTS].index(name)
    each = often(SHARE, 1)
    tried = (*SHAPES[number % each :: each], *shapes(reader.parts), *reader.made)
    slow = {
        shape: said for shape, make in tried if (said := growth.check(reader.read, make, reader.most, reader.seconds))
    }
    assert slow == {}


@pytest.mark.parametrize("shape", reader_files.BYTES)
def test_a_file_takes_time_in_proportion_to_its_bytes(shape: str) -> None:
    assert growth.check(reader_files.read, reader_files.BYTES[shape], 2_000_000, 20, little=0.03) == ""


@pytest.mark.parametrize("shape", reader_files.ROWS)
def test_a_file_takes_time_in_proportion_to_its_rows(shape: str) -> None:
    made = functools.cache(reader_files.rows_of(reader_files.ROWS[shape]))
    assert growth.check(reader_files.rows_read, made, often(2_000, 4_000), 60, first=often(500, 1_000)) == ""


@pytest.mark.parametrize("part", ["a-", "1,", "批"][often(-1, 0) :])
def test_the_longest_notice_is_read_in_seconds(part: str) -> None:
    """How its time grows is asked above; here that what is taken at all is taken as a whole, and answered."""
    text = (part * lot_list.LIMIT)[: lot_list.LIMIT - 1] + "1"
    assert growth.spent(lot_list.parse, text) < 20  # a second or two; time squared takes minutes
    assert growth.spent(lot_list.parse, "Lot A1 " + "-" * 80_000) < 2


def test_a_notice_of_numbers_as_long_as_itself_is_asked_about_and_not_counted() -> None:
    for text in ("Lots " + "1" * 90_000 + "-" + "2" * 90_000, "1a" * 90_000, "A1等" + "9" * 90_000 + "批"):
        assert growth.spent(lot_list.parse, text) < 4
        assert not lot_list.parse(text).complete


def test_a_list_whose_lots_and_items_multiply_is_refused_with_a_sentence() -> None:
    text = "REF " + ", ".join(f"r{n}" for n in range(4_000)) + " Lots " + ", ".join(f"b{n}" for n in range(4_000))
    with pytest.raises(Refusal) as refused:
        lot_list.parse(text)
    assert refused.value.code == "LST-003"


TOO_LONG: tuple[tuple[Callable[[str], object], int, str], ...] = (
    (identifiers.parse, identifiers.LIMIT, "ID-002"),
    (packing.read_number, identifiers.LIMIT, "ID-002"),
    (lot_list.parse, lot_list.LIMIT, "LST-002"),
    (recall_receivers.read, recall_receivers.LONGEST, "RCS-011"),
    (definition_yaml.read, definition_yaml.LARGEST, "DEF-001"),
)


@pytest.mark.parametrize(("read", "most", "code"), TOO_LONG)
def test_a_text_that_is_too_long_is_refused_before_it_is_looked_at(
    read: Callable[[str], object], most: int, code: str
) -> None:
    for part in ("1", "\u0301", "a: b\n", "(10)A"):
        text = (part * (most + 1))[: most + 1]
        assert growth.spent(read, text) < 0.2
        with pytest.raises(Refusal) as refused:
            read(text)
        assert (refused.value.code, bool(refused.value.zh), bool(refused.value.en)) == (code, True, True)


BOMBS: tuple[tuple[str, Callable[[], bytes], str], ...] = (
    ("entities", lambda: b'<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><a>&b;</a>', "IMP-053"),
    ("entities in UTF-16", reader_files.wide_entities, "IMP-053"),
    ("gzip members", lambda: reader_files.EMPTY_MEMBER * (files.MEMBERS + 1), "IMP-002"),
    ("objects", lambda: b"[" + b"{}," * files.MOST + b"{}]", "IMP-061"),
    ("compression", reader_files.other_compression, "IMP-002"),
    ("damaged zip", lambda: b"PK\x03\x04" + b"PK\x05\x06" + b"\xff" * 18, "IMP-002"),
)


@pytest.mark.parametrize(("name", "make", "code"), BOMBS)
def test_a_file_that_would_grow_in_memory_is_refused_with_a_sentence(
    name: str, make: Callable[[], bytes], code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        files.read(name, make())
    assert refused.value.code == code
