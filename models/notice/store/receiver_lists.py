"""Lists of receivers wait until the coordinator has looked at them; only then each is told (21 CFR 7.42(b)(1), 7.49(d)).

Whoever has the link of a notice may write any name and address into it, so nothing goes out by that alone.  Begun with the answer, in
its transaction: a run of `confirm-receivers` with its task for each list.  Until it is confirmed the goods have no receiver.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.kernel.mail import addresses as mail_addresses
from models.kernel.tables import Outbox
from models.kernel.units.quantity import plain
from models.notice.messages import GoodsReceiver
from models.notice.rules import receivers as rules
from models.notice.rules.receivers import Receiver
from models.notice.store import products as notice_products
from models.notice.store import receivers as recall_receivers
from models.notice.tables.notices import RecallNotice
from models.notice.tables.receiver_lists import RecallNaming
from models.process.messages.process import By
from models.process.store import runs
from models.process.tables.process import ProcessRun

KEY = "confirm-receivers"
OF_RECALL = text("""
select g.public_id as id, n.public_id as notice, coalesce(n.receiver, said(c.name, c.name_en)) as customer, g.named_by, g.named_at, g.link,
       g.quantity, g.receivers, g.outcome, g.decided_at, said(p.name, p.name_en) as decided_by, g.reason, t.public_id as task, t.due_at,
       said(a.name, a.name_en) as assignee
  from recall_naming g join recall_notice n on n.id = g.notice_id join customer c on c.id = n.customer_id
  left join lateral (select * from human_task h where h.run_id = g.run_id order by h.id desc limit 1) t on true
  left join person a on a.id = t.assignee_id left join person p on p.id = g.decided_by_id
 where g.recall_id = :recall order by g.outcome is not null, g.id
""")
WAITING = text("select count(*) from recall_naming where recall_id = :recall and outcome is null")


class Recalled(Protocol):
    """A recall, as far as lists of receivers know it."""

    id: int
    recall_no: str


@dataclass(frozen=True, kw_only=True, slots=True)
class NamingRow:
    """A list as pages and the API read it; `outcome` is empty while it waits."""

    id: UUID
    notice: UUID
    customer: str
    named_by: str
    named_at: datetime
    link: bool
    quantity: Decimal
    receivers: tuple[dict[str, Any], ...]
    outcome: str | None
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None
    task: UUID | None
    due_at: datetime | None
    assignee: str | None


def name(
    session: Session, recall: Recalled, notice: RecallNotice, given: Sequence[GoodsReceiver], by: By, now: datetime
) -> int:
    """Keep who got the goods until somebody of ours confirms it; answers how many.  The notice is locked and answered."""
    wanted = [
        Receiver(one.name.strip(), one.quantity, _bare(one.contact), _bare(one.email), _bare(one.phone))
        for one in given
    ]
    if not wanted:
        return 0
    rules.check(wanted, recall_receivers.known(session, notice), notice_products.unit(session, notice.lines))
    begin(session, recall, notice, wanted, by, now)
    return len(wanted)


def begin(
    session: Session, recall: Recalled, notice: RecallNotice, wanted: Sequence[Receiver], by: By, now: datetime
) -> RecallNaming:
    """Keep the list and ask for its confirmation.  The notice is locked and answered."""
    earlier = recall_receivers.lists(session, notice.id)
    by_link = by.person_id == 0
    rules.check_often(
        sum(one.link for one in earlier), sum(one.outcome is None and one.link for one in earlier), by_link=by_link
    )
    number = len(session.exec(select(RecallNaming.id).where(RecallNaming.recall_id == recall.id)).all()) + 1
    run = runs.begin(session, KEY, recall, by, now, workflow_id=f"receivers/{recall.recall_no}/{number}")
    row = RecallNaming(
        recall_id=recall.id,
        notice_id=notice.id,
        run_id=run.row.id,
        named_by=by.name,
        named_at=now,
        link=by_link,
        quantity=sum((one.quantity for one in wanted), Decimal(0)),
        receivers=[
            {
                "name": one.name,
                "quantity": plain(one.quantity),
                "contact": one.contact or None,
                "email": one.email or None,
                "phone": one.phone or None,
            }
            for one in wanted
        ],
    )
    session.add(row)
    session.add(Outbox(fact="process.begun", payload={"run": run.row.id, "recall": recall.recall_no}))
    session.flush()
    return row


def of_task(session: Session, run_id: int) -> RecallNaming:
    """The list behind a task's run."""
    return session.exec(select(RecallNaming).where(RecallNaming.run_id == run_id)).one()


def mailed(row: RecallNaming) -> int:
    """How many of a list would get the notice by mail; the others' is printed and posted."""
    return sum(bool(mail_addresses.addresses(one["email"])) for one in row.receivers)


def cancel(session: Session, recall: Recalled, reason: str, now: datetime) -> None:
    """The recall is over: nobody is told any more.  The workflows of the lists are told to end."""
    rows = session.exec(
        select(RecallNaming, ProcessRun)
        .join(ProcessRun, col(RecallNaming.run_id) == col(ProcessRun.id))
        .where(RecallNaming.recall_id == recall.id, col(RecallNaming.outcome).is_(None))
        .order_by(col(ProcessRun.id))
    ).all()
    for row, run in rows:
        row.outcome, row.decided_at, row.reason = "cancelled", now, reason
        session.add(row)
        runs.cancel(session, runs.load(session, run.id, lock=True), reason, now)
        session.add(Outbox(fact="process.cancelled", payload={"run": run.id, "recall": recall.recall_no}))
    session.flush()


def waiting(session: Session, recall_id: int) -> int:
    """How many lists wait for confirmation."""
    return int(session.connection().execute(WAITING, {"recall": recall_id}).scalar_one())


def of_recall(session: Session, recall_id: int) -> tuple[NamingRow, ...]:
    """Every list, those that wait first."""
    rows = session.connection().execute(OF_RECALL, {"recall": recall_id}).mappings()
    return tuple(NamingRow(**{**row, "receivers": tuple(row["receivers"])}) for row in rows)


def _bare(text: str | None) -> str:
    return " ".join((text or "").split())
