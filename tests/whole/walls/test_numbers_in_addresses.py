"""Every number that stands in an address of the API or of a page is read as people mean it (REQ 19; ISO 13485 7.5.9).

However it is typed, with a stroke in it, or scanned: all answer what the exact number answers; an unknown one is a 404 that says so.
"""

# ruff: noqa: S608 - statements are put together from our own words; every value is a parameter

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, unquote
from uuid import UUID

import httpx
import pytest
from fastapi.routing import APIRoute
from sqlalchemy import text

import api.frame.rooms
import ui.frame.rooms
from api.frame.doors import API
from api.frame.request.paths import NumberIn
from models.equipment import tables as equipment_tables
from models.lot import tables as lot_tables
from models.person.rules.roles import Role
from models.place import tables as place_tables
from models.process import kinds
from models.register.rules import Register
from models.resolve.rules import HitKind
from runtime.postgres import SUPERUSER, Postgres
from tests.support.often import often
from tests.support.plant import people
from tests.support.plant.direct import beside
from tests.support.plant.packing import sscc
from tests.support.plant.plant import Plant
from tests.support.reading import reading_everything
from tests.support.servers.database import TestDatabase

NO_NUMBERS = {
    "form": "a format",
    "identifier": "anything: the resolver reads it, TRC-001 to -005",
    "key": "the word of a definition",
    "kind": "a word of ours",
    "login": "a login",
    "person": "an id or a login",
    "role": "a word of the plant's",
    "token": "a secret",
}
"""Parts of an address that are text and no number of anything in the plant, with what they are."""
UNKNOWN = "NOBODY/KNOWS-1"
SHARE = 16
"""With the suite each route is asked by every sixteenth spelling, the next one by others; in depth by all."""
ROUTES = often(5, 1)
"""Of the routes of one register every fifth is asked with a bare stroke, the next by what nobody knows; each reads by the one reader."""
FEWER = often(5, 1)
"""Of what isn't a route (a filter, a trail, the search) every fifth is tried."""
OK = 200


def routes() -> Iterator[APIRoute]:
    """Every route of the API and of the pages."""
    for room in (*api.frame.rooms.rooms(), *ui.frame.rooms.rooms()):
        yield from room.routes()


def read_by(route: APIRoute) -> dict[str, NumberIn]:
    """The parts of the address that the one reader of numbers reads; of each route worked out once."""
    if id(route) not in _READ:
        _READ[id(route)] = (route, _read_by(route))
    return _READ[id(route)][1]


_READ: dict[int, tuple[APIRoute, dict[str, NumberIn]]] = {}


def _read_by(route: APIRoute) -> dict[str, NumberIn]:
    found: dict[str, NumberIn] = {}

    def walk(dependant: Any) -> None:
        one = getattr(dependant.call, "number_in", None)
        if one is not None:
            found[one.name] = one
        for inner in dependant.dependencies:
            walk(inner)

    walk(route.dependant)
    return found


def in_path(route: APIRoute) -> dict[str, NumberIn]:
    """Those that stand in the address itself."""
    return {name: one for name, one in read_by(route).items() if f"{{{name}" in route.path}


NUMBERED = [route for route in routes() if in_path(route)]


def called(route: APIRoute) -> str:
    """Its methods and its path."""
    return f"{'/'.join(sorted(route.methods or ()))} {route.path}"


IDS = [called(route) for route in NUMBERED]
REGISTERS = tuple(
    (one, str(one.number.class_.__tablename__), str(one.number.key), f"Q7/AB-{42 + place:04}")
    for place, one in enumerate(
        {id(one.register): one.register for route in NUMBERED for one in in_path(route).values()}.values()
    )
)
"""Those that addresses are read by, with table and column, and the number that one of their rows has here."""
GIVEN: dict[int, tuple[str, str, str]] = {id(one): (table, column, number) for one, table, column, number in REGISTERS}


def asked_for(dependant: Any) -> Iterator[Any]:
    """The parts of its address that a route asks for, itself or through what it depends on."""
    yield from dependant.path_params
    for inner in dependant.dependencies:
        yield from asked_for(inner)


def texts(route: APIRoute) -> set[str]:
    """The parts of the address that are any text: no ids and no counts."""
    return {one.alias for one in asked_for(route.dependant) if one.field_info.annotation not in {UUID, int}}


