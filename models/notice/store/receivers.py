"""Receivers of what a consignee passed on: confirmed, each gets a notice of their own under the one that was answered (21 CFR 7.49(d))."""

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.notice.rules.receivers import Known, Receiver
from models.notice.tables.notices import RecallNotice
from models.notice.tables.receiver_lists import RecallNaming

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
