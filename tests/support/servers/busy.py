"""What people do to batches in the tests of refusals: freeze, free, decide."""

from typing import Any
from uuid import UUID, uuid4

from models.hold.messages import PlaceHold
from models.process.messages.process import Receipt
from tests.support.plant.plant import Plant
from tests.support.record import refused


async def hold(plant: Plant, lot: str, reason: str = "客户投诉") -> UUID:
    command = PlaceHold(command_id=str(uuid4()), by=plant.by("wu.jingli"), lot_nos=(lot,), reason=reason)
    placed = await plant.door.place_hold(plant.client, command)
    return UUID(placed.data["holds"][0])


async def lift(plant: Plant, hold_id: UUID, reason: str = "调查完毕") -> Receipt:
    command = plant.lifting(hold_id, reason=reason)
    answer: Receipt = await plant.door.lift_hold(plant.client, command)
    return answer


async def decide(plant: Plant, lot: str, stage: str, by: Any, outcome: str = "release", **more: Any) -> Receipt:
    """Somebody decides who is more than a login."""
    task = plant.task(lot, stage)
    command = plant.completion(task, by, outcome, **more)
    answer: Receipt = await plant.door.complete_task(plant.client, plant.workflow_of(task), command)
    return answer


async def attempt_then_refused(
    plant: Plant, code: str, lot: str, stage: str, by: Any, outcome: str = "release", **more: Any
) -> None:
    """The attempt is recorded first and stays; what follows changes nothing."""
    task = plant.task(lot, stage)
    command = plant.completion(task, by, outcome, **more)
    with refused(plant.engine, code):
        await plant.door.complete_task(plant.client, plant.workflow_of(task), command)
