"""A hold is lifted by whoever placed it: quality by a signature, a process by its own decision of two people.

ISO 13485 8.2.6, 8.3.1, 8.3.3; 21 CFR 7.46.  The database says so too.
"""

from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from models.hold.messages import DecideAgain, PlaceHold
from models.kernel.refusal import Refusal
from models.kernel.store.act import act
from tests.support.often import often
from tests.support.plant.direct import do, meet
from tests.support.plant.plant import SETUP, Plant
from tests.support.plant.recalling import Recalling
from tests.support.record import refused
from tests.support.servers.database import TestDatabase
from tests.support.servers.together import orders

HOLDS = (
    "select array_agg(h.public_id::text order by h.id) from hold h join lot l on l.id = h.lot_id"
    " where l.lot_no = :lot and h.lifted_at is null"
)
LIFT = "update hold set lifted_at = now(), lifted_by_id = placed_by_id, lift_reason = 'x' where public_id = :hold"


def of(desk: Plant, lot: str) -> list[str]:
    return list(desk.scalar(HOLDS, lot=lot) or ())


def hold(desk: Plant, lot: str, reason: str = "客户投诉", **more: str) -> str:
    command = PlaceHold(command_id=str(uuid4()), by=desk.by("wu.jingli"), lot_nos=(lot,), reason=reason, **more)
    return str(do(desk.engine, "place_hold", command).data["holds"][0])


def by_hand(desk: Plant, query: str, **given: object) -> str:
    """Past all of our code, as the application's role; answers the wall's code."""
    with act(desk.engine, SETUP) as session, pytest.raises(DBAPIError) as info:
        session.connection().execute(text(query), given)
    assert isinstance(info.value.orig, psycopg.Error)
    return str(info.value.orig.sqlstate)


async def held_at_release(desk: Plant, lot: str) -> str:
    await desk.material(f"{lot}-M")
    await desk.make(lot, f"{lot}-M", 50)
    await desk.complete(lot, "review", "zhou.shen", "hold", reason="等待环境数据")
    [placed] = of(desk, lot)
    return placed


async def test_a_hold_of_a_release_decision_opens_only_with_a_newer_decision_of_two(desk: Plant) -> None:
    placed = await held_at_release(desk, "B-AGAIN")
    with pytest.raises(Refusal, match="HLD-007"):
        desk.lifting(placed, "chen.pi")
    assert by_hand(desk, LIFT, hold=placed) == "BW037"
    again = DecideAgain(command_id=str(uuid4()), by=desk.by("wu.jingli"), lot_no="B-AGAIN", reason="数据已补")
    do(desk.engine, "decide_again", again)
    with refused(desk.engine, "HLD-008"):
        do(desk.engine, "decide_again", again.model_copy(update={"command_id": str(uuid4())}))
    assert of(desk, "B-AGAIN") == [placed]
    with pytest.raises(Refusal, match="REL-002"):
        await desk.complete("B-AGAIN", "review", "zhou.shen", "release")
    await desk.complete("B-AGAIN", "review", "zhou.shen", "release", reason="数据已补")
    assert of(desk, "B-AGAIN") == [placed]
    await desk.complete("B-AGAIN", "approve", "chen.pi", "release", reason="数据已补")
    assert (of(desk, "B-AGAIN"), desk.status("B-AGAIN")) == ([], "released")


async def test_a_newer_decision_to_hold_keeps_the_batch_held(desk: Plant) -> None:
    placed = await held_at_release(desk, "B-STILL")
    again = DecideAgain(command_id=str(uuid4()), by=desk.by("wu.jingli"), lot_no="B-STILL", reason="数据已补")
    do(desk.engine, "decide_again", again)
    await desk.complete("B-STILL", "review", "zhou.shen", "hold", reason="还不够")
    assert placed in of(desk, "B-STILL")
    do(desk.engine, "decide_again", again.model_copy(update={"command_id": str(uuid4())}))
    await desk.complete("B-STILL", "review", "zhou.shen", "release", reason="齐了")
    await desk.complete("B-STILL", "approve", "chen.pi", "release", reason="齐了")
    assert of(desk, "B-STILL") == []


async def recalled(desk: Plant, lot: str, number: str) -> Recalling:
    await desk.material(lot)
    recall = Recalling(desk, number)
    await recall.open(lot)
    await recall.freeze()
    await recall.do("hold_all", "sun.zhao")
    return recall


async def test_a_recall_hold_opens_by_a_coordinator_and_quality_together_and_by_nobody_alone(desk: Plant) -> None:
    await recalled(desk, "R-REC", "RC-1")
    [placed] = of(desk, "R-REC")
    with pytest.raises(Refusal, match="HLD-005"):
        desk.lifting(placed, "li.cang")
    first = do(desk.engine, "lift_hold", desk.lifting(placed, "wu.jingli"))
    assert (first.data["lifted"], first.data["free"]) == (False, False)
    for code, login in (("SIG-006", "wu.jingli"), ("HLD-005", "chen.pi")):
        command = desk.lifting(placed, login)
        with refused(desk.engine, code):
            do(desk.engine, "lift_hold", command)
    with refused(desk.engine, "LOT-003"):
        await desk.ship("S-REC", "R-REC", 1)
    assert by_hand(desk, LIFT, hold=placed) == "BW037"
    forged = LIFT.replace("lift_reason", "lift_signature_id = (select max(id) from signature), lift_reason")
    assert by_hand(desk, forged, hold=placed) == "BW037"
    second = do(desk.engine, "lift_hold", desk.lifting(placed, "sun.zhao"))
    assert second.data["free"] is True
    assert of(desk, "R-REC") == []


