"""Co-exposure over HTTP and at the command line: whole, one digest in every form, refusals in two languages (REQ 20)."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from httpx import Client
from sqlalchemy import create_engine
from sqlmodel import Session

from models.exposure.rules import csv_file as exposure_csv
from runtime.postgres import SUPERUSER, Postgres
from tests.support.fixtures.command import Inside
from tests.support.graph import Plant, day
from tests.support.graph_work import Work
from tests.support.servers.database import TestDatabase

pytestmark = pytest.mark.usefixtures("planted")


@pytest.fixture(scope="module")
def founded_database(shared_database: TestDatabase) -> TestDatabase:
    """One for the whole file: nothing is written after `planted`."""
    return shared_database


@pytest.fixture(scope="module")
def planted(postgres: Postgres, founded_database: TestDatabase) -> Iterator[None]:
    """A gauge on two lots, one of which a spreadsheet would run as a formula."""
    engine = create_engine(postgres.url(SUPERUSER, founded_database.name))
    with Session(engine, expire_on_commit=False) as session:
        plant = Plant(session)
        plant.begin()
        work = Work(plant)
        steel = plant.raw("STEEL-1", supplier_lot="SUP 77")
        work.run(plant.product("N-1/A", 50), day(1), day(1.5), machines=["G-99"], consumes=[steel], room="CR-77")
        work.run(plant.product("=1+1", 50), day(3), day(3.5), machines=["G-99"], people=["op.one"])
        session.commit()
    yield
    engine.dispose()


def test_a_gauge_finds_its_lots_and_the_spreadsheet_has_the_same_digest(as_: Callable[..., Any]) -> None:
    person = as_("sun.zhao")
    asked = {"of": "equipment:G-99", "from": "2026-01-06", "to": "2026-01-08"}
    answer = person.get("/exposure", params=asked)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert [lot["lot_no"] for lot in body["lots"]] == ["=1+1", "N-1/A", "STEEL-1"]
    assert (body["since"], body["until"]) == ("2026-01-05T16:00:00.000000Z", "2026-01-08T16:00:00.000000Z")
    assert exposure_csv.digest(body) == body["digest"]
    assert answer.headers["etag"] == f'"{body["digest"]}"'
    sheet = person.get("/exposure", params={**asked, "format": "csv"})
    assert "attachment" in sheet.headers["content-disposition"]
    assert "\n'=1+1" not in sheet.text
    assert "'=1+1" in sheet.text
    assert exposure_csv.digest(exposure_csv.from_csv(sheet.text)) == body["digest"]
    narrow = person.get("/exposure", params={**asked, "to": "2026-01-06T22:00+08:00"}).json()
    assert [lot["lot_no"] for lot in narrow["lots"]] == ["N-1/A", "STEEL-1"]
    empty = person.get("/exposure", params={"of": "G-99", "from": "2030-01-01"}).json()
    assert (empty["touches"], empty["counts"]["touches"]) == ([], 0)


def test_the_answer_is_traced_and_recalled_under_its_own_name(as_: Callable[..., Any]) -> None:
    person = as_("sun.zhao")
    name = person.get("/exposure", params={"of": "G-99", "to": "2026-01-07"}).json()["identifier"]
    traced = person.get(f"/trace/{name}", params={"direction": "forward"})
    assert traced.status_code == 200, traced.text
    assert {node["lot_no"] for node in traced.json()["nodes"]} == {"N-1/A", "STEEL-1"}
    assert person.get("/resolve", params={"text": name}).json()["hits"][0]["kind"] == "exposure"


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("", 404, "EXP-001"),
        ("?of=NOPE", 404, "EXP-001"),
        ("?of=equipment:N-1/A", 404, "EXP-001"),
        ("?of=G-99&from=soon", 422, "TRC-010"),
        ("?of=G-99&from=2026-01-02&to=2026-01-01", 422, "EXP-003"),
        ("?of=G-99&format=pdf", 422, None),
    ],
)
def test_bad_input_is_answered_in_both_languages(
    as_: Callable[..., Any], anybody: Client, query: str, status: int, code: str | None
) -> None:
    answer = as_("sun.zhao").get(f"/exposure{query}")
    body = answer.json()
    assert (answer.status_code, code or body["code"]) == (status, body["code"]), answer.text
    assert body["zh"]
    assert body["en"]
    assert anybody.get(f"/api/v1/exposure{query}").status_code == 401


def test_the_command_says_the_same(
    founded_database: TestDatabase, tmp_path: Path, as_: Callable[..., Any], inside: Inside
) -> None:
    environment = {"DATABASE_URL": founded_database.url, "BATCHWRIGHT_HOME": str(tmp_path)}
    run = partial(inside, "exposure", **environment)
    file = tmp_path / "met.csv"
    ran = run("G-99", "--from", "2026-01-06", "--json", "--csv", str(file))
    assert ran.returncode == 0, ran.stderr
    document = json.loads(ran.stdout)
    over_http = as_("sun.zhao").get("/exposure", params={"of": "G-99", "from": "2026-01-06"}).json()
    assert (
        document["digest"] == over_http["digest"] == exposure_csv.digest(exposure_csv.from_csv(file.read_text("utf-8")))
    )
    assert "投入的物料 / Operation 20" in ran.stderr
    empty = run("G-99", "--to", "2020-01-01")
    assert (empty.returncode, "没有任何共同暴露" in empty.stderr) == (0, True)
    refused = run("NOPE")
    assert (refused.returncode, refused.stdout, refused.stderr.count("EXP-001")) == (1, "", 2)
