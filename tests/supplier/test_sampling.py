"""A lot counts in the series of its item and supplier with its first verdict, in that transaction, and switches how the next is inspected (STANDARDS Q 88)."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from models import migrations
from models.kernel.store.act import reading
from models.supplier.queries import severities
from models.supplier.rules.switching import Severity
from tests.supplier.asking import goods
from tests.support.house.proves import proves
from tests.support.often import often
from tests.support.plant.direct import do
from tests.support.plant.plant import Plant
from tests.support.processes.drifting import arrived, verdict
from tests.support.servers.database import past_walls
from tests.support.servers.together import split, together

SERIES = """
select coalesce(jsonb_agg(jsonb_build_array(l.lot_no, p.seq, p.accepted, p.severity, p.then_severity, p.judged_at = i.decided_at) order by p.seq), '[]')
  from sampling_lot p join lot l on l.id = p.lot_id join inspection i on i.id = p.inspection_id join item t on t.id = l.item_id where t.item_no = :item
"""
STATE = "select jsonb_build_array(s.severity, s.since) from sampling_severity s join item i on i.id = s.item_id where i.item_no = :item"
TOLD = "select count(*) from fact f join subject s on s.id = f.subject_id where f.name = 'supplier.sampling_switched' and s.number like :lots"
BEFORE = Path(migrations.__file__).parent / "sql" / "sampling_before.sql"


async def came(plant: Plant, lot: str, item: str, supplier: str, *, good: bool) -> None:
    await arrived(plant, lot, item, supplier, (12.0, 12.0, 12.0), bad=0 if good else 2)
    await verdict(plant, lot, "accepted" if good else "failed")


def sampled(plant: Plant, item: str, supplier: str) -> severities.Sampled | None:
    with reading(plant.engine) as session:
        found = (
            session.connection()
            .execute(
                text("select s.id, i.id as item from supplier s, item i where s.supplier_no = :s and i.item_no = :i"),
                {"s": supplier, "i": item},
            )
            .one()
        )
        return severities.of_goods(session, found.id, found.item)


@proves("R29")
async def test_lots_switch_it_by_their_first_inspection_and_a_plant_of_before_is_brought_forward(desk: Plant) -> None:
    item = goods(desk, "ROD-SW", "SW-1", "SW-2")
    for supplier in ("SW-1", "SW-2"):
        desk.rely(item, supplier)
    assert sampled(desk, item, "SW-1") is None
    await came(desk, "SW-01", item, "SW-1", good=True)
    await came(desk, "SW-02", item, "SW-1", good=False)
    # inspected again and accepted, and again from another supplier: neither counts here
    await desk.complete("SW-02", "disposition", "chen.pi", "reinspect", reason="量具读错")
    await desk.measure("SW-02")
    await came(desk, "SW-X1", item, "SW-2", good=False)
    found = sampled(desk, item, "SW-1")
    assert found is not None
    assert (found.severity, found.left, found.switches) == (Severity.NORMAL, 0, ())
    await came(desk, "SW-03", item, "SW-1", good=False)
    found = sampled(desk, item, "SW-1")
    assert found is not None
    assert (found.severity, found.left) == (Severity.TIGHTENED, 5)
    assert [(one.then, one.lot, one.failed) for one in found.switches] == [
        (Severity.TIGHTENED, "SW-03", ("SW-02", "SW-03"))
    ]
    for n in range(4, 8):
        await came(desk, f"SW-0{n}", item, "SW-1", good=True)
    found = sampled(desk, item, "SW-1")
    assert found is not None
    assert (found.severity, found.left) == (Severity.TIGHTENED, 1)
    await came(desk, "SW-08", item, "SW-1", good=True)
    found = sampled(desk, item, "SW-1")
    assert found is not None
    assert (found.severity, found.switches[0].then, found.switches[0].failed) == (Severity.NORMAL, Severity.NORMAL, ())
    other = sampled(desk, item, "SW-2")
    assert other is not None
    assert other.severity is Severity.NORMAL
    assert desk.scalar(TOLD, lots="SW-%") == 2
    kept: list[Any] = [desk.scalar(one, item=item) for one in (SERIES, STATE)]
    assert len(kept[0]) == 9
    # as if the plant were of before: the update counts the same lots in the same order
    with past_walls(desk.engine) as connection:
        connection.exec_driver_sql("delete from sampling_lot; delete from sampling_severity")
        connection.exec_driver_sql(BEFORE.read_text(encoding="utf-8").replace("%", "%%"))
    assert [desk.scalar(one, item=item) for one in (SERIES, STATE)] == kept
    await came(desk, "SW-09", item, "SW-1", good=False)  # and goes on


@pytest.mark.parametrize("nth", range(often(1, 10)))
async def test_lots_that_are_signed_at_the_same_instant_count_one_after_the_other(desk: Plant, nth: int) -> None:
    item = goods(desk, f"ROD-RS{nth}", f"RS-{nth}")
    desk.rely(item, f"RS-{nth}")
    lots = [f"RS{nth}-{n}" for n in range(5)]
    for lot in lots:
        await arrived(desk, lot, item, f"RS-{nth}", (12.0, 12.0, 12.0), bad=2)
    commands = [desk.completion(desk.task(lot, "inspect"), desk.by("lin.jian"), "failed") for lot in lots]
    done, refused = split(together(*(partial(do, desk.engine, "complete_task", one) for one in commands)))
    assert (len(done), refused) == (5, [])
    found = desk.scalar(SERIES, item=item)
    assert {one[0] for one in found} == set(lots)
    assert [one[1:] for one in found] == [
        [n, False, "normal" if n < 3 else "tightened", "normal" if n < 2 else "tightened", True] for n in range(1, 6)
    ]
    assert desk.scalar(TOLD, lots=f"RS{nth}-%") == 1
