"""Sample contexts of recall pages, with 3, 300 and 30,000 lots in scope, built by the views that the routes use."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData

from models.drill.queries import Drill
from models.drill.rules import calendar as drill_calendar
from models.kernel.refusal import Refusal
from models.kernel.units.names import told
from models.notice.rules import list as notice_list
from models.notice.rules import receivers as recall_receivers
from models.notice.rules.letter import Product
from models.notice.rules.lot_list import reader as lot_list
from models.notice.store.deliveries import DeliveryRow
from models.notice.store.intake import Intake
from models.notice.store.lot_list import Entry, ResolvedList
from models.pull.store import PullRow
from models.recall.queries.contacts import Reach
from models.recall.queries.views import (
    Clock,
    NoticeRow,
    NoticeView,
    RecallPage,
    RecallRow,
    RecallView,
    ScopeVersion,
    Signed,
)
from models.recall.rules import recall as rules
from models.recall.rules.funnel import Funnel, Lot, Shipped
from models.recall.rules.funnel import funnel as places
from models.recall.rules.remaining import WORDS as LEFT
from models.recall.rules.remaining import Remains
from models.recall.store.decisions import Decision
from tests.samples.pages import DIGEST, LONG_ZH, NOW, SCRIPT, hours
from ui.drill import view as views_drills
from ui.frame.i18n import Language, Words
from ui.frame.parts import Draft, FormField, Link, Option, SignaturePanel
from ui.frame.render import Page
from ui.frame.status import mark
from ui.notice.view import notice as views_notice
from ui.recall.page.list import NewRecallPage
from ui.recall.view import cockpit as views_recall
from ui.recall.view import list as views_recalls
from ui.task import page as task

REMAINING = tuple(
    Remains(code, owner, zh.format(n=3), en.format(n=3), hours(41) if code == "reports" else None).as_dict()
    for code, (owner, zh, en) in LEFT.items()
)
SCORE = rules.score(
    rules.DrillFacts(5 * 3600.0, None, complete=False, balanced=True, customers=7, answered=5, overdue=1)
)
Make = Callable[[Language], Page]
PLANT = ("苏州一厂", "Suzhou plant")


def scope(lots: int, customers: int) -> dict[str, Any]:
    """A scope record; every third lot went out, and one finding stands."""
    return {
        "record": "recall_scope",
        "lots": [
            {
                "lot_no": f"H-{n:05d}", "item_no": "HIP-12", "item": "髋关节柄 12/14", "uom": "EA", "status": "released",
                "in_house": "20", "shipped": "30" if n % 3 == 0 else "0", "returned": "0",
            }
            for n in range(lots)
        ],
        "customers": [
            {
                "customer_no": f"C-{n // 3 % customers}", "customer": f"第 {n // 3 % customers} 医院", "lot_no": f"H-{n:05d}",
                "item_no": "HIP-12", "uom": "EA", "shipped": "30", "returned": "0", "outstanding": "30",
                "in_transit": "0", "reachable": True,
            }
            for n in range(0, lots, 3)
        ],
        "findings": [
            {"code": "TRC-G1", "lot_no": "H-00000", "zh": f"领料记录没有批号 {SCRIPT}", "en": "Consumed without a lot"}
        ] * (0 if lots < 10 else 40),
    }  # fmt: skip


def row(number: str = "RC-2026-001", mode: str = "recall", status: str = "open", **more: Any) -> RecallRow:
    """A recall in a list."""
    given: dict[str, Any] = {
        "recall_no": number, "mode": mode, "cause": "complaint", "title": f"髋关节柄断裂 {SCRIPT}", "identifier": "P88-12",
        "recall_class": "II", "status": status, "stage": "approve_scope" if status == "open" else None, "opened_by": "孙召",
        "opened_at": hours(-9), "closed_at": None if status == "open" else hours(-1), "lots": 30000, "customers": 445,
        "complete": False, "balanced": True, "next_due": hours(-3), "points": None,
    }  # fmt: skip
    return RecallRow(**{**given, **more})


def notice(n: int, *, answered: bool) -> NoticeRow:
    """A notice to one customer."""
    return NoticeRow(
        id=UUID(int=n), customer_no=f"C-{n}", customer=f"第 {n} 医院", contact="采购科", email=None, phone="021-1",
        scope_version=1, lines=({"lot_no": "H-00000", "quantity": "30"},), shipped=Decimal(30),
        status="acknowledged" if answered else "sent", sent_at=hours(-5), reminders=0 if answered else 2,
        reminded_at=None, acknowledged_at=hours(-2) if answered else None, acknowledged_by="王医生" if answered else None,
        received=Decimal(28) if answered else None, on_hand=Decimal(20) if answered else None,
        used=Decimal(8) if answered else None, will_return=Decimal(20) if answered else None,
        remark=LONG_ZH[:80] if answered else None, link_expires_at=NOW + timedelta(days=60),
    )  # fmt: skip


def clock(status: str) -> Clock:
    """A legal clock that runs, was met, or is late."""
    due = hours(-3) if status == "late" else hours(50)
    return Clock(
        rule_key=f"cn.recall.{status}", jurisdiction="CN", clause="医疗器械召回管理办法 第十五条", event="recall_decided",
        event_at=hours(-20), due_at=due, last_day=due.date(), zone="Asia/Shanghai", provisional=status == "open",
        zh="二级召回: 自作出召回决定起 3 个自然日内通知使用单位。", en="Class II: tell the users within 3 calendar days.",
        met_at=hours(-4) if status == "met" else None, status=status,
    )  # fmt: skip


def delivery(n: int, status: str, kind: str = "first") -> DeliveryRow:
    """How a notice went out."""
    return DeliveryRow(
        notice=UUID(int=n), kind=kind, status=status, address=None if status == "to_print" else f"qa{n}@hospital.test", asked_at=hours(-5),
        tried_at=hours(-5), done_at=hours(-4) if status in {"sent", "printed"} else None, attempts=12 if status == "failed" else 1,
        why={"failed": f"550 no such user {SCRIPT}", "to_print": "no_address"}.get(status), by="孙召" if status == "printed" else None,
    )  # fmt: skip


def pull(n: int, lots: int) -> PullRow:
    """A place where goods are fetched: waiting, in hand, or back with two units missing."""
    kind, place, title = (
        ("shipment", "SH-2611-88", "上海第一医院"),
        ("work_order", "WO-H-2611-04", "髋关节柄 12/14 · LINE-2"),
        ("location", "CR-2", f"洁净间 2 {SCRIPT}"),
    )[n]
    back = n == 2
    return PullRow(
        id=UUID(int=900 + n), kind=kind, place=place, title=title, uom="EA", quantity=Decimal(30),
        lines=tuple({"lot_no": f"H-{lot:05d}", "quantity": "1"} for lot in range(min(lots, 30))), found=Decimal(28) if back else None,
        put_to="QA-01" if back else None, note="两件在检具上找不到" if back else None, done_at=hours(-1) if back else None,
        done_by="李仓" if back else None, task=UUID(int=800 + n), status="done" if back else "open",
        assignee="李仓" if n else None, due_at=hours(-1 if n else 2),
    )  # fmt: skip


LOOKED = 40
"""Rows that the sample's books know; a large scope differs from its books, and its page says so."""


