"""What people do about a matter that is no batch: a finding, a CAPA; known by its number."""

from typing import Any

from models.kernel.store.act import reading
from models.process.messages.process import Receipt
from models.process.tables.process import HumanTask
from tests.support.plant.plant import Plant

OPEN = (
    "select t.id from human_task t join subject s on s.id = t.subject_id"
    " where s.number = :number and t.stage = :stage and t.status = 'open' order by t.id limit 1"
)
STAGES = (
    "select coalesce(array_agg(t.stage order by t.stage), '{}') from human_task t join subject s on s.id = t.subject_id"
    " where s.number = :number and t.status = 'open'"
)


def open_task(plant: Plant, number: str, stage: str) -> HumanTask:
    """The open task of that stage, the oldest where there are several."""
    with reading(plant.engine) as session:
        return session.get_one(HumanTask, plant.scalar(OPEN, number=number, stage=stage))


def stages(plant: Plant, number: str) -> list[str]:
    """The stages of people that are open about it."""
    found: list[str] = plant.scalar(STAGES, number=number)
    return found


async def complete(
    plant: Plant, number: str, stage: str, login: str, outcome: str | None = None, **more: Any
) -> Receipt:
    """Somebody completes the open task of that stage; a step with an outcome is signed unless it says otherwise."""
    task = open_task(plant, number, stage)
    command = plant.completion(task, plant.by(login), outcome, **{"signed": outcome is not None, **more})
    done: Receipt = await plant.door.complete_task(plant.client, plant.workflow_of(task), command)
    return done
