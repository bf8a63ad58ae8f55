"""What became true of a subject is read over the API: the newest first, in pages, with what each fact caused and why not."""

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine
from sqlmodel import select

from models.definition import store as definitions
from models.definition.document import as_data
from models.kernel.store.act import act, now
from models.lot.tables import Lot
from models.process.fact import tell as facts
from models.process.store import runs
from models.process.tables.subject import Subject
from tests.support.definitions import shipped, text
from tests.support.plant import cast
from tests.support.plant.cast import SEEDER

Login = Callable[..., Any]
TRIGGER = {
    "fact": "lot.hold_lifted",
    "process": "release",
    "title": text("so"),
    "when": {"op": "eq", "fact": "lot.kind", "value": "finished"},
}


def test_facts_are_read_in_pages_with_what_they_caused(as_: Login, engine: Engine, people: dict[str, int]) -> None:
    assert people
    cast.receive(engine, "R-F")
    with act(engine, SEEDER) as session:
        lot = session.exec(select(Lot).where(Lot.lot_no == "R-F")).one()
        subject = session.get_one(Subject, lot.subject_id).public_id
        facts.tell(session, lot, "lot.depleted", runs.NOBODY, now(session))
    with act(engine, SEEDER) as session:
        body = {**as_data(shipped("release")), "version": 99, "triggers": [TRIGGER]}
        definitions.ship(session, json.dumps(body, ensure_ascii=False))
        facts.tell(session, lot, "lot.hold_lifted", runs.NOBODY, now(session), once="H-1")
    reader = as_("lin.jian")
    answer = reader.get(f"/subjects/{subject}/facts?limit=1")
    assert answer.is_success, answer.text
    newest = answer.json()
    assert (newest["kind"], newest["number"]) == ("lot", "R-F")
    [fact] = newest["items"]
    assert (fact["name"], fact["once"], fact["title"]["en"]) == ("lot.hold_lifted", "H-1", "the batch is free of holds")
    [cause] = fact["causes"]
    assert (cause["caused"], cause["code"], cause["process"], cause["run"]) == (False, "not_so", "release", None)
    assert cause["because"] == {"zh": "条件不成立", "en": "its condition doesn't hold"}
    older = reader.get(f"/subjects/{subject}/facts?limit=1&cursor={newest['next']}").json()
    assert [(one["name"], one["causes"]) for one in older["items"]] == [("lot.depleted", [])]
    assert older["next"] is None


def test_a_subject_that_is_none_is_said(as_: Login, people: dict[str, int]) -> None:
    assert people
    answer = as_("lin.jian").get("/subjects/0197a1b2-0000-7000-8000-000000000000/facts")
    assert (answer.status_code, answer.json()["code"]) == (404, "PRC-405")
