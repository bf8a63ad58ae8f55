"""Pages of a batch that is held: a recall's say RECALL across their whole width; what lifts a hold, and a label that contradicts."""

from collections.abc import Callable
from dataclasses import replace
from typing import cast

from models.kernel.refusal import Refusal
from models.label.rules.lot import DIFFERS
from models.label.rules.receipt import Difference, say
from models.lot.rules.open_hold import HoldKind, OpenHold
from tests.samples.pages import DIGEST, LONG_ZH, hours, lot_full
from ui.frame.i18n import Language, Words
from ui.frame.parts import RecallBand, SignaturePanel
from ui.frame.render import Page
from ui.lot.page.lot import HoldForm, HoldRow, LotPage
from ui.production.page import WorkOrderPage
from ui.recall.view.band import band
from ui.shipment.page import NewShipmentPage
from ui.task.page import TaskPage


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


def held(language: Language) -> Page:
    """A batch under three holds: one that a person lifts by signing, refused just now, and two of processes."""
    words = Words(language)
    wrong = Refusal("AUTH-004", "21 CFR 11.200(a)", "密码不对，没有签名。您填写的内容都还在。",
        "The password is wrong; nothing was signed. What you filled in is still here.", 403)  # fmt: skip
    panel = SignaturePanel(meaning=words("lot.lift_hold"), digest=DIGEST, attempts_left=3)
    lift, record = "/holds/1/lift", "/holds/1/record"
    own = HoldRow(
        number="HD-26-014", reason="湿度超限", who="吴经理", at=hours(-5), whose=words("lot.hold_of_quality"), lift_href=lift,
        lift_label=words("lot.lift_hold"), record_href=record, signature=panel, refusal=wrong, typed=LONG_ZH,
    )  # fmt: skip
    recall = HoldRow(
        number="RC-2026-004", reason="髋关节柄断裂", who="孙召", at=hours(-20), whose=words("lot.hold_of_recall"),
        recall_href="/recalls/RC-2026-004", only_by=words("lot.opened_by_recall"),
    )  # fmt: skip
    release = HoldRow(
        number="HD-26-011", reason="等待灭菌报告", who="陈批", at=hours(-40), whose=words("lot.hold_of_release"),
        only_by=words("lot.opened_by_release"), again_href="/lots/H-2611-04/decide-again",
    )  # fmt: skip
    full, form = cast("LotPage", lot_full(language)), HoldForm(action="/lots/H-2611-04/holds")
    return replace(full, holds=(own, recall, release), hold_form=form, command_key="k1")


def contradicted(plain: Page) -> Page:
    """A shipment whose scanned label says another expiry than the record: why it is right all the same is asked."""
    zh, en = say([Difference("expiry", "2031-09", "2031-10"), Difference("lot", "H-2611-05", "H-2611-04")])
    refusal = DIFFERS(lot="H-2611-04", what_zh=zh, what_en=en)
    page = cast("NewShipmentPage", plain)
    return replace(page, refusal=refusal, lines=tuple(replace(one, error="") for one in page.lines))


def pages(
    task: Callable[[], Page], order: Callable[[], Page], shipment: Callable[[Language], Page]
) -> dict[str, Callable[[Language], Page]]:
    """The samples, made of those without a recall."""
    return {
        "lot-held": held,
        "lot-recalled": recalled,
        "shipment-label": lambda language: contradicted(shipment(language)),
        "task-recalled": lambda language: task_recalled(language, task()),
        "work-order-recalled": lambda language: order_recalled(language, order()),
    }
