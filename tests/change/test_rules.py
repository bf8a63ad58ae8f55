"""Which steps a lock forbids, and how a decision about batches reads (STANDARDS X 53)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.change import rules
from models.change.rules import Planned, Way
from models.definition.document import Definition, StageKind
from models.kernel.refusal import Refusal
from models.kernel.text import Text
from models.lot.rules import locked
from models.lot.rules.locked import Lock, Step
from models.process import lawful
from tests.support.definitions import shipped

AT = datetime(2026, 11, 30, tzinfo=UTC)
STEPS = st.sampled_from(list(Step))
SEQS = st.integers(0, 200_000)
LOTS = st.sampled_from([f"L-{n}" for n in range(6)])


def lock(step: Step, seq: int, since: datetime | None = AT) -> Lock:
    return Lock("CHG-1", Text("变更", "change"), step, seq, since, Text("质量批准人", "QA approver"))


@given(STEPS, SEQS, STEPS, SEQS)
def test_a_lock_forbids_its_step_and_all_after_it_and_none_before(one: Step, at: int, other: Step, seq: int) -> None:
    order = list(Step)
    same = one is other and (one is not Step.OPERATION or min(seq, locked.MOST) >= min(at, locked.MOST))
    assert locked.forbids(lock(one, at), other, seq) == (order.index(other) > order.index(one) or same)


@given(st.lists(st.tuples(STEPS, SEQS), max_size=4), STEPS, SEQS, st.integers(-3, 3))
def test_work_that_had_begun_before_the_lock_is_recorded(
    those: list[tuple[Step, int]], step: Step, seq: int, hours: int
) -> None:
    locks = [lock(one, at) for one, at in those]
    began = AT + timedelta(hours=hours)
    forbidden = hours >= 0 and any(locked.forbids(one, step, seq) for one in locks)
    if forbidden:
        with pytest.raises(Refusal, match="CHG-001"):
            locked.check("L", locks, step, seq, began=began)
    else:
        locked.check("L", locks, step, seq, began=began)


@given(
    st.sets(LOTS, min_size=1),
    st.lists(st.tuples(LOTS, st.sampled_from(list(Way))), max_size=5),
    st.sampled_from([None, Way.OLD, Way.NEW]),
)
def test_a_decision_is_about_paused_batches_each_once_and_the_rest_where_it_is_said(
    paused: set[str], named: list[tuple[str, Way]], rest: Way | None
) -> None:
    lots = [lot for lot, _ in named]
    wrong = len(set(lots)) < len(lots) or not set(lots) <= paused or (not named and rest is None)
    if wrong:
        with pytest.raises(Refusal):
            rules.decided("CHG-1", paused, named, rest)
        return
    found = rules.decided("CHG-1", paused, named, rest)
    assert found == dict(named) | {lot: rest for lot in paused - set(lots) if rest is not None}


def edited(changes: Mapping[str, Mapping[str, object]], process: str = "change") -> Definition:
    """The shipped process with stages changed; of `None` the stage is as it was."""
    definition = shipped(process)
    stages = [one.model_copy(update=changes[one.key]) if one.key in changes else one for one in definition.stages]
    return definition.model_copy(update={"stages": tuple(stages)})


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("FLR-024", {"agree_production": {"signature": None, "record": None}}),
        ("FLR-025", {"batches": {"kind": StageKind.TASK}}),
        ("FLR-025", {"approve": {"kind": StageKind.TASK}}),
        ("FLR-026", {"batches": {"outcomes": ()}, "batches_left": {"outcomes": ()}}),
        ("FLR-037", {"put_into_effect": {"kind": StageKind.TASK}}),
        ("FLR-035", {"verify": {"kind": StageKind.TASK}}),
        ("FLR-021", {"paused": {"next": "left"}}),
        ("FLR-022", {"approve": {"outcomes": ()}}),
    ],
)
def test_no_draft_edits_away_who_signs_and_who_decides(code: str, changes: dict[str, dict[str, object]]) -> None:
    assert lawful.check(shipped("change")) == []
    assert code in {one.code for one in lawful.check(edited(changes))}


def test_a_temporary_change_is_put_into_effect_by_quality_and_waits_for_its_end() -> None:
    assert lawful.check(shipped("change-temporary")) == []
    endless = edited(
        {"left": {"branches": ()}, "holds": {"kind": StageKind.DECISION, "fact": None}}, "change-temporary"
    )
    assert "FLR-048" in {one.code for one in lawful.check(endless)}
    unsigned = edited({"put_into_effect": {"kind": StageKind.TASK}}, "change-temporary")
    assert "FLR-037" in {one.code for one in lawful.check(unsigned)}


@pytest.mark.parametrize(
    ("process", "stage"), [("change-task", "carry_operator"), ("change-training", "read_operator")]
)
def test_a_task_and_a_training_are_signed(process: str, stage: str) -> None:
    unsigned = edited({stage: {"signature": None, "record": None}}, process)
    assert "FLR-036" in {one.code for one in lawful.check(unsigned)}
    undone = edited({stage: {"does": ()}}, process)
    assert "FLR-021" in {one.code for one in lawful.check(undone)}


PEOPLE = st.sets(st.integers(1, 6), max_size=4)
TITLES = st.lists(st.sampled_from(["修订 SOP", "更新检验计划", "培训", "设备参数"]), max_size=4)


@given(TITLES, PEOPLE, st.integers(1, 6), st.none() | st.integers(1, 6))
def test_it_is_verified_when_all_is_done_by_somebody_who_stands_behind_none_of_it(
    undone: list[str], doers: set[int], signer: int, absent: int | None
) -> None:
    people = {signer, absent or signer}
    if undone or doers & people:
        with pytest.raises(Refusal, match="CHG-017" if undone else "CHG-018"):
            rules.check_verified("CHG-1", undone, doers, people)
    else:
        rules.check_verified("CHG-1", undone, doers, people)


@given(st.booleans(), st.booleans(), TITLES)
def test_it_is_closed_when_what_was_planned_is_verified_and_everybody_is_trained(
    planned: bool, verified: bool, untrained: list[str]
) -> None:
    if (planned and not verified) or untrained:
        with pytest.raises(Refusal, match="CHG-019" if planned and not verified else "CHG-020"):
            rules.check_worked("CHG-1", planned=planned, verified=verified, untrained=untrained)
    else:
        rules.check_worked("CHG-1", planned=planned, verified=verified, untrained=untrained)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.booleans(), st.integers(-2, 2)), max_size=4))
def test_a_plan_names_days_to_come_people_who_take_part_and_each_thing_once(
    rows: list[tuple[str, str, bool, int]],
) -> None:
    planned = [
        Planned(
            process=rules.TASK, title=title, changes="", person=who, person_id=ord(who), name=who,
            role="operator" if part else None, due=AT.date() + timedelta(days=day),
        )
        for title, who, part, day in rows
    ]  # fmt: skip
    twice = len({(title, who) for title, who, _, _ in rows}) < len(rows)
    if twice or any(day < 0 or not part for _, _, part, day in rows):
        with pytest.raises(Refusal, match=r"CHG-01[456]"):
            rules.check_planned(planned, AT.date())
    else:
        rules.check_planned(planned, AT.date())


@given(st.booleans(), st.booleans(), TITLES, st.none() | st.integers(-3, 3))
def test_it_takes_effect_once_from_today_on_when_it_is_verified_and_everybody_is_trained(
    verified: bool, in_effect: bool, untrained: list[str], days: int | None
) -> None:
    today, day = AT.date(), None if days is None else AT.date() + timedelta(days=days)
    said = {"verified": verified, "in_effect": in_effect, "untrained": untrained, "day": day, "today": today}
    if not verified or in_effect or untrained or (days or 0) < 0:
        with pytest.raises(Refusal, match=r"CHG-02[0345]"):
            rules.takes_effect("CHG-1", **said)  # type: ignore[arg-type]
    else:
        assert rules.takes_effect("CHG-1", **said) == (day if days else None)  # type: ignore[arg-type]


@given(st.none() | st.integers(-3, 3), st.none() | st.just("B-1"), st.booleans())
def test_it_is_closed_when_its_day_has_come_and_its_batch_is_made(
    hours: int | None, batch: str | None, made: bool
) -> None:
    since = None if hours is None else AT + timedelta(hours=hours)
    if hours is None or hours > 0 or (batch and not made):
        with pytest.raises(Refusal, match="CHG-026"):
            rules.check_in_effect("CHG-1", since, AT, batch, made=made)
    else:
        rules.check_in_effect("CHG-1", since, AT, batch, made=made)
