"""Batches sterilised together are recorded one by one and found together (REQ 20, 62)."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.exposure.store import exposure
from models.kernel.refusal import Refusal
from models.kernel.store.act import reading
from models.process.messages.process import Receipt
from models.production.messages import RecordOperation
from tests.support.house.proves import proves
from tests.support.plant.plant import Plant

NOW = datetime.now(UTC)
BEGAN, ENDED = NOW - timedelta(hours=2), NOW - timedelta(hours=1)


async def clean(desk: Plant, lot: str, load: str | None, machine: str = "W-03", **more: Any) -> Receipt:
    """The second operation of a batch, in a load."""
    readings = ({"quantity": "humidity", "value": 45, "unit": "%", "lower": 30, "upper": 60},)
    given: dict[str, Any] = {"started_at": BEGAN, "finished_at": ENDED, **more}
    command: RecordOperation = desk.operation(
        lot, 20, environment=readings, produced=50, equipment=(machine,) if machine else (), load=load, **given
    )
    done: Receipt = await desk.door.record_operation(desk.client, lot, command)
    return done


async def machined(desk: Plant, *lots: str) -> None:
    for lot in lots:
        await desk.order(lot)
        before = {"started_at": BEGAN - timedelta(hours=1), "finished_at": BEGAN}
        await desk.door.record_operation(desk.client, lot, desk.operation(lot, 10, equipment=("M-07",), **before))


@proves("R62")
async def test_batches_of_a_load_are_found_together_and_a_second_cycle_is_refused(desk: Plant) -> None:
    await machined(desk, "L-1", "L-2", "L-3")
    await clean(desk, "L-1", "ST-114")
    await clean(desk, "L-2", "ST-114", started_at=BEGAN + timedelta(minutes=1))
    with pytest.raises(Refusal, match="OPR-020"):
        await clean(desk, "L-3", "ST-114", started_at=NOW - timedelta(minutes=20), finished_at=NOW)
    with pytest.raises(Refusal, match="OPR-019"):
        await clean(desk, "L-3", "ST-114", machine="M-07")
    with pytest.raises(Refusal, match="OPR-018"):
        await clean(desk, "L-3", "ST-115", machine="")
    with pytest.raises(Refusal, match="LOT-"):
        await clean(desk, "L-3", " ST-1 ")
    assert desk.scalar("select count(*) from operation_run where load_no is not null") == 2
    with reading(desk.engine) as session:
        answer = exposure.exposure(session, "load:ST-114")
        assert [lot.lot_no for lot in answer.lots] == ["L-1", "L-2"]
        assert {one.number for one in answer.others} == {"W-03", "CR-2", "wang.cao"}
        assert "ST-114" in {one.number for one in exposure.exposure(session, "lot:L-2").others}


async def test_two_who_begin_a_load_at_once_in_two_machines_do_not_both_win(desk: Plant) -> None:
    await machined(desk, "L-8", "L-9")

    async def attempt(lot: str, machine: str) -> str:
        try:
            await asyncio.to_thread(lambda: asyncio.run(clean(desk, lot, "ST-200", machine)))
        except Refusal as refusal:
            return refusal.code
        return "done"

    assert sorted(await asyncio.gather(attempt("L-8", "W-03"), attempt("L-9", "M-07"))) == ["OPR-019", "done"]
