"""Cases and pallets: in, out, moved and shipped, and everything that is refused on the way (REQUIREMENTS 56, 57)."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from models.hold.messages import PlaceHold
from models.kernel.refusal import Refusal
from models.kernel.store.act import act as transaction
from models.kernel.store.act import now, reading
from models.lot.store import lots
from models.packing import queries as queries_packing
from models.packing.store import packing as store
from models.process.messages.process import Receipt
from models.recall.store import hold_and_notify as outward
from models.recall.tables.recall import Recall
from models.shipment.messages import ShipLine
from tests.support.house.proves import proves
from tests.support.plant.direct import do
from tests.support.plant.packing import inner, moving, one, packing, serials, shipping, some, sscc, unpacking
from tests.support.plant.plant import SETUP, Plant
from tests.support.plant.recalling import Recalling
from tests.support.plant.reshaping import in_stock, merging, new, splitting

NUMBERS = iter(range(1, 10_000))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def plant(desk: Plant) -> Plant:
    """A released lot of hip stems, one that waits for its release, and material."""
    await desk.material("R-1", 1000)
    await desk.make("H-1", "R-1", 300)
    await desk.release("H-1")
    await desk.make("H-2", "R-1", 50)
    return desk


def unit() -> str:
    return sscc(next(NUMBERS))


def part(plant: Plant, quantity: int = 20) -> str:
    """A released lot of its own."""
    name = f"P-{next(NUMBERS)}"
    do(plant.engine, "reshape", splitting(plant, "H-1", new(name, quantity)))
    return name


def act(plant: Plant, command: Any) -> Receipt:
    return do(plant.engine, "ship" if hasattr(command, "shipment_no") else "pack", command)


def refused(plant: Plant, command: Any) -> Refusal:
    with pytest.raises(Refusal) as info:
        act(plant, command)
    return info.value


def contents(plant: Plant, unit_no: str, as_of: Any = None) -> list[tuple[tuple[str, ...], str, str | None, Decimal]]:
    with reading(plant.engine) as session:
        found = store.inside(session, [store.get(session, unit_no).id], as_of)
    return [(each.path, each.lot_no or "", each.serial_no, each.quantity or Decimal(0)) for each in found if each.id]


@proves("R56")
def test_goods_go_into_cases_and_cases_onto_a_pallet(plant: Plant) -> None:
    lot, case, other, pallet = part(plant), unit(), unit(), "托盘-01"
    done = act(plant, packing(plant, case, some(lot, 8)))
    assert done.data == {
        "unit_no": case,
        "kind": "case",
        "location": "FG-A1",
        "packed": [{"lot_no": lot, "quantity": "8", "uom": "pcs"}],
        "new": True,
    }
    act(plant, packing(plant, other, some(lot, "2")))
    act(plant, packing(plant, pallet, inner(case), inner(other), some(lot, 1), kind="pallet"))
    assert contents(plant, pallet) == [
        ((pallet,), lot, None, Decimal(1)),
        ((pallet, case), lot, None, Decimal(8)),
        ((pallet, other), lot, None, Decimal(2)),
    ]
    assert in_stock(plant, lot) == 20  # packed, and still there


def test_what_is_packed_leaves_with_its_unit_only(plant: Plant) -> None:
    lot, case = part(plant), unit()
    act(plant, packing(plant, case, some(lot, 15)))
    said = refused(plant, shipping(plant, f"S-{lot}", lines=(ShipLine(lot_no=lot, quantity=Decimal(6)),)))
    assert (said.code, said.params["units"], said.params["there"]) == ("STK-006", case, "5")
    act(plant, shipping(plant, f"S-{lot}", case, lines=(ShipLine(lot_no=lot, quantity=Decimal(2)),)))
    assert in_stock(plant, lot) == 3
    assert plant.scalar(
        "select sum(s.quantity) from shipment_line s join lot l on l.id = s.lot_id where l.lot_no = :lot", lot=lot
    ) == Decimal(17)
    assert contents(plant, case) == [((case,), lot, None, Decimal(15))]  # what left on it stays told
    for command in (unpacking(plant, case), packing(plant, case, some(lot, 1)), moving(plant, case, "RCV-01")):
        assert refused(plant, command).code == "PCK-004"


def test_a_part_is_taken_out_and_the_past_stays_told(plant: Plant) -> None:
    lot, case = part(plant), unit()
    with reading(plant.engine) as session:
        empty = now(session)
    act(plant, packing(plant, case, some(lot, 4)))
    act(plant, packing(plant, case, some(lot, 6)))
    with reading(plant.engine) as session:
        before = now(session)
    done = act(plant, unpacking(plant, case, some(lot, 7), reason="抽检"))
    assert done.data["unpacked"] == [{"lot_no": lot, "quantity": "7"}]
    assert contents(plant, case) == [((case,), lot, None, Decimal(3))]
    assert contents(plant, case, before) == [((case,), lot, None, Decimal(4)), ((case,), lot, None, Decimal(6))]
    assert contents(plant, case, empty) == []
    assert refused(plant, unpacking(plant, case, some(lot, 4))).code == "PCK-015"
    act(plant, unpacking(plant, case))
    assert refused(plant, unpacking(plant, case)).code == "PCK-019"
    assert (
        plant.scalar("select count(*) from lot_fact where fact = 'lot.unpacked_from' and data ->> 'unit' = :u", u=case)
        == 2
    )


def test_a_serial_is_in_one_unit_at_most(plant: Plant) -> None:
    lot, case, other = part(plant), unit(), unit()
    serials(plant, lot, "SN-A", "SN-B")
    act(plant, packing(plant, case, one(lot, "SN-A")))
    said = refused(plant, packing(plant, other, one(lot, "SN-A")))
    assert (said.code, said.params["unit"]) == ("PCK-012", case)
    line = ShipLine(lot_no=lot, quantity=Decimal(1), serial_no="SN-A")
    assert refused(plant, shipping(plant, f"S-{lot}", lines=(line,))).code == "PCK-021"
    assert refused(plant, packing(plant, other, one(lot, "SN-X"))).code == "PCK-016"
    assert refused(plant, packing(plant, other, one(lot, "SN-B"), one(lot, "SN-B"))).code == "PCK-010"
    act(plant, shipping(plant, f"S-{lot}", case))
    sent = plant.scalar(
        "select s.serial_no from shipment_line x join serial_unit s on s.id = x.serial_unit_id"
        " join shipment h on h.id = x.shipment_id where h.shipment_no = :no",
        no=f"S-{lot}",
    )
    assert sent == "SN-A"
    assert refused(plant, packing(plant, other, one(lot, "SN-A"))).code == "PCK-016"


def test_a_unit_is_in_one_unit_and_never_in_itself(plant: Plant) -> None:
    lot, small, big, pallet = part(plant), unit(), unit(), unit()
    act(plant, packing(plant, small, some(lot, 1)))
    act(plant, packing(plant, big, inner(small)))
    act(plant, packing(plant, pallet, inner(big), kind="pallet"))
    assert refused(plant, packing(plant, small, inner(big))).code == "PCK-013"
    assert refused(plant, packing(plant, big, inner(big))).code == "PCK-013"
    assert refused(plant, packing(plant, pallet, inner(small), kind="pallet")).code == "PCK-012"
    assert refused(plant, packing(plant, unit(), inner(pallet))).code == "PCK-011"
    assert refused(plant, shipping(plant, "S-X", big)).code == "PCK-018"
    assert refused(plant, moving(plant, small, "RCV-01")).code == "PCK-018"
    assert refused(plant, shipping(plant, "S-X", pallet, pallet)).code == "PCK-010"


async def test_a_hold_in_a_case_keeps_the_whole_pallet_and_says_where(plant: Plant) -> None:
    good, bad, case, pallet = part(plant), part(plant), unit(), unit()
    act(plant, packing(plant, case, some(bad, 3)))
    act(plant, packing(plant, pallet, inner(case), some(good, 5), kind="pallet"))
    hold = PlaceHold(command_id=str(uuid4()), by=plant.by("wu.jingli"), lot_nos=(bad,), reason="客户投诉")
    do(plant.engine, "place_hold", hold)
    said = refused(plant, shipping(plant, f"S-{bad}", pallet))
    assert (said.code, said.params["position"], said.params["lot"]) == ("LOT-003", f"{pallet} › {case}", bad)
    assert in_stock(plant, good) == 20
    assert refused(plant, packing(plant, unit(), some(bad, 1))).code == "LOT-003"
    act(plant, moving(plant, pallet, "RCV-01"))  # putting aside is allowed
    act(plant, unpacking(plant, pallet, inner(case)))
    act(plant, unpacking(plant, case, some(bad, 1)))
    act(plant, shipping(plant, f"S-{good}", pallet))
    assert refused(plant, packing(plant, unit(), inner(case), location="RCV-01")).code == "LOT-003"


async def test_an_unreleased_lot_is_packed_but_not_shipped_and_goes_along_when_put_away(plant: Plant) -> None:
    case, pallet = unit(), unit()
    where = plant.scalar(
        "select p.code from stock k join lot l on l.id = k.lot_id join location p on p.id = k.location_id"
        " where l.lot_no = 'H-2' and k.quantity > 0"
    )
    act(plant, packing(plant, case, some("H-2", 10), location=where))
    act(plant, packing(plant, pallet, inner(case), kind="pallet", location=where))
    said = refused(plant, shipping(plant, "S-H2", pallet))
    assert (said.code, said.params["unit"]) == ("LOT-002", pallet)
    await plant.release("H-2")  # puts away to FG-A1
    assert (
        plant.scalar(
            "select p.code from logistic_unit u join location p on p.id = u.location_id where u.unit_no = :u", u=case
        )
        == "FG-A1"
    )
    act(plant, shipping(plant, "S-H2", pallet))
    assert in_stock(plant, "H-2") == 40


def test_stock_of_a_unit_moves_with_it(plant: Plant) -> None:
    lot, case = part(plant), unit()
    act(plant, packing(plant, case, some(lot, 5)))
    act(plant, moving(plant, case, "RCV-01"))
    rows = plant.scalar(
        "select jsonb_object_agg(p.code, k.quantity) from stock k join lot l on l.id = k.lot_id"
        " join location p on p.id = k.location_id where l.lot_no = :lot and k.quantity > 0",
        lot=lot,
    )
    assert rows == {"FG-A1": 15, "RCV-01": 5}
    assert refused(plant, packing(plant, case, some(lot, 1), location=None, kind=None)).code == "STK-006"
    assert refused(plant, packing(plant, case, some(lot, 1), location="FG-A1")).code == "PCK-007"
    assert refused(plant, packing(plant, case, some(lot, 1), kind="pallet", location=None)).code == "PCK-006"


def test_reshaping_leaves_no_ghost_in_a_case(plant: Plant) -> None:
    lot, other, case = part(plant), part(plant), unit()
    serials(plant, lot, *(f"S{n}" for n in range(20)))
    act(plant, packing(plant, case, one(lot, "S1"), *(one(lot, f"S{n}") for n in range(11, 20))))
    with pytest.raises(Refusal, match="STK-006"):
        do(plant.engine, "reshape", splitting(plant, lot, new("X-1", 11, *(f"S{n}" for n in range(2, 13)))))
    with pytest.raises(Refusal, match="PCK-021"):
        do(plant.engine, "reshape", splitting(plant, lot, new("X-1", 1, "S1")))
    with pytest.raises(Refusal, match="STK-006"):
        do(plant.engine, "reshape", merging(plant, "X-2", lot, other))


def test_numbers_are_read_as_they_are_scanned(plant: Plant) -> None:
    lot, case = part(plant), unit()
    act(plant, packing(plant, f"(00){case}", some(lot, 1)))
    act(plant, packing(plant, f"]C100{case}", some(lot, 1)))
    act(plant, packing(plant, f"https://id.gs1.org/00/{case}", some(lot, 1)))
    act(plant, packing(plant, f"{case[:9]} {case[9:]}", some(lot, 1)))
    assert len(contents(plant, case)) == 4
    wrong = case[:-1] + str((int(case[-1]) + 1) % 10)
    for typed in (wrong, f"(00){wrong}", f"]C100{wrong}", f"00{wrong}", f"https://id.gs1.org/00/{wrong}"):
        assert refused(plant, packing(plant, typed, some(lot, 1))).code == "PCK-001"
    assert refused(plant, packing(plant, "(01)06901234567892(10)H-1", some(lot, 1))).code == "PCK-002"
    act(plant, packing(plant, "P-0001", some(lot, 1)))
    assert not act(plant, packing(plant, "p_0001", some(lot, 1))).data["new"]


@pytest.mark.parametrize(
    ("contents", "code"),
    [
        ((), "PCK-008"),
        ((some("H-1", 0),), "STK-002"),
        ((some("H-1", -1),), "STK-002"),
        ((some("H-1", "0.0000001"),), "PCK-009"),
        ((some("H-1", 100_000),), "STK-001"),
        ((some("NOPE", 1),), "LOT-001"),
        ((inner("NOPE"),), "PCK-003"),
        ((one("H-1", "NOPE"),), "PCK-016"),
    ],
)
def test_a_refused_packing_changes_nothing(plant: Plant, contents: Any, code: str) -> None:
    number = unit()
    assert refused(plant, packing(plant, number, *contents)).code == code
    assert plant.scalar("select count(*) from logistic_unit where unit_no = :u", u=number) == 0


def test_a_new_unit_says_what_it_is_and_where(plant: Plant) -> None:
    assert refused(plant, packing(plant, unit(), some("H-1", 1), kind=None)).code == "PCK-005"
    assert refused(plant, packing(plant, unit(), some("H-1", 1), location=None)).code == "PCK-005"
    assert refused(plant, packing(plant, unit(), some("H-1", 1), location="NOPE")).code == "STK-003"
    assert refused(plant, unpacking(plant, unit())).code == "PCK-003"


async def test_a_mixed_pallet_is_not_carried_away_with_one_of_its_lots(plant: Plant) -> None:
    await plant.make("H-3", "R-1", 20)
    where = plant.scalar(
        "select p.code from stock k join lot l on l.id = k.lot_id join location p on p.id = k.location_id"
        " where l.lot_no = 'H-3' and k.quantity > 0"
    )
    other, case, pallet = part(plant), unit(), unit()
    act(plant, packing(plant, case, some(other, 5)))
    act(plant, moving(plant, case, where))
    act(plant, packing(plant, pallet, inner(case), some("H-3", 5), kind="pallet", location=where))
    await plant.complete("H-3", "review", "zhou.shen", "release")
    await plant.complete("H-3", "approve", "chen.pi", "release")
    with pytest.raises(Refusal, match="PCK-020"):
        await plant.complete("H-3", "putaway", "li.cang", signed=False, form={"location": "FG-A1"})
    act(plant, moving(plant, pallet, "FG-A1"))
    await plant.complete("H-3", "putaway", "li.cang", signed=False, form={"location": "FG-A1"})
    assert plant.scalar(
        "select array_agg(distinct p.code) from stock k join lot l on l.id = k.lot_id join location p on p.id = k.location_id"
        " where l.lot_no in ('H-3', :other) and k.quantity > 0",
        other=other,
    ) == ["FG-A1"]  # fmt: skip


def test_pulled_goods_are_not_booked_off_a_pallet_that_stays_in_the_books(plant: Plant) -> None:
    lot, case = part(plant), unit()
    act(plant, packing(plant, case, some(lot, 5)))
    recall = Recall(recall_no="RC-P", mode="recall", title="断裂", reason="投诉", identifier=lot)

    def carry() -> None:
        with transaction(plant.engine, SETUP) as session:
            outward.carry(session, recall, "FG-A1", "QA-01", [(lot, Decimal(20))], "RC-P", 1)

    with pytest.raises(Refusal, match="PCK-022") as info:
        carry()
    assert info.value.params["units"] == case
    act(plant, moving(plant, case, "QA-01"))
    carry()
    assert plant.scalar(
        "select p.code from stock k join lot l on l.id = k.lot_id join location p on p.id = k.location_id"
        " where l.lot_no = :lot and k.quantity = 20",
        lot=lot,
    ) == "QA-01"  # fmt: skip


async def test_a_recall_says_on_which_pallets_its_goods_are(plant: Plant) -> None:
    lot, case, pallet = part(plant), unit(), unit()
    act(plant, packing(plant, case, some(lot, 5)))
    act(plant, packing(plant, pallet, inner(case), kind="pallet"))
    recall = Recalling(plant, "RC-2026-777")
    await recall.open(lot)
    with reading(plant.engine) as session:
        [row] = queries_packing.in_scope(session, "RC-2026-777")
        assert (row.path, row.lot_no, int(row.quantity)) == (f"{pallet} › {case}", lot, 5)
        [row] = queries_packing.of_lot(session, lots.get(session, lot).id)
        assert (row.path, row.location) == (f"{pallet} › {case}", "FG-A1")
