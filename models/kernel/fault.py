"""An act ends in done, refused or fault: how often what went wrong is tried again, and what people read (DESIGN 6a).

A *fault* is neither an answer nor a record that can't be reached just now: a bug, a statement that ran into its limit,
a wait that no second try can end.  It is tried a few times within the same activity, then kept for an operator; no other
act of the batch waits for it.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from models.kernel.refusal import Kind

FAULTED = Kind(
    "API-510",
    "DESIGN 6a",
    "系统出错，没有记录任何内容；已登记为故障 {number}，系统管理员排除原因后可从那里补录。其他操作不受影响，请勿换号重复提交。",
    "Something went wrong and nothing was recorded. It is kept as fault {number}: once mended, the administrator has it "
    "recorded from there. Other work goes on; don't send this again under another number.",
    500,
)
UNKNOWN = Kind("FLT-001", "DESIGN 6a", "找不到该故障。", "There is no such fault.", 404)
SETTLED = Kind("FLT-002", "DESIGN 6a", "该故障已处理。", "This fault has been dealt with.")
REASON = Kind("FLT-003", "DESIGN 6a", "不再处理须写明理由。", "To leave it needs a reason.", 422)


class Trouble(StrEnum):
    """What kind of trouble an act met."""

    BUG = "bug"
    """Anything that nobody foresaw; a deadlock too."""
    SLOW = "slow"
    """A statement ran into its limit of a minute: a second one would only block for another minute."""
    BUSY = "busy"
    """Somebody else kept the batch; told to a person as an answer, to the clock only after many tries."""
    REFUSED = "refused"
    """What nobody asked for was refused: there is nobody who would read the answer."""


PAUSES: Mapping[Trouble, tuple[float, ...]] = {
    Trouble.BUG: (0.2, 1.0),
    Trouble.SLOW: (),
    Trouble.BUSY: (1.0, 2.0, 4.0, 8.0, 15.0),
    Trouble.REFUSED: (),
}
"""Seconds before each further try.  A wait for a busy batch takes ten seconds of its own, so the last is a minute and a
half after the first."""


def pause(trouble: Trouble, tries: int) -> float | None:
    """Seconds until the next try after so many; None when it is a fault."""
    waits = PAUSES[trouble]
    return waits[tries - 1] if 1 <= tries <= len(waits) else None


NAMED = ("lot_no", "recall_no", "work_order_no", "shipment_no", "unit_no", "into")
FOLLOWED = frozenset({"lot", "release", "inspection", "disposition", "recall", "pull", "shipment"})


def subject(workflow_id: str, command: Mapping[str, Any]) -> str:
    """What the act was about, in the numbers that people know; empty where it has none."""
    prefix, _, rest = workflow_id.partition("/")
    if prefix in FOLLOWED and rest:
        return rest.rpartition("/")[0] or rest if prefix not in {"lot", "recall", "shipment"} else rest
    for name in NAMED:
        if command.get(name):
            return str(command[name])
    lots = command.get("lot_nos") or ()
    return ", ".join(str(one) for one in list(lots)[:3])
