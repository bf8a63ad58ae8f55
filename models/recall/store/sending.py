"""A notice goes out: taken up, tried, taken by a mail server or posted by somebody; then its clock stops (REQUIREMENTS 79; 21 CFR 7.49).

Who sends has a transaction before and one after, and no lock while a mail server takes its time.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, select

from models.calendar.rules.deadline import Start
from models.clock.store import moved_clock
from models.kernel.mail import addresses as mail_addresses
from models.kernel.mail.message import SendNotice
from models.kernel.store import outbox
from models.kernel.store.act import zone
from models.kernel.time import moments
from models.kernel.units.quantity import plain
from models.notice.rules import mail as rules
from models.notice.rules.letter import Letter
from models.notice.store import products as notice_products
from models.notice.tables.deliveries import NoticeDelivery
from models.notice.tables.notices import RecallNotice
from models.partner import rules as market
from models.partner.tables import Customer
from models.person.queries.site import site_names
from models.recall.store import clocks as recall_clocks
from models.recall.store import duties as recall_duties
from models.recall.store import markets as recall_markets
from models.recall.tables.recall import Recall

WAITING = text("""
select count(*) filter (where d.kind = 'first' and d.status not in ('sent', 'printed', 'needless')) as waiting,
       count(*) filter (where n.sent_at is not null) as told
  from recall_notice n left join notice_delivery d on n.id = d.notice_id where n.recall_id = :recall
""")
UNNAMED = text("""
select coalesce(n.passed_on, 0) - (select coalesce(sum(b.shipped), 0) from recall_notice b where b.parent_id = n.id)
  from recall_notice n where n.id = :notice
""")
FACT = "recall.notice"
OUT = ("sent", "printed", "needless")
UNITS = {"pcs": "件 pcs", "EA": "件 pcs"}
"""How units are written in a letter in two languages."""


@dataclass(frozen=True)
class Errand:
    """A message to send now."""

    key: int
    to: tuple[str, ...]
    message_id: str
    letter: Letter


def take(session: Session, command: SendNotice, sender: str | None, link: str | None, now: datetime) -> Errand | str:
    """The message to send, or how it stands already; what can't be mailed is to be printed, and says why.

    A try that never came to an end, because the worker was killed over it, was a try: they don't go on for ever.
    """
    notice, kind = command.notice, command.kind
    row, told, recall = _locked(session, notice, kind)
    if row.status == "failed" and outbox.asked_again(session, command.again, FACT, _of(row, told)):
        row.status, row.attempts = "waiting", 0
    if row.status in (*OUT, "to_print", "failed"):
        return row.status
    if row.attempts >= rules.TRIES:
        return _failed(session, row, told)
    customer = session.get_one(Customer, told.customer_id)
    address = told.email if told.parent_id else customer.email
    to = mail_addresses.addresses(address)
    unnamed = session.connection().execute(UNNAMED, {"notice": told.id}).scalar_one()
    over = recall.status != "open" or (told.acknowledged_at is not None and not unnamed)
    row.tried_at, row.attempts = now, row.attempts + 1
    if over:
        _finish(session, row, told, "needless", now)
        return row.status
    why = "no_server" if not sender else "no_link" if not link else "no_address" if not to else None
    if why is not None:
        row.status, row.why = "to_print", "bad_address" if why == "no_address" and address else why
        session.add(row)
        session.flush()
        return row.status
    row.status, row.address = "sending", ", ".join(to)
    row.message_id = row.message_id or rules.message_id(notice, kind, sender or "")
    session.add(row)
    session.flush()
    site, site_en = site_names(session)
    passed_by, passed_by_en = _passed_by(session, told, customer)
    letter = Letter(
        site=site,
        site_en=site_en,
        phone=notice_products.phone(session),
        number=recall.recall_no,
        title=recall.title,
        reason=recall.reason,
        level=recall_markets.told_level(session, recall, customer.country),
        market=market.market(customer.country),
        handling=recall_markets.handling(recall),
        customer=told.receiver or customer.name,
        customer_en="" if told.receiver else customer.name_en or "",
        passed_by=passed_by,
        passed_by_en=passed_by_en,
        unnamed=plain(unnamed) if unnamed and kind != "first" else "",
        products=notice_products.of(session, notice, UNITS),
        link=link or "",
        until=moments.plant_day(told.link_expires_at, zone(session)),
        reminder=kind != "first",
        drill=recall.mode == "drill",
        test=moved_clock.marked(session),
    )
    return Errand(row.id, to, row.message_id, letter)


def _passed_by(session: Session, told: RecallNotice, customer: Customer) -> tuple[str, str]:
    """From whom a receiver has the goods, with the English name; nobody where they are from us."""
    if told.parent_id is None:
        return "", ""
    receiver = session.get_one(RecallNotice, told.parent_id).receiver
    return (receiver, "") if receiver else (customer.name, customer.name_en or "")


def taken(session: Session, notice: UUID, kind: str, now: datetime, refused: str = "") -> None:
    """A mail server has taken it; `refused` are addresses it didn't take it for."""
    row, told, _ = _locked(session, notice, kind)
    if row.status not in OUT:
        row.why = refused or None
        _finish(session, row, told, "sent", now)


