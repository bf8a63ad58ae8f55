"""One funnel for a recall at the record: whatever happens, in whatever order, every unit is in one place (STANDARDS 69, 70).

Random acts of the plant, straight at PostgreSQL; the totals are counted from the tables by queries of this test's own.
"""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some
from sqlalchemy import text

from models.kernel.refusal import Refusal
from models.kernel.store.act import act, reading
from models.person.rules.auth import Principal
from models.person.rules.roles import Role
from models.person.rules.shipped_roles import PERMISSIONS
from models.recall.queries import follow_up as queries_recall_follow
from models.recall.queries import recalls as queries_recalls
from models.recall.store import funnel as recall_funnel
from models.recall.store import recalls
from models.recall.store import report as recall_report
from tests.support import stock
from tests.support.often import often
from tests.support.plant.plant import SETUP, Plant
from tests.support.plant.recalling import APPROVAL, Recalling, receivers
from tests.support.record import refused, unchanged

NUMBERS = count(1)
DONE: Counter[str] = Counter()
AUDITOR: Principal | None = None
# units that the ledger made and did not pass on, and where they lie by the tables alone
LEDGER = """
select coalesce(sum(m.quantity * case when m.kind in ('receive', 'produce') then 1 when m.kind = 'consume' then -1 else 0 end), 0)
  from stock_movement m join lot l on l.id = m.lot_id where l.lot_no = :lot"""
STOCK = "select coalesce(sum(k.quantity), 0) from stock k join lot l on l.id = k.lot_id where l.lot_no = :lot"
OUT = """
select coalesce(sum(n.quantity - n.returned), 0) from shipment_line n join lot l on l.id = n.lot_id where l.lot_no = :lot"""
PRETENDED = """
select coalesce(sum(r.quantity), 0) from recall_return r join lot l on l.id = r.lot_id
 where l.lot_no = :lot and not r.moved"""
