"""Every number in a request's body that refers to a thing of the plant is that thing's own, however it is typed (REQ 19).

All fields of all requests are walked, and all routes that take such a request; what is new stays as it was typed.
"""

# ruff: noqa: S608 - statements are put together from our own words; every value is a parameter

import importlib
from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from pydantic import BaseModel, TypeAdapter
from sqlmodel import Session

from api.frame.request.named import Understood, canonical, named_fields, names_things
from api.frame.request.shapes import Names
from api.process.schemas.acts import ShipmentIn
from api.recall.schemas import ScrapLotsIn
from api.reshape.schemas import RepackIn
from models.equipment import tables as equipment_tables
from models.inspection import tables as inspection_tables
from models.item.store import items
from models.kernel.refusal import Refusal
from models.kernel.store.act import reading
from models.lot import tables as lot_tables
from models.packing import tables as packing_tables
from models.partner import tables as partner_tables
from models.person import tables as person_tables
from models.place import tables as place_tables
from models.production import tables as production_tables
from models.stock import tables as stock_tables
from runtime.postgres import SUPERUSER, Postgres
from tests.frame.api.test_code_fields import FIELDS, NAMED
from tests.support.house import request_shapes
from tests.support.often import often
from tests.support.plant.direct import beside
from tests.support.plant.plant import Plant
from tests.support.servers.database import StatementCounter, TestDatabase
from tests.whole.walls.test_numbers_in_addresses import routes
from ui.frame.form.forms import read

GIVEN: dict[int, tuple[str, str, str]] = {
    id(lot_tables.LOTS): ("lot", "lot_no", "K7-AB-0042"),
    id(packing_tables.UNITS): ("logistic_unit", "unit_no", "K7-AB-0043"),
    id(items.ITEMS): ("item", "item_no", "K7-AB-0044"),
    id(partner_tables.SUPPLIERS): ("supplier", "supplier_no", "K7-AB-0045"),
    id(partner_tables.CUSTOMERS): ("customer", "customer_no", "K7-AB-0046"),
    id(equipment_tables.EQUIPMENT): ("equipment", "equipment_no", "K7-AB-0047"),
    id(place_tables.PLACES): ("location", "code", "K7-AB-0048"),
    id(stock_tables.SERIALS): ("serial_unit", "serial_no", "K7-AB-0049"),
    id(production_tables.LOADS): ("operation_run", "load_no", "K7-AB-0050"),
    id(inspection_tables.PLANS): ("inspection_plan", "code", "K7-AB-0051"),
    id(person_tables.SITES): ("site", "code", "K7-AB-0052"),
    id(person_tables.LOGINS): ("account", "login", "k7-ab-0053"),
}
"""The register, and the number that one of its rows has here."""
SIGNS = some.sampled_from(["-", " ", "_", "–", "−", "--", " - ", "\u3000", "＿", "-\u200b"])
WIDE = {ord(char): ord(char) + 0xFEE0 for char in "0123456789ABK"}


@pytest.fixture(scope="module")
def filled_plant(filled_database: TestDatabase, postgres: Postgres) -> Plant:
    """One row of each register has a number with dashes; two suppliers' and two batches' numbers fold alike."""
    made = beside(filled_database.engine)
    with postgres.connect(SUPERUSER, filled_database.name) as connection:
        connection.execute("set session_replication_role = replica")
        for table, column, number in GIVEN.values():
            changed = connection.execute(
                f"update {table} set {column} = %s where id = (select min(id) from {table})".encode(), (number,)
            )
            assert changed.rowcount == 1, table
        for number in ("F 1", "F-1"):
            connection.execute("insert into supplier (supplier_no, name) values (%s, %s)", (number, number))
            connection.execute(
                "insert into lot (lot_no, item_id, kind, status, quantity, uom)"
                " select %s, item_id, kind, status, quantity, uom from lot order by id limit 1",
                (number,),
            )
        connection.commit()
    return made


