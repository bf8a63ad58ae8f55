"""A split against another split, a shipment, a hold, a release: one order or the other, and quantities add up.

Issue "recall", must show 3; REQUIREMENTS 6, 7.  In depth fifty of each, straight at PostgreSQL, in threads of their own.
"""

from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from functools import partial
from itertools import count
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import text

from models.hold.messages import PlaceHold
from models.kernel.refusal import Refusal
from models.kernel.store.act import act, now, reading
from models.lot.store import lots
from models.process.messages.process import Receipt
from models.recall.store import hold_and_notify as outward
from models.recall.store import recalls
from models.recall.tables.recall import Recall, RecallScope
from models.shipment.messages import Ship, ShipLine
from models.trace.rules.trace import Direction
from models.trace.store.trace import trace_identifier
from runtime.postgres import Postgres
from tests.support.letting_go import let_go
from tests.support.often import often
from tests.support.plant.direct import at_once, direct, do, meet
from tests.support.plant.plant import SETUP, Plant
from tests.support.plant.reshaping import in_stock, merging, new, splitting
from tests.support.servers.database import TestDatabase, copy_template, drop
from tests.support.servers.together import in_line, orders, together
from tests.support.servers.together import split as sort

NUMBERS = count(1)
IN_SCOPE = text("insert into recall_lot (scope_id, lot_id) select :scope, id from lot where lot_no = :lot")
BALANCED = """
select count(*) from genealogy_edge e where e.kind in ('split', 'merge', 'repack') and not edge_conserves(e)
"""


@pytest.fixture(scope="module")
def race_database(database_template: Postgres, furnished_template: str) -> Iterator[TestDatabase]:
    made = copy_template(database_template, furnished_template)
    yield made
    drop(database_template, made)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(race_database: TestDatabase) -> AsyncIterator[Plant]:
    """A plant without Temporal."""
    made = direct(race_database.engine)
    for lot in ("R-LAST", "R-SHIP", "R-HOLD"):
        await made.material(lot, 1000)
    yield made


def shipping(plant: Plant, lot: str, quantity: int) -> Ship:
    return Ship(
        command_id=str(uuid4()),
        by=plant.by("li.cang"),
        shipment_no=f"RESHAPE-{next(NUMBERS)}",
        customer_no="C-1",
        lines=(ShipLine(lot_no=lot, quantity=Decimal(quantity)),),
    )


def number() -> str:
    return f"RACE-{next(NUMBERS)}"


def whole(plant: Plant, lot: str) -> None:
    with reading(plant.engine) as session:
        found = trace_identifier(session, lot, Direction.BOTH)
    assert (found.complete, found.balanced) == (True, True), found.findings
    assert plant.scalar(BALANCED) == 0