ACTS = [
    "ship",
    "advance",
    "advance",
    "advance",
    "post",
    "answer",
    "answer",
    "name",
    "book",
    "book",
    "dispose",
    "dispose",
    "decide",
    "arrive",
]
STEPS = some.lists(
    some.tuples(some.sampled_from(ACTS), some.integers(1, 12), some.integers(0, 12)), min_size=12, max_size=20
)
WALKS = settings(
    max_examples=often(6, 60), deadline=None, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip


@pytest.fixture(scope="module")
def desk(stocked_desk: Plant) -> Plant:
    """A plant where batches stand ready."""
    return stocked_desk


@dataclass
class Walk:
    """A batch of 50 and its recall; each step is tried, and a "no" is an answer."""

    plant: Plant
    lot: str
    recall: Recalling
    stage: int = 0

    async def step(self, act_: str, one: int, other: int) -> None:
        try:
            await getattr(self, act_)(one, other)
        except Refusal:
            DONE["refused"] += 1
        else:
            DONE[act_] += 1

    async def ship(self, one: int, _: int) -> None:
        await self.plant.ship(f"SW-{next(NUMBERS)}", self.lot, one)

    async def arrive(self, *_: int) -> None:
        with act(self.plant.engine, SETUP) as session:
            session.connection().execute(
                text(
                    "update shipment set status = 'arrived', arrived_at = now() where id in (select n.shipment_id"
                    " from shipment_line n join lot l on l.id = n.lot_id where l.lot_no = :lot)"
                ),
                {"lot": self.lot},
            )

    async def advance(self, *_: int) -> None:
        steps = (("review_scope", "sun.zhao", "freeze"), ("approve_scope", "wu.jingli", "approve"), ("hold_all", "sun.zhao", None),
                 ("notify", "sun.zhao", None))  # fmt: skip
        if self.stage == len(steps):
            return
        stage, login, outcome = steps[self.stage]
        form = {"form": APPROVAL} if outcome == "approve" else {}
        await self.recall.do(stage, login, outcome, signed=outcome is not None, **form)
        self.stage += 1

    async def post(self, *_: int) -> None:
        self.recall.post()

    async def answer(self, one: int, other: int) -> None:
        for notice in self.recall.notices():
            received = min(int(notice.shipped), 3 * one)
            used = min(other, received)
            passed = (received - used) // 2 if other % 2 else 0
            left = received - used - passed
            got = {f"医院 {next(NUMBERS)}": passed - passed // 3} if passed else {}
            given_ = {"on_hand": left, "used": used, "will_return": left, "passed_on": passed}
            await self.recall.acknowledge(notice, received, **given_, receivers=receivers(**got))

    async def name(self, one: int, _: int) -> None:
        for notice in self.recall.notices():
            await self.recall.name_receivers(notice, **{f"诊所 {next(NUMBERS)}": one})

    async def book(self, one: int, _: int) -> None:
        await self.recall.book(self.lot, str(one))

    async def dispose(self, one: int, other: int) -> None:
        for row in self.recall.returns():
            if row.left:
                await self.recall.dispose(row, "scrap" if other % 2 else "rework", str(min(row.left, one)))

    async def decide(self, *_: int) -> None:
        await self.recall.decide()

    def check(self) -> None:
        with reading(self.plant.engine) as session:
            recall = recalls.get(session, self.recall.number)
            ledger = recall_funnel.read(session, recall, recalls.newest_scope(session, recall.id))
            assert AUDITOR is not None
            view = queries_recalls.view(session, AUDITOR, self.recall.number)
            follow = queries_recall_follow.follow(session, self.recall.number)
            report = recall_report.build(session, recall, "status") if recall.decided_at else None
            standing = recalls.standing(session, recall, recalls.newest_scope(session, recall.id))
            closing = recalls.closing_record(session, recall)
        found = ledger.funnel
        (places,) = (found.places[uom] for uom in found.places)
        assert not found.gaps
        assert min(places) >= 0
        assert places.total == self.plant.scalar(LEDGER, lot=self.lot), places
        out = self.plant.scalar(OUT, lot=self.lot) - self.plant.scalar(PRETENDED, lot=self.lot)
        assert places.outstanding + places.used == out
        stock = self.plant.scalar(STOCK, lot=self.lot)
        in_stock = places.in_house + places.returned
        assert in_stock == stock or self.recall.mode == "drill"
        # the same figures at every door
        assert view.funnel == found.as_dict() == follow.funnel.as_dict() == closing["funnel"]
        assert view.outstanding == standing.outstanding == places.outstanding
        assert follow.reconciliation.totals["pcs"].outstanding == places.outstanding if out else True
        assert sum(Decimal(one["quantity"]) for one in view.gone) == places.outstanding
        if report is not None:
            people = found.customers
            assert report["funnel"] == found.as_dict()
            assert report["notified"]["customers"] == people.told
            assert report["responded"]["customers"] + report["not_responded"]["customers"] == people.told


@pytest.mark.slow
@pytest.mark.timeout(300)
@settings(WALKS)
@given(drill=some.booleans(), steps=STEPS)
async def test_every_door_shows_the_same_places_whatever_was_done(
    desk: Plant, drill: bool, steps: list[tuple[str, int, int]]
) -> None:
    n = next(NUMBERS)
    global AUDITOR  # noqa: PLW0603 - who reads, once for all walks
    AUDITOR = AUDITOR or principal(desk)
    walk = Walk(
        desk,
        await stock.shipped(desk, 20),
        Recalling(desk, f"{'RD' if drill else 'RC'}-2026-8{n:03d}", "drill" if drill else "recall"),
    )
    await walk.recall.open(walk.lot)
    for place, step in enumerate(steps, start=1):
        await walk.step(*step)
        if place % 5 == 0 or place == len(steps):
            walk.check()


def test_these_walks_did_something() -> None:
    """The control: the test above is about something."""
    assert {"advance", "answer", "book", "decide", "refused"} <= {one for one, times in DONE.items() if times}, DONE


def principal(plant: Plant) -> Principal:
    by = plant.by("zheng.shenji")
    return Principal(
        by.person_id, by.actor_id, by.name, 0, "zheng.shenji", frozenset({Role.AUDITOR}), PERMISSIONS[Role.AUDITOR]
    )


async def begun(plant: Plant, mode: str = "recall") -> tuple[Recalling, str]:
    """A batch of 50 of which 30 went out, and its recall, up to the notices."""
    n = next(NUMBERS)
    lot = await stock.shipped(plant, 30)
    recall = Recalling(plant, f"{'RD' if mode == 'drill' else 'RC'}-2026-8{n:03d}", mode)
    await recall.open(lot)
    await recall.to_customers()
    return recall, lot


def view(recall: Recalling) -> Any:
    with reading(recall.plant.engine) as session:
        return queries_recalls.view(session, principal(recall.plant), recall.number)


CLOSE = "update recall set status = 'closed', closed_at = now() where recall_no = :no"


@pytest.mark.parametrize("mode", ["recall", "drill"])
async def test_no_recall_closes_before_each_batch_in_house_has_a_decision(desk: Plant, mode: str) -> None:
    recall, lot = await begun(desk, mode)
    (notice,) = recall.notices()
    await recall.acknowledge(notice, 30, on_hand=0, used=30, will_return=0)
    await recall.do("follow_up", "sun.zhao", "done")
    assert view(recall).undecided == (lot,)
    await recall.refuse("RCL-021", "close", "wu.jingli", "close", signed=True, reason="再说")
    with (
        unchanged(desk.engine),
        pytest.raises(Refusal, match="nobody has decided"),
        act(desk.engine, SETUP) as session,
    ):
        session.connection().execute(text(CLOSE), {"no": recall.number})
    for code, how in (("RCE-001", {"reason": " "}), ("RCE-002", {"lots": ("H-none",)})):
        with refused(desk.engine, code):
            await recall.decide("scrap", *how.get("lots", ()), reason=str(how.get("reason", "销毁")))
    await recall.decide("scrap", lot)
    with refused(desk.engine, "RCE-003"):
        await recall.decide("scrap")
    await recall.do("close", "wu.jingli", "close", signed=True)
    assert view(recall).row.status == "closed"


async def test_nothing_is_decided_before_it_is_held(desk: Plant) -> None:
    n = next(NUMBERS)
    await desk.material(f"RW-{n}", 100)
    recall = Recalling(desk, f"RC-2026-8{n:03d}")
    await recall.open(f"RW-{n}")
    with refused(desk.engine, "RCE-004"):
        await recall.decide("scrap")
    await recall.withdraw()
    with refused(desk.engine, "RCE-005"):
        await recall.decide("scrap")


async def test_a_closed_recall_says_what_is_open_and_whose_it_is_until_it_is_done(desk: Plant) -> None:
    recall, lot = await begun(desk)
    recall.post()
    (notice,) = recall.notices()
    await recall.acknowledge(notice, 30, on_hand=20, used=10, will_return=20)
    await recall.book(lot, "15")
    await recall.decide("rework")
    await recall.do("follow_up", "sun.zhao", "done")
    await recall.refuse("RCL-026", "close", "wu.jingli", "close", signed=True, reason="余量约定退回")
    await recall.dispose(recall.returns()[0], "scrap", "15")
    await recall.do("close", "wu.jingli", "close", signed=True, reason="余量约定退回")
    await recall.book(lot, "3")

    def left() -> dict[str, str]:
        return {one["code"]: one["owner"] for one in view(recall).remaining}

    assert left() == {
        "frozen": "quality_manager",
        "returned": "quality_manager",
        "out": "recall_coordinator",
        "reports": "recall_coordinator",
    }
    with reading(desk.engine) as session:
        report = recall_report.build(session, recalls.get(session, recall.number), "termination")
    assert {one["code"] for one in report["remaining"]} == set(left())
    assert report["estimated_completion"] is None
    await recall.book(lot, "2")
    for row in recall.returns():
        if row.left:
            await recall.dispose(row, "scrap", str(row.left))
    for kind, where in (("plan", "CN"), ("progress", "CN"), ("authority", "US"), ("summary", "CN")):
        await recall.file(kind, where)
    assert left() == {"frozen": "quality_manager"}


async def test_notified_means_that_a_notice_went_out(desk: Plant) -> None:
    recall, _ = await begun(desk)

    def told() -> tuple[Any, int, int]:
        found = view(recall)
        with reading(desk.engine) as session:
            report = recall_report.build(session, recalls.get(session, recall.number), "status")
        assert (found.told, found.funnel["customers"]["told"]) == (report["notified"]["customers"],) * 2
        return found.notified_at, found.told, report["not_notified"]["customers"]

    assert told() == (None, 0, 1)
    recall.post()
    at, *people = told()
    assert at is not None
    assert people == [1, 0]


async def test_who_answers_was_told_though_nobody_posted_the_letter(desk: Plant) -> None:
    recall, _ = await begun(desk)
    await recall.acknowledge(recall.notices()[0], 30)
    with reading(desk.engine) as session:
        report = recall_report.build(session, recalls.get(session, recall.number), "status")
    assert [report[name]["customers"] for name in ("notified", "responded", "not_responded", "not_notified")] == [
        1,
        1,
        0,
        0,
    ]


@pytest.mark.parametrize(("answers", "points"), [(True, 100), (False, 75)])
async def test_a_drill_is_scored_by_answers(desk: Plant, *, answers: bool, points: int) -> None:
    drill, _ = await begun(desk, "drill")
    if answers:
        await drill.acknowledge(drill.notices()[0], 30)
    await drill.decide()
    await drill.do("follow_up", "sun.zhao", "done")
    await drill.do("close", "wu.jingli", "close", signed=True, reason="演练")
    assert view(drill).score["points"] == points
