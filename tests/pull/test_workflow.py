"""Goods that a hold can't reach by itself: somebody is sent, on the real server, with deadlines and an end (REQ 55)."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from uuid import uuid4

import pytest
from sqlalchemy import text
from temporalio.client import WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment

from activities.delivery import Delivery
from models.hold.messages import PlaceHold
from models.hold.rules import Scope as HoldScope
from models.kernel.store.act import act
from tests.process.workflow.test_deadlines import forward
from tests.support import stock
from tests.support.plant.plant import SETUP, Plant
from tests.support.plant.recalling import Recalling
from tests.support.record import refused
from tests.support.servers.until import born, until_async

PLACES = """
select string_agg(p.kind || ' ' || p.place || ' ' || trim_scale(p.quantity), '; ' order by p.id)
  from recall_pull p join recall r on r.id = p.recall_id where r.recall_no = :no
"""
PLANNED = text("""
with planned as (
  insert into shipment (shipment_no, customer_id, status) select :no, id, 'planned' from customer where customer_no = 'C-1'
  returning id)
insert into shipment_line (shipment_id, lot_id, quantity) select planned.id, l.id, 12 from planned, lot l where l.lot_no = :lot
""")
AT = """
select coalesce(sum(s.quantity), 0) from stock s join lot l on l.id = s.lot_id join location o on o.id = s.location_id
 where l.lot_no = :lot and o.code = :place
