"""Whatever is split, merged, packed anew, reworked, rejected, held and shipped in whatever order: the pieces add up.

Random acts on random lots, straight at PostgreSQL; what holds is read from the tables by queries of this test's own.
Issue "recall", must show 3; REQUIREMENTS 6, 7, 22.
"""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some
from sqlalchemy import text

from models.hold.messages import PlaceHold
from models.kernel.refusal import Refusal
from models.kernel.store.act import reading
from models.shipment.messages import Ship, ShipLine
from models.trace.rules.trace import Direction
from models.trace.store.trace import trace, trace_identifier
from tests.support.often import often
from tests.support.plant.direct import do
from tests.support.plant.plant import Plant
from tests.support.plant.reshaping import merging, new, proposing, repacking, reshape, splitting
from tests.support.plant.serials import by_weight

NUMBERS = count(1)
START = 60
DONE: Counter[str] = Counter()
# what is in house, out, thrown away or kept, in the item's own unit
SUM = """
select coalesce(sum(l.pack_size * (
         (select coalesce(sum(s.quantity), 0) from stock s where s.lot_id = l.id)
       + (select coalesce(sum(n.quantity - n.returned), 0) from shipment_line n where n.lot_id = l.id)
       + (select coalesce(sum(m.quantity), 0) from stock_movement m where m.lot_id = l.id and m.kind in ('scrap', 'sample'))
       )), 0)
  from lot l where l.lot_no like :family
"""
# goods in stock that are less bound than a lot that they were in when it was held
ESCAPED = """
select count(*) from hold h join genealogy_edge e on e.parent_lot_id = h.lot_id and e.at > h.placed_at
  join lot l on l.id = e.child_lot_id
 where l.lot_no like :family and (h.lifted_at is null or h.lifted_at > e.at)
   and not exists (select from hold k where k.lot_id = l.id and k.reason = h.reason)
"""
UNSIGNED = """
with recursive whole as (
  select l.id as lot, l.id as ancestor, l.kind from lot l where l.lot_no like :family and l.status in ('released', 'closed')
  union
  select w.lot, e.parent_lot_id, w.kind from whole w join genealogy_edge e on e.child_lot_id = w.ancestor
   where e.kind in ('split', 'merge', 'repack'))
select count(*) from (
  select w.lot, count(distinct s.person_id) as people from whole w
    left join signature s on s.lot_id = w.ancestor and s.subject = 'release' and s.outcome = 'release' group by 1) x
 where people < 2
"""
ACTS = (
    ["split"] * 5
    + ["merge"] * 3
    + ["repack"] * 3
    + ["reject"] * 2
    + ["hold", "lift"]
    + ["ship"] * 2
    + ["rework", "release", "release"]
)
WALKS = settings(
    max_examples=often(6, 200), phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)  # fmt: skip
