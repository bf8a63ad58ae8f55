"""Requests to suppliers, their rounds, what came back through each link, and what we decided about it (REQUIREMENTS 52)."""

from datetime import date

from sqlalchemy import ARRAY, CheckConstraint, Date, Text, UniqueConstraint, text

from models.kernel.columns import (
    UUID,
    Field,
    SQLModel,
    count,
    datetime,
    instant,
    key,
    public_key,
    ref,
    subject_key,
    words,
)
from models.register.rules import Register


def _texts() -> list[str]:
    found: list[str] = Field(
        default_factory=list, sa_type=ARRAY(Text), nullable=False, sa_column_kwargs={"server_default": text("'{}'")}
    )
    return found


class Scar(SQLModel, table=True):
    """What a supplier is asked to correct; which lots and cases it is about stands in the links of its run."""

    __tablename__ = "scar"
    __table_args__ = (
        CheckConstraint("status in ('open', 'closed', 'withdrawn')", name="status"),
        CheckConstraint("(status = 'open') = (ended_at is null)", name="ended"),
        CheckConstraint("(status = 'withdrawn') = (end_reason is not null)", name="end_reason"),
        CheckConstraint("btrim(title) <> ''", name="title"),
        CheckConstraint(
            "cardinality(asks) > 0 and asks <@ array['containment', 'cause', 'correction', 'prevention']", name="asks"
        ),
    )
    id: int = key()
    subject_id: int = subject_key("scar")
    public_id: UUID = public_key()
    scar_no: str = words(unique=True)
    supplier_id: int = ref("supplier.id")
    item_id: int | None = ref("item.id", nullable=True)
    title: str = words()
    found: str = words("")
    asks: list[str] = _texts()
    status: str = words("open")
    opened_by_id: int = ref("person.id", index=False)
    opened_at: datetime = instant(now=True)
    ended_at: datetime | None = instant(nullable=True)
    end_reason: str | None = words(nullable=True)


class ScarRound(SQLModel, table=True):
    """One time that it was sent, with the link of its own that the public key makes; append-only."""

    __tablename__ = "scar_round"
    __table_args__ = (
        UniqueConstraint("scar_id", "round"),
        CheckConstraint("round > 0", name="round"),
        CheckConstraint("expires_at > sent_at", name="span"),
    )
    id: int = key()
    public_id: UUID = public_key()
    scar_id: int = ref("scar.id", index=False)
    round: int = count(1)
    note: str = words("")
    answer_by: date = Field(default=None, sa_type=Date, nullable=False)
    expires_at: datetime = instant()
    sent_by_id: int = ref("person.id", index=False)
    sent_at: datetime = instant(now=True)


class ScarFile(SQLModel, table=True):
    """A file that came through the link of a round, whether its answer names it or not; append-only."""

    __tablename__ = "scar_file"
    __table_args__ = (UniqueConstraint("round_id", "file_id"),)
    id: int = key()
    public_id: UUID = public_key()
    round_id: int = ref("scar_round.id", index=False)
    file_id: int = ref("stored_file.id")
    name: str = words()
    address: str = words("")
    arrived_at: datetime = instant(now=True)


class ScarAnswer(SQLModel, table=True):
    """What the supplier answered in a round, once; append-only."""

    __tablename__ = "scar_answer"
    __table_args__ = (UniqueConstraint("round_id"), CheckConstraint("btrim(name) <> ''", name="name"))
    id: int = key()
    round_id: int = ref("scar_round.id", index=False)
    name: str = words()
    containment: str = words("")
    cause: str = words("")
    correction: str = words("")
    prevention: str = words("")
    done_on: date | None = Field(default=None, sa_type=Date, nullable=True)
    files: list[str] = _texts()
    address: str = words("")
    answered_at: datetime = instant(now=True)


class ScarReview(SQLModel, table=True):
    """What we signed about an answer; append-only."""

    __tablename__ = "scar_review"
    __table_args__ = (
        UniqueConstraint("answer_id"),
        CheckConstraint("verdict in ('accepted', 'back')", name="verdict"),
        CheckConstraint("verdict = 'accepted' or btrim(reason) <> ''", name="reason"),
    )
    id: int = key()
    answer_id: int = ref("scar_answer.id", index=False)
    verdict: str = words()
    reason: str = words("")
    reviewed_by_id: int = ref("person.id", index=False)
    reviewed_at: datetime = instant(now=True)


NUMBERS = Register(Scar.scar_no)
