"""A scan in a field: the number that the label carries, whichever way the label is written (REQ 19, 96)."""

import string
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from api.frame.request import shapes as base
from models.identifier.rules.check_digits import gs1_check_digit, mod43
from models.identifier.rules.identifiers import Element, bracketed, element_string, parse
from models.identifier.rules.scanned_field import Asked, label, number, refuse_whole
from models.kernel.refusal import Refusal
from models.lot.rules.lot import check_number
from tests.support.often import often

GTINS = st.integers(0, 10**13 - 1).map(lambda n: f"{n:013d}").map(lambda body: body + gs1_check_digit(body))
LOTS = st.text(string.ascii_uppercase + string.digits + "-", min_size=1, max_size=13).filter(
    lambda lot: lot.strip("-") == lot and any(char.isalpha() for char in lot)
)
DAYS = st.dates(date(2000, 1, 1), date(2070, 12, 31))
FIELDS = {Asked.LOT: base.LotNo, Asked.SERIAL: base.SerialNo}


def spellings(gtin: str, day: date, ai: str, value: str) -> list[str]:
    """One label as scanners send it and as people read it off."""
    parts = [Element("01", gtin, ""), Element("17", f"{day:%y%m%d}", ""), Element(ai, value, "")]
    raw = element_string(parts)
    middle = element_string([parts[0], parts[2], parts[1]])
    return [
        bracketed(parts),
        raw,
        *(prefix + text[1:] for text in (raw, middle) for prefix in ("]C1", "]d2", "]Q3", "]e0")),
        "^" + raw[1:],
        f"https://id.gs1.org/01/{gtin}/{ai}/{value}?17={day:%y%m%d}",
    ]


def hibc(day: date, lot: str) -> str:
    """The same as HIBC: product, expiry, lot, check character."""
    body = f"+A123PRODUCT11/$$3{day:%y%m%d}{lot}"
    return body + (mod43(body) or "")


@given(GTINS, DAYS, LOTS, st.sampled_from([(Asked.LOT, "10"), (Asked.SERIAL, "21")]))
@settings(max_examples=often(15, 800), deadline=None)
def test_every_spelling_of_a_label_typed_into_a_field_is_the_plain_number(
    gtin: str, day: date, value: str, asked: tuple[Asked, str]
) -> None:
    field, ai = asked
    door = TypeAdapter(FIELDS[field])
    for typed in (value, *spellings(gtin, day, ai, value)):
        if any(problem.code == "ID-027" for problem in parse(typed).problems):
            with pytest.raises(Refusal, match="ID-031"):  # a separator may be lost: nobody guesses, the number is typed
                number(typed, field)
            continue
        assert number(typed, field) == value, typed
        assert door.validate_python(typed) == value, typed


@given(GTINS, DAYS, LOTS, st.sampled_from(["check", "month", "day"]))
@settings(max_examples=often(15, 800), deadline=None)
def test_a_label_without_prefix_that_reads_wrong_is_refused_and_never_stored_whole(
    gtin: str, day: date, lot: str, what: str
) -> None:
    wrong = gtin[:-1] + str((int(gtin[-1]) + 3) % 10) if what == "check" else gtin
    date_ = {"check": f"{day:%y%m%d}", "month": f"{day:%y}13{day:%d}", "day": f"{day:%y%m}32"}[what]
    for typed in (f"01{wrong}17{date_}10{lot}", f"01{wrong}10{lot}^17{date_}"):
        with pytest.raises(Refusal, match="ID-031"):
            number(typed, Asked.LOT)


@given(DAYS, LOTS)
@settings(max_examples=often(12, 600), deadline=None)
def test_a_hibc_label_typed_into_a_field_is_its_lot_or_is_refused_for_its_check_character(day: date, lot: str) -> None:
    typed = hibc(day, lot)
    if typed.endswith(" "):
        return
    assert number(typed, Asked.LOT) == lot
    assert TypeAdapter(base.LotNo).validate_python(typed) == lot
    wrong = typed[:-1] + ("A" if typed[-1] != "A" else "B")
    with pytest.raises(Refusal, match="ID-031"):
        number(wrong, Asked.LOT)


