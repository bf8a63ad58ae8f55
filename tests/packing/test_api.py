"""Cases and pallets over HTTP: found however they are scanned, told at all levels and as of any time (REQ 19, 56)."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import Engine, create_engine
from sqlmodel import Session

from models.kernel.store.act import reading
from models.packing import queries as queries_packing
from runtime.postgres import SUPERUSER, Postgres
from tests.support.graph import Plant, day
from tests.support.servers.database import StatementCounter, TestDatabase

pytestmark = pytest.mark.usefixtures("planted")
CASE, PALLET = "006141411234567890", "托盘/01"
Login = Callable[..., Any]


@pytest.fixture
def planted(postgres: Postgres, founded_database: TestDatabase) -> Iterator[Plant]:
    """A case on a pallet, and what was taken out of it on the ninth day."""
    engine = create_engine(postgres.url(SUPERUSER, founded_database.name))
    with Session(engine, expire_on_commit=False) as session:
        plant = Plant(session)
        plant.begin()
        needle, other = plant.product("N-1", 50), plant.product("N-2", 50)
        pallet, case = plant.container(PALLET, "pallet"), plant.container(CASE)
        plant.put(case, needle, 8, at=day(1))
        plant.put(case, needle, 2, at=day(2))
        plant.put(case, other, 5, at=day(3), gone=True)
        plant.nest(pallet, case)
        plant.hold(needle, day(4))
        session.commit()
        yield plant
    engine.dispose()


def test_a_pallet_tells_all_that_is_on_it(as_: Login) -> None:
    body = as_("li.cang").get("/logistic-units/" + quote(PALLET, safe="")).json()
    assert (body["unit"]["kind"], body["unit"]["location"], body["contents"]["goods"]) == ("pallet", "WH-1", [])
    [case] = body["contents"]["units"]
    assert [(one["lot_no"], one["quantity"], one["held"]) for one in case["goods"]] == [("N-1", "10.000000", True)]


@pytest.mark.parametrize("typed", [CASE, f"(00){CASE}", f"]C100{CASE}", f"https://id.gs1.org/00/{CASE}"])
def test_a_case_is_found_however_it_is_scanned(as_: Login, typed: str) -> None:
    person = as_("li.cang")
    body = person.get("/logistic-units/" + quote(typed, safe="")).json()
    assert (body["unit"]["unit_no"], body["unit"]["parent"]) == (CASE, PALLET)
    assert [(one["what"], one["lot_no"], one["quantity"]) for one in body["history"]] == [
        ("packed", "N-1", "8.000000"),
        ("packed", "N-1", "2.000000"),
        ("packed", "N-2", "5.000000"),
        ("unpacked", "N-2", "5.000000"),
    ]
    [hit] = person.get("/resolve", params={"text": typed}).json()["hits"]
    assert (hit["kind"], hit["number"]) == ("logistic_unit", CASE)
    trace = person.get("/trace/" + quote(typed, safe=""), params={"direction": "forward"}).json()
    assert [node["lot_no"] for node in trace["nodes"]] == ["N-1"]
    assert trace["resolved"][0]["kind"] == "logistic_unit"
    assert [(row["lot_no"], row["units"]) for row in trace["stock"]] == [("N-1", f"{PALLET} › {CASE}")]


def test_what_was_in_it_then_is_told(as_: Login) -> None:
    person = as_("li.cang")
    for moment, wanted in ((day(1.5), {"N-1": "8.000000"}), (day(3.5), {"N-1": "10.000000", "N-2": "5.000000"})):
        body = person.get(f"/logistic-units/{CASE}", params={"as_of": moment.isoformat()}).json()
        assert {one["lot_no"]: one["quantity"] for one in body["contents"]["goods"]} == wanted
    early = person.get(f"/logistic-units/{CASE}", params={"as_of": (day(1) - timedelta(hours=1)).isoformat()}).json()
    assert early["contents"]["goods"] == []
    assert person.get(f"/logistic-units/{CASE}?as_of=gestern").status_code == 422


def test_the_list_filters(as_: Login) -> None:
    person = as_("li.cang")

    def numbers(query: str) -> list[str]:
        return [row["unit_no"] for row in person.get(f"/logistic-units{query}").json()["items"]]

    assert numbers("") == [CASE, PALLET]
    assert numbers("?q=0061414 1123") == [CASE]
    assert numbers("?lot=N-1") == [CASE]
    assert numbers("?lot=N-2") == []
    assert numbers("?status=shipped") == []
    first = person.get("/logistic-units?limit=1").json()
    assert [row["unit_no"] for row in person.get(f"/logistic-units?cursor={first['next']}").json()["items"]] == [PALLET]


def test_unknown_and_wrong_numbers_are_refused(as_: Login) -> None:
    person = as_("li.cang")
    for number, code in (("P-404", "PCK-003"), ("006141411234567891", "PCK-001"), ("(01)06901234567892", "PCK-002")):
        answer = person.get("/logistic-units/" + quote(number, safe=""))
        assert (answer.json()["code"], answer.json()["status"]) == (code, 404 if code == "PCK-003" else 422)
    auditor = as_("zheng.shenji")
    assert auditor.post(f"/logistic-units/{CASE}/move", {"location": "WH-1"}).json()["code"] == "AUTH-005"
    assert person.post(f"/logistic-units/{CASE}/pack", {"contents": [{"lot": "N-1"}]}).status_code == 422


def test_a_large_pallet_costs_as_many_statements_as_a_small_one(planted: Plant, engine: Engine) -> None:
    planted.begin()
    lot, pallet = planted.product("N-9", 500), planted.container("BIG", "pallet")
    for place in range(60):
        case = planted.container(f"C-{place}")
        planted.put(case, lot, 2, at=day(1))
        planted.nest(pallet, case)
    planted.session.commit()
    counts = []
    for number in (PALLET, "BIG"):
        with StatementCounter(engine) as counter, reading(engine) as session:
            queries_packing.read(session, number)
        counts.append(len(counter))
    assert counts[0] == counts[1]
