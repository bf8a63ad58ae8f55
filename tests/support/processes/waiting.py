"""Runs of processes that no noun needs, on a batch: waits, automatic stages and lists as tests draw them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import select

from models.definition import store as definitions
from models.definition.document import Definition, Text, canonical
from models.kernel.store.act import act, now
from models.kernel.time.moments import plant_day
from models.lot.kind import OF_GOODS
from models.lot.store import lots
from models.lot.tables import Lot
from models.process import kinds
from models.process.acts.clock import CLOCK
from models.process.kind import Effect, FactKind, Kind
from models.process.messages.followers import QUALITY, type_of
from models.process.messages.process import Notify, ProcessStart, RunView
from models.process.state import RunState
from models.process.store import runs
from models.process.tables.process import HumanTask, ProcessRun
from models.process.time import clock
from models.process.time.moments import SiteTime
from tests.support.plant.aging import aged
from tests.support.plant.plant import SETUP, Plant
from tests.support.servers.database import past_walls

ANSWERED = (
    text("""
update process_run set state = jsonb_set(state, array['forms', :stage, :field], to_jsonb(cast(:value as text)))
 where workflow_id = :id
"""),
    text("""
update human_task t set form = jsonb_set(t.form, array[:field], to_jsonb(cast(:value as text)))
  from process_run r where r.id = t.run_id and r.workflow_id = :id and t.stage = :stage
"""),
)


@contextmanager
def known(*drawn: Definition, effects: tuple[Effect, ...] = ()) -> Iterator[None]:
    """Let a kind of its own stand for each of these processes, with these effects, and a shipped workflow type follow it.

    What they wait for is told about batches, unless somebody has declared it already.
    """
    made = [
        Kind(
            family=one.key,
            subject="lot",
            prefix=one.key,
            workflow="Disposition",
            rank=5,
            signed_as=OF_GOODS,
            effects=effects,
        )
        for one in drawn
    ]
    declared = {one.name for one in kinds.facts()}
    waited = dict.fromkeys(stage.fact for one in drawn for stage in one.stages if stage.fact is not None)
    facts = [FactKind(name, Text(zh=name, en=name), ("lot",)) for name in waited if name not in declared]
    kinds.install(made, (), facts)
    try:
        yield
    finally:
        for told in facts:
            del kinds._facts[told.name]
        for kind in made:
            del kinds._families[kind.family]


def ship(plant: Plant, *drawn: Definition) -> None:
    """Put the definitions in force."""
    with act(plant.engine, SETUP) as session:
        for one in drawn:
            definitions.ship(session, canonical(one).decode())


def begun(plant: Plant, key: str, lot_no: str) -> RunView:
    """A run of the process on the batch, in the record; no workflow follows it yet."""
    with act(plant.engine, SETUP) as session:
        lot = session.exec(select(Lot).where(Lot.lot_no == lot_no)).one()
        run = runs.begin(session, key, lot, CLOCK, now(session))
        return runs.view(session, run, text=True)


async def followed(plant: Plant, view: RunView) -> None:
    """Its workflow begins, as the record asks for it."""
    await plant.client.start_workflow(
        type_of(view),
        ProcessStart(workflow_id=view.workflow_id, lot_no=view.lot_no, run=view),
        id=view.workflow_id,
        task_queue=QUALITY,
    )


async def begin(plant: Plant, key: str, lot_no: str) -> RunView:
    """A run of the process on the batch, followed."""
    view = begun(plant, key, lot_no)
    await followed(plant, view)
    return view


def fact(plant: Plant, lot_no: str, name: str) -> bool:
    """A fact of the batch becomes true."""
    with act(plant.engine, SETUP) as session:
        lot = session.exec(select(Lot).where(Lot.lot_no == lot_no)).one()
        lots.lock_by_key(session, lot.id)
        return runs.fact(session, "lot", lot.id, name, CLOCK, now(session))


async def news(plant: Plant, workflow_id: str) -> None:
    """The workflow looks at the record again, as it does when it is told of a fact."""
    await plant.client.get_workflow_handle(workflow_id).signal("changed", Notify(fact="process.changed"))


def row(plant: Plant, workflow_id: str) -> ProcessRun:
    """The run as the record has it."""
    with act(plant.engine, SETUP) as session:
        return session.exec(select(ProcessRun).where(ProcessRun.workflow_id == workflow_id)).one()


def open_stages(plant: Plant, workflow_id: str) -> list[str]:
    """The stages that are open."""
    return [one["key"] for one in row(plant, workflow_id).state["open"]]


def tasks(plant: Plant, workflow_id: str) -> list[HumanTask]:
    """All tasks that the run has opened, in order."""
    with act(plant.engine, SETUP) as session:
        run = session.exec(select(ProcessRun).where(ProcessRun.workflow_id == workflow_id)).one()
        return list(session.exec(select(HumanTask).where(HumanTask.run_id == run.id).order_by(text("id"))).all())


def older(plant: Plant, workflow_id: str, by: timedelta) -> None:
    """The run began that much earlier."""
    aged(plant.engine, workflow_id, by)


def moments(plant: Plant, lot_no: str, fact_: str) -> list[dict[str, Any]]:
    """What the batch's timeline says of a fact."""
    found = plant.scalar(
        "select coalesce(jsonb_agg(f.data order by f.id), '[]') from lot_fact f join lot l on l.id = f.lot_id"
        " where l.lot_no = :lot and f.fact = :fact",
        lot=lot_no,
        fact=fact_,
    )
    return list(found)


def opened_at(plant: Plant, workflow_id: str, stage: str) -> datetime:
    """When the stage was opened, as the record has it."""
    return next(
        datetime.fromisoformat(one["opened_at"]) for one in row(plant, workflow_id).state["open"] if one["key"] == stage
    )


def state(plant: Plant, workflow_id: str) -> RunState:
    """What the run remembers."""
    return RunState.model_validate(row(plant, workflow_id).state)


def answered(plant: Plant, workflow_id: str, stage: str, field: str, value: str) -> None:
    """An answer was another one, in the record of the run and of its task."""
    with past_walls(plant.engine) as connection:
        for statement in ANSWERED:
            given = {"stage": stage, "field": field, "value": value, "id": workflow_id}
            connection.execute(statement, given)


def today(plant: Plant) -> tuple[SiteTime, date]:
    """The time of the site, and which day it is there."""
    with act(plant.engine, SETUP) as session:
        site = clock.site(session)
        return site, plant_day(now(session), site.zone)
