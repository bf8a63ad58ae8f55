"""What is said about a recall after its approval (21 CFR 7.41)."""

from datetime import datetime
from typing import Literal

from models.messages.labels import Message
from models.messages.process import By


class RecordClass(Message):
    """The letter of an agency classifies a recall in its market."""

    command_id: str
    by: By
    recall_no: str
    market: Literal["CN", "US", "EU"]
    level: Literal["I", "II", "III"]
    authority: str
    reference: str
    classified_at: datetime
