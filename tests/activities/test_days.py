"""Days are the plant's, and an expiry that is printed as a month stays one wherever it goes (21 CFR 801.18)."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from pydantic import TypeAdapter
from sqlalchemy import text

from models.messages.process import CreateWorkOrder
from models.rules.exposure_csv import to_csv as exposure_csv
from models.rules.trace import Direction
from models.rules.trace_csv import from_csv, to_csv
from models.store import exposure, queries_lots, queries_page_production, trace
from models.store.act import Actor, act, reading
from models.store.acts import producing
from models.store.views_lots import LotView
from tests.support.database import past_walls
from tests.support.plant import STEPS, Plant


@pytest.mark.parametrize(
    ("at", "made"),
    [
        (datetime(2026, 11, 20, 15, 59, tzinfo=UTC), date(2026, 11, 20)),
        (datetime(2026, 11, 20, 16, 0, tzinfo=UTC), date(2026, 11, 21)),
        (datetime(2026, 11, 20, 23, 59, tzinfo=UTC), date(2026, 11, 21)),
    ],
)
def test_a_batch_begun_between_midnight_and_eight_is_made_today_in_suzhou(
    desk: Plant, at: datetime, made: date
) -> None:
    lot_no = f"NIGHT-{at:%d%H%M}"
    command = CreateWorkOrder(
        command_id=lot_no,
        by=desk.by("zhao.liu"),
        work_order_no=f"WO-{lot_no}",
        lot_no=lot_no,
        item_no="HIP-12",
        quantity=Decimal(5),
        location="LINE-2",
        steps=STEPS,
    )
    with act(desk.engine, Actor(command.by.actor_id, command.by.name, "test")) as session:
        producing.create(session, command, at)
    assert desk.scalar("select manufactured_on from lot where lot_no = :lot", lot=lot_no) == made


async def test_a_month_stays_a_month_in_trace_csv_lists_and_exposure(desk: Plant) -> None:
    await desk.receive("MONTH-1", expires_on="2031-10")
    await desk.receive("MONTH-2", expires_on="2031-10-01")
    with reading(desk.engine) as session:
        for lot_no, printed in (("MONTH-1", "2031-10"), ("MONTH-2", "2031-10-01")):
            document = trace.trace_identifier(session, lot_no, Direction.BOTH, None).document(datetime.now(UTC))
            assert document["nodes"][0]["expires_on"] == printed
            assert from_csv("".join(to_csv(document)))["nodes"][0]["expires_on"] == printed
            _, view = queries_lots.one(session, lot_no)
            assert json.loads(TypeAdapter(LotView).dump_json(view))["expires_on"] == printed
        met = exposure.exposure(session, "person:li.cang", None, None).document(datetime.now(UTC))
        assert {one["lot_no"]: one["expires_on"] for one in met["lots"]}["MONTH-1"] == "2031-10"
        assert ",2031-10," in "".join(exposure_csv(met))


async def test_what_ends_with_a_month_comes_after_what_ends_in_its_middle(desk: Plant) -> None:
    """FEFO: 2031-10 lasts until the 31st, 2031-10-15 does not."""
    for lot_no in ("FEFO-M", "FEFO-D", "FEFO-N"):
        await desk.material(lot_no, 10)
    with past_walls(desk.engine) as connection:
        for lot_no, day, precision in (("FEFO-M", "2031-10-01", "month"), ("FEFO-D", "2031-10-15", "day")):
            query = text("update lot set expires_on = :day, expiry_precision = :precision where lot_no = :lot")
            connection.execute(query, {"day": day, "precision": precision, "lot": lot_no})
    with reading(desk.engine) as session:
        offered = [one.lot_no for one in queries_page_production.usable(session, 50) if one.lot_no.startswith("FEFO")]
    assert offered == ["FEFO-D", "FEFO-M", "FEFO-N"]
