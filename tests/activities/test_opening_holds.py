"""Opening a recall contains at once; the approval of its scope confirms or releases the precaution.

21 CFR 7.46; 医疗器械召回管理办法; ISO 13485 8.3.1, 8.3.3.  Straight at the record, past Temporal.
"""

from decimal import Decimal
from itertools import count

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from models.store import recalls
from models.store.act import act, reading
from tests.support.correcting import correct, correcting, used
from tests.support.direct import do
from tests.support.plant import SETUP, Plant
from tests.support.recalling import Recalling
from tests.support.record import refused

NUMBERS = count(1)
HELD = (
    "select coalesce(array_agg(l.lot_no order by l.lot_no), '{}') from hold h join lot l on l.id = h.lot_id"
    " join recall r on r.id = h.recall_id where r.recall_no = :no and h.lifted_at is null and h.cause = 'containment'"
    " and (h.confirmed_at is not null) = :confirmed"
)
OTHERS = "select array_agg(h.public_id) from hold h join lot l on l.id = h.lot_id where l.lot_no = :lot and h.lifted_at is null"


def held(desk: Plant, recall: Recalling, *, confirmed: bool = False) -> list[str]:
    return list(desk.scalar(HELD, no=recall.number, confirmed=confirmed))


def scope(desk: Plant, recall: Recalling) -> dict[str, list[str]]:
    """The lots and customers that the newest version names."""
    with reading(desk.engine) as session:
        row = recalls.newest_scope(session, recalls.get(session, recall.number).id)
        record = recalls.record_of(session, row)
    return {
        "lots": sorted(one["lot_no"] for one in record["lots"]),
        "customers": sorted({one["customer_no"] for one in record["customers"]}),
    }


def by_hand(desk: Plant, query: str, **given: object) -> str:
    """Past all of our code, as the application's role; answers the wall's code."""
    with act(desk.engine, SETUP) as session, pytest.raises(DBAPIError) as info:
        session.connection().execute(text(query), given)
    assert isinstance(info.value.orig, psycopg.Error)
    return str(info.value.orig.sqlstate)


async def made_of(desk: Plant, material: str, *products: str) -> None:
    await desk.material(material, 500)
    for product in products:
        await desk.make(product, material, 50)
        await desk.release(product)


async def test_approval_releases_what_the_signed_scope_leaves_out(desk: Plant) -> None:
    """It came to light that one batch was made of something else; until two people signed that, it stays where it is."""
    n = next(NUMBERS)
    bad, good, first, second = f"CO-S{n}", f"CO-G{n}", f"CO-P{n}", f"CO-Q{n}"
    await made_of(desk, bad, first, second)
    await desk.material(good, 500)
    recall = Recalling(desk, f"RC-CO-{n}")
    await recall.open(bad)
    await correct(desk, correcting(desk, second, bad, used(good, 10)))
    await recall.do("review_scope", "sun.zhao", "recompute", signed=True, reason="更正了投料记录")
    assert scope(desk, recall)["lots"] == sorted([bad, first])
    assert held(desk, recall) == sorted([bad, first, second])
    lift = "update hold set lifted_at = now(), lifted_by_id = placed_by_id from lot l where l.id = lot_id and l.lot_no = :lot"
    assert by_hand(desk, lift, lot=second) == "BW037"
    await recall.freeze()
    assert held(desk, recall, confirmed=True) == sorted([bad, first])
    assert held(desk, recall) == []
    # what the correction itself held is decided about by quality
    [other] = desk.scalar(OTHERS, lot=second)
    do(desk.engine, "lift_hold", desk.lifting(other))
    await desk.ship(f"CO-SH{n}", second, 1)
    with refused(desk.engine, "LOT-003"):
        await desk.ship(f"CO-SH{n}B", first, 1)


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
