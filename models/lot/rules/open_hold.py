"""An open hold of a batch: of which kind, and which of several is the strongest (ISO 13485 8.3.1)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models.kernel.text import Text


class HoldKind(StrEnum):
    """Whose a hold is, the strongest last."""

    QUALITY = "quality"
    RELEASE = "release"
    CONTAINMENT = "containment"
    RECALL = "recall"


KIND_NAMES = {
    HoldKind.QUALITY: Text("质量冻结", "Quality hold"),
    HoldKind.RELEASE: Text("放行决定的冻结", "Hold of a release decision"),
    HoldKind.CONTAINMENT: Text("召回的预防性冻结", "Precaution of a recall"),
    HoldKind.RECALL: Text("召回冻结（一至三级）", "Recall, class I to III"),
}


CAUSES = {"release": HoldKind.RELEASE, "containment": HoldKind.CONTAINMENT, "recall": HoldKind.RECALL}
"""The causes that a process writes; everything else is a decision of quality."""


APART = "supplier"
"""The cause of a hold that a receipt was put under, which says why in both languages, a line each."""


def why(cause: str, reason: str) -> Text:
    """Why a batch is held, as far as it was said in the reader's language."""
    zh, _, en = reason.partition("\n") if cause == APART else (reason, "", reason)
    return Text(zh, en or zh)


STRENGTH = {kind: place for place, kind in enumerate(HoldKind)}


def kind_of(cause: str, *, confirmed: bool = False) -> HoldKind:
    """Whose hold it is; a precaution that the signed scope has confirmed is the recall's."""
    kind = CAUSES.get(cause, HoldKind.QUALITY)
    return HoldKind.RECALL if kind is HoldKind.CONTAINMENT and confirmed else kind


@dataclass(frozen=True)
class OpenHold:
    """An open hold as the rules see it."""

    kind: HoldKind
    reason: str
    recall_no: str | None = None
    recall_class: str | None = None
    placed_at: datetime | None = None
    cause: str = ""

    @property
    def why(self) -> Text:
        """Its reason in both languages, as far as it was said in them."""
        return why(self.cause, self.reason)


def strongest(holds: Collection[OpenHold]) -> OpenHold | None:
    """The hold that speaks first; of equal ones the oldest, which comes first."""
    return max(holds, key=lambda one: STRENGTH[one.kind], default=None)