@some.composite
def spelled(draw: some.DrawFn, number: str) -> str:
    """Another way to write it, which folds to the same."""
    parts = number.split("-")
    written = draw(some.sampled_from(["", "\u200b", "\ufeff"]))
    for place, part in enumerate(parts):
        written += draw(SIGNS) if place else ""
        written += draw(some.sampled_from([part, part.lower(), part.upper(), part.upper().translate(WIDE)]))
    return written + draw(some.sampled_from(["", "\u00ad"]))


def shape_of(name: str) -> tuple[type[BaseModel], str]:
    module, shape, field = name.split(".")
    return getattr(importlib.import_module(request_shapes.modules()[module]), shape), field


def asked(session: Session, name: str, typed: str) -> str:
    """What stands in that field afterwards, of a request that says nothing else."""
    shape, field = shape_of(name)
    said = next(one for known, one in FIELDS if known == name)
    value: Any = TypeAdapter(Annotated[str, *said]).validate_python(typed)
    many = "tuple" in str(shape.model_fields[field].annotation) or "list" in str(shape.model_fields[field].annotation)
    given = shape.model_construct(**dict.fromkeys(shape.model_fields) | {field: (value,) if many else value})
    found = getattr(canonical(session, given), field)
    return str(found[0] if many else found)


@pytest.mark.parametrize("name", sorted(NAMED))
@settings(max_examples=often(4, 100), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=some.data())
def test_whatever_folds_alike_lands_on_the_thing(name: str, filled_plant: Plant, data: some.DataObject) -> None:
    number = GIVEN[id(NAMED[name].register)][2]
    typed = data.draw(spelled(number))
    with reading(filled_plant.engine) as session:
        assert asked(session, name, typed) == number


@pytest.mark.parametrize("name", sorted(NAMED))
def test_a_scan_of_it_lands_on_the_thing(name: str, filled_plant: Plant) -> None:
    """But that of a case or pallet, which goes along whole: its act compares it with what is in it."""
    number = GIVEN[id(NAMED[name].register)][2]
    for typed in (f"]C0{number.lower()}", f"*{number.replace('-', ' ')}*"):
        with reading(filled_plant.engine) as session:
            found = asked(session, name, typed)
        assert found == (typed if NAMED[name].register is packing_tables.UNITS else number), typed


@pytest.mark.parametrize("name", sorted(NAMED))
def test_what_is_only_near_is_unknown_and_named(name: str, filled_plant: Plant) -> None:
    """A field that may begin something new takes it as it is."""
    number = GIVEN[id(NAMED[name].register)][2]
    near = number.replace("-", "")
    with reading(filled_plant.engine) as session:
        if NAMED[name].begins:
            assert asked(session, name, near) == near
            return
        with pytest.raises(Refusal) as refused:
            asked(session, name, near)
        assert (refused.value.code, number in refused.value.en, number in refused.value.zh) == ("ID-033", True, True)
        assert asked(session, name, "NOBODY-KNOWS") == "NOBODY-KNOWS"


def test_of_several_that_fold_alike_the_exact_one_is_meant_and_none_of_them_otherwise(filled_plant: Plant) -> None:
    with reading(filled_plant.engine) as session:
        for name in ("acts.ReceiveIn.supplier_no", "acts.ShipLineIn.lot_no", "recall.ScrapLotsIn.lots"):
            assert [asked(session, name, one) for one in ("F 1", "F-1")] == ["F 1", "F-1"]
            with pytest.raises(Refusal) as refused:
                asked(session, name, "f_1")
            assert (refused.value.code, "F 1, F-1" in refused.value.en) == ("TRC-003", True)


