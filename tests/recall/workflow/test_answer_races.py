"""Two different answers through one link at the same instant: one is kept, the other is told so (REQUIREMENTS 79)."""

from functools import partial
from uuid import UUID, uuid4

import pytest

from models.kernel.refusal import Refusal
from models.process.messages.process import Receipt
from models.recall.messages.begin import Acknowledge
from tests.support.plant.direct import direct, do
from tests.support.plant.recalling import Recalling, ship_to_everybody
from tests.support.servers.database import TestDatabase
from tests.support.servers.together import split, together

CUSTOMERS = 25
KEPT = "select received from recall_notice where public_id = :notice"
TRAIL = (
    "select count(*) from audit_event e join recall_notice n on n.id = e.row_id where e.table_name = 'recall_notice'"
    " and e.operation = 'update' and n.public_id = :notice"
)


@pytest.mark.slow
async def test_of_two_answers_through_one_link_one_is_kept(fresh_database: TestDatabase) -> None:
    plant = direct(fresh_database.engine)
    await plant.material("R-1", 1000)
    await plant.make("H-1", "R-1", 500)
    await plant.release("H-1")
    ship_to_everybody(plant, "H-1", CUSTOMERS, 3)
    recall = Recalling(plant)
    await recall.open("H-1")
    await recall.to_customers()
    for notice in recall.notices():
        answers = [
            Acknowledge(
                command_id=str(uuid4()), by=plant.by("sun.zhao"), notice=UUID(str(notice.public_id)), name="王医生",
                received=received, on_hand=received, used=0, will_return=received,
            )
            for received in (2, 3)
        ]  # fmt: skip
        said = together(*(partial(do, plant.engine, "acknowledge", one) for one in answers))
        done, denied = split(said)
        assert ([len(done), len(denied)], denied[0].code) == ([1, 1], "RCL-010")
        thanked = answers[0 if isinstance(said[0], Receipt) else 1]
        assert plant.scalar(KEPT, notice=notice.public_id) == thanked.received
        assert plant.scalar(TRAIL, notice=notice.public_id) == 1, "written once"
        with pytest.raises(Refusal, match="RCL-010"):
            do(plant.engine, "acknowledge", answers[0].model_copy(update={"command_id": str(uuid4())}))
