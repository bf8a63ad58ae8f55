"""What an act only tells is written when it commits: all of it in its order, nothing of what was rolled back."""

from itertools import count

from sqlalchemy import text
from sqlmodel import Session

from models.kernel.store.act import Actor, act, begin, reason
from models.lot.store import lots
from tests.support.plant.plant import Plant

WRITER = Actor("service:reconcile", "Batchwright", "worker")
TOLD = text("select fact from lot_fact where lot_id = :lot and fact like 'test.%' order by id")
WHY = text(
    "select a.reason from audit_event a join lot_fact f on a.table_name = 'lot_fact' and a.row_id = f.id"
    " where f.lot_id = :lot and f.fact like 'test.%' order by f.id"
)


NUMBERS = count(1)


def told(plant: Plant, lot: int) -> list[str]:
    with plant.engine.begin() as connection:
        return list(connection.execute(TOLD, {"lot": lot}).scalars())


async def lot_of(desk: Plant) -> int:
    number = f"R-LATER-{next(NUMBERS)}"
    await desk.material(number, 10)
    with desk.engine.begin() as connection:
        found = connection.execute(text("select id from lot where lot_no = :number"), {"number": number})
        return int(found.scalar_one())


async def test_what_is_told_is_written_in_its_order_when_the_act_commits(desk: Plant) -> None:
    lot = await lot_of(desk)
    with act(desk.engine, WRITER) as session:
        for name in ("test.b", "test.a", "test.c"):
            lots.note(session, lot, name, None, {"n": 1})
        assert session.connection().execute(TOLD, {"lot": lot}).all() == []
    assert told(desk, lot) == ["test.b", "test.a", "test.c"]


async def test_nothing_is_written_of_what_was_rolled_back(desk: Plant) -> None:
    lot = await lot_of(desk)
    with Session(desk.engine) as session:
        begin(session, WRITER)
        lots.note(session, lot, "test.refused", None)
        session.rollback()
        begin(session, WRITER)
        lots.note(session, lot, "test.done", None)
        session.commit()
    assert told(desk, lot) == ["test.done"]


async def test_a_savepoint_takes_back_what_was_told_since_and_nothing_before(desk: Plant) -> None:
    lot = await lot_of(desk)
    with act(desk.engine, WRITER) as session:
        lots.note(session, lot, "test.before", None)
        savepoint = session.begin_nested()
        lots.note(session, lot, "test.within", None)
        savepoint.rollback()
        lots.note(session, lot, "test.after", None)
    assert told(desk, lot) == ["test.before", "test.after"]


async def test_each_is_written_for_the_reason_for_which_it_was_told(desk: Plant) -> None:
    lot = await lot_of(desk)
    with act(desk.engine, WRITER) as session:
        lots.note(session, lot, "test.before", None)
        with reason(session, "why"):
            lots.note(session, lot, "test.within", None)
        lots.note(session, lot, "test.after", None)
    with desk.engine.begin() as connection:
        assert [why or "" for why in connection.execute(WHY, {"lot": lot}).scalars()] == ["", "why", ""]


async def test_what_a_batch_record_reads_is_there_at_once_and_in_order(desk: Plant) -> None:
    lot = await lot_of(desk)
    with act(desk.engine, WRITER) as session:
        lots.note(session, lot, "test.before", None)
        lots.note(session, lot, "lot.label_differs", None, {"label_differs": []})
        order = text("select fact from lot_fact where lot_id = :lot order by id desc limit 2")
        found = session.connection().execute(order, {"lot": lot}).scalars().all()
    assert found == ["lot.label_differs", "test.before"]
