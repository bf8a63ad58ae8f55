"""What the cockpit shows of a recall after its notices, read in a fixed number of statements (REQUIREMENTS 75, 78, 79)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session, col, select

from models.kernel.store.act import now
from models.process import engine as process
from models.process import kinds
from models.process.store import runs
from models.process.tables.process import HumanTask
from models.recall.queries import returned
from models.recall.queries.returned import ReturnRow
from models.recall.rules.funnel import Funnel
from models.recall.rules.reconcile import Reconciliation
from models.recall.store import checks as recall_checks
from models.recall.store import funnel as recall_funnel
from models.recall.store import recalls
from models.recall.store import report as recall_report
from models.recall.store.checks import Checks
from models.recall.store.funnel import Ledger
from models.recall.store.report import FiledReport
from models.recall.tables.recall import Recall

REMINDING = "recall.remind"
"""What the escalations of a step do that remind customers."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Follow:
    """What became of the notices.

    `next_reminder` is the moment at which everybody who has not answered is reminded again; `level` what was decided
    about effectiveness checks.
    """

    level: str | None
    share: Decimal | None
    checks: Checks
    funnel: Funnel
    reconciliation: Reconciliation
    returns: Sequence[ReturnRow]
    filed: Sequence[FiledReport]
    next_reminder: datetime | None


def follow(session: Session, recall_no: str, ledger: Ledger | None = None) -> Follow:
    """All of it, of the newest version of the scope; `ledger` where it was read already."""
    recall = recalls.get(session, recall_no)
    ledger = ledger or recall_funnel.read(session, recall, recalls.newest_scope(session, recall.id))
    return Follow(
        level=recall.check_level,
        share=recall.check_share,
        checks=recall_checks.view(session, recall.id),
        funnel=ledger.funnel,
        reconciliation=ledger.reconciliation,
        returns=returned.view(session, recall.id),
        filed=recall_report.filed(session, recall.id),
        next_reminder=next_reminder(session, recall, now(session)),
    )


def next_reminder(session: Session, recall: Recall, moment: datetime) -> datetime | None:
    """When the silent are reminded next: the next escalation of an open step that reminds, as its own definition says."""
    tasks = session.exec(
        select(HumanTask)
        .where(HumanTask.recall_id == recall.id, HumanTask.status == "open")
        .order_by(col(HumanTask.id).desc())
    ).all()
    for task in tasks:
        definition = runs.load(session, task.run_id).definition
        stage = definition.stage(task.stage)
        if any(one.name == REMINDING for one in kinds.escalated(definition, stage)):
            moments = process.deadlines(stage, task.opened_at)
            return min((one.at for one in moments if one.kind == "escalation" and one.at > moment), default=None)
    return None
