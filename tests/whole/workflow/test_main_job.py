"""The main job: a batch from receipt to the customer, on the real Temporal server and PostgreSQL."""

from decimal import Decimal

from tests.support.house.proves import proves
from tests.support.plant.plant import Plant


@proves("R1")
async def test_a_batch_goes_from_receipt_to_the_customer(plant: Plant) -> None:
    await plant.material("R-1", 100)
    assert plant.status("R-1") == "released"
    await plant.make("H-1", "R-1", 50)
    assert plant.status("H-1") == "packed"
    await plant.release("H-1")
    assert plant.status("H-1") == "released"
    await plant.ship("SH-1", "H-1", 50)
    assert plant.status("H-1") == "closed"
    assert plant.scalar(
        "select sum(s.quantity) from stock s join lot l on l.id = s.lot_id where lot_no = 'R-1'"
    ) == Decimal(50)
    signers = plant.scalar(
        "select count(distinct person_id) from signature s join lot l on l.id = s.lot_id"
        " where lot_no = 'H-1' and subject = 'release'"
    )
    assert signers == 2
