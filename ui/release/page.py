"""Release on one screen (requirements 32, 34, 35-38, 88): exceptions first, evidence, ancestors, balance, decision.

The order is the reader's: the answer, then why, then all the evidence.  The person never leaves the page to decide.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from models.kernel.refusal import Refusal
from models.release.rules.matrix import OpenPoints
from ui.frame.parts import (
    Amount,
    Balance,
    Draft,
    Fact,
    FormField,
    LotRef,
    Matrix,
    OpenItem,
    RaisedException,
    SignatureLine,
    SignaturePanel,
    TimelineEntry,
)
from ui.frame.render import Nav
from ui.task.page import TaskHead


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionSummary:
    """One finished inspection of the batch, folded to a line."""

    title: str
    passed: int
    failed: int
    not_entered: int
    who: str
    at: datetime | None
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A fold that leads elsewhere, with how much is there where that says something."""

    label: str
    href: str
    n: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasePage:
    """Everything one person needs to release or refuse a batch.

    `inspection_total` etc. count what the folded line says; `void` says that the first signature
    no longer holds; `fields` are what the step asks besides, `answers` and `said` what a closed decision answered and why.
    """

    template: ClassVar[str] = "release/release.html"
    nav: ClassVar[Nav | None] = "inbox"

    head: TaskHead
    amount: Amount
    expiry: str
    exceptions: tuple[RaisedException, ...]
    points: OpenPoints
    matrix: Matrix
    open_items: tuple[OpenItem, ...]
    ancestors: int
    balances: tuple[Balance, ...]
    inspections: tuple[InspectionSummary, ...]
    timeline: tuple[TimelineEntry, ...]
    parents: tuple[LotRef, ...]
    more: tuple[Counted, ...]
    decision: FormField
    reason: FormField
    signature: SignaturePanel
    fields: tuple[FormField, ...] = ()
    answers: tuple[Fact, ...] = ()
    work_order: str = ""
    work_order_href: str = ""
    refusal: Refusal | None = None
    void: Refusal | None = None
    draft: Draft | None = None
    command_key: str = ""
    done: bool = False
    signatures: tuple[SignatureLine, ...] = ()
    said: str = ""

    @property
    def passed(self) -> int:
        """How many characteristics passed in all inspections."""
        return sum(inspection.passed for inspection in self.inspections)

    @property
    def failed(self) -> int:
        """How many failed."""
        return sum(inspection.failed for inspection in self.inspections)

    @property
    def balanced(self) -> bool:
        """Whether every balance closes."""
        return all(balance.difference == Decimal(0) for balance in self.balances)