def funnel(record: Any) -> Funnel:
    """Where the goods of the scope are: some in house without a decision, some at customers, told and not."""
    lots = [
        Lot(
            one["lot_no"],
            one["item_no"],
            one["uom"],
            Decimal(20 + 30 * sum(row["lot_no"] == one["lot_no"] for row in record["customers"][:LOOKED])),
            Decimal(0),
            Decimal(20),
            Decimal(0),
            Decimal(0),
            held=True,
            decided=not n,
        )
        for n, one in enumerate(record["lots"])
    ]
    gone = [
        Shipped(
            one["customer_no"],
            one["customer"],
            one["lot_no"],
            one["item_no"],
            one["uom"],
            Decimal(30),
            transit=Decimal(30 * (n % 2)),
        )
        for n, one in enumerate(record["customers"])
    ]
    return places(lots, gone, [])


def view(lots: int, customers: int = 5, mode: str = "recall", status: str = "open", **more: Any) -> RecallView:
    """What was read about a recall."""
    record = scope(lots, customers)
    version = ScopeVersion(
        version=1, identifiers=("P88-12",), digest=DIGEST, computed_at=hours(-9), signed_at=hours(-8), lots=lots,
        customers=customers, complete=lots < 10, balanced=lots < 1000,
    )  # fmt: skip
    given: dict[str, Any] = {
        "row": row("RD-2026-001" if mode == "drill" else "RC-2026-001", mode, status, lots=lots, customers=customers),
        "notice": {"text": f"REF AR1318 批号 AB 0643; 1234-5678 {SCRIPT}", "unknown": ["AB 0643"], "unknown_items": [],
                   "questions": [{"zh": "“1234-5678”是一个编号，还是一个范围？", "en": "Is “1234-5678” one number or a range?"}]} if lots > 3 else None,
        "reason": LONG_ZH, "hazard": "可能引起暂时的健康危害", "decided_at": hours(-8), "held_at": hours(-7),
        "notified_at": hours(-5), "versions": (version, replace(version, version=2, signed_at=None)), "scope": record,
        "difference": {"lots_added": [one["lot_no"] for one in record["lots"]], "lots_gone": []},
        "gone": tuple(
            {"customer_no": one["customer_no"], "customer": one["customer"], "lot_no": one["lot_no"], "uom": one["uom"], "quantity": "30", "in_transit": 1}
            for one in record["customers"]
        ),
        "shipped_since": 0 if lots < 10 else 2, "outstanding": Decimal(30), "told": 2, "silent": 1, "funnel": funnel(record).as_dict(),
        "undecided": tuple(one["lot_no"] for one in record["lots"][1:]), "remaining": REMAINING if lots > 3 else (),
        "decisions": (Decision(lot_no="H-00000", item="髋关节柄", uom="EA", kind="scrap", quantity=Decimal(20), reason=f"粉碎 {SCRIPT}",
                               reference=None, decided_by="吴经理", decided_at=hours(-1)),),
        "notices": (notice(1, answered=True), notice(2, answered=False)),
        "clocks": tuple(clock(status) for status in ("open", "met", "late")), "tasks": (), "markets": ("CN", "US"), "without_country": 3 if lots > 3 else 0,
        "signatures": (Signed(stage="review_scope", name="孙召", on_behalf_of="周审", meaning="reviewed", outcome="freeze", digest=DIGEST, at=hours(-8)),),
        "hold_report": {"version": 1, "lots": lots, "newly_held": lots, "gone": 10000, "in_transit": 3, "gone_since_scope": 0, "grown": 2,
                        "grown_lots": ["H-00000-A", "K-2611-07"], "to_pull": 3},
        "score": None, "pulls": tuple(pull(n, lots) for n in range(3)) if lots > 3 else (),
        "deliveries": {UUID(int=1): (delivery(1, "sent"),), UUID(int=2): (delivery(2, "to_print"), delivery(2, "failed", "reminder-1"))},
    }  # fmt: skip
    return RecallView(**{**given, **more})


