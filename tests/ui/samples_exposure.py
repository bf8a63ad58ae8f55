"""Sample contexts of the co-exposure page: nothing asked, a full answer, an empty one, several meanings."""

from collections.abc import Callable
from decimal import Decimal as Dec

from models.rules.exposure import SEVERAL
from tests.ui.samples import DIGEST, hours, ref
from ui.i18n import Language
from ui.pages.exposure import Asked, ExposurePage, MetLot, MetThing, Reason
from ui.parts import Amount, Link
from ui.render import Page

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


PAGES: dict[str, Callable[[Language], Page]] = {
    "exposure-start": lambda _: ExposurePage(asked=Asked()),
    "exposure": answered,
    "exposure-empty": lambda _: ExposurePage(
        asked=ASKED, answered=True, title="设备 G-17 数显卡尺", digest=DIGEST, counts=(("批次", 0), ("设备", 0))
    ),
    "exposure-several": several,
}
