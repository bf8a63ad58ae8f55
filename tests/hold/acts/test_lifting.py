"""A hold is lifted by a signature of its own (21 CFR 11.50, 11.70, 11.200; ISO 13485 8.3.1): no task, the same proof."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest_asyncio

from models.hold.messages import PlaceHold
from tests.support.plant.direct import direct, do
from tests.support.plant.plant import Plant
from tests.support.record import refused
from tests.support.servers.database import TestDatabase, past_walls

SIGNED = "select count(*) from signature where subject = 'act'"
OPEN = "select count(*) from hold where lifted_at is null"


@pytest_asyncio.fixture
async def desk(fresh_database: TestDatabase) -> AsyncIterator[Plant]:
    """A plant without Temporal, with one lot of material."""
    made = direct(fresh_database.engine)
    await made.material("R-1")
    yield made


def hold(desk: Plant, reason: str = "客户投诉") -> str:
    command = PlaceHold(command_id=str(uuid4()), by=desk.by("wu.jingli"), lot_nos=("R-1",), reason=reason)
    return str(do(desk.engine, "place_hold", command).data["holds"][0])


async def test_a_hold_is_lifted_by_a_signature_over_what_was_shown(desk: Plant) -> None:
    command = desk.lifting(hold(desk))
    receipt = do(desk.engine, "lift_hold", command)
    assert receipt.data["free"] is True
    query = (
        "select s.act, s.about, s.meaning, s.outcome, s.printed_name, s.digest, r.canonical::jsonb->>'reason' as why,"
        " s.id = h.lift_signature_id as tied, s.lot_id = h.lot_id as here"
        " from signature s join signed_record r on r.digest = s.digest, hold h where s.subject = 'act'"
    )
    with desk.engine.connect() as connection:
        row = connection.exec_driver_sql(query).one()
    assert tuple(row) == (
        "lift_hold", str(command.hold_id), "approved", "lift", "吴经理", command.digest, "客户投诉", True, True,
    )  # fmt: skip


async def test_nobody_lifts_a_hold_without_a_proven_attempt_of_their_own_for_this_hold(desk: Plant) -> None:
    first, second = hold(desk), hold(desk, "尺寸复核")
    mine, other = desk.lifting(first), desk.lifting(second)
    for attempt in (None, 10_000, other.attempt_id):
        with refused(desk.engine, "SIG-001"):
            do(desk.engine, "lift_hold", mine.model_copy(update={"attempt_id": attempt}))
    with refused(desk.engine, "SIG-001"):
        do(desk.engine, "lift_hold", mine.model_copy(update={"by": desk.by("chen.pi")}))
    with refused(desk.engine, "SIG-008"):
        do(desk.engine, "lift_hold", mine.model_copy(update={"meaning": "reviewed"}))
    with refused(desk.engine, "SIG-004"):
        do(desk.engine, "lift_hold", mine.model_copy(update={"digest": other.digest}))
    assert (desk.scalar(OPEN), desk.scalar(SIGNED)) == (2, 0)


async def test_an_attempt_for_a_task_lifts_no_hold_and_one_for_a_hold_completes_no_task(desk: Plant) -> None:
    held = desk.lifting(hold(desk))
    await desk.receive("R-2")
    await desk.measure("R-2")
    task = desk.task("R-2", "inspect")
    inspect = desk.completion(task, desk.by("wu.jingli"), "accepted")
    with refused(desk.engine, "SIG-001"):
        do(desk.engine, "lift_hold", held.model_copy(update={"attempt_id": inspect.attempt_id}))
    inspect = desk.completion(task, desk.by("lin.jian"), "accepted")
    with refused(desk.engine, "SIG-001"):
        do(desk.engine, "complete_task", inspect.model_copy(update={"attempt_id": held.attempt_id}))


async def test_what_was_shown_must_still_be_true_when_a_hold_is_lifted(desk: Plant) -> None:
    command = desk.lifting(hold(desk))
    with past_walls(desk.engine) as connection:
        connection.exec_driver_sql("update lot set quantity = 99 where lot_no = 'R-1'")
    with refused(desk.engine, "SIG-004"):
        do(desk.engine, "lift_hold", command)
    assert desk.scalar(OPEN) == 1
