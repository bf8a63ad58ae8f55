"""What people do about an instrument, as tests need it: ask for its calibration, calibrate it, decide on what it measured."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from models.calibration.messages import AskCalibration
from models.equipment.tables import Calibration, Equipment
from models.inspection.messages import MeasuredValue, RecordResults
from models.item.tables import Item
from models.kernel.store.act import act
from models.process.messages.process import CompleteTask, Receipt
from tests.support.plant.direct import do
from tests.support.plant.plant import SETUP, Plant
from tests.support.processes.matter import open_task
from tests.support.servers.database import past_walls

DAY = timedelta(days=1)
GOOD, OFF = ("9.99", None), ("10.05", "10.00")
"""What is read at the point of 10 mm, which may be 0.02 off: before, and after it was adjusted."""
GATHER = """
insert into lot (lot_no, item_id, kind, status, quantity) select :name || '-' || to_char(n, 'FM000'), i.id, 'finished', 'released', 100
  from generate_series(1, :lots) n, item i where i.item_no = :item;
insert into subject (id, kind, number, title, site_id, opened_at)
select l.subject_id, 'lot', l.lot_no, l.lot_no, (select min(id) from site), now() from lot l where l.lot_no like :name || '-%';
insert into stock (lot_id, location_id, quantity)
select l.id, (select id from location where code = 'FG-A1'), 50 from lot l where l.lot_no like :name || '-%';
insert into inspection (inspection_no, lot_id, stage, status, decided_at)
select 'I-' || l.lot_no, l.id, 'final', 'accepted', now() from lot l where l.lot_no like :name || '-%';
"""


def machine(plant: Plant, number: str, *ago: timedelta, kind: str = "caliper") -> str:
    """An instrument that the register has passed so long ago, each time for a year."""
    now = datetime.now(UTC)
    with act(plant.engine, SETUP) as session:
        made = Equipment(equipment_no=number, name="卡尺", name_en="Caliper", kind=kind, needs_calibration=True)
        session.add(made)
        session.flush()
        for one in ago:
            session.add(Calibration(equipment_id=made.id, performed_at=now - one, due_at=now - one + 365 * DAY))
    return number


def asked(plant: Plant, number: str, login: str = "zhao.liu") -> Receipt:
    """Its calibration is in the inbox."""
    command = AskCalibration(command_id=str(uuid4()), by=plant.by(login), equipment_no=number)
    return do(plant.engine, "ask_calibration", command)


def form(read: tuple[str, str | None] = GOOD, at: datetime | None = None, **more: Any) -> dict[str, Any]:
    """A calibration as it is told; a moment ago, by a laboratory's block that holds."""
    point = {"point": "10 mm", "lower": "9.98", "upper": "10.02", "as_found": read[0], "uncertainty": "0.002"}
    standard = {"standard_other": "量块 B-7", "standard_until": "2099-12-31"}
    given = {
        "performed_at": (at or datetime.now(UTC) - timedelta(seconds=1)).isoformat(),
        "done_by": "市计量院",
        "unit": "mm",
        "readings": [point | ({"as_left": read[1]} if read[1] else {})],
        "interval_months": 12,
        "certificate": "CAL-1",
        **({} if "standard" in more else standard),
        **more,
    }
    return {key: value for key, value in given.items() if value is not None}


def calibration(plant: Plant, number: str, read: tuple[str, str | None] = GOOD, **more: Any) -> CompleteTask:
    """The command that records it."""
    task = open_task(plant, number, "perform")
    return plant.completion(task, plant.by("zhao.liu"), "record", form=form(read, **more))


def calibrated(plant: Plant, number: str, read: tuple[str, str | None] = GOOD, **more: Any) -> Receipt:
    """It is calibrated and signed."""
    return do(plant.engine, "complete_task", calibration(plant, number, read, **more))


def assessment(plant: Plant, number: str) -> str:
    """The number of the last assessment that its calibration began."""
    return str(
        plant.scalar(
            "select o.assessment_no from out_of_tolerance o join equipment e on e.id = o.equipment_id"
            " where e.equipment_no = :number order by o.id desc limit 1",
            number=number,
        )
    )


def decision(plant: Plant, number: str, login: str = "chen.pi", **said: Any) -> CompleteTask:
    """The command that decides on results."""
    task = open_task(plant, number, "judge")
    return plant.completion(task, plant.by(login), "decide", reason="已评估", form=said)


def decided(plant: Plant, number: str, **said: Any) -> Receipt:
    """Results are decided on."""
    return do(plant.engine, "complete_task", decision(plant, number, **said))


