"""Reads what the reports of a recall are made of, and the reports that were filed (21 CFR 7.53, 7.55)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.kernel.large_json import canonical
from models.kernel.store.act import as_written, now
from models.notice.store import deliveries
from models.process.store import signing
from models.process.tables.signature import SignedRecord
from models.recall.queries import recalls as queries_recalls
from models.recall.queries import returned
from models.recall.rules import filings as recall_reports
from models.recall.rules import report as rules
from models.recall.store import checks as recall_checks
from models.recall.store import decisions as recall_decisions
from models.recall.store import funnel as recall_funnel
from models.recall.store import markets as recall_markets
from models.recall.store import recalls
from models.recall.store import remaining as recall_remaining
from models.recall.tables.follow_up import RecallReport
from models.recall.tables.recall import Recall

FILED = text("""
select f.public_id as id, f.kind, f.jurisdiction, f.filed_at, f.authority, f.reference, f.estimated_on, f.digest,
       f.remark, p.name as recorded_by, f.recorded_at
  from recall_report f join person p on p.id = f.recorded_by_id where f.recall_id = :recall order by f.filed_at, f.id
""")
CLOSING = text("""
select s.digest, s.printed_name, s.meaning, s.signed_at, t.reason
  from human_task t join signature s on s.task_id = t.id
 where t.recall_id = :recall and t.stage = 'close' and t.outcome = 'close' order by t.id desc limit 1
""")


@dataclass(frozen=True, kw_only=True, slots=True)
class FiledReport:
    """A report that went to an authority; `digest` leads to its text, where we made one."""

    id: UUID
    kind: str
    jurisdiction: str
    filed_at: datetime
    authority: str
    reference: str
    estimated_on: date | None
    digest: str | None
    remark: str | None
    recorded_by: str
    recorded_at: datetime


def filed(session: Session, recall_id: int) -> Sequence[FiledReport]:
    """What was filed, the oldest first."""
    rows = session.connection().execute(FILED, {"recall": recall_id}).mappings()
    return [FiledReport(**row) for row in rows]


def kept(session: Session, recall_id: int, digest: str) -> str:
    """The text of a filed report, byte for byte as it was filed; RCP-005 where this recall filed no such text."""
    found = session.exec(
        select(SignedRecord.canonical)
        .join(RecallReport, col(RecallReport.digest) == col(SignedRecord.digest))
        .where(RecallReport.recall_id == recall_id, SignedRecord.digest == digest)
    ).first()
    if found is None:
        raise recall_reports.NO_KIND(kind=digest[:40], known=", ".join(recall_reports.KINDS))
    return found


def document(
    session: Session, recall: Recall, kind: str, at: datetime, estimated_on: date | None = None
) -> dict[str, Any]:
    """The report with its digest; `computed_at` stands outside the digest, so that the same facts have the same one."""
    body = build(session, recall, kind, estimated_on)
    return {**body, "digest": signing.digest(canonical(body).decode()), "computed_at": at.isoformat()}


@as_written
def build(session: Session, recall: Recall, kind: str, estimated_on: date | None = None) -> dict[str, Any]:
    """The record of a report as things stand; RCP-001, RCP-002, RCP-005."""
    rules.check_kind(kind)
    if recall.decided_at is None:
        raise recall_reports.NOT_DECIDED(recall=recall.recall_no)
    if kind == "termination" and recall.status != "closed":
        raise recall_reports.NOT_CLOSED(recall=recall.recall_no)
    scope = recalls.newest_scope(session, recall.id)
    reports = filed(session, recall.id)
    estimate = estimated_on or next((one.estimated_on for one in reversed(reports) if one.estimated_on), None)
    checks = recall_checks.view(session, recall.id)
    ledger = recall_funnel.read(session, recall, scope)
    closing = session.connection().execute(CLOSING, {"recall": recall.id}).mappings().one_or_none()
    facts = rules.Facts(
        recall={
            "recall": recall.recall_no,
            "mode": recall.mode,
            "title": recall.title,
            "reason": recall.reason,
            "cause": recall.cause,
            "class": recall.recall_class,
            **recall_markets.record(session, recall),
            "hazard": recall.hazard,
            "status": recall.status,
            "opened_at": recall.opened_at,
            "decided_at": recall.decided_at,
            "held_at": recall.held_at,
            "notified_at": recall.notified_at,
            "closed_at": recall.closed_at,
            "hold_report": recall.hold_report,
        },
        scope={
            "version": scope.version,
            "digest": scope.digest,
            "identifiers": scope.identifiers,
            "lots": scope.lots,
            "customers": scope.customers,
            "complete": scope.complete,
            "balanced": scope.balanced,
            "computed_at": scope.computed_at,
            "signed_at": scope.signed_at,
        },
        notices=[asdict(one) for one in queries_recalls.notices(session, recall.id)],
        deliveries=[asdict(one) for several in deliveries.of_recall(session, recall.id).values() for one in several],
        checks=[_check(one) for one in checks.rows],
        samples=[asdict(one) for one in checks.samples],
        progress=checks.progress.as_dict(),
        returns=[{**asdict(one), "undecided": one.left} for one in returned.view(session, recall.id)],
        deadlines=[
            {
                "rule": one.rule_key,
                "rule_version": one.rule_version,
                "jurisdiction": one.jurisdiction,
                "clause": one.clause,
                "event_at": one.event_at,
                "due_at": one.due_at,
                "met_at": one.met_at,
                "provisional": one.provisional,
                "zh": one.zh,
                "en": one.en,
            }
            for one in recalls.deadlines(session, recall.id)
        ],
        filed=[asdict(one) for one in reports],
        signatures=[dict(row) for row in queries_recalls.signatures(session, recall.id)],
        funnel=ledger.funnel,
        left_out=[asdict(one) for one in ledger.left_out],
        remaining=recall_remaining.of(session, recall, ledger.funnel, now(session)),
        decisions=[asdict(one) for one in recall_decisions.latest(session, recall.id)],
        reconciliation=ledger.reconciliation,
        estimated_on=estimate.isoformat() if estimate else None,
        closing=dict(closing) if closing else None,
    )
    return rules.record(kind, facts)


def _check(row: recall_checks.CheckRow) -> dict[str, Any]:
    settled = row.settled
    return {
        "customer_no": row.customer_no,
        "customer": row.customer,
        "version": row.scope_version,
        "level": row.level,
        "done": settled is not None,
        "notice_received": settled.notice_received if settled else None,
        "acted": settled.acted if settled else None,
        "attempts": [asdict(one) for one in row.attempts],
    }
