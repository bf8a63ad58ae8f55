"""Files of other systems are read whole or refused whole, and no row gets lost."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.importing.rules import files
from models.importing.rules.files import read
from models.importing.rules.reading import Reading, Record
from models.kernel.refusal import Refusal
from tests.importing.inventree.company import company, dump, event, item, part, row


def inventree(rows: list[dict[str, Any]]) -> Reading:
    return read("dump.json", dump(rows))


def records(reading: Reading, table: str) -> dict[str, Record]:
    return {record.ref: record for record in reading.records if record.table == table}


def codes(reading: Reading, kind: str, key: str) -> list[str]:
    return [f.refusal.code for f in reading.findings if (f.kind, f.key) == (kind, key)]


def test_a_file_that_grows_beyond_the_limit_is_refused_before_it_fills_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    packed = gzip.compress(b"[" + b" " * (300 << 20) + b"]", 9)
    assert len(packed) < 1 << 20
    tracemalloc.start()
    with pytest.raises(Refusal) as refused:
        read("bomb.json.gz", packed)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert refused.value.code == "IMP-052"
    assert peak < files.LIMIT + (32 << 20)
    monkeypatch.setattr(files, "LIMIT", 1000)
    with pytest.raises(Refusal, match="IMP-052"):
        read("plain.json", b"[" + b" " * 1000 + b"]")


def test_a_gzip_file_is_read_in_all_its_members_and_refused_when_it_is_cut_off() -> None:
    whole = dump(company())
    half = len(whole) // 2
    packed = gzip.compress(whole[:half]) + gzip.compress(whole[half:]) + bytes(512)
    assert read("dump.json.gz", packed) == read("dump.json", whole)
    for broken in (packed[: len(gzip.compress(whole[:half])) - 3], gzip.compress(whole) + b"junk"):
        with pytest.raises(Refusal, match=r"IMP-00[2-5]"):
            read("dump.json.gz", broken)


def test_a_company_becomes_lots_units_edges_and_a_shipment() -> None:
    reading = inventree(company())
    lots = {record.values["lot_no"]: record for record in records(reading, "lot").values()}
    assert set(lots) == {"B-1", "B-1-R", "BO1", "D-1"}
    assert (lots["B-1"].values["status"], lots["B-1-R"].values["status"]) == ("released", "rejected")
    assert lots["B-1"].values["supplier_lot_no"] == "B-1"
    assert lots["BO1"].values["supplier_lot_no"] is None
    edges = {
        (r.values["kind"], r.refs["parent_lot_id"], r.refs["child_lot_id"], r.values["quantity"])
        for r in records(reading, "genealogy_edge").values()
    }
    assert edges == {
        ("consume", "lot:1", "lot:2", Decimal(24)),
        ("install", "lot:2", "lot:3", Decimal(1)),
        ("split", "lot:1", "lot:5", Decimal(2)),
    }
    assert records(reading, "serial_unit")["serial:3"].values["status"] == "shipped"
    assert records(reading, "shipment")["shipment:1"].values["tracking_no"] == "T-1"


def test_a_lot_had_what_lies_here_and_what_was_used_up() -> None:
    lots = records(inventree(company()), "lot")
    assert lots["lot:1"].values["quantity"] == 10 + 24 + 2
    assert lots["lot:2"].values["quantity"] == 5 + 1


def test_the_build_of_a_consumption_is_inferred_only_when_its_bill_has_the_part() -> None:
    assert codes(inventree(company()), "stock_item_tracking", "2") == ["IMP-040"]
    other = [r for r in company() if r["model"] != "part.bomitem"]
    assert codes(inventree(other), "stock_item_tracking", "2") == ["IMP-041"]
    late = [r for r in company() if r["pk"] != 2 or r["model"] != "stock.stockitemtracking"]
    late.append(event(2, 1, 57, "2024-01-05T11:00:00Z", removed=24.0))
    assert codes(inventree(late), "stock_item_tracking", "2") == ["IMP-041"]


def test_two_parts_with_one_batch_number_are_two_lots() -> None:
    reading = inventree([part(1, "A"), part(2, "B"), item(1, location=None), item(2, part=2, location=None)])
    assert sorted(r.values["lot_no"] for r in records(reading, "lot").values()) == ["B-1/A", "B-1/B"]
    assert {r.values["supplier_lot_no"] for r in records(reading, "lot").values()} == {"B-1"}
    assert "IMP-035" in codes(reading, "stock_item", "1")


def test_one_batch_number_of_two_suppliers_is_two_lots() -> None:
    rows = company()
    rows += [
        row("company.company", 3, name="Bolt Ltd", is_supplier=True),
        row("company.supplierpart", 2, part=1, supplier=3, SKU="B-7"),
        item(6, supplier_part=2),
        item(7, quantity="1", supplier_part=None),
    ]
    lots = records(inventree(rows), "lot").values()
    bought = {lot.values["lot_no"]: (lot.refs["supplier_id"], lot.values["supplier_lot_no"]) for lot in lots}
    assert {number: found for number, found in bought.items() if number.startswith("B-1")} == {
        "B-1": ("supplier:1", "B-1"),
        "B-1/IV-S3": ("supplier:3", "B-1"),
        "B-1/IV-S0": (None, "B-1"),  # among several nobody can tell whose it was
        "B-1/IV-S0-R": (None, "B-1"),
    }
    assert "IMP-051" in codes(inventree(rows), "stock_item", "6")
    assert "IMP-051" not in codes(inventree(company()), "stock_item", "5")


def test_without_a_batch_the_source_key_names_the_lot() -> None:
    reading = inventree([part(1, "A"), item(41, batch=" ", location=None)])
    assert [r.values["lot_no"] for r in records(reading, "lot").values()] == ["IV-41"]
    assert codes(reading, "stock_item", "41") == ["IMP-033", "IMP-036"]


def test_what_is_only_allocated_is_reached_by_a_trace_and_flagged() -> None:
    rows = [
        *company(),
        row("build.build", 2, reference="BO2", part=3, quantity=1, completed=0, status=20),
        row("part.bomitem", 2, part=3, sub_part=2, quantity="1"),
        row("build.buildline", 1, build=2, bom_item=2, quantity="1"),
        item(9, part=3, batch="D-2", build=2, is_building=True, location=None, quantity="1"),
        row("build.builditem", 1, build_line=1, stock_item=2, quantity="1", install_into=None),
    ]
    reading = inventree(rows)
    allocated = [r for r in records(reading, "genealogy_edge").values() if r.values["source"] == "inventree:allocated"]
    assert [(r.refs["parent_lot_id"], r.refs["child_lot_id"]) for r in allocated] == [("lot:2", "lot:9")]
    assert codes(reading, "build_item", "1") == ["IMP-042"]


@pytest.mark.parametrize(
    ("change", "kind", "code"),
    [
        (item(1, part=99), "stock_item", "IMP-010"),
        (item(1, location=99), "stock_item", "IMP-010"),
        (item(1, quantity="-3"), "stock_item", "IMP-015"),
        (item(1, quantity="many"), "stock_item", "IMP-015"),
        (item(1, quantity="NaN"), "stock_item", "IMP-015"),
        (item(1, expiry_date="soon"), "stock_item", "IMP-019"),
        (item(1, expiry_date="1969-12-31"), "stock_item", "IMP-019"),
        (item(1, batch="(01)06901234567892"), "stock_item", "ID-030"),
        (item(1, batch="(01)06901234567893(10)PL-77"), "stock_item", "ID-031"),
        (part(1, ""), "part", "IMP-011"),
        (row("auth.user", 1, username="admin"), "user", "IMP-017"),
        (row("common.setting", 1, key="x"), "common.setting", "IMP-016"),
        (row("order.purchaseorder", 1, reference="PO1", supplier=1), "purchase_order", "IMP-018"),
    ],
)
def test_a_bad_row_is_rejected_with_its_reason(change: dict[str, Any], kind: str, code: str) -> None:
    rows = [r for r in company() if (r["model"], r["pk"]) != (change["model"], change["pk"])] + [change]
    reading = inventree(rows)
    assert codes(reading, kind, "1")[0] == code
    assert reading.rows[kind, "1"].outcome == "rejected"
    assert not any(record.row == (kind, "1") for record in reading.records)


@pytest.mark.parametrize("cell", ["(01)06901234567892(10)PL-77", "]C1010690123456789210PL-77", "LOT: PL-77", "*PL-77*"])
def test_a_label_in_a_cell_is_its_number_with_a_finding_and_is_never_stored_whole(cell: str) -> None:
    rows = [r for r in company() if (r["model"], r["pk"]) != ("stock.stockitem", 1)] + [item(1, batch=cell)]
    reading = inventree(rows)
    assert "IMP-056" in codes(reading, "stock_item", "1")
    assert "PL-77" in {lot.values["lot_no"] for lot in records(reading, "lot").values()}
    # and the same as if its number had stood there
    plain = [r for r in company() if (r["model"], r["pk"]) != ("stock.stockitem", 1)] + [item(1, batch="PL-77")]
    assert {ref: record.values for ref, record in records(reading, "lot").items()} == {
        ref: record.values for ref, record in records(inventree(plain), "lot").items()
    }


def test_a_repeated_row_is_merged_and_a_contradicting_one_rejected() -> None:
    reading = inventree([part(1, "A"), part(1, "A"), part(1, "B"), part(1, "B")])
    assert reading.repeats == {"part": 2}
    assert Counter(r.outcome for r in reading.rows.values()) == {"imported": 1, "rejected": 1}
    assert [f.refusal.code for f in reading.findings] == ["IMP-013"]


DEVICE: dict[str, Any] = {
    "ids": [
        {"deviceId": "00841523106431", "deviceIdType": "Primary", "deviceIdIssuingAgency": "GS1"},
        {
            "deviceId": "10841523106438",
            "deviceIdType": "Package",
            "deviceIdIssuingAgency": "GS1",
            "containsDINumber": "00841523106431",
            "pkgQuantity": "5",
        },
    ],
    "brandName": "Shell",
    "companyName": "Maker",
    "gmdn": "Acetabular shell implant",
    "lotBatch": "true",
    "serialNumber": "false",
    "expirationDate": "true",
    "manufacturingDate": "false",
    "sterile": "false",
    "singleUse": "true",
}


def gudid(*devices: dict[str, Any]) -> Reading:
    return read("devices.jsonl", "\n".join(json.dumps(device) for device in devices).encode())


def test_a_device_is_an_item_with_its_packages() -> None:
    reading = gudid(DEVICE)
    (shell,) = records(reading, "item").values()
    assert (shell.values["item_no"], shell.values["labeler"]) == ("00841523106431", "Maker")
    assert (shell.values["lot_on_label"], shell.values["serial_on_label"], shell.values["implantable"]) == (
        True,
        False,
        None,
    )
    package = records(reading, "item_identifier")["identifier:GS1:10841523106438"]
    assert (package.values["package_quantity"], package.values["contains_code"]) == (5, "00841523106431")
    assert reading.findings == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [("00841518100003", ["ID-010"]), ("0013964672053", ["IMP-030"]), ("1081463902131", ["IMP-030", "ID-010"])],
)
def test_an_old_bad_identifier_comes_in_with_a_flag(code: str, expected: list[str]) -> None:
    device = DEVICE | {"ids": [DEVICE["ids"][0] | {"deviceId": code}]}
    reading = gudid(device)
    assert reading.rows["device", code].outcome == "imported"
    assert codes(reading, "device", code) == expected
    assert records(reading, "item_identifier")[f"identifier:GS1:{code}"].values["flagged"] == expected[0]


def test_an_identifier_has_one_owner() -> None:
    other = DEVICE | {"ids": [{"deviceId": "X1", "deviceIdType": "Primary"}, DEVICE["ids"][1]]}
    reading = gudid(DEVICE, other)
    assert reading.rows["identifier", "X1/10841523106438"].outcome == "merged"
    assert codes(reading, "identifier", "X1/10841523106438") == ["IMP-032"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "IMP-005"),
        (b"  \n", "IMP-005"),
        (b"[]", "IMP-005"),
        (gzip.compress(dump(company()))[:-9], "IMP-002"),
        (b"\x1f\x8bnonsense", "IMP-002"),
        (b"[{", "IMP-003"),
        (json.dumps(DEVICE).encode() + b"\n{", "IMP-003"),
        (b'{"ids": [], "companyName": NaN}', "IMP-003"),
        (json.dumps(DEVICE | {"brandName": "A\x00"}).encode(), "IMP-003"),
        (json.dumps(DEVICE | {"brandName": "\ud800"}).encode(), "IMP-003"),
        (b"[" * 100_000, "IMP-003"),
        (b"a,b\n1,2\n", "IMP-004"),
        (b"\xff\xfe\x00", "IMP-004"),
        (b'[{"x": 1}]', "IMP-004"),
        (json.dumps([row("a.b", 1), {"x": 1}]).encode(), "IMP-004"),
    ],
)
def test_a_damaged_or_unknown_file_is_refused_whole(content: bytes, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        read("file", content)
    assert caught.value.code == code


KEYS = st.integers(1, 4)
MAYBE = st.none() | KEYS
QUANTITIES = st.sampled_from(["1", "0", "2.50000", "-1", "x", None, "1e30", "NaN"])
DATES = st.sampled_from([None, "", "2024-01-02", "2024-01-02T03:04:05Z", "2023-02-30", "x"])
ITEMS = st.fixed_dictionaries(
    {
        "part": KEYS,
        "location": MAYBE,
        "quantity": QUANTITIES,
        "batch": st.sampled_from([None, "", "B", "C"]),
        "serial": st.sampled_from([None, "1", "2"]),
        "status": st.sampled_from([10, 50, 55, 75, 85, None]),
        "parent": MAYBE,
        "belongs_to": MAYBE,
        "customer": MAYBE,
        "build": MAYBE,
        "consumed_by": MAYBE,
        "is_building": st.booleans(),
        "purchase_order": MAYBE,
        "supplier_part": MAYBE,
        "updated": DATES,
    }
)
EVENTS = st.fixed_dictionaries(
    {
        "item": KEYS,
        "tracking_type": st.sampled_from([1, 30, 55, 57, 999, None]),
        "date": DATES,
        "deltas": st.sampled_from([None, {}, {"removed": 2.0}, {"removed": -1}]),
    }
)
DUMPS = st.builds(
    lambda *tables: [row(model, pk, **fields) for model, objects in tables for pk, fields in objects.items()],
    *(
        st.tuples(st.just(model), st.dictionaries(KEYS, fields, max_size=4))
        for model, fields in {
            "part.part": st.fixed_dictionaries({"name": st.sampled_from(["A", "B", ""]), "assembly": st.booleans()}),
            "company.company": st.fixed_dictionaries(
                {"name": st.just("N"), "is_customer": st.booleans(), "is_supplier": st.booleans()}
            ),
            "company.supplierpart": st.fixed_dictionaries({"part": KEYS, "supplier": KEYS, "SKU": st.just("S")}),
            "stock.stocklocation": st.fixed_dictionaries({"name": st.just("L"), "parent": MAYBE}),
            "part.bomitem": st.fixed_dictionaries({"part": KEYS, "sub_part": KEYS, "quantity": QUANTITIES}),
            "build.build": st.fixed_dictionaries(
                {
                    "reference": st.sampled_from(["BO1", "BO2", None]),
                    "part": KEYS,
                    "quantity": QUANTITIES,
                    "completed": QUANTITIES,
                    "creation_date": DATES,
                    "completion_date": DATES,
                }
            ),
            "build.buildline": st.fixed_dictionaries({"build": KEYS, "bom_item": KEYS, "quantity": QUANTITIES}),
            "build.builditem": st.fixed_dictionaries(
                {"build_line": KEYS, "stock_item": KEYS, "quantity": QUANTITIES, "install_into": MAYBE}
            ),
            "stock.stockitem": ITEMS,
            "stock.stockitemtracking": EVENTS,
            "order.salesorder": st.fixed_dictionaries({"reference": st.just("SO"), "customer": KEYS}),
            "order.salesordershipment": st.fixed_dictionaries({"order": KEYS, "shipment_date": DATES}),
            "order.salesorderallocation": st.fixed_dictionaries(
                {"shipment": KEYS, "item": KEYS, "quantity": QUANTITIES}
            ),
            "order.returnorder": st.fixed_dictionaries({"reference": st.just("R"), "customer": KEYS}),
            "order.returnorderlineitem": st.fixed_dictionaries(
                {"order": KEYS, "item": KEYS, "quantity": QUANTITIES, "received_date": DATES}
            ),
        }.items()
    ),
).filter(bool)


def account_is_whole(reading: Reading, rows: int) -> None:
    outcomes = Counter(r.outcome for r in reading.rows.values())
    assert outcomes.total() + sum(reading.repeats.values()) == rows
    assert set(outcomes) <= {"imported", "merged", "rejected"}
    rejected = {f.kind + f.key for f in reading.findings if f.outcome == "rejected"}
    assert rejected == {r.kind + r.key for r in reading.rows.values() if r.outcome == "rejected"}


@given(DUMPS)
def test_whatever_a_dump_says_every_row_is_accounted_for_and_nothing_dangles(rows: list[dict[str, Any]]) -> None:
    reading = inventree(rows)
    account_is_whole(reading, len(rows))
    present = {record.ref for record in reading.records}
    assert len(present) == len(reading.records)
    for record in reading.records:
        assert {ref for ref in record.refs.values() if ref is not None} <= present
    assert {r.target for r in reading.rows.values() if r.target is not None} <= present
    assert len({r.values["lot_no"] for r in records(reading, "lot").values()}) == len(records(reading, "lot"))


@given(DUMPS)
def test_a_lot_is_what_lies_here_what_left_and_what_was_used(rows: list[dict[str, Any]]) -> None:
    """Conservation: the quantity of a lot is the sum of its stock items, of what builds took, and of what was split off."""
    reading = inventree(rows)
    for ref, lot in records(reading, "lot").items():
        moved = [r for r in reading.records if r.table == "stock_movement" and r.refs["lot_id"] == ref]
        assert sum(r.values["quantity"] for r in moved) <= lot.values["quantity"]


def changed(rows: list[dict[str, Any]], model: str, pk: int, **fields: Any) -> list[dict[str, Any]]:
    """The company with some cells of a row changed."""
    return [
        one | {"fields": one["fields"] | fields} if (one["model"], one["pk"]) == (model, pk) else one for one in rows
    ]


def test_a_bill_of_material_that_leads_back_to_its_product_is_told_and_no_bill() -> None:
    back = inventree([*company(), row("part.bomitem", 2, part=1, sub_part=2, quantity="1")])
    assert [codes(back, "bom_item", key) for key in ("1", "2")] == [["IMP-057"], ["IMP-057"]]
    assert records(back, "bom_line") == {}
    itself = inventree([*company(), row("part.bomitem", 2, part=2, sub_part=2, quantity="1")])
    assert (codes(itself, "bom_item", "2"), list(records(itself, "bom_line"))) == (["IMP-057"], ["bom:1"])


def test_lots_that_the_source_makes_of_each_other_are_told_and_both_links_are_kept() -> None:
    rows = changed(company(), "stock.stockitem", 3, belongs_to=4)
    reading = inventree(rows)
    assert ["IMP-060" in codes(reading, "stock_item", key) for key in ("3", "4", "5")] == [True, True, False]
    links = {
        (one.refs["parent_lot_id"], one.refs["child_lot_id"]) for one in records(reading, "genealogy_edge").values()
    }
    assert {(child, parent) for parent, child in links} & links
    assert "IMP-060" not in {finding.refusal.code for finding in inventree(company()).findings}


def test_a_unit_that_nobody_knows_and_a_time_that_nobody_wrote_are_told() -> None:
    reading = inventree(changed(company(), "part.part", 1, units="banana"))
    assert codes(reading, "part", "1") == ["IMP-058"]
    reading = inventree(changed(company(), "build.build", 1, creation_date=None))
    assert codes(reading, "build", "1") == ["IMP-059"]
