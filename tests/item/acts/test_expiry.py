"""What had run out when it went in, and what runs out before the release (ISO 13485 7.5.11)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest_asyncio
from sqlalchemy import text

from models.genealogy.tables import GenealogyEdge
from models.kernel.store.act import now, reading
from models.lot.store import lots
from models.release.rules import evidence
from models.release.store import batch_record
from tests.support.plant.bringing import bringing
from tests.support.plant.direct import do
from tests.support.plant.plant import Plant
from tests.support.record import refused
from tests.support.servers.database import past_walls

TODAY = datetime.now(UTC).date()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def busy(desk: Plant) -> Plant:
    """R-1 and R-2 are material."""
    await desk.material("R-1", 5000)
    await desk.material("R-2", 5000)
    return desk


def change(plant: Plant, lot_no: str, **values: Any) -> None:
    """The date of a lot is found to be another one."""
    sets = ", ".join(f"{name} = :{name}" for name in values)
    with past_walls(plant.engine) as connection:
        query = f"update lot set {sets} where lot_no = :lot"  # noqa: S608 - our own words
        connection.execute(text(query), {"lot": lot_no, **values})


def judged(plant: Plant, lot_no: str) -> tuple[Any, list[str]]:
    with reading(plant.engine) as session:
        record = batch_record.build(session, lots.get(session, lot_no))
        return record, [one.code for one in evidence.assess(record, now(session)).exceptions]


async def test_a_batch_that_has_expired_is_not_released(busy: Plant) -> None:
    await busy.make("X-1", "R-1", 5)
    await busy.complete("X-1", "review", "zhou.shen", "release")
    assert judged(busy, "X-1")[1] == []
    change(busy, "X-1", expires_on=TODAY - timedelta(days=40), expiry_precision="month")
    command = busy.completion(busy.task("X-1", "approve"), busy.by("chen.pi"), "release", reason="客户急需")
    # the date is part of the record: the first signature is void, and no reason talks it away
    with refused(busy.engine, "SIG-005"):
        do(busy.engine, "complete_task", command)
    await busy.complete("X-1", "approve", "chen.pi", "review_again", reason="日期有误")
    command = busy.completion(busy.task("X-1", "review"), busy.by("zhou.shen"), "release", reason="客户急需")
    with refused(busy.engine, "REL-001", zh="本批已过有效期", en="has expired"):
        do(busy.engine, "complete_task", command)


async def test_a_batch_made_of_what_had_expired_is_not_released(busy: Plant) -> None:
    await busy.make("X-2", "R-1", 5)
    record, codes = judged(busy, "X-2")
    assert codes == []
    assert record.zone == "Asia/Shanghai"
    assert record.parents[0].consumed_at == record.operations[0].finished_at
    yesterday = record.parents[0].consumed_at.date() - timedelta(days=2)
    change(busy, "R-1", expires_on=yesterday)
    assert judged(busy, "X-2")[1] == ["EV-MATERIAL-4"]
    command = busy.completion(busy.task("X-2", "review"), busy.by("zhou.shen"), "release", reason="客户急需")
    with refused(busy.engine, "REL-001", zh=f"R-1 投料时（{TODAY.year}"):
        do(busy.engine, "complete_task", command)
    change(busy, "R-1", expires_on=None)


async def test_a_corrected_link_counts_from_when_the_wrong_one_was_told(busy: Plant) -> None:
    """A link that an operation recorded is corrected as of that operation; one that was imported knows none."""
    await busy.make("X-3", "R-1", 5)
    with bringing(busy.engine) as session:
        given: dict[str, Any] = {
            "child_lot_id": lots.get(session, "X-3").id,
            "kind": "consume",
            "quantity": Decimal(5),
            "uom": "pcs",
        }
        told, later = datetime.now(UTC) - timedelta(days=30), datetime.now(UTC)
        wrong = GenealogyEdge(parent_lot_id=lots.get(session, "R-1").id, source="import", at=told, **given)
        session.add(wrong)
        session.flush()
        right = lots.get(session, "R-2").id
        session.add(GenealogyEdge(parent_lot_id=right, supersedes_id=wrong.id, at=later, **given))
    change(busy, "R-2", expires_on=TODAY - timedelta(days=2))
    record, codes = judged(busy, "X-3")
    assert [(one.lot_no, one.consumed_at) for one in record.parents][1:] == [("R-2", told)]
    assert record.operations[0].consumed == ("R-1",)
    assert codes == ["EV-BALANCE-4"]  # ten went in where the bill takes five
    change(busy, "R-2", expires_on=None)