STEPS = some.lists(
    some.tuples(
        some.sampled_from(ACTS),
        some.integers(0, 50),
        some.integers(0, 50),
        some.sampled_from(["1", "2.5", "4", "7", "12", "20", "60"]),
        some.sampled_from([2, 3, 4, 5, 7]),
    ),
    min_size=8,
    max_size=16,
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def works(desk: Plant) -> Plant:
    """Much of a released product and much of one that waits for its release."""
    by_weight(desk)
    await desk.material("R-1", 90_000)
    for lot in ("DONE", "PACKED"):
        await desk.make(lot, "R-1", 30_000)
    await desk.release("DONE")
    return desk


class NotNowError(Exception):
    """There is no such step to do."""


@dataclass
class Walk:
    """A family of lots and what became of the tries."""

    plant: Plant
    name: str = field(default_factory=lambda: f"W{next(NUMBERS)}")
    lots: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)

    def number(self) -> str:
        return f"{self.name}-{len(self.lots)}-{next(NUMBERS)}"

    def scalar(self, query: str) -> Any:
        return self.plant.scalar(query, family=f"{self.name}-%")

    async def begin(self) -> None:
        for source in ("DONE", "PACKED", "DONE"):
            lot = self.number()
            await reshape(self.plant, splitting(self.plant, source, new(lot, START)))
            self.lots.append(lot)

    async def step(self, act: str, one: int, other: int, quantity: str, pack: int) -> None:
        """Try it; a "no" is an answer."""
        lot, beside = self.lots[one % len(self.lots)], self.lots[other % len(self.lots)]
        try:
            made = await getattr(self, act)(lot, beside, Decimal(quantity), pack)
        except (Refusal, NotNowError) as no:
            DONE["refused"] += isinstance(no, Refusal)
            return
        DONE[act] += 1
        self.lots += made or ()

    async def split(self, lot: str, _: str, quantity: Decimal, pack: int) -> list[str]:
        names = [self.number() for _ in range(pack % 3 + 1)]
        await reshape(self.plant, splitting(self.plant, lot, *(new(name, quantity) for name in names)))
        return names

    async def merge(self, lot: str, beside: str, *_: Any) -> list[str]:
        name = self.number()
        await reshape(self.plant, merging(self.plant, name, lot, beside))
        return [name]

    async def repack(self, lot: str, _: str, quantity: Decimal, pack: int) -> list[str]:
        name = self.number()
        there = quantity * pack
        uom = "pcs" if self.plant.scalar("select uom from lot where lot_no = :lot", lot=lot) == "box" else "box"
        size = self.plant.scalar("select pack_size from lot where lot_no = :lot", lot=lot)
        become = quantity if uom == "box" else there * size
        await reshape(self.plant, repacking(self.plant, lot, there, name, become, uom))
        return [name]

    async def reject(self, lot: str, _: str, quantity: Decimal, pack: int) -> list[str]:
        name = self.number()
        await reshape(self.plant, proposing(self.plant, lot, new(name, quantity)))
        outcome = "keep" if pack == 7 else "reject_part"
        task = next(one for one in self.plant.tasks(lot) if one.process == "disposition")
        command = self.plant.completion(task, self.plant.by("chen.pi"), outcome, reason="划伤")
        do(self.plant.engine, "complete_task", command)
        return [] if outcome == "keep" else [name]

    async def hold(self, lot: str, *_: Any) -> None:
        command = PlaceHold(
            command_id=str(uuid4()), by=self.plant.by("wu.jingli"), lot_nos=(lot,), reason=f"投诉 {next(NUMBERS)}"
        )
        do(self.plant.engine, "place_hold", command)

    async def lift(self, *_: Any) -> None:
        """All that is on hold, or the walk would soon stand still."""
        keys = self.scalar(
            "select array_agg(h.public_id::text) from hold h join lot l on l.id = h.lot_id"
            " where l.lot_no like :family and h.lifted_at is null"
        )
        for key in keys or ():
            command = self.plant.lifting(UUID(key), reason="已查明")
            do(self.plant.engine, "lift_hold", command)

    async def ship(self, lot: str, _: str, quantity: Decimal, *__: Any) -> None:
        line = ShipLine(lot_no=lot, quantity=quantity)
        command = Ship(
            command_id=str(uuid4()),
            by=self.plant.by("li.cang"),
            shipment_no=f"S-{next(NUMBERS)}",
            customer_no="C-1",
            lines=(line,),
        )
        do(self.plant.engine, "ship", command)
        free = "select count(*) from hold h join lot l on l.id = h.lot_id where l.lot_no = :lot and h.lifted_at is null"
        assert self.plant.scalar(free, lot=lot) == 0

    def waiting(self) -> list[str]:
        found = [lot for lot in self.lots if any(one.stage == "review" for one in self.plant.tasks(lot))]
        if not found:
            raise NotNowError
        return found

    async def release(self, *_: Any) -> None:
        lot = self.waiting()[0]
        await self.plant.complete(lot, "review", "zhou.shen", "release", reason="返工一次")
        await self.plant.complete(lot, "approve", "chen.pi", "release", reason="返工一次")

    async def rework(self, _: str, __: str, ___: Decimal, pack: int) -> None:
        """Some of it is lost, and packing again keeps a sample."""
        plant, lot = self.plant, self.waiting()[-1]
        await plant.complete(lot, "review", "zhou.shen", "rework", reason="毛刺")
        await plant.complete(lot, "disposition", "chen.pi", "rework", reason="毛刺")
        query = "select work_order_no from work_order w join lot l on l.id = w.lot_id where l.lot_no = :lot"
        order = {"work_order_no": plant.scalar(query, lot=lot)}
        left = plant.scalar(
            "select sum(s.quantity) from stock s join lot l on l.id = s.lot_id where lot_no = :lot", lot=lot
        )
        machining = plant.operation(lot, 10, equipment=("M-07",)).model_copy(update=order)
        do(plant.engine, "record_operation", machining)
        air = ({"quantity": "humidity", "value": 45, "unit": "%"},)
        made = max(left - pack, Decimal("0.5"))
        do(
            plant.engine,
            "record_operation",
            plant.operation(lot, 20, environment=air, produced=made).model_copy(update=order),
        )
        await plant.measure(lot)
        await plant.complete(lot, "inspect", "lin.jian", "accepted")
        lost = made - made / 2 - Decimal("0.125")
        form: dict[str, Any] = {
            "packed_quantity": str(made / 2),
            "samples_kept": "0.125",
            "scrapped_quantity": str(lost),
        }
        form |= {
            "loss_reason": "试验",
            "labels_printed": 0,
            "labels_applied": 0,
            "labels_scrapped": 0,
            "labels_each": 0,
        }
        await plant.pack(lot, 1, **form)


@pytest.mark.slow
@settings(WALKS)
@given(steps=STEPS)
async def test_the_pieces_add_up_whatever_is_done_with_them(
    works: Plant, steps: list[tuple[str, int, int, str, int]]
) -> None:
    walk = Walk(works)
    await walk.begin()
    for step in steps:
        await walk.step(*step)
        assert walk.scalar(SUM) == 3 * START, step
    assert walk.scalar(ESCAPED) == 0
    assert walk.scalar(UNSIGNED) == 0
    with reading(works.engine) as session:
        for lot in walk.lots:
            back = trace_identifier(session, lot, Direction.BACKWARD)
            found = trace_identifier(session, lot, Direction.FORWARD)
            assert (back.complete, back.balanced, back.findings) == (True, True, ())
            assert (found.complete, found.balanced) == (True, True)
            assert {"DONE", "PACKED"} & set(back.lot_nos())
            assert "R-1" in back.lot_nos()
            keys = session.connection().execute(
                text("select id from lot where lot_no = any(:lots)"), {"lots": list(back.lot_nos())}
            )
            assert lot in trace(session, keys.scalars().all(), Direction.FORWARD).lot_nos()


def test_these_walks_did_everything(works: Plant) -> None:
    """The control: the test above is about something."""
    assert {*ACTS, "refused"} <= {one for one, times in DONE.items() if times >= often(1, 3)}, DONE
    conserved = "select bool_and(edge_conserves(e)) from genealogy_edge e where e.kind in ('split', 'merge', 'repack')"
    assert works.scalar(conserved)
