"""Whoever sets or resets a credential can never use it (21 CFR 11.100(a), (b), 11.200(a)(3), 11.300)."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import Engine, text

from activities.mail import Mail
from models.kernel.mail.message import SendNotice
from models.kernel.store.act import Actor, act
from models.person.rules import account_mail, credential
from models.person.store import people as store
from models.person.store.passwords import verify_for_signing
from runtime.commands.record.people import uncertified_at
from runtime.settings import Settings
from tests.support.application import SECRET
from tests.support.house.codes import OWN, first, halves
from tests.support.mail.sink import MailSink, mail_sink
from tests.support.plant.cast import PASSWORD, SEEDER

Login = Callable[..., Any]
NEW = {"name": "新人", "employee_no": "0117", "login": "xin.ren", "way": "hands"}


@pytest.fixture
def sink() -> Iterator[MailSink]:
    with mail_sink() as made:
        yield made


def post(anybody: httpx.Client, body: dict[str, Any]) -> httpx.Response:
    return anybody.post("/api/v1/auth/first-sign-in", json=body)


def scalar(engine: Engine, query: str, **given: Any) -> Any:
    with engine.connect() as connection:
        return connection.execute(text(query), given).scalar()


def account(engine: Engine, login: str) -> int:
    return int(scalar(engine, "select id from account where login = :login", login=login))


def mailing(app: FastAPI, sink: MailSink, **more: Any) -> Settings:
    """The application with a mail server, and the settings of the worker beside it."""
    given: dict[str, Any] = {
        "smtp_host": "127.0.0.1", "smtp_port": sink.port, "smtp_security": "none", "mail_from": "q@plant.test",
        "secret": SecretStr(SECRET.get_secret_value()), **more,
    }  # fmt: skip
    app.state.settings = app.state.settings.model_copy(update=given)
    return Settings(**given)


def deliver(engine: Engine, settings: Settings | None) -> list[str]:
    """Send what waits, as the worker does with what the outbox handed on."""
    with engine.connect() as connection:
        waiting = connection.execute(
            text("select payload ->> 'mail' from outbox where fact = 'account.mail' order by id")
        ).scalars()
        mail = Mail(engine, settings)
        return [mail.send_notice(SendNotice(notice=UUID(one), kind=account_mail.KIND)) for one in waiting.all()]


def test_no_door_takes_a_password_for_somebody_else(as_: Login) -> None:
    admin = as_("admin")
    for path, body in (
        ("/people", NEW | {"temporary": "temporary harbour 1"}),
        ("/people/qian.xin/accounts", {"login": "qx", "temporary": "temporary harbour 1"}),
        ("/accounts/qian.xin/reset-password", {"temporary": "temporary harbour 1", "reason": "-"}),
    ):
        assert admin.post(path, body).status_code == 422, path


def test_a_new_person_sets_the_own_password_and_certifies_who_it_is(as_: Login, engine: Engine, anybody: httpx.Client) -> None:  # fmt: skip
    admin, other = as_("admin"), as_("admin2")
    made = admin.post("/people", NEW)
    assert made.status_code == 201, made.text
    assert "half" not in made.text
    code = halves(admin, other, "xin.ren")
    assert post(anybody, first("xin.ren", code, "新人", binding=False)).json()["code"] == "AUTH-037"
    assert post(anybody, first("xin.ren", code, "别人")).json()["code"] == "AUTH-038"
    assert post(anybody, first("xin.ren", code, "新人", "short")).json()["code"] == "AUTH-009"
    assert verify_for_signing(engine, account(engine, "xin.ren"), OWN).result == "wrong_password"
    answer = post(anybody, first("xin.ren", code.lower().replace("-", " "), " 新 人 "))
    assert answer.status_code == 200, answer.text
    assert answer.json()["must_change_password"] is False
    assert anybody.get("/api/v1/me").json()["name"] == "新人"
    assert verify_for_signing(engine, account(engine, "xin.ren"), OWN).accepted
    said = scalar(engine, "select statement from certification order by id desc limit 1")
    assert said == " / ".join(one.format(name="新人") for one in credential.CERTIFIED.values())
    assert post(anybody, first("xin.ren", code, "新人")).json()["code"] == "AUTH-043", "good once"
    assert not verify_for_signing(engine, account(engine, "xin.ren"), "temporary harbour 1").accepted


def test_one_administrator_alone_never_sees_a_code_whole(as_: Login, anybody: httpx.Client) -> None:
    admin, manager = as_("admin"), as_("wu.jingli")
    admin.post("/people", NEW)
    seen = admin.post("/accounts/xin.ren/halves").json()["half"]
    assert admin.post("/accounts/xin.ren/halves").json()["code"] == "AUTH-035"
    for guess in (seen, seen + seen, ""):
        answer = post(anybody, first("xin.ren", guess or "x", "新人"))
        assert (answer.status_code, answer.json()["code"]) == (403, "AUTH-043")
    other = manager.post("/accounts/xin.ren/halves").json()
    assert other["number"] == 2
    for who in (admin, manager, as_("admin2")):
        assert who.post("/accounts/xin.ren/halves").json()["code"] == "AUTH-036", "each half is shown once"
    assert as_("wang.cao").post("/accounts/xin.ren/halves").json()["code"] == "AUTH-005"
    assert post(anybody, first("xin.ren", f"{other['half']} {seen}", "新人")).status_code == 200, "in any order"


def test_a_reset_takes_the_password_away_and_who_asked_for_it_cannot_use_it(as_: Login, engine: Engine, anybody: httpx.Client) -> None:  # fmt: skip
    before, admin = as_("chen.pi"), as_("admin")
    body = {"way": "hands", "reason": "忘记密码"}
    assert admin.post("/accounts/chen.pi/reset-password", body).status_code == 204
    assert before.get("/me").status_code == 401
    login = anybody.post("/api/v1/auth/login", json={"login": "chen.pi", "password": PASSWORD})
    assert login.json()["code"] == "AUTH-002"
    assert not verify_for_signing(engine, account(engine, "chen.pi"), PASSWORD).accepted
    code = halves(admin, as_("admin2"), "chen.pi")
    admin.post("/accounts/chen.pi/reset-password", body)
    assert post(anybody, first("chen.pi", code, "陈批")).json()["code"] == "AUTH-043", "the older code is void"
    code = halves(as_("admin2"), admin, "chen.pi")
    assert post(anybody, first("chen.pi", code, "陈批")).status_code == 200
    assert [one["kind"] for one in anybody.get("/api/v1/me/notices").json()["items"]] == ["own_password", "password_reset", "password_reset"]  # fmt: skip


def test_a_code_is_mailed_to_the_person_and_to_nobody_else(as_: Login, engine: Engine, app: FastAPI, sink: MailSink, anybody: httpx.Client) -> None:  # fmt: skip
    settings = mailing(app, sink, public_url="https://q.example")
    admin = as_("admin")
    body = {"way": "mail", "reason": "忘记密码"}
    answer = admin.post("/accounts/chen.pi/reset-password", body)
    assert answer.status_code == 204
    assert deliver(engine, settings) == ["sent"]
    [letter] = sink.taken
    assert letter["To"] == "chen.pi@example.test"
    said = letter.get_content()
    assert "管理员" in said
    token = said.split("https://q.example/welcome/")[1].split()[0]
    everything = " ".join(
        str(scalar(engine, f"select coalesce(string_agg(t::text, ' '), '') from {table} t"))  # noqa: S608
        for table in ("audit_event", "outbox", "sign_in_code", "account_mail", "idempotency_key")
    )
    assert token not in everything, "the record doesn't hold what opens an account"
    assert post(anybody, first("", token[:-3] + "abc", "陈批")).json()["code"] == "AUTH-043"
    assert post(anybody, first("", token, "陈批")).status_code == 200
    assert deliver(engine, settings) == ["sent", "sent"]
    assert "确认了身份" in sink.taken[-1].get_content(), "the person is told"


def test_the_person_is_told_by_mail_of_every_reset_and_unlock(as_: Login, engine: Engine, app: FastAPI, sink: MailSink) -> None:  # fmt: skip
    settings, admin = mailing(app, sink), as_("admin")
    admin.post("/accounts/chen.pi/unlock", {"reason": "-"})
    admin.post("/accounts/chen.pi/reset-password", {"way": "hands", "reason": "-"})
    admin.post("/accounts/chen.pi/reset-password", {"way": "mail", "reason": "-"})
    admin.post("/accounts/chen.pi/reset-password", {"way": "mail", "reason": "-"})
    # the code that was voided before it left goes to nobody
    assert deliver(engine, settings) == ["sent", "sent", "unsent", "sent"]
    assert [one["To"] for one in sink.taken] == ["chen.pi@example.test"] * 3
    assert deliver(engine, settings) == ["sent", "sent", "unsent", "sent"]
    assert len(sink.taken) == 3, "once each"


def test_without_a_mail_server_nothing_is_mailed_and_the_administrator_hears_it(as_: Login) -> None:
    refused = as_("admin").post("/accounts/chen.pi/reset-password", {"way": "mail", "reason": "-"})
    assert (refused.status_code, refused.json()["code"]) == (409, "AUTH-033")
    assert as_("chen.pi").get("/me").status_code == 200, "nothing was taken away"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"name": "陈 批", "employee_no": "9"}, "AUTH-032"),
        ({"name": "别人", "email": " CHEN.PI@Example.test"}, "AUTH-031"),
        ({"name": "别人", "email": "chen.pi+2@example.test"}, "AUTH-031"),
        ({"name": "别人", "email": "a@x.test, b@x.test"}, "AUTH-039"),
        ({"name": "别人", "login": "bie.ren", "way": "hands"}, "AUTH-040"),
    ],
)
def test_a_person_is_registered_once(as_: Login, body: dict[str, str], code: str) -> None:
    refused = as_("admin").post("/people", body)
    assert refused.json()["code"] == code, refused.text


def test_namesakes_are_told_apart_by_their_numbers(as_: Login) -> None:
    admin = as_("admin")
    assert admin.post("/people", {"name": "王伟", "employee_no": "A-7"}).status_code == 201
    assert admin.post("/people", {"name": "王 伟", "employee_no": "a 7"}).json()["code"] == "AUTH-031"
    assert admin.post("/people", {"name": "王伟"}).json()["code"] == "AUTH-032"
    assert admin.post("/people", {"name": "王伟", "employee_no": "A-8"}).status_code == 201


def test_two_administrators_cannot_register_one_person_twice_at_once(as_: Login, engine: Engine) -> None:
    both = [as_("admin"), as_("admin2")]
    bodies = [{"name": "甲", "email": "jia@x.test"}, {"name": "乙", "email": "JIA+b@x.test"}]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda pair: pair[0].post("/people", pair[1]), zip(both, bodies, strict=True)))
    assert sorted(one.status_code for one in answers) == [201, 409]
    assert scalar(engine, "select count(*) from person where mail_key(email) = 'jia@x.test'") == 1


def test_a_second_login_is_made_by_the_person_alone(as_: Login, engine: Engine) -> None:
    refused = as_("admin").post("/people/zhou.shen/accounts", {"login": "zhou.2", "way": "hands"})
    assert refused.json()["code"] == "AUTH-030"
    person = as_("zhou.shen")
    mine = {"login": "zhou.2", "current": PASSWORD, "new": OWN, "name": "周审", "binding": True}
    assert person.post("/me/accounts", mine | {"current": "wrong"}).json()["code"] == "SIG-002"
    assert person.post("/me/accounts", mine | {"binding": False}).json()["code"] == "AUTH-037"
    assert person.post("/me/accounts", mine).status_code == 204
    second = as_("zhou.2", OWN)
    assert second.get("/me").json()["person"] == person.get("/me").json()["person"], "one signer"
    assert verify_for_signing(engine, account(engine, "zhou.2"), OWN).accepted


def test_a_password_of_before_cannot_sign_until_its_owner_certifies(as_: Login, engine: Engine) -> None:
    with act(engine, SEEDER) as session:
        session.connection().exec_driver_sql("update account set own_since = null where login = 'chen.pi'")
    [listed] = uncertified_at(engine.url.render_as_string(hide_password=False))
    assert (listed["login"], listed["set_by_another"]) == ("chen.pi", True)
    assert verify_for_signing(engine, account(engine, "chen.pi"), PASSWORD).result == "must_change"
    person = as_("chen.pi")
    assert person.get("/me").json()["must_change_password"] is True
    assert person.get("/lots").status_code == 200, "looking is allowed"
    assert person.post("/lots/X/holds", {"reason": "-"}).json()["code"] == "AUTH-008"
    body = {"current": PASSWORD, "new": OWN}
    assert person.post("/auth/change-password", body).json()["code"] == "AUTH-037"
    assert person.post("/auth/change-password", body | {"name": "陈批", "binding": True}).status_code == 200
    assert verify_for_signing(engine, account(engine, "chen.pi"), OWN).accepted
    assert uncertified_at(engine.url.render_as_string(hide_password=False)) == []


def test_another_name_is_confirmed_by_the_person_before_it_signs(as_: Login, engine: Engine) -> None:
    admin = as_("admin")
    body = {"name": "陈批准", "reason": "更正"}
    assert admin.post("/people/chen.pi/name", body | {"name": "周审"}).json()["code"] == "AUTH-032"
    renamed = admin.post("/people/chen.pi/name", body | {"employee_no": "12"})
    assert (renamed.json()["name"], renamed.json()["employee_no"]) == ("陈批准", "12")
    assert verify_for_signing(engine, account(engine, "chen.pi"), PASSWORD).result == "must_change"
    assert admin.post("/people/chen.pi/name", body | {"employee_no": "13"}).json()["code"] == "AUTH-042"
    assert admin.post("/people/admin/name", body).json()["code"] == "AUTH-017"


def test_a_code_is_used_once_however_many_use_it_at_once(as_: Login, browser_at: Callable[[], httpx.Client]) -> None:  # fmt: skip
    admin = as_("admin")
    admin.post("/people", NEW)
    code = halves(admin, as_("admin2"), "xin.ren")
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda n: post(browser_at(), first("xin.ren", code, "新人", f"harbour number {n}")), range(4))
        )
    assert sorted(one.status_code for one in answers) == [200, 403, 403, 403], [one.text for one in answers]


def test_a_closed_account_and_a_leaver_get_in_by_no_code(as_: Login, anybody: httpx.Client) -> None:
    admin = as_("admin")
    admin.post("/people", NEW)
    code = halves(admin, as_("admin2"), "xin.ren")
    admin.post("/people/xin.ren/active", {"active": False, "reason": "未入职"})
    assert post(anybody, first("xin.ren", code, "新人")).json()["code"] == "AUTH-043"
    assert admin.post("/accounts/xin.ren/reset-password", {"way": "hands", "reason": "-"}).json()["code"] == "AUTH-022"


def test_an_operator_at_the_server_sets_no_password_either(engine: Engine, people: dict[str, int]) -> None:
    assert people
    with act(engine, Actor("service:operator", "操作员 / operator", "cli")) as session:
        store.unlock_by_operator(session, "chen.pi")
    assert verify_for_signing(engine, account(engine, "chen.pi"), PASSWORD).accepted
