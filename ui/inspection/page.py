"""Inspection entry (requirements 27-29): characteristics with limits, n samples each, verdict at once, partial save.

The verdict in the browser is a preview of the same limits; what counts is the server's rule when it is completed.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

from models.kernel.refusal import Refusal
from ui.frame.parts import Draft, Fact, FormField, Option, SignatureLine, SignaturePanel
from ui.frame.render import Nav
from ui.task.page import TaskHead

Verdict = Literal["pass", "fail", "pending", "partial"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacteristicRow:
    """One characteristic: what to measure, within which limits, how many samples, what was typed so far.

    `options` makes it an attribute characteristic (pass / fail answers), otherwise it is a measured value in `unit`.
    Inputs are named `<key>.<sample number>` from 1.  `accept` is the acceptance number Ac of the plan.
    """

    key: str
    title: str
    method: str = ""
    nominal: str = ""
    lower: str = ""
    upper: str = ""
    unit: str = ""
    samples: int = 1
    accept: int = 0
    values: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    good_value: str = "pass"
    verdict: Verdict = "pending"
    equipment: str = ""
    error: str = ""

    def value(self, index: int) -> str:
        """What was typed for sample `index` (from 0)."""
        return self.values[index] if index < len(self.values) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionPage:
    """The sheet: head, sampling plan in one line, the characteristics, the outcome and the signature."""

    template: ClassVar[str] = "inspection/inspection.html"
    nav: ClassVar[Nav | None] = "inbox"

    head: TaskHead
    facts: tuple[Fact, ...]
    sampling: str
    rows: tuple[CharacteristicRow, ...]
    fields: tuple[FormField, ...] = ()
    outcomes: FormField | None = None
    reason: FormField | None = None
    signature: SignaturePanel | None = None
    refusal: Refusal | None = None
    blocked: Refusal | None = None
    draft: Draft | None = None
    command_key: str = ""
    done: bool = False
    can_save: bool = True
    read_only: bool = False
    answers: tuple[Fact, ...] = ()
    signatures: tuple[SignatureLine, ...] = ()
