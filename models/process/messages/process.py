"""What travels between API, workflows and activities of the processes on a lot or a recall.  Fields are only ever added."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from pydantic import PrivateAttr

from models.messages.labels import Labelled, Message, Scanned
from models.messages.receivers import GoodsReceiver
from models.messages.routing import BillLine, PlannedStep
from models.messages.timer import RunAutomatic, Timer
from models.rules.process import RunState


class By(Message):
    """Who does it, for whom, from which system and session; the session's secret is never written (models.messages.seal)."""

    person_id: int
    name: str
    actor_id: str
    source: str
    on_behalf_of: int | None = None
    on_behalf_of_name: str | None = None
    session_id: int | None = None
    seal: str | None = None
    _key: str = PrivateAttr(default="")

    @property
    def key(self) -> str:
        """The secret of the session, where this is the door that it came through."""
        return self._key

    def holding(self, key: str) -> "By":
        """The same, who holds a secret that is no session's: the link of a notice, or the server's."""
        made = self.model_copy()
        made._key = key  # noqa: SLF001 - its own; pydantic keeps it out of what is written
        return made

    def through(self, session_id: int, key: str) -> "By":
        """The same person, through a session."""
        made = self.model_copy(update={"session_id": session_id})
        made._key = key  # noqa: SLF001 - its own; pydantic keeps it out of what is written
        return made


class ChildStart(Message):
    """A subprocess that the transaction has begun; the workflow starts the child that carries it."""

    stage: str
    workflow_id: str
    definition_key: str
    run: "RunView"


class RunView(Message):
    """A run as the record has it after the act; `definition` is its frozen text where the run has just begun."""

    run_id: int
    workflow_id: str
    lot_no: str
    definition_key: str
    definition_version: int
    definition_digest: str
    version: int
    state: RunState
    timers: tuple[Timer, ...] = ()
    automatic: tuple[RunAutomatic, ...] = ()
    children: tuple[ChildStart, ...] = ()
    parent: "RunView | None" = None
    definition: str | None = None
    moved: timedelta = timedelta(0)
    """By how much the record's clock was moved ahead of the engine's; nothing but in a test home."""
    cancelled: bool = False
    """Whether an act ended it before its result."""
    workflow_type: str | None = None
    """The Temporal type of the workflow that follows it; None in what was said before there was this field."""
    title: str | None = None
    """What the process is called, for the engineer."""
    due: datetime | None = None
    """When the first of its open steps is to be done."""
    site: str | None = None
    drill: bool = False

    @property
    def over(self) -> bool:
        """Whether it has its result, or an act has ended it before."""
        return self.cancelled or self.state.result is not None


class Receipt(Message):
    """The answer to an act: what is true now, in `data`, the run that went on, and runs of new lots that began."""

    act: str
    at: datetime
    data: dict[str, Any] = {}  # noqa: RUF012 - pydantic gives each its own
    run: RunView | None = None
    begun: tuple[RunView, ...] = ()


class ProcessStart(Message):
    """Starts a process workflow: on a fresh act (`run` is None until the first update) or on a begun run."""

    workflow_id: str
    lot_no: str
    run: RunView | None = None
    receipts: dict[str, Receipt] = {}  # noqa: RUF012 - pydantic gives each its own


class ProcessResult(Message):
    """How a process ended, with the parent's run as the closing act left it."""

    result: str | None
    parent: RunView | None = None


class OpenRecall(Message):
    """A recall or a drill begins: with whatever was typed or scanned, the lot list of a notice as pasted, and why."""

    act: Literal["open_recall"] = "open_recall"
    command_id: str
    by: By
    recall_no: str
    mode: Literal["recall", "drill"]
    identifiers: tuple[str, ...]
    title: str
    reason: str
    cause: Literal["manual", "complaint", "inspection", "supplier", "schedule"] = "manual"
    notice: str | None = None
    questions_seen: bool = False


class Acknowledge(Message):
    """A customer answers a notice, through the link in it or by telephone; `receivers` got what they passed on."""

    act: Literal["acknowledge"] = "acknowledge"
    command_id: str
    by: By
    notice: UUID
    name: str
    received: Decimal
    on_hand: Decimal
    used: Decimal
    will_return: Decimal
    remark: str | None = None
    passed_on: Decimal = Decimal(0)
    receivers: tuple[GoodsReceiver, ...] = ()


