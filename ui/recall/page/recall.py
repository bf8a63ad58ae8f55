"""The recall cockpit: scope, clocks, customers, holds and the decision that is due, on one page (SCREENS; REQ 74-82).

Tables begin with the first rows of what may be 30,000; counts and downloads are always of the whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from ui.frame.first_rows import Cut
from ui.frame.parts import Amount, Deadline, Draft, EvidenceLine, Fact, Link, SignatureLine
from ui.frame.render import Nav
from ui.frame.status import Mark
from ui.notice.page.letter import Letter
from ui.packing.page import UnitRow
from ui.recall.page.follow_up import FollowPanel
from ui.task.page import TaskPage

ClockState = Literal["open", "met", "late"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeLot:
    """A lot of the newest scope, with what was where when it was computed."""

    lot_no: str
    href: str
    item: str
    mark: Mark | None
    in_house: Amount
    shipped: Amount
    returned: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceCell:
    """How much is in a place, and of what that is made up."""

    label: str
    amount: Amount
    parts: tuple[tuple[str, Amount], ...] = ()
    warn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StillOpen:
    """Something that is open, whose it is, and until when."""

    text: str
    owner: str
    due: Deadline | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitTotal:
    """All of a scope in one unit of measure, place by place: pieces and metres are never added up."""

    total: Amount
    places: tuple["PlaceCell", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopePanel:
    """What the newest version of the scope says, and whether that is the whole truth."""

    version: int
    digest: str
    computed_at: datetime
    signed_at: datetime | None
    lots: int
    in_house_lots: int
    customers: int
    complete: bool
    balanced: bool
    totals: tuple[UnitTotal, ...]
    findings: tuple[EvidenceLine, ...]
    findings_more: tuple[EvidenceLine, ...]
    findings_total: int
    rows: tuple[ScopeLot, ...]
    gaps: tuple[Amount, ...]
    shipped_since: int
    joined: int
    joined_first: str
    exports: tuple[Link, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalClock:
    """A legal deadline in words: what set it going, the last day, and how it stands."""

    rule: str
    where: str
    text: str
    state: ClockState
    due: Deadline
    met_at: datetime | None = None
    provisional: bool = False
    duty: str = ""
    duty_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketLine:
    """A market that the recall reaches: its class or that there is none, who decided it, by which letter."""

    where: str
    text: str
    proof: str = ""
    at: datetime | None = None
    warn: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeVersionRow:
    """One version of the scope and where its signed text is."""

    version: int
    identifiers: str
    lots: int
    customers: int
    computed_at: datetime
    signed_at: datetime | None
    digest: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What the newest version has more or less: how many, and the first of them."""

    label: str
    count: int
    first: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a notice or a reminder went out, or why it waits for somebody to post it."""

    text: str
    tone: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRef:
    """One notice to a customer and how it stands."""

    href: str
    mark: Mark
    sent_at: datetime | None
    reminders: int
    link_until: datetime
    next_reminder: datetime | None = None
    ways: tuple[Way, ...] = ()
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    received: str = ""
    on_hand: str = ""
    used: str = ""
    will_return: str = ""
    passed_on: str = ""
    remark: str = ""
    answer: str = ""
    receivers_href: str = ""
    waiting: str = ""
    waiting_href: str = ""
    answer_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRow:
    """One customer: what they got, what they still have, what they were told and what they said.

    `passed_by` names who passed the goods on to somebody who is no customer of ours; `unnamed` is what a customer passed on
    without saying to whom.
    """

    number: str
    name: str
    contact: str
    lots: int
    shipped: tuple[Amount, ...]
    outstanding: tuple[Amount, ...]
    in_transit: bool
    notices: tuple[NoticeRef, ...]
    passed_by: str = ""
    unnamed: str = ""
    left_out: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRow:
    """A place where goods are to be fetched: what the books say, what was found, who goes."""

    place: str
    lots: int
    first: str
    quantity: Amount
    mark: Mark
    href: str = ""
    found: Amount | None = None
    short: bool = False
    put_to: str = ""
    note: str = ""
    who: str = ""
    deadline: Deadline | None = None
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenNotice:
    """The notice that it began with, as pasted, and what it left open then."""

    text: str
    questions: tuple[str, ...]
    unknown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorePart:
    """Where a drill won and lost its points, and why."""

    label: str
    points: int
    of: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A customer who is about to be told: of what, how, and where their letter can be read first."""

    number: str
    name: str
    contact: str
    way: str
    tone: str
    lots: int
    quantity: tuple[Amount, ...]
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Untold:
    """A customer who is not told, why, and what they have."""

    number: str
    name: str
    why: str
    lots: int
    quantity: tuple[Amount, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPreview:
    """What the step would do, before it is done; `seen` is the digest that goes back with it."""

    lines: tuple[str, ...]
    warnings: tuple[str, ...]
    seen: str
    site: str = ""
    recipients: tuple[Told, ...] = ()
    left_out: tuple[Untold, ...] = ()
    left_out_cut: Cut | None = None
    cut: Cut | None = None
    letters: tuple[Letter, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallPage:
    """The cockpit; `decision` is the step that is due now, with everything needed to take it here."""

    template: ClassVar[str] = "recall/recall.html"
    nav: ClassVar[Nav | None] = "recalls"

    number: str
    title: str
    mark: Mark
    drill: bool
    facts: tuple[Fact, ...]
    reason: str
    hazard: str
    notice: GivenNotice | None
    scope: ScopePanel
    clocks: tuple[LegalClock, ...]
    clocks_note: str
    markets: tuple[MarketLine, ...]
    classify_href: str
    without_country: int
    versions: tuple[ScopeVersionRow, ...]
    changed: tuple[Changed, ...]
    customers: tuple[CustomerRow, ...]
    customers_total: int
    customers_href: str
    told: int
    answered: int
    untold: int
    left_out: int
    remaining: tuple[StillOpen, ...]
    decide_href: str
    undecided: int
    contained: int
    uncontained: int
    hold_report: tuple[Fact, ...]
    pulls: tuple[PullRow, ...]
    pulls_total: int
    pulls_href: str
    pulled: int
    cuts: Mapping[str, Cut]
    signatures: tuple[SignatureLine, ...]
    on_units: tuple[UnitRow, ...] = ()
    on_units_more: bool = False
    decision: TaskPage | None = None
    preview: StepPreview | None = None
    look_href: str = ""
    follow: FollowPanel | None = None
    score: int | None = None
    score_parts: tuple[ScorePart, ...] = ()

    @property
    def on_units_held(self) -> bool:
        """Whether the goods on them are held by now; a drill holds none."""
        return bool(self.hold_report) and not self.drill

    @property
    def draft(self) -> Draft | None:
        """Where what was typed for the decision is kept."""
        return self.decision.draft if self.decision else None
