"""Nothing of a notice is dropped in silence: each character is a number, an item, a date, a question or known noise."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as some

from models.notice.rules.lot_list.reader import LotList, parse
from models.notice.rules.lot_list.tables import flattened
from models.notice.rules.lot_list.tokens import plain


def read(text: str) -> tuple[list[str], list[str], list[str]]:
    parsed = parse(text)
    asks = [str(question.ask) for question in parsed.questions]
    return [each.number for each in parsed.singles], [each.label for each in parsed.ranges], asks


@pytest.mark.parametrize(
    ("text", "lots", "ranges", "asks"),
    [
        ("BH-0012---BH-0019", [], ["BH-0012 – BH-0019"], []),
        ("Lots BH-0012 -- BH-0019", [], ["BH-0012 – BH-0019"], []),
        ("Lots BH-0012:BH-0019", [], [], ["one_or_several"]),
        ("Lots A100 | A101", [], [], ["one_or_several"]),
        ("批号：3月4日、3月5日", [], [], ["date", "date"]),
        ("3月4日、3月5日", [], [], ["date", "date"]),
        ("批号：3月4号", [], [], ["date"]),
        ("Lot 4-Mar, Mar-5, 4/Mar/24", [], [], ["date", "date", "date"]),
        ("Lots 2024.3.4", [], [], ["date"]),
        ("Lot 1.23E+11", [], [], ["wildcard"]),
        ("no lots affected: A1", [], [], ["exception"]),
        ("No other lot numbers are affected: A1", [], [], ["exception"]),
        ("Neither lot A1 nor lot A2 is affected", [], [], ["exception"]),
        ("批号A1（非召回）", [], [], ["exception"]),
        ("批号A1（未召回）", [], [], ["exception"]),
        ("批号A1不在召回范围", [], [], ["exception"]),
        ("Previously recalled: A1", [], [], ["exception"]),
        ("Lots previously recalled: A1, A2", [], [], ["exception"]),
        ("此前已召回批号：A1、A2", [], [], ["exception"]),
        ("Lot A1001 (not part of this recall)", [], [], ["exception"]),
        ("Lot A1001. This lot isn't affected: B2002", ["A1001"], [], ["exception"]),
        ("批号：A1001；未受影响批号：A1002", ["A1001"], [], ["exception"]),
        ("Lots A1, B2 (C3)", ["A1", "B2"], [], ["words"]),
        ("Lot " + "9" * 5000, [], [], ["wildcard"]),
        ("Lots " + "1" * 5000 + " - " + "2" * 5000, [], [], ["wildcard", "wildcard"]),
    ],
)
def test_what_is_not_plainly_in_scope_is_a_range_or_a_question_and_never_a_number(
    text: str, lots: list[str], ranges: list[str], asks: list[str]
) -> None:
    assert read(text) == (lots, ranges, asks)


def test_what_is_left_out_is_shown_with_its_number() -> None:
    assert [question.text for question in parse("批号A1、A2（非召回）").questions] == ["A2(非召回)"]
    assert read("批号A1、A2（非召回）")[0] == ["A1"]


_CODES = some.from_regex(r"[A-Z]{1,3}-?[0-9]{2,6}|[0-9]{4,8}|[0-9]{1,3}[A-Z]{1,2}[0-9]{1,3}", fullmatch=True)
_BETWEEN = some.sampled_from(
    [", ", "、", "; ", "\n", " ", "---", " – ", "～", "至", " to ", ":", "/", " | ", "\t", "（", "）", " (", ") ", "+", "=", "→", "…", " & "]
)  # fmt: skip
_WORDS = some.sampled_from(
    [
        "Lot",
        "Lots:",
        "批号：",
        "REF",
        "型号",
        "Serial",
        "序列号",
        "except",
        "非召回",
        "除外",
        "全部批次",
        "all",
        "exp",
        "有效期",
        "made",
        "software",
        "not",
        "recalled",
        "3月4日",
        "the",
        "of",
        "was",
        "已召回",
        "previously",
        "and",
        "和",
        "before",
        "以前",
        "units",
        "盒",
        "共3批",
        "UDI",
        "*",
        "?",
        "#",
        "™",
        "😀",
    ]
)
_NOTICES = some.lists(some.one_of(_CODES, _WORDS, some.text(max_size=4)), min_size=1, max_size=12).flatmap(
    lambda parts: some.lists(_BETWEEN, min_size=len(parts), max_size=len(parts)).map(
        lambda signs: "".join(part + sign for part, sign in zip(parts, signs, strict=True))
    )
)


def told(parsed: LotList) -> str:
    """Everything that the answer says, in one text."""
    said = [each.label for each in parsed.singles] + [each.label for each in parsed.ranges]
    said += [part.text for part in parsed.account if part.fate == "date"]
    said += [each.text for each in parsed.alls] + [each.text for each in parsed.questions]
    return "\n".join([*said, *parsed.items])


@given(_NOTICES)
def test_every_character_of_a_notice_is_accounted_for(text: str) -> None:
    shown = flattened(plain(text))
    if not shown:
        return
    parsed = parse(text)
    assert "".join(part.text for part in parsed.account) == shown
    for part in parsed.account:
        if part.fate == "noise" and part.kind in {"code", "day", "mask", "thousands", "udi"}:
            assert re.fullmatch(r"[0-9]{1,2}", part.text)  # how many, in a sentence


@given(_NOTICES)
def test_every_number_of_a_notice_is_told_or_asked(text: str) -> None:
    shown = flattened(plain(text))
    if not shown:
        return
    parsed = parse(text)
    said = re.sub(r"\s+", "", told(parsed))
    for part in parsed.account:
        if part.kind in {"code", "mask", "udi"} and len(part.text) > 2 and part.fate in {"number", "question"}:
            assert re.sub(r"\s+", "", part.text) in said
