"""Automatic stages: carried out by nobody, once for each time that they are opened; what goes wrong is a fault and nobody else waits."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.upkeep import Upkeep
from models.definition.document import Text
from models.lot.store import lots
from models.process.context import Ctx
from models.process.kind import Effect
from models.process.messages.process import RunView
from tests.fault.test_workflow import again
from tests.process.workflow.test_deadlines import settled
from tests.support.definitions import end, small, task
from tests.support.plant.plant import Plant
from tests.support.processes import waiting
from tests.support.servers.until import ended, until

COUNT = {"kind": "action", "does": ["sample.count"]}
TWO = small(
    {"key": "first", **COUNT, "next": "second"},
    {"key": "second", **COUNT, "next": "end"},
    end(),
    key="sample-two",
    language=2,
)
ROUNDS = small(
    {"key": "count", **COUNT, "next": "look"},
    task(
        "look",
        outcomes=[
            {"key": "again", "title": {"zh": "再", "en": "again"}, "next": "count"},
            {"key": "good", "title": {"zh": "好", "en": "good"}, "next": "end"},
        ],
    ),
    end(),
    key="sample-rounds",
    language=2,
)
BESIDE = small(
    {"key": "both", "kind": "parallel", "tracks": {"start": ["count", "look"], "join": "last"}},
    {"key": "count", **COUNT, "next": "last"},
    task("look", next="last"),
    {"key": "last", **COUNT, "next": "end"},
    end(),
    key="sample-beside",
    language=2,
)
EVERY = (TWO, ROUNDS, BESIDE)
BROKEN: set[str] = set()
"""The batches of which nothing can be counted at the moment."""


def count(ctx: Ctx) -> Mapping[str, Any]:
    """An effect for tests: a line in the batch's timeline."""
    assert ctx.stage is not None
    lots.note(ctx.session, ctx.run.subject_key, "sample.counted", None, {"stage": ctx.stage.key})
    ctx.session.flush()
    if ctx.run.number in BROKEN:
        raise RuntimeError("it can't be counted")
    return {"counted": 1}


COUNTING = Effect("sample.count", Text(zh="计数", en="count"), ("lot",), do=count)


@pytest.fixture(scope="module", autouse=True)
def drawn(plant: Plant) -> Iterator[None]:
    waiting.ship(plant, *EVERY)
    with waiting.known(*EVERY, effects=(COUNTING,)):
        yield


def counted(plant: Plant, lot: str) -> list[str]:
    return [one["stage"] for one in waiting.moments(plant, lot, "sample.counted")]


async def begin(plant: Plant, key: str, lot: str) -> RunView:
    await plant.receive(lot)
    return await waiting.begin(plant, key, lot)


async def test_stages_in_a_row_are_carried_out_in_order_and_the_run_ends(plant: Plant) -> None:
    view = await begin(plant, "sample-two", "A-1")
    await ended(plant.client, view.workflow_id)
    assert counted(plant, "A-1") == ["first", "second"]
    assert waiting.row(plant, view.workflow_id).result == "closed"


async def test_each_round_carries_it_out_once(plant: Plant) -> None:
    view = await begin(plant, "sample-rounds", "A-2")
    for number in (1, 2):
        await until(lambda: waiting.open_stages(plant, view.workflow_id) == ["look"])
        assert counted(plant, "A-2") == ["count"] * number
        await plant.complete("A-2", "look", "wang.cao", "again" if number == 1 else "good", signed=False)
    await ended(plant.client, view.workflow_id)
    assert counted(plant, "A-2") == ["count"] * 2


async def test_asked_twice_it_is_done_once_and_answers_the_same(plant: Plant) -> None:
    """What a worker that is killed between its commit and its answer leaves behind: the next one asks again."""
    await plant.receive("A-3")
    view = waiting.begun(plant, "sample-rounds", "A-3")
    [command] = view.automatic
    first = ActivityEnvironment().run(Upkeep(plant.engine, "test").run_automatic, command)
    again_ = ActivityEnvironment().run(Upkeep(plant.engine, "test").run_automatic, command)
    assert first.data == again_.data == {"done": True, "stage": "count", "counted": 1}
    assert counted(plant, "A-3") == ["count"]
    assert waiting.open_stages(plant, view.workflow_id) == ["look"]


async def test_the_command_of_an_earlier_round_does_nothing(plant: Plant) -> None:
    await plant.receive("A-4")
    view = waiting.begun(plant, "sample-rounds", "A-4")
    [command] = view.automatic
    upkeep = Upkeep(plant.engine, "test")
    late = command.model_copy(update={"opened_at": command.opened_at.replace(year=2020)})
    assert ActivityEnvironment().run(upkeep.run_automatic, late).data == {"done": False}
    assert counted(plant, "A-4") == []
    assert ActivityEnvironment().run(upkeep.run_automatic, command).data["done"]
    after = late.model_copy(update={"opened_at": command.opened_at.replace(year=2021)})
    assert ActivityEnvironment().run(upkeep.run_automatic, after).data == {"done": False}
    assert counted(plant, "A-4") == ["count"]


async def test_what_goes_wrong_is_a_fault_beside_which_people_work_and_which_is_done_again(plant: Plant) -> None:
    BROKEN.add("A-5")
    view = await begin(plant, "sample-beside", "A-5")
    fault = "select id from act_fault where act = 'run_automatic' and workflow_id = :id and status = 'open'"
    number = await until(lambda: plant.scalar(f"select coalesce(({fault}), 0)", id=view.workflow_id))
    assert counted(plant, "A-5") == []  # nothing of it was kept
    await plant.complete("A-5", "look", "wang.cao", signed=False)
    assert waiting.open_stages(plant, view.workflow_id) == ["count"]
    await settled(plant, view.workflow_id)

    BROKEN.discard("A-5")
    await again(plant, number)
    await ended(plant.client, view.workflow_id)
    assert counted(plant, "A-5") == ["count", "last"]
    assert plant.scalar("select status from act_fault where id = :id", id=number) == "done"
