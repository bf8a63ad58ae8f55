"""Lot lists of notices: what is plain is read, what is not is asked, nothing is guessed and nothing lost (STANDARDS C 72)."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from models.kernel.refusal import Refusal
from models.notice.rules.lot_list import reader as lot_list
from models.notice.rules.lot_list.kinds import QUESTIONS, Question, range_of
from models.notice.rules.lot_list.reader import All, LotList, Range, Single, matching, parse
from models.notice.rules.lot_list.tokens import plain
from tests.support.house.proves import proves

DATA = Path(os.environ.get("REFERENCE_DATA") or Path(__file__).parents[4] / "../shared/data")


def lots(parsed: LotList) -> list[str]:
    return [single.number for single in parsed.singles]


def ranges(parsed: LotList) -> list[tuple[str, str]]:
    return [(each.first, each.last) for each in parsed.ranges]


def asked(parsed: LotList) -> list[str]:
    return [question.ask for question in parsed.questions]


# --- real notices ------------------------------------------------------------------------------------------------------


def records() -> list[dict[str, Any]]:
    file = DATA / "fda-recalls/openfda_recall_record_excerpts.json"
    if not file.exists():
        return []
    found: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))["records"]
    return found


@proves("C 72")
@pytest.mark.skipif(not records(), reason="reference data absent: fda-recalls")
@pytest.mark.parametrize(
    "record", records() or [{"product_res_number": "absent"}], ids=lambda record: record["product_res_number"]
)
def test_a_real_notice_is_read_as_a_person_reads_it(record: dict[str, Any]) -> None:
    parsed, wanted = parse(record["code_info"]), record["_expected_by_collector"]
    if isinstance(wanted.get("lots"), str):  # a part number and no lot: all its lots, which a person confirms
        assert (asked(parsed), [q.text for q in parsed.questions]) == (["item_without_lots"], ["356T"])
        return
    if isinstance(wanted.get("lots"), list):
        assert lots(parsed) == wanted["lots"]
    if "ranges" in wanted:
        assert [list(each) for each in ranges(parsed)] == wanted["ranges"]
    if "catalogue" in wanted:
        assert list(parsed.items) == wanted["catalogue"]
    if "expiry" in wanted:
        said = wanted["expiry"] if isinstance(wanted["expiry"], list) else [wanted["expiry"][:7]] * len(parsed.singles)
        assert [single.expiry for single in parsed.singles] == said
    for item, of_item in wanted.get("pairs_first_16", []):
        assert [single.number for single in parsed.singles if single.items == (item,)] == of_item
    for item, units in wanted.get("range_units", {}).items():
        sizes = [each.bounds[1] - each.bounds[0] + 1 for each in parsed.ranges if each.items == (item,)]
        assert sum(sizes) == units
    cut_off = [question.text for question in parsed.questions]
    assert cut_off == (["7635320"] if "pairs_first_16" in wanted else [])  # the excerpt ends after a product number


def test_every_notice_of_the_reference_data_gives_something() -> None:
    """80 more real notices (devices, drugs, food, blood): each gives lots, or a question with the words it is about."""
    folder = DATA / "fda-recalls"
    if not folder.exists():
        pytest.skip("reference data absent: fda-recalls")
    texts = {
        json.loads(f'"{found}"')
        for file in sorted(folder.glob("*.json"))
        for found in re.findall(r'"code[_-]info"\s*:\s*"((?:[^"\\]|\\.)*)"', file.read_text("utf-8"))
    }
    assert len(texts) > 70
    for text in sorted(texts):
        parsed = parse(text)
        assert parsed.singles or parsed.ranges or parsed.alls or parsed.questions, text


# --- ways to write it --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "NS4928020 – NS6203182",
        "NS4928020 - NS6203182",
        "NS4928020-NS6203182",
        "NS4928020—NS6203182",
        "NS4928020~NS6203182",
        "Lot Nos: NS4928020 through NS6203182",
        "lots NS4928020 thru NS6203182.",
        "Affected lot codes range from: NS4928020 to NS6203182",
        "Lots between NS4928020 and NS6203182",
        "批号：NS4928020至NS6203182",
        "批号从NS4928020到NS6203182",
        "涉及批次：ＮＳ４９２８０２０～ＮＳ６２０３１８２",
    ],
)
def test_a_range_in_every_writing(text: str) -> None:
    parsed = parse(text)
    assert ranges(parsed) == [("NS4928020", "NS6203182")]
    assert (parsed.singles, parsed.questions) == ((), ())


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("A123, A124; A130", ["A123", "A124", "A130"]),
        ("12345\n12346\n12347", ["12345", "12346", "12347"]),
        ("Lot Nos. A123 & A124", ["A123", "A124"]),
        ("LOT #'s: a) 90A024, 90A026; b) 90A028", ["90A024", "90A026", "90A028"]),
        ("1) - 5) Lot #030813", ["030813"]),
        ("Lot LOT-2026-07, LOT-2026-08", ["LOT-2026-07", "LOT-2026-08"]),
        ("批号：20230101、20230102和20230105", ["20230101", "20230102", "20230105"]),
        ("批号为20230101的产品", ["20230101"]),
        ("Lot AB 0643 and AB 0732", ["AB 0643", "AB 0732"]),
        ("Lot 2003-06 AE", ["2003-06 AE"]),
        ("Lot No. 103-05", ["103-05"]),
        ("Lot 12345 12346 12347", ["12345", "12346", "12347"]),
        ("Lots: 042Y49061 ( 2 units), 042Y49062 (2 units)", ["042Y49061", "042Y49062"]),
        ("(01)00888480539391(10)L-5(17)261231", ["L-5"]),
        ("UDI: (01)00888480539391(10)L-5, (01)00888480539391(10)L-6", ["L-5", "L-6"]),
        ("https://id.gs1.org/01/00888480539391/10/L-5", ["L-5"]),
        ("UDI-DI 00888480539391, Lots A1234 and A1235", ["A1234", "A1235"]),
        ("A123, A123, a123", ["A123", "a123"]),
    ],
)
def test_numbers_in_every_writing(text: str, wanted: list[str]) -> None:
    parsed = parse(text)
    assert lots(parsed) == wanted
    assert (parsed.ranges, parsed.questions) == ((), ())


@pytest.mark.parametrize(
    ("text", "ask"),
    [
        ("1234-5678", "range_or_number"),
        ("Serial numbers 1-100", "range_or_number"),
        ("Lots A1-A9", "range_or_number"),
        ("批号 M6-M8", "range_or_number"),
        ("BH-0012-BH-0019", "range_or_number"),
        ("Lots Q7-26-001-Q7-26-009", "range_or_number"),
        ("Lot No. See attached list", "condition"),
        ("Lots 998 - 1005", "range_width"),
        ("Lots A123 - B456", "range_prefix"),
        ("Lots PPB1155 - 74", "range_prefix"),
        ("Lots A456 - A123", "range_backwards"),
        ("Lot 12345/12346", "one_or_several"),
        ("Lot TFRS 130B 1503 KT34", "one_or_several"),
        ("Lots A1 - A5 - A9", "one_or_several"),
        ("Lot 4/1/2014", "date"),
        ("Lot ABC", "no_digit"),
        ("Lots 19XXXX", "wildcard"),
        ("Lot AB12*", "wildcard"),
        ("批号：A12?", "wildcard"),
        ("Lots: 2024-01-31", "date"),
        ("Lots A1001/A1002/A1003", "one_or_several"),
        ("Lots 12345/46", "one_or_several"),
        ("Lot 12,345", "one_or_several"),
        ("Lots > A1001", "words"),
        ("全部批次（未过期）", "condition"),
        ("Does not include lots A1001", "exception"),
        ("Lots not affected: A1001, A1002", "exception"),
        ("Part Number: 356T", "item_without_lots"),
        ("Software version 3.2.0, 3.2.1 or 3.2.3", "not_a_lot"),
        ("All lots made between December 15, 2010 and November 15, 2011", "condition"),
        ("All lots with expiry before 2026-12", "condition"),
        ("all unexpired lots", "condition"),
        ("Lots expiring before December 2025", "condition"),
        ("全部批次（有效期早于2026年12月）", "condition"),
        ("Lot 12345 and earlier", "condition"),
        ("批号 A001 及以后批次", "condition"),
        ("批号：A001、A002等", "condition"),
        ("All lots except 12345, 12346", "exception"),
        ("全部批次，20230101除外", "exception"),
        ("all lots", "all_of_which"),
        ("(01)00888480539392(10)L-5", "identifier_wrong"),
        ("Lots beginning with AB12", "words"),
        ("Model X100 serial numbers below 5000", "words"),
        ("Lot 12345 units", "words"),
        ("NR068K, TIBIA PLATEAU, FIXED, T0", "unlabelled"),
        ("hello world", "nothing"),
    ],
)
def test_what_is_not_plain_is_asked_in_both_languages(text: str, ask: str) -> None:
    parsed = parse(text)
    assert asked(parsed) == [ask]
    assert not parsed.complete
    assert any("\u4e00" <= char <= "\u9fff" for char in parsed.questions[0].zh)
    assert parsed.questions[0].en.endswith("?")
    if ask not in {"condition", "all_of_which"}:
        assert (parsed.singles, parsed.ranges, parsed.alls) == ((), (), ())


def test_every_question_can_be_asked() -> None:
    seen = {ask for _, ask in test_what_is_not_plain_is_asked_in_both_languages.pytestmark[0].args[1]}  # type: ignore[attr-defined]
    assert seen == set(QUESTIONS)


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("All lots of REF 123-A", ("123-A",)),
        ("REF 123-A, all lots", ("123-A",)),
        ("型号：ABC-12，全部批次", ("ABC-12",)),
        ("Catalog No. 55, Lots: All", ("55",)),
        ("REF NEEDLE, all lots", ("NEEDLE",)),
        ("REF AB-7, KNEE, LEFT, all lots", ("AB-7",)),
    ],
)
def test_all_lots_of_an_item(text: str, items: tuple[str, ...]) -> None:
    parsed = parse(text)
    assert [each.items for each in parsed.alls] == [items]
    assert parsed.complete


def test_each_number_stands_with_its_item_and_expiry() -> None:
    parsed = parse(
        "REF 11: Lot A1, Exp 2026-12-31; Lots A2, A3, Exp. Date May 2027. REF 12 (Lots B1 - B9 [use by 06/2028])"
    )
    assert parsed.singles == (
        Single("A1", "lot", ("11",), "2026-12-31"),
        Single("A2", "lot", ("11",), "2027-05"),
        Single("A3", "lot", ("11",), "2027-05"),
    )
    assert parsed.ranges == (Range("B1", "B9", "lot", ("12",), "2028-06"),)
    assert parsed.complete


@pytest.mark.parametrize(
    "text",
    [
        "Serial Numbers: A1001 through A1999 (odd only)",
        "序列号：10001～10050（单号）",
        "Lots A1001 to A1010 even numbers only",
        "Lot A1001 to present",
        "Lots A1001+, A1005",
        "批号A1001等3批",
        "批号：A1001、A1002，共3批",
        "First lot 1001, last lot 1099",
        "Kit lots: 1001 (contains component lot B2002)",
        "Model X100, expired product, all lots",
        "Model X100 manufactured before 2019, all lots",
        "型号X100，2021年1月至6月生产的全部产品",
        "型号：X100，2023年以前生产的所有批次",
        "型号：X100；生产日期：2023年5月；全部批次",
        "型号X100，有效期内全部批次",
        "all lots of product codes 100 to 150",
        "Catalog numbers ABC-100 through ABC-150, all lots",
        "2023年1月1日至2023年6月30日期间生产的批号为2301至2306的产品",
        "Kit Lot 19001, component lots 500, 501",
        "Lots 1001 – 1010 (not all lots in this range)",
    ],
)
def test_no_condition_is_read_over_beside_numbers(text: str) -> None:
    """Each of these was read as if the condition weren't there, and the list called complete."""
    parsed = parse(text)
    assert "condition" in asked(parsed)
    assert not parsed.complete


