"""What may go into a case and what comes out, by the rules alone (REQUIREMENTS 56, 95)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from models.identifier.rules.check_digits import gs1_check_digit
from models.kernel.refusal import Refusal
from models.lot.rules.lot import LotFacts, LotStatus, OnUnit, Pick, allocate
from models.lot.rules.open_hold import HoldKind, OpenHold
from models.packing import rules

BODY = some.text("0123456789", min_size=17, max_size=17)
QUANTITY = some.decimals("0.000001", "1000", places=6)


@given(BODY)
def test_an_sscc_is_read_however_it_is_scanned_and_never_with_a_wrong_check_digit(body: str) -> None:
    right = gs1_check_digit(body)
    number = body + right
    for typed in (number, f"(00){number}", f"]C100{number}", f"00{number}", f"{number[:9]} {number[9:]}",
                  f"https://id.gs1.org/00/{number}"):  # fmt: skip
        assert rules.read_number(typed) == number
    for digit in set("0123456789") - {right}:
        for typed in (f"{body}{digit}", f"(00){body}{digit}", f"]C100{body}{digit}"):
            with pytest.raises(Refusal, match="PCK-001"):
                rules.read_number(typed)


@pytest.mark.parametrize("typed", ["(00)123", "(00)", "]C10012", "00614141123456789X"])
def test_half_an_sscc_is_none(typed: str) -> None:
    if typed.endswith("X"):
        assert rules.read_number(typed) == typed  # somebody's own number
    else:
        with pytest.raises(Refusal, match="PCK-001"):
            rules.read_number(typed)


@pytest.mark.parametrize("typed", ["(01)06901234567892(10)H-1", "https://id.gs1.org/01/06901234567892/10/H-1"])
def test_the_label_of_goods_is_not_the_label_of_a_case(typed: str) -> None:
    with pytest.raises(Refusal, match="PCK-002"):
        rules.read_number(typed)


@given(some.lists(QUANTITY, min_size=1, max_size=8), some.decimals("0.000001", "9000", places=6))
def test_what_comes_out_and_what_stays_is_what_was_in(there: list[Decimal], wanted: Decimal) -> None:
    packings = [rules.Packing(key, quantity) for key, quantity in enumerate(there)]
    if wanted > sum(there):
        with pytest.raises(Refusal, match="PCK-015"):
            rules.take_out("P", "L", packings, wanted)
        return
    taking = rules.take_out("P", "L", packings, wanted)
    ended = sum(one.quantity for one in packings if one.id in taking.ended)
    assert ended - taking.rest == wanted
    assert taking.rest >= 0
    assert (taking.rest > 0) == (taking.rest_of is not None)
    assert taking.ended == tuple(range(len(taking.ended)))  # the oldest first
    if taking.rest_of is not None:
        assert taking.rest_of == taking.ended[-1]


@given(some.decimals("0", "20", places=2), some.decimals("0.01", "20", places=2), some.decimals("0.01", "40", places=2))
def test_what_is_packed_is_never_taken_by_itself(loose: Decimal, packed: Decimal, wanted: Decimal) -> None:
    lot = LotFacts("L", LotStatus.RELEASED, packed=(OnUnit("P-1", "A", packed),))
    there = (Pick(1, "A", loose),) if loose else ()
    if wanted <= loose:
        assert sum(pick.quantity for pick in allocate(lot, wanted, there, "A")) == wanted
    else:
        with pytest.raises(Refusal, match="STK-006") as info:
            allocate(lot, wanted, there, "A")
        assert info.value.params["units"] == "P-1"
    with pytest.raises(Refusal, match="STK-001"):  # packed elsewhere is no reason here
        allocate(lot, Decimal(100), there, "B")


@pytest.mark.parametrize(
    "thing",
    [
        rules.Thing(),
        rules.Thing("L"),
        rules.Thing("L", Decimal(2), "SN"),
        rules.Thing("L", unit_no="P"),
        rules.Thing(None, Decimal(1)),
        rules.Thing("L", Decimal(1), "SN", "P"),
    ],
)
def test_a_line_says_one_thing(thing: rules.Thing) -> None:
    with pytest.raises(Refusal, match="PCK-009"):
        rules.check_things([thing])


def test_a_serial_is_one_piece() -> None:
    rules.check_things(
        [rules.Thing("L", Decimal(1), "SN"), rules.Thing("L", None, "SN-2"), rules.Thing("M", None, "SN")]
    )


def test_a_refusal_says_where_the_thing_is_and_keeps_its_code() -> None:
    with pytest.raises(Refusal) as info:
        rules.check_lot(LotFacts("L", LotStatus.RELEASED, (OpenHold(HoldKind.QUALITY, "投诉"),)))
    said = rules.at_position(info.value, ("P", "C"))
    assert (said.code, said.status, said.params["position"], said.params["lot"]) == ("LOT-003", 409, "P › C", "L")
    assert said.zh.startswith("包装单元 P › C：批次 L 已冻结")
