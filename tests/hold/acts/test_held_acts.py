"""For every act and every kind of hold the door answers what the table says (ISO 13485 8.3.1; 21 CFR 7.46)."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from models.hold.messages import PlaceHold
from models.kernel.refusal import Refusal
from models.kernel.store.act import act
from models.lot.rules import held
from models.lot.rules.held import Act
from models.lot.rules.open_hold import HoldKind
from models.stock.messages import MoveStock, RegisterSerials
from tests.support.plant.correcting import correcting, used
from tests.support.plant.direct import do
from tests.support.plant.packing import packing, some, sscc, unpacking
from tests.support.plant.plant import SETUP, Plant
from tests.support.plant.recalling import Recalling
from tests.support.plant.reshaping import merging, new, proposing, repacking, splitting

ELSEWHERE = {Act.RELEASE, Act.RESTOCK, Act.RETURN, Act.SCRAP_RETURN}
"""Below, and with the returns of a recall (tests/recall/acts/test_follow.py)."""
BY_RELEASE = """
insert into hold (lot_id, reason, cause, run_id, placed_by_id)
select l.id, 'release', 'release', (select min(p.id) from process_run p where p.lot_id = l.id), (select min(id) from person)
  from lot l where l.lot_no = any(:lots)
"""
INSERT = (
    "insert into operation_run (work_order_id, lot_id, seq, run_no, code, started_at, finished_at, recorded_by_id)"
    " select w.id, w.lot_id, 99, 1, '99', now(), now(), (select min(id) from person) from work_order w"
    " join lot l on l.id = w.lot_id where l.lot_no = :lot"
)
NUMBERED = (
    "insert into serial_unit (serial_no, item_id, lot_id) select 'BY-HAND-' || l.lot_no, l.item_id, l.id from lot l"
    " where l.lot_no = :lot"
)
LINKED = (
    "insert into genealogy_edge (parent_lot_id, child_lot_id, kind, quantity, uom, at, source) select p.id, c.id, '{kind}', 1,"
    " p.uom, now(), 'native' from lot p, lot c where p.lot_no = :lot and c.id = (select max(id) from lot where origin = 'native')"
)
PACKED = "update lot set status = 'packed' where lot_no = :lot"
Kinds = pytest.mark.parametrize("kind", HoldKind)


class Bench:
    """Batches in every state that some act begins with, and how each act is tried on its own."""

    def __init__(self, desk: Plant, kind: HoldKind) -> None:
        self.desk = desk
        tag = f"HA-{kind}"
        self.stock, self.other, self.steel = f"{tag}-S", f"{tag}-O", f"{tag}-R"
        self.begun, self.seen, self.fresh, self.away = (f"{tag}-{one}" for one in "BIFA")
        self.unit = sscc(7000 + list(HoldKind).index(kind))

    @property
    def lots(self) -> tuple[str, ...]:
        return (self.stock, self.begun, self.seen, self.fresh, self.away)

    async def furnish(self) -> None:
        desk = self.desk
        await desk.material(self.steel, 500)
        await desk.material(self.other, 50)
        await desk.make(self.stock, self.steel, 50)
        await desk.release(self.stock)
        await desk.order(self.begun, 10)
        consumes = ({"lot_no": self.steel, "quantity": 10},)
        self._do("record_operation", desk.operation(self.begun, 10, equipment=("M-07",), consumes=consumes))
        await desk.order(self.seen, 10)
        self._do("record_operation", desk.operation(self.seen, 10, equipment=("M-07",), consumes=consumes))
        self._do("record_operation", self._finish(self.seen))
        await desk.measure(self.seen)
        await desk.complete(self.seen, "inspect", "lin.jian", "accepted")
        await desk.receive(self.fresh)
        await desk.make(self.away, self.steel, 10)
        await desk.complete(self.away, "review", "zhou.shen", "release")
        await desk.complete(self.away, "approve", "chen.pi", "release")
        await desk.order(f"{self.begun}-2", 10)
        do(desk.engine, "pack", packing(desk, self.unit, some(self.stock, 2)))

    async def hold(self, kind: HoldKind) -> None:
        """The batches are held in the kind's own way."""
        desk = self.desk
        match kind:
            case HoldKind.QUALITY:
                by = desk.by("wu.jingli")
                command = PlaceHold(command_id=str(uuid4()), by=by, lot_nos=self.lots, reason="投诉")
                do(desk.engine, "place_hold", command)
            case HoldKind.RELEASE:
                with act(desk.engine, SETUP) as session:
                    session.connection().execute(text(BY_RELEASE), {"lots": list(self.lots)})
            case HoldKind.CONTAINMENT | HoldKind.RECALL:
                recall = Recalling(desk, f"RC-HA-{kind}")
                await recall.open(self.steel, self.fresh)
                if kind is HoldKind.RECALL:
                    await recall.freeze()

    def _do(self, name: str, command: Any) -> None:
        do(self.desk.engine, name, command)

    def _finish(self, lot: str, **more: Any) -> Any:
        readings = ({"quantity": "humidity", "value": 45, "unit": "%", "lower": 30, "upper": 60},)
        return self.desk.operation(lot, 20, environment=readings, produced=10, equipment=("W-03",), **more)

    async def operate(self) -> None:
        now = self.desk.scalar("select now()")
        self._do("record_operation", self._finish(self.begun, started_at=now, finished_at=now))

    async def consume(self) -> None:
        consumes = ({"lot_no": self.stock, "quantity": 1},)
        command = self.desk.operation(f"{self.begun}-2", 10, equipment=("M-07",), consumes=consumes)
        self._do("record_operation", command)

    async def package(self) -> None:
        await self.desk.pack(self.seen, 10)

    async def pack(self) -> None:
        self._do("pack", packing(self.desk, sscc(7100), some(self.stock, 1)))

    async def number(self) -> None:
        command = RegisterSerials(
            command_id=str(uuid4()), by=self.desk.by("li.cang"), lot_no=self.away, serials=(f"{self.away}-1",)
        )
        self._do("stock", command)

    async def put_away(self) -> None:
        await self.desk.complete(self.away, "putaway", "li.cang", signed=False, form={"location": "FG-A1"})

    async def ship(self) -> None:
        await self.desk.ship(f"SH-{self.stock}", self.stock, 1)

    async def merge(self) -> None:
        self._do("reshape", merging(self.desk, f"{self.stock}-M", self.away, self.stock))

    async def repack(self) -> None:
        self._do("reshape", repacking(self.desk, self.stock, 10, f"{self.stock}-K", 1))

    async def propose(self) -> None:
        self._do("reshape", proposing(self.desk, self.stock, new(f"{self.stock}-D", 1)))

    async def split(self) -> None:
        self._do("reshape", splitting(self.desk, self.stock, new(f"{self.stock}-T", 1)))

    async def inspect(self) -> None:
        await self.desk.measure(self.fresh)

    async def move(self) -> None:
        command = MoveStock(
            command_id=str(uuid4()),
            by=self.desk.by("li.cang"),
            lot_no=self.stock,
            source="FG-A1",
            to="RCV-01",
            reason="隔离",
            quantity=None,
        )
        self._do("stock", command)

    async def unpack(self) -> None:
        self._do("pack", unpacking(self.desk, self.unit))

    async def correct(self) -> None:
        self._do(
            "correct_link", correcting(self.desk, self.stock, self.steel, used(self.steel, 20), used(self.other, 30))
        )