@pytest.mark.parametrize("sign", ["‒", " → ", " -> ", " => ", "〜", " up to and including ", " &ndash; ", "－"])
def test_a_range_is_never_read_as_its_two_ends(sign: str) -> None:
    assert ranges(parse(f"Lots A1001{sign}A1010")) == [("A1001", "A1010")]


@pytest.mark.parametrize(
    "text",
    [
        "Lot&nbsp;Numbers: A1001 &amp; A1002",
        "Lots: A1001&#44; A1002",
        "<p>Lots:<br/>A1001<br>A1002</p>",
        "<table><tr><td>Lot</td><td>Qty</td></tr><tr><td>A1001</td><td>7</td></tr><tr><td>A1002</td><td>9</td></tr></table>",
        "Lot A1001 Qty: 20; Lot A1002 (qty 30)",
        "批号A1001，数量200个；批号A1002，数量300个",
        "批号A1001、A1002等2批",
        "Lot No.\tQty\nA1001\t200\nA1002\t300",
        "| Lot | Qty |\n|-----|-----|\n| A1001 | 20 |\n| A1002 | 30 |",
    ],
)
def test_what_a_page_leaves_in_a_text_is_no_part_of_a_number(text: str) -> None:
    parsed = parse(text)
    assert (lots(parsed), parsed.questions) == (["A1001", "A1002"], ())