@pytest.mark.slow
async def test_two_splits_race_for_the_last_units_again_and_again(desk: Plant) -> None:
    there, much = Decimal(1000), often(200, 12)
    scarce = 3 * much
    for _ in range(often(8, 50)):
        # in the end each wants more than half of what is there, so that both don't fit
        quantity = int(there // 2) + 1 if there < scarce else much
        names = (number(), number())
        acts = (("reshape", splitting(desk, "R-LAST", new(name, quantity))) for name in names)
        done, denied = at_once(desk, *acts)
        if there < scarce:
            assert [one.code for one in denied] == ["STK-001"]
        there -= quantity * len(done)
        assert in_stock(desk, "R-LAST") == there
        if there <= 2:  # a split leaves something
            break
    assert there <= 2
    whole(desk, "R-LAST")


@pytest.mark.slow
async def test_a_split_and_a_shipment_race_for_the_last_units_again_and_again(desk: Plant) -> None:
    """Both in either order, or the slower one reads how little is left; nothing is there twice."""
    for first in orders(often(3, 50)):
        lot, part = number(), number()
        do(desk.engine, "reshape", splitting(desk, "R-SHIP", new(lot, 3)))
        acts = (("reshape", splitting(desk, lot, new(part, 2))), ("ship", shipping(desk, lot, 2)))
        done, denied = meet(desk, lot, first, *acts)
        assert [one.act for one in done] in ([["split"], ["ship"]] if first is None else [[("split", "ship")[first]]])
        assert [one.code for one in denied] == ["STK-001"]
        assert in_stock(desk, lot) == 1
    whole(desk, "R-SHIP")


@pytest.mark.slow
async def test_a_split_and_a_hold_meet_again_and_again_and_nothing_is_free_that_was_held_before(desk: Plant) -> None:
    """The hold first: the part is held.  The split first: the part was another lot by then, and the rest is held."""
    for first in orders(often(3, 50)):
        lot, part = number(), number()
        do(desk.engine, "reshape", splitting(desk, "R-HOLD", new(lot, 5)))
        hold = PlaceHold(command_id=str(uuid4()), by=desk.by("wu.jingli"), lot_nos=(lot,), reason="投诉")
        acts = (("reshape", splitting(desk, lot, new(part, 2))), ("place_hold", hold))
        done, denied = meet(desk, lot, first, *acts)
        assert (len(done), denied) == (2, [])
        # what is done to a lot is written under its lock: the trail's keys are in the order of what happened
        order = desk.scalar(
            "select array_agg(e.table_name order by e.id) from audit_event e join lot l on l.id = e.lot_id"
            " where l.lot_no = :lot and (e.table_name = 'hold'"
            " or (e.table_name = 'stock_movement' and e.after ->> 'kind' = 'reshape-out')) and e.operation = 'insert'",
            lot=lot,
        )
        inherited = desk.scalar(
            "select count(*) from hold h join lot l on l.id = h.lot_id where l.lot_no = :lot", lot=part
        )
        seen = ((["stock_movement", "hold"], 0), (["hold", "stock_movement"], 1))
        assert (order, inherited) in (seen if first is None else (seen[first],))
        for one in (lot, part)[: 1 + inherited]:
            with pytest.raises(Refusal, match="LOT-003"):
                do(desk.engine, "ship", shipping(desk, one, 1))


def recall_of(plant: Plant, lot: str) -> int:
    """A recall whose scope was computed before anybody splits."""
    with act(plant.engine, SETUP) as session:
        by = plant.by("wu.jingli").person_id
        row = Recall(recall_no=f"RC-{lot}", mode="recall", title="断裂", reason="投诉", identifier=lot, opened_by_id=by)
        session.add(row)
        session.flush()
        scope = RecallScope(recall_id=row.id, version=1, digest=lot, lots=1)
        session.add(scope)
        session.flush()
        session.connection().execute(IN_SCOPE, {"scope": scope.id, "lot": lot})
        return row.id


def hold_scope(plant: Plant, recall_id: int, lot: str) -> Receipt:
    with act(plant.engine, SETUP) as session:
        key = lots.get(session, lot).id
        recall = session.get_one(Recall, recall_id)
        scope = recalls.newest_scope(session, recall_id)
        held = outward.hold(session, recall, scope, plant.by("wu.jingli").person_id, now(session))
        assert key in held  # and the parts that were split off meanwhile
        return Receipt(act="hold_all", at=now(session))


@pytest.mark.slow
async def test_a_split_between_scope_and_hold_of_a_recall_escapes_nothing_again_and_again(
    desk: Plant, race_database: TestDatabase
) -> None:
    """Parts of parts too, split off before, while or after the recall holds its scope: nobody ships any of them."""
    for first in orders(often(3, 50)):
        lot, part, smaller, last = number(), number(), number(), number()
        do(desk.engine, "reshape", splitting(desk, "R-SHIP", new(lot, 8)))
        case = recall_of(desk, lot)
        do(desk.engine, "reshape", splitting(desk, lot, new(part, 4)))
        apart = partial(do, desk.engine, "reshape", splitting(desk, part, new(smaller, 2)))
        hold = partial(hold_scope, desk, case, lot)
        acts = (apart, hold) if first == 0 else (hold, apart)
        done, denied = sort(together(*acts) if first is None else in_line(desk.engine, part, *acts))
        assert (len(done), denied) == (2, [])
        do(desk.engine, "reshape", splitting(desk, smaller, new(last, 1)))
        for one in (lot, part, smaller, last):
            with pytest.raises(Refusal, match="LOT-003"):
                do(desk.engine, "ship", shipping(desk, one, 1))
        assert let_go(race_database, desk, case) == 4


async def test_two_people_give_the_same_number_to_different_parts(desk: Plant) -> None:
    for _ in range(often(2, 10)):
        name = number()
        done, denied = at_once(desk, *(("reshape", splitting(desk, lot, new(name, 1))) for lot in ("R-HOLD", "R-SHIP")))
        assert len(done) == 1
        assert denied[0].code in {"LOT-006", "API-409"}


async def test_two_mergers_of_the_same_lots_in_either_order_make_one(desk: Plant) -> None:
    for _ in range(often(2, 10)):
        lots = [number() for _ in range(3)]
        do(desk.engine, "reshape", splitting(desk, "R-HOLD", *(new(lot, 1) for lot in lots)))
        done, denied = at_once(
            desk, *(("reshape", merging(desk, number(), *order)) for order in (lots, list(reversed(lots))))
        )
        assert (len(done), [one.code for one in denied]) == (1, ["RSH-001"])
        assert done[0].data["quantity"] == "3"
    whole(desk, "R-HOLD")
