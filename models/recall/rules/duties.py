"""When somebody is told of a legal deadline of a recall, and whose it is when it was missed (STANDARDS T 58-65; ISO 13485 8.2.3).

A deadline has two moments: before it ends, its report becomes somebody's task; when it ends unmet, the task is the quality
manager's to know of and its owner's to explain.  Whoever meets it ends both.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from models.kernel.refusal import Kind
from models.person.rules.roles import Role

KEY = "legal-deadline"
"""The process of a deadline that came near."""
BEFORE, AT = 1, 2
"""The moments, as levels of escalation."""
TO = {BEFORE: Role.RECALL_COORDINATOR, AT: Role.QUALITY_MANAGER}
DAY = timedelta(hours=24)

NOT_MISSED = Kind(
    "RCL-023",
    "医疗器械召回管理办法; 21 CFR 806.10; MDR Art. 87",
    "该法定期限尚未超期。请登记已提交的报告（或完成通知），此待办会自动结束；只有超期后才需要说明原因。",
    "This deadline has not passed. Record the report that was filed (or finish the notices) and the task ends by itself; only a"
    " missed deadline is explained.",
)
NO_WORD = Kind(
    "RCL-024",
    "医疗器械召回管理办法; 21 CFR 806.10; ISO 13485 8.2.3",
    "请写明超期的原因、补救措施和何时提交。",
    "Say why it was missed, what is done about it, and when the report goes out.",
    422,
)


def moments(event_at: datetime, due_at: datetime) -> tuple[tuple[int, datetime], ...]:
    """When somebody is told: after three quarters of the time and a day before its end, whichever is earlier; and at its end.

    Of a deadline that is no longer than a day, after three quarters of it.  A deadline that had passed when it began has
    both moments behind it.
    """
    early = event_at + (due_at - event_at) * 3 / 4
    if due_at - DAY > event_at:
        early = min(early, due_at - DAY)
    return (BEFORE, min(early, due_at)), (AT, due_at)


def check(form: Mapping[str, Any], *, missed: bool) -> None:
    """Refuse to explain a deadline that can still be kept, and to explain one by nothing."""
    if not missed:
        raise NOT_MISSED()
    if not str(form.get("explanation") or "").strip():
        raise NO_WORD()
