"""Pages for "no": 403, 404, 409, 422, 429 with the refusal's own sentence, 500 without a stack trace."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from models.kernel.refusal import Refusal
from ui.frame.parts import Link
from ui.frame.render import Nav

Status = Literal[400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503]


@dataclass(frozen=True, slots=True, kw_only=True)
class FailurePage:
    """What happened, why, what is not lost, where to go now.  `reference` finds the log line of a 500."""

    template: ClassVar[str] = "failure/failure.html"
    nav: ClassVar[Nav | None] = None

    status: int
    refusal: Refusal | None = None
    reference: str = ""
    back: Link | None = None

    @property
    def family(self) -> str:
        """Which sentence explains it when there is no refusal."""
        known = {401: "forbidden", 403: "forbidden", 404: "missing", 405: "missing", 409: "conflict"}
        return known.get(self.status, "crash" if self.status >= 500 else "input")
