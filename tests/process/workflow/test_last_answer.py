"""News comes in the moment in which the act that ends a process is done: the act counts, and its person is answered (DESIGN 2.2, 7.5)."""

import asyncio
from typing import Any

import pytest
import pytest_asyncio
from temporalio import activity
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause

from activities import transaction
from models.kernel.refusal import Refusal
from models.process.messages.process import Notify
from tests.support.plant.plant import Plant


@pytest_asyncio.fixture(loop_scope="session")
async def news_in_between(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """While somebody completes a task, its process hears of something: the commands of those that did."""
    told, loop, done = list[str](), asyncio.get_running_loop(), transaction._do

    def with_news(session: Any, key: str, do: Any) -> Any:
        receipt = done(session, key, do)
        info = activity.info()
        if info.activity_type == "complete_task" and key not in told:
            told.append(key)
            followed = plant.client.get_workflow_handle(str(info.workflow_id))
            asyncio.run_coroutine_threadsafe(followed.signal("changed", Notify(fact="test.news")), loop).result(10)
        return receipt

    monkeypatch.setattr(transaction, "_do", with_news)
    return told


async def refused_tasks(plant: Plant, workflow_id: str) -> int:
    """How often the server had the workflow look again before it ended."""
    history = await plant.client.get_workflow_handle(workflow_id).fetch_history()
    failed = [one for one in history.events if one.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED]
    unhandled = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND
    return sum(one.workflow_task_failed_event_attributes.cause == unhandled for one in failed)


async def test_the_last_signature_is_answered_though_news_comes_with_it(
    plant: Plant, news_in_between: list[str]
) -> None:
    await plant.material("R-1", 1000)
    await plant.make("B-1", "R-1", 50)
    await plant.complete("B-1", "review", "zhou.shen", "release")
    task = plant.task("B-1", "approve")
    signing = plant.completion(task, plant.by("chen.pi"), "release")
    receipt = await plant.door.complete_task(plant.client, "release/B-1/1", signing)
    assert len(news_in_between) == 6
    assert await refused_tasks(plant, "release/B-1/1") > 0
    # asked for again under the same request, whoever has it
    assert await plant.door.complete_task(plant.client, "release/B-1/1", signing) == receipt
    assert plant.status("B-1") == "released"


async def test_who_did_nothing_still_reads_that_it_is_over(plant: Plant) -> None:
    await plant.material("R-2", 1000)
    await plant.make("B-2", "R-2", 50)
    await plant.complete("B-2", "review", "zhou.shen", "release")
    task = plant.task("B-2", "approve")
    late = plant.completion(task, plant.by("wu.jingli"), "release")
    await plant.complete("B-2", "approve", "chen.pi", "release")
    await plant.client.get_workflow_handle("release/B-2/1").result()
    with pytest.raises(Refusal, match="PRC-410"):
        await plant.door.complete_task(plant.client, "release/B-2/1", late)
