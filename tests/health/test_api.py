"""The trace health check over HTTP: nothing yet, then scores, findings page by page, and who may ask for one (REQ 26)."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from httpx import Client
from sqlalchemy import create_engine
from sqlmodel import Session

from models.drill.messages import CheckTrace
from models.health import acts as trace_health
from models.process.messages.process import By
from runtime.postgres import SUPERUSER, Postgres
from tests.support.graph import T0, Plant, day
from tests.support.servers.database import TestDatabase

CLOCK = By(person_id=0, name="Batchwright", actor_id="service:schedule", source="worker")
Check = Callable[[float], dict[str, Any]]


@pytest.fixture
def check(postgres: Postgres, founded_database: TestDatabase) -> Iterator[Check]:
    """Five needles without material, and a check as the schedule does it."""
    engine = create_engine(postgres.url(SUPERUSER, founded_database.name))

    def run(days: float) -> dict[str, Any]:
        with Session(engine) as session:
            command = CheckTrace(command_id=f"c{days}", by=CLOCK)
            done = trace_health.check(session, command, T0 + timedelta(days=days)).data
            session.commit()
            return dict(done)

    with Session(engine, expire_on_commit=False) as session:
        plant = Plant(session)
        plant.begin()
        plant.item("NEEDLE", category="缝合针")
        for number in range(5):
            plant.product(f"N-{number}", 10)
        steel = plant.raw("STEEL-1", 100)
        plant.use(steel, plant.product("N-OK", 10), 40, day(1))
        session.commit()
    yield run
    engine.dispose()


def test_scores_by_family_and_findings_page_by_page(as_: Callable[..., Any], check: Check) -> None:
    person = as_("wu.jingli")
    nothing = person.get("/trace-health")
    assert (nothing.status_code, nothing.json()["code"]) == (404, "TRC-030")
    assert check(30) == {"score": 28, "lots": 7, "edges": 1, "findings": 5, "appeared": 5, "cleared": 0}
    check(31)
    body = person.get("/trace-health").json()
    assert [(one["family"], one["score"], one["lots"], one["gap"]) for one in body["families"]] == [
        ("缝合针", 16, 6, 5),
        ("raw", 100, 1, 0),
    ]
    assert [one["score"] for one in body["history"]] == [28, 28]
    assert body["check"]["appeared"] == 0
    first = person.get("/trace-health/findings", params={"limit": 3}).json()
    rest = person.get("/trace-health/findings", params={"limit": 3, "cursor": first["next"]}).json()
    assert [one["lot_no"] for one in first["items"] + rest["items"]] == [f"N-{number}" for number in range(5)]
    assert rest["next"] is None
    assert first["items"][0]["since"].startswith("2026-02-04"), "since the first check that saw it"
    assert first["items"][0]["zh"] == "批次 N-0 是自制品，但没有任何用料记录，来源到此中断。"
    assert person.get("/trace-health/findings", params={"family": "raw"}).json()["items"] == []
    assert person.get("/trace-health/findings", params={"code": "TRC-102"}).json()["items"] == []


@pytest.mark.usefixtures("check")
def test_who_may_not_check_is_told_why(as_: Callable[..., Any], anybody: Client) -> None:
    refused = as_("wang.cao").post("/trace-health", {})
    assert (refused.status_code, refused.json()["code"]) == (403, "AUTH-005")
    assert anybody.get("/api/v1/trace-health").status_code == 401
    assert as_("wang.cao").get("/trace-health/findings", params={"cursor": "nonsense"}).status_code == 422
