"""What a role is called and permits is read from the record, with whoever comes in (DESIGN 8; REQUIREMENTS 112; 21 CFR 11.10(g))."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, text

from models.definition import store as definitions
from models.definition.lint.lint import NO_ROLE, lint
from models.kernel.refusal import Refusal
from models.kernel.store.act import act, reading
from models.person.rules.known_roles import know
from models.person.rules.shipped_roles import SHIPPED
from models.person.store import roles
from tests.support.plant.cast import SEEDER, add_person

Login = Callable[..., Any]
NEW = "insert into role (key, zh, en, permissions) values ('clean_room', '洁净室管理员', 'Clean room keeper', array['record.read', 'lot.hold'])"


@pytest.fixture(autouse=True)
def as_shipped() -> Iterator[None]:
    """No test leaves its roles behind to another."""
    yield
    know(SHIPPED)


def change(engine: Engine, statement: str) -> None:
    with act(engine, SEEDER) as session:
        session.connection().execute(text(statement))


def test_a_plant_begins_with_the_roles_that_are_shipped_and_what_they_permitted(engine: Engine) -> None:
    with reading(engine) as session:
        found = roles.load(session)
    assert found.all == SHIPPED.all
    assert found.digest == SHIPPED.digest, "so that nobody reads them again"


def test_a_role_of_the_plants_own_permits_what_it_says_and_is_called_so(as_: Login, engine: Engine) -> None:
    with act(engine, SEEDER) as session:
        session.connection().execute(text(NEW))
        add_person(session, "jing", "净", "clean_room")
    me = as_("jing").get("/me").json()
    assert me["roles"] == [{"key": "clean_room", "zh": "洁净室管理员", "en": "Clean room keeper"}]
    assert me["permissions"] == ["lot.hold", "record.read"]
    listed = as_("jing").get("/roles").json()["items"]
    assert [row["en"] for row in listed][-1] == "Clean room keeper"
    refused = as_("jing").post("/items", {})
    assert (refused.status_code, refused.json()["code"]) == (403, "AUTH-005")


def test_what_a_role_permits_counts_from_the_next_request(as_: Login, engine: Engine) -> None:
    seller = as_("admin").post("/people/qian.xin/roles", {"role": "sales", "reason": "-"})
    assert seller.status_code == 200
    somebody = as_("qian.xin")
    assert "trace.check" not in somebody.get("/me").json()["permissions"]
    change(engine, "update role set permissions = permissions || array['trace.check'] where key = 'sales'")
    assert "trace.check" in somebody.get("/me").json()["permissions"]
    change(engine, "update role set zh = '业务员', en = 'Salesperson' where key = 'sales'")
    assert "业务员" in [one["zh"] for one in somebody.get("/me").json()["roles"]]
    refused = somebody.post("/people", {"name": "x"})
    assert "系统管理员" in refused.json()["detail"]
    change(engine, "update role set zh = '主管', en = 'Head' where key = 'administrator'")
    assert "主管" in somebody.post("/people", {"name": "x"}).json()["detail"]


def test_a_role_that_is_not_in_use_is_given_to_nobody(as_: Login, engine: Engine) -> None:
    change(engine, NEW)
    change(engine, "update role set active = false where key = 'clean_room'")
    answer = as_("admin").post("/people/qian.xin/roles", {"role": "clean_room", "reason": "-"})
    assert (answer.status_code, answer.json()["code"]) == (409, "AUTH-056")
    with pytest.raises(Refusal) as info:
        change(engine, "insert into role_grant (person_id, role) select max(id), 'clean_room' from person")
    assert "not in use" in info.value.en


def test_nobody_holds_a_role_that_the_plant_does_not_have(as_: Login, engine: Engine) -> None:
    answer = as_("admin").post("/people/qian.xin/roles", {"role": "astronaut", "reason": "-"})
    assert (answer.status_code, answer.json()["code"]) == (422, "AUTH-015")
    with pytest.raises(Refusal) as info:
        change(engine, "insert into role_grant (person_id, role) select max(id), 'astronaut' from person")
    assert info.value.code == "API-900"


@pytest.mark.parametrize(
    "what",
    [
        "update role set permissions = permissions || array['lot.lift'] where key = 'administrator'",
        "update role set permissions = permissions || array['release.sign'] where key = 'auditor'",
        "update role set permissions = permissions || array['people.write'] where key = 'quality_manager'",
        "update role set duty = 'business' where key = 'administrator'",
        "update role set zh = ' ' where key = 'sales'",
    ],
)
def test_no_role_permits_what_must_stay_apart(engine: Engine, what: str) -> None:
    with pytest.raises(Refusal) as info:
        change(engine, what)
    assert info.value.code == "API-900"


def test_lint_knows_the_roles_of_the_plant(as_: Login, engine: Engine) -> None:
    with reading(engine) as session:
        shipped = definitions.by_key(session, definitions.effective(session, "release"))
    stage = next(one for one in shipped.stages if one.role == "qa_reviewer")
    draft = shipped.model_copy(
        update={
            "stages": tuple(
                one.model_copy(update={"role": "clean_room"}) if one is stage else one for one in shipped.stages
            )
        }
    )
    assert NO_ROLE.code in [one.code for one in lint(draft)]
    change(engine, NEW)
    as_("admin").get("/me")
    assert NO_ROLE.code not in [one.code for one in lint(draft)]