def test_lines_are_read_too_and_what_was_understood_is_told(filled_plant: Plant) -> None:
    lot, place, serial, customer = (
        GIVEN[id(one)][2]
        for one in (lot_tables.LOTS, place_tables.PLACES, stock_tables.SERIALS, partner_tables.CUSTOMERS)
    )
    body = {
        "shipment_no": "sh_new 1",
        "customer_no": customer.lower(),
        "lines": [{"lot_no": lot.lower(), "quantity": "1", "location": place, "serials": [serial.lower()]}],
    }
    told = Understood()
    with reading(filled_plant.engine) as session:
        found = canonical(session, ShipmentIn.model_validate(body), None, told)
    assert (found.shipment_no, found.customer_no) == ("sh_new 1", customer)
    [line] = found.lines
    assert (line.lot_no, line.location) == (lot, place)
    assert told.numbers == {customer.lower(): customer, lot.lower(): lot} | (
        {serial.lower(): serial} if line.serials == (serial,) else {}
    )


def test_a_serial_number_is_looked_for_within_the_item_of_its_batch(
    filled_plant: Plant, postgres: Postgres, filled_database: TestDatabase
) -> None:
    """Another item's piece may have a number that folds to the same."""
    with postgres.connect(SUPERUSER, filled_database.name) as connection:
        connection.execute("set session_replication_role = replica")
        other = connection.execute(
            "insert into item (item_no, name, kind) values ('OTHER-1', '别的', 'finished') returning id"
        ).fetchone()
        assert other is not None
        connection.execute(
            "insert into lot (lot_no, item_id, kind, status, quantity, uom) select 'OTHER-LOT', %s,"
            " kind, status, quantity, uom from lot order by id limit 1",
            other,
        )
        connection.execute(
            "insert into serial_unit (serial_no, item_id, lot_id) select 'k7 ab 0049', item_id, id from lot"
            " where lot_no = 'OTHER-LOT'"
        )
        connection.commit()
    own = filled_plant.scalar("select l.lot_no from lot l join serial_unit u on u.lot_id = l.id where u.serial_no = :n", n="K7-AB-0049")  # fmt: skip
    body = {
        "quantity": 1,
        "into": "NEW-1",
        "new_quantity": 1,
        "new_uom": "box",
        "reason": "r",
        "serials": ["k7_ab_0049"],
    }
    with reading(filled_plant.engine) as session:
        given = RepackIn.model_validate(body)
        assert canonical(session, given, own).serials == ("K7-AB-0049",)
        assert canonical(session, given, "OTHER-LOT").serials == ("k7 ab 0049",)


def test_numbers_that_are_exactly_the_records_own_cost_one_statement(filled_plant: Plant) -> None:
    numbered = [GIVEN[id(lot_tables.LOTS)][2], "F 1", "F-1"]
    with reading(filled_plant.engine) as session, StatementCounter(filled_plant.engine) as counter:
        canonical(session, ScrapLotsIn(lots=numbered))
    assert len(counter.statements) <= 2


def shapes(route: APIRoute) -> Iterator[tuple[type[BaseModel], bool]]:
    """The requests that a route takes, with whether the record's numbers are put into each."""

    def walk(dependant: Any) -> Iterator[tuple[type[BaseModel], bool]]:
        for one in dependant.body_params:
            shape = one.field_info.annotation
            if isinstance(shape, type) and issubclass(shape, BaseModel):
                yield shape, getattr(dependant.call, "body_named", None) is shape
        for inner in dependant.dependencies:
            yield from walk(inner)

    yield from walk(route.dependant)


def test_every_route_whose_request_names_things_reads_it_with_the_records_numbers() -> None:
    """A new one that doesn't fails here."""
    found = [(route.path, shape, by) for route in routes() for shape, by in shapes(route)]
    named = [(path, by) for path, shape, by in found if names_things(shape)]
    assert [path for path, by in named if not by] == []
    assert len(named) > 20
    assert len(found) > len(named)


def test_a_form_that_names_things_is_not_read_without_the_record() -> None:
    with pytest.raises(TypeError, match="names things"):
        read(ScrapLotsIn, {"lots": ["B-1"]})


def test_every_register_that_a_field_refers_to_has_a_thing_here() -> None:
    assert {id(one.register) for one in NAMED.values()} == {*GIVEN}
    assert all(isinstance(one, Names) for one in named_fields(ShipmentIn).values())
