"""A report went to an authority: its clocks are met, the next one runs (STANDARDS T 58-65; REQUIREMENTS 82)."""

from datetime import datetime

from sqlmodel import Session

from models.kernel.large_json import canonical
from models.process.messages.process import Receipt
from models.process.store import signing
from models.recall.messages.begin import FileReport
from models.recall.rules import filings as rules
from models.recall.store import clocks as recall_clocks
from models.recall.store import duties as recall_duties
from models.recall.store import recalls
from models.recall.store import report as recall_report
from models.recall.tables.follow_up import RecallReport


def file(session: Session, command: FileReport, now: datetime) -> Receipt:
    """Keep when it was filed, where and under which reference; also after the recall was closed."""
    recall = recalls.get(session, command.recall_no, lock=True)
    closed_at = recall.closed_at if recall.status == "closed" else None
    filing, at = rules.check_filing(
        recall.recall_no,
        command.kind,
        command.filed_at,
        command.authority,
        command.reference,
        recall.decided_at,
        closed_at,
        now,
    )
    digest = None
    if filing.report is not None:
        # what was filed can be shown again, byte for byte
        body = recall_report.build(session, recall, filing.report, command.estimated_on)
        (digest,) = signing.keep(session, canonical(body).decode())
    row = RecallReport(
        recall_id=recall.id,
        kind=command.kind,
        jurisdiction=command.jurisdiction,
        filed_at=at,
        authority=command.authority.strip(),
        reference=command.reference.strip(),
        estimated_on=command.estimated_on,
        digest=digest,
        remark=(command.remark or "").strip() or None,
        recorded_by_id=command.by.person_id,
        recorded_at=now,
    )
    session.add(row)
    session.flush()
    where = (command.jurisdiction,)
    met = recall_clocks.meet(session, recall, filing.stops, at, where)
    if recall.status == "open":
        recall_clocks.start(session, recall, filing.event, at, where)
    recall_duties.changed(session, recall)
    data = {
        "recall_no": recall.recall_no,
        "kind": command.kind,
        "report": str(row.public_id),
        "digest": digest,
        "met": met,
    }
    return Receipt(act="file_report", at=now, data=data)


ACTS = {"file_report": file}
