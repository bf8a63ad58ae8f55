"""The engine, driven along the shipped definitions and into every refusal."""

from datetime import timedelta
from typing import Any

import pytest

from models.definition.condition import Scalar
from models.kernel.refusal import Refusal
from models.process import engine as process
from models.process.engine import RunState, Step
from tests.support.definitions import NOBODY, NOW, answers, end, shipped, small, task, text

RELEASE = shipped("release")
LIFE = shipped("batch-lifecycle")
INSPECTION = shipped("final-inspection")


def opened(step: Step) -> list[str]:
    assert [stage.key for stage in step.opened] == [
        one.key for one in step.state.open if one.key in {s.key for s in step.opened}
    ]
    return [stage.key for stage in step.opened]


def sign(
    state: RunState,
    stage: str,
    outcome: str,
    person: str,
    reason: str = "",
    groups: dict[str, tuple[str, ...]] | None = None,
) -> Step:
    form = {"reason": reason} if reason else {}
    return process.complete(RELEASE, state, stage, outcome, form, [person], NOW, {**NOBODY, **(groups or {})})


def begin() -> RunState:
    return process.start(RELEASE, {}, NOW).state


def refusal(code: str) -> Any:
    return pytest.raises(Refusal, match=code)


def test_two_people_release() -> None:
    step = process.start(RELEASE, {}, NOW)
    assert opened(step) == ["review"]
    step = sign(step.state, "review", "release", "周审")
    assert opened(step) == ["approve"]
    step = sign(step.state, "approve", "release", "陈批")
    assert step.ended == step.state.result == "released"
    assert step.state.open == ()
    assert step.state.performers == {"review": ("周审",), "approve": ("陈批",)}


def test_one_person_cannot_sign_twice() -> None:
    state = sign(begin(), "review", "release", "陈批").state
    with refusal("PRC-005") as caught:
        sign(state, "approve", "release", "陈批")
    assert caught.value.status == 403
    assert "审核批记录" in caught.value.zh


@pytest.mark.parametrize("group", ["lot.inspectors", "lot.operators"])
@pytest.mark.parametrize("stage", ["review", "approve"])
def test_who_made_or_inspected_the_batch_cannot_release(stage: str, group: str) -> None:
    state = begin() if stage == "review" else sign(begin(), "review", "release", "周审").state
    with refusal("PRC-005"):
        sign(state, stage, "release", "林检", groups={group: ("林检",)})


def test_the_groups_must_be_known() -> None:
    with pytest.raises(KeyError):
        process.complete(RELEASE, begin(), "review", "release", {}, ["周审"], NOW)


def test_the_different_person_is_asked_for_both_ways_round() -> None:
    """`first` declares it, but `second` is done before it in the second round."""
    loop = small(
        task("first", next="second", not_same_as=["second"]),
        task("second", outcomes=[{"key": "end", "title": text("end"), "next": "end"}]),
        end(),
    )
    state = process.complete(loop, process.start(loop, {}, NOW).state, "first", None, {}, ["a"], NOW).state
    with refusal("PRC-005"):
        process.complete(loop, state, "second", "end", {}, ["a"], NOW)
    assert process.complete(loop, state, "second", "end", {}, ["b"], NOW).ended == "closed"


def test_anything_but_release_needs_a_reason() -> None:
    for outcome in ("hold", "rework", "reject"):
        with refusal("PRC-003"):
            sign(begin(), "review", outcome, "周审")
        with refusal("PRC-003"):
            sign(begin(), "review", outcome, "周审", reason="   ")
    assert sign(begin(), "review", "hold", "周审", reason="等待复测").ended == "held"
    assert sign(begin(), "review", "reject", "周审", reason="x").state.forms == {"review": {"reason": "x"}}