class DrawChecks(Message):
    """The coordinator chooses how many customers are asked; who they are follows from the signed scope."""

    act: Literal["draw_checks"] = "draw_checks"
    command_id: str
    by: By
    recall_no: str
    level: str
    share: Decimal | None = None


class RecordCheck(Message):
    """One try to reach a drawn customer, and what they said."""

    act: Literal["record_check"] = "record_check"
    command_id: str
    by: By
    recall_no: str
    check: UUID
    reached: bool
    channel: Literal["visit", "telephone", "email", "letter", "other"]
    contacted_at: datetime
    spoken_with: str | None = None
    notice_received: bool | None = None
    acted: bool | None = None
    remark: str | None = None


class ReturnedLine(Labelled):
    """How much of which lot came back, and which unit where it has a serial number."""

    lot_no: str
    quantity: Decimal
    serial_no: str | None = None


class BookReturn(Scanned):
    """Recalled goods come back from one customer."""

    act: Literal["book_return"] = "book_return"
    command_id: str
    by: By
    recall_no: str
    customer_no: str
    lines: tuple[ReturnedLine, ...]
    location: str
    received_at: datetime
    reference: str | None = None
    remark: str | None = None


class DisposeReturn(Message):
    """What becomes of returned goods, or of a part of them; scrapping them is signed, as lifting a hold is."""

    act: Literal["dispose_return"] = "dispose_return"
    command_id: str
    by: By
    returned: UUID
    kind: Literal["scrap", "rework", "restock"]
    quantity: Decimal
    reason: str
    reference: str | None = None
    attempt_id: int | None = None
    digest: str | None = None
    meaning: str | None = None
    request_id: str | None = None


class DecideLots(Scanned):
    """What becomes of batches of a recall's scope that are in house; without `lots`, of all about which nobody has decided.

    Scrapping them is signed, as scrapping returned goods is.
    """

    act: Literal["decide_lots"] = "decide_lots"
    command_id: str
    by: By
    recall_no: str
    kind: Literal["scrap", "rework", "release"]
    reason: str
    lots: tuple[str, ...] = ()
    reference: str | None = None
    attempt_id: int | None = None
    digest: str | None = None
    meaning: str | None = None
    request_id: str | None = None


class FileReport(Message):
    """A report went to an authority."""

    act: Literal["file_report"] = "file_report"
    command_id: str
    by: By
    recall_no: str
    kind: Literal["plan", "authority", "progress", "summary"]
    jurisdiction: Literal["CN", "US", "EU"]
    filed_at: datetime
    authority: str
    reference: str
    estimated_on: date | None = None
    remark: str | None = None


class CompleteTask(Message):
    """A person completes a task.  `attempt_id` is the signing attempt where the stage is signed.

    `request_id` stays the same when it is sent again with a new proof.  `seen`: the digest of what the step was shown to do.
    """

    act: Literal["complete_task"] = "complete_task"
    command_id: str
    task_id: UUID
    stage: str
    by: By
    outcome: str | None = None
    form: dict[str, Any] = {}  # noqa: RUF012 - pydantic gives each its own
    reason: str | None = None
    attempt_id: int | None = None
    digest: str | None = None
    meaning: str | None = None
    request_id: str | None = None
    statement: str | None = None
    seen: str | None = None


class MeasuredValue(Message):
    """One measured value of an inspection: `value` for a variable, `passed` for an attribute."""

    characteristic: int
    sample_no: int
    value: Decimal | None = None
    passed: bool | None = None
    equipment_no: str | None = None
    reason: str | None = None


class RecordResults(Message):
    """An inspector records some values; the rest may come later.  `measured_at` is told of values from before."""

    act: Literal["record_results"] = "record_results"
    command_id: str
    task_id: UUID
    by: By
    values: tuple[MeasuredValue, ...]
    measured_at: datetime | None = None
    late_reason: str | None = None


class ReceiveLot(Message):
    """A supplier's lot arrives; `labels` are what was scanned of it, whole."""

    act: Literal["receive_lot"] = "receive_lot"
    command_id: str
    by: By
    lot_no: str
    item_no: str
    quantity: Decimal
    location: str
    supplier_no: str | None = None
    supplier_lot_no: str | None = None
    manufactured_on: str | None = None
    expires_on: str | None = None
    uom: str | None = None
    expiry_reason: str | None = None
    retest_on: str | None = None
    labels: tuple[str, ...] = ()
    label_reason: str | None = None
    received_at: datetime | None = None