def closed(plant: Plant, number: str) -> Receipt:
    """The assessment is closed."""
    task = open_task(plant, number, "close")
    command = plant.completion(task, plant.by("wu.jingli"), "close", form={"conclusion": "缩短周期"})
    return do(plant.engine, "complete_task", command)


def blocked(plant: Plant, number: str) -> bool:
    """Whether it is."""
    return bool(
        plant.scalar(
            "select exists (select from equipment_block b join equipment e on e.id = b.equipment_id"
            " where e.equipment_no = :number and b.lifted_at is null)",
            number=number,
        )
    )


def gather(plant: Plant, name: str, lots: int) -> list[str]:
    """Released batches on stock, each with a decided inspection; written past the walls, as an old plant has them."""
    with act(plant.engine, SETUP) as session:
        session.add(Item(item_no=name, name=name, kind="finished"))
    with past_walls(plant.engine) as connection:
        for statement in GATHER.split(";\n"):
            if statement.strip():
                values = {"name": name, "lots": lots, "item": name}
                wanted = {key: value for key, value in values.items() if f":{key}" in statement}
                connection.execute(text(statement), wanted)
    return [f"{name}-{n:03}" for n in range(1, lots + 1)]


MEASURE = """
insert into inspection_result (inspection_id, name, sample_no, value, text_value, passed, equipment_id, recorded_at, measured_at)
select i.id, '直径', cast(:sample as integer), 12, '12.00', true, e.id, :recorded, cast(:measured as timestamptz)
  from inspection i join lot l on l.id = i.lot_id, equipment e where l.lot_no = :lot and e.equipment_no = :number
"""


def measured(plant: Plant, rows: list[tuple[str, str, int, datetime, datetime | None]]) -> None:
    """Results of batch, instrument, sample, when they were recorded, and when measured where that was before."""
    with past_walls(plant.engine) as connection:
        for lot, number, sample, recorded, at in rows:
            given = {"lot": lot, "number": number, "sample": sample, "recorded": recorded, "measured": at}
            connection.execute(text(MEASURE), given)


def value(plant: Plant, lot: str, number: str, at: datetime | None = None) -> RecordResults:
    """The command that records one value measured with it."""
    return RecordResults(
        command_id=str(uuid4()),
        task_id=plant.task(lot, "inspect").public_id,
        by=plant.by("lin.jian"),
        values=(MeasuredValue(characteristic=2, sample_no=1, value="12.00", equipment_no=number),),
        measured_at=at,
    )


WORK = (
    (
        "insert into work_order (work_order_no, item_id, lot_id, quantity) select 'WO-' || l.lot_no, l.item_id, l.id, 100 from lot l where l.lot_no = :lot"
        " on conflict do nothing"
    ),
    (
        "insert into routing_step (work_order_id, seq, code, title_zh, title_en) select id, 10, 'BAKE', '退火', 'Anneal' from work_order"
        " where work_order_no = 'WO-' || :lot on conflict do nothing"
    ),
    (
        "insert into operation_run (work_order_id, lot_id, seq, run_no, code, started_at, finished_at, recorded_by_id) select w.id, w.lot_id, 10, :n, '10',"
        " :began, :ended, (select min(id) from person) from work_order w where w.work_order_no = 'WO-' || :lot"
    ),
    (
        "insert into operation_equipment (operation_run_id, equipment_id) select r.id, e.id from operation_run r join work_order w on w.id = r.work_order_id,"
        " equipment e where w.work_order_no = 'WO-' || :lot and r.run_no = :n and e.equipment_no = any(cast(:machines as text[]))"
    ),
    (
        "insert into operation_parameter (operation_run_id, name, value, text_value, unit) select r.id, '温度', 85, '85.0', '°C' from operation_run r"
        " join work_order w on w.id = r.work_order_id where w.work_order_no = 'WO-' || :lot and r.run_no = :n"
    ),
)


def worked(plant: Plant, rows: list[tuple[str, int, tuple[str, ...], datetime, datetime]]) -> None:
    """Operations of batch, run, machines, when they began and ended; past the walls, as an old plant has them."""
    with past_walls(plant.engine) as connection:
        for lot, n, machines, began, ended in rows:
            given = {"lot": lot, "n": n, "machines": list(machines), "began": began, "ended": ended}
            for statement in WORK:
                connection.execute(
                    text(statement), {key: value for key, value in given.items() if f":{key}" in statement}
                )
