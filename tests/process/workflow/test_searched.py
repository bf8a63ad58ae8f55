"""Processes are found in the Temporal UI by what they are about and where they stand; a server without that stops none (DESIGN 6)."""

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from models.process.engine import RunState
from models.process.messages.process import RunView
from models.process.state import OpenStage
from runtime.temporal import search_attributes
from tests.support import histories
from tests.support.plant.aging import aged
from tests.support.plant.plant import Plant
from tests.support.plant.recalling import Recalling
from tests.support.servers import temporal
from tests.support.servers.temporal import temporal_program
from tests.support.servers.until import until_async
from workflows.process import searched

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def told(client: Client) -> None:
    """What the embedded server is told at its start, and an operator types for another."""
    where = ["--address", str(client.service_client.config.target_host), "--namespace", client.namespace]
    subprocess.run(
        [temporal_program(), *search_attributes.command(), *where], check=True, capture_output=True, timeout=60
    )


@pytest.fixture
def known(temporal_env: WorkflowEnvironment) -> Iterator[None]:
    """A worker that has seen at its start that the server knows them."""
    told(temporal_env.client)
    searched.Server.knows = True
    yield
    searched.Server.knows = False


async def found(plant: Plant, query: str) -> set[str]:
    return {one.id async for one in plant.client.list_workflows(query)}


async def finds(plant: Plant, query: str, *ids: str) -> None:
    """The list lags behind by moments."""

    async def so() -> bool:
        return await found(plant, query) == set(ids)

    await until_async(so, f"{query} finds {ids}")


def run(**more: Any) -> RunView:
    state = RunState(definition="d", open=(OpenStage(key="review", opened_at=NOW),), **more.pop("state", {}))
    given = {"run_id": 1, "workflow_id": "release/L/1", "lot_no": "L", "definition_key": "release", "version": 1}
    return RunView(**given, definition_version=1, definition_digest="d", state=state, **more)


async def test_a_server_says_whether_it_knows_them_and_a_second_telling_is_harmless() -> None:
    env = await temporal.start_time_skipping()
    try:
        assert not await search_attributes.look(env.client)
        assert not searched.Server.knows
        told(env.client)
        told(env.client)
        assert await search_attributes.look(env.client)
        assert searched.Server.knows
    finally:
        searched.Server.knows = False
        await env.shutdown()


async def test_a_batch_is_found_by_what_it_is_about_and_where_it_stands(plant: Plant, known: None) -> None:
    del known
    await plant.receive("SRC-1", 10)
    lot, inspection = "lot/SRC-1", "inspection/SRC-1/1"
    await finds(plant, "Subject = 'SRC-1'", lot, inspection)
    await finds(plant, "Subject = 'SRC-1' AND Process = 'incoming-inspection' AND Stage = 'inspect'", inspection)
    site = plant.scalar("select code from site")
    await finds(plant, f"Subject = 'SRC-1' AND Site = '{site}' AND Drill = false AND Overdue = false", lot, inspection)
    await plant.measure("SRC-1")
    await plant.complete("SRC-1", "inspect", "lin.jian", "accepted")
    await finds(plant, "Subject = 'SRC-1' AND Stage = 'putaway'", lot)
    await finds(plant, "Subject = 'SRC-1' AND Stage = 'inspect'")


async def test_a_drill_is_found_as_one(plant: Plant, known: None) -> None:
    del known
    await plant.material("SRC-2", 20)
    drill = Recalling(plant, "DR-2026-091", "drill")
    await drill.open("SRC-2")
    await finds(plant, "Drill = true AND Subject = 'DR-2026-091'", "recall/DR-2026-091")


async def test_what_is_late_is_found_when_the_clock_says_so(
    plant: Plant, known: None, temporal_env: WorkflowEnvironment
) -> None:
    del known
    await plant.receive("SRC-3", 10)
    inspection = "inspection/SRC-3/1"
    await finds(plant, "Subject = 'SRC-3' AND Overdue = true")
    await finds(plant, "Subject = 'SRC-3' AND Due > '2026-01-01T00:00:00Z'", inspection)
    aged(plant.engine, inspection, timedelta(days=30))
    assert await temporal_env.fast_forward(plant.client.get_workflow_handle(inspection), timedelta(days=30))
    await finds(plant, "Subject = 'SRC-3' AND Overdue = true", inspection)


@pytest.mark.parametrize("first", [True, False])
async def test_who_has_begun_to_tell_goes_on_and_who_has_not_begins_no_more(
    plant: Plant, known: None, first: bool
) -> None:
    """A worker that sees another server, or an operator who takes them away, changes nothing of what is under way."""
    del known
    lot = f"SRC-4-{first}"
    searched.Server.knows = first
    await plant.receive(lot, 10)
    await plant.measure(lot)
    searched.Server.knows = not first
    await plant.complete(lot, "inspect", "lin.jian", "accepted")
    handle = plant.client.get_workflow_handle(f"lot/{lot}")
    history = await handle.fetch_history()
    told_of = [one for one in history.events if one.HasField("upsert_workflow_search_attributes_event_attributes")]
    assert bool(told_of) == first
    await histories.replay([history])
    searched.Server.knows = first
    await histories.replay([history])


def test_what_is_told_follows_from_the_run_and_the_moment() -> None:
    due = NOW + timedelta(hours=1)
    open_run = run(due=due, site="SH-1", drill=True)
    assert searched.values(open_run, NOW) == {
        searched.SUBJECT: "L",
        searched.PROCESS: "release",
        searched.STAGE: ["review"],
        searched.DUE: due,
        searched.OVERDUE: False,
        searched.SITE: "SH-1",
        searched.DRILL: True,
    }
    assert searched.values(open_run, due)[searched.OVERDUE]
    for over in (run(due=due, cancelled=True), run(due=due, state={"result": "released"})):
        ended = searched.values(over, due)
        assert (ended[searched.STAGE], ended[searched.DUE], ended[searched.OVERDUE]) == ([], None, False)