def test_every_number_in_an_address_is_read_by_the_one_reader() -> None:
    """A new route with a number that isn't, or whose number may hold no stroke, fails here."""
    bare = {
        f"{route.path} {name}"
        for route in routes()
        for name in texts(route)
        if name not in NO_NUMBERS and name not in in_path(route)
    }
    assert bare == set()
    short = {f"{route.path}" for route in NUMBERED for name in in_path(route) if f"{{{name}:path}}" not in route.path}
    assert short == set()
    assert len(NUMBERED) > 90
    assert len({table for _, table, _, _ in REGISTERS}) == len(REGISTERS) > 10


def test_every_part_of_an_address_is_asked_for() -> None:
    """What a route doesn't ask for, nobody looks at."""
    unasked = {
        f"{route.path} {name}"
        for route in routes()
        for name in route.param_convertors
        if name not in {one.alias for one in asked_for(route.dependant)}
    }
    assert unasked == set()


@pytest.fixture(scope="module")
def filled_plant(filled_database: TestDatabase, postgres: Postgres) -> Plant:
    """One row of each register has a number with a stroke and a dash in it."""
    made = beside(filled_database.engine)
    with postgres.connect(SUPERUSER, filled_database.name) as connection:
        connection.execute("set session_replication_role = replica")
        for table, column, number in GIVEN.values():
            # the one that hangs together with the others: the batch that was shipped and is in the drill, its customer
            wanted = {"lot": "lot_no = 'B-OK'", "customer": "id = (select customer_id from shipment limit 1)"}.get(
                table, f"id = (select min(id) from {table})"
            )
            changed = connection.execute(f"update {table} set {column} = %s where {wanted}".encode(), (number,))
            assert changed.rowcount == 1, table
            if table in {one.table.__tablename__ for one in kinds.subjects()}:
                called = (
                    f"update subject s set number = %s from {table} t where t.subject_id = s.id and t.{column} = %s"
                )
                connection.execute(called.encode(), (number, number))
        connection.execute(
            "insert into logistic_unit (unit_no, kind, location_id, created_by_id)"
            " select %s, kind, location_id, created_by_id from logistic_unit",
            (sscc(77),),
        )
        connection.commit()
    return made