class CreateWorkOrder(Message):
    """An order to make a lot; routing and bill are frozen with it.  Without a bill, the item's is; `opened_at` where it is told later."""

    act: Literal["create_work_order"] = "create_work_order"
    command_id: str
    by: By
    work_order_no: str
    lot_no: str
    item_no: str
    quantity: Decimal
    location: str
    steps: tuple[PlannedStep, ...]
    document: str | None = None
    document_version: str | None = None
    expires_on: str | None = None
    expiry_reason: str | None = None
    bill: tuple[BillLine, ...] | None = None
    opened_at: datetime | None = None


class Consumed(Labelled):
    """A quantity of a lot in `uom` or the lot's own unit, from a location or from any; `serials` names its pieces."""

    lot_no: str
    quantity: Decimal
    location: str | None = None
    uom: str | None = None
    serials: tuple[str, ...] = ()


class ParameterValue(Message):
    """A process value with the limits that held."""

    name: str
    value: Decimal | None = None
    text: str | None = None
    unit: str | None = None
    lower: Decimal | None = None
    upper: Decimal | None = None


class Reading(Message):
    """An environment reading taken with an operation."""

    quantity: str
    value: Decimal
    unit: str
    lower: Decimal | None = None
    upper: Decimal | None = None
    measured_at: datetime | None = None


class RecordOperation(Scanned):
    """One operation as it was done: man, machine, material, method, environment."""

    act: Literal["record_operation"] = "record_operation"
    command_id: str
    by: By
    work_order_no: str
    seq: int
    started_at: datetime
    finished_at: datetime
    people: tuple[str, ...] = ()
    equipment: tuple[str, ...] = ()
    consumes: tuple[Consumed, ...] = ()
    parameters: tuple[ParameterValue, ...] = ()
    environment: tuple[Reading, ...] = ()
    location: str | None = None
    document: str | None = None
    document_version: str | None = None
    produced: Decimal = Decimal(0)
    scrapped: Decimal = Decimal(0)
    finish: bool = False
    load: str | None = None
    scrapped_serials: tuple[str, ...] = ()
    late_reason: str | None = None


class ShipLine(Labelled):
    """How much of which lot, from where (or first-expired first from anywhere); `serials` names its pieces."""

    lot_no: str
    quantity: Decimal
    location: str | None = None
    serial_no: str | None = None
    uom: str | None = None
    serials: tuple[str, ...] = ()


class Ship(Scanned):
    """Goods leave for a customer: quantities of lots, and whole cases and pallets by number."""

    act: Literal["ship"] = "ship"
    command_id: str
    by: By
    shipment_no: str
    customer_no: str
    lines: tuple[ShipLine, ...]
    order_no: str | None = None
    carrier: str | None = None
    tracking_no: str | None = None
    units: tuple[str, ...] = ()


class PlaceHold(Scanned):
    """Freeze lots."""

    act: Literal["place_hold"] = "place_hold"
    command_id: str
    by: By
    lot_nos: tuple[str, ...]
    reason: str
    cause: str = "manual"


class LiftHold(Message):
    """Lift one hold of a lot by the signature of `attempt_id`; `request_id` stays the same when it is sent again."""

    act: Literal["lift_hold"] = "lift_hold"
    command_id: str
    by: By
    hold_id: UUID
    reason: str
    attempt_id: int | None = None
    digest: str | None = None
    meaning: str | None = None
    request_id: str | None = None


class DecideAgain(Scanned):
    """A batch that a release decision holds goes to a newer release decision."""

    act: Literal["decide_again"] = "decide_again"
    command_id: str
    by: By
    lot_no: str
    reason: str


class Escalate(Message):
    """The clock of a stage, or of a legal deadline, has run to one of its moments (see `Timer`)."""

    run_id: int
    stage: str
    level: int
    to_role: str
    deadline: int | None = None
    kind: Literal["task", "stage", "until"] = "task"
    opened_at: datetime | None = None


class CancelRun(Message):
    """A process is stopped from outside."""

    run_id: int
    reason: str


class LoadRun(Message):
    """Ask the record for a run and the text of its definition."""

    run_id: int


class Notify(Message):
    """The record of a run changed elsewhere (a fact, a hold): look at it again."""

    fact: str
    kind: Literal["changed"] = "changed"


class ActResult(Message):
    """The answer of a short workflow on several lots: a receipt, or a refusal as data; and to which command."""

    receipt: Receipt | None = None
    refusal: dict[str, Any] | None = None
    command_id: str | None = None