def test_a_table_is_read_row_by_row() -> None:
    parsed = parse("型号\t批号\t有效期\t数量\nX1\tA1\t2026-12-31\t20盒\nX2\tA2 - A9\t2026-11\t20盒")
    assert parsed.singles == (Single("A1", "lot", ("X1",), "2026-12-31"),)
    assert parsed.ranges == (Range("A2", "A9", "lot", ("X2",), "2026-11"),)
    assert parsed.complete
    ragged = parse("REF | Lot\n11 | A1\n12 | A2 | 7\nA3")
    assert not ragged.complete  # what fits no column is asked about


def test_a_heading_over_lots_is_no_lot_and_narrows_nothing_else() -> None:
    parsed = parse("Model No.: 1234 - Lots 5678, 5679; 2345 - Lot 6789")
    assert (lots(parsed), asked(parsed)) == (["5678", "5679", "6789"], ["words"])
    assert parsed.singles[-1].items == ()
    for text in ("Lot: 1234, 1235, Model: ABC; Lot: 2234, Model: DEF", "Lot 1234, 1235 REF ABC Lot 2234 REF DEF"):
        trailing = parse(text)  # ABC narrowed 2234, so that it was found nowhere
        assert [(each.number, each.items) for each in trailing.singles] == [("1234", ()), ("1235", ()), ("2234", ())]
        assert trailing.items == ("ABC", "DEF")
    behind = parse("Lots A1001 - A1009 (REF 11), B1001 - B1009 (REF 12)")
    assert [each.items for each in behind.ranges] == [(), ()]


