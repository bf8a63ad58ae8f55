"""Waits end by the clock or by a fact: once, whichever comes first, by the calendar of the day; on the real server.

The workflow's virtual clock is moved by `fast_forward`, and the record made older by as much.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

from models.calendar import store as deadlines
from models.calendar.rules.deadline_book import Book
from models.calendar.rules.working_days import Off, PublishedCalendar, Words, Year
from models.kernel.time.moments import plant_day
from models.process.time import clock
from tests.process.workflow.test_deadlines import forward, settled
from tests.support.definitions import end, small, task, text
from tests.support.often import often
from tests.support.plant.aging import aged
from tests.support.plant.plant import Plant
from tests.support.processes import waiting
from tests.support.servers.together import LOCK, WAITING
from tests.support.servers.until import born, until

A_MINUTE, A_DAY = timedelta(minutes=1), timedelta(days=1)
LATE = {
    "complete": "P1D",
    "escalations": [{"after": "P2D", "to_role": "quality_manager", "message": text("late")}],
}
GOODS = small(
    {
        "key": "wait",
        "kind": "wait",
        "fact": "goods.came",
        "until": {"after": "P3D", "elapsed": "ask"},
        "next": "seen",
        "sla": LATE,
    },
    task("ask", next="seen"),
    task("seen", next="end"),
    end(),
    key="sample-goods",
)
"""Three days for the goods, told of after two; then somebody asks."""
WORKING = small(
    {"key": "wait", "kind": "wait", "until": {"after": "P2D", "working": True}, "next": "look"},
    task("look", next="end"),
    end(),
    key="sample-working",
)
DATED = small(
    task("plan", next="wait", form=[{"key": "day", "title": text("day"), "type": "date", "required": True}]),
    {"key": "wait", "kind": "wait", "until": {"date": "plan.day"}, "next": "look"},
    task("look", next="end"),
    end(),
    key="sample-dated",
)


RACE = small(
    {"key": "wait", "kind": "wait", "fact": "goods.came", "until": {"after": "P3D", "elapsed": "ask"}, "next": "seen"},
    task("ask", next="end"),
    task("seen", next="end"),
    end(),
    key="sample-race",
)
"""The goods or the third day, whichever is first."""


@pytest.fixture(scope="module", autouse=True)
def drawn(plant: Plant) -> Iterator[None]:
    every = (GOODS, WORKING, DATED, RACE)
    waiting.ship(plant, *every)
    with waiting.known(*every):
        yield


async def begin(plant: Plant, key: str, lot: str) -> str:
    await plant.receive(lot)
    return (await waiting.begin(plant, key, lot)).workflow_id


async def test_the_time_comes_first_and_then_the_fact_changes_nothing(
    plant: Plant, temporal_env: WorkflowEnvironment
) -> None:
    one = await begin(plant, "sample-goods", "W-1")
    await forward(temporal_env, plant, one, 2 * A_DAY - A_MINUTE)
    await settled(plant, one)
    assert waiting.moments(plant, "W-1", "task.escalated") == []
    await forward(temporal_env, plant, one, 2 * A_MINUTE)
    await until(lambda: waiting.moments(plant, "W-1", "task.escalated"))
    assert waiting.open_stages(plant, one) == ["wait"]

    await forward(temporal_env, plant, one, A_DAY)
    await until(lambda: waiting.open_stages(plant, one) == ["ask"])
    assert waiting.fact(plant, "W-1", "goods.came") is False
    await waiting.news(plant, one)
    await forward(temporal_env, plant, one, 30 * A_DAY)
    await settled(plant, one)
    assert waiting.open_stages(plant, one) == ["ask"]
    assert waiting.moments(plant, "W-1", "sample-goods.wait") == [{"outcome": "elapsed"}]
    assert waiting.moments(plant, "W-1", "task.escalated") == [{"stage": "wait", "level": 1, "to": "quality_manager"}]


async def test_the_fact_comes_first_and_then_the_time_changes_nothing(
    plant: Plant, temporal_env: WorkflowEnvironment
) -> None:
    one = await begin(plant, "sample-goods", "W-2")
    assert waiting.fact(plant, "W-2", "goods.came") is True
    await forward(temporal_env, plant, one, 9 * A_DAY)  # nobody has told the workflow: its timer fires, in vain
    await settled(plant, one)
    assert waiting.open_stages(plant, one) == ["seen"]
    assert waiting.moments(plant, "W-2", "sample-goods.wait") == []
    assert waiting.moments(plant, "W-2", "task.escalated") == []


async def both_at_once(plant: Plant, env: WorkflowEnvironment, lot: str, first: str | None) -> bool:
    """The fact and the third day at the same instant, on connections of their own; answers whether the fact was what it waited for.

    With a `first` we hold the batch until both wait for it, that one before the other; without, both begin together.
    """
    one = await begin(plant, "sample-race", lot)
    await born(plant.client, one)
    aged(plant.engine, one, 3 * A_DAY)
    handle = plant.client.get_workflow_handle(one)

    async def told() -> bool:
        return await asyncio.to_thread(waiting.fact, plant, lot, "goods.came")

    async def passed() -> bool:
        return await env.fast_forward(handle, 3 * A_DAY)

    sides: dict[str, Callable[[], Coroutine[Any, Any, bool]]] = {"fact": told, "time": passed}
    if first is None:
        came, moved = await asyncio.gather(sides["fact"](), sides["time"]())
    else:
        order = sorted(sides, key=lambda side: side != first)
        watching = plant.engine.execution_options(isolation_level="AUTOCOMMIT")
        under_way = {}
        with watching.connect() as watch, plant.engine.begin() as ahead:
            ahead.execute(LOCK, {"lot": lot}).one()
            for number, side in enumerate(order, start=1):
                under_way[side] = asyncio.create_task(sides[side]())
                await until(lambda number=number: watch.execute(WAITING).scalar_one() == number)  # type: ignore[misc]
        came, moved = await under_way["fact"], await under_way["time"]
    assert moved
    await until(lambda: waiting.open_stages(plant, one) != ["wait"])
    await settled(plant, one)
    elapsed = waiting.moments(plant, lot, "sample-race.wait")
    assert (waiting.open_stages(plant, one), elapsed) == (
        (["seen"], []) if came else (["ask"], [{"outcome": "elapsed"}])
    )
    assert [task.stage for task in waiting.tasks(plant, one)] == waiting.open_stages(plant, one)
    return came


@pytest.mark.parametrize("first", ["fact", "time"])
async def test_of_the_fact_and_the_time_at_one_instant_the_first_leads_on(
    plant: Plant, temporal_env: WorkflowEnvironment, first: str
) -> None:
    assert await both_at_once(plant, temporal_env, f"W-RACE-{first}", first) is (first == "fact")


async def test_of_the_fact_and_the_time_truly_at_once_one_leads_on_and_never_both(
    plant: Plant, temporal_env: WorkflowEnvironment
) -> None:
    """Who is first is left to the machine; whichever it is, there is one task and the timeline says which."""
    for number in range(often(2, 100)):
        await both_at_once(plant, temporal_env, f"W-ONCE-{number}", None)


async def test_a_day_that_was_answered_is_waited_for(plant: Plant, temporal_env: WorkflowEnvironment) -> None:
    one = await begin(plant, "sample-dated", "W-3")
    site, today = waiting.today(plant)
    await plant.complete("W-3", "plan", "wang.cao", signed=False, form={"day": (today + 5 * A_DAY).isoformat()})
    await until(lambda: waiting.open_stages(plant, one) == ["wait"])
    [moment] = [timer.at for timer in clock.timers(DATED, waiting.state(plant, one), site)]
    assert plant_day(moment, site.zone) == today + 5 * A_DAY

    # the record's own clock says that the day has not begun, however far the engine's is ahead
    handle = plant.client.get_workflow_handle(one)
    assert await temporal_env.fast_forward(handle, 4 * A_DAY)
    await settled(plant, one)
    assert waiting.open_stages(plant, one) == ["wait"]
    waiting.answered(plant, one, "plan", "day", today.isoformat())
    assert await temporal_env.fast_forward(handle, 2 * A_DAY)
    await until(lambda: waiting.open_stages(plant, one) == ["look"])


async def test_a_calendar_that_changes_moves_what_is_waited_for_both_ways(
    plant: Plant, temporal_env: WorkflowEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later release of the calendars: later first, by a month of holidays, and then earlier again."""
    one = await begin(plant, "sample-working", "W-6")
    years = {year: Year(source="notice", free=()) for year in range(2026, 2030)}
    [(begun, _)] = [(stage.opened_at, stage.key) for stage in waiting.state(plant, one).open]
    today = begun.date()

    def book(days: int) -> Book:
        free = Off(zh="休", en="off", **{"from": today - 60 * A_DAY, "to": today + days * A_DAY})
        split = {
            year: Year(source="notice", free=tuple(_within(free, year))) for year in years
        }  # a holiday of several years stands in each
        made = PublishedCalendar(key="china", version=2, title=Words(zh="日历", en="c"), kind="published", years=split)
        return Book(deadlines.shipped().rules, (made,))

    shipped = deadlines.shipped()
    assert shipped.calendar("china") is not None
    changed = book(30)
    monkeypatch.setattr(deadlines, "shipped", lambda: changed)
    handle = plant.client.get_workflow_handle(one)
    waiting.older(plant, one, 8 * A_DAY)  # over by the calendar of before, not by this one
    assert await temporal_env.fast_forward(handle, A_DAY + A_MINUTE)  # it is asked for each day
    await settled(plant, one)
    assert waiting.open_stages(plant, one) == ["wait"]
    monkeypatch.setattr(deadlines, "shipped", lambda: shipped)
    assert await temporal_env.fast_forward(handle, A_DAY + A_MINUTE)
    await until(lambda: waiting.open_stages(plant, one) == ["look"])


def _within(free: Off, year: int) -> list[Off]:
    first, last = max(free.first, date(year, 1, 1)), min(free.last, date(year, 12, 31))
    return [Off(zh=free.zh, en=free.en, **{"from": first, "to": last})] if first <= last else []
