"""The ground of the demo company: its people, the history it brings along, and what it makes.

A maker of implants, sutures and defibrillators: its history (`data/company.jsonl`) and its devices with their UDI-DIs
(`data/devices.jsonl`; 21 CFR 801.20, REQUIREMENTS 95) are imported as a plant's own would be, and ship with the project: the
demo is the same on every machine.
"""

import hashlib
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from models.calendar.store import shipped
from models.importing.rules.files import read
from models.importing.store import importing
from models.item.store import items
from models.kernel.store.act import Actor, act, now, reading
from models.kernel.store.act import zone as act_zone
from models.kernel.time.moments import plant_day
from models.person.rules.shipped_roles import NAMES
from models.plant.store import demo
from models.plant.store.plant import CAST
from runtime.demo.before import history
from runtime.demo.before.agenda import LATE_ENTRY_HOURS
from runtime.demo.before.legacy import Days
from runtime.demo.company.masters import CHECKS, GAUGES, NEVER_IMPLANTED, PLACES, Check
from runtime.demo.company.numbers import Numbers

PASSWORD = "Batchwright-2026"  # noqa: S105 - printed on the screen for everybody who tries the demo
FOUNDER = Actor(actor_id="service:demo", name="Batchwright demo", source="demo", reason="演示数据 demo data")

DATA = Path(__file__).parents[1] / "data"
OWN_COMPANY, OWN_DEVICES = DATA / "company.jsonl", DATA / "devices.jsonl"
DEVICES = {
    "aed": ("semi-automated external defibrillator", "自动体外除颤器 AED-500", "Defibrillator AED-500"),
    "hip": ("femoral stem prosthesis", "髋关节柄 12/14", "Hip stem 12/14"),
    "suture": ("polyglactin suture", "可吸收缝合线 3-0", "Absorbable suture 3-0"),
    "cage": ("polymeric spinal fusion cage, sterile", "PEEK 椎间融合器", "PEEK spinal cage"),
    "screw": ("bone screw, non-bioabsorbable, sterile", "接骨螺钉 3.5 mm", "Bone screw 3.5 mm"),
}
"""What the company makes: key → (what GMDN calls it, our name, our name in English)."""

HOSPITAL, ORTHOPAEDIC, RESCUE, DEALER = (f"IV-C91{n:02d}" for n in (1, 2, 3, 4))
TITANIUM, POLYMER, ELECTRONICS, PACKAGING, SUTURES = (f"IV-S900{n}" for n in (1, 2, 3, 4, 5))
"""Partners as the legacy system's import numbers them."""


@dataclass(frozen=True)
class Someone:
    """A person to log in as."""

    login: str
    name: str
    name_en: str
    role_zh: str
    role_en: str


PEOPLE = tuple(
    Someone(
        member.login,
        member.name,
        member.name_en,
        " · ".join(NAMES[role].zh for role in member.roles),
        " · ".join(NAMES[role].en for role in member.roles),
    )
    for member in CAST
)


@dataclass(frozen=True)
class Goods:
    """Item numbers of the products, our own numbers, and by their keys the batches of the system before."""

    products: dict[str, str]
    numbers: Numbers
    days: Days
    past: Mapping[str, str]

    def printed(self, years: int) -> str:
        """An expiry as it is printed: so many years after the month of loading."""
        return f"{self.numbers.day.year + years}-{self.numbers.day.month:02}"

    def made(self, days: int) -> str:
        """A day of manufacture, so many working days ago."""
        return self.days.back(days).isoformat()

    def check(self, item_no: str) -> Check:
        """What is measured on an item."""
        return CHECKS[next((key for key, number in self.products.items() if number == item_no), item_no)]


def furnish(engine: Engine, tell: Callable[[str], None] = lambda _: None) -> Goods:
    """Found the plant and bring the history in; doing it again changes nothing."""
    with act(engine, FOUNDER) as session:
        if demo.state(session) == "empty":
            demo.begin(session, PASSWORD, now(session), LATE_ENTRY_HOURS)
    with reading(engine) as session:
        begun = demo.begun_at(session)
        zone = act_zone(session)
    calendar = shipped().calendar("china")
    assert calendar is not None  # noqa: S101 - it ships with the project
    days = Days(plant_day(begun, zone), calendar, ZoneInfo(zone))
    past = history.History(days)
    for name, content in (
        (OWN_COMPANY.name, OWN_COMPANY.read_bytes()),
        (OWN_DEVICES.name, OWN_DEVICES.read_bytes()),  # before the history, whose parts they are
        ("history.jsonl", past.dump.content()),
    ):
        _import(engine, name, content, tell)
    with act(engine, replace(FOUNDER, reason="电子组件，不植入人体 / electronics, never implanted")) as session:
        for number in NEVER_IMPLANTED:
            items.decide_implantable(session, number, implantable=False)
    goods = Goods(_products(engine), Numbers.at(begun, zone), days, past.numbers)
    plans = {goods.products.get(key, key): check.what for key, check in CHECKS.items()}
    with act(engine, FOUNDER) as session:
        demo.equip(session, PLACES, GAUGES, plans)
    return goods


def _products(engine: Engine) -> dict[str, str]:
    with act(engine, FOUNDER) as session:
        found = {key: demo.device(session, *named) for key, named in DEVICES.items()}
    return {key: item for key, item in found.items() if item is not None}


def _import(engine: Engine, name: str, content: bytes, tell: Callable[[str], None]) -> None:
    began = time.monotonic()
    rows = read(name, content)
    with act(engine, importing.actor(rows.source, name)) as session:
        report = importing.load(session, rows, name, hashlib.sha256(content).hexdigest())
    taken = sum(counts["imported"] for counts in report.kinds.values())
    tell(f"导入 / imported {name}: {taken} ({time.monotonic() - began:.1f} s)")


def to_stderr(said: str) -> None:
    """For people who watch; stdout may belong to `--json`."""
    print(said, file=sys.stderr, flush=True)  # noqa: T201 - a command's progress
