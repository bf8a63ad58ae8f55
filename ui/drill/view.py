"""The calendar of drills from what was read (REQUIREMENTS 81; SCREENS)."""

from collections.abc import Sequence

from models.drill.queries import Drill
from models.drill.rules.calendar import Slot
from ui.drill.page import DrillRow, DrillsPage, Quarter
from ui.frame.i18n import Words
from ui.frame.status import mark
from ui.recall.page.list import Bar
from ui.recall.view.list import COLUMN, HEIGHT, TREND, href
from ui.recall.view.score import span

QUARTERS = 16
"""Quarters on the page, the planned ones among them: three years; the list of recalls holds every drill."""


def page(words: Words, slots: Sequence[Slot], drills: Sequence[Drill], *, can_open: bool) -> DrillsPage:
    """The calendar and the trend."""
    known = {one.recall_no: one for one in drills}
    shown = slots[-QUARTERS:]
    scored = [one for one in drills if one.points is not None and one.status == "closed"][-TREND:]
    return DrillsPage(
        quarters=tuple(_quarter(words, slot, known) for slot in reversed(shown)),
        earlier=len(slots) - len(shown),
        done=sum(slot.state == "done" for slot in slots),
        missed=sum(slot.state == "missed" for slot in slots),
        can_open=can_open,
        trend=tuple(_bar(one, place) for place, one in enumerate(scored)),
        trend_width=COLUMN * len(scored),
    )


def _quarter(words: Words, slot: Slot, known: dict[str, Drill]) -> Quarter:
    why = ""
    if slot.state == "missed":
        why = words("drill.in_the_way", number=slot.waiting) if slot.waiting else words("drill.never_came")
    return Quarter(
        name=slot.quarter,
        first=slot.first,
        last=slot.last,
        mark=mark("drill", slot.state),
        drills=tuple(_row(words, known[number]) for number in slot.drills),
        why=why,
    )


def _row(words: Words, one: Drill) -> DrillRow:
    return DrillRow(
        number=one.recall_no,
        href=href(one.recall_no),
        title=words.half(one.title) if one.scheduled else one.title,
        drawn=words.half(one.reason) if one.scheduled else "",
        by_hand="" if one.scheduled else words("drill.by_hand", who=one.opened_by),
        at=one.opened_at,
        points=one.points if one.status == "closed" else None,
        took=span(words, float(one.seconds_to_scope)) if one.seconds_to_scope is not None else "",
    )


def _bar(one: Drill, place: int) -> Bar:
    points = one.points or 0
    height = max(1, round(points * HEIGHT / 100))
    return Bar(
        number=one.recall_no, href=href(one.recall_no), points=points, at=one.closed_at or one.opened_at,
        x=place * COLUMN, y=HEIGHT - height, height=height,
    )  # fmt: skip