def step(language: Language, *, refused: bool = False) -> task.TaskPage:
    """The approval, as 吴经理 sees it."""
    refusal: Refusal | None = rules.NO_CLASS() if refused else None
    words, zh = Words(language), language == "zh"
    options = (
        Option(value="approve", label="批准范围" if zh else "Approve the scope"),
        Option(value="back", label="退回核对" if zh else "Back to review", hint=words("task.reason_needed")),
    )
    return task.TaskPage(
        head=task.TaskHead(
            id="0197b1", title="批准召回范围与级别" if zh else "Approve scope and class", process="召回 v1" if zh else "Recall v1", why=words("inbox.why"), law="21 CFR 7.41",
            mark=mark("task", "claimed"), recall=Link(label="RC-2026-001", href="/recalls/RC-2026-001"), can_release=True,
        ),
        fields=(FormField(key="hazard", label=words("recall.hazard"), kind="long_text"),),
        outcomes=FormField(key="outcome", label=words("task.decision"), kind="choice", required=True, options=options),
        reason=FormField(key="reason", label=words("task.reason"), kind="long_text"),
        signature=SignaturePanel(meaning="本人批准此召回范围" if zh else "I approve this scope", digest=DIGEST), refusal=refusal, draft=Draft(key="r1"), command_key="k",
    )  # fmt: skip


