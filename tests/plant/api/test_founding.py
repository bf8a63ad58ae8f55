"""A plant from nothing: by page, by API, by command, once; and who is in it then (DESIGN 12; 21 CFR 11.100)."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, text

from models.kernel.refusal import Refusal
from models.person.store.passwords import verify_for_signing
from models.plant.rules import founding as rules
from models.plant.store import founding
from models.plant.store.founding import Plant
from runtime.commands.record.people import first_code_at, half_at
from runtime.ports import NO_TLS
from runtime.settings import Settings
from tests.support.application import SECRET, pages
from tests.support.house.codes import OWN, first
from tests.support.servers.database import TestDatabase, past_walls
from tests.support.servers.server import serving

PLANT = Plant(
    code="KM", name="昆明工厂", zone="Asia/Shanghai", country="CN", language="en", administrator="马丽", login="ma.li",
    employee_no="1",
)  # fmt: skip
KEY = rules.key(SECRET.get_secret_value().encode())
FORM = {
    "code": "KM", "name": "昆明工厂", "zone": "Asia/Shanghai", "country": "CN", "language": "en", "administrator": "马丽",
    "login": "ma.li", "employee_no": "1",
}  # fmt: skip


@pytest.fixture
def founded_database(empty_database: TestDatabase) -> TestDatabase:
    """Without the founded plant."""
    return empty_database


@pytest.fixture
def address(founded_database: TestDatabase, tmp_path: Path) -> Iterator[str]:
    """An installation without a plant."""
    with pages(Settings(database_url=founded_database.url, home=tmp_path, secret=SECRET)) as app, serving(app) as made:
        yield made


@pytest.fixture
def browser(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=60, trust_env=False, verify=NO_TLS, follow_redirects=True) as made:
        yield made


def sites(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("select count(*) from site")).scalar_one())


def test_the_first_page_founds_a_plant_and_its_administrator_sets_the_own_password(
    browser: httpx.Client, founded_database: TestDatabase
) -> None:
    assert browser.get("/").url.path == "/found", "a login that nobody has leads to the first page"
    refused = browser.post("/found", data=FORM | {"key": "WRONG"})
    assert refused.status_code == 403
    assert "建厂码不正确" in refused.text
    assert "昆明工厂" in refused.text, "what was typed stays"
    assert browser.post("/found", data=FORM | {"key": KEY, "zone": "Mars/Phobos"}).status_code == 422
    assert browser.post("/found", data=FORM | {"key": KEY, "employee_no": ""}).status_code == 422
    assert sites(founded_database.engine) == 0, "nothing half-founded"
    page = browser.post("/found", data=FORM | {"key": KEY.lower()})
    assert page.status_code == 200, page.text[:500]
    code = page.text.split('name="code" value="')[1].split('"')[0]
    own = {"login": "ma.li", "code": code, "name": "马丽", "binding": "true", "new": OWN, "again": OWN}
    inside = browser.post("/welcome", data=own)
    assert inside.url.path == "/inbox"
    assert 'lang="en"' in inside.text, "the plant's own language"
    assert browser.get("/api/v1/me").json()["permissions"].count("people.write") == 1
    assert browser.get("/found").url.path != "/found"
    with founded_database.engine.connect() as connection:
        assert connection.execute(text("select count(*) from definition_version where status = 'effective'")).scalar_one() > 4  # fmt: skip
        assert connection.execute(text("select count(*) from inspection_plan")).scalar_one() == 5
        account = connection.execute(text("select id from account")).scalar_one()
    assert verify_for_signing(founded_database.engine, account, OWN).accepted


def test_a_second_founding_is_refused_at_every_door(browser: httpx.Client, founded_database: TestDatabase) -> None:
    made = browser.post("/api/v1/found", json=FORM | {"key": KEY})
    assert made.status_code == 201, made.text
    assert browser.get("/api/v1/found").json() == {"founded": True}
    again = FORM | {"key": KEY, "name": "另一家", "code": "X2", "login": "zwei"}
    assert browser.post("/api/v1/found", json=again).json()["code"] == "FND-001"
    page = browser.post("/found", data=again)
    assert page.status_code == 409
    assert "昆明工厂" in page.text
    with pytest.raises(Refusal, match="FND-001"):
        founding.found(founded_database.engine, replace(PLANT, login="zwei"))
    body = first("ma.li", made.json()["code"], "马丽")
    assert browser.post("/api/v1/auth/first-sign-in", json=body).status_code == 200
    assert sites(founded_database.engine) == 1


def test_the_second_person_of_a_plant_comes_in_with_a_half_from_the_server(
    browser: httpx.Client, founded_database: TestDatabase
) -> None:
    code = founding.found(founded_database.engine, PLANT)
    answer = browser.post("/api/v1/auth/first-sign-in", json=first("ma.li", code, "马丽"))
    sent = {"X-CSRF-Token": answer.json()["csrf"]}
    for number, login in enumerate(("er.ren", "san.ren")):
        body = {"name": f"第{number}位", "employee_no": f"1{number}", "login": login, "way": "hands"}
        assert browser.post("/api/v1/people", json=body, headers=sent).status_code == 201
    with pytest.raises(Refusal, match="AUTH-036"):
        half_at(founded_database.url, "er.ren")  # the colleague's half comes first
    one = {login: browser.post(f"/api/v1/accounts/{login}/halves", headers=sent).json()["half"] for login in ("er.ren", "san.ren")}  # fmt: skip
    other = half_at(founded_database.url, "er.ren")
    granted = browser.post(
        "/api/v1/people/er.ren/roles", json={"role": "administrator", "reason": "第二位管理员"}, headers=sent
    )
    assert granted.status_code == 200
    with httpx.Client(base_url=browser.base_url, timeout=60, trust_env=False, verify=NO_TLS) as second:
        body = first("er.ren", f"{one['er.ren']} {other}", "第0位")
        assert second.post("/api/v1/auth/first-sign-in", json=body).status_code == 200
    with pytest.raises(Refusal, match="AUTH-044"):
        half_at(founded_database.url, "san.ren")


def test_a_first_code_that_is_lost_is_printed_anew_until_somebody_is_in(
    browser: httpx.Client, founded_database: TestDatabase
) -> None:
    with pytest.raises(Refusal, match="AUTH-046"):
        first_code_at(founded_database.url)  # no plant yet
    lost = founding.found(founded_database.engine, PLANT)
    login, code = first_code_at(founded_database.url)
    assert (login, code == lost) == ("ma.li", False)
    sign_in = "/api/v1/auth/first-sign-in"
    assert browser.post(sign_in, json=first("ma.li", lost, "马丽")).json()["code"] == "AUTH-043", "void since then"
    with past_walls(founded_database.engine) as connection:  # three days later
        connection.execute(text("update sign_in_code set expires_at = now() - interval '1 minute'"))
    assert browser.post(sign_in, json=first("ma.li", code, "马丽")).json()["code"] == "AUTH-043"
    _, again = first_code_at(founded_database.url)
    assert browser.post(sign_in, json=first("ma.li", again, "马丽")).status_code == 200
    with pytest.raises(Refusal, match="AUTH-046"):
        first_code_at(founded_database.url)  # somebody is in
    with founded_database.engine.connect() as connection:
        who = "select distinct actor_id from audit_event where table_name = 'sign_in_code' and operation = 'insert'"
        assert "service:operator" in set(connection.execute(text(who)).scalars())


def test_of_two_who_found_at_once_one_has_founded(founded_database: TestDatabase) -> None:
    def found(n: int) -> str:
        try:
            return founding.found(founded_database.engine, replace(PLANT, code=f"P{n}", login=f"admin.{n}"))
        except Refusal as refusal:
            return refusal.code

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(found, range(4)))
    assert sorted(answers)[:3] == ["FND-001"] * 3 or answers.count("FND-001") == 3
    assert sites(founded_database.engine) == 1


def test_an_administrator_founds_nothing_by_a_code_of_another_installation(browser: httpx.Client) -> None:
    wrong = rules.key(b"another secret")
    assert browser.post("/api/v1/found", json=FORM | {"key": wrong}).json()["code"] == "FND-003"


def test_the_command_founds_and_prints_the_code_once(founded_database: TestDatabase, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:  # fmt: skip
    from typer.testing import CliRunner

    from cli import build

    monkeypatch.setenv("DATABASE_URL", founded_database.url)
    words = ["found", "--home", str(tmp_path), "--name", "昆明工厂", "--administrator", "马丽", "--login", "ma.li", "--employee-no", "1", "--json"]  # fmt: skip
    run: Callable[[list[str]], Any] = lambda given: CliRunner().invoke(build(), given)  # noqa: E731
    done = run(words)
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["login"] == "ma.li"
    again = run(words)
    assert again.exit_code != 0
    assert isinstance(again.exception, Refusal)
    assert again.exception.code == "FND-001"
    with founded_database.engine.connect() as connection:
        kept = connection.execute(text("select first_hash from sign_in_code")).scalar_one()
    assert document["code"].replace("-", "") not in kept
