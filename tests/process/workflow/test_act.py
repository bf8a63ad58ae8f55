"""One update and one short workflow for every act: what they take, what they turn away, and that old names still do it (DESIGN 2.2, 6a)."""

import asyncio
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from temporalio.client import ScheduleActionStartWorkflow, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from models.hold.messages import LiftHold, PlaceHold
from models.kernel import request as requests
from models.kernel.refusal import Refusal
from models.person.messages import is_sealed, sealed
from models.process.messages.command import EVERY_PROCESS, SHORT, ActOf
from models.process.messages.commands import ACTS, Command, table, takes
from models.process.messages.process import ActResult, By, CompleteTask, Receipt
from models.receipt.messages import ReceiveLot
from tests.support.plant.plant import Plant
from tests.support.record import check_sentences
from tests.whole.workflow.test_rubbish import COUNTS, ODD
from workflows.background import schedules
from workflows.process.interpreter import Process
from workflows.temporal import registry, start
from workflows.temporal.queues import QUALITY

OF_BEFORE = {
    "complete_task": "complete",
    "record_results": "record_results",
    "receive_lot": "receive",
    "create_work_order": "create_work_order",
    "record_operation": "record_operation",
}


def place(plant: Plant, lot: str, **more: Any) -> PlaceHold:
    return PlaceHold(command_id=str(uuid4()), by=plant.by("wu.jingli"), lot_nos=(lot,), reason="投诉", **more)


async def turned_away(plant: Plant, workflow_id: str, *args: Any) -> Refusal | None:
    """What the update is refused with; None where it isn't even a command."""
    handle = plant.client.get_workflow_handle(workflow_id)
    with pytest.raises(WorkflowUpdateFailedError) as info:
        await asyncio.wait_for(handle.execute_update("act", args=args, id=str(uuid4())), 20)
    cause = info.value.cause
    if isinstance(cause, ApplicationError) and cause.type == "Refusal":
        return Refusal.from_dict(cause.details[0])
    return None


async def run_act(plant: Plant, *args: Any) -> ActResult:
    return await asyncio.wait_for(
        plant.client.execute_workflow(
            SHORT, args=list(args), id=f"act/{uuid4()}", task_queue=QUALITY, result_type=ActResult
        ),
        20,
    )


def test_every_act_has_a_workflow_that_takes_it_and_a_word_of_its_own() -> None:
    types = {one.__name__ for one in registry.ALL}
    processes = {one.__name__ for one in registry.ALL if issubclass(one, Process)}
    for name, row in ACTS.items():
        assert row.of in types | {EVERY_PROCESS}, name
        assert row.of == EVERY_PROCESS or takes(row.of, name, process=row.of in processes), name
        assert not row.prefix or row.number in row.command.model_fields, name
        assert row.about is None or row.about in row.command.model_fields, name
    with pytest.raises(RuntimeError, match="receive_lot"):
        table([ActOf(ReceiveLot, "BatchLifecycle"), ActOf(ReceiveLot, SHORT)])


@given(st.sampled_from(sorted(ACTS)), st.sampled_from(sorted(ACTS)))
def test_a_command_says_what_it_is_and_nothing_else_reads_it(said: str, other: str) -> None:
    whole = {"act": said, "command_id": "1", "by": {"person_id": 1, "name": "n", "actor_id": "a", "source": "s"}}
    # what it lacks is told of its own kind, never of another one
    with pytest.raises(ValidationError) as info:
        Command.model_validate(whole)
    assert {one["loc"][0] for one in info.value.errors()} == {said}
    if other != said:
        with pytest.raises(ValueError, match="literal_error"):
            ACTS[other].command.model_validate(whole)


def test_a_command_of_before_keeps_its_seal_and_its_number(plant: Plant) -> None:
    command = place(plant, "R-1")
    key = command.by.key
    told = sealed(command).model_dump(mode="json")
    del told["act"]
    read = PlaceHold.model_validate(told)
    assert is_sealed(read, key)
    assert not is_sealed(read.model_copy(update={"reason": "x"}), key)
    assert start.update_id(read) == start.update_id(command)
    assert "act" not in command.model_dump(exclude_defaults=True)


async def test_an_act_of_another_process_is_refused_before_the_history_remembers_it(plant: Plant) -> None:
    await plant.receive("ACT-1", 10)
    before = plant.scalar(COUNTS)
    refused = await turned_away(plant, "lot/ACT-1", sealed(place(plant, "ACT-1")))
    assert refused is not None
    assert (refused.code, refused.status) == ("PRC-033", 422)
    check_sentences(refused)
    given = {"stage": "no-such-stage", "task_id": uuid4(), "command_id": "1", "by": plant.by("li.cang")}
    unknown = await turned_away(plant, "lot/ACT-1", CompleteTask(**given))
    assert unknown is not None
    assert unknown.code == "PRC-001"
    for odd in ODD:
        assert (await turned_away(plant, "lot/ACT-1", odd)) is None or odd is None
    await turned_away(plant, "lot/ACT-1")
    await turned_away(plant, "lot/ACT-1", {}, {})
    assert plant.scalar(COUNTS) == before
    history = await plant.client.get_workflow_handle("lot/ACT-1").fetch_history()
    accepted = [one for one in history.events if one.HasField("workflow_execution_update_accepted_event_attributes")]
    assert len(accepted) == 1  # the receipt


