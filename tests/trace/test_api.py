"""Resolve and trace over HTTP: whole answers, one digest in every form, refusals in two languages."""

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from httpx import Client
from sqlalchemy import create_engine
from sqlmodel import Session

from models.trace.rules import csv_file as trace_csv
from runtime.postgres import SUPERUSER, Postgres
from tests.support.graph import Plant, day
from tests.support.house.proves import proves
from tests.support.servers.database import TestDatabase

pytestmark = pytest.mark.usefixtures("planted")
LINK = "https://id.gs1.org/01/00888480539391/10/N-1%2FA"


@pytest.fixture(scope="module")
def founded_database(shared_database: TestDatabase) -> TestDatabase:
    """One for the whole file: nothing is written after `planted`."""
    return shared_database


@pytest.fixture(scope="module")
def planted(postgres: Postgres, founded_database: TestDatabase) -> Iterator[Plant]:
    """Steel → needle, ten of which a hospital has."""
    engine = create_engine(postgres.url(SUPERUSER, founded_database.name))
    with Session(engine, expire_on_commit=False) as session:
        plant = Plant(session)
        plant.begin()
        steel, needle = plant.raw("STEEL-1", supplier_lot="SUP 77"), plant.product("N-1/A", 50)
        plant.identifier(plant.item("NEEDLE"), "00888480539391")
        plant.use(steel, needle, 40, day(1))
        plant.ship(needle, 10, "C-1", "SH-1", day(2))
        session.commit()
        yield plant
    engine.dispose()


def test_a_suppliers_lot_is_followed_to_the_hospital(as_: Callable[..., Any]) -> None:
    answer = as_("sun.zhao").get("/trace/sup_77", params={"direction": "forward"})
    assert answer.status_code == 200
    body = answer.json()
    assert [node["lot_no"] for node in body["nodes"]] == ["STEEL-1", "N-1/A"]
    assert [(row["customer_no"], row["shipped"], row["outstanding"]) for row in body["customers"]] == [
        ("C-1", "10", "10")
    ]
    assert body["complete"]
    assert body["resolved"][0]["match"] == "exact"
    assert trace_csv.digest(body) == body["digest"]
    assert answer.headers["etag"] == f'"{body["digest"]}"'


def test_a_number_that_is_only_near_is_followed_and_somebody_decides_about_it(as_: Callable[..., Any]) -> None:
    body = as_("sun.zhao").get("/trace/sup77", params={"direction": "forward"}).json()
    assert [node["lot_no"] for node in body["nodes"]] == ["STEEL-1", "N-1/A"]
    assert (body["resolved"][0]["match"], body["complete"]) == ("near", False)


@pytest.mark.parametrize("identifier", ["N-1/A", LINK, "(01)00888480539391(10)N-1/A", "\x1d010088848053939110N-1/A"])
def test_whatever_a_scanner_types_goes_through_the_address(as_: Callable[..., Any], identifier: str) -> None:
    person = as_("li.cang")
    answer = person.get("/trace/" + quote(identifier, safe=""), params={"direction": "backward"})
    assert answer.status_code == 200, answer.text
    assert [node["lot_no"] for node in answer.json()["nodes"]] == ["STEEL-1", "N-1/A"]
    hits = person.get("/resolve", params={"text": identifier}).json()["hits"]
    assert [hit["number"] for hit in hits if hit["match"] != "guess"] == ["N-1/A"]


def test_the_spreadsheet_has_the_digest_of_the_json(as_: Callable[..., Any]) -> None:
    person = as_("sun.zhao")
    digest = person.get("/trace/STEEL-1").json()["digest"]
    answer = person.get("/trace/STEEL-1", params={"format": "csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    assert trace_csv.digest(trace_csv.from_csv(answer.text)) == digest
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    told = ["head", "lot", "lot", "link", "delivery", "stock", "stock"]
    assert [row["section"] for row in rows] == [*told, *["evidence"] * 3]


@proves("R24")
def test_the_paper_has_the_digest_of_the_json(as_: Callable[..., Any]) -> None:
    person = as_("sun.zhao")
    digest = person.get("/trace/STEEL-1").json()["digest"]
    answer = person.get("/trace/STEEL-1", params={"format": "pdf"})
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["etag"] == f'"{digest}"'
    assert answer.headers["content-disposition"] == f'attachment; filename="trace-{digest[:12]}.pdf"'
    assert answer.content.startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/trace/", 422, "ID-001"),
        ("/trace/NOPE", 404, "TRC-001"),
        ("/trace/" + "9" * 10_000, 422, "ID-002"),
        ("/trace/" + quote("🩺"), 422, "ID-003"),
        ("/trace/STEEL-1?as_of=tomorrow", 422, "TRC-010"),
        ("/trace/STEEL-1?as_of=2999-01-01", 422, "TRC-011"),
        ("/trace/STEEL-1?direction=sideways", 422, None),
        ("/resolve", 422, "ID-001"),
        ("/resolve?text=NOPE", 404, "TRC-001"),
        ("/resolve?text=" + "x" * 10_000, 422, "ID-002"),
        ("/resolve?text=" + quote("🩺"), 422, "ID-003"),
    ],
)
def test_bad_input_is_answered_in_both_languages(
    as_: Callable[..., Any], path: str, status: int, code: str | None
) -> None:
    answer = as_("sun.zhao").get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert code in {None, body["code"]}
    assert body["zh"]
    assert body["en"]
    assert body["clause"]


def test_nobody_traces_without_logging_in(anybody: Client) -> None:
    assert anybody.get("/api/v1/trace/STEEL-1").status_code == 401
    assert anybody.get("/api/v1/resolve", params={"text": "STEEL-1"}).status_code == 401


def test_a_notice_is_held_against_the_register(as_: Callable[..., Any], anybody: Client) -> None:
    text = "REF NEEDLE, Lots n1/a, N-1/A – N-9/A; Lots SUP 77, NOPE-1; 1234-5678"
    answer = as_("zheng.shenji").post("/resolve/list", {"text": text})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert {entry["label"]: (entry["status"], entry["lots"], entry["sample"]) for entry in body["entries"]} == {
        "n1/a": ("found", 1, ["N-1/A"]),
        "SUP 77": ("other_item", 0, []),
        "NOPE-1": ("unknown", 0, []),
        "N-1/A – N-9/A": ("found", 1, ["N-1/A"]),
    }
    assert (body["lots"], body["unknown"], body["complete"]) == (1, ["NOPE-1"], False)
    assert [question["ask"] for question in body["questions"]] == ["range_or_number"]
    assert anybody.post("/api/v1/resolve/list", json={"text": text}).status_code == 401


@pytest.mark.parametrize(("text", "code"), [("", "LST-001"), ("\u200b ", "LST-001"), ("A1, " * 60_000, "LST-002")])
def test_a_notice_without_text_or_without_end_is_refused(as_: Callable[..., Any], text: str, code: str) -> None:
    answer = as_("sun.zhao").post("/resolve/list", {"text": text})
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["zh"]
