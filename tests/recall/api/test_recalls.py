"""Recalls as the API shows them: list, cockpit, scope, notices; the link of a notice is ours alone."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from models.kernel.refusal import Refusal
from models.notice.rules import links as notice_links
from runtime.postgres import Postgres
from tests.support.plant.direct import beside
from tests.support.plant.plant import PASSWORD
from tests.support.plant.recalling import Recalling
from tests.support.servers.database import TestDatabase, copy_template, drop

Login = Callable[..., Any]
SECRET = b"a secret of the server"


@pytest.fixture
def founded_database(database_template: Postgres, furnished_template: str) -> Iterator[TestDatabase]:
    """The plant with its cast instead of bare accounts."""
    made = copy_template(database_template, furnished_template)
    yield made
    drop(database_template, made)


@pytest.fixture
def people() -> dict[str, int]:
    """They came with the plant."""
    return {"furnished": 1}


@pytest.fixture
async def recall(engine: Engine, people: dict[str, int]) -> Recalling:
    """A drill on a batch of which the hospital got some."""
    assert people
    plant, n = beside(engine), uuid4().hex[:6].upper()
    await plant.material(f"R-{n}")
    await plant.make(f"H-{n}", f"R-{n}")
    await plant.release(f"H-{n}")
    await plant.ship(f"SH-{n}", f"H-{n}", 30)
    recall = Recalling(plant, f"RD-2026-{n}", "drill")
    await recall.open(f"H-{n}")
    return recall


async def test_the_cockpit_tells_the_whole_story(recall: Recalling, as_: Login) -> None:
    await recall.to_customers()
    person = as_("sun.zhao", PASSWORD)
    listed = person.client.get("/api/v1/recalls", params={"mode": "drill"}).json()["items"]
    assert recall.number in {one["recall_no"] for one in listed}
    seen = person.client.get(f"/api/v1/recalls/{recall.number}").json()
    assert (seen["row"]["stage"], seen["row"]["recall_class"], seen["told"], seen["silent"]) == (
        "follow_up",
        "II",
        1,
        1,
    )
    assert [one["stage"] for one in seen["signatures"]] == ["review_scope", "approve_scope"]
    assert len({one["digest"] for one in seen["signatures"]}) == 1
    assert seen["clocks"] == [], "no authority's clock runs for a drill"
    scope = person.client.get(f"/api/v1/recalls/{recall.number}/scope").json()
    assert scope["digest"] == seen["signatures"][0]["digest"]
    (notice,) = person.client.get(f"/api/v1/recalls/{recall.number}/notices").json()
    assert (notice["customer_no"], notice["status"], notice["shipped"]) == ("C-1", "sent", "30.000000")


async def test_what_is_not_there_is_said(recall: Recalling, as_: Login) -> None:
    person = as_("sun.zhao", PASSWORD)
    for path in (
        "/api/v1/recalls/RC-9",
        f"/api/v1/recalls/{recall.number}/scope?version=9",
    ):
        answer = person.client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "RCL-001"), path
    answer = person.client.get("/api/v1/recalls/😀/scope")
    assert (answer.status_code, answer.json()["code"]) == (422, "ID-003"), "nobody can look for that"


def test_only_the_coordinator_opens_one(as_: Login) -> None:
    person = as_("chen.pi", PASSWORD)
    given = {"mode": "drill", "identifiers": ["H-1"], "title": "演练", "reason": "季度"}
    answer = person.client.post("/api/v1/recalls", json=given, headers={"X-CSRF-Token": person.csrf})
    assert (answer.status_code, answer.json()["code"]) == (403, "AUTH-005")


@given(st.uuids())
def test_a_link_leads_to_its_notice(notice: UUID) -> None:
    assert notice_links.read(SECRET, notice_links.make(SECRET, notice)) == notice


@given(st.uuids(), st.integers(0, 42), st.characters(codec="ascii"))
def test_a_changed_link_leads_nowhere(notice: UUID, at: int, other: str) -> None:
    token = notice_links.make(SECRET, notice)
    forged = token[:at] + other + token[at + 1 :]
    if forged != token:
        with pytest.raises(Refusal, match="RCL-008"):
            notice_links.read(SECRET, forged)
    with pytest.raises(Refusal, match="RCL-008"):
        notice_links.read(b"another secret", token)


@given(st.text(max_size=80))
def test_rubbish_is_no_link(token: str) -> None:
    with pytest.raises(Refusal, match="RCL-008"):
        notice_links.read(SECRET, token)
