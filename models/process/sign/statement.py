"""What a person says by a signature, beside the record that it is over (21 CFR 11.50, 11.70; DESIGN 7).

The record is the same for everybody who signs it.  The statement is one person's: the meaning, the outcome, what they
filled in (the class and hazard of a recall, say), the reason, and the statements that stood there before, so the second
signer signs what the first one wrote as well.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

VERSION = 1


def statement(
    *,
    record: str,
    meaning: str,
    outcome: str | None,
    form: Mapping[str, Any],
    reason: str | None,
    signer: str,
    on_behalf_of: str | None,
    earlier: Sequence[str],
) -> dict[str, Any]:
    """The statement as a document; `record` and `earlier` are digests, `signer` a printed name.

    `outcome` is as the person named it; what an inspection's limits decide follows from the record.
    """
    return {
        "statement": VERSION,
        "record": record,
        "meaning": meaning,
        "outcome": outcome or "",
        "form": json.loads(json.dumps(dict(form), default=str)),
        "reason": (reason or "").strip(),
        "signer": signer,
        "on_behalf_of": on_behalf_of or "",
        "earlier": list(earlier),
    }