@pytest.mark.parametrize(
    ("typed", "asked", "code"),
    [
        ("(01)06901234567892", Asked.LOT, "ID-030"),
        ("(01)06901234567892(10)PL-77", Asked.SERIAL, "ID-030"),
        ("]C100006141411234567890", Asked.LOT, "ID-030"),
        ("SN: 44", Asked.LOT, "ID-030"),
        ("(01)06901234567892(10)PL-77", Asked.NUMBER, "ID-030"),
        ("(01)06901234567893(10)PL-77", Asked.LOT, "ID-031"),
        ("]9PL-77", Asked.LOT, "ID-031"),
        ("https://example.com/lot", Asked.LOT, "ID-031"),
    ],
)
def test_a_label_without_what_the_field_asks_for_says_so(typed: str, asked: Asked, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        number(typed, asked)
    assert refused.value.code == code
    assert refused.value.zh
    assert "{" not in refused.value.en


@pytest.mark.parametrize(
    ("typed", "zh", "en"),
    [
        ("(414)0614141123452(254)A1", "位置码 GLN 0614141123452", "location number GLN 0614141123452"),
        ("urn:epc:id:sgln:0614141.12345.A1", "位置码 GLN 0614141123452", "location number GLN 0614141123452"),
        ("(417)0614141123452", "位置码 GLN 0614141123452", "location number GLN 0614141123452"),
        ("(8004)0614141M-07", "资产编号 0614141M-07", "asset number 0614141M-07"),
        ("urn:epc:id:grai:0614141.12345.400", "资产编号 00614141123452400", "asset number 00614141123452400"),
        ("(400)PO-118", "订单号 PO-118", "order number PO-118"),
    ],
)
def test_a_label_of_something_else_is_named_in_words(typed: str, zh: str, en: str) -> None:
    with pytest.raises(Refusal) as refused:
        number(typed, Asked.LOT)
    assert refused.value.code == "ID-030"
    assert f"标签内容：{zh}）" in refused.value.zh
    assert f"(it says: {en})" in refused.value.en


@pytest.mark.parametrize(
    ("typed", "asked", "value"),
    [
        ("(8003)00614141123452M-07", Asked.EQUIPMENT, "00614141123452M-07"),
        ("]C0WH-01", Asked.NUMBER, "WH-01"),
        ("*M-07*", Asked.EQUIPMENT, "M-07"),
        ("(8004)M-07", Asked.EQUIPMENT, "M-07"),
        ("(400)PO-118", Asked.ORDER, "PO-118"),
        ("LOT: PL-77", Asked.LOT, "PL-77"),
        ("批号：PL-77", Asked.LOT, "PL-77"),
        ("PL-77\x1d", Asked.LOT, "PL-77"),
        ("(10)PL-77", Asked.LOT, "PL-77"),
    ],
)
def test_other_fields_take_the_number_that_the_code_holds(typed: str, asked: Asked, value: str) -> None:
    assert number(typed, asked) == value


@pytest.mark.parametrize("typed", ["20261128", "6901234567892", "00012345678905", "AB/0643", "+1", "Q7 0042", "H-1(2)"])
def test_a_number_that_people_type_is_no_label(typed: str) -> None:
    assert label(typed) is None
    refuse_whole(typed)
    assert number(typed, Asked.LOT) == typed


@given(GTINS, DAYS, LOTS)
@settings(max_examples=often(12, 500), deadline=None)
def test_no_new_number_is_ever_a_whole_label(gtin: str, day: date, lot: str) -> None:
    for typed in spellings(gtin, day, "10", lot):
        with pytest.raises(Refusal) as refused:
            check_number(typed)
        assert refused.value.code in {"ID-032", "LOT-011"}, "a control character is refused before"
