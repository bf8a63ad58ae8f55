"""Acts refuse a new batch number that folds like one there is, with the number that it is like (REQUIREMENTS 19)."""

from decimal import Decimal
from uuid import uuid4

import pytest
from sqlmodel import Session

from models.kernel.refusal import Refusal
from models.kernel.store.act import Actor, act, now
from models.lot.store import lots
from models.receipt import acts as receiving
from models.receipt.messages import ReceiveLot
from tests.support.plant.plant import Plant
from tests.support.record import refused


async def test_a_receipt_under_another_spelling_of_a_known_number_is_refused(desk: Plant) -> None:
    await desk.receive("NR-0042", 10)
    for spelled in ("nr-0042", "NR 0042", "NR–0042", "ＮＲ－００４２"):
        with refused(desk.engine, "LOT-018"):
            await desk.receive(spelled, 10)
    with refused(desk.engine, "LOT-006"):
        await desk.receive("NR-0042", 10)
    await desk.receive("NR0042", 10)  # only near: another number


async def test_a_batch_made_under_another_spelling_of_a_known_number_is_refused(desk: Plant) -> None:
    await desk.material("NM-1", 100)
    with refused(desk.engine, "LOT-018"):
        await desk.make("nm 1", "NM-1", 5)


async def test_of_two_who_give_the_same_number_the_later_hears_that_it_exists(
    desk: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other's batch is committed between the question whether the number is new and the writing of the later one's."""
    by = desk.by("li.cang")
    whose = Actor(by.actor_id, by.name, "test", reason="")
    first, later = (
        ReceiveLot(
            command_id=str(uuid4()),
            by=by,
            lot_no="NR-BETWEEN",
            item_no="PEEK-20",
            quantity=Decimal(5),
            location="RCV-01",
        )
        for _ in range(2)
    )
    asked = lots.check_new

    def overtaken(session: Session, lot_no: str) -> None:
        asked(session, lot_no)
        monkeypatch.undo()
        with act(desk.engine, whose) as other:
            receiving.receive(other, first, now(other))

    monkeypatch.setattr(lots, "check_new", overtaken)
    with pytest.raises(Refusal, match="API-409"), act(desk.engine, whose) as session:
        receiving.receive(session, later, now(session))
    assert desk.scalar("select count(*) from lot where lot_no = 'NR-BETWEEN'") == 1
