"""The reports of a recall on paper: the record that JSON holds, under the same digest, with the JSON attached."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from models.kernel.large_json import written
from models.kernel.units.names import both
from models.paper.pdf import in_words, pdf
from models.recall.rules.report import moments

PRINTED = 2000
"""Rows of a table on paper; the paper says how many there are, and the attached JSON holds all of them."""
FEW = 5
"""Batches named of a difference that is about many."""
LISTS = (
    ("responded", "answers"),
    ("not_responded", "rows"),
    ("left_out", "rows"),
    ("reconciliation", "lines"),
    ("reconciliation", "differences"),
    ("effectiveness", "checks"),
)


def report_pdf(document: dict[str, Any], at: datetime, zone: str, *, test: bool) -> bytes:
    """The paper of a document of `models.recall.store.report`; its moments are printed as `zone` reads them."""
    files = {"answer.json": written(document), "shown.json": written(_shown(document, zone))}
    return pdf("recall_report.typ", files, at, test=test)


def _shown(document: dict[str, Any], zone: str) -> dict[str, Any]:
    """What is printed: the first rows of each table, how many there are, and local time."""
    cut = dict(document)
    for part, name in LISTS:
        cut[part] = _first(cut[part], name)
    cut = _first(_first(_first(cut, "returns"), "decisions"), "receivers")
    cut["reconciliation"]["differences"] = [
        {**one, "lots": one["lots"][:FEW], "lots_count": len(one["lots"])}
        for one in cut["reconciliation"]["differences"]
    ]
    cut["signatures"] = [{**one, "signed_at": one["at"]} for one in cut["signatures"]]
    cut["left_out"]["rows"] = [
        {**one, "quantities": [(both(uom), much) for uom, much in one["quantities"]]} for one in cut["left_out"]["rows"]
    ]
    shown: dict[str, Any] = in_words(moments(cut, ZoneInfo(zone)))
    return {**shown, "zone": zone}


def _first(part: dict[str, Any], name: str) -> dict[str, Any]:
    return {**part, name: part[name][:PRINTED], f"{name}_count": len(part[name])}
