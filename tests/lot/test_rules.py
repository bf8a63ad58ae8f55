"""When a batch may be used, its last day, where a quantity is taken from: for all dates, zones and amounts."""

import calendar
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as some

from models.identifier.rules.scanned_field import seen
from models.item.rules import shelf_life
from models.kernel.refusal import Refusal
from models.lot.rules import lot
from models.lot.rules.lot import TRANSITIONS, LotFacts, LotStatus, Pick, Use
from models.lot.rules.open_hold import HoldKind, OpenHold
from tests.support.house.proves import proves

DATES = some.dates(date(2000, 1, 1), date(2099, 12, 31))
ZONES = some.sampled_from(["Asia/Shanghai", "UTC", "America/Los_Angeles", "Pacific/Kiritimati", "Asia/Kathmandu"])
AMOUNTS = some.decimals(min_value=0, max_value=10**9, places=6)
NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


def facts(status: LotStatus = LotStatus.RELEASED, **more: object) -> LotFacts:
    return LotFacts("L-1", status, **more)  # type: ignore[arg-type]


def in_zone(day: date, zone: str, hour: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo(zone))


# The last day ------------------------------------------------------------------------------------------------------


@given(DATES, ZONES)
def test_a_batch_is_good_until_midnight_in_the_plants_zone(day: date, zone: str) -> None:
    midnight = in_zone(day + timedelta(days=1), zone)
    for clock in (UTC, ZoneInfo("Asia/Tokyo")):  # whatever zone the caller's clock is in
        assert not shelf_life.expired(day, "day", (midnight - timedelta(microseconds=1)).astimezone(clock), zone)
        assert shelf_life.expired(day, "day", midnight.astimezone(clock), zone)


@given(DATES, ZONES)
def test_a_month_is_good_until_its_last_midnight(day: date, zone: str) -> None:
    last = date(day.year, day.month, calendar.monthrange(day.year, day.month)[1])
    assert lot.last_day(day, "month") == last
    midnight = in_zone(last + timedelta(days=1), zone)
    assert not shelf_life.expired(day, "month", midnight - timedelta(microseconds=1), zone)
    assert shelf_life.expired(day, "month", midnight, zone)


@given(DATES, some.sampled_from(["day", "month"]), ZONES, some.timedeltas(timedelta(0), timedelta(days=4000)))
def test_what_has_expired_stays_expired(day: date, precision: str, zone: str, later: timedelta) -> None:
    now = in_zone(day, zone) + timedelta(days=40)
    assert shelf_life.expired(day, precision, now, zone)
    assert shelf_life.expired(day, precision, now + later, zone)


def test_without_a_date_nothing_expires() -> None:
    assert not shelf_life.expired(None, "day", datetime.max.replace(tzinfo=UTC) - timedelta(days=2), "UTC")


def test_at_the_same_instant_one_plant_is_a_day_ahead_of_another() -> None:
    now = datetime(2026, 10, 31, 16, 30, tzinfo=UTC)
    assert shelf_life.expired(date(2026, 10, 1), "month", now, "Asia/Shanghai")
    assert not shelf_life.expired(date(2026, 10, 1), "month", now, "Europe/Berlin")


@given(DATES)
def test_a_date_reads_back(day: date) -> None:
    assert lot.parse_expiry(day.isoformat()) == (day, "day")
    assert lot.parse_expiry(f"{day:%Y-%m}") == (day.replace(day=1), "month")


@pytest.mark.parametrize("nothing", [None, ""])
def test_no_date_is_no_date(nothing: str | None) -> None:
    assert lot.parse_expiry(nothing) == (None, "day")


@given(some.text(max_size=12))
def test_no_text_makes_a_date_fail_otherwise_than_in_words(text: str) -> None:
    try:
        day, precision = lot.parse_expiry(text)
    except Refusal as refusal:
        answer: object = (refusal.code, refusal.status)
    else:
        answer = text in {"", f"{day:%Y-%m}" if day and precision == "month" else f"{day}"}
    assert answer in {("LOT-008", 422), True}


