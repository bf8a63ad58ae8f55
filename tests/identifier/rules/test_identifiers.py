"""Anything typed or scanned is read, or refused with a sentence; nothing crashes and nothing is lost on the way."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.identifier.rules import identifiers
from models.identifier.rules.check_digits import gs1_check_digit, mod43
from models.kernel.refusal import Refusal
from tests.support.house.proves import proves
from tests.support.often import often

LOT_CHARACTERS = st.text("!\"%&'*+,-./0123456789:;<=>?ABCXYZ_abcxyz", min_size=1, max_size=20)
GTINS = st.integers(0, 10**13 - 1).map(lambda n: f"{n:013d}").map(lambda body: body + gs1_check_digit(body))


def refused(text: str) -> Refusal:
    with pytest.raises(Refusal) as caught:
        identifiers.parse(text)
    return caught.value


def test_a_label_with_gtin_lot_and_month_expiry_is_read() -> None:
    scan = identifiers.parse("]d20100841523106431172702001024A7\x1d21S-9")
    assert (scan.kind, scan.gtin, scan.lot, scan.serial) == ("gs1", "00841523106431", "24A7", "S-9")
    assert scan.expiry is not None
    assert (scan.expiry.on, scan.expiry.precision, str(scan.expiry)) == (date(2027, 2, 28), "month", "2027-02")
    assert scan.problems == ()


@pytest.mark.parametrize(
    "text",
    [
        "(01)00841523106431(17)270228(10)24A7",
        " （01） 00841523106431 （17） 270228 （10） 24A7 ",
        "^0100841523106431172702281024A7",
        "\x1d0100841523106431172702281024A7\r\n",
        "]C10100841523106431172702281024A7",
        "]Q30100841523106431172702281024A7",
        "01008415231064311024A7{GS}17270228",
        "01008415231064311024A7<GS>17270228",
        "https://id.gs1.org/01/00841523106431/10/24A7?17=270228",
        "https://example.com/some/path/gtin/841523106431/lot/24A7?17=270228#x",
    ],
)
def test_every_spelling_of_one_label_says_the_same(text: str) -> None:
    scan = identifiers.parse(text)
    assert (scan.gtin, scan.lot, str(scan.expiry), scan.problems) == ("00841523106431", "24A7", "2027-02-28", ())


@pytest.mark.parametrize("number", ["00841523106431", "841523106431", "02345673", "9506000134352"])
def test_a_bare_gtin_is_known_by_its_check_digit(number: str) -> None:
    scan = identifiers.parse(number)
    assert (scan.kind, scan.gtin) == ("gtin", number.zfill(14))
    assert number in scan.di_candidates


def test_a_wrong_check_digit_names_the_right_one_and_stays_searchable() -> None:
    scan = identifiers.parse("00841518100003")
    assert (scan.kind, scan.text, scan.problem_codes()) == ("text", "00841518100003", ("ID-010",))
    assert "应为" in scan.problems[0].zh


def test_a_day_in_digits_is_no_spoiled_gtin() -> None:
    assert identifiers.parse("20240101").problems == ()


def test_a_pallet_number_is_an_sscc() -> None:
    assert identifiers.parse("006141411234567890").sscc == "006141411234567890"
    assert identifiers.parse("(00)006141411234567890").sscc == "006141411234567890"


def test_hibc_primary_and_secondary_in_one_label() -> None:
    scan = identifiers.parse("*+A99912345/$$52001510X3/16D20111212/S77DE1G45-*")
    assert (scan.kind, scan.agency, scan.di) == ("hibc", "HIBCC", "A99912345")
    assert (scan.lot, scan.serial, str(scan.expiry)) == ("10X3", "77DE1G45", "2020-01-15")
    assert (str(scan.production), scan.problems) == ("2011-12-12", ())
    assert "A99912345" + str(mod43("+A99912345")) in scan.di_candidates


HIBC = "+A123BJC5D6E71"


def checked(text: str) -> str:
    return text + str(mod43(text))


@given(
    st.from_regex(r"[A-Z0-9]{1,18}", fullmatch=True),
    st.sampled_from(["$", "$$7", "$$0926", "$$3260928", "$$526271", "$$8203260928", "26271"]),
    st.booleans(),
    st.sampled_from(
        [str, str.lower, lambda text: text.rstrip(" ") + "_" * text.endswith(" "), str.strip, "*{}*".format]
    ),
)
def test_a_hibc_label_is_read_whatever_its_check_character_and_case(
    lot: str, head: str, alone: bool, printed: Callable[[str], str]
) -> None:
    """One label in 43 ends in a blank, which a text field trims: its lot lost its last letter."""
    link = str(mod43(HIBC))
    text = checked(f"+{head}{lot}{link}" if alone else f"{HIBC}/{head}{lot}")
    scan = identifiers.parse(printed(text))
    unchecked = text.endswith(" ") and (printed(text) == text.strip() or mod43(text[:-2]) == text[-2])
    assert (scan.kind, scan.problem_codes()) == ("hibc", ("ID-028",) if unchecked else ())
    assert scan.lot == lot or (unchecked and mod43(text[:-2]) == text[-2])


def _labels(count: int) -> list[str]:
    """HIBC labels of every shape, the same in every run."""
    chance = random.Random(43)  # noqa: S311 - no secret
    alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
    heads = ["$", "$$3260928", "$$0926", "$$8203260928", "26271"]
    return [
        checked(f"{HIBC}/{chance.choice(heads)}{''.join(chance.choices(alphabet, k=chance.randint(3, 12)))}")
        for _ in range(count)
    ]


def test_no_misread_character_of_many_labels_passes_as_clean() -> None:
    """Each character of each label read as another one: the lot is right, or a problem is said."""
    chance = random.Random(7)  # noqa: S311 - no secret
    wrong = misread = 0
    for label in _labels(often(150, 1_000)):
        lot = identifiers.parse(label).lot
        for place in range(1, len(label)):
            other = chance.choice([each for each in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" if each != label[place]])
            scan = identifiers.parse(label[:place] + other + label[place + 1 :])
            misread += 1
            wrong += scan.kind == "hibc" and not scan.problems and (scan.di, scan.lot) != (HIBC[1:], lot)
    assert misread > often(3_000, 20_000)
    assert wrong == 0


@pytest.mark.parametrize(
    ("text", "lot", "serial"),
    [
        ("*X-7*", None, None),
        ("LOT:X-7", "X-7", None),
        ("Lot No. : X-7", "X-7", None),
        ("批号：X-7", "X-7", None),
        ("生产批号：X-7", "X-7", None),
        ("S/N: X-7", None, "X-7"),
        ("序列号：X-7", None, "X-7"),
        ("LOT: *X-7*", "X-7", None),
    ],
)
def test_what_a_label_says_in_words_is_taken_off_the_number(text: str, lot: str | None, serial: str | None) -> None:
    scan = identifiers.parse(text)
    assert (scan.text, scan.lot, scan.serial, scan.problems) == ("X-7", lot, serial, ())


def test_a_bracket_that_holds_no_identifier_belongs_to_the_value() -> None:
    scan = identifiers.parse("(01)06901234567892(10)AB(C)1(17)270228")
    assert (scan.gtin, scan.lot, str(scan.expiry), scan.problems) == ("06901234567892", "AB(C)1", "2027-02-28", ())
    unknown = identifiers.parse("(01)06901234567892(10)AB(99999)1")
    assert unknown.lot == "AB(99999)1"


def test_a_scanner_that_drops_the_separator_is_told_of() -> None:
    scan = identifiers.parse("]C1010690123456789210ABC17270228")
    assert (scan.lot, scan.problem_codes()) == ("ABC17270228", ("ID-027",))
    assert identifiers.parse("]C1010690123456789210ABC\x1d17270228").problems == ()
    assert identifiers.parse("]C101069012345678921727022810ABC17270228").problems == ()  # the label has its expiry
    assert identifiers.parse("(01)06901234567892(10)ABC17270228").problems == ()  # nothing is lost between brackets


@pytest.mark.parametrize("between", ["", " ", "\r\n"])
def test_the_two_barcodes_of_one_label_are_read_together(between: str) -> None:
    scan = identifiers.parse(checked(HIBC) + between + checked(f"+$$3260928LOT1{mod43(HIBC)}"))
    assert (scan.di, scan.lot, str(scan.expiry), scan.problems) == ("A123BJC5D6E71", "LOT1", "2026-09-28", ())
    other = identifiers.parse(checked(HIBC) + between + checked("+$$3260928LOT1Z"))  # of another label
    assert (other.kind, other.lot) == ("text", None)


@pytest.mark.parametrize("sign", ["|", "~", "^", "\x1d", "\\x1d", "\\u001d", "&#29;", "[FNC1]", "<GS>"])
def test_a_separator_is_known_in_every_writing(sign: str) -> None:
    scan = identifiers.parse(f"010084152310643110A7{sign}21S1")
    assert (scan.lot, scan.serial, scan.problems) == ("A7", "S1", ())


def test_a_label_pasted_line_by_line_is_one_code() -> None:
    scan = identifiers.parse("(01)00841523106431\n(17)270228\r\n(10)24A7")
    assert (scan.di, scan.lot, scan.problems) == ("00841523106431", "24A7", ())


def test_an_address_without_its_scheme_is_a_link_too() -> None:
    assert identifiers.parse("id.gs1.org/01/00841523106431/10/a%2f1").lot == "a/1"
    assert identifiers.parse("A.B/01/C").kind == "text"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("https://id.gs1.org/AQnYUc1gmiCNV4JG", "ID-026"),
        ("https://dlnkd.tn.gg/01/09780345418913/aBcDeFgHiJk", "ID-026"),
        ("https://example.com/lot/24A7", "ID-019"),
    ],
)
def test_an_address_that_is_no_plain_link_says_why(text: str, code: str) -> None:
    scan = identifiers.parse(text)
    assert (scan.kind, scan.problem_codes()) == ("text", (code,))


def test_a_wrong_hibc_check_character_is_named() -> None:
    assert identifiers.parse("+A99912345/$$52001510X3/16D20111212/S77DE1G45A").problem_codes() == ("ID-020",)


def test_an_ma_code_gives_identifier_and_batch() -> None:
    scan = identifiers.parse("MA.156.M0.100221.00000001.L24A7.S12.D240131.E270131")
    assert (scan.kind, scan.agency, scan.di) == ("ma", "MA", "MA.156.M0.100221.00000001")
    assert (scan.lot, scan.serial, str(scan.expiry), str(scan.production)) == ("24A7", "12", "2027-01-31", "2024-01-31")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("(01)00841523106432", "ID-010"),
        ("(89)X", "ID-011"),
        ("(17)2702", "ID-012"),
        ("(01)00841523106431(17)271301", "ID-012"),
        ("(01)00841523106431(17)270231", "ID-013"),
        ("(01)00841523106431(10)A(10)B", "ID-014"),
        ("(01)00841523106431(37)5", "ID-015"),
        ("(10)A", "ID-016"),
        ("(01)00841523106431(10)", "ID-017"),
        ("]E0123", "ID-018"),
        ("https://a/01/00841523106431?10=A", "ID-019"),
    ],
)
def test_each_broken_rule_has_its_code(text: str, code: str) -> None:
    assert code in identifiers.parse(text).problem_codes()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "ID-001"),
        (" \t\n　", "ID-001"),
        ("\u200b\ufeff", "ID-001"),
        ("]d1", "ID-001"),
        ("A" * 10_000, "ID-002"),
        ("ﷺ" * 100, "ID-002"),
        ("LOT\x00A", "ID-003"),
        ("批次🙂", "ID-003"),
        ("👩‍🔬", "ID-003"),
    ],
)
def test_what_nobody_can_look_for_is_refused_with_a_sentence(text: str, code: str) -> None:
    refusal = refused(text)
    assert (refusal.code, refusal.status) == (code, 422)
    assert refusal.zh.endswith("。")
    assert "{" not in refusal.zh + refusal.en


def test_text_of_other_scripts_is_text() -> None:
    assert identifiers.parse("供方批号 24-A/7").kind == "text"


def test_two_ways_of_typing_meet_under_one_key() -> None:
    assert identifiers.normalise("  ＬＯＴ  ａ-１ ") == identifiers.normalise("lot A-1")
    assert identifiers.compact("lot a-1_2.3/4") == "LOTA1234"
    assert identifiers.look_alike("L0T-OI5") == identifiers.look_alike("LOT 01S")


@given(st.text(max_size=600))
@example("+")
@example("+$$")
@example("+A999123450/$$9")
@example("]C1" + "\x1d")
@example("(0)")
@example("https://[/01/1")
def test_no_text_makes_the_reader_crash(text: str) -> None:
    try:
        scan = identifiers.parse(text)
    except Refusal as refusal:
        assert refusal.code in {"ID-001", "ID-002", "ID-003"}  # noqa: PT017 - both ways of answering are right
    else:
        assert scan.kind in {"gs1", "digital_link", "epc", "gtin", "sscc", "hibc", "ma", "text"}
        assert scan.as_dict()["text"] == scan.text


@given(st.text("()0123456789^]dCQ+$/-ABM.:htps\x1d", max_size=60))
def test_no_half_formed_barcode_makes_the_reader_crash(text: str) -> None:
    try:
        identifiers.parse(text)
    except Refusal as refusal:
        assert refusal.code.startswith("ID-")  # noqa: PT017 - both ways of answering are right


@given(GTINS, LOT_CHARACTERS, LOT_CHARACTERS, st.dates(date(1980, 1, 1), date(2075, 12, 31)))
def test_what_is_written_is_read_back(number: str, lot: str, serial: str, expires: date) -> None:
    elements = (
        identifiers.Element("01", number),
        identifiers.Element("10", lot),
        identifiers.Element("17", f"{expires:%y%m%d}"),
        identifiers.Element("21", serial),
    )
    scan = identifiers.parse(identifiers.element_string(elements))
    assert (scan.gtin, scan.lot, scan.serial, scan.problems) == (number, lot, serial, ())
    assert scan.expiry is not None
    assert scan.expiry.on == expires
    assert identifiers.parse(identifiers.bracketed(elements)).elements == scan.elements


@proves("U 83")
@given(GTINS, st.integers(0, 13), st.integers(1, 9))
def test_no_single_wrong_digit_passes(number: str, place: int, off: int) -> None:
    wrong = number[:place] + str((int(number[place]) + off) % 10) + number[place + 1 :]
    assert identifiers.gtin_problems(wrong)[0].code == "ID-010"


@given(st.text(max_size=60))
def test_keys_of_a_key_are_the_key(text: str) -> None:
    assert identifiers.normalise(identifiers.normalise(text)) == identifiers.normalise(text)
    assert identifiers.compact(identifiers.compact(text)) == identifiers.compact(text)


@pytest.mark.parametrize("sign", ["%00", "%1D", "%0A", "%7F"])
def test_a_link_smuggles_in_no_control_character(sign: str) -> None:
    scan = identifiers.parse(f"https://id.gs1.org/01/0088848053939{sign}1/10/L{sign}5")
    assert all(char >= " " for value in (scan.di, scan.lot, *scan.di_candidates) for char in value or "")
    assert scan.problems
