"""An order that was opened before it was entered says when, and none of its operations began before (ALCOA+; 21 CFR 11.10(f))."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from models.kernel.refusal import Refusal
from models.kernel.store.act import act, reading
from models.lot.queries import one as queries_lot
from models.production.queries import orders as queries_production
from tests.support.plant.direct import do
from tests.support.plant.plant import SETUP, Plant
from tests.support.record import refused

NOW = datetime.now(UTC).replace(microsecond=0)
HOUR = timedelta(hours=1)
MADE = datetime(2026, 1, 5, 17, tzinfo=UTC)
"""One in the morning of the sixth in Suzhou."""


def work(desk: Plant, lot_no: str, began: datetime, **more: Any) -> Any:
    given: dict[str, Any] = {"equipment": ("M-07",), "finished_at": began + HOUR / 2, **more}
    return desk.operation(lot_no, 10, started_at=began, **given)


async def test_no_operation_begins_before_its_order_was_opened(desk: Plant) -> None:
    await desk.order("OO-1", 5, opened_at=NOW - 2 * HOUR)
    with refused(desk.engine, "OPR-056", 422, zh="WO-OO-1"):
        do(desk.engine, "record_operation", work(desk, "OO-1", NOW - 3 * HOUR))
    do(desk.engine, "record_operation", work(desk, "OO-1", NOW - 2 * HOUR))  # in the minute in which it was opened
    await desk.order("OO-2", 5)  # tells nothing of it, so nobody can say
    do(desk.engine, "record_operation", work(desk, "OO-2", NOW - 3 * HOUR))


@pytest.mark.parametrize("opened", [NOW + timedelta(days=1), NOW - timedelta(days=401)])
async def test_an_order_is_not_opened_tomorrow_nor_years_ago(desk: Plant, opened: datetime) -> None:
    with refused(desk.engine, "OPR-057", 422):
        await desk.order("OO-3", 5, opened_at=opened)


async def test_a_lot_that_arrived_before_it_was_entered_says_when(desk: Plant) -> None:
    for when in (NOW + timedelta(days=1), NOW - timedelta(days=401)):
        with refused(desk.engine, "LOT-036", 422):
            await desk.receive("OO-R", received_at=when)
    await desk.receive("OO-R", received_at=NOW - 30 * HOUR)
    with reading(desk.engine) as session:
        [came] = [one for one in queries_lot.timeline(session, "OO-R").items if one.fact == "lot.received"]
    assert came.happened_at == NOW - 30 * HOUR
    assert came.at > NOW - HOUR


async def test_its_batch_is_made_from_that_day_on_and_the_order_shows_it(desk: Plant) -> None:
    await desk.order("OO-4", 5, opened_at=MADE)
    assert desk.scalar("select manufactured_on from lot where lot_no = 'OO-4'") == date(2026, 1, 6)
    with reading(desk.engine) as session:
        order = queries_production.detail(session, "WO-OO-4").order
        begun = next(one for one in queries_lot.timeline(session, "OO-4").items if one.fact == "production.started")
    assert (order.opened_at, begun.happened_at) == (MADE, MADE)
    assert order.created_at > MADE
    assert begun.at > MADE


@pytest.mark.parametrize(
    ("statement", "state"),
    [
        (
            (
                "insert into operation_run (work_order_id, lot_id, seq, run_no, code, started_at, finished_at, recorded_by_id)"
                " select w.id, w.lot_id, 10, 1, '10', w.opened_at - interval '1 minute', now(), p.id"
                " from work_order w, person p where w.work_order_no = 'WO-OO-5' limit 1"
            ),
            "BW331",
        ),
        (
            (
                "insert into work_order (work_order_no, item_id, lot_id, quantity, opened_at)"
                " select 'WO-OO-6', item_id, id, 5, now() + interval '1 hour' from lot where lot_no = 'OO-5'"
            ),
            "BW330",
        ),
        ("update work_order set opened_at = opened_at - interval '3 days' where work_order_no = 'WO-OO-5'", "BW182"),
    ],
)
async def test_the_database_asks_the_same(desk: Plant, statement: str, state: str) -> None:
    if not desk.scalar("select count(*) from work_order where work_order_no = 'WO-OO-5'"):
        await desk.order("OO-5", 5, opened_at=NOW - HOUR)
    with pytest.raises(Refusal) as caught, act(desk.engine, SETUP) as session:
        session.connection().execute(text(statement))
    cause = caught.value.__cause__
    assert isinstance(cause, DBAPIError)
    assert (caught.value.code, getattr(cause.orig, "sqlstate", None)) == ("API-900", state)
