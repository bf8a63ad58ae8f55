"""What is said about a recall after its approval, and to whom goods were passed on (21 CFR 7.41, 7.49(d))."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from models.kernel.messages import Message
from models.notice.messages import GoodsReceiver
from models.person.rules.roles import Permission
from models.process.messages.command import SHORT, ActOf, Permit
from models.process.messages.process import By


class RecordClass(Message):
    """The letter of an agency classifies a recall in its market."""

    act: Literal["record_class"] = "record_class"
    command_id: str
    by: By
    recall_no: str
    market: Literal["CN", "US", "EU"]
    level: Literal["I", "II", "III"]
    authority: str
    reference: str
    classified_at: datetime


class NameReceivers(Message):
    """Who has answered a notice names more of those whom they passed goods on to; `name` is who says so."""

    act: Literal["name_receivers"] = "name_receivers"
    command_id: str
    by: By
    notice: UUID
    name: str
    receivers: tuple[GoodsReceiver, ...]


COMMANDS: tuple[ActOf, ...] = (
    ActOf(NameReceivers, "Recall", permit=Permit(Permission.RECALL_RUN, services=frozenset({"customer"}))),
    ActOf(
        RecordClass,
        SHORT,
        "recall-booking",
        title="召回分级 class",
        about="recall_no",
        permit=Permit(Permission.RECALL_RUN),
    ),
)
"""Its rows of the table of commands."""
