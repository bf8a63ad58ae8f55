"""A stage that goes through many on the real server: a workflow for each, which knows its definition; their ends move the parent."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text as sql
from sqlmodel import select

from models.kernel.store.act import act
from models.process.messages.process import RunView
from models.process.tables.process import ProcessRun
from tests.process.workflow.test_deadlines import settled
from tests.support.definitions import end, small, task, text
from tests.support.plant.plant import SETUP, Plant
from tests.support.processes import waiting
from tests.support.servers.until import born, ended, until, until_async
from workflows.process.interpreter import Process

LOTS = {
    "key": "lots",
    "title": text("lots"),
    "type": "table",
    "columns": [{"key": "lot", "title": text("lot"), "type": "text"}],
}
ASK = small(task("answer", next="good"), end("good", "good"), key="sample-ask")


def through(key: str, **each: Any) -> Any:
    """Lots are named, each is asked about, then it is looked at."""
    return small(
        task("name", next="ask", form=[LOTS]),
        {
            "key": "ask",
            "kind": "subprocess",
            "process": "sample-ask",
            "for_each": {"rows": "name.lots", **each},
            "next": "look",
        },
        task("look", next="end"),
        end(),
        key=key,
    )


ALL, TWO = through("sample-all"), through("sample-some", enough=2)
EVERY = (ASK, ALL, TWO)


@pytest.fixture(scope="module", autouse=True)
def drawn(plant: Plant) -> Iterator[None]:
    waiting.ship(plant, *EVERY)
    with waiting.known(*EVERY):
        yield


async def named(plant: Plant, key: str, lot: str, rows: int) -> str:
    """A run whose lots have been named."""
    await plant.receive(lot)
    one = (await waiting.begin(plant, key, lot)).workflow_id
    form = {"lots": [{"lot": str(number)} for number in range(rows)]}
    await plant.complete(lot, "name", "wang.cao", signed=False, form=form)
    return one


def children(plant: Plant, workflow_id: str) -> list[str]:
    with act(plant.engine, SETUP) as session:
        parent = waiting.row(plant, workflow_id)
        found = session.exec(select(ProcessRun).where(ProcessRun.parent_id == parent.id).order_by(sql("id"))).all()
        return [one.workflow_id for one in found]


async def answer(plant: Plant, workflow_id: str) -> None:
    [one] = [each for each in waiting.tasks(plant, workflow_id) if each.status == "open"]
    command = plant.completion(one, plant.by("wang.cao"), signed=False)
    await plant.door.complete_task(plant.client, workflow_id, command)


async def test_each_has_a_workflow_and_the_last_end_moves_the_parent(plant: Plant) -> None:
    one = await named(plant, "sample-all", "E-1", 3)
    made = children(plant, one)
    assert len(made) == 3
    for child in made:
        await born(plant.client, child)
        handle = plant.client.get_workflow_handle(child)

        async def knows(handle: Any = handle) -> bool:
            view = await handle.query(Process.run_view)
            return isinstance(view, RunView) and view.definition is not None

        await until_async(knows)
    for child in made:
        assert waiting.open_stages(plant, one) == ["ask"]
        await answer(plant, child)
        await ended(plant.client, child)
    assert waiting.open_stages(plant, one) == ["look"]
    await plant.complete("E-1", "look", "wang.cao", signed=False)
    await ended(plant.client, one)
    assert waiting.row(plant, one).result == "closed"


async def test_one_that_was_terminated_is_begun_again_and_those_left_over_live_on(plant: Plant) -> None:
    one = await named(plant, "sample-some", "E-2", 4)
    first, second, third, fourth = children(plant, one)
    for child in (first, second, third, fourth):
        await born(plant.client, child)
    await plant.client.get_workflow_handle(second).terminate("somebody in the Temporal UI")
    await answer(plant, first)
    await born(plant.client, second)
    await answer(plant, second)
    await until(lambda: waiting.open_stages(plant, one) == ["look"])
    await plant.complete("E-2", "look", "wang.cao", signed=False)
    await until(lambda: waiting.row(plant, one).status == "completed")
    # enough had ended: the others may end when they do, and nobody hears of it
    await answer(plant, third)
    await ended(plant.client, third)
    await born(plant.client, fourth)
    await settled(plant, fourth)
    assert waiting.row(plant, fourth).status == "running"