@pytest.fixture(scope="module")
def reader(
    filled_plant: Plant, filled_database: TestDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """吴经理, who reads everything, the forms of master data too."""
    people.grant(filled_plant, "wu.jingli", Role.PROCESS_OWNER)
    with reading_everything(filled_plant, filled_database, tmp_path_factory.mktemp("addresses")) as client:
        yield client


def spellings(register: Register, number: str) -> list[str]:
    """The same number as people type it and as scanners send it."""
    folded = number.lower().replace("-", "_")
    said = [number, folded, number.replace("-", " – "), f"]C0{number}", f"*{number}*", f"]C0{folded}", f"LOT:{number}"]
    more = {
        id(lot_tables.LOTS): [f"(10){number}", f"]C110{number}", f"批号：{folded}"],
        id(equipment_tables.EQUIPMENT): [f"(8004){number}"],
        id(place_tables.PLACES): [f"(414)0614141123452(254){number}"],
    }
    return [*said[: -1 if register is not lot_tables.LOTS else None], *more.get(id(register), [])]


def some(register: Register, number: str, turn: int) -> list[str]:
    """A share of them, with each turn another; in depth all."""
    return spellings(register, number)[turn % FEWER :: FEWER]


def ask(client: httpx.Client, route: APIRoute, spelled: dict[str, str], *, safe: str = "") -> httpx.Response:
    """The route's own method, with ids that nobody knows and a body that says nothing."""
    said = dict.fromkeys(route.param_convertors, "00000000-0000-7000-8000-000000000000") | {
        "kind": "csv",
        "form": "json",
    }
    if "/reports/" in route.path:
        said["kind"] = "status"
    path = re.sub(
        r"\{(\w+)(?::path)?\}",
        lambda one: quote(spelled[one[1]], safe=safe) if one[1] in spelled else said[one[1]],
        route.path,
    )
    method = "".join(route.methods or ())
    return client.request(method, path, json=None if method == "GET" else {})


def told(answer: httpx.Response) -> tuple[int, str]:
    """What it is about: the code of a refusal, a page's title, the parts of a document, the lines of a table."""
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if kind == "application/problem+json":
        return answer.status_code, answer.json()["code"]
    if kind == "text/html":
        return answer.status_code, re.findall(r"<title>(.*?)</title>", answer.text, re.DOTALL)[0]
    if kind == "application/json":
        said = answer.json()
        return answer.status_code, " ".join(said) if isinstance(said, dict) else str(len(said))
    return answer.status_code, f"{kind} {len(answer.text.splitlines())}" if kind == "text/csv" else kind


@pytest.mark.parametrize("route", NUMBERED, ids=IDS)
def test_however_it_is_typed_or_scanned_it_is_the_same(
    route: APIRoute, filled_plant: Plant, reader: httpx.Client
) -> None:
    """And a stroke in it may stand as it is, or with a percent sign."""
    del filled_plant
    read = in_path(route)
    exact = {name: GIVEN[id(one.register)][2] for name, one in read.items()}
    expected = ask(reader, route, exact)
    assert expected.status_code not in {405, 500}, expected.text[:300]
    if route.methods == {"GET"} and not re.search(r"_id\}|\{(check|notice|returned)\}", route.path):
        assert expected.status_code == 200, expected.text[:500]
    if its_turn(route, 0) and not re.search(r"\{(kind)\}", route.path):
        assert told(ask(reader, route, exact, safe="/")) == told(expected)
    for name, typed in asked(route):
        assert told(ask(reader, route, exact | {name: typed})) == told(expected), typed


def its_turn(route: APIRoute, turn: int, each: int = ROUTES) -> bool:
    """Whether this route is one of those that are asked so, among those of the same registers."""

    def like(one: APIRoute) -> tuple[set[int], bool]:
        return {id(number.register) for number in in_path(one).values()}, one.methods == {"GET"}

    same = [id(other) for other in NUMBERED if like(other) == like(route)]
    each = min(each, len(same))
    return same.index(id(route)) % each == turn % each


def asked(route: APIRoute, share: int = often(SHARE, 1)) -> list[tuple[str, str]]:
    """The spellings of the numbers in its address that a route is asked by, dealt out over all routes of a register."""
    dealt = []
    for name, one in in_path(route).items():
        places = [
            (id(other), named)
            for other in NUMBERED
            for named, number in in_path(other).items()
            if number.register is one.register
        ]
        each, turn = min(share, len(places)), places.index((id(route), name))
        dealt += [(name, typed) for typed in spellings(one.register, GIVEN[id(one.register)][2])[turn % each :: each]]
    return dealt


def test_every_spelling_of_each_register_is_asked_of_some_route() -> None:
    """Also where a run leaves most of them to other routes."""
    wanted = {(table, typed) for one, table, _, number in REGISTERS for typed in spellings(one, number)}
    found = {(GIVEN[id(in_path(route)[name].register)][0], typed) for route in NUMBERED for name, typed in asked(route)}
    assert found == wanted


OF_NOBODY = [route for route in NUMBERED if its_turn(route, 1)]


@pytest.mark.parametrize("route", OF_NOBODY, ids=[called(route) for route in OF_NOBODY])
def test_an_unknown_number_is_said_to_be_unknown(route: APIRoute, filled_plant: Plant, reader: httpx.Client) -> None:
    del filled_plant
    read = in_path(route)
    exact = {name: GIVEN[id(one.register)][2] for name, one in read.items()}
    for name in read:
        answer = ask(reader, route, exact | {name: UNKNOWN})
        if route.methods == {"GET"}:
            assert answer.status_code == 404, answer.text[:300]
            if route.path.startswith(API):
                assert answer.headers["content-type"] == "application/problem+json"
                assert answer.json()["code"] not in {"API-404", "API-405"}
        else:
            assert answer.status_code in {403, 404, 422}, answer.text[:300]


def queried(dependant: Any) -> Iterator[Any]:
    """What may stand behind the question mark."""
    yield from dependant.query_params
    for inner in dependant.dependencies:
        yield from queried(inner)


FILTERS = [
    (f"{route.path}", one) for route in routes() for one in read_by(route).values() if f"{{{one.name}" not in route.path
]


def test_every_filter_by_a_number_is_read_by_the_one_reader() -> None:
    named = {"item", "supplier", "customer", "lot", "unit", "like", "equipment", "location", "order", "shipment"}
    asked = {
        (f"{route.path}", one.alias) for route in routes() for one in queried(route.dependant) if one.alias in named
    }
    chosen = {
        ("/trace", "item"),
        ("/trace/{identifier:path}", "item"),
    }  # what a trace shows of an item, on its page from a list
    # a place where goods are to be held is read by the act that holds them (`models.stock.store.stock.location`)
    held = {("/lots/{lot_no:path}/hold", "location"), (f"{API}/lots/{{lot_no:path}}/holds/preview", "location")}
    assert held <= asked
    assert asked - chosen - held == {(path, one.name) for path, one in FILTERS}
    assert len(FILTERS) >= 9


@pytest.mark.parametrize(("path", "one"), FILTERS, ids=[f"{path} {one.name}" for path, one in FILTERS])
def test_a_list_is_filtered_by_the_number_however_it_is_typed_or_scanned(
    path: str, one: NumberIn, filled_plant: Plant, reader: httpx.Client
) -> None:
    del filled_plant
    number = GIVEN[id(one.register)][2]

    def shown(typed: str) -> tuple[int, str]:
        answer = reader.get(path, params={one.name: typed})
        if answer.headers["content-type"].startswith("application/json"):
            return answer.status_code, answer.text
        # the frame of a page repeats its address as it was typed
        main = answer.text.partition("<main")[2].partition("</main>")[0]
        return answer.status_code, re.sub(r'value="[0-9a-f-]{36}"', "", main) if answer.status_code == OK else ""

    expected = shown(number)
    assert expected[0] in {OK, 403}, expected
    for typed in some(one.register, number, FILTERS.index((path, one))):
        assert shown(typed) == expected, typed


@pytest.mark.parametrize("key", [*GIVEN], ids=[table for table, _, _ in GIVEN.values()])
def test_the_trail_is_that_of_the_number_however_it_is_typed_or_scanned(
    key: int, filled_plant: Plant, reader: httpx.Client
) -> None:
    del filled_plant
    table, _, number = GIVEN[key]

    def trail(typed: str) -> set[tuple[str, int]]:
        answer = reader.get("/api/v1/audit", params={"subject": typed, "limit": 200})
        assert answer.status_code == 200, (typed, answer.text)
        return {(one["table_name"], one["row_id"]) for one in answer.json()["items"]}

    exact = trail(number)
    assert table in {name for name, _ in exact}
    for typed in some(register(key), number, [*GIVEN].index(key)):
        assert trail(typed) == exact, typed


@pytest.mark.parametrize("key", [*GIVEN], ids=[table for table, _, _ in GIVEN.values()])
def test_the_search_and_the_resolver_find_the_number_however_it_is_typed_or_scanned(
    key: int, filled_plant: Plant, reader: httpx.Client
) -> None:
    """And the search what begins with it."""
    del filled_plant
    table, _, number = GIVEN[key]
    for typed in some(register(key), number, [*GIVEN].index(key) + 1):
        page = reader.get("/search", params={"text": typed}, follow_redirects=True)
        found = number in page.text or number in unquote(str(page.url))
        assert (page.status_code, found) == (200, True), typed
        if table in {*HitKind}:  # what a trace can follow, and a recall is no such thing
            hits = reader.get("/api/v1/resolve", params={"text": typed}).json()["hits"]
            assert (table, number) in {(hit["kind"], hit["number"]) for hit in hits}, typed
    assert number in reader.get("/search", params={"text": "q7/ab_00"}).text


def register(key: int) -> Register:
    return next(one for one, *_ in REGISTERS if id(one) == key)


def test_a_pallet_is_found_by_every_writing_of_its_sscc(reader: httpx.Client) -> None:
    number = sscc(77)
    epc = f"urn:epc:id:sscc:{number[1:8]}.{number[0]}{number[8:17]}"
    for typed in (number, f"(00){number}", f"]C100{number}", f"https://id.gs1.org/00/{number}", epc):
        answer = reader.get(f"/api/v1/logistic-units/{quote(typed, safe='')}")
        assert (answer.status_code, answer.json()["unit"]["unit_no"]) == (200, number), typed


def test_of_two_that_fold_alike_the_exact_one_is_meant_and_none_of_them_otherwise(
    filled_plant: Plant, reader: httpx.Client, postgres: Postgres, filled_database: TestDatabase
) -> None:
    with postgres.connect(SUPERUSER, filled_database.name) as connection:
        connection.execute("set session_replication_role = replica")
        for number in ("F 1", "F-1"):
            connection.execute("insert into supplier (supplier_no, name) values (%s, %s)", (number, number))
        connection.commit()
    assert reader.get("/api/v1/suppliers/F%201").json()["supplier_no"] == "F 1"
    assert reader.get("/api/v1/suppliers/F-1").json()["supplier_no"] == "F-1"
    answer = reader.get("/api/v1/suppliers/f_1")
    assert (answer.status_code, answer.json()["code"]) == (409, "TRC-003")
    assert "F 1" in answer.json()["detail"]
    with filled_plant.engine.connect() as connection:
        assert connection.execute(text("select count(*) from supplier where supplier_no like 'F_1'")).scalar() == 2
