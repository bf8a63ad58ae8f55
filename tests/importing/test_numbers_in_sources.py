"""A whole label in any cell of any source that holds a number is that number, or its row is left out (REQ 19)."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlmodel import SQLModel

from models import metadata
from models.identifier.rules.scanned_field import seen
from models.importing.rules.files import read
from models.importing.rules.inventree.dump import CODES, KINDS
from models.importing.rules.numbers import NUMBERS
from models.importing.rules.reading import Reading
from tests.frame.api.test_code_fields import LABELS
from tests.importing.inventree.company import company, dump, row
from tests.importing.test_reading import DEVICE

metadata.load()

NO_NUMBERS = {
    "inspection_plan.code": "made by the reader",
    "inspection.inspection_no": "made by the reader",
    "item.product_code": "a registry's word",
}
"""Columns of imported tables that are called a number and hold nothing that a source says as one."""
MODELS = {kind: model for model, kind in KINDS.items()}
CELLS = [(kind, name) for kind, names in CODES.items() for name in names]
MORE = [
    row("company.company", 3, name="Maker", is_manufacturer=True),
    row("company.manufacturerpart", 1, part=1, manufacturer=3, MPN="M-9"),
    row("order.purchaseorder", 1, reference="PO1", supplier=1),
    row("order.returnorder", 1, reference="RO1", customer=2),
]


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (one for inner in value.values() for one in texts(inner))
    elif isinstance(value, list | tuple):
        yield from (one for inner in value for one in texts(inner))


def kept(reading: Reading) -> list[str]:
    return [text for record in reading.records for text in texts(record.values)]


def judge(reading: Reading, kind: str, key: str, label: str) -> bool:
    """Nothing keeps the label; its row is rejected with its clause, or its number was taken with a finding.  Whether it wasn't."""
    codes = {one.refusal.code for one in reading.findings if (one.kind, one.key) == (kind, key)}
    assert label not in kept(reading)
    numbers = [record.values.get(name) for record in reading.records for name in NUMBERS.get(record.table, {})]
    assert [one for one in numbers if one and seen(str(one)) is not None and not str(one).startswith("MA.")] == []
    rejected = reading.rows[kind, key].outcome == "rejected"
    # an order for which nothing came or went is left out as it is, whatever it is called
    assert codes & ({"ID-030", "ID-031", "IMP-018"} if rejected else {"IMP-056"}), (label, codes)
    return "IMP-056" not in codes


@pytest.mark.parametrize(("kind", "name"), CELLS)
def test_a_label_in_a_cell_of_an_earlier_system_is_its_number_or_its_row_is_left_out(kind: str, name: str) -> None:
    rejected = []
    for label in LABELS:
        rows = [*company(), *MORE]
        [changed] = [one for one in rows if (one["model"], one["pk"]) == (MODELS[kind], 1)]
        rows[rows.index(changed)] = changed | {"fields": changed["fields"] | {name: label}}
        rejected.append(judge(read("dump.json", dump(rows)), kind, "1", label))
    assert not all(rejected)


@pytest.mark.parametrize("where", ["deviceId", "containsDINumber", "catalogNumber"])
def test_a_label_in_a_register_of_devices_is_its_identifier_or_its_row_is_left_out(where: str) -> None:
    rejected = []
    for label in LABELS:
        device = json.loads(json.dumps(DEVICE))
        package = device["ids"][1]
        if where == "catalogNumber":
            device[where] = label
        else:
            package[where] = label
        reading = read("devices.jsonl", json.dumps(device).encode())
        key = f"00841523106431/{package['deviceId']}"
        kind = "device" if where == "catalogNumber" else "identifier"
        rejected.append(judge(reading, kind, key if kind == "identifier" else "00841523106431", label))
    assert not all(rejected)


def test_a_device_whose_own_identifier_is_a_label_is_the_device() -> None:
    device = json.loads(json.dumps(DEVICE))
    device["ids"] = [device["ids"][0] | {"deviceId": "(01)00841523106431(10)PL-77"}]
    reading = read("devices.jsonl", json.dumps(device).encode())
    items = [record.values["item_no"] for record in reading.records if record.table == "item"]
    codes = [record.values["code"] for record in reading.records if record.table == "item_identifier"]
    assert (items, codes) == (["00841523106431"], ["00841523106431"])


def test_every_column_of_a_number_that_sources_fill_is_read() -> None:
    """A reader that fills another column of a number fails here."""
    readings = [read("dump.json", dump([*company(), *MORE])), read("devices.jsonl", json.dumps(DEVICE).encode())]
    filled = {f"{one.table}.{name}" for reading in readings for one in reading.records for name in one.values}
    named = {one for one in filled if one.endswith(("_no", "_code", ".code", ".serial"))}
    assert named - {*NO_NUMBERS} <= {f"{table}.{name}" for table, names in NUMBERS.items() for name in names}
    columns = {f"{table}.{column.name}" for table, one in SQLModel.metadata.tables.items() for column in one.columns}
    assert {f"{table}.{name}" for table, names in NUMBERS.items() for name in names} <= columns
