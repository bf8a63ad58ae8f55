"""A recall's clocks on the real server: reminders, customers who never answer, an expansion on day 30; in depth 445 customers."""

from datetime import timedelta
from functools import partial

from temporalio.testing import WorkflowEnvironment

from tests.process.workflow.test_deadlines import forward
from tests.support import stock
from tests.support.house.proves import proves
from tests.support.often import often
from tests.support.plant.plant import Plant
from tests.support.plant.recalling import Recalling, ship_to_everybody
from tests.support.servers.until import until

CUSTOMERS, SILENT = often(60, 445), often(8, 60)
"""445 are told of the average recall of the FDA."""
OF = " from recall_notice n join recall r on r.id = n.recall_id where r.recall_no = :no"


def reminded(plant: Plant, number: str, times: int) -> bool:
    """Whether somebody has been reminded so often."""
    return bool(plant.scalar(f"select max(reminders) = :times{OF}", no=number, times=times))


@proves("R78")
async def test_many_customers_of_whom_some_never_answer(plant: Plant, temporal_env: WorkflowEnvironment) -> None:
    desk = stock.at_record(plant)
    await desk.material("R-9", 2000)
    await desk.make("H-9", "R-9", 1500)
    await desk.release("H-9")
    ship_to_everybody(plant, "H-9", CUSTOMERS, 3)
    recall = Recalling(plant, "RC-2026-901")
    opened = await recall.open("H-9")
    assert opened.data["customers"] == CUSTOMERS
    await recall.to_customers()
    workflow, number = f"recall/{recall.number}", {"no": recall.number}
    notices = recall.notices()
    assert len(notices) == CUSTOMERS
    # the customers' own acts; Temporal's part in an answer is tested elsewhere
    answering = Recalling(desk, recall.number)
    for notice in notices[SILENT:]:
        await answering.acknowledge(notice, 3, on_hand=2, used=1, will_return=2)

    for days, reminders in ((3, 1), (4, 2), (7, 3)):
        await forward(temporal_env, plant, workflow, timedelta(days=days, minutes=1))
        await until(partial(reminded, plant, recall.number, reminders))
    assert plant.scalar(f"select count(*){OF} and reminders = 3", **number) == SILENT
    assert plant.scalar(f"select count(*){OF} and reminders = 0", **number) == CUSTOMERS - SILENT
    told = "select count(*) from outbox where fact = 'recall.notice' and payload ->> 'kind' like :kind"
    assert (plant.scalar(told, kind="first"), plant.scalar(told, kind="reminder-%")) == (CUSTOMERS, 3 * SILENT)

    # day 30: another batch of the same material is drawn in, with a clock and notices of its own
    await desk.make("H-10", "R-9", 50)
    await desk.release("H-10")
    await desk.ship("SH-10", "H-10", 20)
    clocks = "select count(*) from recall_deadline d join recall r on r.id = d.recall_id where r.recall_no = :no"
    before = plant.scalar(clocks, **number)
    await recall.do("follow_up", "sun.zhao", "expand", reason="同一材料", form={"identifiers": "H-10"})
    await recall.to_customers()
    assert plant.scalar(clocks, **number) > before
    assert [notice.scope_version for notice in recall.notices()].count(2) == 1
    await recall.do("follow_up", "sun.zhao", "done")
    await recall.refuse("RCL-007", "close", "wu.jingli", "close", signed=True)
    await recall.decide()
    await recall.do("close", "wu.jingli", "close", signed=True, reason=f"{SILENT} 家客户三次提醒后仍无回执, 已上门核实")
    assert plant.scalar("select status from recall where recall_no = :no", **number) == "closed"


async def test_a_drill_reminds_nobody_outside(plant: Plant, temporal_env: WorkflowEnvironment) -> None:
    desk = stock.at_record(plant)
    await desk.material("R-11", 100)
    await desk.make("H-11", "R-11", 50)
    await desk.release("H-11")
    await desk.ship("SH-11", "H-11", 20)
    outbox = plant.scalar("select count(*) from outbox")
    drill = Recalling(plant, "RD-2026-901", "drill")
    await drill.open("H-11")
    await drill.to_customers()
    await forward(temporal_env, plant, f"recall/{drill.number}", timedelta(days=3, minutes=1))
    await until(lambda: drill.notices()[0].reminders == 1)
    assert plant.scalar("select count(*) from outbox") == outbox
