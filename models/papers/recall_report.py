"""The reports of a recall on paper: the record that JSON holds, under the same digest, with the JSON attached."""

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from models.papers import pdf
from models.rules.recall_report import moments


def report_pdf(document: dict[str, Any], at: datetime, zone: str) -> bytes:
    """The paper of a document of `models.store.recall_report`; its moments are printed as `zone` reads them."""
    place = ZoneInfo(zone)
    shown = {**moments(document, place), "zone": zone}
    for signature in shown["signatures"]:
        signature["at"] = f"{datetime.fromisoformat(signature['at']).astimezone(place):%Y-%m-%d %H:%M}"
    files = {"answer.json": document, "shown.json": shown}
    return pdf(
        "recall_report.typ",
        {name: json.dumps(content, ensure_ascii=False).encode() for name, content in files.items()},
        at,
    )
