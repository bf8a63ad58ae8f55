"""Two people at one pallet: they pack the same last units, ship it while it is unpacked, nest it both ways.

Issue "recall", must show 3; REQUIREMENTS 56.  In depth twenty of each, straight at PostgreSQL, in threads of their own.
"""

from collections.abc import AsyncIterator, Iterator
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from models.hold.messages import PlaceHold
from models.kernel.refusal import Refusal
from runtime.postgres import Postgres
from tests.support.often import often
from tests.support.plant.direct import at_once, direct, do, meet
from tests.support.plant.packing import inner, moving, one, packing, serials, shipping, some, sscc, unpacking
from tests.support.plant.plant import Plant
from tests.support.plant.reshaping import in_stock, new, splitting
from tests.support.servers.database import TestDatabase, copy_template, drop
from tests.support.servers.together import orders

ROUNDS = often(2, 20)
NUMBERS = count(1)


@pytest.fixture(scope="module")
def race_database(database_template: Postgres, furnished_template: str) -> Iterator[TestDatabase]:
    made = copy_template(database_template, furnished_template)
    yield made
    drop(database_template, made)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(race_database: TestDatabase) -> AsyncIterator[Plant]:
    """A plant without Temporal."""
    made = direct(race_database.engine)
    await made.material("R-1", 5000)
    yield made


def unit() -> str:
    return sscc(next(NUMBERS))


def part(plant: Plant, quantity: int) -> str:
    name = f"P-{next(NUMBERS)}"
    do(plant.engine, "reshape", splitting(plant, "R-1", new(name, quantity)))
    return name


def put(plant: Plant, number: str, *contents: Any, **more: Any) -> None:
    do(plant.engine, "pack", packing(plant, number, *contents, **{"location": "RM-A1", **more}))


def live(plant: Plant, lot: str) -> Any:
    return plant.scalar(
        "select coalesce(sum(c.quantity), 0) from packed_content c join lot l on l.id = c.lot_id"
        " where l.lot_no = :lot and c.unpacked_at is null and c.shipment_line_id is null",
        lot=lot,
    )


@pytest.mark.slow
async def test_two_people_pack_the_same_last_units(desk: Plant) -> None:
    for _ in range(ROUNDS):
        lot = part(desk, 10)
        commands = [packing(desk, unit(), some(lot, 6), location="RM-A1") for _ in range(2)]
        done, denied = at_once(desk, *(("pack", command) for command in commands))
        assert (len(done), [no.code for no in denied]) == (1, ["STK-006"])
        assert live(desk, lot) == 6


@pytest.mark.slow
async def test_two_people_pack_the_same_serial_and_the_same_case(desk: Plant) -> None:
    for _ in range(ROUNDS):
        lot, case = part(desk, 10), unit()
        serials(desk, lot, f"SN-{lot}")
        commands = [packing(desk, unit(), one(lot, f"SN-{lot}"), location="RM-A1") for _ in range(2)]
        done, denied = at_once(desk, *(("pack", command) for command in commands))
        assert (len(done), [no.code for no in denied]) == (1, ["PCK-012"])
        put(desk, case, some(lot, 2))
        commands = [packing(desk, unit(), inner(case), kind="pallet", location="RM-A1") for _ in range(2)]
        done, denied = at_once(desk, *(("pack", command) for command in commands))
        assert (len(done), [no.code for no in denied]) == (1, ["PCK-012"])


@pytest.mark.slow
async def test_two_people_begin_the_same_pallet(desk: Plant) -> None:
    for _ in range(ROUNDS):
        lot, number = part(desk, 10), unit()
        commands = [packing(desk, number, some(lot, 4), location="RM-A1") for _ in range(2)]
        done, denied = at_once(desk, *(("pack", command) for command in commands))
        assert (len(done), denied) == (2, [])
        assert live(desk, lot) == 8


@pytest.mark.slow
async def test_a_pallet_is_shipped_while_somebody_unpacks_it(desk: Plant) -> None:
    """Shipped whole, and nothing comes out any more; or unpacked, and it doesn't leave; never a part of it unseen."""
    for first in orders(ROUNDS):
        lot, case, pallet = part(desk, 10), unit(), unit()
        put(desk, case, some(lot, 6))
        put(desk, pallet, inner(case), some(lot, 1), kind="pallet")
        number = f"S-{next(NUMBERS)}"
        acts = (("ship", shipping(desk, number, pallet)), ("pack", unpacking(desk, case, some(lot, 2))))
        done, denied = meet(desk, lot, first, *acts)
        sent = desk.scalar(
            "select sum(s.quantity) from shipment_line s join shipment h on h.id = s.shipment_id where h.shipment_no = :n",
            n=number,
        )
        assert len(done) in {1, 2}
        if len(done) == 2:  # unpacked before the shipper looked
            assert (int(sent), int(in_stock(desk, lot)), live(desk, lot)) == (5, 5, 0)
        elif done[0].act == "ship":
            assert ([no.code for no in denied], sent, int(in_stock(desk, lot))) == (["PCK-004"], 7, 3)
        else:
            assert ([no.code for no in denied], sent, int(in_stock(desk, lot))) == (["API-423"], None, 10)
        assert first is None or [one.act for one in done] == [("ship", "unpack_unit")[first]]


@pytest.mark.slow
async def test_a_loop_is_not_closed_by_two(desk: Plant) -> None:
    """a is in b, c is in d; one puts b into c while another puts d into a."""
    for _ in range(ROUNDS):
        # of different lots, or the lots' own locks would keep them apart
        lots = [part(desk, 10), part(desk, 10)]
        a, b, c, d = (unit() for _ in range(4))
        for number, lot in ((a, lots[0]), (b, lots[0]), (c, lots[1]), (d, lots[1])):
            put(desk, number, some(lot, 1))
        put(desk, b, inner(a))
        put(desk, d, inner(c))
        done, denied = at_once(
            desk,
            ("pack", packing(desk, c, inner(b), location=None)),
            ("pack", packing(desk, a, inner(d), location=None)),
        )
        assert (len(done), [no.code for no in denied]) == (1, ["PCK-013"])


@pytest.mark.slow
async def test_a_pallet_is_moved_or_shipped_while_its_lot_is_split_and_held(desk: Plant) -> None:
    for _ in range(ROUNDS):
        lot, case = part(desk, 10), unit()
        put(desk, case, some(lot, 6))
        hold = PlaceHold(command_id=str(uuid4()), by=desk.by("wu.jingli"), lot_nos=(lot,), reason="投诉")
        done, denied = at_once(
            desk,
            ("pack", moving(desk, case, "RCV-01")),
            ("reshape", splitting(desk, lot, new(f"P-{next(NUMBERS)}", 4))),
            ("place_hold", hold),
        )
        assert (len(done), denied) == (3, [])
        assert live(desk, lot) == 6
        with pytest.raises(Refusal, match="LOT-003"):
            do(desk.engine, "ship", shipping(desk, f"S-{next(NUMBERS)}", case))