async def test_rubbish_that_is_started_as_an_act_ends_as_a_refusal_and_nothing_sticks(plant: Plant) -> None:
    before = plant.scalar(COUNTS)
    for odd in ODD:
        done = await run_act(plant, odd)
        assert done.refusal is not None, odd
        assert done.refusal["code"] == "PRC-032"
    assert (await run_act(plant)).refusal is not None
    await plant.receive("ACT-2", 10)
    given = {"lot_no": "ACT-9", "item_no": "PEEK-20", "quantity": Decimal(1), "location": "RCV-01"}
    receive = ReceiveLot(command_id="x", by=plant.by("li.cang"), **given)
    done = await run_act(plant, sealed(receive))
    assert done.refusal is not None
    assert done.refusal["code"] == "PRC-033"
    assert plant.scalar("select count(*) from lot where lot_no = 'ACT-9'") == 0
    assert plant.scalar(COUNTS)[0] == before[0]


async def test_an_act_and_its_names_of_before_do_the_same(plant: Plant) -> None:
    await plant.receive("ACT-3", 10)
    lot = plant.client.get_workflow_handle("lot/ACT-3")
    assert (await lot.describe()).workflow_type == "BatchLifecycle"
    first = sealed(place(plant, "ACT-3"))
    told = first.model_dump(mode="json")
    del told["act"]  # a client of before doesn't say it
    placed: ActResult = await plant.client.execute_workflow(
        "Hold", told, id=f"hold/{first.command_id}", task_queue=QUALITY, result_type=ActResult
    )
    assert placed.receipt is not None
    lifting: LiftHold = plant.lifting(placed.receipt.data["holds"][0], reason="已查明")
    done = await plant.door.lift_hold(plant.client, lifting)
    assert isinstance(done, Receipt)
    described = await plant.client.get_workflow_handle(f"hold/{lifting.command_id}").describe()
    assert described.workflow_type == SHORT
    # the same command through the update of before has the answer of the first
    given = {"lot_no": "ACT-4", "item_no": "PEEK-20", "quantity": Decimal(1), "location": "RCV-01"}
    receive = ReceiveLot(command_id="twice", by=plant.by("li.cang"), **given)
    through_act = await plant.door.receive_lot(plant.client, receive)
    handle = plant.client.get_workflow_handle("lot/ACT-4")
    asked = sealed(receive).model_dump(mode="json")
    del asked["act"]
    through_alias = await handle.execute_update(OF_BEFORE["receive_lot"], asked, result_type=Receipt)
    assert through_alias.data == through_act.data
    assert plant.scalar("select count(*) from lot where lot_no = 'ACT-4'") == 1


def test_every_act_of_a_process_has_its_name_of_before() -> None:
    """What old histories and clients know stays there for as long as old batches live."""
    from temporalio.workflow import _Definition  # the SDK has no other door to what a workflow takes

    found = {one.__name__: set(_Definition.must_from_class(one).updates) for one in registry.ALL}
    assert found["BatchLifecycle"] == {"act", *OF_BEFORE.values()}
    assert found["Recall"] >= {
        "act",
        "complete",
        "open",
        "acknowledge",
        "name_receivers",
        "draw_checks",
        "record_check",
    }
    assert all("act" in found[one.__name__] for one in registry.ALL if issubclass(one, Process))
    old = {"Hold", "Shipment", "Reshape", "Correction", "Packing", "Stock", "RecallBooking"}
    assert set(found) >= old


@pytest.mark.parametrize("door", ["process", "short"])
async def test_a_command_that_is_too_large_is_refused_by_us_before_the_engine_refuses_it(door: str) -> None:
    nobody: Any = None
    by = By(person_id=1, name="n", actor_id="a", source="s")
    largest = requests.COMMAND_LIMIT - 1000
    for size in (largest, requests.COMMAND_LIMIT + 1):
        if door == "short":
            hold = PlaceHold(command_id="1", by=by, lot_nos=("L",), reason="大" * (size // 3))
            doing = start.place_hold(nobody, hold)
        else:
            given = {"task_id": uuid4(), "stage": "review", "form": {"x": "大" * (size // 3)}}
            doing = start.complete_task(nobody, "release/L/1", CompleteTask(command_id="1", by=by, **given))
        with pytest.raises((Refusal, AttributeError)) as info:
            await doing
        if size == largest:
            assert isinstance(info.value, AttributeError)  # it would have been sent: there is no client here
        else:
            assert isinstance(info.value, Refusal)
            assert (info.value.code, info.value.status) == ("API-415", 413)
            check_sentences(info.value)


async def test_the_largest_command_that_we_take_is_taken_by_the_engine(plant: Plant) -> None:
    given = {"task_id": uuid4(), "stage": "no-such-stage", "form": {"x": "x" * (requests.COMMAND_LIMIT - 2000)}}
    await plant.receive("ACT-5", 10)
    command = CompleteTask(command_id="1", by=plant.by("li.cang"), **given)
    with pytest.raises(Refusal, match="PRC-001"):
        await start.complete_task(plant.client, "lot/ACT-5", command)
    hold = place(plant, "ACT-5", label_reason="x" * (requests.COMMAND_LIMIT - 2000))
    assert (await start.place_hold(plant.client, hold)).act == "place_hold"


async def test_a_persons_act_goes_before_news(plant: Plant) -> None:
    await plant.receive("ACT-6", 10)
    command = place(plant, "ACT-6")
    await plant.door.place_hold(plant.client, command)
    history = await plant.client.get_workflow_handle(f"hold/{command.command_id}").fetch_history()
    asked = history.events[0].workflow_execution_started_event_attributes.priority.priority_key
    await schedules.ensure_tidying(plant.client, "Asia/Shanghai")
    nightly = await plant.client.get_schedule_handle("tidy").describe()
    action = nightly.schedule.action
    assert isinstance(action, ScheduleActionStartWorkflow)
    assert 0 < asked < 3 < (action.priority.priority_key or 0)  # 3 is what a batch's own life has
