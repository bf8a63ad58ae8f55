"""A plant whose every step is called otherwise makes, releases, ships and recalls as before: nothing goes by the keys of steps."""

import json
from dataclasses import dataclass

import pytest
from sqlmodel import col, select

from models.definition import store as definitions
from models.definition.document import as_data
from models.kernel.store.act import act, reading
from models.lot.tables import Lot
from models.process.tables.process import HumanTask
from tests.support.definitions import all_shipped, renamed
from tests.support.plant.direct import direct
from tests.support.plant.plant import SETUP, Plant
from tests.support.plant.recalling import Recalling
from tests.support.servers.database import TestDatabase

SUBJECTS = "select string_agg(distinct s.subject, ',' order by s.subject) from signature s"


@dataclass
class Renamed(Plant):
    """The same people, who find their tasks under the new names."""

    def task(self, lot_no: str, stage: str) -> HumanTask:
        """The open task of a stage."""
        return super().task(lot_no, f"x_{stage}")

    def done_task(self, lot_no: str, stage: str) -> HumanTask:
        """The newest completed task of a stage."""
        with reading(self.engine) as session:
            query = select(HumanTask).join(Lot).where(Lot.lot_no == lot_no, HumanTask.stage == f"x_{stage}")
            return session.exec(query.order_by(col(HumanTask.id).desc())).all()[0]


class RenamedRecall(Recalling):
    """A recall on it."""

    def task(self, stage: str) -> HumanTask:
        """The open task of a stage."""
        return super().task(f"x_{stage}")


@pytest.fixture(scope="module")
def desk(module_database: TestDatabase) -> Renamed:
    """A plant in which newer versions with other names of steps are in force."""
    plain = direct(module_database.engine)
    with act(plain.engine, SETUP) as session:
        for definition in all_shipped().values():
            newer = renamed(definition).model_copy(update={"version": definition.version + 1})
            definitions.ship(session, json.dumps(as_data(newer), ensure_ascii=False))
    return Renamed(plain.engine, plain.client, plain.door)


async def test_a_batch_is_made_packed_released_and_shipped(desk: Renamed) -> None:
    await desk.material("RS-M", 200)
    await desk.make("RS-1", "RS-M", 50)
    packed = "select data ->> 'packed' from lot_fact f join lot l on l.id = f.lot_id where l.lot_no = 'RS-1' and fact = 'lot.packed'"
    assert desk.scalar(packed) == "50"
    await desk.release("RS-1")
    assert desk.status("RS-1") == "released"
    await desk.ship("RS-S1", "RS-1", 20)
    assert desk.scalar(SUBJECTS) == "inspection,release"


async def test_labels_that_do_not_add_up_hold_the_batch(desk: Renamed) -> None:
    await desk.material("RS-N", 200)
    await desk.make("RS-2", "RS-N", 50, labels_printed=60)
    held = "select count(*) from hold h join lot l on l.id = h.lot_id where l.lot_no = 'RS-2' and h.cause = 'labels'"
    assert desk.scalar(held) == 1


async def test_a_recall_holds_notifies_reminds_and_closes(desk: Renamed) -> None:
    recall = RenamedRecall(desk, "RC-RS-1")
    await recall.open("RS-1")
    await recall.freeze()
    held = await recall.do("hold_all", "sun.zhao")
    assert held.data["lots"] >= 1
    told = await recall.do("notify", "sun.zhao")
    assert told.data["notices"] == 1
    status = "select status || ' ' || coalesce(recall_class, '') from recall where recall_no = 'RC-RS-1'"
    assert desk.scalar(status) == "open II"
