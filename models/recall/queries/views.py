"""What pages and the API read about recalls; plain frozen values, nothing lazy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from models.notice.rules.handling import UNSAID, Handling
from models.notice.rules.letter import Product
from models.notice.store.deliveries import DeliveryRow
from models.notice.store.receiver_lists import NamingRow
from models.packing.queries import OnUnitRow
from models.process.queries.views import TaskView
from models.pull.store import PullRow
from models.recall.rules.depth import LeftOut
from models.recall.rules.markets import MarketClass
from models.recall.store.decisions import Decision
from models.recall.store.duties import Duty


@dataclass(frozen=True, kw_only=True, slots=True)
class RecallRow:
    """A recall in a list.  `lots` to `balanced` are of the newest version of its scope; `points` of a finished one.

    `held` batches are on hold for it; `uncontained` ones of its scope are in house and free, because it was opened before
    openings put anything on hold: somebody decides.
    """

    recall_no: str
    mode: str
    cause: str
    title: str
    identifier: str
    recall_class: str | None
    status: str
    stage: str | None
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None
    lots: int
    customers: int
    complete: bool
    balanced: bool
    next_due: datetime | None
    points: int | None
    held: int = 0
    uncontained: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class RecallPage:
    """One page of recalls, newest first."""

    items: tuple[RecallRow, ...]
    next: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ScopeVersion:
    """A version of the scope, without its rows."""

    version: int
    identifiers: tuple[str, ...]
    digest: str
    computed_at: datetime
    signed_at: datetime | None
    lots: int
    customers: int
    complete: bool
    balanced: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticeRow:
    """What one customer was told and answered.

    `passed_on` went to customers of theirs, `unnamed` of it to nobody whom we know; of that, `waiting` to receivers
    whom they named and nobody has confirmed.  A receiver's notice has a `parent`, the
    notice whose answer names them, and `passed_by`, whose answer that was; `customer_no` is our own customer's still.
    """

    id: UUID
    customer_no: str
    customer: str
    contact: str | None
    email: str | None
    phone: str | None
    scope_version: int
    lines: tuple[Mapping[str, Any], ...]
    shipped: Decimal
    status: str
    sent_at: datetime | None
    reminders: int
    reminded_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    received: Decimal | None
    on_hand: Decimal | None
    used: Decimal | None
    will_return: Decimal | None
    remark: str | None
    link_expires_at: datetime
    country: str | None = None
    parent: UUID | None = None
    passed_by: str | None = None
    customer_en: str | None = None
    passed_by_en: str | None = None
    passed_on: Decimal | None = None
    unnamed: Decimal = Decimal(0)
    waiting: Decimal = Decimal(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Clock:
    """A legal deadline.  `due_at` is the first instant that is too late; `last_day` is what people read."""

    rule_key: str
    jurisdiction: str
    clause: str
    event: str
    event_at: datetime
    due_at: datetime
    last_day: date | None
    zone: str
    provisional: bool
    zh: str
    en: str
    met_at: datetime | None
    status: str
    warned_at: datetime | None = None
    missed_at: datetime | None = None
    duty: Duty | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Signed:
    """A signature on a recall."""

    stage: str
    name: str
    on_behalf_of: str | None
    meaning: str
    outcome: str
    digest: str
    at: datetime
    reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RecallView:
    """Everything the cockpit shows.

    `funnel` says where every unit is now; `outstanding`, `told` and `silent` are of it (`outstanding` adds up units of
    measure and says whether there is any).  `scope` is the record that is signed (`models.recall.rules.recall.scope_record`), `gone` what is out now,
    `shipped_since` how many shipments left after the scope was computed, `difference` what the newest version has more
    and less than the one before it, `left_out` who is not told because of the depth, `joined` the parts that were split off since and are in it; `remaining` what is open and whose it is, also after the closing.
    """

    row: RecallRow
    reason: str
    hazard: str | None
    notice: Mapping[str, Any] | None
    decided_at: datetime | None
    held_at: datetime | None
    notified_at: datetime | None
    versions: tuple[ScopeVersion, ...]
    scope: Mapping[str, Any]
    difference: Mapping[str, list[str]] | None
    gone: tuple[Mapping[str, Any], ...]
    left_out: tuple[LeftOut, ...] = ()
    shipped_since: int
    funnel: Mapping[str, Any]
    outstanding: Decimal
    told: int
    silent: int
    undecided: tuple[str, ...]
    remaining: tuple[Mapping[str, Any], ...]
    decisions: Sequence[Decision]
    notices: tuple[NoticeRow, ...]
    clocks: tuple[Clock, ...]
    joined: tuple[str, ...] = ()
    markets: tuple[str, ...]
    classes: tuple[MarketClass, ...] = ()
    handling: Handling = UNSAID
    without_country: int
    tasks: tuple[TaskView, ...]
    signatures: tuple[Signed, ...]
    hold_report: Mapping[str, Any] | None
    pulls: Sequence[PullRow]
    namings: Sequence[NamingRow] = ()
    on_units: Sequence[OnUnitRow] = ()
    deliveries: Mapping[UUID, tuple[DeliveryRow, ...]]
    score: Mapping[str, Any] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticeView:
    """A notice as its customer sees it, with what each lot is and in what it is counted.

    `recall_class` is the one that a letter to that market may name.
    """

    notice: NoticeRow
    recall_no: str
    mode: str
    title: str
    reason: str
    recall_class: str | None
    status: str
    items: Mapping[str, str]
    units: Mapping[str, str]
    products: tuple[Product, ...] = ()
    phone: str = ""
    handling: Handling = UNSAID
    receivers: tuple[NoticeRow, ...] = ()
    test: bool = False