def test_the_dates_of_one_lot_stay_with_it() -> None:
    parsed = parse("Lot 12345 Mfg 2023-05-01 Exp 2026-05-01, Lot 12346 Exp 2026-06-01")
    assert [(each.number, each.expiry) for each in parsed.singles] == [("12345", "2026-05-01"), ("12346", "2026-06-01")]
    assert parsed.complete


def test_an_element_string_in_a_notice_is_taken_apart() -> None:
    parsed = parse("UDI 01006431690017631720010110A1001<GS>21S1; UDI/DI 00643169001763 Lot A1002")
    assert parsed.singles == (
        Single("S1", "serial", ("00643169001763",), "2020-01-01"),
        Single("A1002", "lot", ("00643169001763",)),
    )


def test_serial_numbers_are_no_lots() -> None:
    parsed = parse("Serial numbers 100001 through 100500 and 100777; 序列号 SN0001")
    assert [(each.first, each.kind) for each in parsed.ranges] == [("100001", "serial")]
    assert [(each.number, each.kind) for each in parsed.singles] == [("100777", "serial"), ("SN0001", "serial")]


def test_dots_between_lots_are_asked_about() -> None:
    parsed = parse("Lot Numbers: 190101, 190102, ... 190112")
    assert (lots(parsed), asked(parsed)) == (["190101", "190102", "190112"], ["words"])
    assert "..." in parsed.questions[0].text


@pytest.mark.parametrize(
    "text", ["批号 A20210301~A20210315，共15批", "涉及产品批号为：A20210301至A20210315，共15个批次"]
)
def test_how_many_lots_is_no_lot(text: str) -> None:
    parsed = parse(text)
    assert (lots(parsed), ranges(parsed), asked(parsed)) == ([], [("A20210301", "A20210315")], [])


def test_a_number_in_prose_is_not_a_lot() -> None:
    parsed = parse("Lot 12345 was distributed to 14 hospitals in 3 states; 12346 too")
    assert lots(parsed) == ["12345"]
    assert [question.text for question in parsed.questions] == ["12346 too"]


@pytest.mark.parametrize(("text", "code"), [("", "LST-001"), (" \n\u3000", "LST-001"), ("1" * 200_001, "LST-002")])
def test_nothing_and_too_much_are_refused(text: str, code: str) -> None:
    with pytest.raises(Refusal, match=code):
        parse(text)


# --- for all inputs ----------------------------------------------------------------------------------------------------

PREFIXES = some.sampled_from(["", "NS", "F", "AB-", "LOT-2026-", "X1Y"])
RANGES = some.builds(
    lambda prefix, width, one, other, suffix: (
        f"{prefix}{min(one, other) % 10**width:0{width}}{suffix}" if one != other else "",
        f"{prefix}{max(one, other) % 10**width:0{width}}{suffix}",
    ),
    PREFIXES,
    some.integers(5, 8),
    some.integers(0, 99_999),
    some.integers(0, 99_999),
    some.sampled_from(["", "X", "CN"]),
).filter(lambda pair: pair[0] != "")
NUMBERS = some.from_regex(r"[A-Z]{0,3}[0-9]{4,9}[A-Z]{0,2}", fullmatch=True)
SIGNS = some.sampled_from([" - ", " – ", "–", " through ", " to ", "至", "~"])
SEPARATORS = some.sampled_from([", ", "; ", "\n", "、", " and ", ",", " & "])
HEADS = some.sampled_from(["", "Lot ", "Lot Nos: ", "LOT# ", "Batch numbers ", "批号：", "涉及批次 "])


