"""Sample contexts of the co-exposure page and of the trace health check: empty, full, refused."""

from collections.abc import Callable
from decimal import Decimal as Dec

from models.exposure.rules.exposure import SEVERAL
from tests.samples.pages import DIGEST, hours, ref
from ui.exposure.page import Asked, ExposurePage, MetLot, MetThing, Reason
from ui.frame.i18n import Language
from ui.frame.parts import Amount, Link, Pager, Refusal
from ui.frame.render import Page
from ui.health.page import Bar, CodeRow, FamilyRow, FindingRow, TraceHealthPage

ASKED = Asked(of="equipment:G-17", day="2026-11-19", time="14:00", to_day="2026-11-20")


def answered(_: Language) -> Page:
    there = {"first_at": hours(-50), "last_at": hours(-44)}
    return ExposurePage(
        asked=ASKED, answered=True, title="设备 G-17 数显卡尺", since=hours(-60), until=hours(-30), digest=DIGEST,
        counts=(("批次", 1284), ("设备", 2), ("人员", 3), ("房间/库位", 1), ("炉次", 1)),
        lots=(
            MetLot(lot=ref("H-2611-04", "packed", held=True), times=2, roles="所加工的批次、受检批次", href="/exposure?of=x", **there),
            MetLot(lot=ref("R-88-12"), times=1, roles="投入的物料", href="/exposure?of=x", first_at=hours(-50), last_at=None),
        ),
        others=(
            MetThing(sort="人员", number="wang.cao", name="王操", times=1, roles="操作人", href="/exposure?of=x", **there),
            MetThing(sort="炉次", number="ST-2611-114", name="", times=1, roles="所在炉次", href="/exposure?of=x", **there),
        ),
        reasons=(
            Reason(sort="批次", number="R-88-12", starts_at=hours(-50), ends_at=hours(-44), instant=False, why="工序 20「清洗」（WO-H-2611-04，炉次 ST-2611-114）：投入的物料", amount=Amount(value=Dec(500), unit="EA")),
            Reason(sort="批次", number="H-2611-04", starts_at=hours(-45), ends_at=hours(-45), instant=True, why="检验 I-H-2611-04-1：受检批次"),
        ),
        more_lots=1282, more_reasons=4000, exports=(Link(label="CSV", href="?csv"), Link(label="JSON", href="?json")),
        trace_href="/trace/x", recall_href="/recalls/new?identifier=x",
    )  # fmt: skip


def several(_: Language) -> Page:
    refusal = SEVERAL(text="CR-2", count=2, meanings_zh="批次 CR-2；房间 CR-2", meanings_en="Lot CR-2; Room CR-2")
    choices = (Link(label="批次 CR-2", href="?of=lot:CR-2"), Link(label="房间/库位 CR-2", href="?of=location:CR-2"))
    return ExposurePage(asked=Asked(of="CR-2"), refusal=refusal, choices=choices)


def health(language: Language) -> Page:
    """Two months of checks, one family in trouble; the operator who asked for one was refused."""
    zh = language == "zh"
    scores = [97, 97, 98, 98, 91, 91, 95, *([99] * 20), 88]
    return TraceHealthPage(
        at=hours(-6), score=88, lots=381_000, edges=997_997, findings=31_204, appeared=412, cleared=7, seconds="41.3",
        asked_by="孙召",
        trend=tuple(
            Bar(at=hours(-24 * (len(scores) - place)), score=score, x=20 * place, y=100 - score, height=score,
                marked=(len(scores) - 1 - place) % 7 == 0)
            for place, score in enumerate(scores)
        ),
        trend_width=20 * len(scores),
        families=(
            FamilyRow(family="髋关节系统 (人工关节)", lots=120_000, gap=14_000, balance=800, doubt=12, score=87, change=-11, href="?family=x", chosen=True),
            FamilyRow(family="原料" if zh else "Raw material", lots=38_000, gap=0, balance=0, doubt=0, score=100, change=0, href="?family=raw"),
            FamilyRow(family="新产品", lots=3, gap=0, balance=1, doubt=0, score=83, change=None, href="?family=new"),
        ),
        codes=(
            CodeRow(code="TRC-101", text="自制品没有用料记录" if zh else "made here, but no material is recorded", severity="gap", many=14_000, href="?code=TRC-101"),
            CodeRow(code="TRC-120", text="数量少了" if zh else "quantity missing", severity="balance", many=801, href="?code=TRC-120", chosen=True),
            CodeRow(code="TRC-140", text="循环关联" if zh else "a loop", severity="doubt", many=12, href="?code=TRC-140"),
        ),
        rows=(
            FindingRow(code="TRC-120", text="批次 H-2611-04 数量不平：差 3 件（入 480，已知去向 477）。", severity="balance", lot=Link(label="H-2611-04", href="/lots/H-2611-04"), since=hours(-200)),
            FindingRow(code="TRC-140", text="批次 H-1 是自己的上级（循环：H-1 → H-2），请核对关联。", severity="doubt", lot=Link(label="H-1", href="/lots/H-1"), since=hours(-6)),
        ),
        pager=Pager(shown=100, next_href="?cursor=x"), all_href="/trace-health",
        refusal=Refusal("AUTH-005", "21 CFR 11.10(g)", "没有此操作的权限。", "You may not do this.", 403),
    )  # fmt: skip


PAGES: dict[str, Callable[[Language], Page]] = {
    "exposure-start": lambda _: ExposurePage(asked=Asked()),
    "exposure": answered,
    "exposure-empty": lambda _: ExposurePage(
        asked=ASKED, answered=True, title="设备 G-17 数显卡尺", digest=DIGEST, counts=(("批次", 0), ("设备", 0))
    ),
    "exposure-several": several,
    "health": health,
    "health-empty": lambda _: TraceHealthPage(can_check=True, command_key="k"),
}
