"""What the list of approved suppliers says of a receipt, and what may be proposed (STANDARDS Q 87; REQUIREMENTS 49)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.definition.document import Definition, Stage, StageKind
from models.kernel.refusal import Refusal
from models.kernel.text import Text
from models.kernel.time import moments
from models.process import lawful
from models.supplier.rules import approval as rules
from models.supplier.rules.approval import FREE, Arrived, Condition, Found, Listed, Terms, Waiting
from tests.support.definitions import shipped
from tests.support.often import often

TODAY = date(2026, 11, 30)
DAYS = st.none() | st.integers(-400, 400).map(lambda n: TODAY + timedelta(days=n))
REVISIONS = st.sampled_from(["", "A", "b", "B"])
ENTRIES = st.builds(
    Listed,
    key=st.integers(1, 9),
    number=st.just("SA-00001"),
    status=st.sampled_from(["requested", "approved", "refused"]),
    revision=REVISIONS,
    condition=st.sampled_from(list(Condition)),
    most_lots=st.integers(1, 3),
    condition_text=st.just("每批复验"),
    expires_on=DAYS,
    received=st.integers(0, 4),
)
ARRIVALS = st.builds(
    Arrived,
    item=st.just("PEEK-20"),
    supplier=st.sampled_from([Text("", ""), Text("甲供方 S-1", "Jia S-1")]),
    revision=REVISIONS,
    certificate=st.sampled_from(["", " ", "COA-1"]),
    controlled=st.booleans(),
)


def covers(entry: Listed, arrived: Arrived) -> bool:
    """Said again, the other way round: all that must hold at once."""
    return (
        entry.status == "approved"
        and (entry.expires_on is None or entry.expires_on >= TODAY)
        and (entry.revision == "" or entry.revision.lower() == arrived.revision.lower())
        and not (entry.condition is Condition.CERTIFICATE and not arrived.certificate.strip())
        and not (entry.condition is Condition.LOTS and entry.received >= (entry.most_lots or 0))
        and entry.condition is not Condition.OTHER
    )


@given(ARRIVALS, st.lists(ENTRIES, max_size=4))
def test_a_receipt_goes_its_way_where_an_entry_covers_it_and_nowhere_else(
    arrived: Arrived, listed: list[Listed]
) -> None:
    judged = rules.judge(arrived, listed, TODAY)
    if not arrived.supplier.zh:
        assert judged.found is (Found.UNNAMED if arrived.controlled else Found.UNCONTROLLED)
    else:
        assert judged.free == any(covers(one, arrived) for one in listed)
        assert judged.found is not Found.UNCONTROLLED
        assert (judged.entry is not None) == (judged.found not in {Found.UNLISTED, Found.REVISION})
    if judged.found is Found.APPROVED:
        assert judged.entry is not None
        assert covers(judged.entry, arrived)
    assert judged.free == (judged.found in FREE)
    said = (judged.said.zh, judged.said.en)
    assert all(said) != judged.free, "whatever is kept apart says why, in both languages"
    assert not any("{" in one for one in said)


ZONES = (
    "Asia/Shanghai",
    "UTC",
    "America/New_York",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
)
MIDNIGHTS = st.builds(
    lambda day, zone, aside: (
        datetime.combine(TODAY + timedelta(days=day), time(), ZoneInfo(zone)).astimezone(UTC) + aside,
        zone,
    ),
    st.integers(-400, 400),
    st.sampled_from(ZONES),
    st.sampled_from([0, 1, -1, 1_000_000, -1_000_000, 43_200_000_000]).map(lambda us: timedelta(microseconds=us)),
)
"""A moment at, a microsecond or a second beside, or half a day after midnight of a plant; also where clocks are put forward at midnight."""


def still(expires_on: date | None, at: datetime, zone: str) -> bool:
    """Told by instants instead of by days: before the first moment of the day after the last one, on the plant's clock."""
    if expires_on is None:
        return True
    after = datetime.combine(expires_on + timedelta(days=1), time(), ZoneInfo(zone))
    return at.timestamp() < after.timestamp()


MOSTLY = st.one_of(
    *[ENTRIES.map(lambda one: replace(one, status="approved", condition=Condition.NONE, revision=""))] * 3, ENTRIES
)
"""Entries of which most would cover whatever comes, so that the day decides."""


@settings(max_examples=often(50, 5_000))
@given(MIDNIGHTS, st.lists(st.tuples(MOSTLY, st.none() | st.integers(-1, 1)), min_size=1, max_size=3), REVISIONS)
def test_an_entry_is_in_force_until_its_last_day_has_ended_at_the_plant(
    moment: tuple[datetime, str], ends: list[tuple[Listed, int | None]], revision: str
) -> None:
    (at, zone), named = moment, Text("甲供方 S-1", "Jia S-1")
    near = at.date()  # at most a day off wherever the plant is
    listed = [
        replace(one, key=n, expires_on=None if days is None else near + timedelta(days=days))
        for n, (one, days) in enumerate(ends)
    ]
    today = moments.plant_day(at, zone)
    arrived = Arrived(item="PEEK-20", supplier=named, revision=revision, certificate="COA-1")
    judged = rules.judge(arrived, listed, today)
    expected = {
        one.key for one in listed if still(one.expires_on, at, zone) and covers(replace(one, expires_on=None), arrived)
    }
    assert judged.free == bool(expected)
    if judged.free:
        assert judged.entry is not None
        assert judged.entry.key in expected
    if judged.found is Found.EXPIRED:
        assert judged.entry is not None
        assert not still(judged.entry.expires_on, at, zone)
    for one in listed:
        stands = rules.standing(one.status, one.expires_on, today)
        if one.status == "approved":
            assert (stands == "expired") == (not still(one.expires_on, at, zone))
        else:
            assert stands == one.status


