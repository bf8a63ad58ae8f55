"""The noun `sample` handed in, as a word in the list of nouns and a file in `workflows` would do it; and what its people do."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine
from sqlmodel import col, select

from models.definition import store as definitions
from models.kernel.store.act import act, now
from models.kernel.tables import Outbox
from models.process import kinds
from models.process.fact import tell as facts
from models.process.messages.process import Receipt
from models.process.store import runs
from models.process.tables.process import HumanTask, ProcessRun
from models.process.tables.subject import Subject
from tests.process.sample import kind as sample
from tests.process.sample.tables import Sample, make
from tests.process.sample.workflow import Sample as SampleWorkflow
from tests.support.plant.plant import SETUP, Plant
from workflows.temporal import registry

FOLDER = Path(__file__).parent
TEXTS = {one.stem: one.read_text(encoding="utf-8") for one in sorted(FOLDER.glob("*.yaml"))}
FORM = {"remark": "清楚", "due": "2031-01-01", "parts": [{"name": "甲"}, {"name": "乙"}]}
TOLD = [
    "sample.write",
    "sample.review",
    "sample.approve",
    *["sample-part.look"] * 2,
    "sample.settled",
    "sample.settle",
    "sample.ended",
]
"""What the line of a sample's life says at its end, where nobody waited for its day."""
BY_DAY = [*TOLD[:5], "sample.rest", *TOLD[5:]]
"""The same where its day came first."""


def hand_in() -> None:
    """For a process that has samples as long as it lives."""
    kinds.install(sample.KINDS, sample.SUBJECTS, sample.FACTS)
    registry.ALL.append(SampleWorkflow)


@contextmanager
def handed_in() -> Iterator[None]:
    """For the length of a block."""
    hand_in()
    try:
        yield
    finally:
        registry.ALL.remove(SampleWorkflow)
        for one in sample.KINDS:
            del kinds._families[one.family]
        for fact in sample.FACTS:
            del kinds._facts[fact.name]
        del kinds._subjects[sample.SUBJECT.key]


def furnish(owner_url: str, engine: Engine) -> None:
    """A furnished plant gets samples: their table and their definitions."""
    owner = create_engine(owner_url)
    make(owner)
    owner.dispose()
    with act(engine, SETUP) as session:
        for one in ("sample-part", "sample"):
            definitions.ship(session, TEXTS[one])


def begin(engine: Engine, number: str) -> str:
    """A sample, and its process; the dispatcher starts the workflow that follows it."""
    with act(engine, SETUP) as session:
        row = Sample(number=number, title=f"样例 {number}", title_en=f"Sample {number}")
        session.add(row)
        session.flush()
        session.refresh(row)
        run = runs.begin(session, "sample", row, runs.NOBODY, now(session)).row
        session.add(Outbox(fact="process.begun", payload={"run": run.id}))
        return run.workflow_id


def word(engine: Engine, number: str) -> bool:
    """Word comes that the sample is ready; answers whether something waited for it."""
    with act(engine, SETUP) as session:
        row = session.exec(select(Sample).where(Sample.number == number)).one()
        return bool(facts.tell(session, row, "sample.ready", runs.NOBODY, now(session)).moved)


def tasks(plant: Plant, number: str) -> list[HumanTask]:
    """What is open about it."""
    with act(plant.engine, SETUP) as session:
        query = select(HumanTask).join(Subject, col(Subject.id) == col(HumanTask.subject_id))
        open_ = (Subject.kind == "sample", Subject.number == number, HumanTask.status == "open")
        return list(session.exec(query.where(*open_).order_by(col(HumanTask.id))).all())


async def do(plant: Plant, number: str, login: str, outcome: str | None = None, **more: Any) -> Receipt:
    """Somebody completes the first open task."""
    task = tasks(plant, number)[0]
    command = plant.completion(task, plant.by(login), outcome, signed=outcome is not None, **more)
    done: Receipt = await plant.door.complete_task(plant.client, plant.workflow_of(task), command)
    return done


def stands(plant: Plant, workflow_id: str) -> tuple[str, list[str]]:
    """Its status and open stages."""
    with act(plant.engine, SETUP) as session:
        row = session.exec(select(ProcessRun).where(ProcessRun.workflow_id == workflow_id)).one()
        return row.status, [one["key"] for one in row.state["open"]]


def parts(plant: Plant, number: str) -> list[str]:
    """The workflows of its parts."""
    with act(plant.engine, SETUP) as session:
        found = select(ProcessRun.workflow_id).where(col(ProcessRun.workflow_id).startswith(f"sample-part/{number}/"))
        return list(session.exec(found.order_by(col(ProcessRun.id))).all())


def told(plant: Plant, number: str) -> list[str]:
    """The line of its life."""
    return str(plant.scalar("select told from sample where number = :number", number=number)).split()


def ripe(plant: Plant, number: str) -> timedelta:
    """How long it still rests, by the record."""
    with act(plant.engine, SETUP) as session:
        run = runs.of(session, f"sample/{number}")
        assert run is not None
        [timer] = runs.timers(session, run)
        return timer.at - now(session)
