"""Opening a recall holds its scope at once, as a precaution that two signatures confirm or release (REQUIREMENTS 74, 121).

21 CFR 7.46; 医疗器械召回管理办法; ISO 13485 8.3.1, 8.3.3.
"""

from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import text

from models.kernel.refusal import Refusal
from models.kernel.store.act import reading
from models.recall.messages.begin import OpenRecall
from models.recall.store import recalls
from models.shipment.messages import Ship, ShipLine
from tests.support.often import often
from tests.support.plant.correcting import correcting, used
from tests.support.plant.direct import do, meet
from tests.support.plant.plant import Plant
from tests.support.plant.recalling import Recalling
from tests.support.record import refused
from tests.support.servers.database import past_walls
from tests.support.servers.together import orders

CAUSES = (
    "select array_agg(h.cause || case when h.confirmed_at is null then '' else '!' end order by h.id)"
    " from hold h join lot l on l.id = h.lot_id where l.lot_no = :lot and h.lifted_at is null"
)
SCOPED = "select s.canonical from signed_record s join recall_scope c on c.digest = s.digest join recall r on r.id = c.recall_id where r.recall_no = :no order by c.version desc limit 1"


def held(desk: Plant, lot: str) -> list[str]:
    return list(desk.scalar(CAUSES, lot=lot) or ())


def opening(desk: Plant, number: str, lot: str, mode: str = "recall") -> OpenRecall:
    return OpenRecall(
        command_id=str(uuid4()), by=desk.by("sun.zhao"), recall_no=number, mode=mode, identifiers=(lot,),
        title="髋关节柄断裂", reason="客户投诉",
    )  # fmt: skip


def shipping(desk: Plant, number: str, lot: str, quantity: int = 1) -> Ship:
    lines = (ShipLine(lot_no=lot, quantity=Decimal(quantity)),)
    return Ship(command_id=str(uuid4()), by=desk.by("li.cang"), shipment_no=number, customer_no="C-1", lines=lines)


async def test_nothing_of_the_scope_ships_or_is_used_from_the_opening_of_a_recall_on(desk: Plant) -> None:
    await desk.material("K-OPEN")
    await desk.make("K-PART", "K-OPEN", 5)
    await Recalling(desk, "RK-1").open("K-OPEN")
    assert (held(desk, "K-OPEN"), held(desk, "K-PART")) == (["containment"], ["containment"])
    with refused(desk.engine, "LOT-003"):
        await desk.ship("K-S1", "K-OPEN", 1)
    with pytest.raises(Refusal, match="LOT-003"):
        await desk.make("K-PART-2", "K-OPEN", 5)


async def test_the_approval_of_the_scope_makes_the_precaution_the_recalls_own(desk: Plant) -> None:
    await desk.material("K-CONF")
    recall = Recalling(desk, "RK-2")
    await recall.open("K-CONF")
    placed = desk.scalar("select h.public_id::text from hold h join lot l on l.id = h.lot_id where l.lot_no = 'K-CONF'")
    with pytest.raises(Refusal, match="HLD-006"):
        desk.lifting(placed, "chen.pi")
    await recall.freeze()
    assert held(desk, "K-CONF") == ["containment!"]
    done = await recall.do("hold_all", "sun.zhao")
    assert (done.data["newly_held"], held(desk, "K-CONF")) == (1, ["containment!"])


async def test_a_withdrawn_recall_releases_what_its_opening_held_and_takes_two(desk: Plant) -> None:
    await desk.material("K-WD")
    recall = Recalling(desk, "RK-3")
    await recall.open("K-WD")
    await recall.refuse("HLD-010", "review_scope", "sun.zhao", "withdraw", signed=True, reason="误报")
    assert held(desk, "K-WD") == ["containment"]
    await recall.withdraw()
    assert held(desk, "K-WD") == []
    await desk.ship("K-S3", "K-WD", 1)