WAITING = st.builds(
    Waiting,
    hold=st.integers(1, 9),
    lot=st.integers(1, 9),
    lot_no=st.just("Q-1"),
    found=st.sampled_from([one for one in Found if one not in FREE]),
    revision=REVISIONS,
    certificate=st.sampled_from(["", " ", "COA-1"]),
)


SIGNED = st.one_of(
    *[ENTRIES.map(lambda one: replace(one, condition=Condition.LOTS, revision="", expires_on=None, received=0))] * 2,
    ENTRIES,
)


@settings(max_examples=often(50, 5_000))
@given(SIGNED.map(lambda one: replace(one, status="approved")), st.lists(WAITING, max_size=6))
def test_a_signed_approval_makes_good_what_waited_for_it_and_nothing_else(
    entry: Listed, waiting: list[Waiting]
) -> None:
    good = rules.made_good(entry, waiting, TODAY)
    left = (entry.most_lots or 0) - entry.received if entry.condition is Condition.LOTS else len(waiting)
    fitting = [
        one
        for one in waiting
        if one.found.value in {"unlisted", "revision", "undecided", "expired", "used_up"}
        and covers(replace(entry, received=0), Arrived(item="", revision=one.revision, certificate=one.certificate))
    ]
    assert list(good) == fitting[: max(left, 0)]


@given(ARRIVALS, st.lists(ENTRIES, max_size=3), ENTRIES)
def test_one_more_entry_never_keeps_apart_what_went_its_way(
    arrived: Arrived, listed: list[Listed], more: Listed
) -> None:
    if rules.judge(arrived, listed, TODAY).free:
        assert rules.judge(arrived, [*listed, more], TODAY).free


def entry(**more: object) -> Listed:
    return Listed(**{"key": 1, "number": "SA-00001", "status": "approved", **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("listed", "arrived", "found", "says"),
    [
        (entry(expires_on=TODAY), {}, Found.APPROVED, ""),
        (entry(expires_on=TODAY - timedelta(days=1)), {}, Found.EXPIRED, "2026-11-29"),
        (entry(revision="B"), {"revision": " b "}, Found.APPROVED, ""),
        (entry(revision="B"), {}, Found.REVISION, "not said"),
        (entry(condition=Condition.LOTS, most_lots=2, received=1), {}, Found.APPROVED, ""),
        (entry(condition=Condition.LOTS, most_lots=2, received=2), {}, Found.USED_UP, "2 lots"),
        (entry(condition=Condition.OTHER, condition_text="每批复验"), {}, Found.CONDITION, "每批复验"),
        (entry(status="requested"), {}, Found.UNDECIDED, "SA-00001"),
    ],
)
def test_what_is_found_says_why(listed: Listed, arrived: dict[str, str], found: Found, says: str) -> None:
    judged = rules.judge(Arrived(item="PEEK-20", supplier=Text("甲供方 S-1", "Jia S-1"), **arrived), [listed], TODAY)  # type: ignore[arg-type]
    assert judged.found is found
    assert says in judged.said.en


@given(
    st.integers(-3, 30),
    st.integers(-3, 30),
    st.sampled_from(list(Condition)),
    st.none() | st.integers(1, 9),
    st.sampled_from(["", " ", "每批复验"]),
)
def test_terms_end_later_are_assessed_again_before_and_say_their_condition(
    ends: int, again: int, condition: Condition, most: int | None, said: str
) -> None:
    terms = Terms(
        expires_on=TODAY + timedelta(days=ends),
        reassess_on=TODAY + timedelta(days=again),
        condition=condition,
        most_lots=most,
        condition_text=said,
    )
    good = (
        0 < again < ends
        and (most is not None) == (condition is Condition.LOTS)
        and (condition is not Condition.OTHER or bool(said.strip()))
    )
    if good:
        rules.check_terms(terms, TODAY)
    else:
        with pytest.raises(Refusal, match=r"SUP-00[6-9]"):
            rules.check_terms(terms, TODAY)


def test_how_it_stands_follows_from_the_day() -> None:
    def on(days: int) -> str:
        return rules.standing("approved", TODAY + timedelta(days=days), TODAY)

    assert [on(-1), on(0), on(60), on(61)] == ["expired", "expiring", "expiring", "approved"]
    assert rules.standing("approved", None, TODAY) == "approved"
    assert rules.standing("refused", TODAY, TODAY) == "refused"


def _same_person(stage: Stage) -> Stage:
    return stage.model_copy(
        update={"not_same_as": tuple(one for one in stage.not_same_as if one not in {"review", "approve"})}
    )


def _a_task(stage: Stage) -> Stage:
    return stage.model_copy(update={"kind": StageKind.TASK}) if stage.key == "approve" else stage


@pytest.mark.parametrize(("change", "code"), [(_same_person, "FLR-028"), (_a_task, "FLR-027")])
def test_nobody_edits_away_that_two_people_of_quality_sign(change: Callable[[Stage], Stage], code: str) -> None:
    whole = shipped("supplier-approval")
    draft = Definition.model_validate(
        whole.model_copy(update={"stages": tuple(map(change, whole.stages))}).model_dump()
    )
    assert code in {one.code for one in lawful.check(draft)}
    assert code not in {one.code for one in lawful.check(whole)}
