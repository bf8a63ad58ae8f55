"""A process about a thing of its own is added by a definition and one folder (`tests/process/sample`): no standing file knows it."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import create_engine
from sqlmodel import col, select

from models.definition import store as definitions
from models.definition.lint.lint import lint
from models.definition.yaml_text import parse_yaml
from models.kernel.refusal import Refusal
from models.kernel.store.act import act, now
from models.process import automatic, kinds, lawful
from models.process.messages.timer import RunAutomatic
from models.process.queries import inbox as queries_tasks
from models.process.store import runs
from models.process.tables.process import HumanTask, ProcessRun
from models.process.tables.subject import Subject
from tests.process.sample import kind as sample
from tests.process.sample.tables import Sample, make
from tests.support.plant.direct import direct
from tests.support.plant.plant import SETUP, Plant
from tests.support.servers.database import TestDatabase

FOLDER = Path(__file__).parent / "sample"
TEXTS = {one.stem: one.read_text(encoding="utf-8") for one in sorted(FOLDER.glob("*.yaml"))}
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module", autouse=True)
def known() -> Iterator[None]:
    """The noun is handed in, as by a word in the list of nouns."""
    kinds.install(sample.KINDS, sample.SUBJECTS)
    yield
    for one in sample.KINDS:
        del kinds._families[one.family]
    del kinds._subjects[sample.SUBJECT.key]


@pytest.fixture(scope="module")
def desk(module_database: TestDatabase) -> Plant:
    """A plant that has samples."""
    owner = create_engine(module_database.owner_url)
    make(owner)
    owner.dispose()
    plant = direct(module_database.engine)
    with act(plant.engine, SETUP) as session:
        for one in ("sample-part", "sample"):
            definitions.ship(session, TEXTS[one])
    return plant


def begin(desk: Plant, number: str) -> str:
    """A sample, and its process."""
    with act(desk.engine, SETUP) as session:
        row = Sample(number=number, title=f"样例 {number}", title_en=f"Sample {number}")
        session.add(row)
        session.flush()
        session.refresh(row)
        return runs.begin(session, "sample", row, runs.NOBODY, now(session)).row.workflow_id


def tasks(desk: Plant, number: str) -> list[HumanTask]:
    """What is open about it."""
    with act(desk.engine, SETUP) as session:
        query = select(HumanTask).join(Subject, col(Subject.id) == col(HumanTask.subject_id))
        open_ = (Subject.kind == "sample", Subject.number == number, HumanTask.status == "open")
        return list(session.exec(query.where(*open_).order_by(col(HumanTask.id))).all())


async def do(desk: Plant, number: str, login: str, outcome: str | None = None, **more: Any) -> Any:
    """Somebody completes the first open task."""
    task = tasks(desk, number)[0]
    command = desk.completion(task, desk.by(login), outcome, signed=outcome is not None, **more)
    return await desk.door.complete_task(desk.client, "", command)


def stands(desk: Plant, workflow_id: str) -> tuple[str, list[str]]:
    """Its status and open stages."""
    with act(desk.engine, SETUP) as session:
        row = session.exec(select(ProcessRun).where(ProcessRun.workflow_id == workflow_id)).one()
        return row.status, [one["key"] for one in row.state["open"]]


TOLD = [
    "sample.write",
    "sample.review",
    "sample.approve",
    *["sample-part.look"] * 2,
    "sample.settled",
    "sample.settle",
    "sample.ended",
]
FORM = {"remark": "清楚", "due": "2031-01-01", "parts": [{"name": "甲"}, {"name": "乙"}]}


async def test_it_goes_from_its_task_to_its_end(desk: Plant) -> None:
    run = begin(desk, "S-1")
    assert run == "sample/S-1"
    await do(desk, "S-1", "lin.jian", form=FORM)
    await do(desk, "S-1", "zhou.shen", "agree")
    signed = await do(desk, "S-1", "chen.pi", "agree")
    assert signed.data["meaning"] == "approved"
    assert stands(desk, run) == ("running", ["each"])
    for left in (1, 0):
        await do(desk, "S-1", "lin.jian")
        assert len(tasks(desk, "S-1")) == left
    assert stands(desk, run) == ("running", ["rest"])
    with act(desk.engine, SETUP) as session:
        row = session.exec(select(Sample).where(Sample.number == "S-1")).one()
        assert runs.fact(session, "sample", row.subject_id, "sample.ready", runs.NOBODY, now(session))
    assert stands(desk, run) == ("running", ["settle"])
    with act(desk.engine, SETUP) as session:
        view = runs.view(session, runs.of(session, run) or pytest.fail("it is there"))
        [command] = view.automatic
        assert isinstance(command, RunAutomatic)
        assert automatic.carry_out(session, command, now(session)).data["settled"] == "S-1"
        assert automatic.carry_out(session, command, now(session)).data == {"done": False}
    assert stands(desk, run) == ("completed", [])
    assert desk.scalar("select told from sample where number = 'S-1'").split() == TOLD
    assert desk.scalar("select remark from sample where number = 'S-1'") == "清楚"


async def test_its_gate_and_its_two_people_hold(desk: Plant) -> None:
    begin(desk, "S-2")
    await do(desk, "S-2", "lin.jian", form={**FORM, "remark": "?"})
    with pytest.raises(Refusal, match="SMP-001"):
        await do(desk, "S-2", "zhou.shen", "agree")
    await do(desk, "S-2", "zhou.shen", "back", reason="不清楚")
    await do(desk, "S-2", "lin.jian", form=FORM)
    await do(desk, "S-2", "zhou.shen", "agree")
    signatures = "select count(*) from signature g join subject s on s.id = g.subject_id where s.number = 'S-2'"
    assert desk.scalar(signatures) == 2


def test_the_inbox_shows_it_by_its_subject(desk: Plant) -> None:
    begin(desk, "S-3")
    with act(desk.engine, SETUP) as session:
        row = queries_tasks.row(session, UUID(str(tasks(desk, "S-3")[0].public_id)))
        about = session.exec(select(Subject).where(Subject.number == "S-3")).one()
    assert (row.lot_no, row.item, row.item_no) == ("S-3", "样例 S-3", "sample")
    assert None not in {about.owner_id, about.site_id, about.entity_id}


@pytest.mark.parametrize("key", sorted(TEXTS))
def test_its_definitions_are_lawful(key: str) -> None:
    known_processes = {"sample-part": {"seen"}, "sample": {"done"}}
    assert [*lint(parse_yaml(TEXTS[key]), None, known_processes), *lawful.check(parse_yaml(TEXTS[key]))] == []


def test_no_standing_file_knows_it() -> None:
    listed = ["git", "grep", "-lE", r"tests\.process\.sample|SMP-001", "--", "."]
    found = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    assert {one for one in found if not one.startswith("tests/process/")} == set()
