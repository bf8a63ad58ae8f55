"""The answer of a trace on paper: the document that JSON and CSV hold, under the same digest, with the JSON attached."""

import json
from datetime import datetime
from typing import Any

from models.papers import pdf


def trace_pdf(document: dict[str, Any], at: datetime) -> bytes:
    """The paper of `Answer.document()`."""
    return pdf("trace.typ", {"answer.json": json.dumps(document, ensure_ascii=False).encode()}, at)
