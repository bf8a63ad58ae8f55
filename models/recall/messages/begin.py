"""What is said when a recall begins, when customers answer, and when it is followed up.  Fields are only ever added."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from models.kernel.messages import Message, Scanned
from models.notice.messages import GoodsReceiver
from models.person.rules.roles import Permission
from models.process.messages.command import SHORT, ActOf, Permit
from models.process.messages.process import By


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


COMMANDS: tuple[ActOf, ...] = (
    ActOf(
        OpenRecall,
        "Recall",
        "recall",
        "recall_no",
        "召回",
        permit=Permit(Permission.RECALL_RUN, services=frozenset({"service:cli"})),
    ),
    # a customer answers through their own link; what they say by telephone is written down by the coordinator
    ActOf(Acknowledge, "Recall", permit=Permit(Permission.RECALL_RUN, services=frozenset({"customer"}))),
    ActOf(DrawChecks, "Recall", permit=Permit(Permission.RECALL_RUN)),
    ActOf(RecordCheck, "Recall", permit=Permit(Permission.RECALL_RUN)),
    ActOf(
        DecideLots,
        SHORT,
        "recall-booking",
        title="召回批次处置 decision",
        about="recall_no",
        permit=Permit(Permission.RETURN_DISPOSE),
    ),
    ActOf(
        FileReport,
        SHORT,
        "recall-booking",
        title="召回报告 report",
        about="recall_no",
        permit=Permit(Permission.RECALL_RUN),
    ),
)
"""Its rows of the table of commands."""
