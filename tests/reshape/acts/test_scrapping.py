"""What came back, and what a recall holds in house, is scrapped by a signature over how much of what, and by nothing else (21 CFR 11.50; ISO 13485 8.3.3)."""

import json
from decimal import Decimal
from itertools import count
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from models.kernel.refusal import Refusal
from models.kernel.store.act import Actor, act, reading
from models.recall.acts import decide as deciding
from models.recall.messages.begin import DecideLots
from models.returns import acts as returning
from models.returns.messages import DisposeReturn
from tests.support.plant.direct import do
from tests.support.plant.plant import SETUP, Plant
from tests.support.plant.recalling import Recalling
from tests.support.plant.reshaping import new, splitting

NUMBERS = count(1)
SIGNED = (
    "select s.printed_name || ' ' || s.outcome from signature s join recall_disposition d on d.signature_id = s.id"
    " join recall_return r on r.id = d.return_id where r.public_id = :id"
)
INSERT = """
insert into recall_disposition (return_id, kind, quantity, reason, decided_by_id, signature_id)
select r.id, 'scrap', 1, 'x', (select min(id) from person), (select max(id) from signature) from recall_return r
 where r.public_id = :id
"""


async def came_back(desk: Plant) -> Recalling:
    n = next(NUMBERS)
    lot = f"SC-{n}"
    await desk.material(lot, 100)
    await desk.ship(f"SC-SH{n}", lot, 10)
    recall = Recalling(desk, f"RC-SC-{n}")
    await recall.open(lot)
    await recall.to_customers()
    await recall.book(lot, "6")
    return recall


async def test_scrapping_takes_a_signature_over_exactly_what_is_scrapped(desk: Plant) -> None:
    recall = await came_back(desk)
    [row] = recall.returns()
    by = desk.by("wu.jingli")

    def command(quantity: str, **signed: object) -> DisposeReturn:
        given = {"returned": UUID(str(row.id)), "kind": "scrap", "quantity": Decimal(quantity), "reason": "销毁"}
        return DisposeReturn.model_validate({"command_id": str(uuid4()), "by": by, **given, **signed})

    with pytest.raises(Refusal, match="SIG-"):
        do(desk.engine, "dispose_return", command("2"))
    with reading(desk.engine) as session:
        shown = returning.preview(session, UUID(str(row.id)), Decimal(2))
    signed = desk.proof(shown, by, "销毁")
    with pytest.raises(Refusal, match="SIG-"):
        do(desk.engine, "dispose_return", command("3", **signed))
    do(desk.engine, "dispose_return", command("2", **signed))
    assert desk.scalar(SIGNED, id=row.id) == "吴经理 scrap"
    with pytest.raises(Refusal, match="SIG-"):
        do(desk.engine, "dispose_return", command("2", **signed))


async def test_more_than_is_left_is_shown_to_nobody_and_rework_needs_no_signature(desk: Plant) -> None:
    recall = await came_back(desk)
    [row] = recall.returns()
    with reading(desk.engine) as session, pytest.raises(Refusal, match="RCR-009"):
        returning.preview(session, UUID(str(row.id)), Decimal(7))
    await recall.dispose(row, "rework", "6")


async def test_the_database_scraps_nothing_on_the_signature_of_something_else(desk: Plant) -> None:
    recall = await came_back(desk)
    [row] = recall.returns()
    for insert in (INSERT, INSERT.replace("(select max(id) from signature)", "null")):
        with act(desk.engine, SETUP) as session, pytest.raises(DBAPIError) as info:
            session.connection().execute(text(insert), {"id": row.id})
        assert isinstance(info.value.orig, psycopg.Error)
        assert info.value.orig.sqlstate == "BW081"


