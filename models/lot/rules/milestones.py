"""How far a batch has come, on one bar: material, making, inspection, packaging, release, warehouse, shipment, market.

A pure reading of the batch's facts (REQUIREMENTS 2).  After a rework, what had been reached behind the making counts
again only when it is reached again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal


class Milestone(StrEnum):
    """The stages of the user's own words, in order."""

    MATERIAL = "material"
    MAKING = "making"
    INSPECTION = "inspection"
    PACKAGING = "packaging"
    RELEASE = "release"
    WAREHOUSE = "warehouse"
    SHIPMENT = "shipment"
    MARKET = "market"


ORDER = tuple(Milestone)
REACHED_BY: dict[str, Milestone] = {
    "lot.received": Milestone.MATERIAL,
    "production.started": Milestone.MATERIAL,
    "operation.recorded": Milestone.MAKING,
    "inspection.accepted": Milestone.INSPECTION,
    "lot.packed": Milestone.PACKAGING,
    "lot.released": Milestone.RELEASE,
    "lot.warehoused": Milestone.WAREHOUSE,
    "lot.shipped": Milestone.SHIPMENT,
    "lot.closed": Milestone.MARKET,
}
BOUGHT = frozenset({"raw", "component"})
NEVER_FOR_BOUGHT = frozenset({Milestone.MAKING, Milestone.PACKAGING, Milestone.SHIPMENT, Milestone.MARKET})
REWORK = "lot.rework"
State = Literal["done", "current", "todo", "skipped"]


@dataclass(frozen=True, slots=True)
class Happened:
    """A fact of the batch."""

    fact: str
    at: datetime
    who: str


@dataclass(frozen=True, slots=True)
class MilestoneView:
    """One stage of the bar; `at` and `who` of the newest fact that reached it."""

    key: Milestone
    state: State
    at: datetime | None = None
    who: str = ""


def milestones(kind: str, status: str, facts: Sequence[Happened]) -> tuple[MilestoneView, ...]:
    """The bar; `facts` in the order they happened."""
    reached: dict[Milestone, Happened] = {}
    for happened in facts:
        if happened.fact == REWORK:
            reached = {key: value for key, value in reached.items() if key is Milestone.MATERIAL}
        elif (key := REACHED_BY.get(happened.fact)) is not None:
            reached[key] = happened
    # while in process, an operation was done and more are to come
    making = reached.pop(Milestone.MAKING, None) if status == "in_process" else None
    last = max((ORDER.index(key) for key in reached), default=-1)
    bar: list[MilestoneView] = []
    current = status in {"rejected", "closed"}
    for index, key in enumerate(ORDER):
        done = reached.get(key)
        state: State
        if done is not None:
            state = "done"
        elif index < last or (kind in BOUGHT and key in NEVER_FOR_BOUGHT):
            state = "skipped"
        elif not current:
            state, current = "current", True
        else:
            state = "todo"
        shown = done or (making if key is Milestone.MAKING else None)
        bar.append(MilestoneView(key, state, shown.at if shown else None, shown.who if shown else ""))
    return tuple(bar)
