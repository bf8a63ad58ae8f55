"""Views of lists: kept under a name each once, opened as they were kept, changed by their owner alone (REQUIREMENTS 87)."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from models.kernel.store.act import act, reading
from models.listing.rules import Asked, canonical, left_out
from models.process.queries.subjects import LIST, STATES
from tests.support.often import often
from tests.support.plant.cast import SEEDER, add_person

Login = Callable[..., Any]
LATE = {"list": "subjects", "name": "逾期", "query": "state=late&kind=capa&sort=-opened"}


@pytest.fixture
def lin(people: dict[str, int], as_: Login) -> Any:
    assert people
    return as_("lin.jian")


def kept(person: Any, **more: Any) -> Any:
    answer = person.post("/views", {**LATE, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def views(person: Any) -> list[Any]:
    return list(person.get("/views?list=subjects").json()["items"])


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def removed(person: Any, key: str, version: int) -> Any:
    return person.client.delete(f"/api/v1/views/{key}?version={version}", headers={"X-CSRF-Token": person.csrf})


def test_a_view_is_kept_canonically_and_found_again(lin: Any, as_: Login) -> None:
    made = kept(lin)
    assert made["query"] == "kind=capa&sort=-opened&state=late"
    assert (made["name"], made["mine"], made["shared"], made["preset"], made["version"]) == ("逾期", True, "", False, 1)
    assert made["left_out"] == []
    assert views(lin) == [made]
    assert lin.get(f"/views/{made['id']}").json() == made
    assert views(as_("chen.pi")) == []
    assert refused(as_("chen.pi").get(f"/views/{made['id']}")) == (404, "VIW-003")


def test_a_name_is_there_once_for_each_person_and_list(lin: Any, as_: Login) -> None:
    first, other = kept(lin), kept(lin, name="Open")
    kept(as_("chen.pi"))
    assert refused(lin.post("/views", {**LATE, "name": " 逾期 "})) == (409, "VIW-001")
    assert refused(lin.post("/views", {**LATE, "name": "oPEN"})) == (409, "VIW-001")
    change = {"name": "逾期", "query": other["query"]}
    assert refused(lin.post(f"/views/{other['id']}?version=1", change)) == (409, "VIW-001")
    same = lin.post(f"/views/{first['id']}?version=1", {"name": "逾期", "query": "state=open"})
    assert same.json()["query"] == "sort=-opened&state=open"
    for name in (" ", "\u200b", "x" * 61, "a\nb"):
        assert refused(lin.post("/views", {**LATE, "name": name})) == (422, "VIW-002"), repr(name)


def test_what_the_list_does_not_know_is_not_kept(lin: Any) -> None:
    for query in ("colour=red", "state=sleeping", "sort=owner", "cursor=x"):
        assert refused(lin.post("/views", {**LATE, "query": query})) == (422, "VIW-008"), query
    assert refused(lin.post("/views", {**LATE, "list": "moons"})) == (404, "VIW-007")
    assert refused(lin.get("/views?list=moons")) == (404, "VIW-007")
    assert views(lin) == []


def test_only_its_owner_changes_it_and_says_which_one_was_seen(lin: Any, as_: Login, engine: Engine) -> None:
    made = kept(lin, shared="inspector", preset=True)
    with act(engine, SEEDER) as session:
        add_person(session, "ji.jian", "季检", "inspector")
    other = as_("ji.jian")
    [seen] = views(other)
    assert (seen["id"], seen["mine"], seen["owner"], seen["preset"]) == (made["id"], False, "林检", False)
    address, change = f"/views/{made['id']}", {"name": "mine", "query": made["query"]}
    assert refused(other.post(f"{address}?version=1", change)) == (403, "VIW-004")
    assert refused(removed(other, made["id"], 1)) == (403, "VIW-004")
    assert refused(lin.post(f"{address}?version=2", change)) == (409, "VIW-005")
    assert lin.post(f"{address}?version=1", change).json()["version"] == 2
    assert views(other) == [], "it is shared no more"
    assert refused(removed(lin, made["id"], 1)) == (409, "VIW-005")
    assert removed(lin, made["id"], 2).status_code == 204
    assert views(lin) == []


def test_a_view_is_shared_with_a_role_of_ones_own_and_with_the_plant_by_its_process_owner(
    lin: Any, as_: Login, engine: Engine
) -> None:
    kept(lin, shared="inspector")
    assert refused(lin.post("/views", {**LATE, "name": "b", "shared": "qa_approver"})) == (403, "VIW-006")
    assert refused(lin.post("/views", {**LATE, "name": "b", "shared": "no_role"})) == (403, "VIW-006")
    assert refused(lin.post("/views", {**LATE, "name": "b", "shared": "plant"})) == (403, "AUTH-005")
    assert [one["shared"] for one in views(lin)] == ["inspector"]
    assert views(as_("chen.pi")) == [], "an approver is no inspector"
    with act(engine, SEEDER) as session:
        add_person(session, "shi.cheng", "施程", "process_owner")
    kept(as_("shi.cheng"), name="all", shared="plant")
    assert [(one["name"], one["owner"]) for one in views(as_("chen.pi"))] == [("all", "施程")]


def test_a_list_begins_with_one_view_of_a_person(lin: Any) -> None:
    first, second = kept(lin, preset=True), kept(lin, name="b", preset=True)
    assert {one["id"]: one["preset"] for one in views(lin)} == {first["id"]: False, second["id"]: True}
    assert lin.get(f"/views/{first['id']}").json()["version"] == 2


def test_what_its_list_no_longer_knows_is_said_and_left_out() -> None:
    beside, asked, gone = left_out(LIST, "colour=red&kind=capa&sort=weight&state=late&state=old&number=7")
    assert beside == {"kind": "capa"}
    assert asked == Asked({"state": "late", "number": "7"})
    assert [one.en for one in gone] == ["colour=red", "State=old", "sort=weight"]


def test_who_keeps_what_is_in_the_audit_trail(lin: Any, engine: Engine) -> None:
    made = kept(lin)
    removed(lin, made["id"], 1)
    with reading(engine) as session:
        told = text("select operation, actor_name from audit_event where table_name = 'saved_view' order by id")
        assert [tuple(row) for row in session.connection().execute(told)] == [("insert", "林检"), ("delete", "林检")]


texts = st.text(st.sampled_from("aA%_\\ =&批é+;#"), max_size=6)


@settings(max_examples=often(10, 2_000), suppress_health_check=list(HealthCheck))
@given(
    filters=st.fixed_dictionaries(
        {}, optional={"number": texts, "owner": texts, "state": st.sampled_from([one for one, _ in STATES])}
    ),
    sort=st.sampled_from(["", "number", "title", "opened"]),
    down=st.booleans(),
    kind=st.sampled_from([None, "capa", "批&次"]),
)
def test_what_is_kept_is_what_was_asked(filters: dict[str, str], sort: str, kind: str | None, *, down: bool) -> None:
    """A query once written canonically is read as the same and written the same."""
    query = canonical(LIST, {"kind": kind}, Asked(filters, sort, down))
    beside, asked, gone = left_out(LIST, query)
    assert gone == ()
    assert asked.filters == {key: said.strip() for key, said in filters.items() if said.strip()}
    assert beside.get("kind") == kind
    assert canonical(LIST, beside, asked) == query
    assert [name for name, _ in parse_qsl(query)] == sorted(name for name, _ in parse_qsl(query))
