"""An administrator adds roles, changes them and sets them aside, within their walls (REQ 112; STANDARDS D 102; 21 CFR 11.10(e), (g))."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine, text

from models.person.rules.known_roles import know
from models.person.rules.shipped_roles import SHIPPED
from tests.support.house.proves import proves

Login = Callable[..., Any]
NEW = {
    "key": "clean_room",
    "zh": "洁净室管理员",
    "en": "Clean room keeper",
    "permissions": ["record.read", "lot.hold"],
    "reason": "新洁净室",
}


@pytest.fixture(autouse=True)
def as_shipped() -> Iterator[None]:
    """No test leaves its roles behind to another."""
    yield
    know(SHIPPED)


def body(row: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {name: row[name] for name in ("version", "zh", "en", "permissions", "quality")} | {"reason": "因为"} | more


def found(person: Any, key: str) -> dict[str, Any]:
    return next(one for one in person.get("/roles").json()["items"] if one["key"] == key)


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


@proves("R112")
def test_a_role_is_added_given_changed_and_set_aside_each_with_a_reason(as_: Login, engine: Engine) -> None:
    admin = as_("admin")
    made = admin.post("/roles", NEW)
    assert made.status_code == 201
    row = made.json()
    assert (row["version"], row["duty"], row["shipped"], row["active"]) == (1, "business", False, True)
    assert admin.post("/people/qian.xin/roles", {"role": "clean_room", "reason": "-"}).status_code == 200
    keeper = as_("qian.xin")
    assert "lot.hold" in keeper.get("/me").json()["permissions"]
    changed = admin.post("/roles/clean_room", body(row, en="Keeper", permissions=["record.read", "trace.check"]))
    assert (changed.status_code, changed.json()["version"], changed.json()["en"]) == (200, 2, "Keeper")
    assert {"trace.check"} <= set(keeper.get("/me").json()["permissions"])
    aside = {"version": 2, "active": False, "reason": "关闭"}
    assert code(admin.post("/roles/clean_room/active", aside)) == (409, "AUTH-052"), "somebody holds it"
    admin.delete("/people/qian.xin/roles/clean_room?reason=x")
    assert admin.post("/roles/clean_room/active", aside).json()["active"] is False
    assert code(admin.post("/people/qian.xin/roles", {"role": "clean_room", "reason": "-"})) == (409, "AUTH-056")
    assert admin.post("/roles/clean_room/active", aside | {"version": 3, "active": True}).json()["active"] is True
    with engine.connect() as connection:
        told = connection.execute(
            text(
                "select operation, reason from audit_event where table_name = 'role' and row_id ="
                " (select id from role where key = 'clean_room') order by id"
            )
        ).all()
    assert [tuple(one) for one in told] == [
        ("insert", "新洁净室"),
        ("update", "因为"),
        ("update", "关闭"),
        ("update", "关闭"),
    ]


def test_only_who_manages_accounts_changes_roles_and_all_read_them(as_: Login) -> None:
    manager = as_("wu.jingli")
    row = found(manager, "sales")
    assert code(manager.post("/roles", NEW)) == (403, "AUTH-005")
    assert code(manager.post("/roles/sales", body(row))) == (403, "AUTH-005")
    assert code(manager.post("/roles/sales/active", {"version": 1, "active": False, "reason": "x"})) == (
        403,
        "AUTH-005",
    )


def test_nothing_changes_without_a_reason(as_: Login) -> None:
    admin = as_("admin")
    row = found(admin, "sales")
    for path, given in (
        ("/roles", NEW),
        ("/roles/sales", body(row)),
        ("/roles/sales/active", {"version": 1, "active": False}),
    ):
        answer = admin.post(path, {name: value for name, value in given.items() if name != "reason"})
        assert answer.status_code == 422
    assert found(admin, "sales") == row


@proves("D 102")
def test_nobody_gives_themselves_rights_by_a_role_that_they_hold(as_: Login) -> None:
    admin = as_("admin")
    own = found(admin, "administrator")
    less = [one for one in own["permissions"] if one != "fault.settle"]
    taken = admin.post("/roles/administrator", body(own, permissions=less))
    assert taken.status_code == 200, "less is nobody's gain"
    again = admin.post("/roles/administrator", body(taken.json(), permissions=own["permissions"]))
    assert code(again) == (403, "AUTH-047")
    deputy = NEW | {
        "key": "operations",
        "zh": "运行",
        "en": "Operations",
        "duty": "administration",
        "permissions": ["people.write"],
    }
    assert admin.post("/roles", deputy).status_code == 201
    assert code(admin.post("/people/admin/roles", {"role": "operations", "reason": "-"})) == (403, "AUTH-017")
    assert as_("admin2").post("/people/qian.xin/active", {"active": True, "reason": "-"}).status_code == 200


@proves("D 102")
@pytest.mark.parametrize(
    ("duty", "permission"),
    [
        ("administration", "release.sign"),
        ("administration", "lot.lift"),
        ("audit", "lot.hold"),
        ("audit", "people.write"),
        ("business", "people.write"),
        ("business", "fault.settle"),
    ],
)
def test_administration_audit_and_business_never_mix_in_a_role(as_: Login, duty: str, permission: str) -> None:
    admin = as_("admin")
    mixed = NEW | {"duty": duty, "permissions": ["record.read", permission]}
    assert code(admin.post("/roles", mixed)) == (422, "AUTH-048")
    key = {"administration": "administrator", "audit": "auditor", "business": "quality_manager"}[duty]
    row = found(admin, key)
    assert code(as_("admin2").post(f"/roles/{key}", body(row, permissions=[permission]))) in {
        (422, "AUTH-048"),
        (403, "AUTH-047"),
    }
    assert found(admin, key) == row


def test_a_role_of_administration_is_no_role_of_quality(as_: Login) -> None:
    mixed = NEW | {"duty": "administration", "permissions": ["people.write"], "quality": True}
    assert code(as_("admin").post("/roles", mixed)) == (422, "AUTH-048")


def test_a_plants_own_roles_of_two_kinds_do_not_sit_in_one_person(as_: Login) -> None:
    admin = as_("admin")
    assert admin.post("/roles", NEW).status_code == 201
    more = {"key": "helpdesk", "zh": "服务台", "en": "Help desk", "duty": "administration", "permissions": ["people.hand_over"], "reason": "-"}  # fmt: skip
    assert admin.post("/roles", more).status_code == 201
    assert admin.post("/people/qian.xin/roles", {"role": "clean_room", "reason": "-"}).status_code == 200
    assert code(admin.post("/people/qian.xin/roles", {"role": "helpdesk", "reason": "-"})) == (409, "AUTH-014")


def test_the_last_who_manages_accounts_stays(as_: Login) -> None:
    admin = as_("admin")
    own = found(admin, "administrator")
    none = [one for one in own["permissions"] if one != "people.write"]
    assert code(admin.post("/roles/administrator", body(own, permissions=none))) == (409, "AUTH-054")
    more = {"key": "accounts", "zh": "账户管理员", "en": "Accounts", "duty": "administration", "permissions": ["people.write", "record.read"], "reason": "-"}  # fmt: skip
    admin.post("/roles", more)
    assert admin.post("/people/qian.xin/roles", {"role": "operator", "reason": "-"}).status_code == 200
    admin.delete("/people/qian.xin/roles/operator?reason=x")
    assert admin.post("/people/qian.xin/roles", {"role": "accounts", "reason": "-"}).status_code == 200
    done = admin.post("/roles/administrator", body(own, permissions=none))
    assert done.status_code == 200, "another person manages them by another role"
    assert code(admin.post("/people", {"name": "x"})) == (403, "AUTH-005"), "from the next act"
    last = as_("qian.xin")
    assert code(last.post("/people/zhou.shen/active", {"active": True, "reason": "-"}))[0] == 200


@pytest.mark.parametrize("key", ["qa_approver", "inspector"])
def test_what_is_in_use_is_not_set_aside(as_: Login, engine: Engine, key: str) -> None:
    admin = as_("admin")
    with engine.connect() as connection:
        held = connection.execute(
            text("select a.login from role_grant g join account a on a.person_id = g.person_id where g.role = :role"),
            {"role": key},
        ).scalars()
        logins = list(held)
    assert code(
        admin.post(f"/roles/{key}/active", {"version": found(admin, key)["version"], "active": False, "reason": "x"})
    ) == (409, "AUTH-052")
    for login in logins:
        admin.delete(f"/people/{login}/roles/{key}?reason=x")
    refused = admin.post(
        f"/roles/{key}/active", {"version": found(admin, key)["version"], "active": False, "reason": "x"}
    )
    assert code(refused) == (409, "AUTH-053")
    assert "release" in refused.json()["detail"] or "inspection" in refused.json()["detail"]


@pytest.mark.parametrize("key", ["x", "9th", "Clean", "clean room", "洁净", "a" * 41, "_a"])
def test_a_key_can_be_written_in_a_definition(as_: Login, key: str) -> None:
    answer = as_("admin").post("/roles", NEW | {"key": key})
    assert answer.status_code == 422


@pytest.mark.parametrize("same", [{"key": "sales"}, {"zh": "销售"}, {"en": "SALES"}])
def test_neither_a_key_nor_a_name_is_used_twice(as_: Login, same: dict[str, str]) -> None:
    assert code(as_("admin").post("/roles", NEW | same)) == (409, "AUTH-050")


def test_of_two_who_change_a_role_at_once_the_second_is_told(as_: Login) -> None:
    first, second = as_("admin"), as_("admin2")
    row = found(first, "sales")
    before = row["version"]
    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(first.post, "/roles/sales", body(row, en="One"))
        two = pool.submit(second.post, "/roles/sales", body(row, en="Two"))
    answers = sorted((one.result(), two.result()), key=lambda answer: answer.status_code)
    assert [answer.status_code for answer in answers] == [200, 409]
    assert answers[1].json()["code"] == "AUTH-051"
    assert found(first, "sales")["version"] == before + 1


def test_of_two_who_make_a_role_at_once_one_does(as_: Login) -> None:
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(as_(login).post, "/roles", NEW) for login in ("admin", "admin2")]
    assert sorted(one.result().status_code for one in both) == [201, 409]


def test_an_unknown_role_or_permission_is_refused(as_: Login) -> None:
    admin = as_("admin")
    row = found(admin, "sales")
    assert code(admin.post("/roles/astronaut", body(row))) == (422, "AUTH-015")
    assert admin.post("/roles/sales", body(row, permissions=["moon.land"])).status_code == 422
