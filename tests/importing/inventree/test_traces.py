"""The imported InvenTree company: every trace of every lot and serial is what a direct reading of the file says.

The other reading (`reader.py`) shares no code with the importer.  All lots are traced in depth, both ways, none is left out; with
the suite all that were made of others or went into others, and some of those that only came in; serials through the lots they belong to, which is how far a trace looks (DESIGN 6; requirements 11-13, 57).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256

import pytest
from sqlalchemy import text
from sqlmodel import Session

from models.trace.rules.trace import Answer, Direction
from models.trace.store.trace import trace
from tests.importing.inventree.reader import Lot, Source, Tally
from tests.importing.test_reference_files import INVENTREE, content
from tests.importing.test_storing import store
from tests.support.often import often
from tests.support.servers.database import TestDatabase

GAPS = {"TRC-101", "TRC-102", "TRC-103", "TRC-110"}
QUANTITY_UNKNOWN = "TRC-112"


@dataclass
class Company:
    """The import beside its source; `answers` holds every trace, made once."""

    source: Source
    session: Session
    traced: list[Lot]
    lots: dict[str, Lot]  # our number → the stock items of the source
    ids: dict[Lot, int]
    answers: dict[tuple[Lot, Direction], Answer]


@pytest.fixture(scope="module")
def company(database: TestDatabase) -> Iterator[Company]:
    file = content(INVENTREE)
    with database.engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            store(session, file, "inventree")
            found = session.connection().execute(text("select id, lot_no, extra -> 'source_keys' from lot")).all()
            lots = {lot_no: frozenset(items) for _, lot_no, items in found}
            ids = {frozenset(items): lot_id for lot_id, _, items in found}
            source = Source(file)
            traced = some(source)
            answers = {
                (lot, direction): trace(session, [ids[lot]], direction)
                for lot in traced
                for direction in (Direction.BACKWARD, Direction.FORWARD)
            }
            yield Company(source, session, traced, lots, ids, answers)
        outer.rollback()


def some(source: Source) -> list[Lot]:
    """Those with a link, and of the others an eighth of each gap in the source; in depth all."""
    linked = {lot for parent, child, *_ in source.links for lot in (parent, child)}
    others = sorted(
        source.lots - linked, key=lambda lot: (str(source.gap(lot)), sha256(str(min(lot)).encode()).digest())
    )
    return [*linked, *others[:: often(8, 1)]]


def test_every_stock_item_of_the_source_is_in_exactly_the_lot_that_the_source_says(company: Company) -> None:
    assert set(company.lots.values()) == company.source.lots
    assert sum(map(len, company.source.lots)) == len(company.source.stock) == 1106
    assert len(company.lots) == len(company.source.lots)


@pytest.mark.parametrize("direction", [Direction.BACKWARD, Direction.FORWARD])
def test_every_lot_reaches_the_lots_that_the_source_says(company: Company, direction: Direction) -> None:
    wrong = {}
    for (lot, way), answer in company.answers.items():
        if way is direction:
            wanted = company.source.closure(lot, forward=direction.forward)
            assert len(answer.nodes) == len(set(answer.lot_nos()))
            found = {company.lots[number] for number in answer.lot_nos()}
            if found != wanted:
                wrong[min(lot)] = (found - wanted, wanted - found)
    assert wrong == {}


@pytest.mark.parametrize("direction", [Direction.BACKWARD, Direction.FORWARD])
def test_every_link_has_the_kind_and_quantity_of_the_source(company: Company, direction: Direction) -> None:
    for (lot, way), answer in company.answers.items():
        if way is direction:
            inside = company.source.closure(lot, forward=direction.forward)
            end = 0 if direction.forward else 1
            wanted = Counter({link: times for link, times in company.source.links.items() if link[end] in inside})
            found = Counter((company.lots[e.parent], company.lots[e.child], e.kind, e.quantity) for e in answer.edges)
            assert found == wanted


def test_every_customer_got_what_the_source_says(company: Company) -> None:
    reached = 0
    for lot in company.traced:
        found: dict[Lot, tuple[Tally, Tally]] = defaultdict(lambda: ({}, {}))
        for row in company.answers[lot, Direction.FORWARD].customers:
            shipped, returned = found[company.lots[row.lot_no]]
            shipped[row.customer] = row.shipped
            if row.returned:
                returned[row.customer] = row.returned
            assert row.outstanding == row.shipped - row.returned
        below = company.source.closure(lot, forward=True)
        assert set(found) == below & set(company.source.shipped)
        for each, (shipped, returned) in found.items():
            assert shipped == company.source.shipped[each]
            assert returned == company.source.returned.get(each, {})
        reached += bool(found)
    everything = sum((sum(each.values()) for each in company.source.shipped.values()), Decimal(0))
    assert everything == 98
    assert reached > len(company.source.shipped)  # not only what was shipped itself, also what went into it


def test_every_serial_belongs_to_the_lot_and_sits_in_the_unit_that_the_source_says(company: Company) -> None:
    serials = {pk: item for pk, item in company.source.stock.items() if item["serial"]}
    found = company.session.connection().execute(
        text("""
        select cast(r.source_key as int), u.id, u.lot_id, u.serial_no, u.installed_in_id from import_row r
          join serial_unit u on u.item_id = (select l.item_id from lot l where l.id = u.lot_id)
          join lot l on l.id = u.lot_id and l.extra -> 'source_keys' @> cast(r.source_key as jsonb)
         where r.kind = 'stock_item' order by 1""")
    )
    units: dict[int, tuple[int, int | None]] = {}
    for pk, unit, lot_id, serial_no, host in found:
        if pk in serials and serial_no.removesuffix(f"#{pk}") == serials[pk]["serial"]:
            assert company.ids[company.source.lot_of[pk]] == lot_id
            units[pk] = (unit, host)
    assert units.keys() == serials.keys()
    assert len(units) == 299
    for pk, (_, host) in units.items():
        wanted = units.get(serials[pk]["belongs_to"])
        assert host == (wanted[0] if wanted else None)


@pytest.mark.parametrize("direction", [Direction.BACKWARD, Direction.FORWARD])
def test_the_statement_names_exactly_what_the_source_lacks(company: Company, direction: Direction) -> None:
    vague = {parent for parent, _, _, quantity in company.source.links if quantity is None}
    for (lot, way), answer in company.answers.items():
        if way is not direction:
            continue
        inside = company.source.closure(lot, forward=direction.forward)
        wanted = {(each, QUANTITY_UNKNOWN) for each in inside & vague}
        if direction.backward:
            wanted |= {(each, gap) for each in inside if (gap := company.source.gap(each))}
        said = {(company.lots[f.lot_no], f.code) for f in answer.findings if f.code in {*GAPS, QUANTITY_UNKNOWN}}
        assert said == wanted
        assert answer.complete == (not any(code in GAPS for _, code in wanted))


def test_every_lot_names_the_supplier_of_all_its_stock(company: Company) -> None:
    for lot in company.traced:
        node = next(n for n in company.answers[lot, Direction.BACKWARD].nodes if company.lots[n.lot_no] == lot)
        assert {node.supplier} - {None} == company.source.suppliers(lot)


def test_each_kind_of_gap_is_really_there(company: Company) -> None:
    """Builds without a word about their material, stock without a supplier, deliveries without the supplier's number."""
    gaps = Counter(company.source.gap(lot) for lot in company.source.lots)
    assert gaps == {None: 529, "TRC-101": 7, "TRC-102": 122, "TRC-103": 162}
