"""Search (requirements 19, 95): anything typed or scanned becomes the record it names.

One hit opens at once; several are shown, never guessed; nothing found says what was understood of the text.  `begun` is
what only begins with the text or has it in its name.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

from models.kernel.refusal import Refusal
from ui.frame.parts import Fact
from ui.frame.render import Nav
from ui.frame.status import Mark

HitKind = Literal[
    "lot", "supplier_lot", "item", "serial_unit", "work_order", "logistic_unit", "shipment", "order", "tracking", "supplier",
    "customer", "equipment", "load", "location", "inspection", "nonconformance", "exposure", "recall", "subject",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One record the text may mean, and by which of its numbers."""

    kind: HitKind
    code: str
    href: str
    title: str = ""
    by: str = ""
    mark: Mark | None = None
    trace_href: str = ""
    kind_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """Several hits, or none.  `parsed` are the elements of a GS1 / UDI string; `invalid` are wrong check digits etc.

    `differs` is what a label says otherwise than the record of what it means.
    """

    template: ClassVar[str] = "resolve/search.html"
    nav: ClassVar[Nav | None] = None

    text: str
    hits: tuple[Hit, ...] = ()
    guessed: bool = False
    parsed: tuple[Fact, ...] = ()
    invalid: tuple[str, ...] = ()
    differs: tuple[Refusal, ...] = ()
    refusal: Refusal | None = None
    more: bool = False
    begun: tuple[Hit, ...] = ()
    begun_more: bool = False