@pytest.mark.parametrize(
    "text",
    [
        "2031-13",
        "2031-00",
        "2031-02-30",
        "31.10.2031",
        "2031/10",
        "20311031",
        "2031-W44-5",
        "2031-304",
        "２０３１-10",
        "x" * 50,
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="LOT-008"):
        lot.parse_expiry(text)


# Use ---------------------------------------------------------------------------------------------------------------


def held(reason: str | None) -> tuple[OpenHold, ...]:
    return (OpenHold(HoldKind.QUALITY, reason),) if reason is not None else ()


@proves("R27")
@given(
    some.sampled_from(LotStatus),
    some.none() | some.text(min_size=1, max_size=20),
    some.none() | DATES,
    some.sampled_from(["day", "month"]),
    some.sampled_from(Use),
)
def test_only_what_is_released_free_and_good_is_used(
    status: LotStatus, hold: str | None, expires: date | None, precision: str, use: Use
) -> None:
    one = facts(status, holds=held(hold), expires_on=expires, expiry_precision=precision)
    good = status is LotStatus.RELEASED and hold is None and not shelf_life.expired(expires, precision, NOW, "UTC")
    if good:
        lot.check_use(one, use, NOW, "UTC")
        return
    with pytest.raises(Refusal) as info:
        lot.check_use(one, use, NOW, "UTC")
    assert info.value.code in {"LOT-002", "LOT-003", "LOT-004"}
    assert "L-1" in info.value.zh
    assert "L-1" in info.value.en


def test_a_hold_is_named_before_anything_else() -> None:
    one = facts(LotStatus.PACKED, holds=held("投诉 C-3"), expires_on=date(2020, 1, 1))
    with pytest.raises(Refusal, match="LOT-003") as info:
        lot.check_use(one, Use.SHIP, NOW, "UTC")
    assert "投诉 C-3" in info.value.zh


# States ------------------------------------------------------------------------------------------------------------


@given(some.sampled_from(LotStatus), some.sampled_from(LotStatus))
def test_a_way_that_is_not_drawn_is_not_taken(old: LotStatus, new: LotStatus) -> None:
    if (old, new) in TRANSITIONS:
        lot.check_transition("L-1", old, new)
    else:
        with pytest.raises(Refusal, match="LOT-005"):
            lot.check_transition("L-1", old, new)


def test_nothing_leaves_the_state_closed_and_no_state_is_a_dead_end_by_mistake() -> None:
    leaving = {old for old, _ in TRANSITIONS}
    assert set(LotStatus) - leaving == {LotStatus.CLOSED}
    assert all(old is not new for old, new in TRANSITIONS)


@given(some.lists(some.sampled_from(sorted(TRANSITIONS)), max_size=12))
def test_a_made_batch_is_never_released_past_its_inspection(ways: list[tuple[LotStatus, LotStatus]]) -> None:
    here = LotStatus.IN_PROCESS
    inspected = False
    for old, new in ways:
        if old is here:
            here = new
            inspected = new is LotStatus.INSPECTED or (inspected and new is not LotStatus.IN_PROCESS)
            assert inspected or here is not LotStatus.RELEASED


# Quantities --------------------------------------------------------------------------------------------------------

PLACES = some.lists(some.decimals(min_value=Decimal("0.000001"), max_value=10**6, places=6), max_size=6)


def places(amounts: list[Decimal]) -> tuple[Pick, ...]:
    return tuple(Pick(number, f"P{number}", amount) for number, amount in enumerate(amounts))


@proves("case 17")
@given(PLACES, AMOUNTS)
def test_what_is_taken_is_what_was_asked_for_and_no_place_gives_more_than_it_has(
    amounts: list[Decimal], wanted: Decimal
) -> None:
    there = places(amounts)
    total = sum(amounts, Decimal(0))
    assume(wanted > 0)
    if wanted > total:
        with pytest.raises(Refusal, match="STK-001"):
            lot.allocate(facts(), wanted, there, None)
        return
    picks = lot.allocate(facts(), wanted, there, None)
    assert sum((pick.quantity for pick in picks), Decimal(0)) == wanted
    stock = {pick.location_id: pick.quantity for pick in there}
    assert len({pick.location_id for pick in picks}) == len(picks)
    assert all(0 < pick.quantity <= stock[pick.location_id] for pick in picks)
    # largest first: no other choice of places is smaller
    assert len(picks) == next(
        many for many in range(len(amounts) + 1) if sum(sorted(amounts, reverse=True)[:many], Decimal(0)) >= wanted
    )


@given(PLACES, AMOUNTS, some.integers(0, 7))
def test_a_named_place_gives_alone(amounts: list[Decimal], wanted: Decimal, number: int) -> None:
    assume(wanted > 0)
    have = amounts[number] if number < len(amounts) else Decimal(0)
    if wanted > have:
        with pytest.raises(Refusal, match="STK-001") as info:
            lot.allocate(facts(), wanted, places(amounts), f"P{number}")
        assert f"P{number}" in info.value.zh
    else:
        picks = lot.allocate(facts(), wanted, places(amounts), f"P{number}")
        assert [(one.location, one.quantity) for one in picks] == [(f"P{number}", wanted)]


@given(PLACES, some.lists(some.tuples(AMOUNTS, some.none() | some.integers(0, 6)), max_size=15))
def test_no_sequence_of_takings_makes_stock_negative(
    amounts: list[Decimal], takings: list[tuple[Decimal, int | None]]
) -> None:
    stock = dict(enumerate(amounts))
    taken = Decimal(0)
    for wanted, where in takings:
        there = tuple(Pick(number, f"P{number}", amount) for number, amount in stock.items() if amount > 0)
        try:
            picks = lot.allocate(facts(), wanted, there, None if where is None else f"P{where}")
        except Refusal:
            continue
        for pick in picks:
            stock[pick.location_id] -= pick.quantity
        taken += wanted
        assert all(amount >= 0 for amount in stock.values())
    assert sum(stock.values(), Decimal(0)) + taken == sum(amounts, Decimal(0))


@pytest.mark.parametrize("quantity", ["0", "-1", "-0.000001", "NaN", "sNaN", "Infinity", "-Infinity"])
def test_a_quantity_is_a_number_above_nothing(quantity: str) -> None:
    with pytest.raises(Refusal, match="STK-002"):
        lot.check_quantity(Decimal(quantity))


# Numbers -----------------------------------------------------------------------------------------------------------


@given(some.text(max_size=80))
@example("]")
def test_a_number_is_taken_exactly_when_it_can_be_printed_and_is_no_label(text: str) -> None:
    good = 0 < len(text) <= lot.MAX_NUMBER and text.isprintable() and text == text.strip()
    if good and seen(text) is None:
        lot.check_number(text)
    elif good:
        with pytest.raises(Refusal, match="ID-032"):
            lot.check_number(text)
    else:
        with pytest.raises(Refusal, match="LOT-011"):
            lot.check_number(text)
