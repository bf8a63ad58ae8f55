"""Acts refuse a new batch number that folds like one there is, with the number that it is like (REQUIREMENTS 19)."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from models.kernel.refusal import Refusal
from models.kernel.store.act import Actor, act, now
from models.lot.store import lots
from models.receipt import acts as receiving
from models.receipt.messages import ReceiveLot
from tests.support.plant.plant import SETUP, Plant
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
    """The other's batch is committed between the two questions that the later one's act asks."""
    by = desk.by("li.cang")
    command = ReceiveLot(
        command_id=str(uuid4()), by=by, lot_no="NR-BETWEEN", item_no="PEEK-20", quantity=Decimal(5), location="RCV-01"
    )
    with act(desk.engine, SETUP) as session:
        ask = session.exec

        def asked(question: Any) -> SimpleNamespace:
            found = ask(question).first()
            monkeypatch.undo()
            with act(desk.engine, Actor(by.actor_id, by.name, "test", reason="")) as other:
                receiving.receive(other, command, now(other))
            return SimpleNamespace(first=lambda: found)

        monkeypatch.setattr(session, "exec", asked)
        with pytest.raises(Refusal, match="LOT-006"):
            lots.check_new(session, "NR-BETWEEN")
