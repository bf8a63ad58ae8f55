"""Legal clocks by market of who got some of it: at home always, elsewhere where it was sold, in a drill none."""

from itertools import count

import pytest

from models.store import recall_clocks, recalls
from models.store.act import reading
from tests.support.plant import Plant
from tests.support.recalling import Recalling, move

NUMBERS = count(1)
CLOCKS = "select string_agg(distinct d.rule_key, ',' order by d.rule_key) from recall_deadline d join recall r on r.id = d.recall_id where r.recall_no = :no"
HOME = "cn.recall.notify.2,cn.recall.plan"


async def frozen(plant: Plant, mode: str = "recall") -> Recalling:
    """A batch of which the hospital got some; its recall is approved."""
    n = next(NUMBERS)
    await plant.material(f"RM-{n}", 100)
    await plant.make(f"HM-{n}", f"RM-{n}", 50)
    await plant.release(f"HM-{n}")
    await plant.ship(f"SM-{n}", f"HM-{n}", 30)
    recall = Recalling(plant, f"{'RD' if mode == 'drill' else 'RC'}-2026-7{n:02d}", mode)
    await recall.open(f"HM-{n}")
    await recall.freeze()
    return recall


@pytest.mark.parametrize(
    ("country", "clocks"),
    [
        ("CN", HOME),
        ("US", f"{HOME},us.806.report"),
        ("DE", f"{HOME},eu.mdr87.fsca"),
        ("BR", HOME),
        (None, HOME),
    ],
)
async def test_no_clock_runs_for_a_market_where_nothing_was_sold(desk: Plant, country: str | None, clocks: str) -> None:
    move(desk, "C-1", country)
    recall = await frozen(desk)
    assert desk.scalar(CLOCKS, no=recall.number) == clocks
    with reading(desk.engine) as session:
        found = recalls.get(session, recall.number)
        assert recall_clocks.nowhere(session, found) == (country is None)


async def test_a_drill_sets_no_clock_going(desk: Plant) -> None:
    move(desk, "C-1", "US")
    drill = await frozen(desk, "drill")
    assert desk.scalar(CLOCKS, no=drill.number) is None


async def test_a_market_that_an_expansion_reaches_gets_its_first_clock_and_no_extension(desk: Plant) -> None:
    move(desk, "C-1", "CN")
    recall = await frozen(desk)
    await recall.do("hold_all", "sun.zhao")
    await recall.do("notify", "sun.zhao")
    move(desk, "C-1", "US")
    n = next(NUMBERS)
    await desk.material(f"RM-{n}", 100)
    await desk.make(f"HM-{n}", f"RM-{n}", 50)
    await desk.release(f"HM-{n}")
    await desk.ship(f"SM-{n}", f"HM-{n}", 5)
    await recall.do("follow_up", "sun.zhao", "expand", reason="同一材料", form={"identifiers": f"HM-{n}"})
    await recall.freeze()
    assert desk.scalar(CLOCKS, no=recall.number) == f"{HOME},us.806.report"