def cockpit(lots: int, customers: int = 5, *, refused: bool = False) -> Make:
    """The cockpit of a recall with its approval due."""
    return lambda language: views_recall.page(
        Words(language), view(lots, customers), {"C-0": Reach("第 0 医院", "采购科", "021-1", None)}, step(language, refused=refused)
    )  # fmt: skip


def drill_over(language: Language) -> Page:
    """A finished drill with its score."""
    return views_recall.page(Words(language), view(3, 1, "drill", "closed", score=SCORE), {}, None)


def listed(language: Language) -> Page:
    """The list with a trend of drills."""
    drills = tuple(
        row(f"RD-2026-{n:03d}", "drill", "closed", points=60 + 9 * n, closed_at=NOW - timedelta(days=9 * (5 - n)))
        for n in range(4, 0, -1)
    )
    found = RecallPage(items=(row(), *drills), next="x")
    return views_recalls.listed(Words(language), found, "", "", RecallPage(items=drills, next=None), can_open=True)


def drill(n: int, day: str, *, status: str = "closed", scheduled: bool = True) -> Drill:
    """A drill of the calendar."""
    opened = datetime.fromisoformat(f"{day}T03:00:00+00:00")
    return Drill(
        recall_no=f"RD-2026-{n:03d}", opened_at=opened, status=status, scheduled=scheduled, title=f"计划召回演练 {SCRIPT}",
        reason="抽取种子 5f1c…，1284 批中抽中 H-2611-04：权重 4400/18000 (24.4 %) · 植入物 ×4"
        " / Drawn with seed 5f1c…: H-2611-04 of 1284 batches, weight 4400/18000 (24.4 %) · implant ×4",
        closed_at=opened + timedelta(days=2) if status == "closed" else None, opened_by="孙召", points=70 + 7 * n, seconds_to_scope=1800.0 * n,
    )  # fmt: skip


def calendar(*drills: Drill, years: int = 2) -> Make:
    """The calendar of drills, so many years after the plant began."""
    slots = drill_calendar.calendar(
        [one.held for one in drills], NOW - timedelta(days=365 * years), NOW, ZoneInfo("Asia/Shanghai")
    )
    return lambda language: views_drills.page(Words(language), slots, drills, can_open=True)


def notice_view(*, answered: bool = False) -> NoticeView:
    """A notice as its customer sees it."""
    return NoticeView(
        notice=notice(1, answered=answered), recall_no="RC-2026-001", mode="recall", title=f"髋关节柄断裂 {SCRIPT}",
        reason=LONG_ZH[:90], recall_class="II", status="open", items={"H-00000": "髋关节柄 12/14"}, units={"H-00000": "pcs"},
        products=(Product("H-00000", "30 件 pcs", "髋关节柄 12/14", "HIP-12", "06901234567892", "2031-10"),), phone="+86 512 6288 0100",
    )  # fmt: skip


def new(language: Language) -> Page:
    """The form that opens one."""
    given = {"mode": "drill", "identifier": SCRIPT}
    return views_recalls.new(Words(language), asked=None, prefill=given, refusal=None, blocked=None)


