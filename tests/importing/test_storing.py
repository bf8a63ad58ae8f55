"""Imports on the real database: whole or not at all, the same twice as once, audited, proven, never signed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import text
from sqlmodel import Session, select

from models.importing.rules.files import read
from models.importing.rules.reading import row_hash
from models.importing.store.importing import Report, actor, load
from models.kernel.refusal import Refusal
from models.kernel.store.act import act, begin
from models.lot.tables import Lot
from models.release.rules import evidence
from models.release.rules.evidence import Factor, Mark, as_signed
from models.release.store import batch_record
from runtime.demo.company.ground import OWN_COMPANY
from tests.importing.inventree.company import company, dump, item, part
from tests.importing.test_reading import DEVICE, DUMPS
from tests.support.house.proves import proves
from tests.support.often import often
from tests.support.servers.database import TestDatabase


def store(session: Session, content: bytes, name: str = "file") -> Report:
    reading = read(name, content)
    begin(session, actor(reading.source, name))
    return load(session, reading, name, "digest")


def one(session: Session, sql: str, **params: Any) -> Any:
    return session.connection().execute(text(sql), params).scalar()


def rows(session: Session, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(found) for found in session.connection().execute(text(sql))]


def counts(report: Report) -> tuple[int, int, int, int]:
    kinds = report.as_dict()["kinds"].values()
    read_, imported, merged, rejected = (
        sum(kind[name] for kind in kinds) for name in ("read", "imported", "merged", "rejected")
    )
    return read_, imported, merged, rejected


def test_a_company_lies_in_the_database_as_the_source_had_it(session: Session) -> None:
    store(session, dump(company()))
    assert rows(session, "select lot_no, status, origin, quantity::int from lot order by lot_no") == [
        ("B-1", "released", "migrated", 36),
        ("B-1-R", "rejected", "migrated", 2),
        ("BO1", "released", "migrated", 6),
        ("D-1", "released", "migrated", 1),
    ]
    assert rows(session, "select l.lot_no, s.quantity::int from stock s join lot l on l.id = s.lot_id order by 1") == [
        ("B-1", 10),
        ("B-1-R", 2),
        ("BO1", 5),
    ]
    assert one(session, "select installed_in_id from serial_unit") is None
    assert rows(
        session,
        "select c.name, l.lot_no, u.serial_no from shipment_line h join shipment s on s.id = h.shipment_id"
        " join customer c on c.id = s.customer_id join lot l on l.id = h.lot_id"
        " join serial_unit u on u.id = h.serial_unit_id",
    ) == [("Hospital", "D-1", "7-1")]


def test_a_name_in_english_comes_along_or_is_the_name_that_is_english_already(session: Session) -> None:
    parts = [
        part(71, "髋关节柄", name_en="Hip stem", IPN="HIP-71"),
        part(72, "Hip head", IPN="HIP-72"),
        part(73, "髋臼杯", IPN="HIP-73"),
    ]
    places = [{"model": "stock.stocklocation", "pk": 71, "fields": {"name": "成品库", "name_en": "Finished goods"}}]
    store(session, dump([*parts, *places]))
    assert rows(session, "select name, name_en from item where item_no like 'HIP-7%' order by item_no") == [
        ("髋关节柄", "Hip stem"),
        ("Hip head", "Hip head"),
        ("髋臼杯", None),
    ]
    assert rows(session, "select name, name_en from location where code = 'IV-L71'") == [("成品库", "Finished goods")]


@proves("D 98")
def test_every_source_row_is_kept_with_its_hash_and_its_target(session: Session) -> None:
    store(session, dump(company()))
    kept = rows(session, "select kind, source_key, row_hash, target_table, target_id from import_row")
    originals = {(r["model"].split(".")[1], str(r["pk"])): r for r in company()}
    assert len(kept) == len(originals)
    assert {digest for _, _, digest, _, _ in kept} == {row_hash(r) for r in originals.values()}
    for _, _, _, table, target in kept:
        if table is not None:
            assert one(session, f"select count(*) from {table} where id = :id", id=target) == 1  # noqa: S608 - ours


def test_the_second_run_imports_nothing(session: Session) -> None:
    first = counts(store(session, dump(company())))
    before = rows(session, "select table_name, count(*) from audit_event group by 1 order by 1")
    again = store(session, dump(company()))
    read_, imported, merged, rejected = counts(again)
    assert (read_, imported, rejected) == (first[0], 0, first[3])
    assert merged == first[1] + first[2]
    after = dict(rows(session, "select table_name, count(*) from audit_event group by 1 order by 1"))
    assert after.pop("import_run") == 2
    assert after | {"import_run": 1} == dict(before)


def test_a_row_that_changed_at_the_source_is_not_overwritten(session: Session) -> None:
    store(session, dump(company()))
    changed = [part(1, "Bolt") if (r["model"], r["pk"]) == ("part.part", 1) else r for r in company()]
    report = store(session, dump(changed))
    assert [(f.kind, f.key, f.refusal.code) for f in report.findings if f.outcome == "rejected"] == [
        ("part", "1", "IMP-012")
    ]
    assert one(session, "select name from item where item_no = 'Screw'") == "Screw"


def test_a_later_file_adds_to_a_lot_that_is_there(session: Session) -> None:
    store(session, dump(company()))
    report = store(session, dump([*company(), item(77, quantity="3")]))
    assert counts(report)[1] == 1
    assert (
        one(session, "select sum(s.quantity)::int from stock s join lot l on l.id = s.lot_id where lot_no = 'B-1'")
        == 13
    )


def test_a_row_rejected_once_comes_in_when_its_target_arrives(session: Session) -> None:
    orphan = [item(1, location=None)]
    assert counts(store(session, dump(orphan))) == (1, 0, 0, 1)
    assert counts(store(session, dump([part(1, "A"), *orphan]))) == (2, 2, 0, 0)
    assert counts(store(session, dump([part(1, "A"), *orphan]))) == (2, 0, 2, 0)


def test_a_number_of_our_own_is_never_taken_over(session: Session) -> None:
    begin(session, actor("test", "x"))
    session.connection().execute(text("insert into item (item_no, name, kind) values ('Screw', 'ours', 'raw')"))
    report = store(session, dump(company()))
    assert ("part", "1", "IMP-014") in [(f.kind, f.key, f.refusal.code) for f in report.findings]
    assert one(session, "select name from item where item_no = 'Screw'") == "ours"
    assert report.kinds["stock_item"]["rejected"] >= 1  # what hangs on the part is told, not dropped


def test_an_identifier_of_an_earlier_file_keeps_its_owner(session: Session) -> None:
    store(session, json.dumps(DEVICE).encode())
    other = DEVICE | {"ids": [{"deviceId": "X1", "deviceIdType": "Primary"}, DEVICE["ids"][1]]}
    report = store(session, json.dumps(other).encode())
    assert report.kinds["identifier"] == {"read": 2, "imported": 1, "merged": 1, "rejected": 0, "flagged": 1}


def test_a_row_that_tells_of_the_future_is_rejected_and_the_rest_comes_in(session: Session) -> None:
    told = [row for row in company() if row["model"] != "order.salesordershipment"]
    late = [row for row in company() if row["model"] == "order.salesordershipment"]
    assert late
    for row in late:
        row["fields"]["shipment_date"] = "2130-01-01"
    report = store(session, dump([*told, *late]))
    found = {(one.kind, one.outcome, one.refusal.code) for one in report.findings}
    assert ("sales_order_shipment", "rejected", "IMP-055") in found
    assert one(session, "select count(*) from shipment where shipped_at > now()") == 0
    assert one(session, "select count(*) from lot") > 0
    reported, imported, merged, rejected = counts(report)
    assert reported == imported + merged + rejected


def test_a_day_of_the_source_is_a_day_of_the_plant(session: Session) -> None:
    """A shipment of today is told before eight in the morning in Suzhou too, and stays on its day in every zone."""
    told = company()
    for row in told:
        if row["model"] == "order.salesordershipment":
            row["fields"]["shipment_date"] = "2026-02-28"
    begin(session, actor("test", "x"))
    store(session, dump(told))
    assert rows(
        session, "select distinct to_char(shipped_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI') from shipment"
    ) == [("2026-02-28 00:00",)]


@pytest.mark.parametrize(
    "day", ["2031-10-31 or so", "2031-10", "2031-10-311", "2031年10月31日", "31.10.2031", "2031-10-31T24:00"]
)
def test_what_is_no_date_rejects_its_row_instead_of_being_cut(session: Session, day: str) -> None:
    told = company()
    for row in told:
        if row["model"] == "stock.stockitem" and row["fields"].get("batch") == "B-1":
            row["fields"]["expiry_date"] = day
    report = store(session, dump(told))
    assert {one.refusal.code for one in report.findings if one.kind == "stock_item" and one.outcome == "rejected"}
    assert one(session, "select count(*) from lot where expires_on is not null and lot_no = 'B-1'") == 0


def test_a_time_beside_a_day_is_left_out(session: Session) -> None:
    told = company()
    for row in told:
        if row["model"] == "stock.stockitem" and row["fields"].get("batch") == "B-1":
            row["fields"]["expiry_date"] = "2031-10-31T23:30:00"
    store(session, dump(told))
    assert one(session, "select expires_on::text from lot where lot_no = 'B-1'") == "2031-10-31"


def test_an_import_is_audited_under_the_name_of_the_source(session: Session) -> None:
    store(session, dump(company()), "company.json")
    written = "select distinct actor_id, source, source_ref from audit_event where source <> 'migration'"
    assert rows(session, written) == [("import:inventree", "inventree", "company.json")]


@proves("D 99")
def test_an_import_never_signs(session: Session) -> None:
    store(session, dump(company()))
    for table in ("signature", "signing_attempt", "signed_record"):
        assert one(session, f"select count(*) from {table}") == 0  # noqa: S608 - ours


def test_a_file_that_breaks_in_the_middle_leaves_nothing(fresh_database: TestDatabase) -> None:
    broken = [*company(), part(9, "X" * 10), {"model": "x", "pk": 1}]
    with Session(fresh_database.engine) as session:
        before = one(session, "select count(*) from audit_event")  # the shipped roles
    with pytest.raises(Refusal) as caught, act(fresh_database.engine, actor("inventree", "f")) as session:
        store(session, dump(broken))
    assert caught.value.code == "IMP-004"
    reading = read("f", dump(company()))
    next(r for r in reading.records if r.table == "lot").values["status"] = "nonsense"
    with pytest.raises(Exception, match="status"), act(fresh_database.engine, actor("inventree", "f")) as session:
        load(session, reading, "f", "digest")
    with Session(fresh_database.engine) as session:
        for table in ("item", "lot", "import_row", "import_run", "stock"):
            assert one(session, f"select count(*) from {table}") == 0  # noqa: S608 - ours
        assert one(session, "select count(*) from audit_event") == before


@settings(max_examples=often(6, 300), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DUMPS)
def test_whatever_a_dump_says_it_is_stored_and_the_second_run_imports_nothing(
    session: Session, rows: list[dict[str, Any]]
) -> None:
    savepoint = session.begin_nested()
    first = counts(store(session, dump(rows)))
    again = counts(store(session, dump(rows)))
    assert first[0] == sum(first[1:]) == len(rows)
    assert again == (first[0], 0, first[1] + first[2], first[3])
    savepoint.rollback()


def test_a_release_says_what_an_import_brought_and_which_evidence_came_with_it(session: Session) -> None:
    """The old devices of the demo company: what was tested there is named, everything else nobody here has checked."""
    store(session, OWN_COMPANY.read_bytes(), OWN_COMPANY.name)
    record = batch_record.build(session, session.exec(select(Lot).where(Lot.lot_no == "A-2406")).one())
    proven = {one.lot_no: one.inspection_no for one in record.migrated if one.accepted}
    assert proven == {"HV-2405": "IV-I-HV-2405"}
    assert {one.source for one in record.migrated} == {"inventree"}
    assert not any(one.signed or one.inspected_here for one in record.migrated)
    assert len(record.migrated) == record.ancestors + 1
    judged = evidence.assess(record, datetime.now(UTC))
    told = {one.code: one for one in judged.exceptions if one.migrated}
    assert set(told) == {"EV-LOT-9", "EV-MATERIAL-13"}
    assert set(told["EV-MATERIAL-13"].lots) == {one.lot_no for one in record.migrated} - {"A-2406", "HV-2405"}
    assert any("IV-I-HV-2405, 2024-05-14" in words for words in judged.cell(Factor.MATERIAL, "incoming").en)
    assert judged.cell(Factor.MATERIAL, "incoming").mark is not Mark.PASSED
    assert as_signed(json.dumps(evidence.judged(record, judged))) == (record, judged)


def registered(unit: str) -> bytes:
    """A product of the source whose number is that of a registered device, with a lot of it."""
    product = part(1, "Ours", IPN=DEVICE["ids"][0]["deviceId"], assembly=True, salable=True, units=unit)
    return dump([product, item(1, location=None)])


def test_a_part_that_is_a_registered_device_is_that_device_and_changes_nothing_of_it(session: Session) -> None:
    store(session, json.dumps(DEVICE).encode())
    device = rows(session, "select id, name, uom, gmdn from item")
    assert counts(store(session, registered("pcs"))) == (2, 1, 1, 0)
    assert rows(session, "select id, name, uom, gmdn from item") == device
    assert one(session, "select item_id from lot") == device[0][0]
    assert counts(store(session, registered("pcs"))) == (2, 0, 2, 0)


@pytest.mark.parametrize(("unit", "made", "code"), [("kg", True, "IMP-062"), ("pcs", False, "IMP-014")])
def test_a_part_counted_otherwise_or_of_another_kind_is_not_the_registered_device(
    session: Session, unit: str, made: bool, code: str
) -> None:
    store(session, json.dumps(DEVICE).encode())
    report = store(session, registered(unit) if made else dump([part(1, "X", IPN=DEVICE["ids"][0]["deviceId"])]))
    assert [f.refusal.code for f in report.findings if f.kind == "part" and f.outcome == "rejected"] == [code]
    assert one(session, "select count(*) from item") == 1


@pytest.mark.parametrize(
    ("expires", "movements"), [("2099-12-31", ["receive", "receive", "ship"]), ("2024-03-31", ["receive"])]
)
def test_what_left_a_lot_stands_in_its_ledger_unless_the_lot_has_expired_by_now(
    session: Session, expires: str, movements: list[str]
) -> None:
    kept = [r for r in company() if (r["model"], r["pk"]) not in {("stock.stockitem", 2), ("stock.stockitem", 3)}]
    customer, shelf = (
        item(n, part=2, batch="X-1", quantity="4", expiry_date=expires, **more)
        for n, more in (
            (80, {"location": None, "customer": 2}),
            (81, {}),
        )
    )
    sent = [r for r in kept if r["model"] not in {"order.salesorderallocation", "stock.stockitemtracking"}]
    sent = [r for r in sent if r["pk"] != 4 or r["model"] != "stock.stockitem"]
    report = store(session, dump([*sent, customer, shelf]))
    assert [f.refusal.code for f in report.findings if f.outcome == "rejected"] == []
    ledger = rows(
        session, "select m.kind from stock_movement m join lot l on l.id = m.lot_id where l.lot_no = 'X-1' order by 1"
    )
    assert [kind for (kind,) in ledger] == movements
