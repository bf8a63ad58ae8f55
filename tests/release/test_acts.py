"""What was sent back is released again only by the signatures of its new release (ISO 13485 8.3.4; 21 CFR 11.70)."""

import pytest
from sqlalchemy import text

from models.kernel.refusal import Refusal
from models.kernel.store.act import act
from tests.support.plant.direct import do
from tests.support.plant.plant import SETUP, Plant

BY_HAND = text("update lot set status = 'released' where lot_no = :lot")


async def again(plant: Plant, lot: str, quantity: int) -> None:
    """Both operations, the inspection and the packing once more."""
    reading = ({"quantity": "humidity", "value": 45, "unit": "%", "lower": 30, "upper": 60},)
    do(plant.engine, "record_operation", plant.operation(lot, 10, equipment=("M-07",)))
    last = plant.operation(lot, 20, environment=reading, produced=quantity, equipment=("W-03",))
    do(plant.engine, "record_operation", last)
    await plant.measure(lot)
    await plant.complete(lot, "inspect", "lin.jian", "accepted")
    await plant.pack(lot, quantity)


async def test_a_batch_that_was_sent_back_is_released_by_two_new_signatures_and_no_fewer(desk: Plant) -> None:
    await desk.material("RA-M", 100)
    await desk.make("RA-1", "RA-M", 50)
    await desk.complete("RA-1", "review", "zhou.shen", "release")  # the old signature, which says release
    await desk.complete("RA-1", "approve", "chen.pi", "rework", reason="毛刺")
    assert desk.status("RA-1") == "in_process"
    await again(desk, "RA-1", 48)
    with pytest.raises(Refusal, match="API-900"), act(desk.engine, SETUP) as session:
        session.connection().execute(BY_HAND, {"lot": "RA-1"})  # one old signature and none that is new
    await desk.complete("RA-1", "review", "zhou.shen", "release", reason="返工一次，复检合格")
    with pytest.raises(Refusal, match="API-900"), act(desk.engine, SETUP) as session:
        session.connection().execute(BY_HAND, {"lot": "RA-1"})
    await desk.complete("RA-1", "approve", "chen.pi", "release", reason="返工一次，复检合格")
    assert desk.status("RA-1") == "released"
    signers = "select count(*) from signature s join lot l on l.id = s.lot_id where l.lot_no = 'RA-1' and s.outcome = 'release'"
    assert desk.scalar(signers) == 3
