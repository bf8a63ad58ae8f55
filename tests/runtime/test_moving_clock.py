"""A test home plays a year: what falls due is done in order, at the time at which it was due (REQUIREMENTS 121; DESIGN 13)."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from sqlalchemy import text
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from models.clock import rules as moved_clock
from models.clock.store import moved_clock as store
from models.drill.rules import calendar as drill_calendar
from models.kernel.store import db
from models.kernel.store.act import act
from models.kernel.time.moments import minute
from runtime import health
from runtime.commands.server.clock import forward_at
from runtime.ports import NO_TLS
from runtime.postgres import DATABASE, OWNER
from runtime.settings import Settings
from runtime.stack import ALL, Stack
from runtime.supervisor import running_stack
from tests.runtime.test_cli import batchwright
from tests.support import scratch
from tests.support.application import SECRET, pages
from tests.support.mail.sink import MailSink, mail_sink
from tests.support.plant.plant import PASSWORD, SETUP, Plant, furnish
from tests.support.plant.recalling import Recalling
from tests.support.servers.server import serving
from tests.support.servers.stack import wait_for
from tests.support.servers.until import until, until_async

MAILING = {
    "BATCHWRIGHT_SMTP_HOST": "127.0.0.1", "BATCHWRIGHT_SMTP_SECURITY": "none", "BATCHWRIGHT_MAIL_FROM": "q@plant.test",
    "BATCHWRIGHT_PUBLIC_URL": "https://q.example/",
}  # fmt: skip
"""What the home's own worker is told of a mail server."""
DAY = timedelta(days=1)
MOMENTS_LATE = timedelta(minutes=2)
"""What a busy machine may need to act upon a deadline: far less than any deadline is from the next."""
ESCALATED = (
    "select jsonb_agg(jsonb_build_array(f.data ->> 'stage', f.data -> 'level', extract(epoch from f.at)) order by f.id)"
    " from lot_fact f join lot l on l.id = f.lot_id where l.lot_no = :lot and f.fact = 'task.escalated'"
)
DUTIES = (
    "select jsonb_agg(jsonb_build_array(extract(epoch from d.due_at), extract(epoch from d.missed_at)) order by d.due_at)"
    " from recall_deadline d join recall r on r.id = d.recall_id where r.recall_no = :no"
)
MOVES = (
    "select jsonb_agg(jsonb_build_array(actor_id, reason, after ->> 'reason') order by id) from audit_event"
    " where table_name = 'clock_move'"
)


@asynccontextmanager
async def at(folder: Path, *, test: bool = False) -> AsyncIterator[tuple[Stack, Plant]]:
    """The home at work, and its plant; its pages are served by this process where they are asked for."""
    wanted = ALL - {"api"}
    with running_stack(Settings(home=folder, port=0, temporal_ui=False), wanted, fast=True, test=test) as stack:
        engine = db.engine(str(stack.settings.database_url), acts=True)
        client = await Client.connect(str(stack.settings.temporal_address), data_converter=pydantic_data_converter)
        try:
            yield stack, Plant(engine, client)
        finally:
            engine.dispose()


def about(found: float, due: datetime) -> bool:
    """Whether it was recorded when it was due, or moments after."""
    return timedelta() <= datetime.fromtimestamp(found, UTC) - due < MOMENTS_LATE


def forward(stack: Stack, to: str) -> None:
    forward_at(str(stack.settings.database_url), to, f"CAPA {to}")


async def detail(stack: Stack, plant: Plant, part: str) -> str:
    """What `/readyz` would say of a part."""
    parts = await health.readiness(plant.engine, plant.client, stack.settings)
    return next(one.detail for one in parts if one.name == part)


async def agrees(stack: Stack, plant: Plant) -> bool:
    return "agrees within" in await detail(stack, plant, "clock:temporal")


async def ahead_of(plant: Plant) -> timedelta:
    return store.now(plant.engine) - datetime.now(UTC)


