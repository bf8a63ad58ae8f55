"""The reports of a recall on paper: the record that JSON holds, under the same digest, with the JSON attached."""

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from models.kernel.large_json import written
from models.kernel.units.names import both
from models.paper.pdf import cut, in_words, pdf
from models.recall.rules.report import moments

PAPER = Path(__file__).with_name("report.typ")
FEW = 5
"""Batches named of a difference that is about many."""
LISTS = (
    ("responded", "answers"),
    ("not_responded", "rows"),
    ("left_out", "rows"),
    ("reconciliation", "lines"),
    ("reconciliation", "differences"),
    ("effectiveness", "checks"),
    ("returns",),
    ("decisions",),
    ("receivers",),
)


def report_pdf(document: dict[str, Any], at: datetime, zone: str, *, test: bool) -> bytes:
    """The paper of a document of `models.recall.store.report`; its moments are printed as `zone` reads them."""
    return pdf(PAPER, written(document), written(_shown(document, zone)), at, test=test)


def _shown(document: dict[str, Any], zone: str) -> dict[str, Any]:
    """What is printed: the first rows of each table, how many there are, and local time."""
    few = cut(document, *LISTS)
    few["reconciliation"]["differences"] = [
        {**one, "lots": one["lots"][:FEW], "lots_count": len(one["lots"])}
        for one in few["reconciliation"]["differences"]
    ]
    few["signatures"] = [{**one, "signed_at": one["at"]} for one in few["signatures"]]
    few["left_out"]["rows"] = [
        {**one, "quantities": [(both(uom), much) for uom, much in one["quantities"]]} for one in few["left_out"]["rows"]
    ]
    shown: dict[str, Any] = in_words(moments(few, ZoneInfo(zone)))
    return {**shown, "zone": zone}
