"""Sample traces with 9, 300 and 30,000 lots, built by the rules and the view that the routes use."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from models.resolve.rules import Hit, HitKind, Match
from models.trace.rules.answer import answer
from models.trace.rules.evidence import FoundIssue, FoundWork
from models.trace.rules.trace import Answer, Direction, Found, FoundEdge, FoundLine, FoundLot, FoundStock, Linked
from tests.samples.pages import NOW, SCRIPT
from ui.frame.i18n import Language, Words
from ui.frame.render import Page
from ui.trace import view as views_trace
from ui.trace.page import TracePage

LEVELS = (
    ("PEEK-20", "PEEK 棒料 20 mm", "raw"),
    ("BODY-12", "髋关节柄毛坯 (精加工后)", "in_process"),
    ("HIP-12", "髋关节柄 12/14", "finished"),
)


def found(lots: int) -> Found:
    """One material, a tenth of the rest bodies, the rest hips; every third hip went to a hospital."""
    bodies = max(1, (lots - 1) // 10)
    rows = [_lot(number, 0 if number == 0 else 1 if number <= bodies else 2) for number in range(lots)]
    edges = [
        FoundEdge(n, 0 if n <= bodies else 1 + n % bodies, n, "consume" if n % 17 else "split", Decimal("0.5"), "pcs", NOW - timedelta(days=9), "CNC", "WO-7", "test")
        for n in range(1, lots)
    ]  # fmt: skip
    used = Counter(edge.parent for edge in edges)
    return Found(
        start=frozenset({0}), up=(), down=tuple(edges), lots=tuple(rows),
        lines=tuple(_line(n, lots) for n in range(bodies + 1, lots, 3)),
        stock=tuple(FoundStock(n, "WH-1", "成品库", Decimal(20)) for n in range(0, lots, 2)),
        moved={n: _moved(n, used[n], bodies) for n in range(lots)},
        linked={n: Linked(Decimal("0.5") * count) for n, count in used.items()},
        work=tuple(one for n in range(lots) for one in _work(n, bodies)),
        issues=(FoundIssue(0, "hold", "2026-11-20", f"供方通知 {SCRIPT}"), FoundIssue(1, "nonconformance", "NC-26-031", "毛刺")),
    )  # fmt: skip


def _moved(number: int, used: int, bodies: int) -> dict[str, Decimal]:
    """What came is what was used, shipped and still lies there; one lot lacks three."""
    shipped = 10 if number > bodies and (number - bodies - 1) % 3 == 0 else 0
    stock = 20 if number % 2 == 0 else 0
    consumed = Decimal("0.5") * used
    return {"receive": consumed + shipped + stock + (3 if number == 7 else 0), "consume": consumed}


def _lot(number: int, level: int) -> FoundLot:
    item_no, item, kind = LEVELS[level]
    return FoundLot(
        number, f"{item_no[0]}-2611-{number:05d}", item_no, item, kind, "released" if number % 4 else "in_process", number % 9 == 0,
        Decimal(50), "pcs", "供方甲" if level == 0 else None, "P88-12" if level == 0 else None, NOW.date().isoformat(), None, "native",
    )  # fmt: skip


def _line(number: int, lots: int) -> FoundLine:
    hospital = number % (5 if lots < 20 else 87)
    return FoundLine(
        number, f"C-{hospital}", f"上海市第{hospital}人民医院", f"Shanghai Hospital No. {hospital}", "设备科", None, "021-5555", f"SH-{number}", None, None,
        "shipped", NOW - timedelta(days=1), None, Decimal(10), Decimal(0), None,
    )  # fmt: skip


def _work(number: int, bodies: int) -> list[FoundWork]:
    if number == 0:
        return [FoundWork(0, "inspection accepted", "IQC-1", 0, 0)]
    said = [
        FoundWork(number, "run", "WI-12 C", 1, 0),
        FoundWork(number, "people", f"林检, {'王操作' if number > bodies else '周操作'}", 1, 0),
        FoundWork(number, "machines", "CNC-7, G-17", 0, 0),
        FoundWork(number, "parents", None, 1, 0),
        FoundWork(number, "readings", None, 2, 0),
    ]
    if number % 7 == 0:
        said.append(FoundWork(number, "uncalibrated", "G-17", 0, 0))
    elif number % 5 == 0:
        said.append(FoundWork(number, "unread", None, 0, 1))
    return said


def made(lots: int) -> Answer:
    """The answer forward from the material."""
    hit = Hit(HitKind.SUPPLIER_LOT, "k", "P88-12", Match.EXACT, "PEEK 棒料", "供方甲")
    return answer("P88-12", [hit], Direction.FORWARD, None, found(lots))


def page(language: Language, lots: int, only: views_trace.Only = views_trace.EVERYTHING, show: str = "") -> TracePage:
    """The page of it."""
    return views_trace.page(Words(language), made(lots), "P88-12", NOW, "Asia/Shanghai", "", only, show)


PAGES: dict[str, Callable[[Language], Page]] = {
    "trace-9": lambda language: page(language, 9),
    "trace-300": lambda language: page(language, 300),
    "trace-chosen": lambda language: page(language, 300, views_trace.Only(1, "BODY-12")),
}
