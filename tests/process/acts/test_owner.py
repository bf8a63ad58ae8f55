"""A step with an owner is given to the person whom the plant names, and to nobody else; without one it waits for its role (DESIGN 8)."""

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlmodel import select

from models.definition import store as definitions
from models.definition.document import as_data
from models.kernel.refusal import Refusal
from models.kernel.store.act import act, reading
from models.partner.tables import Supplier
from models.person.store import people
from models.process import lawful
from models.process.tables.subject import OwnerRule
from tests.support.definitions import edited, shipped
from tests.support.plant.plant import SETUP, Plant

ASSIGNEE = text(
    "select a.login from human_task t join lot l on l.id = t.lot_id left join account a on a.person_id = t.assignee_id"
    " where l.lot_no = :lot and t.stage = 'putaway'"
)
OWNED = {"by": ["supplier", "site"], "role": "warehouse"}


@pytest.fixture
def owned(desk: Plant) -> Iterator[Plant]:
    """Bought batches are put away by whom the plant names for their supplier."""
    made = edited(shipped("batch-lifecycle"), "putaway", owner=OWNED)
    assert [one for one in lawful.check(made) if one.code == "DEF-057"] == []
    with act(desk.engine, SETUP) as session:
        version = {"version": made.version + 70}
        definitions.ship(session, json.dumps(as_data(made.model_copy(update=version))))
    yield desk
    with act(desk.engine, SETUP) as session:
        for one in session.exec(select(OwnerRule).where(OwnerRule.ended_at == None)):  # noqa: E711 - SQL's null
            one.ended_at = session.connection().execute(text("select now()")).scalar_one()
            session.add(one)


def names(plant: Plant, login: str) -> None:
    with act(plant.engine, SETUP) as session:
        supplier = session.exec(select(Supplier).where(Supplier.supplier_no == "S-1")).one()
        person = people.get(session, login)
        session.add(OwnerRule(subject_kind="lot", role="warehouse", person_id=person.id, supplier_id=supplier.id))


async def whose(plant: Plant, lot: str) -> str | None:
    await plant.receive(lot, 10)
    await plant.measure(lot)
    await plant.complete(lot, "inspect", "lin.jian", "accepted")
    with reading(plant.engine) as session:
        login: str | None = session.connection().execute(ASSIGNEE, {"lot": lot}).scalar_one()
        return login


async def test_whom_the_plant_names_for_the_supplier_gets_it_and_nobody_else_can_do_it(owned: Plant) -> None:
    assert await whose(owned, "OW-1") is None
    names(owned, "li.cang")
    assert await whose(owned, "OW-2") == "li.cang"
    with pytest.raises(Refusal, match="TASK-00"):
        await owned.complete("OW-2", "putaway", "zhao.liu", signed=False, form={"location": "RM-A1"})
    await owned.complete("OW-2", "putaway", "li.cang", signed=False, form={"location": "RM-A1"})


async def test_who_doesnt_hold_the_role_isnt_given_it(owned: Plant) -> None:
    names(owned, "lin.jian")
    assert await whose(owned, "OW-3") is None