"""
HOLDS = "select array_agg(h.public_id::text) from hold h join hold_act a on a.id = h.act_id where a.public_id = cast(:act as uuid)"
numbers = count(1)


@dataclass
class Scope:
    """A material on the shelf; a batch of it on the line, another released of which 12 are promised to the hospital."""

    plant: Plant
    n: int

    @property
    def material(self) -> str:
        return f"PR-{self.n}"

    def recall(self, mode: str = "recall") -> Recalling:
        return Recalling(self.plant, f"{'RD' if mode == 'drill' else 'RC'}-2027-{self.n:03d}", mode)


@pytest.fixture
async def scope(plant: Plant) -> Scope:
    it, desk = Scope(plant, next(numbers)), stock.at_record(plant)
    await desk.material(it.material, 200)
    await desk.make(f"PH-{it.n}", it.material, 50)
    await desk.release(f"PH-{it.n}")
    with act(plant.engine, SETUP) as session:
        session.connection().execute(PLANNED, {"no": f"PSH-{it.n}", "lot": f"PH-{it.n}"})
    await desk.make(f"PL-{it.n}", it.material, 30)  # packed, not put away: it lies in the clean room
    await desk.order(f"PO-{it.n}", 40)
    consumes = ({"lot_no": it.material, "quantity": 40},)
    operation = desk.operation(f"PO-{it.n}", 10, equipment=("M-07",), consumes=consumes)
    await desk.door.record_operation(desk.client, f"PO-{it.n}", operation)
    stock.handed_on(plant.engine)
    return it


async def test_a_hold_sends_somebody_to_each_place(scope: Scope, temporal_env: WorkflowEnvironment) -> None:
    plant, recall, n = scope.plant, scope.recall(), scope.n
    await recall.open(scope.material)
    await recall.freeze()
    held = await recall.do("hold_all", "sun.zhao")
    assert (held.data["newly_held"], held.data["to_pull"], held.data["gone"]) == (4, 3, 0)
    assert plant.scalar(PLACES, no=recall.number) == f"shipment PSH-{n} 12; work_order WO-PO-{n} 40; location CR-2 30"
    pull = plant.client.get_workflow_handle(f"pull/{recall.number}/3")

    await deliver(plant)
    for each in (1, 2, 3):
        await born(plant.client, f"pull/{recall.number}/{each}")
    for code, form in (
        ("PUL-001", {"found": "28", "location": "QA-01"}),
        ("PUL-002", {"found": "30"}),
        ("STK-003", {"found": "30", "location": "nowhere"}),
        ("PRC-004", {"found": "-1", "location": "QA-01"}),
    ):
        with refused(plant.engine, code):
            await recall.pull("CR-2", **form)
    await recall.pull("CR-2", found="28", location="QA-01", note="两件在检具上找不到")
    assert [plant.scalar(AT, lot=f"PL-{n}", place=place) for place in ("CR-2", "QA-01")] == [2, 28]
    assert (await pull.result())["result"] == "pulled"
    # two hours later the coordinator hears of what nobody has brought back
    await forward(temporal_env, plant, f"pull/{recall.number}/1", timedelta(hours=2, minutes=5))
    assert recall.errand(f"PSH-{n}").escalated_to == "recall_coordinator"
    await recall.pull(f"PSH-{n}", found="12", location="QA-01")
    await recall.do("notify", "sun.zhao")
    assert recall.notices() == [], "what is only promised has not left"
    await recall.do("follow_up", "sun.zhao", "done")
    await recall.decide("rework")
    await recall.refuse("PUL-003", "close", "wu.jingli", "close", signed=True)
    await recall.do("close", "wu.jingli", "close", signed=True, reason="在线批次就地隔离")
    assert recall.errand(f"WO-PO-{n}").status == "cancelled"
    await deliver(plant)
    await ended(plant, f"pull/{recall.number}/2")


async def test_a_hold_of_quality_sends_somebody_to_each_place_until_it_is_lifted(
    scope: Scope, temporal_env: WorkflowEnvironment
) -> None:
    """Two acts on the same goods send once; two hours later quality hears of it; what is brought back is booked; the rest ends."""
    plant, n = scope.plant, scope.n
    desk = stock.at_record(plant)
    acts = []
    for reason in ("异物", "复查"):
        command = PlaceHold(
            command_id=str(uuid4()),
            by=plant.by("wu.jingli"),
            lot_nos=(scope.material,),
            reason=reason,
            scope=HoldScope.PARTS,
        )
        acts.append((await plant.door.place_hold(plant.client, command)).data)
    assert [(one["held"], one["to_pull"]) for one in acts] == [(4, 3), (4, 0)]
    await deliver(plant)
    ids = [f"pull-held/PH-{n}/1", f"pull-held/PO-{n}/1", f"pull-held/PL-{n}/1"]
    for one in ids:
        await born(plant.client, one)
    await forward(temporal_env, plant, ids[0], timedelta(hours=2, minutes=5))
    assert desk.task(f"PH-{n}", "pull").escalated_to == "qa_reviewer"
    form = {"found": "30", "location": "QA-01"}
    await plant.complete(f"PL-{n}", "pull", "li.cang", signed=False, form=form)
    assert [plant.scalar(AT, lot=f"PL-{n}", place=place) for place in ("CR-2", "QA-01")] == [0, 30]
    assert (await plant.client.get_workflow_handle(ids[2]).result())["result"] == "pulled"
    for hold in plant.scalar(HOLDS, act=acts[0]["hold_act"]):
        await plant.door.lift_hold(plant.client, plant.lifting(hold))
    await deliver(plant)
    for one in ids[:2]:
        await ended(plant, one)


async def deliver(plant: Plant) -> None:
    """The dispatcher hands on what waits."""
    while await Delivery(plant.engine, plant.client).deliver_once():
        pass


async def ended(plant: Plant, workflow_id: str) -> None:
    handle = plant.client.get_workflow_handle(workflow_id)

    async def over() -> bool:
        return (await handle.describe()).status is not WorkflowExecutionStatus.RUNNING

    await until_async(over, f"{workflow_id} ends")


async def test_a_drill_sends_nobody_but_asks_the_same(scope: Scope) -> None:
    """The errands are there and can be done; no stock row moves and nothing goes outside."""
    plant, drill, n = scope.plant, scope.recall("drill"), scope.n
    before = plant.scalar("select max(id) from audit_event")
    outside = "select count(*) from outbox where fact not like 'process.%'"
    waiting = plant.scalar(outside)
    await drill.open(scope.material)
    await drill.freeze()
    assert (await drill.do("hold_all", "sun.zhao")).data["to_pull"] == 3
    await deliver(plant)
    await drill.pull("CR-2", found="30", location="QA-01")
    touched = plant.scalar(
        "select string_agg(distinct table_name, ',' order by table_name) from audit_event where id > :id", id=before
    )
    assert touched == "fact,human_task,process_run,recall,recall_market,recall_pull,recall_scope,signature,subject"
    assert plant.scalar(outside) == waiting
    assert plant.scalar(AT, lot=f"PL-{n}", place="CR-2") == 30


async def test_an_expanded_scope_sends_only_for_what_is_new(scope: Scope) -> None:
    plant, recall, n = scope.plant, scope.recall(), scope.n
    await recall.open(f"PL-{n}")
    await recall.to_customers()
    more = {"identifiers": f"PO-{n}"}
    await recall.do("follow_up", "sun.zhao", "expand", reason="同一材料", form=more)
    await recall.freeze()
    held = await recall.do("hold_all", "sun.zhao")
    assert held.data["to_pull"] == 1
    assert plant.scalar(PLACES, no=recall.number) == f"location CR-2 30; work_order WO-PO-{n} 40"


async def test_a_withdrawn_recall_calls_its_people_back(scope: Scope) -> None:
    recall, n = scope.recall(), scope.n
    await recall.open(f"PL-{n}")
    await recall.to_customers()
    await recall.do("follow_up", "sun.zhao", "expand", reason="误报", form={"identifiers": f"PL-{n}"})
    await recall.withdraw()
    assert recall.errand("CR-2").status == "cancelled"