@given(HEADS, some.lists(NUMBERS | RANGES, min_size=1, max_size=12, unique=True), SIGNS, SEPARATORS)
def test_a_plain_list_is_read_whole(head: str, entries: list[str | tuple[str, str]], sign: str, separator: str) -> None:
    text = head + separator.join(each if isinstance(each, str) else sign.join(each) for each in entries)
    parsed = parse(text)
    assert parsed.questions == ()
    assert lots(parsed) == [each for each in entries if isinstance(each, str)]
    assert ranges(parsed) == [each for each in entries if not isinstance(each, str)]


CONDITIONS = some.sampled_from(
    [
        " (odd only)",
        " and later",
        " or newer",
        "等",
        "（单号）",
        " to present",
        "*",
        " except A1",
        " etc.",
        "，未使用的产品",
        "+",
    ]
)


@given(HEADS, some.lists(NUMBERS | RANGES, min_size=1, max_size=6, unique=True), CONDITIONS)
def test_a_list_with_a_condition_is_never_complete(
    head: str, entries: list[str | tuple[str, str]], condition: str
) -> None:
    text = head + ", ".join(each if isinstance(each, str) else " – ".join(each) for each in entries)
    assert not parse(text + condition).complete


@given(
    some.text(max_size=200)
    | some.lists(some.sampled_from([*"Lot all,;-()1A至批号除\n", "Exp ", "REF "]), max_size=60).map("".join)
)
def test_any_text_gives_something_or_is_refused(text: str) -> None:
    try:
        parsed = parse(text)
    except Refusal:
        assert not plain(text)
        return
    assert parsed.singles or parsed.ranges or parsed.alls or parsed.questions
    json.dumps(parsed.as_dict())
    assert parsed == parse(text)


@given(RANGES, NUMBERS | some.integers(0, 99_999).map(str), some.integers(0, 99_999))
def test_a_range_has_what_lies_between_its_bounds_and_nothing_else(
    pair: tuple[str, str], other: str, between: int
) -> None:
    found = range_of(*pair)
    assert isinstance(found, Range)
    low, high = found.bounds
    assert found.has(pair[0])
    assert found.has(pair[1])
    head, tail = pair[0][: len(pair[0]) - found.width - len(found.suffix)], found.suffix
    assert found.has(f"{head}{between:0{found.width}}{tail}".lower()) == (low <= between <= high)
    assert not found.has(f"{head}{low:0{found.width + 1}}{tail}")
    assert not found.has(f"Q{pair[0]}")
    key = lot_list.Single(other).key
    if found.has(other):
        assert found.keys[0] <= key <= found.keys[1]
        assert len(key) == len(found.keys[0])


@given(some.lists(NUMBERS, max_size=8), some.lists(RANGES, max_size=4), some.lists(NUMBERS, max_size=30))
def test_matching_is_what_asking_each_entry_says(
    singles: list[str], pairs: list[tuple[str, str]], register: list[str]
) -> None:
    between = [each for pair in pairs if isinstance(each := range_of(*pair), Range)]
    parsed = LotList(tuple(map(Single, singles)), tuple(between), (All("all lots"),), (), ())
    found = matching(parsed, [*register, *singles])
    for number in [*register, *singles]:
        named = any(Single(each).key == Single(number).key for each in singles) or any(
            each.has(number) for each in between
        )
        assert (number in found) == named


def test_case_and_separators_don_t_matter_for_a_match() -> None:
    parsed = parse("Lots AB-0643, LOT-2026-07 - LOT-2026-12")
    found = matching(parsed, ["ab 0643", "lot2026 08", "LOT-2026-13", "LOT-2026-007", "XLOT-2026-08"])
    assert found == {"ab 0643": ("AB-0643",), "lot2026 08": ("LOT-2026-07 – LOT-2026-12",)}


@pytest.mark.parametrize(("first", "last"), [("A", "B"), ("A1", "B"), ("A1X", "A9Y"), ("A1", "A10"), ("A9", "A1")])
def test_what_is_no_range_is_a_question(first: str, last: str) -> None:
    assert isinstance(range_of(first, last), Question)