def by_hand(desk: Plant, query: str, lot: str) -> str:
    """Past all of our code, as the application's role; answers the wall's code."""
    with act(desk.engine, SETUP) as session, pytest.raises(DBAPIError) as info:
        session.connection().execute(text(query), {"lot": lot})
    assert isinstance(info.value.orig, psycopg.Error)
    return str(info.value.orig.sqlstate)


@Kinds
async def test_every_act_on_a_held_batch_is_answered_as_the_table_says(desk: Plant, kind: HoldKind) -> None:
    bench = Bench(desk, kind)
    await bench.furnish()
    await bench.hold(kind)
    assert [by_hand(desk, INSERT, bench.begun), by_hand(desk, PACKED, bench.seen)] == ["BW079", "BW080"]
    answers = {}
    for one in Act:
        if one in ELSEWHERE:
            continue
        door: Callable[[], Awaitable[None]] = getattr(bench, one.value)
        try:
            await door()
            answers[one] = "done"
        except Refusal as refusal:
            answers[one] = refusal.code
    wanted = {one: "done" if held.allows(kind, one) else "LOT-003" for one in answers}
    assert answers == wanted


def test_the_database_keeps_the_same_table(desk: Plant) -> None:
    for one in Act:
        for kind in HoldKind:
            said = desk.scalar("select hold_allows(:act, :kind)", act=one.value, kind=kind.value)
            assert said is held.allows(kind, one), (one, kind)


async def test_the_database_merges_repacks_and_numbers_nothing_that_is_held(desk: Plant) -> None:
    lot = "HA-WALL"
    await desk.material(lot, 50)
    recall = Recalling(desk, "RC-HA-WALL")
    await recall.open(lot)
    for kind in ("merge", "repack"):
        assert by_hand(desk, LINKED.format(kind=kind), lot) == "BW083"
    assert by_hand(desk, NUMBERED, lot) == "BW084"


async def test_a_part_that_was_proposed_before_the_precaution_is_not_rejected_under_it(desk: Plant) -> None:
    lot = "HA-PART"
    await desk.material(lot, 50)
    do(desk.engine, "reshape", proposing(desk, lot, new(f"{lot}-NG", 5)))
    recall = Recalling(desk, "RC-HA-PART")
    await recall.open(lot)
    with pytest.raises(Refusal, match="LOT-003"):
        await desk.complete(lot, "disposition", "chen.pi", "reject_part", reason="划伤")
    await recall.freeze()
    await desk.complete(lot, "disposition", "chen.pi", "reject_part", reason="划伤")


async def test_a_precaution_lets_nothing_that_came_back_be_scrapped_until_it_is_approved(desk: Plant) -> None:
    lot = "HA-BACK"
    await desk.material(lot, 50)
    await desk.ship("SH-HA-BACK", lot, 10)
    first, second = Recalling(desk, "RC-HA-BACK"), Recalling(desk, "RC-HA-BACK-2")
    await first.open(lot)
    await first.to_customers()
    await first.book(lot, "6")
    [row] = first.returns()
    await second.open(lot)
    with pytest.raises(Refusal, match="LOT-003"):
        await first.dispose(row, "scrap", "2")
    scrap = (
        "insert into recall_disposition (return_id, kind, quantity, reason, decided_by_id, signature_id)"
        " select r.id, 'scrap', 1, 'x', s.person_id, s.id from recall_return r, signature s where r.lot_id ="
        " (select id from lot where lot_no = :lot) and s.id = (select max(id) from signature)"
    )
    assert by_hand(desk, scrap, lot) == "BW085"
    await second.freeze()
    await first.dispose(row, "scrap", "2")