def new_from_notice(language: Language) -> Page:
    """A pasted notice, read: some numbers are ours, some aren't, some are a question."""
    text = f"REF AR1318, Lots AB 0643, NS4928020 – NS6203182, {SCRIPT}; 1234-5678. All lots of REF X-9"
    parsed = lot_list.parse(text)
    said: tuple[Any, ...] = (*parsed.singles, *parsed.ranges, *parsed.alls)
    entries = tuple(
        Entry(
            label=getattr(one, "label", None) or one.text, kind="lot", items=one.items, status="found" if n % 2 else "unknown", lots=3 * (n % 2), serials=0,
            other_item=0, other_register=0, sample=("NS5000001", "NS5000002", "NS5000003") if n % 2 else (),
        )
        for n, one in enumerate(said)
    )  # fmt: skip
    found = Intake(text, ResolvedList(parsed, entries, 3, ("AB 0643",), ()))
    begun = new(language)
    assert isinstance(begun, NewRecallPage)
    form = FormData({"mode": "recall", "notice": text, "title": "供方通知", "draft": begun.draft.key})
    refusal = notice_list.QUESTIONS(questions=2, unknown=1)
    return views_recalls.new(Words(language), asked=form, prefill={}, refusal=refusal, blocked=None, found=found)


def answer(refusal: Refusal | None = None) -> Make:
    """The customer's page."""
    return lambda language: views_notice.answer_page(
        Words(language), notice_view(), PLANT, date(2027, 1, 1), "abc", None, refusal
    )


def answered(refusal: Refusal | None = None) -> Make:
    """After the answer, or when the link is opened again."""
    return lambda language: views_notice.answered_page(Words(language), notice_view(answered=True), PLANT, refusal)


def naming(refusal: Refusal | None = None) -> Make:
    """Answered, and some of it passed on to nobody knows whom."""
    passed = replace(notice(1, answered=True), passed_on=Decimal(12), unnamed=Decimal(7))
    seen = replace(notice_view(answered=True), notice=passed)
    return lambda language: views_notice.naming_page(
        Words(language), seen, PLANT, date(2027, 1, 1), "abc", None, refusal
    )


def letter(language: Language) -> Page:
    """The printed notice."""
    link = "https://quality.example/n/AaIBtkRJdh6j56K2l7U1ri_c8mXYJIZeHUyoA2bky5Q"
    return views_notice.letter_page(
        Words(language), notice_view(), PLANT, link, NOW.date(), {}, sent=(delivery(1, "failed"),)
    )


def drill_letter(language: Language) -> Page:
    """The letter of an exercise, at a plant whose telephone nobody has written down."""
    seen = replace(notice_view(), mode="drill", recall_no="RD-2026-001", phone="")
    return views_notice.letter_page(Words(language), seen, PLANT, "https://q.example/n/x", NOW.date(), {})


def opening(language: Language) -> Page:
    """A large recall that is still being recorded."""
    title = Words(language)("recall.opening_recall")
    return task.OpeningPage(title=title, ask_href="/recalls/new/recording?key=1&mode=recall", form_href="/recalls")


PAGES: dict[str, Make] = {
    "recalls-full": listed,
    "recall-opening": opening,
    "drills-full": calendar(
        drill(1, "2025-05-06"),
        drill(2, "2025-08-09"),
        drill(3, "2026-01-20", scheduled=False),
        drill(4, "2026-08-03", status="open"),
    ),
    "drills-empty": calendar(years=0),
    "recall-new": new,
    "recall-new-notice": new_from_notice,
    "recall-3": cockpit(3),
    "recall-300-refused": cockpit(300, 60, refused=True),
    "recall-30000": cockpit(30_000, 445),
    "recall-drill-over": drill_over,
    "notice-answer": answer(),
    "notice-refused": answer(rules.TOO_MUCH(**told("ea", received=Decimal(31), shipped=Decimal(30)))),
    "notice-thanks": answered(),
    "notice-used": answered(rules.LINK_USED(at="2026-11-20")),
    "notice-names": naming(),
    "notice-names-refused": naming(recall_receivers.NO_ROW(row=2)),
    "notice-letter": letter,
    "notice-letter-drill": drill_letter,
}
