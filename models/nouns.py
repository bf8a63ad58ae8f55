"""The one ordered list of nouns: each may know those above it.  A new noun adds a word here, and its room (DESIGN 3, 6a).

Importing this module hands every noun's kinds to the engine (`models.process.kinds`), and refuses to go on where a declaration is
missing: whoever starts a worker, an API, a command or a test that drives processes imports it first.
"""

from importlib import import_module

from models.process import kinds
from models.process.kind import Kind
from models.process.subject import SubjectKind

NOUNS = (
    "lot",
    "inspection",
    "release",
    "reshape",
    "nonconformance",
    "recall",
    "pull",
    "notice",
)


def _hand_in(noun: str) -> None:
    room = import_module(f"models.{noun}.kind")
    given: tuple[Kind, ...] = room.KINDS
    about: tuple[SubjectKind, ...] = getattr(room, "SUBJECTS", ())
    kinds.install(given, about)


for _noun in NOUNS:
    _hand_in(_noun)
