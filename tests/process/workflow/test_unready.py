"""A task of the workflow fails while somebody acts: the server took nothing, and the act is asked for again under its id (DESIGN 6)."""

import asyncio
import time
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

import pytest
from temporalio import client
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from models.kernel.refusal import Refusal
from tests.support.plant.plant import Plant
from workflows.temporal import start


class Failing(client.Interceptor, client.OutboundInterceptor):
    """Between us and the server: so many updates find a workflow whose task has just failed."""

    def __init__(self, times: int) -> None:
        self.left = times
        self.asked: list[str | None] = []

    def intercept_client(self, next: client.OutboundInterceptor) -> client.OutboundInterceptor:  # noqa: A002 - the SDK's name
        client.OutboundInterceptor.__init__(self, next)
        return self

    async def start_workflow_update(self, input: client.StartWorkflowUpdateInput) -> client.WorkflowUpdateHandle[Any]:  # noqa: A002 - the SDK's name
        self._meet(input.update_id)
        return await super().start_workflow_update(input)

    async def start_update_with_start_workflow(
        self,
        input: client.StartWorkflowUpdateWithStartInput,  # noqa: A002 - the SDK's name
    ) -> client.WorkflowUpdateHandle[Any]:
        self._meet(input.update_workflow_input.update_id)
        return await super().start_update_with_start_workflow(input)

    def _meet(self, update_id: str | None) -> None:
        self.asked.append(update_id)
        if self.left > 0:
            self.left -= 1
            raise RPCError(
                "Unable to perform workflow execution update due to unexpected workflow task failure.",
                RPCStatusCode.FAILED_PRECONDITION,
                b"",
            )


class Unheard(Failing):
    """So many updates are asked for without an answer: `lost` ones never reach the process, the others are done unseen."""

    def __init__(self, times: int, *, lost: bool) -> None:
        super().__init__(0)
        self.silent, self.lost = times, lost
        self.unseen: list[asyncio.Task[Any]] = []

    async def start_workflow_update(self, input: client.StartWorkflowUpdateInput) -> client.WorkflowUpdateHandle[Any]:  # noqa: A002 - the SDK's name
        return await self._silence(input.update_id, super().start_workflow_update(input))

    async def start_update_with_start_workflow(
        self,
        input: client.StartWorkflowUpdateWithStartInput,  # noqa: A002 - the SDK's name
    ) -> client.WorkflowUpdateHandle[Any]:
        return await self._silence(
            input.update_workflow_input.update_id, super().start_update_with_start_workflow(input)
        )

    async def _silence(
        self, update_id: str | None, answer: Coroutine[Any, Any, client.WorkflowUpdateHandle[Any]]
    ) -> client.WorkflowUpdateHandle[Any]:
        if len(self.asked) >= self.silent:
            return await answer
        if self.lost:
            self.asked.append(update_id)
            answer.close()
        else:
            self.unseen.append(asyncio.ensure_future(answer))
        await asyncio.Event().wait()
        raise AssertionError


def through(plant: Plant, between: Failing) -> Plant:
    """The same plant, spoken to through it."""
    config = plant.client.config()
    config["interceptors"] = [*config["interceptors"], between]
    return Plant(plant.engine, Client(**config), sessions=plant.sessions)


async def test_what_the_server_took_nothing_of_is_asked_again_and_done_once(plant: Plant) -> None:
    between = Failing(3)
    await through(plant, between).receive("UNREADY-1")
    assert len(between.asked) == 4
    assert len(set(between.asked)) == 1
    assert plant.scalar("select count(*) from lot where lot_no = 'UNREADY-1'") == 1
    between = Failing(2)
    await through(plant, between).measure("UNREADY-1")
    assert between.asked[0] == between.asked[1] == between.asked[2]
    assert plant.scalar("select count(*) from inspection_result") == 6


async def test_a_process_whose_task_goes_on_failing_is_not_waited_for_without_end(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start, "PATIENCE", timedelta(seconds=2))
    begun = time.monotonic()
    between = Failing(10_000)
    with pytest.raises(Refusal) as info:
        await through(plant, between).receive("UNREADY-2")
    assert info.value.code == "API-202"
    assert time.monotonic() - begun < 10
    assert len(between.asked) > 1
    assert plant.scalar("select count(*) from lot where lot_no = 'UNREADY-2'") == 0


@pytest.mark.parametrize("lost", [True, False])
async def test_what_the_server_never_answers_is_asked_for_under_another_id_and_done_once(
    plant: Plant, monkeypatch: pytest.MonkeyPatch, lost: bool
) -> None:
    """As after a kill of the server between taking an update and handing it on; and where it was done, but nobody heard of it."""
    monkeypatch.setattr(start, "UNHEARD", timedelta(seconds=1))
    number = f"UNHEARD-{lost}"
    between = Unheard(1, lost=lost)
    await through(plant, between).receive(number)
    between = Unheard(2, lost=lost)
    await through(plant, between).measure(number)
    first, second, third = between.asked[:3]
    assert (second, third) == (f"{first}~2", f"{first}~3")
    for one in between.unseen:
        one.cancel()
    results = "select count(*) from inspection_result r join inspection i on i.id = r.inspection_id join lot l on l.id = i.lot_id"
    assert plant.scalar("select count(*) from lot where lot_no = :lot", lot=number) == 1
    assert plant.scalar(f"{results} where l.lot_no = :lot", lot=number) == 6


async def test_what_took_effect_unheard_and_ended_its_process_is_answered_when_it_is_asked_for_again(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start, "UNHEARD", timedelta(seconds=1))
    await plant.receive("UNHEARD-END")
    await plant.measure("UNHEARD-END")
    between = Unheard(1, lost=False)
    await through(plant, between).complete("UNHEARD-END", "inspect", "lin.jian", "accepted")
    assert plant.status("UNHEARD-END") == "released"
    first = between.asked[0]
    assert (f"{first}~2" in between.asked, between.asked[-1]) == (True, first)
    for one in between.unseen:
        one.cancel()
