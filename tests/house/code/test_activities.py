"""Every activity with a thread of its own goes on to its end (activities.transaction.uninterrupted)."""

import inspect
import typing
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import create_engine
from temporalio import activity

import activities
from models.process.acts import table
from models.process.messages import commands, followers
from models.process.messages.process import RunView
from models.receipt import acts as receiving
from workflows.temporal import registry


def everything() -> list[Callable[..., Any]]:
    nowhere = activities.Context(engine=create_engine("postgresql+psycopg://"), client=None)  # type: ignore[arg-type]
    return activities.all_activities(nowhere)


def test_no_exception_is_thrown_into_a_transaction() -> None:
    threaded = [one for one in everything() if not inspect.iscoroutinefunction(one)]
    assert len(threaded) > 25
    marked = [activity._Definition.must_from_callable(one) for one in threaded]
    assert [one.name for one in marked if not one.no_thread_cancel_exception] == []


def test_each_act_has_one_activity_of_its_name_that_takes_its_command() -> None:
    made = {activity._Definition.must_from_callable(one).name: one for one in everything()}
    for word, row in commands.ACTS.items():
        assert typing.get_type_hints(made[str(word)])["command"] is row.command
    assert len(made) == len(everything())
    kept = {"load_run", "escalate", "run_automatic", "cancel_run", "permit_retry", "settle_fault", "check_trace"}
    assert made.keys() - commands.ACTS.keys() == kept | {"deliver", "send_notice", "reconcile", "tidy"}


def test_an_act_without_a_command_or_done_twice_stops_the_worker_at_its_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "ACTS", {"receive_lot": receiving.receive, "no_such_act": receiving.receive})
    with pytest.raises(RuntimeError, match="no_such_act"):
        table.collect()
    monkeypatch.setattr(receiving, "ACTS", {"receive_lot": receiving.receive, "ship": receiving.receive})
    with pytest.raises(RuntimeError, match="ship is done in"):
        table.collect()


def test_a_type_that_does_not_exist_stops_the_worker_at_its_start() -> None:
    registry.require(registry.named())
    with pytest.raises(RuntimeError, match="definition audit → Audit"):
        registry.require(registry.named() | {"definition audit": "Audit"})


PREFIXES = {
    "lot/R-1": "BatchLifecycle",
    "inspection/R-1/1": "Inspection",
    "release/R-1/1": "Release",
    "recall/RC-1": "Recall",
    "pull/RC-1/1": "PullGoods",
    "receivers/RC-1/1": "ConfirmReceivers",
    "deadline/RC-1/1": "LegalDeadline",
    "disposition/R-1/1": "Disposition",
    "nonconformance/R-1/1": "Nonconformance",
    "change-control/CC-1": "ChangeControl",
}


@pytest.mark.parametrize("workflow_id", PREFIXES)
def test_a_run_of_before_tells_its_type_by_its_id_and_one_of_today_by_itself(workflow_id: str) -> None:
    bare: Any = RunView.model_construct
    run: RunView = bare(workflow_id=workflow_id)
    assert followers.type_of(run) == PREFIXES[workflow_id]
    assert followers.type_of(run.model_copy(update={"workflow_type": "Capa"})) == "Capa"
