"""Administrators, duties that stay apart, and passwords that an administrator knows (REQ 112; 21 CFR 11.100, 11.200)."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, text

from models.person.rules.roles import Permission, Role
from models.person.rules.shipped_roles import PERMISSIONS
from models.person.store.passwords import verify_for_signing
from tests.support.house.codes import OWN, first, halves
from tests.support.house.proves import proves
from tests.support.plant.cast import PASSWORD

Login = Callable[..., Any]
NEW = {"name": "新人", "employee_no": "0117", "login": "xin.ren", "way": "hands"}


def test_a_new_person_gets_in_by_a_code_and_does_nothing_before(
    as_: Login, engine: Engine, anybody: httpx.Client
) -> None:
    admin = as_("admin")
    made = admin.post("/people", NEW)
    assert made.status_code == 201
    assert made.json()["accounts"][0]["must_change_password"] is True
    assert (
        admin.post("/people/xin.ren/roles", {"role": "qa_reviewer", "reason": "-"}).json()["roles"][0]["role"]
        == "qa_reviewer"
    )
    with engine.connect() as connection:
        account = connection.execute(text("select id from account where login = 'xin.ren'")).scalar_one()
    assert verify_for_signing(engine, account, OWN).result == "wrong_password"
    answer = anybody.post(
        "/api/v1/auth/first-sign-in", json=first("xin.ren", halves(admin, as_("admin2"), "xin.ren"), "新人")
    )
    assert answer.status_code == 200, answer.text
    assert verify_for_signing(engine, account, OWN).accepted
    person = as_("xin.ren", OWN)
    period = {"starts_at": "2026-01-01T00:00:00Z", "ends_at": "2099-01-01T00:00:00Z"}
    admin.post("/people/chen.pi/roles", {"role": "qa_reviewer", "reason": "-"})
    assert person.post("/me/delegations", {"to": "chen.pi", "reason": "-", **period}).status_code == 201


@proves("S 14", "11.100(a)")
def test_a_login_is_never_given_again(as_: Login) -> None:
    admin = as_("admin")
    admin.post("/people", NEW | {"name": "甲", "login": "jia"})
    assert admin.post("/people/jia/active", {"active": False, "reason": "离职"}).json()["active"] is False
    again = admin.post("/people", {"name": "乙", "employee_no": "0118", "login": "JIA", "way": "hands"})
    assert (again.status_code, again.json()["code"]) == (409, "AUTH-012")
    assert not any(row["name"] == "乙" for row in admin.get("/people").json()["items"]), "nothing half-written"


def test_who_left_cannot_come_in(as_: Login, anybody: httpx.Client) -> None:
    leaver = as_("qian.xin")
    as_("admin").post("/people/qian.xin/active", {"active": False, "reason": "离职"})
    assert leaver.get("/me").json()["code"] == "AUTH-004"
    answer = anybody.post("/api/v1/auth/login", json={"login": "qian.xin", "password": PASSWORD})
    assert answer.json()["code"] == "AUTH-002", "the password opens nothing any more"
    assert as_("admin").post("/people/qian.xin/roles", {"role": "operator", "reason": "-"}).json()["code"] == "AUTH-022"


@proves("case 13")
def test_who_comes_back_is_identified_anew(as_: Login, anybody: httpx.Client) -> None:
    admin = as_("admin")
    admin.post("/people/qian.xin/active", {"active": False, "reason": "离职"})
    back = admin.post("/people/qian.xin/active", {"active": True, "reason": "复职"})
    assert (back.status_code, back.json()["active"]) == (200, True)
    login = {"login": "qian.xin", "password": PASSWORD}
    assert anybody.post("/api/v1/auth/login", json=login).json()["code"] == "AUTH-002"
    assert admin.post("/accounts/qian.xin/reset-password", {"way": "hands", "reason": "复职"}).status_code == 204
    code = halves(admin, as_("admin2"), "qian.xin")
    assert anybody.post("/api/v1/auth/first-sign-in", json=first("qian.xin", code, "钱新")).status_code == 200
    assert as_("qian.xin", OWN).get("/me").status_code == 200


@proves("D 102")
@pytest.mark.parametrize(
    ("login", "role"),
    [("chen.pi", "administrator"), ("lin.jian", "auditor"), ("admin2", "operator"), ("zheng.shenji", "administrator")],
)
def test_duties_that_exclude_each_other_stay_apart(as_: Login, login: str, role: str) -> None:
    refused = as_("admin").post(f"/people/{login}/roles", {"role": role, "reason": "-"})
    assert (refused.status_code, refused.json()["code"]) == (409, "AUTH-014")


def test_nobody_gives_themselves_rights(as_: Login) -> None:
    admin = as_("admin")
    assert admin.post("/people/admin/roles", {"role": "auditor", "reason": "-"}).json()["code"] == "AUTH-017"
    assert admin.post("/accounts/admin/unlock", {"reason": "-"}).json()["code"] == "AUTH-017"
    reset = {"way": "hands", "reason": "-"}
    assert admin.post("/accounts/admin/reset-password", reset).json()["code"] == "AUTH-017"
    assert admin.delete("/people/admin/roles/administrator?reason=-").json()["code"] == "AUTH-017"


@proves("S 16", "11.200(a)(3)")
def test_a_reset_unlocks_ends_sessions_and_is_seen_by_the_person(as_: Login, anybody: httpx.Client) -> None:
    before = as_("chen.pi")
    for _ in range(5):
        anybody.post("/api/v1/auth/login", json={"login": "chen.pi", "password": "no"})
    admin = as_("admin")
    [row] = admin.get("/people?q=chen.pi").json()["items"]
    assert row["accounts"][0]["locked_at"] is not None
    notice = admin.get("/security-notices").json()["items"][0]
    assert (notice["kind"], notice["login"]) == ("locked", "chen.pi")
    reset = admin.post("/accounts/chen.pi/reset-password", {"way": "hands", "reason": "忘记密码"})
    assert reset.status_code == 204
    assert before.get("/me").status_code == 401
    code = halves(admin, as_("admin2"), "chen.pi")
    assert anybody.post("/api/v1/auth/first-sign-in", json=first("chen.pi", code, "陈批")).status_code == 200
    person = as_("chen.pi", OWN)
    kinds = [row["kind"] for row in person.get("/me/notices").json()["items"]]
    assert kinds == ["own_password", "password_reset", "locked"]
    assert person.post("/me/notices/seen").status_code == 204
    assert all(row["seen_at"] for row in person.get("/me/notices").json()["items"])


def test_an_administrator_unlocks(as_: Login, anybody: httpx.Client) -> None:
    for _ in range(5):
        anybody.post("/api/v1/auth/login", json={"login": "chen.pi", "password": "no"})
    assert as_("admin").post("/accounts/chen.pi/unlock", {"reason": "本人确认"}).status_code == 204
    assert as_("chen.pi").get("/me").status_code == 200


def test_a_machine_uses_a_token_and_nothing_else(as_: Login, anybody: httpx.Client) -> None:
    admin = as_("admin")
    made = admin.post("/people", {"name": "MES", "kind": "service", "login": "mes"}).json()
    admin.post(f"/people/{made['id']}/roles", {"role": "operator", "reason": "-"})
    assert admin.post("/people/chen.pi/tokens").json()["code"] == "AUTH-020", "people don't get tokens"
    token = admin.post("/people/mes/tokens").json()["token"]
    me = anybody.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).json()
    assert (me["name"], me["csrf"]) == ("MES", None)
    login = anybody.post("/api/v1/auth/login", json={"login": "mes", "password": "!"})
    assert login.json()["code"] == "AUTH-002"
    assert anybody.get("/api/v1/me", headers={"Authorization": "Bearer wrong"}).json()["code"] == "AUTH-001"
    anybody.cookies.set("bw_session", token)
    assert anybody.get("/api/v1/me").json()["code"] == "AUTH-001", "a token is no cookie"


def test_a_deputy_must_be_somebody_who_may(as_: Login) -> None:
    person = as_("chen.pi")
    period = {"starts_at": "2026-01-01T00:00:00Z", "ends_at": "2099-01-01T00:00:00Z", "reason": "年假"}
    for deputy in ("chen.pi", "admin", "zheng.shenji", "li.cang"):
        assert person.post("/me/delegations", {"to": deputy, **period}).json()["code"] == "AUTH-019"
    assert person.post("/me/delegations", {"to": "wu.jingli", **period}).status_code == 201
    backwards = period | {"ends_at": "2025-01-01T00:00:00Z"}
    assert person.post("/me/delegations", {"to": "zhou.shen", **backwards}).json()["code"] == "AUTH-018"
    naive = period | {"ends_at": "2099-01-01T00:00:00"}
    assert person.post("/me/delegations", {"to": "zhou.shen", **naive}).json()["problems"][0]["field"] == "ends_at"


def test_only_administrators_change_people_and_they_decide_no_quality_matter(as_: Login) -> None:
    refused = as_("wu.jingli").post("/people", {"name": "甲"})
    assert (refused.status_code, refused.json()["code"]) == (403, "AUTH-005")
    assert "系统管理员" in refused.json()["zh"]
    permitted = set(as_("admin").get("/me").json()["permissions"])
    assert permitted == {"people.write", "people.hand_over", "record.read", "audit.read", "fault.settle"}
    skill = {"code": "machining"}
    assert as_("admin").post("/people/qian.xin/qualifications", skill).json()["code"] == "AUTH-005"
    assert as_("wu.jingli").post("/people/qian.xin/qualifications", skill).status_code == 201


def test_administrator_and_auditor_hold_no_permission_of_the_business() -> None:
    business = set(Permission) - {
        Permission.RECORD_READ, Permission.AUDIT_READ, Permission.PEOPLE_WRITE, Permission.FAULT_SETTLE,
        Permission.PEOPLE_HAND_OVER,
    }  # fmt: skip
    for role in (Role.ADMINISTRATOR, Role.AUDITOR):
        assert business.isdisjoint(PERMISSIONS[role])
    able = {role for role in Role if Permission.PEOPLE_WRITE in PERMISSIONS[role]}
    assert able == {Role.ADMINISTRATOR}


@proves("D 102")
def test_two_administrators_cannot_grant_clashing_roles_at_once(as_: Login) -> None:
    from concurrent.futures import ThreadPoolExecutor

    first, second = as_("admin"), as_("admin2")
    made = first.post("/people", NEW | {"name": "丙", "login": "bing"}).json()
    path = f"/people/{made['id']}/roles"
    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(first.post, path, {"role": "auditor", "reason": "-"})
        two = pool.submit(second.post, path, {"role": "qa_approver", "reason": "-"})
    assert sorted((one.result().status_code, two.result().status_code)) == [200, 409]
