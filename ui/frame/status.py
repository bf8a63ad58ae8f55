"""A state is always shape + word + colour (SCREENS): five marks that every list, badge and picture shares.

Held is no status of a lot but a fact beside it (DESIGN 9), and it wins: a held lot shows ■ whatever it was before.
"""

from dataclasses import dataclass
from typing import Literal

Tone = Literal["good", "wait", "work", "hold", "bad"]

SHAPES: dict[Tone, str] = {"good": "●", "wait": "◌", "work": "▶", "hold": "■", "bad": "✕"}

_LOT: dict[str, Tone] = {
    "received": "wait",
    "in_process": "work",
    "finished": "wait",
    "inspected": "wait",
    "packed": "wait",
    "released": "good",
    "rejected": "bad",
    "closed": "wait",
    "held": "hold",
    "expired": "bad",
}
_STEP: dict[str, Tone] = {"done": "good", "next": "work", "later": "wait"}
_ORDER: dict[str, Tone] = {
    "cancelled": "wait",
    "planned": "wait",
    "open": "work",
    "in_process": "work",
    "finished": "good",
    "closed": "good",
}
_SHIPMENT: dict[str, Tone] = {
    "draft": "wait",
    "cancelled": "wait",
    "shipped": "work",
    "in_transit": "work",
    "delivered": "good",
}
_EQUIPMENT: dict[str, Tone] = {"calibrated": "good", "due_soon": "hold", "overdue": "bad", "out_of_service": "bad"}
_DEFINITION: dict[str, Tone] = {
    "draft": "wait",
    "in_review": "work",
    "approved": "good",
    "effective": "good",
    "superseded": "wait",
}
_TASK: dict[str, Tone] = {"open": "wait", "claimed": "work", "done": "good", "cancelled": "wait"}
_RUN: dict[str, Tone] = {"running": "work", "completed": "good", "cancelled": "wait"}
_SUBJECT: dict[str, Tone] = {"late": "bad", "open": "work", "ended": "good", "none": "wait"}
_FINDING: dict[str, Tone] = {"open": "hold", "closed": "good"}
_CAUSE: dict[str, Tone] = {"caused": "good", "moved": "work", "not": "wait"}
_RECALL: dict[str, Tone] = {"open": "work", "closed": "good", "withdrawn": "wait"}
_DRILL: dict[str, Tone] = {"planned": "wait", "due": "hold", "open": "work", "done": "good", "missed": "bad"}
_NOTICE: dict[str, Tone] = {"open": "wait", "sent": "work", "acknowledged": "good"}
_UNIT: dict[str, Tone] = {"open": "good", "shipped": "work", "held": "hold"}
_VERDICT: dict[str, Tone] = {"pass": "good", "fail": "bad", "pending": "wait", "partial": "work"}

_DECIDED: dict[str, Tone] = {
    "failed": "bad",
    "reject": "bad",
    "reject_part": "bad",
    "hold": "hold",
    "rework": "hold",
    "reinspect": "hold",
    "review_again": "hold",
    "back": "hold",
    "recompute": "hold",
    "withdraw": "hold",
}

FAMILIES: dict[str, dict[str, Tone]] = {
    "lot": _LOT,
    "order": _ORDER,
    "step": _STEP,
    "shipment": _SHIPMENT,
    "equipment": _EQUIPMENT,
    "definition": _DEFINITION,
    "task": _TASK,
    "run": _RUN,
    "subject": _SUBJECT,
    "finding": _FINDING,
    "cause": _CAUSE,
    "recall": _RECALL,
    "drill": _DRILL,
    "notice": _NOTICE,
    "unit": _UNIT,
    "verdict": _VERDICT,
}


@dataclass(frozen=True, slots=True)
class Mark:
    """One badge: the tone gives shape and colour, the key gives the word."""

    tone: Tone
    key: str

    @property
    def shape(self) -> str:
        """The sign that says the same as the colour, for those who don't see the colour."""
        return SHAPES[self.tone]


def mark(family: str, state: str) -> Mark:
    """The badge for a state; a state the family doesn't know is a bug."""
    return Mark(FAMILIES[family][state], f"status.{family}_{state}")


def lot_mark(status: str, *, held: bool = False, expired: bool = False) -> Mark:
    """The badge of a lot: held wins over expired, and expired over a status that is still alive."""
    if held:
        return mark("lot", "held")
    if expired and status not in {"rejected", "closed"}:
        return mark("lot", "expired")
    return mark("lot", status)


def decided(outcome: str | None) -> Tone:
    """What a signature stood for: a failed inspection has no green edge."""
    return _DECIDED.get(outcome or "", "good")
