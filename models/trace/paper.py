"""The answer of a trace on paper: the document that JSON and CSV hold, under the same digest, with the JSON attached."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from models.kernel.time.moments import minute
from models.lot.rules.lot import STATUS_NAMES
from models.paper.pdf import cut, in_words, pdf

PAPER = Path(__file__).with_name("paper.typ")
LISTS = (("findings",), ("customers",), ("stock",), ("nodes",), ("edges",))
INSTANTS = frozenset({"at", "as_of", "computed_at", "shipped_at", "arrived_at"})


def trace_pdf(document: dict[str, Any], at: datetime, zone: str, *, test: bool) -> bytes:
    """The paper of `Answer.document()`; its instants are printed on the plant's clock, as its sentences say them."""
    states = {state.value: " ".join(names) for state, names in STATUS_NAMES.items()}
    shown = {**in_words(_local(cut(document, *LISTS), zone)), "zone": zone, "states": states}
    return pdf(PAPER, _json(document), _json(shown), at, test=test)


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def _local(value: Any, zone: str) -> Any:
    """The same with every instant as people of the plant read it: for paper, never for the digest."""
    if isinstance(value, dict):
        return {
            name: minute(datetime.fromisoformat(one), zone)
            if name in INSTANTS and isinstance(one, str)
            else _local(one, zone)
            for name, one in value.items()
        }
    if isinstance(value, list | tuple):
        return [_local(one, zone) for one in value]
    return value
