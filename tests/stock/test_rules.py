"""Which pieces may go without a number, and that a number is one whole piece."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as any_of

from models.kernel.refusal import Refusal
from models.lot.rules.lot import LotStatus
from models.stock import rules

SN = tuple(f"SN-{n}" for n in range(12))


def lot(there: str = "5", here: int = 5, **more: object) -> rules.Numbered:
    given: dict[str, object] = {"lot_no": "H-1", "uom": "pcs", "pack_size": Decimal(1)}
    return rules.Numbered(**{**given, **more}, there=Decimal(there), here=frozenset(SN[:here]))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("quantity", "named", "code"),
    [
        ("2", (), "SER-001"),
        ("2", ("SN-0",), "SER-001"),
        ("1", ("SN-0", "SN-1"), "SER-001"),
        ("0.5", ("SN-0",), "SER-001"),
        ("2", ("SN-0", "SN-0"), "SER-002"),
        ("1", ("SN-9",), "SER-003"),
    ],
)
def test_pieces_with_numbers_leave_by_number(quantity: str, named: tuple[str, ...], code: str) -> None:
    with pytest.raises(Refusal) as no:
        rules.check_leaving(lot(), Decimal(quantity), named)
    assert no.value.code == code


def test_pieces_without_a_number_may_go_while_enough_of_them_are_left() -> None:
    mixed = lot(there="8", here=5)
    rules.check_leaving(mixed, Decimal(3), ())
    with pytest.raises(Refusal, match="SER-001"):
        rules.check_leaving(mixed, Decimal(4), ())


def test_a_serialised_item_never_leaves_without_its_number_but_may_be_lost_before_it_has_one() -> None:
    fresh = lot(there="8", here=0, serialised=True)
    with pytest.raises(Refusal, match="SER-001"):
        rules.check_leaving(fresh, Decimal(1), ())
    rules.check_leaving(fresh, Decimal(1), (), lost=True)
    with pytest.raises(Refusal, match="SER-001"):
        rules.check_leaving(lot(there="5", here=5, serialised=True), Decimal(1), (), lost=True)


def test_a_box_of_numbered_pieces_names_all_that_is_in_it() -> None:
    boxes = lot(there="2", here=10, pack_size=Decimal(5), uom="box")
    rules.check_leaving(boxes, Decimal(1), SN[:5])
    rules.check_leaving(boxes, Decimal("0.2"), SN[:1])
    with pytest.raises(Refusal, match="SER-001"):
        rules.check_leaving(boxes, Decimal(1), SN[:1])


@pytest.mark.parametrize(
    ("named", "code"),
    [((), "SER-009"), (("A", "A"), "SER-002"), (("",), "SER-008"), (("A B",), "SER-008"), (("A\u200b",), "SER-008")],
)
def test_what_is_no_number_is_not_registered(named: tuple[str, ...], code: str) -> None:
    with pytest.raises(Refusal) as no:
        rules.check_register(lot(here=0), named)
    assert no.value.code == code


def test_there_are_never_more_numbers_than_pieces() -> None:
    rules.check_register(lot(there="5", here=3), ("A", "B"))
    with pytest.raises(Refusal, match="SER-004"):
        rules.check_register(lot(there="5", here=3), ("A", "B", "C"))
    with pytest.raises(Refusal, match="SER-007"):
        rules.check_register(lot(here=0, status=LotStatus.IN_PROCESS), ("A",))


@given(
    there=any_of.decimals(0, 12, places=1),
    here=any_of.integers(0, 12),
    quantity=any_of.decimals(Decimal("0.1"), 12, places=1),
    named=any_of.lists(any_of.sampled_from(SN), max_size=12),
    serialised=any_of.booleans(),
    lost=any_of.booleans(),
)
def test_whatever_leaves_the_numbers_left_fit_the_pieces_left(
    there: Decimal, here: int, quantity: Decimal, named: list[str], *, serialised: bool, lost: bool
) -> None:
    """What the rule lets through never leaves more numbers behind than pieces, nor half a number."""
    known = lot(str(max(there, Decimal(here))), here, serialised=serialised)
    quantity = min(quantity, known.there)
    try:
        rules.check_leaving(known, quantity, named, lost=lost)
    except Refusal:
        return
    assert len(known.here) - len(named) <= known.there - quantity
    assert not named or (len(set(named)) == len(named) == quantity and set(named) <= known.here)
    assert named or not serialised or lost
