"""What pages and the API read about tasks; plain frozen values, nothing lazy."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from models.definition.document import Stage, Text
from models.kernel.time.moments import PrintedDate

TaskViewName = Literal["mine", "claimable", "waiting_second", "overdue", "all"]


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedBy:
    """A signature that stands on a run already."""

    person: UUID
    name: str
    on_behalf_of: str | None
    meaning: str
    outcome: str
    at: datetime
    digest: str
    statement: str | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Blocked:
    """Why the person can't do it: the refusal they would get."""

    code: str
    clause: str
    zh: str
    en: str
    status: int
    params: dict[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a task sends somebody: `shipment`, `work_order` or `location`, its number and what it is in words."""

    kind: str
    code: str
    title: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskView:
    """A task in a list: what, about which lot, for whom, until when, why it is here, and whether I can do it.

    `lot_no` is the batch that it concerns, or else the number of what it is about.  Of a recall, `recall_no` is set, `item` its
    title and `quantity` the lots in its scope; where goods are to be pulled, `place` says where and `quantity` how many; of a
    legal deadline it names the rule and the market.
    `acting_for` is the absent colleague on whose behalf I would do it.  `held` and `lot_status` are the lot's now.
    """

    id: UUID
    process: str
    process_title: Text
    stage: str
    stage_title: Text
    definition_version: int
    workflow_id: str
    kind: str
    role: str
    rank: int
    status: str
    recall_no: str | None
    place: Place | None
    lot_no: str
    lot_status: str
    held: bool
    item_no: str
    item: str
    quantity: Decimal
    uom: str
    supplier_lot_no: str | None
    expires_on: PrintedDate | None
    expiry_precision: str
    assignee: str | None
    assignee_id: UUID | None
    claimed_at: datetime | None
    pick_up_by: datetime | None
    due_at: datetime | None
    overdue: bool
    escalation_level: int
    escalated_to: str | None
    opened_at: datetime
    done_at: datetime | None
    done_by: str | None
    on_behalf_of: str | None
    outcome: str | None
    signatures: tuple[SignedBy, ...]
    mine: bool
    can_claim: bool
    acting_for: str | None
    blocked: Blocked | None
    record: str | None = None
    """What a signature of it is over, by name."""
    run: UUID | None = None
    """The run that it is a step of."""
    subject: UUID | None = None
    """What it is about, whose number is `number`; `subject_kind` says of which kind that is."""
    subject_kind: str = "lot"
    number: str = ""
    second: bool = False
    """Whether a signature of it joins one that somebody else has given."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskPage:
    """One page of a list; `next` is the cursor of the following one."""

    items: tuple[TaskView, ...]
    next: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskCounts:
    """How many tasks stand in each view, counted up to `most`; a view in `more` has at least that many."""

    mine: int
    claimable: int
    waiting_second: int
    overdue: int
    most: int
    more: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskDetail:
    """A task with its form.

    `record` is the canonical text that a signature would be over and `digest` its SHA-256; None where nothing is
    signed.  `form` is what was filled in when the task was completed, `draft` what this person has typed so far.
    """

    task: TaskView
    definition: Stage
    others: tuple[str, ...]
    form: dict[str, Any]
    reason: str | None
    draft: dict[str, Any] | None
    draft_saved_at: datetime | None
    digest: str | None
    record: str | None
