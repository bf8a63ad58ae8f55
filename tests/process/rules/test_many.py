"""A stage that goes through many: each item once, joined by all or by enough, its results counted; and loops that keep who did each round."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.definition.document import Definition
from models.kernel.refusal import Refusal
from models.process import engine as process
from models.process.engine import RunState, Step
from models.process.many import for_each as process_many
from tests.support.definitions import NOW, end, small, task, text
from tests.support.often import often

RESULTS = ("good", "bad")


def through(each: dict[str, Any] | None = None) -> Definition:
    """Each linked subject, then a decision over how many were bad."""
    two_bad = {"op": "ge", "fact": "ask.bad", "value": 2}
    none_bad = {"op": "eq", "fact": "ask.bad", "value": 0}
    return small(
        {
            "key": "ask",
            "kind": "subprocess",
            "process": "child",
            "for_each": each or {"links": "affected"},
            "next": "choose",
        },
        {
            "key": "choose",
            "kind": "decision",
            "next": "one",
            "branches": [
                {"when": two_bad, "next": "many", "title": text("many")},
                {"when": none_bad, "next": "none", "title": text("none")},
            ],
        },
        end("many", "many"),
        end("one", "one"),
        end("none", "none"),
    )


def spread(definition: Definition, *items: str) -> Step:
    return process.spread(definition, process.start(definition, {}, NOW).state, "ask", items, NOW, RESULTS)


def told(definition: Definition, state: RunState, item: str, result: str) -> Step:
    return process.child_result(definition, state, "ask", result, NOW, item=item)


def test_it_goes_on_when_all_have_ended_and_conditions_read_how() -> None:
    definition = through()
    step = spread(definition, "A", "B", "C")
    for item, result in (("B", "bad"), ("A", "good")):
        step = told(definition, step.state, item, result)
        assert step.state.is_open("ask")
    assert step.state.many["ask"] == {"A": "good", "B": "bad", "C": None}
    assert (step.state.facts["ask.good"], step.state.facts["ask.bad"]) == (1, 1)
    assert told(definition, step.state, "C", "bad").ended == "many"
    assert told(definition, step.state, "C", "good").ended == "one"


def test_enough_is_enough_and_never_more_than_there_are() -> None:
    definition = through({"links": "affected", "enough": 2})
    step = told(definition, spread(definition, "A", "B", "C").state, "C", "good")
    assert told(definition, step.state, "A", "good").ended == "none"
    assert told(definition, spread(definition, "A").state, "A", "good").ended == "none"


def test_an_empty_list_goes_on_at_once() -> None:
    assert spread(through()).ended == "none"


def test_the_same_item_twice_is_one() -> None:
    definition = through()
    step = spread(definition, "A", "A")
    assert step.state.many["ask"] == {"A": None}
    assert told(definition, step.state, "A", "good").ended == "none"


def test_an_item_ends_once_and_only_one_that_was_begun() -> None:
    definition = through()
    step = told(definition, spread(definition, "A", "B").state, "A", "good")
    for item in ("A", "Z"):
        with pytest.raises(Refusal, match="PRC-014"):
            told(definition, step.state, item, "good")
    with pytest.raises(Refusal, match="PRC-014"):
        process.child_result(definition, step.state, "ask", "good", NOW)


def test_rows_of_a_table_are_items_and_equal_rows_are_one() -> None:
    stage = through({"rows": "fill.lots"}).stage("ask")
    rows = [{"lot": "L-1", "why": "x"}, {"lot": "L-2"}, {"why": "x", "lot": "L-1"}]
    state = RunState(definition="d", forms={"fill": {"lots": rows}})
    assert process_many.rows(stage, state) == {"1": rows[0], "2": rows[1]}
    assert process_many.rows(stage, RunState(definition="d")) == {}


@settings(max_examples=often(20, 1_000), deadline=None)
@given(items=st.lists(st.sampled_from("ABCDE")), enough=st.none() | st.integers(1, 6), choose=st.randoms())
def test_whatever_the_order_each_item_counts_once_and_one_way_is_taken(
    items: list[str], enough: int | None, choose: random.Random
) -> None:
    definition = through({"links": "affected"} | ({"enough": enough} if enough else {}))
    step = spread(definition, *items)
    left = sorted(set(items))
    choose.shuffle(left)
    wanted = min(enough or len(left), len(left))
    for number, item in enumerate(left, start=1):
        assert (step.ended is not None) == (number > wanted)
        if step.ended is not None:
            break
        step = told(definition, step.state, item, choose.choice(RESULTS))
    assert step.ended is not None
    counted = [step.state.facts[f"ask.{result}"] for result in RESULTS]
    assert sum(map(int, counted)) == wanted


def looped(rounds: str) -> Definition:
    again = [
        {"key": "again", "title": text("again"), "next": "make"},
        {"key": "good", "title": text("good"), "next": "end"},
    ]
    return small(
        task("make", next="check"), task("check", outcomes=again, not_same_as=["make"], rounds=rounds), end()
    )  # fmt: skip


def test_where_it_says_so_nobody_of_any_round_may_check() -> None:
    def twice(definition: Definition, checker: str) -> Step:
        step = process.start(definition, {}, NOW)
        state = step.state
        for maker, outcome in (("a", "again"), ("b", "good")):
            state = process.complete(definition, state, "make", None, {}, [maker], NOW).state
            by = "c" if outcome == "again" else checker
            step = process.complete(definition, state, "check", outcome, {}, [by], NOW)
            state = step.state
        assert state.performers["make"] == ("b",)
        assert state.everyone == {"make": ("a", "b"), "check": ("c", checker)}
        return step

    assert twice(looped("last"), "a").ended == "closed"
    with pytest.raises(Refusal, match="PRC-005"):
        twice(looped("all"), "a")
    assert twice(looped("all"), "d").ended == "closed"


def test_who_checked_in_an_earlier_round_may_not_make_where_it_says_so() -> None:
    definition = looped("all")
    state = process.start(definition, {}, NOW).state
    state = process.complete(definition, state, "make", None, {}, ["a"], NOW).state
    state = process.complete(definition, state, "check", "again", {}, ["c"], NOW).state
    with pytest.raises(Refusal, match="PRC-005"):
        process.complete(definition, state, "make", None, {}, ["c"], NOW)


def test_a_run_from_before_remembers_its_last_round() -> None:
    definition = looped("all")
    state = process.complete(definition, process.start(definition, {}, NOW).state, "make", None, {}, ["a"], NOW).state
    before = state.model_dump(mode="json")
    for name in ("everyone", "many"):
        del before[name]
    for one in before["open"]:
        del one["level"]
    old = RunState.model_validate(before)
    with pytest.raises(Refusal, match="PRC-005"):
        process.complete(definition, old, "check", "good", {}, ["a"], NOW)
    assert process.complete(definition, old, "check", "good", {}, ["b"], NOW).ended == "closed"
