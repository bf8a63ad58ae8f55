"""Which record is meant, who may correct it, what it becomes, and when the batch must be held."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.correction import rules
from models.correction.rules import Child, Link, Used
from models.kernel.refusal import Refusal
from models.lot.rules.lot import LotStatus, Pick
from models.person.rules.roles import Duty, Permission, Role
from models.person.rules.shipped_roles import PERMISSIONS, SHIPPED

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
OPERATOR, OTHER = 7, 8
MINE = Link(1, "consume", Decimal(50), 10, OPERATOR, "王操", NOW)
quantities = st.decimals(min_value="0.000001", max_value="999999", places=6)


def refused(code: str, act: object, *arguments: object) -> None:
    with pytest.raises(Refusal) as info:
        act(*arguments)  # type: ignore[operator]
    assert info.value.code == code


def used(lot_no: str, quantity: object = 1) -> Used:
    return Used(lot_no, Decimal(str(quantity)))


@given(
    st.lists(st.tuples(st.sampled_from("ABCDEFG"), quantities), min_size=1, max_size=7, unique_by=lambda one: one[0])
)
def test_different_lots_with_quantities_are_taken(lots: list[tuple[str, Decimal]]) -> None:
    rules.check_lots([Used(*one) for one in lots], "x")


@pytest.mark.parametrize("quantity", ["0", "-0", "-1", "NaN", "Infinity", "-Infinity", "0.0000001", "1E-7"])
def test_a_quantity_is_something_that_the_record_holds_exactly(quantity: str) -> None:
    refused("LNK-012", rules.check_lots, [used("A", quantity)], "x")


def test_lots_and_reason_are_asked_for() -> None:
    refused("LNK-005", rules.check_lots, [], "x")
    refused("LNK-005", rules.check_lots, [used(str(n)) for n in range(rules.MOST + 1)], "x")
    refused("LNK-006", rules.check_lots, [used("A"), used("B"), used("A", 2)], "x")
    for reason in ("", " ", "\n\t\u3000"):
        refused("LNK-008", rules.check_lots, [used("A")], reason)


def test_the_one_record_that_fits_is_meant() -> None:
    later = Link(2, "consume", Decimal(5), 20, alive=True)
    dead = Link(3, "consume", Decimal(5), 30, alive=False)
    split = Link(4, "split", Decimal(5))
    links = (MINE, later, dead, split)
    assert rules.choose("C", "P", links, 10, None) is MINE
    assert rules.choose("C", "P", links, None, 2) is later
    assert rules.choose("C", "P", (MINE, dead, split), None, None) is MINE
    assert rules.choose("C", "P", links, 30, None) is None
    assert rules.choose("C", "P", links, None, 3) is None
    refused("LNK-002", rules.choose, "C", "P", links, None, None)
    refused("LNK-001", rules.choose, "C", "P", links, 40, None)
    refused("LNK-001", rules.choose, "C", "P", links, 20, 1)
    refused("LNK-001", rules.choose, "C", "P", (), None, None)
    refused("LNK-004", rules.choose, "C", "P", links, None, 4)
    refused("LNK-004", rules.choose, "C", "P", (split,), None, None)


def test_what_is_recorded_already_is_no_correction() -> None:
    refused("LNK-009", rules.check_change, MINE, "P", [used("P", "50.00")])
    for lots in ([used("P", 49)], [used("Q", 50)], [used("P", 50), used("Q", 1)]):
        rules.check_change(MINE, "P", lots)


def test_nothing_goes_into_itself() -> None:
    refused("LNK-007", rules.check_loop, "C", [used("A"), used("C")], ())
    refused("LNK-007", rules.check_loop, "C", [used("A"), used("G")], {"G"})
    rules.check_loop("C", [used("A")], {"G"})


@given(st.sampled_from(LotStatus), st.sets(st.sampled_from(Role)), st.booleans())
def test_before_the_inspection_its_recorder_corrects_and_after_it_quality_only(
    status: LotStatus, roles: set[Role], mine: bool
) -> None:
    child = Child("C", status)
    person = OPERATOR if mine else OTHER
    early = status in {LotStatus.RECEIVED, LotStatus.IN_PROCESS, LotStatus.FINISHED}
    if roles & {Role.QA_REVIEWER, Role.QA_APPROVER, Role.QUALITY_MANAGER} or (mine and early):
        rules.check_duty(child, MINE, person, roles)
    else:
        refused("LNK-011" if mine else "LNK-010", rules.check_duty, child, MINE, person, roles)


def test_a_verdict_counts_for_what_was_recorded_before_it() -> None:
    """After rework the batch is in process again: what was recorded for the inspection stays quality's."""
    for verdict, early in ((NOW - timedelta(1), True), (NOW, False), (NOW + timedelta(1), False)):
        child = Child("C", LotStatus.IN_PROCESS, verdict)
        if early:
            rules.check_duty(child, MINE, OPERATOR, {Role.OPERATOR})
        else:
            refused("LNK-011", rules.check_duty, child, MINE, OPERATOR, {Role.OPERATOR})


def test_an_imported_link_is_corrected_by_quality() -> None:
    imported = Link(9, "consume", None)
    refused("LNK-010", rules.check_duty, Child("C", LotStatus.FINISHED), imported, OPERATOR, {Role.OPERATOR})
    rules.check_duty(Child("C", LotStatus.CLOSED), imported, OTHER, {Role.QA_REVIEWER})


@given(st.sampled_from(LotStatus), st.booleans(), st.booleans())
def test_what_people_rely_on_is_held(status: LotStatus, signed: bool, shipped: bool) -> None:
    relied = signed or shipped or status in {LotStatus.RELEASED, LotStatus.CLOSED}
    assert rules.must_hold(Child("C", status, signed=signed, shipped=shipped)) is relied


@given(st.lists(st.tuples(st.integers(1, 9), quantities), max_size=6, unique_by=lambda one: one[0]), quantities)
def test_what_goes_back_goes_to_where_it_came_from_and_never_more(
    taken: list[tuple[int, Decimal]], wanted: Decimal
) -> None:
    there = [Pick(place, str(place), quantity) for place, quantity in taken]
    back = {one.location_id: one.quantity for one in rules.give_back(wanted, there)}
    assert sum(back.values()) == min(wanted, sum(one.quantity for one in there))
    assert all(0 < back.get(one.location_id, one.quantity) <= one.quantity for one in there)


def test_the_hold_says_what_was_corrected_and_why() -> None:
    said = rules.hold_reason("R-1", Decimal("50.000000"), "pcs", [(used("R-2", "20.5"), "kg")], " 扫错标签 ")
    assert said == "投料更正 correction: R-1 50 pcs → R-2 20.5 kg; 扫错标签"
    many = [(used(f"R-{'9' * 50}-{n}"), "pcs") for n in range(20)]
    assert len(rules.hold_reason("R-1", None, "pcs", many, "x" * 2000)) < 3100


def test_nobody_outside_the_plants_business_corrects() -> None:
    may = {role for role in Role if Permission.LOT_LINK_CORRECT in PERMISSIONS[role]}
    assert may == {Role.OPERATOR, *rules.QUALITY}
    assert may <= {role.key for role in SHIPPED if role.duty is Duty.BUSINESS}
