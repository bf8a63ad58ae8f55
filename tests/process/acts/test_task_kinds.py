"""Each command, sent to each kind of task: done or refused in a sentence, never a fault (DESIGN 2.5, 6a)."""

import asyncio
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from models.inspection.messages import MeasuredValue, RecordResults
from models.kernel.refusal import Refusal
from models.kernel.store.act import reading
from models.process.messages.process import CompleteTask
from models.process.tables.process import HumanTask
from tests.support.plant.direct import do
from tests.support.plant.plant import Plant
from tests.support.plant.recalling import Recalling
from tests.support.record import check_sentences

OPEN = text("select id from human_task where status = 'open' order by id")
DOER = {
    "inspector": "lin.jian",
    "warehouse": "li.cang",
    "operator": "wang.cao",
    "qa_reviewer": "zhou.shen",
    "qa_approver": "chen.pi",
    "quality_manager": "wu.jingli",
    "recall_coordinator": "sun.zhao",
}


@pytest.fixture(scope="module")
def everything(desk: Plant) -> list[HumanTask]:
    """Open tasks of every process: inspections, put-aways, packing, reviews, dispositions, a recall, goods to pull."""

    async def play() -> None:
        await desk.material("K-1", 500)
        await desk.receive("K-2")
        await desk.receive("K-3")
        await desk.measure("K-3")
        await desk.complete("K-3", "inspect", "lin.jian", "accepted")
        await desk.receive("K-4")
        await desk.measure("K-4", value="13")
        await desk.complete("K-4", "inspect", "lin.jian", "failed")
        await desk.make("K-5", "K-1", 5)
        await desk.make("K-6", "K-1", 5)
        await desk.complete("K-6", "review", "zhou.shen", "release")
        await desk.order("K-7", 5)
        taken = ({"lot_no": "K-1", "quantity": 5},)
        first = desk.operation("K-7", 10, equipment=("M-07",), consumes=taken)
        await desk.door.record_operation(None, "K-7", first)
        recall = Recalling(desk, "RC-KINDS")
        await recall.open("K-7")
        await recall.freeze()
        await recall.do("hold_all", "sun.zhao")

    asyncio.run(play())
    with reading(desk.engine) as session:
        return [session.get_one(HumanTask, one) for one in session.connection().execute(OPEN).scalars()]


def values(task: HumanTask, desk: Plant) -> RecordResults:
    given = (MeasuredValue(characteristic=1, sample_no=1, passed=True),)
    by = desk.by(DOER[task.role])
    return RecordResults(command_id=str(uuid4()), task_id=UUID(str(task.public_id)), by=by, values=given)


def test_there_are_tasks_of_every_kind_and_process(everything: list[HumanTask]) -> None:
    assert {one.kind for one in everything} == {"task", "inspection", "sign_off"}
    assert {one.process for one in everything} >= {"batch-lifecycle", "incoming-inspection", "release", "recall"}
    assert "pull-goods" in {one.process for one in everything}


def test_a_task_that_is_no_inspection_takes_no_measured_values(desk: Plant, everything: list[HumanTask]) -> None:
    for task in everything:
        if task.kind == "inspection":
            continue
        with pytest.raises(Refusal) as info:
            do(desk.engine, "record_results", values(task, desk))
        assert (info.value.code, info.value.status) == ("TASK-011", 409), task.stage
        check_sentences(info.value)


@pytest.mark.parametrize("outcome", [None, "release", "accepted", "done", "no such outcome"])
def test_any_outcome_on_any_task_is_done_or_refused(
    desk: Plant, everything: list[HumanTask], outcome: str | None
) -> None:
    for task in everything:
        command = CompleteTask(
            command_id=str(uuid4()),
            task_id=UUID(str(task.public_id)),
            stage=task.stage,
            by=desk.by(DOER[task.role]),
            outcome=outcome,
            form={"quantity": "x", "identifiers": 7, "location": None},
            meaning="performed",
            digest="0" * 64,
        )
        with pytest.raises(Refusal) as info:
            do(desk.engine, "complete_task", command)
        check_sentences(info.value)