async def test_a_test_home_plays_a_year_of_deadlines_in_order_and_keeps_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = scratch.folder("home-")
    try:
        async with at(folder, test=True) as (stack, plant):
            await _play(stack, plant)
            ahead = await ahead_of(plant)
        with mail_sink() as sink:
            monkeypatch.setenv("BATCHWRIGHT_SMTP_PORT", str(sink.port))
            for name, value in MAILING.items():
                monkeypatch.setenv(name, value)
            async with at(folder) as (stack, plant):
                assert abs(await ahead_of(plant) - ahead) < timedelta(seconds=5), "kept, without being told again"
                assert "测试库" in await detail(stack, plant, "clock")
                await until_async(partial(agrees, stack, plant), every=0.5)  # each time every part is asked
                await _goes_on(stack, plant, sink)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _play(stack: Stack, plant: Plant) -> None:
    with psycopg.connect(_plain(stack.postgres.url(OWNER, DATABASE)), autocommit=True) as owner:  # type: ignore[union-attr]
        owner.execute("insert into service_actor (actor_id, what, furnishes) values ('service:test', 'tests', true)")
    furnish(plant.engine)
    began = store.now(plant.engine)
    await plant.material("T-1", 100)
    await plant.ship("SH-T1", "T-1", 10)
    recall = Recalling(plant, "RC-T-1")
    await recall.open("T-1")
    await recall.freeze()
    await plant.receive("T-2")
    opened = plant.task("T-2", "inspect").opened_at
    timers = [json["at"] for json in (await _view(plant, "inspection/T-2/1"))["timers"] if json["stage"] == "inspect"]
    assert len(timers) == 2

    done = batchwright("clock", "forward", "30d", "--reason", "CAPA 30d", "--home", str(stack.home.path))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("test clock 2")
    seen = plant.scalar(ESCALATED, lot="T-2")
    assert [one[:2] for one in seen] == [["inspect", 1], ["inspect", 2]]
    assert all(about(one[2], datetime.fromisoformat(due)) for one, due in zip(seen, timers, strict=True)), (
        seen,
        opened,
    )

    # the next 30 days begin for who begins now
    await plant.receive("T-3")
    task = plant.task("T-3", "inspect")
    assert task.due_at is not None
    assert about(task.opened_at.timestamp(), began + 30 * DAY)
    _by_api(stack, plant, "47h")
    assert plant.scalar(ESCALATED, lot="T-3") is None
    forward(stack, "2h")
    assert [one[1] for one in plant.scalar(ESCALATED, lot="T-3")] == [1]
    assert about(plant.scalar(ESCALATED, lot="T-3")[0][2], task.due_at)

    forward(stack, "300d")
    await until(lambda: plant.scalar("select count(*) from trace_health_run where cause = 'schedule'"), every=0.2)
    duties = plant.scalar(DUTIES, no="RC-T-1")
    assert duties
    assert all(about(missed, datetime.fromtimestamp(due, UTC)) for due, missed in duties), duties
    planned = plant.scalar("select opened_at from recall where cause = 'schedule' order by id limit 1")
    quarters = drill_calendar.drills(began, began + 332 * DAY, Settings().zone)
    assert any(about(planned.timestamp(), one) for one in quarters), (planned, quarters)
    moves = plant.scalar(MOVES)
    assert [one[1] for one in moves] == ["CAPA 30d", "CAPA 47h", "CAPA 2h", "CAPA 300d"]
    assert [one[0] == "service:operator" for one in moves] == [True, False, True, True]


def _by_api(stack: Stack, plant: Plant, to: str) -> None:
    """The administrator moves it over HTTP; every page says what home this is, and when it is."""
    settings = stack.settings.model_copy(update={"secret": SECRET})
    with (
        pages(settings) as app,
        serving(app) as address,
        httpx.Client(base_url=address, timeout=60, trust_env=False, verify=NO_TLS) as browser,
    ):
        answer = browser.post("/api/v1/auth/login", json={"login": "admin", "password": PASSWORD})
        headers = {"X-CSRF-Token": answer.json()["csrf"]}
        page = browser.get("/operation").text
        assert 'class="test-band"' in page
        assert minute(store.now(plant.engine), "Asia/Shanghai")[:13] in page
        assert 'id="test-clock"' in page
        typed = {"csrf": answer.json()["csrf"], "key": str(uuid4()), "to": "9d", "reason": " "}
        refused = browser.post("/operation/clock", data=typed)
        assert refused.status_code == 422
        assert 'value="9d"' in refused.text, "what was typed is kept"
        seen = store.look(plant.engine)
        assert seen is not None
        assert not seen.under_way, "nothing moves"
        given = {"to": "1h", "reason": " "}
        assert browser.post("/api/v1/test-clock", json=given, headers=headers).status_code == 422
        given = {"to": to, "reason": f"CAPA {to}"}
        moved = browser.post("/api/v1/test-clock", json=given, headers=headers)
        assert (moved.status_code, moved.json()["test"]) == (202, True), moved.text
    target = datetime.fromisoformat(moved.json()["target"])
    wait_for(lambda: store.now(plant.engine) >= target, 60, "the clock", pause=0.2)


async def _goes_on(stack: Stack, plant: Plant, sink: MailSink) -> None:
    """After a restart the deadlines of before and of now come by the moved clock, and mails say that nothing of it is real."""
    await plant.receive("T-4")
    due = plant.task("T-4", "inspect").due_at
    assert due is not None
    forward(stack, "3d")
    assert about(plant.scalar(ESCALATED, lot="T-4")[0][2], due)
    with act(plant.engine, SETUP) as session:
        session.connection().execute(text("update customer set email = 'qa@hospital.test'"))
    recall = Recalling(plant, "RC-T-2")
    await recall.open("T-1")
    await recall.to_customers()
    await until(lambda: sink.to("qa@hospital.test"), "the home's own worker has told the customer", every=0.2)
    for message in sink.to("qa@hospital.test"):  # whoever believed it would take good devices from patients
        assert message["Subject"].startswith(moved_clock.MARK)
        assert "TEST SYSTEM" in message.get_content()


async def _view(plant: Plant, workflow_id: str) -> dict[str, Any]:
    handle = plant.client.get_workflow_handle(workflow_id)
    found: dict[str, Any] = {}

    async def born() -> bool:
        try:
            found.update(await handle.query("run_view") or {})
        except Exception:  # noqa: BLE001 - not begun yet
            return False
        return bool(found)

    await until_async(born)
    return found


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")
