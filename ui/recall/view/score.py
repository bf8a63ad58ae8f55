"""Where a drill won and lost its points, in words a plant understands (REQUIREMENTS 82)."""

from collections.abc import Mapping
from math import ceil
from typing import Any

from models.recall.rules.recall import HOLD_GOAL, SCOPE_GOAL
from ui.frame.i18n import Words
from ui.recall.page.recall import ScorePart

HOUR = 3600
MINUTE = 60


def parts(words: Words, score: Mapping[str, Any]) -> tuple[ScorePart, ...]:
    """Each part with its points, of how many, and why."""
    why = {
        "scope": _time(words, score["seconds_to_scope"], SCOPE_GOAL),
        "hold": _time(words, score["seconds_to_hold"], HOLD_GOAL),
        "complete": words("recall.score_yes" if score["complete"] else "recall.score_gaps"),
        "balanced": words("recall.score_yes" if score["balanced"] else "recall.score_unbalanced"),
        # drills of before were scored by addresses
        "reachable": words("recall.score_reach", reached=score.get("reachable", 0), all=score["customers"]),
        "answered": words("recall.score_answered", answered=score.get("answered", 0), all=score["customers"]),
        "overdue": words("recall.score_late", late=score["overdue_steps"]),
    }
    return tuple(
        ScorePart(label=words(f"recall.part_{name}"), points=score["parts"][name], of=of, why=why[name])
        for name, of in score["of"].items()
    )


def _time(words: Words, seconds: float | None, goal: int) -> str:
    if seconds is None:
        return words("recall.score_never")
    return words("recall.score_took", took=span(words, seconds), goal=span(words, goal))


def span(words: Words, seconds: float) -> str:
    """How long something took, in words as coarse as its size allows; begun units count, so that it never took less."""
    if seconds < 2 * MINUTE:
        return words("recall.seconds", n=ceil(seconds))
    if seconds < 2 * HOUR:
        return words("time.gap_minutes", n=ceil(seconds / MINUTE))
    return words("time.gap_hours", n=ceil(seconds / HOUR))
