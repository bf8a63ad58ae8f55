"""What people do about incoming lots that are watched, as tests need it: lots of before, limits, lots that are judged, alerts."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from models.drift.messages import WatchLots
from models.inspection.messages import MeasuredValue, RecordResults
from models.process.messages.process import Receipt
from tests.support.plant.plant import Plant
from tests.support.processes.matter import complete
from tests.support.servers.database import past_walls

STABLE = (12.0, 12.008, 11.996, 12.004, 11.992, 12.0, 12.012, 11.996, 12.004, 11.988, 12.0, 12.008)
"""Means of lots of before: centre 12.0007, sigma 0.0097."""
BEFORE = """
create temporary table told on commit drop as
  select :name || '-' || to_char(n, 'FM0000') as lot_no, v, n from jsonb_array_elements(cast(:values as jsonb)) with ordinality as e (v, n);
insert into lot (lot_no, item_id, kind, status, quantity, supplier_id, supplier_lot_no)
select t.lot_no, i.id, 'raw', 'released', 100, s.id, t.lot_no from told t, item i, supplier s where i.item_no = :item and s.supplier_no = :supplier;
insert into subject (id, kind, number, title, site_id, opened_at)
select l.subject_id, 'lot', l.lot_no, l.lot_no, (select min(id) from site), now() from lot l join told t on t.lot_no = l.lot_no;
insert into inspection (inspection_no, lot_id, plan_id, stage, status, decided_at)
select 'IQC-' || t.lot_no, l.id, p.id, 'incoming', 'accepted', now() - make_interval(days => 1000 - cast(t.n as integer))
  from told t join lot l on l.lot_no = t.lot_no,
       (select id from inspection_plan where stage = 'incoming' and item_kind = 'raw' and status = 'effective' limit 1) p;
insert into inspection_result (inspection_id, characteristic_id, sample_no, value, text_value, passed)
select n.id, c.id, k, cast(t.v #>> '{}' as numeric), t.v #>> '{}', true
  from told t join lot l on l.lot_no = t.lot_no join inspection n on n.lot_id = l.id join characteristic c on c.plan_id = n.plan_id and c.kind = 'variable',
       generate_series(1, 3) k
"""
ALERT = """
select coalesce((select jsonb_build_object('number', a.alert_no, 'status', a.status, 'decision', a.decision, 'rules', (
         select jsonb_agg(jsonb_build_array(s.rule, (select jsonb_agg(p ->> 'lot') from jsonb_array_elements(s.points) p)) order by s.id)
           from drift_signal s where s.alert_id = a.id))
  from drift_alert a join drift_chart c on c.id = a.chart_id where c.chart_no = :number order by a.id desc limit 1), '{}')
"""
SAMPLING = "select w.sampling from drift_watch w join drift_chart c on c.watch_id = w.id where c.chart_no = :number"


def before(plant: Plant, name: str, item: str, supplier: str, values: Sequence[float] = STABLE) -> list[str]:
    """Lots that were inspected before anybody watched, a day apart; written past the walls, as an old plant has them."""
    given = {"name": name, "item": item, "supplier": supplier, "values": json.dumps([str(one) for one in values])}
    with past_walls(plant.engine) as connection:
        for statement in BEFORE.split(";\n"):
            connection.execute(text(statement), {key: one for key, one in given.items() if f":{key}" in statement})
    return [f"{name}-{n:04}" for n in range(1, len(values) + 1)]


def asking(plant: Plant, supplier: str, item: str, characteristic: str = "关键尺寸", **more: Any) -> WatchLots:
    """The command that has lots watched."""
    given = {"supplier_no": supplier, "item_no": item, "characteristic": characteristic, "reason": "尺寸关键", **more}
    return WatchLots(command_id=str(uuid4()), by=plant.by("zhao.liu"), **given)


async def asked(plant: Plant, supplier: str, item: str, characteristic: str = "关键尺寸") -> str:
    """A chart whose limits are to be proposed; its number."""
    return str((await plant.door.ask(plant.client, asking(plant, supplier, item, characteristic))).data["number"])


def form(**more: Any) -> dict[str, Any]:
    """What is answered when limits are proposed."""
    return {"lots": 20, "rules": "western_electric", "basis": "工艺稳定时期", **more}


async def frozen(plant: Plant, number: str, **more: Any) -> None:
    """Limits proposed and frozen."""
    await complete(plant, number, "propose", "zhou.shen", form=form(**more))
    await complete(plant, number, "freeze", "chen.pi", "approve")


async def arrived(plant: Plant, lot: str, item: str, supplier: str, values: Sequence[float], *, bad: int = 0) -> None:
    """A lot is received and measured, three pieces; its verdict isn't signed yet."""
    await plant.receive(lot, 5, item_no=item, supplier_no=supplier)
    task = plant.task(lot, "inspect")
    told = [MeasuredValue(characteristic=1, sample_no=n, passed=n > bad) for n in (1, 2, 3)]
    told += [
        MeasuredValue(characteristic=2, sample_no=n, value=Decimal(str(one)), equipment_no="G-17")
        for n, one in enumerate(values, 1)
    ]
    command = RecordResults(
        command_id=str(uuid4()), task_id=task.public_id, by=plant.by("lin.jian"), values=tuple(told)
    )
    await plant.door.record_results(plant.client, plant.workflow_of(task), command)


async def verdict(plant: Plant, lot: str, outcome: str = "accepted") -> Receipt:
    """The verdict is signed, and the lot judged with it."""
    return await plant.complete(lot, "inspect", "lin.jian", outcome)


async def came(plant: Plant, lot: str, item: str, supplier: str, value: float) -> None:
    """A lot came, was measured and accepted."""
    await arrived(plant, lot, item, supplier, (value,) * 3)
    await verdict(plant, lot)


def alert(plant: Plant, number: str) -> dict[str, Any]:
    """The newest alert of a chart, with each rule and the lots that made it."""
    found: dict[str, Any] = plant.scalar(ALERT, number=number)
    return found


def sampling(plant: Plant, number: str) -> str:
    """How what a chart watches is sampled."""
    return str(plant.scalar(SAMPLING, number=number))


async def assessed(plant: Plant, number: str, decision: str = "no_cause") -> None:
    """Somebody has said what the alert comes to."""
    said = {"looked_at": "all", "findings": "量具与读数无异常", "decision": decision}
    await complete(plant, number, "assess", "zhou.shen", form=said)


async def closed(plant: Plant, number: str, decision: str = "no_cause") -> Receipt:
    """The alert is assessed and closed."""
    await assessed(plant, number, decision)
    return await complete(plant, number, "conclude", "chen.pi", "close")
