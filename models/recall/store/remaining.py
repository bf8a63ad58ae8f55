"""What a recall leaves open, from the record; a withdrawn recall leaves nothing."""

from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session

from models.notice.store import receiver_lists as recall_namings
from models.pull import store as pulls
from models.recall.rules import remaining as rules
from models.recall.rules.funnel import Funnel
from models.recall.rules.remaining import Remains
from models.recall.store import checks as recall_checks
from models.recall.store import recalls
from models.recall.tables.recall import Recall

FROZEN = text("select count(*) from hold where recall_id = :recall and lifted_at is null")
CLOCKS = text("""
select d.due_at from recall_deadline d join recall c on c.id = d.recall_id
 where d.recall_id = :recall and d.met_at is null and c.mode = 'recall' order by d.due_at
""")


def of(session: Session, recall: Recall, funnel: Funnel, now: datetime) -> tuple[Remains, ...]:
    """Everything that is open, with its owner; the same list before the closing, on the closed page and in the reports."""
    if recall.status == "withdrawn":
        return ()
    given = {"recall": recall.id}
    connection = session.connection()
    return rules.remaining(
        funnel,
        connection.execute(FROZEN, given).scalar_one(),
        recall_checks.view(session, recall.id).progress.open,
        pulls.still_out(session, recall.id) if recall.status == "open" else 0,
        connection.execute(CLOCKS, given).scalars().all(),
        now,
        recall_namings.waiting(session, recall.id) if recall.status == "open" else 0,
        recalls.outgrown(session, recall, recalls.newest_scope(session, recall.id)),
    )
