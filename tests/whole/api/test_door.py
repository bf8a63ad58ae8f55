"""Bad input and requests sent twice: what the sender reads, and that nothing is half-written (DESIGN 12, 13)."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from psycopg.errors import DiskFull
from pydantic import BaseModel, ValidationError
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import OperationalError

from api.correction.schemas import CorrectLinkIn
from api.reshape.schemas import MergeIn
from api.stock.schemas import SerialsIn
from models.clock.store import clocks
from models.clock.store import signs_of_life as beats
from models.kernel.request import BODY_LIMIT, VALUES_LIMIT
from models.kernel.store import idempotency
from models.kernel.store.act import Actor
from models.kernel.store.underway import Underway, number_of
from models.kernel.time import clock
from runtime.postgres import Postgres
from tests.support.servers.clock_back import clock_back
from tests.support.servers.database import StatementCounter, TestDatabase, past_walls
from tests.support.servers.stack import wait_for

Login = Callable[..., Any]
PERSON = {"name": "新人", "employee_no": "0117", "login": "xin.ren", "way": "hands"}

LOCKED = (
    "select count(*) from pg_locks where locktype = 'advisory' and granted"
    " and database = (select oid from pg_database where datname = current_database()) and pid <> pg_backend_pid()"
)


def count(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text(f"select count(*) from {table}")).scalar_one())  # noqa: S608


def post_raw(person: Any, path: str, content: bytes, **headers: str) -> httpx.Response:
    sent = {"X-CSRF-Token": person.csrf, "Content-Type": "application/json"} | headers
    answer: httpx.Response = person.client.post("/api/v1" + path, content=content, headers=sent)
    return answer


def test_a_crowd_that_asks_whether_all_is_well_costs_no_more_than_one(
    browser_at: Callable[[], httpx.Client], app: FastAPI
) -> None:
    browsers = [browser_at() for _ in range(30)]
    with StatementCounter(app.state.engine) as said, ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(lambda browser: browser.get("/readyz"), browsers * 5))
    parts = [{one["name"]: one["ok"] for one in answer.json()["parts"]} for answer in answers]
    assert {part["database"] for part in parts} == {True}
    assert sum(one == "show server_version" for one in said.statements) <= 50


@pytest.mark.parametrize("content", [b"{", b'{"name": }', b"nonsense", b"\xff\xfe", b"[" * 20_000])
def test_malformed_json_is_said_so(as_: Login, engine: Engine, content: bytes) -> None:
    admin = as_("admin")
    before = count(engine, "person")
    answer = post_raw(admin, "/people", content)
    assert (answer.status_code, answer.json()["code"]) == (400, "API-400")
    assert answer.headers["content-type"] == "application/problem+json"
    assert count(engine, "person") == before


def test_malformed_json_at_the_login_too(anybody: httpx.Client) -> None:
    answer = anybody.post("/api/v1/auth/login", content=b"{", headers={"Content-Type": "application/json"})
    assert answer.json()["code"] == "API-400"
    missing = anybody.post("/api/v1/auth/login", json={"login": "chen.pi"})
    assert (missing.status_code, missing.json()["problems"][0]["field"]) == (422, "password")
    assert anybody.post("/api/v1/auth/login", json=["chen.pi"]).status_code == 422


def test_an_answer_does_not_outgrow_its_request(as_: Login) -> None:
    wrong = {str(field): 1 for field in range(VALUES_LIMIT - 1)}
    answer = as_("admin").post("/people", wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "API-422")
    assert answer.json()["params"]["count"] == str(VALUES_LIMIT)  # and the missing name
    assert len(answer.json()["problems"]) == 100
    assert len(answer.content) < 50_000


@pytest.mark.parametrize("values", [["x"], [1], [{}], [[]], ['"],\\']], ids=str)
def test_more_values_than_any_act_takes_are_refused_before_they_are_read(as_: Login, values: list[Any]) -> None:
    admin = as_("admin")
    many = json.dumps({"name": "新人", "email": values * VALUES_LIMIT}).encode()
    assert len(many) < BODY_LIMIT
    answer = post_raw(admin, "/people", many)
    assert (answer.status_code, answer.json()["code"]) == (413, "API-414")
    fewer = post_raw(admin, "/people", json.dumps({"name": "新人", "email": values * 10}).encode())
    assert fewer.json()["code"] == "API-422"


@pytest.mark.parametrize("text", ["," * VALUES_LIMIT * 2, '\\",' * VALUES_LIMIT, '","' * VALUES_LIMIT])
def test_commas_in_a_text_are_no_values(as_: Login, text: str) -> None:
    answer = as_("admin").post("/people", {"name": text})
    assert (answer.status_code, answer.json()["code"]) == (422, "API-422")
    assert answer.json()["problems"][0]["kind"] == "string_too_long"


@pytest.mark.parametrize("part", [b'"', b'\\"', b'",', b'" ,', b"\\"], ids=str)
def test_counting_values_takes_no_longer_than_reading_them(as_: Login, part: bytes) -> None:
    person, began = as_("admin"), time.monotonic()
    answer = post_raw(person, "/people", b"," * VALUES_LIMIT + part * (1_900_000 // len(part)))
    assert answer.status_code == 413
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("shape", [SerialsIn, MergeIn, CorrectLinkIn])
@pytest.mark.parametrize("many", [["x"] * 400_000, [["x"] * 400_000]], ids=["one list", "a list in a list"])
def test_of_a_list_that_is_too_long_no_label_is_read(shape: type[BaseModel], many: list[Any]) -> None:
    given = {"serials": many, "others": many, "lots": many, "lot_no": many}
    began = time.thread_time()
    with pytest.raises(ValidationError):
        shape.model_validate(given | {"lots": [{"lot_no": many, "serials": many}]})
    assert time.thread_time() - began < 3


def test_each_wrong_field_is_named_in_both_languages(as_: Login) -> None:
    answer = as_("admin").post("/people", {"kind": "robot", "surname": "x"})
    assert (answer.status_code, answer.json()["code"]) == (422, "API-422")
    problems = {one["field"]: one for one in answer.json()["problems"]}
    assert set(problems) == {"name", "kind", "surname"}
    assert problems["name"]["zh"] == "必须填写。"
    assert problems["surname"]["en"] == "There is no such field."


def test_a_secret_is_not_said_back(as_: Login) -> None:
    answer = as_("admin").post("/auth/change-password", {"current": {"s3cret": "s3cret"}, "new": "s3cret"})
    assert answer.status_code == 422
    assert "s3cret" not in answer.text


def test_unknown_addresses_and_methods(anybody: httpx.Client) -> None:
    assert anybody.get("/api/v1/nothing").json()["code"] == "API-404"
    refused = anybody.put("/api/v1/me")
    assert (refused.status_code, refused.json()["code"]) == (405, "API-405")
    assert "GET" in refused.headers["allow"]


def test_a_huge_body_is_refused_before_it_is_read(as_: Login) -> None:
    admin = as_("admin")
    answer = post_raw(admin, "/people", b" " * (BODY_LIMIT + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "API-413")

    def endless() -> Any:
        for _ in range(BODY_LIMIT // 100_000 + 2):
            yield b" " * 100_000

    chunked = admin.client.post("/api/v1/people", content=endless(), headers={"X-CSRF-Token": admin.csrf})
    assert chunked.status_code == 413


@pytest.mark.parametrize("content", [b'{"name": "a\\u0000b"}', b'{"name": "a\x00b"}'])
def test_a_nul_is_refused(as_: Login, content: bytes) -> None:
    assert post_raw(as_("admin"), "/people", content).json()["code"] == "API-433"
    assert as_("admin").get("/people?q=%00").json()["code"] == "API-433"


@pytest.mark.parametrize("name", ["", "   ", "x" * 10_000])
def test_empty_and_endless_names_are_refused(as_: Login, name: str) -> None:
    assert as_("admin").post("/people", {"name": name}).json()["problems"][0]["field"] == "name"


def test_odd_characters_survive(as_: Login) -> None:
    name = "王😀 O'Brien; drop table person --"
    made = as_("admin").post("/people", {"name": name})
    assert made.json()["name"] == name
    assert post_raw(as_("admin"), "/people", b'{"name": "\\ud800"}').status_code == 422


def test_a_fault_shows_a_number_and_nothing_of_the_inside(
    as_: Login, app: FastAPI, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    admin = as_("admin")
    monkeypatch.setattr("models.person.queries.people.page", lambda *_, **__: 1 / 0)
    answer = admin.get("/people")
    assert (answer.status_code, answer.json()["code"]) == (500, "API-500")
    assert "division" not in answer.text
    assert answer.json()["params"]["incident"] in caplog.text
    assert app is not None


def test_the_database_being_away_is_no_fault(anybody: httpx.Client, app: FastAPI) -> None:
    from models.kernel.store import db

    app.state.engine = db.engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    answer = anybody.post("/api/v1/auth/login", json={"login": "chen.pi", "password": "x"})
    assert (answer.status_code, answer.json()["code"]) == (503, "API-503")
    assert answer.headers["retry-after"] == "5"
    assert anybody.get("/healthz").json() == {"status": "ok"}
    ready = anybody.get("/readyz")
    assert ready.status_code == 503
    assert {part["name"] for part in ready.json()["parts"]} >= {"database", "temporal"}


def test_while_the_clock_is_behind_the_record_people_look_and_change_nothing(
    as_: Login, anybody: httpx.Client, database_template: Postgres, founded_database: TestDatabase
) -> None:
    admin = as_("admin")
    assert (
        admin.post("/people", PERSON | {"name": "另一位", "employee_no": "0118", "login": "vor.her"}).status_code == 201
    )
    with clock_back(database_template, founded_database.name):
        refused = admin.post("/people", PERSON)
        assert (refused.status_code, refused.json()["code"]) == (503, "API-505")
        assert refused.headers["retry-after"] == "5"
        assert admin.get("/people").status_code == 200
        assert as_("zhou.shen").get("/me").status_code == 200
        parts = {part["name"]: part for part in anybody.get("/readyz").json()["parts"]}
        assert not parts["clock"]["ok"]
        assert "the last record is of" in parts["clock"]["detail"]
    assert admin.post("/people", PERSON).status_code == 201


def test_while_the_engine_shows_another_time_people_look_and_change_nothing(
    as_: Login, anybody: httpx.Client, founded_database: TestDatabase
) -> None:
    def part() -> dict[str, Any]:
        parts = {one["name"]: one for one in anybody.get("/readyz").json()["parts"]}
        found: dict[str, Any] = parts["clock:temporal"]
        return found

    admin = as_("admin")
    beats.write(founded_database.engine, "w-1", 1, ("quality",), "build")
    assert part()["ok"]
    assert part()["detail"].startswith("not compared yet")
    minute = timedelta(minutes=1)
    clocks.compare(founded_database.engine, "w-1", clock.Ahead(minute, minute * 2))
    refused = admin.post("/people", PERSON)
    assert (refused.status_code, refused.json()["code"]) == (503, "API-511")
    assert refused.headers["retry-after"] == "5"
    assert admin.get("/people").status_code == 200
    assert as_("zhou.shen").get("/me").status_code == 200
    assert not part()["ok"]
    assert "60.0 to 120.0 s" in part()["detail"]
    clocks.compare(founded_database.engine, "w-1", clock.Ahead(-minute, minute))
    assert part()["ok"], "a slow answer says nothing for certain"
    assert admin.post("/people", PERSON).status_code == 201


def test_a_full_record_is_said_in_a_sentence(as_: Login, app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OperationalError("insert", {}, DiskFull("could not extend file"))

    admin = as_("admin")
    monkeypatch.setattr("models.person.store.people.create", full)
    answer = admin.post("/people", PERSON)
    assert (answer.status_code, answer.json()["code"]) == (503, "API-506")
    assert app is not None


def test_an_audit_trail_that_is_not_sealed_is_not_ready(
    as_: Login, anybody: httpx.Client, founded_database: TestDatabase
) -> None:
    """Only the owner of the server can change a row or silence a table; whoever watches the server sees it at once."""

    def part() -> dict[str, Any]:
        parts = {one["name"]: one for one in anybody.get("/readyz").json()["parts"]}
        found: dict[str, Any] = parts["sealing"]
        return found

    as_("admin")
    last = part()
    assert last["ok"]
    assert last["detail"].startswith("sealed up to ")
    change = text(
        "update audit_event set reason = coalesce(reason, '') || :more where id = (select max(id) from audit_event)"
    )
    with past_walls(founded_database.engine) as connection:
        connection.execute(change, {"more": "!"})
    assert not part()["ok"]
    assert "audit rows were changed" in part()["detail"]
    with past_walls(founded_database.engine) as connection:
        connection.execute(
            text("update audit_event set reason = nullif(rtrim(reason, '!'), '') where reason like '%!'")
        )
    assert part()["ok"]
    with past_walls(founded_database.engine) as connection:
        connection.execute(text("alter table item disable trigger user"))
    assert (part()["ok"], "item" in part()["detail"]) == (False, True)
    with past_walls(founded_database.engine) as connection:
        connection.execute(text("alter table item enable trigger user"))
    assert part()["ok"]


def test_a_disk_without_room_is_not_ready(anybody: httpx.Client, app: FastAPI) -> None:
    app.state.settings = app.state.settings.model_copy(update={"min_free_mb": 2**40})
    parts = {part["name"]: part for part in anybody.get("/readyz").json()["parts"]}
    assert not parts["disk"]["ok"]
    assert "MiB left" in parts["disk"]["detail"]


def test_the_same_request_twice_has_one_effect_and_one_answer(as_: Login, engine: Engine) -> None:
    admin = as_("admin")
    first = admin.post("/people", PERSON, Idempotency_Key="k-1")
    again = admin.post("/people", PERSON, Idempotency_Key="k-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    with engine.connect() as connection:
        kept = connection.execute(text("select request_digest, body::text from idempotency_key")).one()
    assert "harbour" not in kept.body


def test_the_same_key_for_something_else_is_refused(as_: Login, engine: Engine) -> None:
    admin = as_("admin")
    admin.post("/people", PERSON, Idempotency_Key="k-1")
    other = admin.post("/people", PERSON | {"name": "别人"}, Idempotency_Key="k-1")
    assert (other.status_code, other.json()["code"]) == (422, "API-431")
    elsewhere = admin.post("/people/xin.ren/roles", PERSON, Idempotency_Key="k-1")
    assert elsewhere.json()["code"] == "API-431"
    assert as_("admin2").post("/people", {"name": "又一人"}, Idempotency_Key="k-1").status_code == 201, (
        "keys are per person"
    )
    assert count(engine, "idempotency_key") == 2


@pytest.mark.parametrize("key", ["", "x" * 201, "a\tb"])
def test_a_key_has_a_shape(as_: Login, key: str) -> None:
    assert as_("admin").post("/people", PERSON, Idempotency_Key=key).json()["code"] == "API-430"


def test_a_refusal_frees_the_key(as_: Login) -> None:
    admin = as_("admin")
    refused = admin.post("/people", PERSON | {"login": "-"}, Idempotency_Key="k-1")
    assert refused.status_code == 422
    assert admin.post("/people", PERSON, Idempotency_Key="k-1").status_code == 201


def test_while_the_first_is_under_way_the_second_waits(
    as_: Login, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from models.person.store import people

    inside, go_on, real = threading.Event(), threading.Event(), people.create

    def slow(*arguments: Any, **named: Any) -> Any:
        inside.set()
        assert go_on.wait(20)
        return real(*arguments, **named)

    monkeypatch.setattr(people, "create", slow)
    first, second = as_("admin"), as_("admin")
    before = count(engine, "person")
    with ThreadPoolExecutor(1) as pool:
        one = pool.submit(first.post, "/people", PERSON, Idempotency_Key="k-1")
        assert inside.wait(20)
        busy = second.post("/people", PERSON, Idempotency_Key="k-1")
        go_on.set()
        assert one.result().status_code == 201
    assert (busy.status_code, busy.json()["code"]) == (409, "API-432")
    assert busy.headers["retry-after"] == "1"
    assert second.post("/people", PERSON, Idempotency_Key="k-1").headers["idempotency-replayed"] == "true"
    assert count(engine, "person") == before + 1


def test_a_key_is_free_again_when_the_record_breaks_off_while_it_is_taken(
    as_: Login, people: dict[str, int], app: FastAPI
) -> None:
    admin, engine = as_("admin"), app.state.engine
    who = Actor("person", "人", "api")
    taken = partial(idempotency.begin, app.state.underway, who, people["admin"], "k-broken", "digest")

    def break_off(connection: Connection) -> None:
        killed = text("select pg_terminate_backend(:pid)")
        with engine.connect() as other:
            other.execute(killed, {"pid": connection.execute(text("select pg_backend_pid()")).scalar_one()})

    event.listen(engine, "commit", break_off, once=True)
    with pytest.raises(OperationalError):
        taken()
    claim = taken()
    assert claim.state == "mine"
    idempotency.release(app.state.underway, who, claim)
    assert admin.post("/people", PERSON, Idempotency_Key="k-broken").status_code == 201


def test_a_key_is_free_again_when_an_answer_breaks_off_in_its_middle(as_: Login, app: FastAPI) -> None:
    def half() -> Iterator[str]:
        yield "half of an"
        raise RuntimeError

    app.add_api_route("/api/v1/broken", lambda: StreamingResponse(half()), methods=["POST"])
    admin = as_("admin")

    def sent() -> int | None:
        """The status; None where the server hung up before we had it, as it may in the middle of an answer."""
        try:
            return int(admin.post("/broken", Idempotency_Key="k-half").status_code)
        except httpx.TransportError:
            return None

    try:
        said = {sent() for _ in range(3)}
    finally:
        app.router.routes.pop()  # the application serves other tests too
    assert said <= {None, 500}


def test_a_key_is_taken_over_the_moment_the_process_that_worked_on_it_dies(
    as_: Login, people: dict[str, int], engine: Engine
) -> None:
    admin = as_("admin")
    admin.post("/people", PERSON, Idempotency_Key="k-1")
    with engine.begin() as connection:
        connection.execute(text("update idempotency_key set status = null, body = null, token = 'k-2'"))
    other = Underway(engine)
    assert other.take(number_of("idempotency", str(people["admin"]), "k-2"))
    busy = admin.post("/people", PERSON, Idempotency_Key="k-2")
    assert busy.json()["code"] == "API-432"
    other_request = admin.post("/people", PERSON | {"name": "别人"}, Idempotency_Key="k-2")
    assert other_request.json()["code"] == "API-431"
    other.close()
    with engine.connect() as connection:  # the server lets go of it when it notices
        wait_for(lambda: connection.execute(text(LOCKED)).scalar_one() == 0)
    assert admin.post("/people", PERSON, Idempotency_Key="k-2").json()["code"] == "AUTH-031", "it ran again"


def test_the_lock_of_a_process_survives_a_lost_connection(engine: Engine) -> None:
    mine, other = Underway(engine), Underway(engine)
    assert mine.take(1)
    assert not mine.take(1)
    with engine.connect() as connection:
        connection.execute(
            text(
                "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and pid <> pg_backend_pid()"
            )
        )
    assert mine.take(2)
    assert not other.take(1), "taken again with the next call"
    mine.give_back(1)
    assert other.take(1)
    mine.close()
    other.close()


def test_the_openapi_page_has_examples_and_problems(anybody: httpx.Client) -> None:
    page = anybody.get("/openapi.json").json()
    assert page["openapi"].startswith("3.")
    assert "/api/v1/tasks/{task_id}/claim" in page["paths"]
    bodies = [name for name, schema in page["components"]["schemas"].items() if name.endswith("Input")]
    assert bodies
    refused = page["paths"]["/api/v1/people"]["post"]["responses"]["409"]["content"]
    assert "application/problem+json" in refused
    assert "correct horse" in json.dumps(page)