def test_unknown_outcome_stage_and_missing_person_are_refused() -> None:
    with refusal("PRC-002"):
        sign(begin(), "review", "ship", "周审")
    with refusal("PRC-002"):
        process.complete(RELEASE, begin(), "review", None, {}, ["周审"], NOW, NOBODY)
    for key in ("approve", "released", "nowhere"):
        with refusal("PRC-001"):
            sign(begin(), key, "release", "周审")
    with refusal("PRC-006"):
        process.complete(RELEASE, begin(), "review", "release", {}, [], NOW, NOBODY)
    with refusal("PRC-007"):
        process.complete(RELEASE, begin(), "review", "release", {}, ["周审", "吴经理"], NOW, NOBODY)


def test_a_run_that_ended_stays_ended() -> None:
    state = sign(begin(), "review", "hold", "周审", reason="x").state
    with refusal("PRC-008"):
        sign(state, "review", "release", "周审")
    with refusal("PRC-008"):
        process.fact(RELEASE, state, "lot.depleted", NOW)


def test_a_run_keeps_its_definition() -> None:
    with refusal("PRC-012"):
        process.complete(INSPECTION, begin(), "inspect", "accepted", {}, ["林检"], NOW)


def test_bought_material_is_inspected_put_away_and_used_up() -> None:
    step = process.start(LIFE, {"lot.kind": "component", "lot.status": "received"}, NOW)
    assert opened(step) == ["incoming"]
    assert step.opened[0].process == "incoming-inspection"
    step = process.child_result(LIFE, step.state, "incoming", "accepted", NOW)
    assert opened(step) == ["putaway"]
    step = process.complete(LIFE, step.state, "putaway", None, {"location": " A-01-03 "}, ["李仓"], NOW)
    assert step.state.forms["putaway"] == {"location": "A-01-03"}
    assert opened(step) == ["in_stock"]
    assert process.fact(LIFE, step.state, "lot.depleted", NOW).ended == "closed"


def test_rejected_material_ends_rejected() -> None:
    step = process.start(LIFE, {"lot.kind": "raw", "lot.status": "received"}, NOW)
    assert process.child_result(LIFE, step.state, "incoming", "rejected", NOW).ended == "rejected"


def test_an_own_batch_is_reworked_held_and_released() -> None:
    step = process.start(LIFE, {"lot.kind": "finished", "lot.status": "in_process"}, NOW)
    for _ in range(2):
        assert opened(step) == ["production"]
        step = process.fact(LIFE, step.state, "production.finished", NOW)
        step = process.child_result(LIFE, step.state, "final_inspection", "accepted", NOW)
        assert opened(step) == ["packaging"]
        step = process.complete(LIFE, step.state, "packaging", None, answers(step.opened[0]), ["王操"], NOW)
        assert opened(step) == ["release"]
        step = process.child_result(LIFE, step.state, "release", "rework", NOW)
    step = process.fact(LIFE, step.state, "production.finished", NOW)
    step = process.child_result(LIFE, step.state, "final_inspection", "accepted", NOW)
    step = process.complete(LIFE, step.state, "packaging", None, answers(step.opened[0]), ["王操"], NOW)
    step = process.child_result(LIFE, step.state, "release", "held", NOW)
    assert opened(step) == ["held"]
    step = process.fact(LIFE, step.state, "lot.hold_lifted", NOW)
    assert opened(step) == ["release"]
    assert opened(process.child_result(LIFE, step.state, "release", "released", NOW)) == ["putaway"]


@pytest.mark.parametrize(
    ("kind", "status", "stage"),
    [
        ("finished", "released", "in_stock"),
        ("raw", "released", "in_stock"),
        ("finished", "finished", "final_inspection"),
        ("in_process", "inspected", "release"),
        ("packaged", "inspected", "packaging"),
        ("finished", "packed", "release"),
        ("component", "packed", "incoming"),
    ],
)
def test_migrated_batches_begin_where_they_are(kind: str, status: str, stage: str) -> None:
    assert opened(process.start(LIFE, {"lot.kind": kind, "lot.status": status}, NOW)) == [stage]


