"""Recalls and drills: the recall, the versions of its scope, what each customer has, notices, holds and legal clocks.

A drill has the same rows as a recall; only `models.recall.store.hold_and_notify` asks which of the two it is (DESIGN 2.9).
"""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, Date, Index, Text, UniqueConstraint
from sqlmodel import Field

from models.kernel.columns import (
    UUID,
    Any,
    SQLModel,
    amount,
    count,
    datetime,
    flag,
    instant,
    json_document,
    json_list,
    key,
    public_key,
    ref,
    subject_key,
    words,
)
from models.register.rules import Register


class Recall(SQLModel, table=True):
    """A recall or a drill, from its trigger to its end.  `identifier` is what was typed or scanned.

    Nobody opened a drill that began on the command line or by its schedule.  `notice` is the supplier's lot list that it
    began with, as pasted and as read.
    """

    __tablename__ = "recall"
    __table_args__ = (
        CheckConstraint("mode in ('recall', 'drill')", name="mode"),
        CheckConstraint("cause in ('manual', 'complaint', 'inspection', 'supplier', 'schedule')", name="cause"),
        CheckConstraint("recall_class in ('I', 'II', 'III')", name="recall_class"),
        CheckConstraint("status in ('open', 'closed', 'withdrawn')", name="status"),
        CheckConstraint("check_level in ('A', 'B', 'C', 'D', 'E')", name="check_level"),
        CheckConstraint("check_share >= 0 and check_share <= 100", name="check_share"),
        CheckConstraint("action in ('correction', 'removal')", name="action"),
        CheckConstraint(
            "measure in ('warning', 'inspection', 'repair', 'relabel', 'software', 'replace', 'take_back', 'destroy')"
            " and (measure is null) = (action is null)"
            " and (measure, action) not in (('take_back', 'correction'), ('warning', 'removal'))",
            name="measure",
        ),
        CheckConstraint("depth in ('user', 'retail', 'wholesale')", name="depth"),
    )
    id: int = key()
    subject_id: int = subject_key("recall")
    public_id: UUID = public_key()
    recall_no: str = words(unique=True)
    mode: str = words()
    cause: str = words("manual")
    title: str = words()
    reason: str = words()
    identifier: str = words()
    recall_class: str | None = words(nullable=True)
    hazard: str | None = words(nullable=True)
    check_level: str | None = words(nullable=True)
    check_share: Decimal | None = amount(nullable=True)
    action: str | None = words(nullable=True)
    measure: str | None = words(nullable=True)
    depth: str | None = words(nullable=True)
    status: str = words("open", index=True)
    opened_by_id: int | None = ref("person.id", nullable=True, index=False)
    opened_at: datetime = instant(now=True)
    decided_at: datetime | None = instant(nullable=True)
    held_at: datetime | None = instant(nullable=True)
    notified_at: datetime | None = instant(nullable=True)
    closed_at: datetime | None = instant(nullable=True)
    hold_report: dict[str, Any] | None = json_document(nullable=True)
    score: dict[str, Any] | None = json_document(nullable=True)
    notice: dict[str, Any] | None = json_document(nullable=True)


class RecallScope(SQLModel, table=True):
    """One version of what a recall is about: computed, then signed by two; never changed.

    Its text is the `signed_record` of its digest: what was shown can be shown again.
    """

    __tablename__ = "recall_scope"
    __table_args__ = (UniqueConstraint("recall_id", "version"),)
    id: int = key()
    recall_id: int = ref("recall.id", index=False)
    version: int
    identifiers: list[str] = json_list()
    digest: str = words()
    computed_at: datetime = instant(now=True)
    signed_at: datetime | None = instant(nullable=True)
    lots: int = count(0)
    customers: int = count(0)
    complete: bool = flag()
    balanced: bool = flag()


class RecallLot(SQLModel, table=True):
    """A lot in a version of the scope, with its quantities when the scope was computed; append-only."""

    __tablename__ = "recall_lot"
    __table_args__ = (UniqueConstraint("scope_id", "lot_id"), Index("ix_recall_lot_lot_id", "lot_id"))
    id: int = key()
    scope_id: int = ref("recall_scope.id", index=False)
    lot_id: int = ref("lot.id", index=False)
    in_house: Decimal = amount(default="0")
    shipped: Decimal = amount(default="0")
    outstanding: Decimal = amount(default="0")


class RecallDeadline(SQLModel, table=True):
    """A legal clock, with everything it was computed from: later rules change nothing about it.

    `warned_at` and `missed_at` are when somebody was told that it ends, and that it ended unmet; `run_id` is the process
    whose task that is.
    """

    __tablename__ = "recall_deadline"
    __table_args__ = (UniqueConstraint("recall_id", "rule_key", "event_at"),)
    id: int = key()
    recall_id: int = ref("recall.id", index=False)
    rule_key: str = words()
    rule_version: int
    jurisdiction: str = words()
    clause: str = words()
    event: str = words()
    event_at: datetime = instant()
    stop: str = words()
    due_at: datetime = instant()
    last_day: date | None = Field(default=None, sa_type=Date)
    zone: str = words()
    calendar: str | None = words(nullable=True)
    calendar_version: int | None = Field(default=None, nullable=True)
    provisional: bool = flag()
    zh: str = Field(sa_type=Text)
    en: str = Field(sa_type=Text)
    met_at: datetime | None = instant(nullable=True)
    warned_at: datetime | None = instant(nullable=True)
    missed_at: datetime | None = instant(nullable=True)
    run_id: int | None = ref("process_run.id", nullable=True)


RECALLS = Register(Recall.recall_no)
