"""The two real files: the totals of the source, what is flagged, and that quantities and edges hold together."""

from __future__ import annotations

import gzip
import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session

from models.identifier.rules.identifiers import gtin_problems
from models.importing.rules.files import read
from models.importing.rules.reading import Reading
from models.importing.store.importing import Report
from tests.importing.test_storing import one, store
from tests.support.often import often
from tests.support.servers.database import TestDatabase

DATA = Path(os.environ.get("REFERENCE_DATA") or Path(__file__).parents[2] / "../shared/data")
GUDID, INVENTREE = "gudid/gudid_2016_sample.jsonl.gz", "inventree/inventree_demo_2024-03-19.json.gz"


def content(name: str) -> bytes:
    file = DATA / name
    if not file.exists():
        pytest.skip(f"reference data absent: {name}")
    return file.read_bytes()


@pytest.fixture(scope="module")
def inventree() -> Reading:
    return read("inventree", content(INVENTREE))


@dataclass(frozen=True)
class Company:
    """The company of the file in a database of its own, and the account of its import."""

    session: Session
    report: Report


@pytest.fixture(scope="module")
def company(module_database: TestDatabase) -> Iterator[Company]:
    """Stored once for all tests that only look at what came of it."""
    with Session(module_database.engine) as session:
        report = store(session, content(INVENTREE), "inventree")
        yield Company(session, report)


def test_all_devices_come_in_and_bad_check_digits_are_flagged(session: Session) -> None:
    report = store(session, content(GUDID), "gudid")
    assert report.kinds["device"] == {"read": 5321, "imported": 5321, "merged": 0, "rejected": 0, "flagged": 4}
    assert report.kinds["identifier"]["read"] == 9883
    bad = {f.refusal.params["value"] for f in report.findings if f.refusal.code == "ID-010"}
    assert bad == {"10815500020249", "00812845020979", "00729000000006"}
    assert one(session, "select count(*) from item_identifier where flagged = 'ID-010'") == 3
    known = b"\n".join(gzip.decompress(content(GUDID)).splitlines()[:: often(10, 1)])
    again = store(session, gzip.compress(known), "gudid").kinds["device"]
    assert (again["read"], again["imported"]) == (len(known.splitlines()), 0)


def test_the_known_dirty_codes_are_all_recognised() -> None:
    dirty = json.loads(content("gudid/known_dirty_dis.json"))["gs1_di_bad"]
    assert len(dirty) == 12
    assert [code for code, *_ in dirty if not gtin_problems(code) and len(code) == 14] == []


def test_a_whole_company_comes_in(company: Company) -> None:
    kinds = company.report.kinds
    assert {kind: counts["read"] for kind, counts in kinds.items()} == {
        "bom_item": 228,
        "bom_item_substitute": 3,
        "build": 16,
        "build_item": 230,
        "build_line": 361,
        "company": 36,
        "manufacturer_part": 187,
        "part": 414,
        "part_category": 27,
        "part_test_template": 11,
        "purchase_order": 12,
        "purchase_order_line": 30,
        "return_order": 6,
        "return_order_line": 3,
        "sales_order": 6,
        "sales_order_allocation": 16,
        "sales_order_line": 13,
        "sales_order_shipment": 5,
        "stock_item": 1106,
        "stock_item_test_result": 104,
        "stock_item_tracking": 1076,
        "stock_location": 19,
        "supplier_part": 773,
        "user": 4,
    }
    for counts in kinds.values():
        assert counts["read"] == counts["imported"] + counts["merged"] + counts["rejected"]
    with company.session.begin_nested() as again:
        second = store(company.session, content(INVENTREE), "inventree")
        again.rollback()
    assert sum(kind["imported"] for kind in second.kinds.values()) == 0


def test_stock_by_location_is_the_source_s(company: Company) -> None:
    wanted: dict[str, Decimal] = defaultdict(Decimal)
    for each in json.loads(gzip.decompress(content(INVENTREE))):
        fields = each["fields"]
        gone = each["model"] != "stock.stockitem" or fields["belongs_to"] or fields["customer"] or fields["is_building"]
        if not gone:
            wanted[f"IV-L{fields['location'] or 0}"] += Decimal(fields["quantity"])
    found = company.session.connection().execute(
        text("select p.code, sum(s.quantity) from stock s join location p on p.id = s.location_id group by 1")
    )
    assert dict(tuple(each) for each in found) == wanted


def test_every_lot_balances(company: Company) -> None:
    """What a lot had is on a shelf, with a customer, or was used; the ledger says the same."""
    wrong = company.session.connection().execute(
        text("""
        select l.lot_no, l.status, l.quantity,
               coalesce((select sum(quantity) from stock s where s.lot_id = l.id), 0) as stock,
               coalesce((select sum(h.quantity - h.returned) from shipment_line h join shipment p on p.id = h.shipment_id
                          where h.lot_id = l.id and p.status <> 'planned'), 0) as away,
               greatest((select sum(quantity) from stock_movement m where m.lot_id = l.id and m.kind = 'consume'),
                        (select sum(e.quantity) from genealogy_edge e where e.parent_lot_id = l.id), 0) as used
          from lot l""")
    )
    assert [tuple(lot) for lot in wrong if lot.quantity != lot.stock + lot.away + lot.used] == []
    short = company.session.connection().execute(
        text("""
        select l.status from lot l join stock_movement m on m.lot_id = l.id and m.kind = 'receive'
         group by l.id, l.status, l.quantity having sum(m.quantity) <> l.quantity order by 1""")
    )
    assert "released" not in set(short.scalars())  # no movement may say that anything else was used


def test_edges_of_every_kind_are_there(inventree: Reading) -> None:
    kinds = Counter((r.values["kind"], r.values["source"]) for r in inventree.records if r.table == "genealogy_edge")
    assert kinds["install", "inventree"] == 28
    assert kinds["consume", "inventree"] >= 97
    assert kinds["consume", "inventree:allocated"] >= 227
    assert kinds["split", "inventree"] >= 4


def test_consumption_is_only_ever_inferred_within_the_bill_of_material(inventree: Reading) -> None:
    orders = Counter(f.refusal.params["order"] for f in inventree.findings if f.refusal.code == "IMP-040")
    assert orders == {"BO0006": 3, "BO0008": 9, "BO0009": 3, "BO0012": 79, "BO0015": 3}