def test_old_news_does_not_answer_a_wait() -> None:
    facts: dict[str, Scalar] = {"lot.kind": "finished", "lot.status": "in_process", "production.finished": True}
    state = process.start(LIFE, facts, NOW).state
    assert state.is_open("production")
    step = process.fact(LIFE, state, "lot.depleted", NOW, {"lot.quantity": 0})
    assert step.opened == ()
    assert step.state.facts["lot.quantity"] == 0


def test_a_result_nobody_thought_of_is_refused() -> None:
    state = process.start(LIFE, {"lot.kind": "raw", "lot.status": "received"}, NOW).state
    with refusal("PRC-009"):
        process.child_result(LIFE, state, "incoming", "perhaps", NOW)
    with refusal("PRC-001"):
        process.done(LIFE, state, "incoming", NOW)
    with refusal("PRC-001"):
        process.complete(LIFE, state, "incoming", None, {}, ["林检"], NOW)


def test_parallel_tracks_join_when_all_have_arrived() -> None:
    both = small(
        {"key": "both", "kind": "parallel", "tracks": {"start": ["left", "inner"], "join": "last"}},
        task("left", next="left2"),
        task("left2", next="last"),
        {"key": "inner", "kind": "parallel", "tracks": {"start": ["up", "down"], "join": "mid"}},
        task("up", next="mid"),
        task("down", next="mid"),
        task("mid", next="last"),
        {"key": "last", "kind": "action", "action": "label.print", "next": "end"},
        end(),
    )

    def do(state: RunState, key: str) -> Step:
        return process.complete(both, state, key, "done", {}, ["a"], NOW)

    step = process.start(both, {}, NOW)
    assert opened(step) == ["left", "up", "down"]
    step = do(step.state, "down")
    assert opened(step) == []
    assert opened(do(step.state, "left")) == ["left2"]
    step = do(step.state, "up")
    assert opened(step) == ["mid"]
    step = do(step.state, "mid")
    assert opened(step) == []
    step = do(do(step.state, "left").state, "left2")
    assert opened(step) == ["last"]
    assert step.state.arrived == ()
    assert step.state.open[0].tracks == ()
    assert process.done(both, step.state, "last", NOW).ended == "closed"


def test_a_decision_reads_the_latest_answer() -> None:
    wide = small(
        task("measure", next="choose", form=[{"key": "width", "title": text("width"), "type": "decimal"}]),
        {
            "key": "choose",
            "kind": "decision",
            "next": "end",
            "branches": [
                {
                    "when": {"op": "gt", "field": "measure.width", "value": "9.5"},
                    "next": "measure",
                    "title": text("wide"),
                }
            ],
        },
        end(),
    )
    state = process.start(wide, {}, NOW).state
    step = process.complete(wide, state, "measure", None, {"width": "10.0"}, ["a"], NOW)
    assert opened(step) == ["measure"]
    assert process.complete(wide, step.state, "measure", None, {"width": "9.50"}, ["a"], NOW).ended == "closed"


def test_an_automatic_loop_is_refused_instead_of_running_for_ever() -> None:
    loop = small(
        task("work", next="choose"),
        {"key": "choose", "kind": "decision", "next": "choose", "branches": []},
        end(),
    )
    with refusal("PRC-011"):
        process.complete(loop, process.start(loop, {}, NOW).state, "work", None, {}, ["a"], NOW)


def test_state_survives_json() -> None:
    step = sign(begin(), "review", "reject", "周审", reason="划伤 😀")
    assert RunState.model_validate_json(step.state.model_dump_json()) == step.state


def test_deadlines_are_sorted_and_levels_numbered() -> None:
    times = process.deadlines(RELEASE.stage("review"), NOW)
    assert [(one.kind, one.at - NOW, one.level, one.to_role) for one in times] == [
        ("pick_up", timedelta(hours=4), 0, None),
        ("complete", timedelta(hours=8), 0, None),
        ("escalation", timedelta(hours=8), 1, "quality_manager"),
        ("escalation", timedelta(days=1), 2, "quality_manager"),
    ]
    assert process.deadlines(RELEASE.stage("released"), NOW) == ()
