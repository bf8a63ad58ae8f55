"""Where an act comes from, carried beside its command: the request that asked for it and the number of its trace.

It is nobody's proof (that is the seal): it lets an engineer follow one request from the log of the API through Temporal to the
activity and the row of the audit trail that it wrote.
"""

from contextvars import ContextVar

from models.kernel.messages import Message

HEADER = "batchwright-origin"
"""How it is called among the headers of Temporal."""
REFERENCE = 200
"""Characters of it in the audit trail."""


class Origin(Message):
    """`ref` is what was asked, `POST /api/v1/holds`; `trace` is the same in all logs."""

    trace: str
    ref: str = ""

    def said(self) -> str:
        """As it stands in the audit trail's `source_ref`."""
        room = REFERENCE - len(self.trace) - 1
        return f"{self.ref[:room]} {self.trace}".strip()


ORIGIN: ContextVar[Origin | None] = ContextVar("batchwright_origin", default=None)
"""Of what is being done just now, in the API, in a workflow and in an activity."""


def said() -> str:
    """What the audit trail says of it; empty where nobody's request is behind it: the clock, the outbox."""
    found = ORIGIN.get()
    return found.said() if found is not None else ""