def missed(session: Session, notice: UUID, kind: str, why: str, *, final: bool) -> str:
    """It was not taken: it is tried again, or a person is asked to print and post."""
    row, told, _ = _locked(session, notice, kind)
    if row.status not in OUT:
        row.why = why[:500]
        if final or row.attempts >= rules.TRIES:
            return _failed(session, row, told)
        row.status = "sending"
        session.add(row)
        session.flush()
    return row.status


def _failed(session: Session, row: NoticeDelivery, told: RecallNotice) -> str:
    """Whoever runs the recall prints and posts it; an operator sees why it wasn't taken, and may have it tried again."""
    if row.status != "failed":
        row.status = "failed"
        session.add(row)
        session.flush()
        outbox.give_up(session, FACT, _of(row, told), row.attempts, row.why or "")
    return row.status


def _of(row: NoticeDelivery, told: RecallNotice) -> dict[str, Any]:
    return {"recall": told.recall_id, "notice": str(told.public_id), "kind": row.kind}


def posted(session: Session, notice: UUID, person_id: int, now: datetime) -> None:
    """Somebody has printed and posted it: whatever of it still waits to go out has gone out."""
    rows = session.exec(
        select(NoticeDelivery).join(RecallNotice).where(RecallNotice.public_id == notice).order_by(NoticeDelivery.id)  # type: ignore[arg-type]
    ).all()
    if not rows:
        raise rules.NO_DELIVERY()
    waiting = [one for one in rows if one.status not in OUT]
    if not waiting:
        done = rows[-1].done_at
        raise rules.NOT_TO_POST(at=moments.day(done, zone(session)) if done else "?")
    for one in waiting:
        row, told, _ = _locked(session, notice, one.kind)
        if row.status not in OUT:
            row.done_by_id = person_id
            _finish(session, row, told, "printed", now)


def meet(session: Session, recall: Recall, now: datetime) -> bool:
    """The customers are told when the last first notice is out, not when it was decided: only then its clock stops.

    Where nobody is to be told, the clock stops as well, and nobody has been notified.  Answers whether a clock was met.
    """
    stands = session.connection().execute(WAITING, {"recall": recall.id}).one()
    if stands.waiting:
        return False
    met = recall_clocks.meet(session, recall, (Start.CUSTOMERS_NOTIFIED,), now)
    if stands.told and recall.notified_at is None:
        recall.notified_at = now
        session.add(recall)
        session.flush()
    return bool(met)


def _finish(session: Session, row: NoticeDelivery, told: RecallNotice, status: str, now: datetime) -> None:
    row.status, row.done_at = status, now
    session.add(row)
    outbox.settled(session, FACT, _of(row, told))
    if status != "needless" and told.status == "open":
        told.status, told.sent_at = "sent", now
        session.add(told)
    session.flush()
    if row.kind != "first":
        return
    recall = session.get_one(Recall, told.recall_id)
    if meet(session, recall, now):
        recall_duties.changed(session, recall)


def _locked(session: Session, notice: UUID, kind: str) -> tuple[NoticeDelivery, RecallNotice, Recall]:
    """The recall before its notice before its delivery, as every act locks them."""
    known = session.exec(select(RecallNotice).where(RecallNotice.public_id == notice)).first()
    if known is None:
        raise rules.NO_DELIVERY()
    recall = session.exec(
        select(Recall).where(Recall.id == known.recall_id).with_for_update().execution_options(populate_existing=True)
    ).one()
    told: Any = session.exec(
        select(RecallNotice)
        .where(RecallNotice.id == known.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    row = session.exec(
        select(NoticeDelivery)
        .where(NoticeDelivery.notice_id == known.id, NoticeDelivery.kind == kind)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise rules.NO_DELIVERY()
    return row, told, recall
