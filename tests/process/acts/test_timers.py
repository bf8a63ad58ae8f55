"""The record decides when a moment has come: not early, once, in the round that it is of; a fact and the time never both."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from models.kernel.store.act import act, now
from models.process.messages.process import Escalate, Receipt, RunView
from models.process.messages.timer import Timer
from models.process.time import timer
from tests.support.definitions import end, small, task, text
from tests.support.plant.plant import SETUP, Plant
from tests.support.processes import waiting
from tests.support.servers.together import together

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATE = {
    "complete": "PT1H",
    "escalations": [
        {"after": "PT2H", "to_role": "quality_manager", "message": text("late")},
        {"after": "PT4H", "to_role": "site_manager", "message": text("later")},
    ],
}
GOODS = small(
    {
        "key": "wait",
        "kind": "wait",
        "fact": "goods.came",
        "until": {"after": "P1D", "elapsed": "ask"},
        "next": "seen",
        "sla": LATE,
    },
    task("ask", next="wait"),
    end("seen", "seen"),
    key="sample-goods",
)


@pytest.fixture(scope="module", autouse=True)
def drawn(desk: Plant) -> Iterator[None]:
    waiting.ship(desk, GOODS)
    with waiting.known(GOODS):
        yield


async def waits(desk: Plant, lot: str) -> RunView:
    await desk.receive(lot)
    return waiting.begun(desk, "sample-goods", lot)


def command(view: RunView, one: Timer) -> Escalate:
    return Escalate(
        run_id=view.run_id, stage=one.stage, level=one.level, to_role=one.to_role, kind=one.kind, opened_at=one.opened_at
    )  # fmt: skip


def come(desk: Plant, view: RunView, one: Timer) -> Receipt:
    with act(desk.engine, SETUP) as session:
        return timer.came(session, command(view, one), now(session))


async def test_the_timers_of_a_wait_are_its_escalations_and_its_end(desk: Plant) -> None:
    view = await waits(desk, "T-1")
    begun = view.state.open[0].opened_at
    assert [(one.kind, one.level, one.to_role, one.at - begun, one.opened_at) for one in view.timers] == [
        ("stage", 1, "quality_manager", 2 * HOUR, begun),
        ("stage", 2, "site_manager", 4 * HOUR, begun),
        ("until", 0, "", DAY, begun),
    ]


async def test_nothing_happens_before_its_moment(desk: Plant) -> None:
    view = await waits(desk, "T-2")
    waiting.older(desk, view.workflow_id, 2 * HOUR - timedelta(minutes=1))
    before = waiting.row(desk, view.workflow_id)
    for one in view.timers:
        receipt = come(desk, view, one)
        assert receipt.data["raised"] is False
        wanted = (one.at - view.state.open[0].opened_at - 2 * HOUR).total_seconds() + 60
        assert wanted - 60 < receipt.data["early"] <= wanted
    assert waiting.row(desk, view.workflow_id) == before


async def test_each_level_is_told_once_and_the_time_leads_on_once(desk: Plant) -> None:
    view = await waits(desk, "T-3")
    waiting.older(desk, view.workflow_id, DAY)
    raised = [come(desk, view, one).data["raised"] for one in (*view.timers, *view.timers)]
    assert raised == [True, True, True, False, False, False]
    assert waiting.open_stages(desk, view.workflow_id) == ["ask"]
    assert waiting.moments(desk, "T-3", "task.escalated") == [
        {"stage": "wait", "level": 1, "to": "quality_manager"},
        {"stage": "wait", "level": 2, "to": "site_manager"},
    ]
    assert waiting.moments(desk, "T-3", "sample-goods.wait") == [{"outcome": "elapsed"}]
    assert waiting.fact(desk, "T-3", "goods.came") is False
    assert waiting.open_stages(desk, view.workflow_id) == ["ask"]


async def test_after_the_fact_the_time_changes_nothing(desk: Plant) -> None:
    view = await waits(desk, "T-4")
    waiting.older(desk, view.workflow_id, DAY)
    assert waiting.fact(desk, "T-4", "goods.came") is True
    assert [come(desk, view, one).data for one in view.timers] == [{"raised": False}] * 3
    assert waiting.row(desk, view.workflow_id).result == "seen"


async def test_the_timer_of_an_earlier_round_moves_nothing(desk: Plant) -> None:
    view = await waits(desk, "T-5")
    waiting.older(desk, view.workflow_id, DAY)
    [*_, first] = view.timers
    assert come(desk, view, first).data["raised"]
    await desk.complete("T-5", "ask", "wang.cao", signed=False)
    again = waiting.opened_at(desk, view.workflow_id, "wait")
    assert come(desk, view, first).data == {"raised": False}
    assert waiting.open_stages(desk, view.workflow_id) == ["wait"]
    assert again > first.at - DAY


async def test_a_fact_and_the_time_at_the_same_instant_lead_one_way(desk: Plant) -> None:
    ways = set()
    for number in range(12):
        lot = f"T-6-{number}"
        view = await waits(desk, lot)
        waiting.older(desk, view.workflow_id, DAY)
        [*_, last] = view.timers

        def time(view: RunView = view, last: Timer = last) -> Receipt:
            return come(desk, view, last)

        def told(lot: str = lot, last: Timer = last) -> Receipt:
            return Receipt(act="fact", at=last.at, data={"raised": waiting.fact(desk, lot, "goods.came")})

        acts: list[Callable[[], Receipt]] = [time, told, time] if number % 2 else [told, time, time]
        done = together(*acts)
        raised = [one.data["raised"] for one in done if isinstance(one, Receipt)]
        row = waiting.row(desk, view.workflow_id)
        assert sorted(raised) == [False, False, True]
        assert (row.result == "seen") != (waiting.open_stages(desk, view.workflow_id) == ["ask"])
        ways.add(row.result)
    assert ways


async def test_what_no_definition_says_never_comes(desk: Plant) -> None:
    view = await waits(desk, "T-7")
    waiting.older(desk, view.workflow_id, 9 * DAY)
    for other in (
        {"level": 3, "to_role": "site_manager", "kind": "stage"},
        {"level": 1, "to_role": "operator", "kind": "stage"},
        {"level": 1, "to_role": "", "kind": "until"},
    ):
        asked = Escalate(run_id=view.run_id, stage="wait", opened_at=None, **other)
        with act(desk.engine, SETUP) as session:
            assert timer.came(session, asked, now(session)).data == {"raised": False}
    assert waiting.open_stages(desk, view.workflow_id) == ["wait"]