LOTS_SIGNED = (
    "select s.printed_name || ' ' || s.outcome || ' ' || s.about from signature s"
    " join recall_lot_decision d on d.signature_id = s.id join lot l on l.id = d.lot_id where l.lot_no = :lot"
)
INSERT_LOT = """
insert into recall_lot_decision (recall_id, lot_id, kind, quantity, reason, decided_by_id, signature_id)
select r.id, l.id, 'scrap', :quantity, 'x', s.person_id, s.id from recall r, lot l, signature s
 where r.recall_no = :recall and l.lot_no = :lot and s.id = :signature
"""


async def held(desk: Plant) -> tuple[Recalling, str]:
    """Ninety of a material are in house, on hold by a recall; six came back."""
    recall = await came_back(desk)
    return recall, recall.number.removeprefix("RC-")


def to_decide(desk: Plant, recall: Recalling, *lots: str, **signed: object) -> DecideLots:
    given = {"recall_no": recall.number, "kind": "scrap", "lots": lots, "reason": "销毁"}
    return DecideLots.model_validate({"command_id": str(uuid4()), "by": desk.by("wu.jingli"), **given, **signed})


async def test_recalled_batches_in_house_are_scrapped_by_a_signature_over_exactly_them(desk: Plant) -> None:
    recall, lot = await held(desk)
    by = desk.by("wu.jingli")
    with pytest.raises(Refusal, match="SIG-"):
        do(desk.engine, "decide_lots", to_decide(desk, recall))
    with reading(desk.engine) as session:
        shown = deciding.preview(session, recall.number)
    record = json.loads(shown.canonical)
    assert record["lots"] == [{"lot_no": lot, "quantity": "90", "uom": "pcs"}]
    assert record["places"] == ["RCV-01", "RM-A1"]
    signed = desk.proof(shown, by, "销毁")
    # a part has a number of its own since: what was shown is not what would be scrapped
    do(desk.engine, "reshape", splitting(desk, lot, new(f"{lot}-P", 5)))
    with pytest.raises(Refusal, match="SIG-"):
        do(desk.engine, "decide_lots", to_decide(desk, recall, **signed))
    with reading(desk.engine) as session:
        signed = desk.proof(deciding.preview(session, recall.number), by, "销毁")
    do(desk.engine, "decide_lots", to_decide(desk, recall, **signed))
    assert desk.scalar(LOTS_SIGNED, lot=lot) == f"吴经理 scrap {recall.number}"
    with pytest.raises(Refusal, match="SIG-"):
        do(desk.engine, "decide_lots", to_decide(desk, recall, lot, **signed))


async def test_what_is_reworked_or_not_in_house_asks_for_no_signature(desk: Plant) -> None:
    recall, _ = await held(desk)
    with reading(desk.engine) as session, pytest.raises(Refusal, match="RCE-002"):
        deciding.preview(session, recall.number, ["NOT-HERE"])
    await recall.decide("rework")


async def test_the_database_scraps_no_recalled_batch_without_a_signature_over_it(desk: Plant) -> None:
    recall, lot = await held(desk)
    await recall.decide("scrap")
    signature = desk.scalar("select max(id) from signature where act = 'decide_lots'")
    other, other_lot = await held(desk)
    given = {"recall": recall.number, "lot": lot, "quantity": 90, "signature": signature}
    who = "select p.public_id || '|' || p.name from signature s join person p on p.id = s.person_id where s.id = :id"
    public_id, name = str(desk.scalar(who, id=signature)).split("|")
    signer = Actor(public_id, name, "test", reason="x")
    for change in (
        {},  # its signature has been used
        {"recall": other.number, "lot": other_lot},  # it is another recall's
        {"lot": other_lot},  # it is over another batch
    ):
        with act(desk.engine, signer) as session, pytest.raises(DBAPIError) as info:
            session.connection().execute(text(INSERT_LOT), given | change)
        assert isinstance(info.value.orig, psycopg.Error)
        assert info.value.orig.sqlstate == "BW082"
    unsigned = INSERT_LOT.replace("s.id from recall", "null from recall")
    with act(desk.engine, signer) as session, pytest.raises(DBAPIError, match="takes a signature"):
        session.connection().execute(text(unsigned), given)
