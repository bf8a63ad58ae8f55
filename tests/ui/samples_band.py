"""Pages of a batch that a recall holds: they say RECALL across their whole width."""

from collections.abc import Callable
from dataclasses import replace
from typing import cast

from models.rules.holds import HoldKind, OpenHold
from tests.ui.samples import hours, lot_full
from ui.i18n import Language, Words
from ui.pages.lot import LotPage
from ui.pages.task import TaskPage
from ui.pages.work_order import WorkOrderPage
from ui.parts import RecallBand
from ui.render import Page
from ui.views_band import band


def _band(language: Language, kind: HoldKind, level: str | None) -> RecallBand | None:
    held = (
        OpenHold(HoldKind.QUALITY, "湿度超限", placed_at=hours(-30)),
        OpenHold(kind, "RC-2026-004 髋关节柄断裂", "RC-2026-004", level, hours(-5)),
    )
    return band(Words(language), held)


def recalled(language: Language) -> Page:
    """The batch page under a class I recall."""
    return replace(cast("LotPage", lot_full(language)), band=_band(language, HoldKind.RECALL, "I"))


def task_recalled(language: Language, plain: Page) -> Page:
    """A task of it, while the scope isn't approved yet."""
    page = cast("TaskPage", plain)
    return replace(page, head=replace(page.head, band=_band(language, HoldKind.CONTAINMENT, None)))


def order_recalled(language: Language, plain: Page) -> Page:
    """Its order."""
    return replace(cast("WorkOrderPage", plain), band=_band(language, HoldKind.RECALL, "II"))


def pages(task: Callable[[], Page], order: Callable[[], Page]) -> dict[str, Callable[[Language], Page]]:
    """The samples, made of those without a recall."""
    return {
        "lot-recalled": recalled,
        "task-recalled": lambda language: task_recalled(language, task()),
        "work-order-recalled": lambda language: order_recalled(language, order()),
    }
