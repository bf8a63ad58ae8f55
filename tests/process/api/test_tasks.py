"""The inbox: who sees what, who gets it when two reach for it, and what stays of a half-filled form (REQ 87, 89)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import Engine, text

from models.kernel.store.act import act, reading
from models.person.rules.roles import Role
from models.person.store.sessions import find
from models.process.queries import inbox as queries_tasks
from tests.support.plant import cast
from tests.support.plant.cast import SEEDER, receive
from tests.support.servers.database import StatementCounter

Login = Callable[..., Any]


@pytest.fixture
def task(engine: Engine, people: dict[str, int]) -> str:
    """One incoming inspection that waits for an inspector."""
    assert people
    receive(engine, "R-1")
    return one_task(engine)


def one_task(engine: Engine) -> str:
    with engine.connect() as connection:
        found = connection.execute(text("select public_id from human_task where status = 'open' order by id limit 1"))
        return str(found.scalar_one())


def events(engine: Engine, table: str) -> list[Any]:
    with engine.connect() as connection:
        query = (
            "select actor_name, on_behalf_of, reason, before, after from audit_event where table_name = :t order by id"
        )
        return list(connection.execute(text(query), {"t": table}).all())


def test_an_inspector_sees_the_inspection_and_why_it_is_here(as_: Login, task: str) -> None:
    page = as_("lin.jian").get("/tasks?claimable=true").json()
    [row] = page["items"]
    assert row["id"] == task
    assert (row["lot_no"], row["item"], row["kind"], row["role"]) == ("R-1", "PEEK 棒料", "inspection", "inspector")
    assert row["process_title"]["zh"]
    assert row["stage_title"]["en"]
    assert row["can_claim"] is True
    assert row["blocked"] is None
    assert page["next"] is None


def test_somebody_without_the_role_reads_why_not(as_: Login, task: str) -> None:
    approver = as_("chen.pi")
    assert approver.get("/tasks?claimable=true").json()["items"] == []
    [row] = approver.get("/tasks").json()["items"]
    assert row["blocked"]["code"] == "TASK-005"
    refused = approver.post(f"/tasks/{task}/claim")
    assert (refused.status_code, refused.json()["code"]) == (403, "TASK-005")


def test_a_claimed_task_is_mine_and_comes_back_when_released(as_: Login, task: str, engine: Engine) -> None:
    inspector = as_("lin.jian")
    assert inspector.post(f"/tasks/{task}/claim").json()["mine"] is True
    assert inspector.post(f"/tasks/{task}/claim").status_code == 200, "claiming again is harmless"
    assert [row["id"] for row in inspector.get("/tasks?mine=true").json()["items"]] == [task]
    assert inspector.get("/tasks/counts").json()["mine"] == 1
    assert inspector.post(f"/tasks/{task}/release").json()["assignee"] is None
    assert inspector.post(f"/tasks/{task}/release").json()["code"] == "TASK-007"
    changes = events(engine, "human_task")
    assert [(one.actor_name, one.after["assignee_id"] is None) for one in changes[-2:]] == [
        ("林检", False),
        ("林检", True),
    ]


def test_of_twenty_who_claim_at_once_one_gets_it(as_: Login, task: str, engine: Engine) -> None:
    with act(engine, SEEDER) as session:
        logins = [f"inspector.{n}" for n in range(6)]
        for login in logins:
            cast.add_person(session, login, login, Role.INSPECTOR)
    people = [as_(login) for login in logins]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda person: person.post(f"/tasks/{task}/claim"), people))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 5
    winner = next(answer.json()["assignee"] for answer in answers if answer.status_code == 200)
    losers = [answer.json() for answer in answers if answer.status_code == 409]
    assert {loser["code"] for loser in losers} == {"TASK-004"}
    assert all(winner in loser["detail"] for loser in losers)


def test_a_colleague_cannot_take_what_another_claimed(as_: Login, task: str, engine: Engine) -> None:
    with act(engine, SEEDER) as session:
        cast.add_person(session, "second.inspector", "二检", Role.INSPECTOR)
    as_("lin.jian").post(f"/tasks/{task}/claim")
    second = as_("second.inspector")
    for act_of in ("claim", "release"):
        assert second.post(f"/tasks/{task}/{act_of}").json()["code"] == "TASK-004"
    assert second.post(f"/tasks/{task}/draft", {"form": {}}).json()["code"] == "TASK-004"
    assert second.get(f"/tasks/{task}").json()["task"]["blocked"]["params"]["name"] == "林检"


def test_delegating_hands_it_to_somebody_with_the_role_only(as_: Login, task: str, engine: Engine) -> None:
    with act(engine, SEEDER) as session:
        cast.add_person(session, "second.inspector", "二检", Role.INSPECTOR)
    inspector = as_("lin.jian")
    assert inspector.post(f"/tasks/{task}/delegate", {"to": "second.inspector"}).json()["code"] == "TASK-007"
    inspector.post(f"/tasks/{task}/claim")
    assert inspector.post(f"/tasks/{task}/delegate", {"to": "chen.pi"}).json()["code"] == "TASK-008"
    assert inspector.post(f"/tasks/{task}/delegate", {"to": "lin.jian"}).json()["code"] == "TASK-009"
    assert inspector.post(f"/tasks/{task}/delegate", {"to": "no.body"}).json()["code"] == "AUTH-016"
    handed = inspector.post(f"/tasks/{task}/delegate", {"to": "second.inspector", "reason": "下班"}).json()
    assert handed["assignee"] == "二检"
    assert events(engine, "human_task")[-1].reason == "下班"
    assert [row["id"] for row in as_("second.inspector").get("/tasks?mine=true").json()["items"]] == [task]


def test_a_manager_reassigns_with_a_reason(as_: Login, task: str) -> None:
    as_("lin.jian").post(f"/tasks/{task}/claim")
    assert as_("chen.pi").post(f"/tasks/{task}/reassign", {"reason": "休假"}).json()["code"] == "AUTH-005"
    manager = as_("wu.jingli")
    missing = manager.post(f"/tasks/{task}/reassign", {}).json()
    assert missing["problems"][0]["field"] == "reason"
    assert manager.post(f"/tasks/{task}/reassign", {"reason": "休假"}).json()["assignee"] is None
    assert manager.post(f"/tasks/{task}/reassign", {"to": "lin.jian", "reason": "回来"}).json()["assignee"] == "林检"


PERIOD = {"starts_at": "2020-01-01T00:00:00+08:00", "ends_at": "2099-01-01T00:00:00+08:00"}


def test_a_deputy_works_for_the_absent_and_both_names_stay(as_: Login, task: str, engine: Engine) -> None:
    as_("lin.jian").post(f"/tasks/{task}/claim")
    refused = as_("lin.jian").post("/me/delegations", {"to": "zhou.shen", "reason": "出差", **PERIOD}).json()
    assert refused["code"] == "AUTH-019", "who holds no role of the absent person stands in for nobody"
    as_("admin").post("/people/zhou.shen/roles", {"role": "inspector", "reason": "-"})
    refused = as_("lin.jian").post("/me/delegations", {"to": "zhou.shen", "reason": "出差", **PERIOD}).json()
    assert "inspection" in refused["en"], "nor who lacks a skill"
    as_("wu.jingli").post("/people/zhou.shen/qualifications", {"code": "inspection"})
    made = as_("lin.jian").post("/me/delegations", {"to": "zhou.shen", "reason": "出差", **PERIOD})
    assert made.status_code == 201, made.text
    deputy = as_("zhou.shen")
    assert deputy.get("/me").json()["stands_in_for"][0]["name"] == "林检"
    [row] = deputy.get("/tasks?mine=true").json()["items"]
    assert row["acting_for"] == "林检"
    assert deputy.post(f"/tasks/{task}/claim").status_code == 200
    last = events(engine, "human_task")[-1]
    assert (last.actor_name, last.on_behalf_of) == ("周审", "林检")
    assert as_("lin.jian").client.delete is not None
    delegation = as_("lin.jian").get("/me/delegations").json()["items"][0]["id"]
    assert as_("lin.jian").delete(f"/me/delegations/{delegation}").status_code == 204
    assert deputy.post(f"/tasks/{task}/release").status_code == 200
    as_("admin").delete("/people/zhou.shen/roles/inspector?reason=-")
    assert deputy.post(f"/tasks/{task}/claim").json()["code"] == "TASK-005"


def test_a_draft_waits_for_its_writer(as_: Login, task: str) -> None:
    inspector = as_("lin.jian")
    assert inspector.post(f"/tasks/{task}/draft", {"form": {"remark": "一半"}}).status_code == 204
    assert inspector.post(f"/tasks/{task}/draft", {"form": {"remark": "一半多"}}).status_code == 204
    assert as_("lin.jian").get(f"/tasks/{task}").json()["draft"] == {"remark": "一半多"}
    assert as_("wu.jingli").get(f"/tasks/{task}").json()["draft"] is None
    assert inspector.post(f"/tasks/{task}/draft", {"form": {"x": "y" * 100_001}}).json()["code"] == "TASK-010"


def test_the_record_to_sign_comes_with_its_digest(as_: Login, task: str) -> None:
    detail = as_("lin.jian").get(f"/tasks/{task}").json()
    assert detail["definition"]["signature"]["meaning"]
    assert len(detail["digest"]) == 64
    assert "R-1" in detail["record"]


def test_an_unknown_task_is_said_so(as_: Login) -> None:
    assert as_("lin.jian").get(f"/tasks/{uuid4()}").json()["code"] == "TASK-001"
    assert as_("lin.jian").get("/tasks/42").json()["code"] == "API-422"


def test_pages_follow_each_other_without_gap_or_repeat(as_: Login, engine: Engine, people: dict[str, int]) -> None:
    assert people
    receive(engine, *[f"R-{n:02}" for n in range(7)])
    inspector = as_("lin.jian")
    seen: list[str] = []
    cursor = ""
    while True:
        page = inspector.get("/tasks?claimable=true&limit=3" + cursor).json()
        seen += [row["lot_no"] for row in page["items"]]
        if page["next"] is None:
            break
        cursor = "&cursor=" + page["next"]
    assert seen == [f"R-{n:02}" for n in range(7)]
    assert inspector.get("/tasks?cursor=nonsense").json()["code"] == "API-440"
    assert inspector.get("/tasks?limit=1000").json()["problems"][0]["field"] == "limit"


def test_the_inbox_takes_the_same_statements_for_one_and_for_forty(
    as_: Login, engine: Engine, people: dict[str, int]
) -> None:
    assert people
    inspector = as_("lin.jian")
    receive(engine, "R-0")
    principal = find(engine, inspector.client.cookies["bw_session"], kind="cookie")

    def statements() -> int:
        with StatementCounter(engine) as sent, reading(engine) as session:
            queries_tasks.page(session, principal, "claimable", limit=50)
            queries_tasks.counts(session, principal)
        return len(sent)

    few = statements()
    receive(engine, *[f"R-{n:02}" for n in range(40)])
    assert statements() == few <= 5


def test_every_view_answers(as_: Login, task: str) -> None:
    assert task
    inspector = as_("lin.jian")
    for view in ("mine", "claimable", "waiting_second", "overdue", "all"):
        assert inspector.get(f"/tasks?view={view}&process=incoming-inspection&item=PEEK-12").status_code == 200
    assert inspector.get("/tasks?process=release").json()["items"] == []
    assert inspector.get("/tasks?item=OTHER").json()["items"] == []


def test_the_stream_says_how_many_and_says_so_again_when_it_changes(as_: Login, task: str, engine: Engine) -> None:
    assert task
    inspector = as_("lin.jian")
    with inspector.client.stream("GET", "/api/v1/inbox/events", timeout=20) as stream:
        lines = (line for line in stream.iter_lines() if line.startswith("data:"))
        assert '"claimable": 1' in next(lines)
        receive(engine, "R-2")
        assert '"claimable": 2' in next(lines)


def test_the_stream_is_for_people_who_are_logged_in(anybody: httpx.Client) -> None:
    answer = anybody.get("/api/v1/inbox/events")
    assert (answer.status_code, answer.json()["code"]) == (401, "AUTH-001")
