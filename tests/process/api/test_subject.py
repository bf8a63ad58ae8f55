"""One subject of any kind over the API: whose it is, what is open, its runs; and who may ask."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, create_engine, text

from models.kernel.store.act import act, reading
from models.person.store.sessions import find
from models.process.queries import subject as queries
from models.process.tables.subject import RunLink
from tests.support.plant.cast import SEEDER, receive
from tests.support.servers.database import StatementCounter, TestDatabase

Login = Callable[..., Any]


@pytest.fixture
def lot(engine: Engine, people: dict[str, int]) -> str:
    """A batch that waits for its inspection; the public id of its subject."""
    assert people
    receive(engine, "R-1")
    return subject(engine, "lot", "R-1")


@pytest.fixture
def owner(founded_database: TestDatabase) -> Iterator[Engine]:
    """Past the walls, which keep what was filled in and when it is due."""
    made = create_engine(founded_database.owner_url)
    yield made
    made.dispose()


def subject(engine: Engine, kind: str, number: str) -> str:
    with engine.connect() as connection:
        query = text("select public_id from subject where kind = :kind and number = :number")
        return str(connection.execute(query, {"kind": kind, "number": number}).scalar_one())


def test_a_batch_says_what_is_open_and_which_processes_go_on(as_: Login, lot: str) -> None:
    found = as_("lin.jian").get(f"/subjects/{lot}").json()
    assert found["head"] | {"key": 0} == found["head"] | {
        "key": 0,
        "kind": "lot",
        "number": "R-1",
        "title": "PEEK 棒料",
    }
    assert None not in (found["head"]["owner"], found["head"]["site"], found["head"]["entity"])
    assert found["state"] == "open"
    [task] = found["tasks"]
    assert (task["lot_no"], task["subject"], task["subject_kind"], task["can_claim"]) == ("R-1", lot, "lot", True)
    assert {run["process"] for run in found["runs"]} == {"batch-lifecycle", "incoming-inspection"}
    assert [run["open"] for run in found["runs"] if run["part"]] == [1]
    assert found["runs_total"] == 2
    [titled] = found["links"]
    assert (titled["role"], titled["kind"]) == ("titled", "item")


def test_what_is_overdue_makes_it_late(as_: Login, lot: str, owner: Engine) -> None:
    with owner.begin() as connection:
        connection.execute(text("alter table human_task disable trigger user"))
        connection.execute(text("update human_task set due_at = now() - interval '1 hour'"))
        connection.execute(text("alter table human_task enable trigger user"))
    found = as_("lin.jian").get(f"/subjects/{lot}").json()
    assert found["state"] == "late"
    assert [run["late"] for run in found["runs"] if run["part"]] == [True]


def test_a_file_that_a_form_names_anywhere_is_listed(as_: Login, lot: str, owner: Engine) -> None:
    person = as_("lin.jian")
    sent = {"X-CSRF-Token": person.csrf, "Content-Type": "application/octet-stream"}
    told = person.client.post(
        "/api/v1/attachments", params={"name": "曲线.pdf"}, content=b"%PDF-1.7\n", headers=sent
    ).json()
    person.client.post("/api/v1/attachments", params={"name": "别的.pdf"}, content=b"%PDF-1.4\n", headers=sent)
    form = {"lines": [{"curve": told["digest"], "note": "a" * 63}], "curve": told["digest"]}
    with owner.begin() as connection:
        connection.execute(text("alter table human_task disable trigger user"))
        connection.execute(text("update human_task set form = cast(:form as jsonb)"), {"form": json.dumps(form)})
        connection.execute(text("alter table human_task enable trigger user"))
    [file] = person.get(f"/subjects/{lot}").json()["files"]
    assert (file["id"], file["name"], file["uploaded_by"]) == (told["number"], "曲线.pdf", "林检")


def test_a_thing_without_any_process_is_read_too(as_: Login, engine: Engine, people: dict[str, int]) -> None:
    assert people
    found = as_("lin.jian").get(f"/subjects/{subject(engine, 'person', '1')}").json()
    assert (found["state"], found["tasks"], found["runs"]) == ("none", [], [])


def test_the_number_of_statements_does_not_follow_what_hangs_on_it(as_: Login, lot: str, engine: Engine) -> None:
    cookie = as_("lin.jian").client.cookies["bw_session"]
    principal = find(engine, cookie, kind="cookie")

    def statements() -> int:
        with StatementCounter(engine) as sent, reading(engine) as session:
            queries.detail(session, principal, UUID(lot))
        return len(sent)

    few = statements()
    with reading(engine) as session:
        run = session.connection().execute(text("select id, subject_id from process_run where parent_id is null")).one()
    receive(engine, *[f"R-{n}" for n in range(2, 12)])
    with act(engine, SEEDER) as session:
        for key in (
            session.connection()
            .execute(text("select id from subject where kind = 'lot' and id <> :s"), {"s": run.subject_id})
            .scalars()
            .all()
        ):
            session.add(RunLink(run_id=run.id, subject_id=key, role="affected"))
    assert statements() == few <= 9
    with reading(engine) as session:
        assert len(queries.detail(session, principal, UUID(lot)).links) == 11


def test_one_that_is_none_is_refused_and_nobody_reads_without_login(as_: Login, lot: str) -> None:
    person = as_("lin.jian")
    missing = person.get("/subjects/0197a1b2-0000-7000-8000-000000000000")
    assert (missing.status_code, missing.json()["code"]) == (404, "PRC-405")
    assert person.get("/subjects/no-id").status_code == 422
    person.client.cookies.clear()
    assert person.get(f"/subjects/{lot}").status_code == 401
