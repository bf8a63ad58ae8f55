"""The answer of a trace as one CSV file, and back: the digest can be computed from either form (requirement 24).

One table with a `section` column, because a spreadsheet opens one: the head, then lots, links, deliveries, stock,
findings and what is not recorded of the work.  A cell that a spreadsheet would run as a formula gets an apostrophe in front; numbers are never touched.
"""

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from models.kernel.large_json import canonical
from models.trace.rules.evidence import Evidence, EvidenceGap, Proof
from models.trace.rules.trace import (
    ENGLISH,
    Answer,
    Balance,
    CustomerLot,
    Delivery,
    Edge,
    Finding,
    InHouse,
    Node,
    names,
)

_HEAD = ("identifier", "direction", "as_of", "complete", "balanced", "counts", "resolved")
_BALANCE = tuple(f"balance.{name}" for name in names(Balance))
_PROOFS = tuple(f"{factor}.{part}" for factor in names(Evidence) for part in names(Proof))
_NODE = (*(name for name in names(Node) if name not in {"balance", "evidence"}), *_BALANCE, *_PROOFS)
_CUSTOMER = tuple(name for name in names(CustomerLot) if name != "shipments")
_DELIVERY = tuple(f"shipment.{name}" for name in names(Delivery))
_SECTIONS = {
    "head": (*_HEAD, "digest", "computed_at"),
    "lot": _NODE,
    "link": names(Edge),
    "delivery": (*_CUSTOMER, *_DELIVERY),
    "stock": names(InHouse),
    "finding": names(Finding),
    "evidence": names(EvidenceGap),
}
COLUMNS = ("section", *dict.fromkeys(column for columns in _SECTIONS.values() for column in columns))
_LISTS = ("nodes", "edges", "customers", "stock", "findings", "evidence_gaps")
_JSON = {"counts", "resolved", "issues", "first", "roles"}
_BOOLEANS = {"complete", "balanced", "held", "ancestor", "descendant"}
_INTEGERS = {"depth", "lots", "touches"}
_RISKY = ("=", "+", "-", "@", "\t", "\r", "'")
BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads Chinese as something else


def to_csv(document: dict[str, Any]) -> Iterator[str]:
    """The file, line by line, of `Answer.document()`."""
    yield BYTE_ORDER_MARK + line(COLUMNS)
    for section, row in _rows(document):
        cells = {column: cell(column, row.get(column)) for column in _SECTIONS[section]}
        yield line([section, *(cells.get(column, "") for column in COLUMNS[1:])])


def _rows(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "head", document
    for node in document["nodes"]:
        proofs = {f"{name}.{part}": said for name, proof in node["evidence"].items() for part, said in proof.items()}
        yield "lot", {**node, **{f"balance.{name}": value for name, value in node["balance"].items()}, **proofs}
    for edge in document["edges"]:
        yield "link", edge
    for customer in document["customers"]:
        for delivery in customer["shipments"]:
            yield "delivery", {**customer, **{f"shipment.{name}": value for name, value in delivery.items()}}
    for row in document["stock"]:
        yield "stock", row
    for finding in document["findings"]:
        yield "finding", finding
    for gap in document["evidence_gaps"]:
        yield "evidence", gap


def cell(column: str, value: Any) -> str:
    """A value of that column as it stands in the file."""
    if value is None:
        return ""
    if column in _JSON:
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    if isinstance(value, bool):
        return "true" if value else "false"
    said = str(value)
    return f"'{said}" if said.startswith(_RISKY) and not _number(said) else said


def _number(said: str) -> bool:
    return said.removeprefix("-").replace(".", "", 1).isdecimal()


def line(cells: Iterable[str]) -> str:
    """A line of the file."""
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()


def from_csv(text: str) -> dict[str, Any]:
    """The document behind a file of `to_csv`, without what stands outside the digest."""
    document: dict[str, Any] = {name: [] for name in _LISTS}
    for row in csv.DictReader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK), newline="")):
        section = row["section"]
        # an English name that nobody has said isn't in the document, and files of before have no column for it
        given = [column for column in _SECTIONS[section] if column not in ENGLISH or row.get(column)]
        record = {column: value_of(column, row[column]) for column in given}
        match section:
            case "head":
                document |= {name: record[name] for name in _HEAD}
            case "lot":
                balance = {name: record.pop(f"balance.{name}") for name in names(Balance)}
                evidence = {
                    factor: {part: record.pop(f"{factor}.{part}") for part in names(Proof)}
                    for factor in names(Evidence)
                }
                document["nodes"].append({**record, "balance": balance, "evidence": evidence})
            case "link":
                document["edges"].append(record)
            case "delivery":
                _deliver(document["customers"], record)
            case "stock":
                document["stock"].append(record)
            case "evidence":
                document["evidence_gaps"].append(record)
            case _:
                document["findings"].append(record)
    return document


def _deliver(customers: list[dict[str, Any]], record: dict[str, Any]) -> None:
    delivery = {name: record.pop(f"shipment.{name}") for name in names(Delivery)}
    last = customers[-1] if customers else {}
    if (last.get("customer_no"), last.get("lot_no")) != (record["customer_no"], record["lot_no"]):
        customers.append({**record, "shipments": []})
    customers[-1]["shipments"].append(delivery)


def value_of(column: str, said: str) -> Any:
    """Back from `cell`."""
    if said == "":
        return None
    if column in _JSON:
        return json.loads(said)
    if column in _BOOLEANS:
        return said == "true"
    if column in _INTEGERS:
        return int(said)
    return said.removeprefix("'")


def digest(document: dict[str, Any]) -> str:
    """The digest of a document read back from JSON or CSV."""
    body = {name: value for name, value in document.items() if name in names(Answer)}
    return hashlib.sha256(canonical(body)).hexdigest()
