"""Acts refuse a new batch number that folds like one there is, with the number that it is like (REQUIREMENTS 19)."""

from tests.support.plant import Plant
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
