"""The ground of the demo company: its people, the history it brings along, and which imported things it works with.

The history is a small legacy company of our own (`data/company.jsonl`) and, where the reference data lies beside the
project (`REFERENCE_DATA`, else `../shared/data`), a whole InvenTree company and the devices of FDA's GUDID sample.
Products are imported devices with their UDI-DIs under Chinese names (21 CFR 801.20; REQUIREMENTS 95).
"""

import hashlib
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from models.rules.importing import read
from models.rules.roles import ROLE_NAMES
from models.store import demo, importing
from models.store.act import Actor, act, reading
from models.store.plant import CAST

PASSWORD = "Batchwright-2026"  # noqa: S105 - printed on the screen for everybody who tries the demo
FOUNDER = Actor(actor_id="service:demo", name="演示公司 demo", source="demo", reason="演示数据 demo data")

DATA = Path(__file__).parent / "data"
OWN_COMPANY, OWN_DEVICES = DATA / "company.jsonl", DATA / "devices.jsonl"
REFERENCE = (
    Path("inventree", "inventree_demo_2024-03-19.json.gz"),
    Path("gudid", "gudid_2016_sample.jsonl.gz"),
)

DEVICES = {
    "aed": ("semi-automated external defibrillator", "自动体外除颤器"),
    "hip": ("femoral stem prosthesis", "髋关节柄 12/14"),
    "suture": ("polyglactin suture", "可吸收缝合线 3-0"),
    "cage": ("polymeric spinal fusion cage, sterile", "PEEK 椎间融合器"),
    "screw": ("bone screw, non-bioabsorbable, sterile", "接骨螺钉 3.5 mm"),
}
"""What the company makes: key → (what GMDN calls it, our name)."""

HOSPITAL, ORTHOPAEDIC, RESCUE, DEALER = (f"IV-C91{n:02d}" for n in (1, 2, 3, 4))
TITANIUM, POLYMER, ELECTRONICS, PACKAGING, SUTURES = (f"IV-S900{n}" for n in (1, 2, 3, 4, 5))
"""Partners as the legacy system's import numbers them."""


@dataclass(frozen=True)
class Someone:
    """A person to log in as."""

    login: str
    name: str
    role_zh: str
    role_en: str


PEOPLE = tuple(
    Someone(
        member.login,
        member.name,
        " · ".join(ROLE_NAMES[role][0] for role in member.roles),
        " · ".join(ROLE_NAMES[role][1] for role in member.roles),
    )
    for member in CAST
)


@dataclass(frozen=True)
class Goods:
    """Item numbers of the products, and imported lots of bought parts whose origin is completely known."""

    products: dict[str, str]
    parts: tuple[str, ...]

    def share(self, start: int, count: int, quantity: int) -> dict[str, int]:
        """Some of the parts, so many of each, for an operation to consume."""
        return dict.fromkeys(self.parts[start : start + count], quantity)


def reference_files() -> list[Path]:
    """The files from outside that are there."""
    folder = Path(os.environ.get("REFERENCE_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
    return [folder / name for name in REFERENCE if (folder / name).is_file()]


def furnish(engine: Engine, tell: Callable[[str], None] = lambda _: None) -> Goods:
    """Found the plant and bring the history in; doing it again changes nothing."""
    with act(engine, FOUNDER) as session:
        if demo.state(session) == "empty":
            demo.begin(session, PASSWORD, datetime.now(UTC))
    _import(engine, OWN_COMPANY, tell)
    with ThreadPoolExecutor(2) as pool:  # two files that share nothing: half the time is PostgreSQL's
        list(pool.map(lambda file: _import(engine, file, tell), reference_files()))
    products = _products(engine)
    if len(products) < len(DEVICES):
        _import(engine, OWN_DEVICES, tell)
        products = _products(engine)
    with reading(engine) as session:
        parts = demo.materials(session, 100, 6, [OWN_COMPANY.name])
    return Goods(products, tuple(parts))


def _products(engine: Engine) -> dict[str, str]:
    with act(engine, FOUNDER) as session:
        found = {key: demo.device(session, gmdn, name) for key, (gmdn, name) in DEVICES.items()}
    return {key: item for key, item in found.items() if item is not None}


def _import(engine: Engine, file: Path, tell: Callable[[str], None]) -> None:
    began = time.monotonic()
    content = file.read_bytes()
    rows = read(file.name, content)
    with act(engine, importing.actor(rows.source, file.name)) as session:
        report = importing.load(session, rows, file.name, hashlib.sha256(content).hexdigest())
    taken = sum(counts["imported"] for counts in report.kinds.values())
    tell(f"导入 / imported {file.name}: {taken} ({time.monotonic() - began:.1f} s)")


def to_stderr(said: str) -> None:
    """For people who watch; stdout may belong to `--json`."""
    print(said, file=sys.stderr, flush=True)  # noqa: T201 - a command's progress
