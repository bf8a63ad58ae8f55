"""Audit trail of a batch (requirement 103): who, when, source system, before and after of every change."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from ui.frame.parts import Link, LotRef, Pager
from ui.frame.render import Nav

Operation = Literal["insert", "update", "delete"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One column that changed; an insert has no `before`."""

    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One audit event."""

    seq: int
    at: datetime
    who: str
    source: str
    operation: Operation
    record: str
    changes: tuple[Change, ...]
    reason: str = ""
    leaf: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """The trail, newest first; the auditor reads everything and changes nothing."""

    template: ClassVar[str] = "audit/audit.html"
    nav: ClassVar[Nav | None] = "lots"

    subject: str
    rows: tuple[AuditRow, ...]
    pager: Pager
    lot: LotRef | None = None
    about: Link | None = None
