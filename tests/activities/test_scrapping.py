"""What came back is scrapped by a signature over how much of what, and by nothing else (21 CFR 11.50; ISO 13485 8.3.3)."""

from decimal import Decimal
from itertools import count
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from models.messages.process import DisposeReturn
from models.rules.refusals import Refusal
from models.store.act import act, reading
from models.store.acts import returning
from tests.support.direct import do
from tests.support.plant import SETUP, Plant
from tests.support.recalling import Recalling

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