async def test_a_drill_takes_the_same_steps_and_holds_nothing_and_tells_who_was_shipped_to_since(desk: Plant) -> None:
    await desk.material("K-DRILL")
    drill = Recalling(desk, "RK-4", mode="drill")
    await drill.open("K-DRILL")
    await desk.ship("K-S4", "K-DRILL", 3)
    await drill.to_customers()
    assert held(desk, "K-DRILL") == []
    assert [int(one.shipped) for one in drill.notices()] == [3]


async def test_an_approved_scope_releases_the_lots_that_it_leaves_out(desk: Plant) -> None:
    await desk.material("K-IN")
    await desk.material("K-WRONG")
    await desk.make("K-OUT", "K-IN", 5)
    recall = Recalling(desk, "RK-5")
    await recall.open("K-IN")
    assert held(desk, "K-OUT") == ["containment"]
    wrong = correcting(desk, "K-OUT", "K-IN", used("K-WRONG", 5))
    do(desk.engine, "correct_link", wrong)
    await recall.do("review_scope", "sun.zhao", "recompute", signed=True, reason="记录已更正")
    assert held(desk, "K-OUT") == ["containment"]
    await recall.freeze()
    assert (held(desk, "K-OUT"), held(desk, "K-IN")) == ([], ["containment!"])


async def test_a_shipment_and_the_opening_of_a_recall_at_the_same_instant_lose_no_customer(desk: Plant) -> None:
    """Either the goods have left and stand in the first version of the scope, or the shipment is refused."""
    for number, first in enumerate(orders(often(3, 6))):
        lot, recall = f"K-RACE-{number}", Recalling(desk, f"RK-R{number}")
        await desk.material(lot)
        done, denied = meet(
            desk,
            lot,
            first,
            ("ship", shipping(desk, f"K-SR{number}", lot, 7)),
            ("open_recall", opening(desk, recall.number, lot)),
        )
        assert {one.code for one in denied} <= {"LOT-003"}
        assert held(desk, lot) == ["containment"]
        left = any(one.act == "ship" for one in done)
        assert left if first == 0 else (first is None or not left)
        canonical = desk.scalar(SCOPED, no=recall.number)
        assert ('"shipped":"7"' in canonical) is left
        await recall.to_customers()
        assert [int(one.shipped) for one in recall.notices()] == ([7] if left else [])


async def test_recalls_that_hold_not_all_of_their_scope_are_listed_for_a_decision(desk: Plant) -> None:
    """Opened before an opening held its scope: nothing is invented, computing again or its approval holds it."""
    await desk.material("K-OLD")
    recall = Recalling(desk, "RK-OLD", mode="drill")
    await recall.open("K-OLD")
    with past_walls(desk.engine) as connection:  # as one of before: a recall that holds nothing
        connection.execute(text("update recall set mode = 'recall' where recall_no = 'RK-OLD'"))
    with reading(desk.engine) as session:
        assert ("RK-OLD", 1) in recalls.uncontained(session)
    await recall.freeze()
    assert held(desk, "K-OLD") == ["containment!"]
    assert (await recall.do("hold_all", "sun.zhao")).data["newly_held"] == 1
    with reading(desk.engine) as session:
        assert "RK-OLD" not in dict(recalls.uncontained(session))


@pytest.mark.parametrize("mode", ["recall", "drill"])
async def test_a_recall_that_customers_know_of_is_closed_and_not_withdrawn(desk: Plant, mode: str) -> None:
    """They would go on doing what its letters ask; an exercise asks nobody for anything."""
    lot = f"K-TOLD-{mode}"
    await desk.material(lot)
    await desk.ship(f"S-{lot}", lot, 4)
    recall = Recalling(desk, f"RK-TOLD-{mode}", mode=mode)
    await recall.open(lot)
    await recall.to_customers()
    if mode == "recall":
        recall.post()
    await recall.do("follow_up", "sun.zhao", "expand", reason="误报", form={"identifiers": lot})
    if mode == "drill":
        await recall.withdraw()
        return
    await recall.do("review_scope", "sun.zhao", "freeze", signed=True)
    await recall.refuse("RCL-027", "approve_scope", "wu.jingli", "withdraw", signed=True, reason="误报")
    assert held(desk, lot) == ["containment!"]
