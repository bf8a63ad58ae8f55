"""Plants whose zone, name or language nobody had in mind: founded and usable, or refused with nothing half-founded."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from models.kernel.refusal import Refusal
from models.kernel.store.act import act
from models.plant.rules import founding as rules
from models.plant.store import founding
from runtime.ports import NO_TLS
from runtime.settings import Settings
from tests.demo.walk import Walk
from tests.plant.api.test_founding import FORM, PLANT, sites
from tests.support.application import SECRET, pages
from tests.support.house.codes import OWN, first
from tests.support.often import DEEP, often
from tests.support.plant.plant import SETUP
from tests.support.servers.database import TestDatabase
from tests.support.servers.server import serving
from ui.frame.rooms import doors

KEY = rules.key(SECRET.get_secret_value().encode())
FAR_WEST = "Etc/GMT+12"
ENGLISH = {
    "code": "CORK-2", "name": "Cork Works No. 2 (O'Brien & Sons)", "zone": "Europe/Dublin" if DEEP else FAR_WEST, "country": "IE",
    "language": "en", "administrator": "Aoife Ní Bhriain", "login": "aoife", "employee_no": "1",
}  # fmt: skip
"""With the suite in the last zone of one side, the odd one in that of the other."""
ODD = [
    {"zone": "Pacific/Kiritimati", "name": "م" * 30 + " “东”/<b>西</b> 🏭", "code": "<x>/B 一"},
    {"zone": FAR_WEST, "country": "US", "name": "工厂 “东”/<b>西</b> 🏭", "code": "A/B 一"},
    {"zone": "Pacific/Chatham", "country": "NZ"},
    {"zone": "UTC"},
][: often(1, 4)]
"""A zone and a name may be odd at once: each walk through all pages meets both."""


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


def begin(browser: httpx.Client, form: dict[str, Any]) -> None:
    """Found it, and let its administrator come in."""
    made = browser.post("/api/v1/found", json=form | {"key": KEY})
    assert made.status_code == 201, made.text
    entered = browser.post(
        "/api/v1/auth/first-sign-in", json=first(form["login"], made.json()["code"], form["administrator"])
    )
    assert entered.status_code == 200, entered.text


def walked(address: str, login: str, language: str) -> Walk:
    """Every page that begins by itself and that the administrator comes to; with the suite one of each kind that links lead to."""
    found = [name.removeprefix("GET ") for name in doors() if name.startswith("GET /") and "{" not in name]
    walk = Walk(address, OWN, language, few=None if DEEP else 1)
    apart = ("/api/", "/readyz")  # no worker runs here
    walk.by(login, [page for page in found if not page.startswith(apart) and "stream" not in page])
    assert walk.pages > 40
    return walk


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: "-".join(odd.values())[:24])
def test_an_odd_plant_can_be_used(browser: httpx.Client, address: str, odd: dict[str, str]) -> None:
    form = FORM | odd
    begin(browser, form)
    assert walked(address, "ma.li", "zh").broken == []


def test_a_plant_that_speaks_english_only_shows_no_chinese(browser: httpx.Client, address: str) -> None:
    begin(browser, ENGLISH)
    walk = walked(address, "aoife", "en")
    assert walk.broken == []
    assert walk.found == {}


NO_ZONES = (
    "right/Asia/Shanghai", "posix/UTC", "posixrules", "localtime", "Factory", "../Asia/Shanghai", "/etc/localtime", "Asia", "上海",
)  # fmt: skip


def test_a_zone_that_the_database_does_not_keep_is_refused(
    browser: httpx.Client, founded_database: TestDatabase
) -> None:
    for zone in NO_ZONES:
        answer = browser.post("/api/v1/found", json=FORM | {"key": KEY, "zone": zone})
        assert (answer.status_code, answer.json()["code"]) == (422, "FND-002"), zone
        assert sites(founded_database.engine) == 0, zone
    answer = browser.post("/api/v1/found", json=FORM | {"key": KEY, "zone": "Asia/Shanghai "})
    assert answer.status_code == 201, "a blank at the end is nobody's zone"


def test_a_first_page_sent_twice_and_wrong_codes_leave_the_code_of_the_first_good(
    browser: httpx.Client, founded_database: TestDatabase
) -> None:
    page = browser.post("/found", data=FORM | {"key": KEY})
    code = page.text.split('name="code" value="')[1].split('"')[0]
    again = browser.post("/found", data=FORM | {"key": KEY})
    assert again.status_code == 409
    assert "FND-001" in again.text
    assert code not in again.text
    assert sites(founded_database.engine) == 1
    for wrong in ("", "AAAA-BBBB-CCCC-DDDD", code[:-1], code + "2"):
        body = first("ma.li", wrong, "马丽")
        assert browser.post("/api/v1/auth/first-sign-in", json=body).status_code in {403, 422}, wrong
    other = browser.post("/api/v1/auth/first-sign-in", json=first("ma.li", code, "马力"))
    assert other.json()["code"] == "AUTH-038"
    assert browser.post("/api/v1/auth/first-sign-in", json=first("ma.li", code.lower(), "马丽")).status_code == 200
    assert browser.post("/api/v1/auth/first-sign-in", json=first("ma.li", code, "马丽")).json()["code"] == "AUTH-043"


def test_the_database_takes_no_such_zone(founded_database: TestDatabase) -> None:
    founding.found(founded_database.engine, PLANT)
    for zone in ("right/Asia/Shanghai", "Factory", "Mars/Phobos", ""):
        for statement in (
            "insert into site (code, name, zone) values ('X', 'X', :zone)",
            "update site set zone = :zone",
        ):
            with pytest.raises(Refusal) as caught, act(founded_database.engine, SETUP) as session:
                session.connection().execute(text(statement), {"zone": zone})
            assert getattr(getattr(caught.value.__cause__, "orig", None), "sqlstate", None) == "BW332", zone
