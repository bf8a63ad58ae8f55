"""Sample contexts of what follows a recall: the cockpit with 3 and 300 batches, its forms, fresh and refused."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from starlette.datastructures import FormData

from models.kernel.refusal import Refusal
from models.process.sign.sign import NEEDED
from models.process.store.signed_acts import Shown
from models.recall.acts.decide import SCRAP_LOTS
from models.recall.queries.follow_up import Follow
from models.recall.queries.returned import Disposed, ReturnRow
from models.recall.rules import checks as check_rules
from models.recall.rules.depth import left_out
from models.recall.rules.funnel import Answered, Shipped
from models.recall.rules.reconcile import reconcile
from models.recall.store.checks import CheckAttempt, CheckRow, Checks, SampleRow
from models.recall.store.report import FiledReport
from models.returns import rules as return_rules
from tests.samples.pages import DIGEST, LONG_ZH, NOW, SCRIPT, hours
from tests.samples.recall import funnel, notice, notice_view, step, view
from ui.frame.first_rows import Cut
from ui.frame.i18n import Language, Words
from ui.frame.parts import Amount, Option
from ui.frame.render import Page
from ui.frame.words.units import in_words
from ui.notice.view import notice as views_notice
from ui.recall.page.recall import StepPreview, Told, Untold
from ui.recall.view import cockpit as views_recall
from ui.recall.view.follow_up import panel
from ui.recall.view.forms import Forms

Make = Callable[[Language], Page]


def attempt(*, reached: bool = True, acted: bool = True) -> CheckAttempt:
    """A call."""
    return CheckAttempt(
        reached=reached, channel="telephone", spoken_with="王医生" if reached else None, contacted_at=hours(-3),
        notice_received=True if reached else None, acted=acted if reached else None, remark=None if acted else SCRIPT,
        recorded_by="孙召", recorded_at=hours(-3),
    )  # fmt: skip


def check(n: int) -> CheckRow:
    """Some asked, some not, one who did nothing."""
    attempts = ((), (attempt(reached=False),), (attempt(reached=False), attempt()), (attempt(acted=False),))[n % 4]
    return CheckRow(
        id=UUID(int=n), scope_version=1, level="C", notice=UUID(int=n), sent_at=hours(-5), acknowledged_at=None,
        customer_no=f"C-{n}", customer=f"第 {n} 医院", contact="采购科", phone="021-1", email=None, attempts=attempts,
    )  # fmt: skip


def back(n: int) -> ReturnRow:
    """A return; every other one decided about."""
    done = Disposed(
        kind="scrap", quantity=Decimal(5), reason="销毁", reference="D-1", decided_by="吴经理", decided_at=hours(-1)
    )
    return ReturnRow(
        id=UUID(int=n), customer_no=f"C-{n}", customer=f"第 {n} 医院", lot_no=f"H-{3 * n:05d}", item_no="HIP-12",
        item="髋关节柄", uom="EA", serial_no=None, shipment_no=f"SH-{n}", quantity=Decimal(5), location="RCV-01",
        received_at=hours(-2), reference="RMA-7", remark=None, recorded_by="李仓", recorded_at=hours(-2),
        disposed=(done,) if n % 2 else (),
    )  # fmt: skip


def follow(lots: int, customers: int) -> Follow:
    """What became of the notices of `view(lots, customers)`."""
    lines = view(lots, customers).scope["customers"]
    shipped = [
        Shipped(
            one["customer_no"], one["customer"], one["lot_no"], one["item_no"], one["uom"], Decimal(30),
            returned=Decimal(5), disposed={"scrap": Decimal(5)} if n % 2 else {},
        )
        for n, one in enumerate(lines)
    ]  # fmt: skip
    by: dict[str, list[str]] = {}
    for one in shipped:
        by.setdefault(one.customer_no, []).append(one.lot_no)
    answers = [
        Answered(no, f"第 {no[2:]} 医院", tuple(names), Decimal(30 * len(names)), *([Decimal(20), Decimal(18), Decimal(2), Decimal(9)] if n % 3 else [None] * 4))
        for n, (no, names) in enumerate(by.items())
    ]  # fmt: skip
    rows = tuple(check(n) for n in range(min(customers, max(1, lots // 10))))
    sample = SampleRow(
        scope_version=1, level="C", share=Decimal(10), seed=DIGEST, population=customers, size=len(rows), drawn_at=hours(-5)
    )  # fmt: skip
    filed = FiledReport(
        id=UUID(int=1), kind="progress", jurisdiction="CN", filed_at=hours(-1), authority="江苏省药品监督管理局",
        reference=f"苏械召-2026-118 {SCRIPT}", estimated_on=(NOW + timedelta(days=30)).date(), digest=DIGEST, remark=None,
        recorded_by="孙召", recorded_at=hours(-1),
    )  # fmt: skip
    return Follow(
        level="C", share=Decimal(10),
        checks=Checks(samples=(sample,), rows=rows, progress=check_rules.progress([one.said for one in row.attempts] for row in rows)),
        funnel=funnel(view(lots, customers).scope), reconciliation=reconcile(shipped, answers), returns=[back(n) for n in range(min(customers, lots))], filed=[filed],
        next_reminder=hours(60),
    )  # fmt: skip


def nothing() -> Follow:
    """Right after the notices, with no level chosen."""
    none = reconcile([], [])
    empty = Checks(samples=(), rows=(), progress=check_rules.progress([]))
    return Follow(
        level=None,
        share=None,
        checks=empty,
        funnel=funnel({"lots": [], "customers": []}),
        reconciliation=none,
        returns=[],
        filed=[],
        next_reminder=None,
    )


def cockpit(lots: int, customers: int = 5, *, begun: bool = True, status: str = "open") -> Make:
    """The cockpit with everything below the customers."""

    def made(language: Language) -> Page:
        words, found = Words(language), view(lots, customers, status=status)
        seen = follow(lots, customers) if begun else nothing()
        below = panel(words, found, seen, runs=True, books=True, decides=True)
        decision = step(language) if status == "open" else None
        return views_recall.page(words, found, {}, decision, below, seen.next_reminder)

    return made


def forms(language: Language, given: dict[str, str] | None = None, refusal: Refusal | None = None) -> Forms:
    """The forms of a recall."""
    form = FormData(given) if given else None
    return Forms(Words(language), view(3), NOW, "Asia/Shanghai", form, refusal, None)


def book(language: Language) -> Page:
    """A return that is more than was shipped."""
    refusal = in_words(return_rules.TOO_MANY(customer="第 1 医院", lot="H-1", there="30", wanted="31", uom="EA"))
    some = (Option(value="C-1", label="第 1 医院 · C-1"), Option(value="C-2", label=f"第 2 医院 {SCRIPT}"))
    places = tuple(Option(value=f"RCV-0{n}", label=f"RCV-0{n} 收货待检区") for n in range(7))
    typed = {"customer_no": "C-1", "lot_no": "H-1", "quantity": "31", "remark": LONG_ZH}
    return forms(language, typed, refusal).book(some, places)


def scrap_lots(language: Language) -> Page:
    """Thirty thousand batches are to be scrapped: counted, before it is signed."""
    lots = [{"lot_no": f"H-{n:05}", "quantity": "20", "uom": "EA"} for n in range(30_000)]
    record = {"record": "lots_scrap", "recall": "RC-1", "mode": "recall", "lots": lots, "places": ["FG-A1", "QA-01"]}
    shown = Shown(SCRAP_LOTS, "RC-1", json.dumps(record))
    return forms(language, {"kind": "scrap", "reason": LONG_ZH}, NEEDED()).decide_lots(shown)


def _why(language: Language) -> str:
    shipped = Shipped("C-9", "医院", "H-1", "HIP", "EA", Decimal(60), level="user")
    (one,) = left_out([shipped], {("C-9", "H-1")}, "retail")
    return one.zh if language == "zh" else one.en


def look(*, told: int) -> Make:
    """What the next step would do: hold everything, or tell so many customers."""

    def made(language: Language) -> Page:
        words, found = Words(language), view(3)
        page = views_recall.page(words, found, {}, step(language))
        seen = notice_view()
        recipients = tuple(
            Told(
                number=f"C-{n}", name=f"医院 {n} {SCRIPT}" if n else LONG_ZH[:60], contact="王医生 · 021", lots=3,
                way=words("delivery.no_address" if n % 3 else "recall.by_mail", to="qa@hospital.test"),
                tone="hold" if n % 3 else "muted", quantity=(Amount(value=Decimal(30), unit="EA"),), href="/recalls/RC-1/letters/C-1",
            )
            for n in range(told)
        )  # fmt: skip
        lines = (
            (
                words("recall.tell_all", n=told, much="30"),
                words("recall.tell_ways", mail=1, paper=told - 1),
                words("recall.tell_depth", depth="零售" if language == "zh" else "retail"),
                words("recall.tell_unknown", n=2),
                words("recall.tell_left_out", n=1, much="60"),
            )
            if told
            else (words("recall.hold_lots", n=30_001, held=30_001), words("recall.hold_house", much="20", places=2))
        )
        preview = StepPreview(
            lines=lines,
            warnings=(words("recall.tell_no_address", n=2), words("recall.tell_no_server")) if told else (),
            seen=DIGEST,
            site="苏州一厂",
            recipients=recipients,
            left_out=(
                Untold(
                    number="C-9",
                    name=LONG_ZH[:60],
                    why=_why(language),
                    lots=2,
                    quantity=(Amount(value=Decimal(60), unit="EA"),),
                ),
            )
            if told
            else (),
            cut=Cut(shown=told, total=445, more_href="/recalls/RC-1?look=1&show=preview#preview"),
            letters=views_notice.letters(seen, ("苏州一厂", "Suzhou plant"), NOW.date()) if told else (),
        )
        return replace(page, preview=preview)

    return made


PAGES: dict[str, Make] = {
    "recall-look-hold": look(told=0),
    "recall-look-notify": look(told=4),
    "recall-form-lots-scrap": scrap_lots,
    "recall-follow-3": cockpit(3),
    "recall-follow-300": cockpit(300, 60),
    "recall-follow-empty": cockpit(3, begun=False),
    "recall-follow-closed": cockpit(3, status="closed"),
    "recall-form-draw": lambda language: forms(language).draw(),
    "recall-form-check": lambda language: forms(language, {"reached": "true"}, check_rules.HALF()).check(
        check(1), ["2026-11-20 14:05 · 电话 · 没有联系上 · 孙召"]
    ),
    "recall-form-return": book,
    "recall-form-decide": lambda language: forms(language).decide(back(2)),
    "recall-form-lots": lambda language: forms(language).decide_lots(),
    "recall-form-answer": lambda language: forms(language).answer(notice(2, answered=False), "ea"),
    "recall-form-file": lambda language: forms(language).file(),
}
