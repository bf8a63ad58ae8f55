"""Every page and every reading route of a plant with something in every table, for every thing that has an address.

A route that ends in a fault is a door that is shut for a reason nobody can read (DESIGN 2.5).
"""

import re
from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import text

from tests.support.often import often
from tests.support.plant.direct import beside
from tests.support.plant.plant import Plant
from tests.support.reading import reading_everything
from tests.support.servers.database import TestDatabase
from ui.frame.rooms import doors

# What stands in an address, and where the record has it; of tasks one for each stage of each process.
THINGS = {
    "task_id": "select distinct on (d.key, t.stage) t.public_id::text from human_task t join process_run r on r.id = t.run_id"
    " join definition_version d on d.id = r.definition_id",
    "key": "select key from definition_version",
    "lot_no": "select lot_no from lot",
    "item_no": "select item_no from item",
    "supplier_no": "select supplier_no from supplier",
    "customer_no": "select customer_no from customer",
    "equipment_no": "select equipment_no from equipment",
    "person": "select public_id::text from person limit 3",
    "recall_no": "select recall_no from recall",
    "identifier": "select lot_no from lot",
    "unit_no": "select unit_no from logistic_unit",
    "notice_id": "select public_id::text from recall_notice",
}
NUMBERS = {
    "work-orders": "select work_order_no from work_order",
    "shipments": "select shipment_no from shipment",
    "recalls": THINGS["recall_no"],
    "units": THINGS["unit_no"],
}
FIXED = {"version": ["1"], "form": ["pdf", "json"], "kind": ["status", "termination", "csv", "json"]}
NOWHERE = "00000000-0000-7000-8000-000000000000"
MOST = 12
EACH = often(2, MOST)
"""Things of a kind that a route is asked for; tasks are of many kinds."""


@pytest.fixture(scope="module")
def filled_plant(filled_database: TestDatabase) -> Plant:
    return beside(filled_database.engine)


@pytest.fixture(scope="module")
def reader(
    filled_plant: Plant, filled_database: TestDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """吴经理, who reads everything."""
    with reading_everything(filled_plant, filled_database, tmp_path_factory.mktemp("pages")) as client:
        yield client


def addresses(plant: Plant, path: str) -> Iterator[str]:
    """The route once for each thing, and once for a thing that isn't there."""
    names = re.findall(r"\{(\w+)(?::path)?\}", path)
    if not names:
        yield path
        return
    noun = path.split("/")[1]
    with plant.engine.connect() as connection:
        for name in names:
            query = NUMBERS.get(noun) if name == "number" else THINGS.get(name)
            values = FIXED.get(name) or (
                [str(one) for (one,) in connection.execute(text(query))] if query else [NOWHERE]
            )
            known[name] = [*values[: MOST if name == "task_id" else EACH], NOWHERE]
    made = [path]
    for name in names:
        made = [re.sub(rf"\{{{name}(:path)?\}}", quote(one, safe="/"), left) for left in made for one in known[name]]
    yield from made


known: dict[str, list[str]] = {}
READING = sorted(name.removeprefix("GET ") for name in doors() if name.startswith("GET ") and "stream" not in name)
STREAMS = {"/api/v1/inbox/events"}
ASKS_TEMPORAL = {
    "/recalls/new/recording",
    "/tasks/{task_id}/recording",
}  # what became of an act, and here is no Temporal


@pytest.mark.parametrize("path", [path for path in READING if path not in STREAMS | ASKS_TEMPORAL | {"/readyz"}])
def test_it_opens_or_says_why_not(path: str, filled_plant: Plant, reader: httpx.Client) -> None:
    answers: list[int] = []
    for address in addresses(filled_plant, path):
        answer = reader.get(address, params={} if path.endswith("}") else {"text": "B-OK"})
        assert answer.status_code < 500, f"{address}: {answer.status_code} {answer.text[:500]}"
        if answer.status_code >= 400:
            assert re.search(r"[A-Z]{2,4}-\d{3}|没有|找不到", answer.text), f"{address}: {answer.text[:300]}"
        answers.append(answer.status_code)
    assert answers
