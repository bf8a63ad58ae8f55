"""What is doubted when an instrument was out of tolerance, which results are decided as what, and what no draft can edit away (STANDARDS M 39)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calibration import rules
from models.calibration.rules import Done, Fate, Kept, Reading
from models.definition.document import Definition, StageKind
from models.equipment.rules import Block, Machine, check_machine
from models.kernel.refusal import Refusal
from models.process import lawful
from tests.support.definitions import shipped

AT = datetime(2026, 11, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
HISTORIES = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.integers(0, 20),
        st.booleans(),
        st.sampled_from([None, "within", "out"]),
        st.none() | st.integers(0, 3),
    ),
    max_size=12,
)


def histories(rows: list[tuple[int, int, bool, str | None, int | None]]) -> list[Done]:
    """Calibrations of four instruments, and last the one of the first that finds it wrong."""
    known = [
        Done(n, equipment, AT + hour * HOUR, good, found, standard if standard != equipment else None)
        for n, (equipment, hour, good, found, standard) in enumerate(rows)
    ]
    return [*known, Done(len(rows), 0, AT + 21 * HOUR, good=True, found="out")]


@given(HISTORIES)
def test_doubt_ends_at_what_is_good_and_reaches_all_that_rests_on_it(
    rows: list[tuple[int, int, bool, str | None, int | None]],
) -> None:
    known = histories(rows)
    found = {one.equipment: one for one in rules.doubted(known, known[-1], AT + 22 * HOUR)}
    first = found[0]
    earlier = [one.at for one in known[:-1] if one.equipment == 0 and one.good]
    assert (first.since, first.until) == (max(earlier, default=None), AT + 21 * HOUR)
    for one in known[:-1]:
        standard = found.get(one.standard) if one.standard is not None else None
        rests = (
            standard is not None and (standard.since is None or standard.since <= one.at) and one.at <= standard.until
        )
        if rests and one.equipment != 0:
            later = [after for after in known if after.equipment == one.equipment and after.at > one.at and after.good]
            cleared = any(after.found == "within" for after in later)
            assert cleared or (one.equipment in found and found[one.equipment].until >= one.at)
    for equipment, doubt in found.items():
        assert doubt.since is None or doubt.since <= doubt.until
        assert equipment == 0 or any(one.equipment == equipment and one.standard in found for one in known)


def test_instruments_that_calibrate_each_other_are_doubted_and_the_walk_ends() -> None:
    known = [
        Done(1, 0, AT, good=True),
        Done(2, 1, AT + HOUR, good=True, found="within", standard=0),
        Done(3, 2, AT + 2 * HOUR, good=True, found="within", standard=1),
        Done(4, 1, AT + 3 * HOUR, good=True, found="within", standard=2),
        Done(5, 0, AT + 4 * HOUR, good=False, found="out"),
    ]
    found = rules.doubted(known, known[-1], AT + 5 * HOUR)
    assert [(one.equipment, one.since, one.until) for one in found] == [
        (0, AT, AT + 5 * HOUR),
        (1, None, AT + 5 * HOUR),
        (2, None, AT + 5 * HOUR),
    ]


@given(st.integers(-3, 3), st.integers(-3, 3), st.booleans())
def test_a_blocked_or_doubted_time_is_refused_with_both_its_ends(hours: int, lifted: int, open_: bool) -> None:
    block = Block(AT, None if open_ else AT + abs(lifted) * HOUR, AT - 2 * HOUR, AT - HOUR)
    machine = Machine(
        "G", "caliper", in_service=True, needs_calibration=False, last_result=None, due_at=None, blocks=(block,)
    )
    at = AT + hours * HOUR
    blocked = hours >= 0 and (open_ or hours < abs(lifted))
    if blocked or hours in {-2, -1}:
        with pytest.raises(Refusal, match="EQP-006" if blocked else "EQP-007"):
            check_machine(machine, at, "UTC")
    else:
        check_machine(machine, at, "UTC")


@given(st.decimals(-9, 9, places=2), st.decimals(-9, 9, places=2), st.decimals(-9, 9, places=2))
def test_a_value_on_a_limit_is_within(lower: Decimal, upper: Decimal, value: Decimal) -> None:
    one = Reading("1", lower, upper, value, value)
    assert one.within(value) == (lower <= value <= upper)
    assert rules.as_found([one]) == ("within" if one.within(value) else "out")


@given(st.sets(st.integers(1, 60)))
def test_numbers_are_read_back_as_they_are_written(those: set[int]) -> None:
    assert rules.numbers(rules.spans(those)) == tuple(sorted(those))


@given(
    st.sets(st.integers(1, 12), min_size=1),
    st.sets(st.integers(1, 12)),
    st.lists(st.tuples(st.sampled_from(["1-3", "2", "5, 7", "12"]), st.sampled_from(list(Fate))), max_size=3),
    st.none() | st.sampled_from(list(Fate)),
)
def test_each_result_is_decided_once_and_the_rest_where_it_is_said(
    known: set[int], done: set[int], named: list[tuple[str, Fate]], rest: Fate | None
) -> None:
    kept = [Kept(seq, f"L{seq % 3}", "no_effect" if seq in done else None) for seq in sorted(known)]
    said = [seq for text, _ in named for seq in rules.numbers(text)]
    free = known - done - set(said)
    wrong = len(set(said)) < len(said) or not set(said) <= known - done or (not said and (rest is None or not free))
    if wrong:
        with pytest.raises(Refusal):
            rules.decided("OOT-1", kept, named, (), rest)
        return
    expected = {seq: fate for text, fate in named for seq in rules.numbers(text)}
    expected |= {seq: rest for seq in free if rest is not None}
    assert rules.decided("OOT-1", kept, named, (), rest) == expected


def test_what_names_no_result_says_so() -> None:
    for text in ("a", "5-2", "1-", "1..3"):
        with pytest.raises(Refusal, match="EQP-021"):
            rules.numbers(text)
    for code, given_ in (
        ("EQP-027", [("X", Fate.NO_EFFECT)]),
        ("EQP-024", [("A", Fate.NO_EFFECT), ("A", Fate.REINSPECT)]),
    ):
        with pytest.raises(Refusal, match=code):
            rules.decided("OOT-1", [Kept(1, "A")], [], given_)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 240), st.integers(0, 400))
def test_the_next_is_due_by_the_calendar_and_near_enough_to_be_seen(performed: date, months: int, late: int) -> None:
    due, today = rules.due_day(performed, months), performed + timedelta(days=late)
    assert (due.year - performed.year) * 12 + due.month - performed.month == months
    assert due.day == performed.day or (due.day < performed.day and (due + timedelta(days=1)).day == 1)
    assert rules.task_day(due, today, passed=True) >= today
    assert rules.task_day(due, today, passed=False) == today


def edited(key: str, **changes: dict[str, object]) -> Definition:
    """The shipped process with stages changed."""
    definition = shipped(key)
    stages = [one.model_copy(update=changes[one.key]) if one.key in changes else one for one in definition.stages]
    return definition.model_copy(update={"stages": tuple(stages)})


def test_no_draft_edits_away_who_signs_who_decides_and_that_it_begins_by_itself() -> None:
    for key in ("calibration", "out-of-tolerance"):
        assert lawful.check(shipped(key)) == []
    untriggered = shipped("out-of-tolerance").model_copy(update={"triggers": ()})
    for code, draft in (
        ("FLR-029", edited("calibration", perform={"signature": None, "record": None})),
        ("FLR-030", edited("out-of-tolerance", judge={"kind": StageKind.TASK})),
        ("FLR-030", edited("out-of-tolerance", close={"kind": StageKind.TASK})),
        ("FLR-031", untriggered),
    ):
        assert code in {one.code for one in lawful.check(draft)}, code
