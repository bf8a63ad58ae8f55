"""Receivers of what a consignee passed on: confirmed, each gets a notice of their own under the one that was answered (21 CFR 7.49(d))."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.notice.rules import receivers as rules
from models.notice.rules.receivers import Known, Receiver
from models.notice.store import products as notice_products
from models.notice.tables.receiver_lists import RecallNaming
from models.process.messages.process import By
from models.recall.rules import recall as recall_rules
from models.recall.rules.funnel import plain
from models.recall.store import checks as recall_checks
from models.recall.store import hold_and_notify as outward
from models.recall.tables.recall import Recall, RecallNotice

ABOVE = text("""
with recursive up as (
  select n.id, n.parent_id, coalesce(n.receiver, said(c.name, c.name_en)) as name, 0 as far
    from recall_notice n join customer c on c.id = n.customer_id where n.id = :notice
  union all
  select n.id, n.parent_id, coalesce(n.receiver, said(c.name, c.name_en)), far + 1
    from up join recall_notice n on n.id = up.parent_id join customer c on c.id = n.customer_id)
select name from up order by far
""")
NAMED = text("select coalesce(sum(shipped), 0) from recall_notice where parent_id = :notice")


def unnamed(session: Session, notice: RecallNotice) -> Decimal:
    """What was passed on and nobody is named for."""
    named: Decimal = session.connection().execute(NAMED, {"notice": notice.id}).scalar_one()
    return (notice.passed_on or Decimal(0)) - named


def lists(session: Session, notice_id: int) -> Sequence[RecallNaming]:
    """Every list of receivers of a notice, in their order."""
    query = select(RecallNaming).where(RecallNaming.notice_id == notice_id).order_by(col(RecallNaming.id))
    return session.exec(query).all()


def named(row: RecallNaming) -> list[Receiver]:
    """The receivers of a list."""
    return [
        Receiver(one["name"], Decimal(one["quantity"]), one["contact"] or "", one["email"] or "", one["phone"] or "")
        for one in row.receivers
    ]


def tell(session: Session, recall: Recall, naming: RecallNaming, by: By, now: datetime) -> int:
    """Send each receiver of a confirmed list a notice of their own; answers how many.  The recall is locked."""
    notice = session.exec(
        select(RecallNotice)
        .where(RecallNotice.id == naming.notice_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    wanted = named(naming)
    rules.check(wanted, known(session, notice), notice_products.unit(session, notice.lines))
    fresh = [
        RecallNotice(
            recall_id=recall.id,
            customer_id=notice.customer_id,
            parent_id=notice.id,
            receiver=one.name,
            contact=one.contact or None,
            email=one.email or None,
            phone=one.phone or None,
            scope_version=notice.scope_version,
            link_expires_at=now + recall_rules.LINK,
            lines=_lines(notice.lines, one.quantity),
            shipped=one.quantity,
            status="open",
        )
        for one in wanted
    ]
    session.add_all(fresh)
    session.flush()
    outward.tell(session, recall, [one.id for one in fresh], now, kind="first")
    recall_checks.draw_further(session, recall, fresh, by.person_id or None, now)
    return len(fresh)


def _lines(lines: Sequence[dict[str, Any]], quantity: Decimal) -> list[dict[str, str]]:
    """The batches that they may have, each with the most of it that they can have: the answer doesn't tell them apart."""
    return [{"lot_no": line["lot_no"], "quantity": plain(min(Decimal(line["quantity"]), quantity))} for line in lines]


def known(session: Session, notice: RecallNotice) -> Known:
    """What is known of whoever got goods of a notice, lists that wait included."""
    rows = session.exec(
        select(col(RecallNotice.receiver), col(RecallNotice.shipped)).where(col(RecallNotice.parent_id) == notice.id)
    ).all()
    waiting = [one for row in lists(session, notice.id) if row.outcome is None for one in named(row)]
    return Known(
        passed_on=notice.passed_on or Decimal(0),
        named=sum((shipped for _, shipped in rows), Decimal(0)) + sum((one.quantity for one in waiting), Decimal(0)),
        receivers=[*(str(receiver) for receiver, _ in rows), *(one.name for one in waiting)],
        above=list(session.connection().execute(ABOVE, {"notice": notice.id}).scalars()),
    )
