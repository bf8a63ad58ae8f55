"""What the database asks of a recall's precaution, and how a recall of before openings held anything goes on.

21 CFR 7.46; 医疗器械召回管理办法; ISO 13485 8.3.1, 8.3.3.  Straight at the record, past Temporal.
"""

from collections.abc import Callable
from decimal import Decimal
from itertools import count
from typing import LiteralString

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from models.kernel.store.act import act
from runtime.postgres import Postgres
from tests.support.plant.plant import SETUP, Plant
from tests.support.plant.recalling import Recalling

NUMBERS = count(1)
HELD = (
    "select coalesce(array_agg(l.lot_no order by l.lot_no), '{}') from hold h join lot l on l.id = h.lot_id"
    " join recall r on r.id = h.recall_id where r.recall_no = :no and h.lifted_at is null and h.cause = 'containment'"
    " and (h.confirmed_at is not null) = :confirmed"
)


def held(desk: Plant, recall: Recalling, *, confirmed: bool = False) -> list[str]:
    return list(desk.scalar(HELD, no=recall.number, confirmed=confirmed))


def by_hand(desk: Plant, query: str, **given: object) -> str:
    """Past all of our code, as the application's role; answers the wall's code."""
    with act(desk.engine, SETUP) as session, pytest.raises(DBAPIError) as info:
        session.connection().execute(text(query), given)
    assert isinstance(info.value.orig, psycopg.Error)
    return str(info.value.orig.sqlstate)


FORGET = "delete from hold h using recall r where r.id = h.recall_id and r.recall_no = %s"
UNSIGN = "update recall_scope c set signed_at = null from recall r where r.id = c.recall_id and r.recall_no = %s"
Forget = Callable[..., None]


@pytest.fixture
def forget(desk: Plant, database_template: Postgres) -> Forget:
    """Forgets what a recall holds, as if it had been opened before openings held anything."""

    def without(recall: Recalling, *changes: LiteralString) -> None:
        with database_template.connect(database=str(desk.engine.url.database)) as connection:
            connection.execute("set session_replication_role = replica")
            for change in changes:
                connection.execute(change, [recall.number])

    return without


async def test_a_recall_of_before_is_held_by_its_approval_and_what_left_meanwhile_is_notified(
    desk: Plant, forget: Forget
) -> None:
    n = next(NUMBERS)
    lot = f"CO-S{n}"
    await desk.material(lot, 100)
    recall = Recalling(desk, f"RC-CO-{n}")
    await recall.open(lot)
    forget(recall, FORGET)
    await desk.ship(f"CO-SH{n}", lot, 7)
    sign = "update recall_scope set signed_at = now() from recall r where r.id = recall_id and r.recall_no = :no"
    assert by_hand(desk, sign, no=recall.number) == "BW072"
    await recall.freeze()
    assert held(desk, recall, confirmed=True) == [lot]
    report = (await recall.do("hold_all", "sun.zhao")).data
    assert (report["newly_held"], report["gone_since_scope"]) == (1, 1)
    await recall.do("notify", "sun.zhao")
    assert [(one.shipped, one.lines[0]["lot_no"]) for one in recall.notices()] == [(Decimal(7), lot)]


async def test_the_database_signs_no_scope_that_is_free_and_confirms_nothing_unsigned(
    desk: Plant, forget: Forget
) -> None:
    n = next(NUMBERS)
    await desk.material(f"CO-S{n}", 100)
    recall = Recalling(desk, f"RC-CO-{n}")
    await recall.open(f"CO-S{n}")
    confirm = "update hold set confirmed_at = now() from recall r where r.id = recall_id and r.recall_no = :no"
    assert by_hand(desk, confirm, no=recall.number) == "BW078"
    insert = (
        "insert into hold (lot_id, recall_id, reason, cause, confirmed_at, placed_by_id)"
        " select l.id, r.id, 'x', 'containment', now(), r.opened_by_id from recall r, lot l"
        " where r.recall_no = :no and l.lot_no = :lot"
    )
    await desk.material(f"CO-T{n}", 1)
    assert by_hand(desk, insert, no=recall.number, lot=f"CO-T{n}") == "BW078"
    await recall.freeze()
    forget(recall, FORGET, UNSIGN)
    sign = "update recall_scope set signed_at = now() from recall r where r.id = recall_id and r.recall_no = :no"
    assert by_hand(desk, sign, no=recall.number) == "BW077"
