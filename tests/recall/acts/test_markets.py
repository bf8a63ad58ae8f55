"""Legal clocks by market of who got some of it: at home always, elsewhere where it was sold, in a drill none."""

from itertools import count

import pytest

from models.kernel.store.act import act, now, reading
from models.recall.store import clocks as recall_clocks
from models.recall.store import recalls
from tests.support import stock
from tests.support.plant.plant import SETUP, Plant
from tests.support.plant.recalling import Recalling, move

NUMBERS = count(1)
CLOCKS = "select string_agg(distinct d.rule_key, ',' order by d.rule_key) from recall_deadline d join recall r on r.id = d.recall_id where r.recall_no = :no"
HOME = "cn.recall.notify.2,cn.recall.plan"


@pytest.fixture(scope="module")
def desk(stocked_desk: Plant) -> Plant:
    """A plant where batches stand ready."""
    return stocked_desk


async def frozen(plant: Plant, mode: str = "recall") -> Recalling:
    """A batch of which the hospital got some; its recall is approved."""
    n = next(NUMBERS)
    lot = await stock.shipped(plant, 30)
    recall = Recalling(plant, f"{'RD' if mode == 'drill' else 'RC'}-2026-7{n:02d}", mode)
    await recall.open(lot)
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
    lot = await stock.shipped(desk, 5)
    await recall.do("follow_up", "sun.zhao", "expand", reason="同一材料", form={"identifiers": lot})
    await recall.freeze()
    assert desk.scalar(CLOCKS, no=recall.number) == f"{HOME},us.806.report"


def caught_up(desk: Plant) -> list[str]:
    with act(desk.engine, SETUP) as session:
        return recall_clocks.catch_up(session, now(session))


async def test_a_market_that_becomes_known_while_the_recall_runs_gets_its_clocks_without_anybody_touching_it(
    desk: Plant,
) -> None:
    move(desk, "C-1", None)
    asleep = Recalling(desk, "RC-2026-7-ASLEEP")
    await desk.material("RM-ASLEEP", 10)
    await desk.ship("SM-ASLEEP", "RM-ASLEEP", 3)
    await asleep.open("RM-ASLEEP")
    recall, drill, gone = await frozen(desk), await frozen(desk, "drill"), await frozen(desk)
    for one in (recall, gone):
        await one.do("hold_all", "sun.zhao")
        await one.do("notify", "sun.zhao")
    lot = desk.scalar("select lot_no from lot l join recall_lot m on m.lot_id = l.id order by m.id desc limit 1")
    await gone.do("follow_up", "sun.zhao", "expand", reason="误报", form={"identifiers": lot})
    await gone.withdraw()
    assert caught_up(desk) == []
    move(desk, "C-1", "DE")
    found = caught_up(desk)
    assert recall.number in found
    assert not {drill.number, gone.number, asleep.number} & set(found)
    assert desk.scalar(CLOCKS, no=recall.number) == f"{HOME},eu.mdr87.fsca"
    assert (desk.scalar(CLOCKS, no=drill.number), desk.scalar(CLOCKS, no=asleep.number)) == (None, None)
    assert caught_up(desk) == []
    move(desk, "C-1", "CN")
    assert caught_up(desk) == []
    await asleep.freeze()
    assert desk.scalar(CLOCKS, no=asleep.number) == HOME