async def test_a_recall_that_holds_is_withdrawn_by_two_people_only(desk: Plant) -> None:
    recall = await recalled(desk, "R-WD", "RC-2")
    await recall.do("notify", "sun.zhao")
    await recall.do("follow_up", "sun.zhao", "expand", reason="又有一批", form={"identifiers": "R-REC"})
    await recall.refuse("HLD-010", "review_scope", "sun.zhao", "withdraw", signed=True, reason="误报")
    forged = (
        "with r as (update recall set status = 'withdrawn', closed_at = now() where recall_no = 'RC-2' returning id)"
        " update hold h set lifted_at = now(), lifted_by_id = placed_by_id from r where h.recall_id = r.id"
    )
    assert by_hand(desk, forged) == "BW037"
    assert of(desk, "R-WD")
    await recall.withdraw()
    assert of(desk, "R-WD") == []


async def test_nobody_places_a_hold_in_the_name_of_a_process(desk: Plant) -> None:
    await desk.material("R-NAME")
    for cause in ("recall", "release", "containment"):
        with pytest.raises(Refusal, match="HLD-009"):
            hold(desk, "R-NAME", cause=cause)
    insert = (
        "insert into hold (lot_id, reason, cause, placed_by_id) select l.id, 'x', :cause, p.id from lot l, person p"
        " where l.lot_no = 'R-NAME' limit 1"
    )
    assert by_hand(desk, insert, cause="release") == "BW038"
    assert by_hand(desk, insert, cause="recall") == "23514"


async def test_a_hold_keeps_its_owner_whatever_is_tried_by_hand(desk: Plant) -> None:
    await recalled(desk, "R-OWN", "RC-3")
    [placed] = of(desk, "R-OWN")
    for change in ("cause = 'manual'", "recall_id = null", "placed_at = now()", "lift_reason = 'x'", "reason = 'x'"):
        code = by_hand(desk, f"update hold set {change} where public_id = :hold", hold=placed)  # noqa: S608 - our own words
        assert code in {"BW035", "23514"}, change


async def test_two_holds_lifted_at_the_same_instant_free_the_batch_and_its_life_goes_on(desk: Plant) -> None:
    """Each commits for itself; whoever is second sees that nothing holds the batch any more."""
    for number, first in enumerate(orders(often(3, 6))):
        lot = f"R-TWO-{number}"
        await desk.receive(lot)
        pair = [hold(desk, lot, reason) for reason in ("甲", "乙")]
        commands = [
            ("lift_hold", desk.lifting(UUID(one), who)) for one, who in zip(pair, ("wu.jingli", "chen.pi"), strict=True)
        ]
        done, denied = meet(desk, lot, first, *commands)
        assert denied == []
        assert sorted(one.data["free"] for one in done) == [False, True], first
        news = "select count(*) from outbox o join lot l on l.id = o.lot_id where o.fact = 'lot.hold_lifted' and l.lot_no = :lot"
        assert desk.scalar(news, lot=lot) == 1


async def test_a_quality_hold_and_a_recall_let_go_of_a_batch_at_the_same_instant(desk: Plant) -> None:
    for number, first in enumerate(orders(often(3, 6))):
        lot = f"R-BOTH-{number}"
        recall = await recalled(desk, lot, f"RC-B{number}")
        [placed] = of(desk, lot)
        other = hold(desk, lot)
        do(desk.engine, "lift_hold", desk.lifting(placed, "sun.zhao"))
        commands = [("lift_hold", desk.lifting(placed, "wu.jingli")), ("lift_hold", desk.lifting(other, "chen.pi"))]
        done, denied = meet(desk, lot, first, *commands)
        assert denied == []
        assert sorted(one.data["free"] for one in done) == [False, True]
        assert recall.number


async def test_a_hold_names_only_what_there_is(desk: Plant, furnished_database: TestDatabase) -> None:
    """Looked up once for the statement: the last row is asked as the first (SQLSTATE 23503)."""
    for number in range(3):
        await desk.material(f"R-REF-{number}")
    insert = (
        "insert into hold (lot_id, reason, cause, placed_by_id, {part}) select l.id, 'x', 'manual', p.id,"
        " case when l.lot_no = 'R-REF-2' then 999999999 end from lot l, (select min(id) as id from person) p"
        " where l.lot_no like 'R-REF-%' order by l.lot_no"
    )
    for part in ("run_id", "lift_run_id"):
        assert by_hand(desk, insert.format(part=part)) == "23503", part
    placed = hold(desk, "R-REF-0")
    owner = create_engine(furnished_database.owner_url, poolclass=NullPool)
    for part in (
        "lifted_by_id = 999999999",
        "lifted_by_id = placed_by_id, lift_run_id = 999999999",
        "lifted_by_id = placed_by_id, lift_signature_id = 999999999",
    ):
        lift = f"update hold set lifted_at = now(), {part} where public_id = :hold"  # noqa: S608 - our own words
        with act(owner, SETUP) as session:
            # who may lift it is asked before
            session.connection().execute(text("alter table hold disable trigger hold_owner_wall"))
            with pytest.raises(DBAPIError) as info:
                session.connection().execute(text(lift), {"hold": placed})
        assert getattr(info.value.orig, "sqlstate", None) == "23503", part
    assert of(desk, "R-REF-0") == [placed]


async def test_what_a_hold_names_stays(desk: Plant, furnished_database: TestDatabase) -> None:
    """A run and a signature never go, so what was looked up once stays there; the owner is refused too (BW002)."""
    await held_at_release(desk, "R-STAY")
    owner = create_engine(furnished_database.owner_url, poolclass=NullPool)
    for table in ("process_run", "signature"):
        with act(owner, SETUP) as session, pytest.raises(DBAPIError) as info:
            session.connection().execute(text(f"delete from {table}"))  # noqa: S608 - our own words
        assert getattr(info.value.orig, "sqlstate", None) == "BW002", table
