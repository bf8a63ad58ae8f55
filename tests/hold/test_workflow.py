"""A recall holds its whole scope while shipments are being picked: nothing leaves after, and what left before is seen.

Issue "recall", must show 7; DESIGN 6.  Fifty times straight at PostgreSQL, shipments in threads of their own.
"""

from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from functools import partial
from itertools import count
from random import Random
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import text

from models.hold.store import holds
from models.kernel.refusal import Refusal
from models.kernel.store.act import act, now
from models.process.messages.process import Receipt
from models.recall.tables.recall import Recall
from models.shipment.messages import Ship, ShipLine
from runtime.postgres import Postgres
from tests.support.letting_go import let_go
from tests.support.often import often
from tests.support.plant.direct import direct, do
from tests.support.plant.plant import SETUP, Plant
from tests.support.servers.database import TestDatabase, copy_template, drop
from tests.support.servers.together import in_line, split, together

LOTS = [f"R-SCOPE-{number:02}" for number in range(12)]
NUMBERS = count(1)
GONE = "select coalesce(sum(quantity), 0) from stock_movement where kind = 'ship'"
# of each lot, whether the newest thing that happened to it is that it was held
HELD_LAST = """
select bool_and(t.table_name = 'hold') from lot l cross join lateral (
  select e.table_name from audit_event e where e.lot_id = l.id and e.operation = 'insert'
     and e.table_name in ('hold', 'stock_movement') order by e.id desc limit 1) t
 where l.lot_no like 'R-SCOPE-%'
"""


@pytest.fixture(scope="module")
def scope_database(database_template: Postgres, furnished_template: str) -> Iterator[TestDatabase]:
    made = copy_template(database_template, furnished_template)
    yield made
    drop(database_template, made)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(scope_database: TestDatabase) -> AsyncIterator[Plant]:
    """A plant without Temporal with a dozen lots in stock."""
    made = direct(scope_database.engine)
    for lot in LOTS:
        await made.material(lot, 5000)
    yield made


def recall(plant: Plant, number: int) -> int:
    with act(plant.engine, SETUP) as session:
        by = plant.by("wu.jingli").person_id
        row = Recall(
            recall_no=f"RC-{number}", mode="recall", title="断裂", reason="投诉", identifier=LOTS[0], opened_by_id=by
        )
        session.add(row)
        session.flush()
        return row.id


def hold_all(plant: Plant, recall_id: int) -> Receipt:
    """Hold the scope; answers how many lots, and what had been shipped by then, as the act itself sees it."""
    with act(plant.engine, SETUP) as session:
        keys = session.connection().execute(text("select id from lot where lot_no = any(:lots)"), {"lots": LOTS})
        person = plant.by("wu.jingli").person_id
        placed = holds.place(
            session,
            keys.scalars().all(),
            reason="RC 断裂",
            cause="recall",
            person_id=person,
            now=now(session),
            recall_id=recall_id,
        )
        gone = session.connection().execute(text(GONE)).scalar_one()
        return Receipt(act="hold_all", at=now(session), data={"held": len(placed.holds), "gone": gone})


def ship(plant: Plant, lots: list[str]) -> Receipt:
    lines = tuple(ShipLine(lot_no=lot, quantity=Decimal(1)) for lot in lots)
    command = Ship(
        command_id=str(uuid4()),
        by=plant.by("li.cang"),
        shipment_no=f"SCOPE-{next(NUMBERS)}",
        customer_no="C-1",
        lines=lines,
    )
    return do(plant.engine, "ship", command)


@pytest.mark.slow
async def test_nothing_leaves_after_a_recall_holds_its_scope_again_and_again(
    desk: Plant, scope_database: TestDatabase
) -> None:
    """Half of them as the machine likes; half in line for the same lot, the hold in a place that we know."""
    chance = Random(7)  # noqa: S311 - no secret
    for number in range(often(2, 50)):
        case, place, free = recall(desk, number), number // 2 % 6, number % 2 == 0
        picks = [chance.sample(LOTS, 3) if free else [LOTS[0], *chance.sample(LOTS[1:], 2)] for _ in range(5)]
        acts = [partial(ship, desk, lots) for lots in picks]
        acts.insert(place, partial(hold_all, desk, case))
        done, denied = split(together(*acts) if free else in_line(desk.engine, LOTS[0], *acts))
        assert {one.code for one in denied} <= {"LOT-003"}
        assert len(done) + len(denied) == 6
        assert free or len(done) - 1 == place
        [held] = [one.data for one in done if one.act == "hold_all"]
        assert held == {"held": len(LOTS), "gone": desk.scalar(GONE)}
        assert desk.scalar(HELD_LAST)
        with pytest.raises(Refusal, match="LOT-003"):
            ship(desk, chance.sample(LOTS, 1))
        assert let_go(scope_database, desk, case) == len(LOTS)


async def test_a_scope_is_held_once_by_a_recall_and_again_by_another(desk: Plant, scope_database: TestDatabase) -> None:
    first, second = recall(desk, 1001), recall(desk, 1002)
    assert [hold_all(desk, case).data["held"] for case in (first, first, second)] == [len(LOTS), 0, len(LOTS)]
    assert let_go(scope_database, desk, first) == len(LOTS)
    with pytest.raises(Refusal, match="LOT-003"):
        ship(desk, LOTS[:1])
    assert let_go(scope_database, desk, second) == len(LOTS)
    ship(desk, LOTS[:1])


async def test_two_recalls_hold_the_same_scope_at_once(desk: Plant, scope_database: TestDatabase) -> None:
    for number in range(2000, often(2004, 2010), 2):
        cases = [recall(desk, number), recall(desk, number + 1)]
        together(*(partial(hold_all, desk, case) for case in cases))
        assert desk.scalar("select count(*) from hold where lifted_at is null") == 2 * len(LOTS)
        for case in cases:
            assert let_go(scope_database, desk, case) == len(LOTS)
