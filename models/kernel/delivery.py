"""How long a fact that can't be handed on is tried, and when it is left to an operator (DESIGN 6; REQUIREMENTS 92).

While the engine is away, nobody gives up.  What fails for itself is tried after ever longer pauses and stands aside
meanwhile, so that no other fact waits for it; after the last try somebody has to look.
"""

from datetime import timedelta

from models.kernel.refusal import Kind

UNKNOWN = Kind("FLT-010", "DESIGN 6", "找不到该通知。", "There is no such fact.", 404)
DELIVERED = Kind("FLT-011", "DESIGN 6", "该通知已送达或已处理。", "This fact was handed on or dealt with.")

AWAY = timedelta(seconds=2)
"""Until the next try while the engine doesn't answer at all."""
TRIES = 12
"""After so many failures of its own, a quarter of an hour after the first, a fact is left to an operator."""
LONGEST = timedelta(minutes=5)
LEASE = timedelta(seconds=20)
"""How long a dispatcher keeps what it has taken from others.  What a killed one had taken is handed on after that; what a
slow one still holds is handed on twice, which harms nobody."""

SILENT = ("lot.held", "task.escalated")
"""Facts that no process waits for: a hold is derived from its rows, and who escalates knows it already."""
FIRST = ("process.begun", "process.cancelled", "recall.notice", "account.mail")
"""Facts with an effect of their own; the others are news, told when these are out."""


def wait(attempts: int) -> timedelta | None:
    """Until the next try after so many failures; None when it is given up."""
    if attempts >= TRIES:
        return None
    return min(timedelta(seconds=2 ** max(attempts - 1, 0)), LONGEST)
