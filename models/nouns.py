"""The one ordered list of nouns: each may know those above it.  A new noun adds a word here, and its room (DESIGN 3, 6a).

Importing this module hands every noun's kinds to the engine (`models.process.kinds`), and refuses to go on where a declaration is
missing: whoever starts a worker, an API, a command or a test that drives processes imports it first.
"""

from importlib import import_module
from importlib.util import find_spec

from models.process import kinds
from models.process.kind import FactKind, Kind
from models.process.subject import SubjectKind
from models.resolve.store import leads

NOUNS = (
    "kernel",
    "identifier",
    "register",
    "clock",
    "calendar",
    "person",
    "listing",
    "definition",
    "attachment",
    "process",
    "item",
    "partner",
    "place",
    "equipment",
    "genealogy",
    "lot",
    "resolve",
    "paper",
    "stock",
    "load",
    "packing",
    "label",
    "pull",
    "hold",
    "nonconformance",
    "release",
    "order",
    "trace",
    "exposure",
    "production",
    "reshape",
    "inspection",
    "capa",
    "supplier",
    "drift",
    "shipment",
    "change",
    "calibration",
    "breakdown",
    "scar",
    "notice",
    "recall",
    "returns",
    "correction",
    "receipt",
    "plant",
    "drill",
    "health",
    "audit",
    "fault",
    "permit",
    "importing",
)


def _hand_in(noun: str) -> None:
    room = import_module(f"models.{noun}.kind")
    given: tuple[Kind, ...] = room.KINDS
    about: tuple[SubjectKind, ...] = getattr(room, "SUBJECTS", ())
    facts: tuple[FactKind, ...] = getattr(room, "FACTS", ())
    kinds.install(given, about, facts)
    kinds.add(getattr(room, "PARTS", ()), getattr(room, "STANDS", ()))
    kinds.refer(getattr(room, "SOURCES", ()))
    kinds.change(getattr(room, "CHANGES", ()))
    kinds.listen(getattr(room, "HEARS", ()))
    leads.hand_in(getattr(room, "LEADS", ()))


for _noun in NOUNS[NOUNS.index("process") + 1 :]:
    if find_spec(f"models.{_noun}.kind") is not None:
        _hand_in(_noun)
