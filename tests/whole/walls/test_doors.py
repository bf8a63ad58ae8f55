"""Every route of the API and every page, asked as everybody: each opens to whom its room says, to nobody else.

What the rooms say (`DOORS`) is all that is trusted; what it says is written out here again for whoever must not come in.  With the
suite every door is tried by somebody who may and by somebody who may not, and every right by every role; in depth every
door by everybody.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Connection, Engine, text

from api.frame.doors import API, Door
from models.kernel.refusal import CATALOGUE
from models.kernel.store.act import act
from models.person.rules.roles import Permission, Role
from models.person.rules.shipped_roles import PERMISSIONS
from runtime.ports import NO_TLS
from runtime.settings import Settings
from tests.support.application import SECRET, pages
from tests.support.house.proves import proves
from tests.support.often import DEEP
from tests.support.plant import cast
from tests.support.servers.database import TestDatabase
from tests.support.servers.server import serving
from ui.frame.rooms import doors

NOBODY = "00000000-0000-7000-8000-000000000000"
DOORS = doors()
NO_ROLE = "wu.jue"
READY = "GET /readyz"  # says 503 here, since no Temporal runs
TALKS_FOR_EVER = {"GET /inbox/stream", "GET /api/v1/inbox/events"}
LEAVES = {"POST /logout", "POST /api/v1/auth/logout"}
PEOPLE = [*(f"only.{role.value.replace('_', '-')}" for role in Role), NO_ROLE]


@pytest.fixture(scope="module")
def engine(module_database: TestDatabase) -> Engine:
    """The plant with one person for each role, who holds nothing else, and somebody without any."""
    made = module_database.engine
    cast.seed(made)
    with act(made, cast.SEEDER) as session:
        for login, role in zip(PEOPLE, Role, strict=False):
            cast.add_person(session, login, role.value, role)
        cast.add_person(session, NO_ROLE, "无角色")
    return made


@pytest.fixture(scope="module")
def address(engine: Engine, module_database: TestDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """API and pages in front of it, as in life but without Temporal."""
    assert engine.url.database == module_database.name
    home: Path = tmp_path_factory.mktemp("doors")
    settings = Settings(database_url=module_database.url, home=home, secret=SECRET)
    with pages(settings) as app, serving(app) as made:
        yield made


@dataclass
class Trail:
    """The audit trail, which no closed door writes to: read before and after each row of them, not at each of thousands."""

    connection: Connection
    closed: list[str] = field(default_factory=list)
    events: int = 0

    def before(self, name: str, *, closed: bool) -> None:
        """This door is tried next."""
        if not closed:
            self.check()
        elif not self.closed:
            self.events = self.read()
        if closed:
            self.closed.append(name)

    def check(self) -> None:
        """None of the last row has written anything."""
        if self.closed:
            assert self.read() == self.events, f"one of {self.closed} wrote something"
            self.closed.clear()

    def read(self) -> int:
        """How many events it has."""
        return int(self.connection.execute(text("select count(*) from audit_event")).scalar_one())


def ask(client: httpx.Client, name: str, csrf: str) -> httpx.Response:
    """The route with something that leads nowhere in place of its parameters."""
    method, path = name.split(" ", 1)
    path = (
        path.replace("{version}", "1").replace("{role}", "operator").replace("{kind}", "json").replace("{form}", "pdf")
    )
    path = re.sub(r"\{\w+(:path)?\}", NOBODY, path)
    if method == "GET":
        return client.get(path, params={"text": "x"})
    if path.startswith(API):
        return client.request(method, path, json={}, headers={"X-CSRF-Token": csrf})
    return client.request(method, path, data={"csrf": csrf})


def may(login: str) -> frozenset[Permission]:
    """What the role allows that this person holds alone."""
    return frozenset() if login == NO_ROLE else PERMISSIONS[Role(login.removeprefix("only.").replace("-", "_"))]


def tried(login: str, *, everything: bool = DEEP) -> dict[str, Permission | Door]:
    """The doors that this person tries: in depth all, otherwise those of each right that are dealt to them.

    The doors of a right are dealt out in turn among those who may, and once more among those who may not: each door is
    tried from both sides, and each person tries a door of each right.
    """
    if everything:
        return DOORS
    dealt: dict[str, Permission | Door] = {}
    for right in dict.fromkeys(DOORS.values()):
        behind = [name for name, door in DOORS.items() if door is right and name not in LEAVES | {READY}]
        side = [one for one in PEOPLE if (right in may(one)) == (right in may(login))]
        place = side.index(login)
        dealt |= dict.fromkeys(behind[place :: len(side)] or behind[place % len(behind) :][:1], right)
    return dealt


@contextmanager
def logged_in(address: str, login: str) -> Iterator[tuple[httpx.Client, str]]:
    # each from a place of their own: who tries every door logs in wrongly, and a place that does so too often has to wait
    place = httpx.HTTPTransport(verify=NO_TLS, local_address=f"127.0.0.{PEOPLE.index(login) + 2}")
    with httpx.Client(base_url=address, timeout=30, trust_env=False, transport=place) as client:
        answer = client.post("/api/v1/auth/login", json={"login": login, "password": cast.PASSWORD})
        assert answer.status_code == 200, answer.text
        yield client, answer.json()["csrf"]


@proves("case 12")
@pytest.mark.parametrize("login", PEOPLE)
def test_each_door_opens_to_whom_its_room_says_and_to_nobody_else(login: str, address: str, engine: Engine) -> None:
    held = may(login)
    seen = engine.execution_options(isolation_level="AUTOCOMMIT")  # a transaction would see the same moment again
    with logged_in(address, login) as (client, csrf), seen.connect() as connection:
        trail = Trail(connection)
        for name, door in tried(login).items():
            if name in LEAVES | {READY} or (name in TALKS_FOR_EVER and door in held):
                continue
            closed = isinstance(door, Permission) and door not in held
            trail.before(name, closed=closed)
            answer = ask(client, name, csrf)
            assert answer.status_code < 500 or (answer.status_code, "API-504" in answer.text) == (503, True), (
                f"{name}: {answer.status_code} {answer.text[:300]}"
            )
            if closed:
                code = "AUTH-024" if login == NO_ROLE else "AUTH-005"
                assert answer.status_code == 403, f"{name} lets {login} in: {answer.status_code}"
                assert code in answer.text or CATALOGUE[code].zh[:12] in answer.text, f"{name}: {answer.text[:300]}"
            else:
                assert not (answer.status_code == 403 and "AUTH-005" in answer.text), f"{name} is closed to {login}"
        trail.check()


def test_each_door_is_tried_from_both_sides_and_each_right_by_everybody() -> None:
    """In the share that goes with the suite; what it leaves out is tried in depth."""
    shares = {login: tried(login, everything=False) for login in PEOPLE}
    sides = {(name, right in may(login)) for login, share in shares.items() for name, right in share.items()}
    left = LEAVES | {READY}
    for name, right in DOORS.items():
        there = {right in may(login) for login in PEOPLE}
        assert name in left or {side for side in there if (name, side) in sides} == there, name
    for login, share in shares.items():
        assert {*share.values()} == {*DOORS.values()}, login


def test_nobody_gets_past_a_door_without_logging_in(address: str) -> None:
    with httpx.Client(base_url=address, timeout=30, trust_env=False, verify=NO_TLS) as client:
        for name, door in DOORS.items():
            answer = ask(client, name, "")
            if door is Door.ANYBODY:
                assert answer.status_code < 500 or name == READY, f"{name}: {answer.status_code}"
            elif f" {API}/" in name:
                assert (answer.status_code, answer.json()["code"]) == (401, "AUTH-001"), name
            else:
                assert answer.status_code in {302, 303, 307}, f"{name}: {answer.status_code}"
                assert answer.headers["location"].startswith("/login"), name


def test_no_role_opens_a_door_of_business_and_one_of_accounts() -> None:
    """Who keeps the accounts decides nothing about quality, and nobody else keeps accounts (STANDARDS D 102)."""
    changing = {door for name, door in DOORS.items() if not name.startswith("GET") and isinstance(door, Permission)}
    # an operator has an act done again as somebody else asked for it, in that person's name and under the same rules
    business = changing - {
        Permission.PEOPLE_WRITE, Permission.PEOPLE_HAND_OVER, Permission.RECORD_READ, Permission.FAULT_SETTLE,
    }  # fmt: skip
    for role, allowed in PERMISSIONS.items():
        assert not (Permission.PEOPLE_WRITE in allowed and allowed & business), role
