"""A recall or a drill begins, customers answer its notices and say to whom they passed goods on (REQUIREMENTS 74-82)."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session, select

from models.kernel.refusal import Refusal
from models.kernel.time import moments
from models.lot.rules import lot as lot_rules
from models.lot.store import lots
from models.notice.rules import links as notice_links
from models.notice.rules import list as notice_list
from models.notice.rules import receivers as recall_receivers
from models.notice.store import intake as notice_intake
from models.notice.store import products as notice_products
from models.notice.store import receiver_lists as recall_namings
from models.notice.tables.notices import RecallNotice
from models.partner.tables import Customer
from models.process.messages.process import Receipt
from models.process.store import runs
from models.recall.messages.begin import Acknowledge, OpenRecall
from models.recall.messages.follow_up import NameReceivers
from models.recall.rules import recall as rules
from models.recall.store import hold_and_notify as outward
from models.recall.store import recalls
from models.recall.tables.recall import Recall
from models.register.store import keyset

NAMED = 12
"""Identifiers that name a recall; its scope has all of them."""


def begin(session: Session, command: OpenRecall, now: datetime) -> Receipt:
    """Compute the first version of the scope and open its review."""
    lot_rules.check_number(command.recall_no)
    if not command.title.strip() or not command.reason.strip():
        raise rules.NO_REASON()
    intake = notice_intake.read(session, command.notice) if command.notice else None
    if intake is not None:
        notice_list.check(intake.read.parsed, intake.read.undecided, seen=command.questions_seen)
    identifiers = (*command.identifiers, *(intake.references if intake else ()))
    if not identifiers:
        raise rules.EMPTY(identifier=(command.notice or "").strip()[:40])
    recalls.claim_number(session, command.recall_no)
    if (known := keyset.meant(session, Recall.recall_no, command.recall_no)) is not None:
        raise rules.TWICE(recall=known)
    row = Recall(
        recall_no=command.recall_no,
        mode=command.mode,
        cause=command.cause,
        title=command.title.strip(),
        reason=command.reason.strip(),
        identifier=_named(identifiers),
        notice=intake.as_dict() if intake else None,
        opened_by_id=command.by.person_id or None,
        opened_at=now,
    )
    session.add(row)
    session.flush()
    # in the same transaction: nothing of the scope leaves the house while people look at it
    scope = outward.scoped(session, row, identifiers, command.by.person_id, now)
    run = runs.begin(session, "recall", row, command.by, now, facts={"recall.mode": command.mode})
    data = {"recall_no": row.recall_no, "mode": row.mode, "lots": scope.lots, "customers": scope.customers}
    return Receipt(act="open_recall", at=now, data=data, run=runs.view(session, run, text=True))


def _named(identifiers: Collection[str]) -> str:
    """What it is about in a line; a long list of a notice by its first entries and how many there are."""
    said = [notice_list.label(one) for one in identifiers]
    return "; ".join(said) if len(said) <= NAMED else f"{'; '.join(said[:NAMED])} … ({len(said)})"


def acknowledge(session: Session, command: Acknowledge, now: datetime) -> Receipt:
    """A customer's answer, once; what can't be is refused and nothing is kept."""
    recall, notice = _notice(session, command, now)
    if notice.acknowledged_at is not None:
        raise rules.LINK_USED(at=moments.day(notice.acknowledged_at, lots.site_zone(session)))
    answer = rules.Acknowledged(
        command.received, command.on_hand, command.used, command.will_return, command.name, command.passed_on
    )
    rules.check_acknowledgement(answer, notice.shipped, notice_products.unit(session, notice.lines))
    numbers = (answer.received, answer.on_hand, answer.used, answer.will_return, answer.passed_on)
    _check_whole(session, notice, *numbers, *(one.quantity for one in command.receivers))
    notice.status, notice.acknowledged_at, notice.acknowledged_by = "acknowledged", now, answer.name.strip()
    notice.received, notice.on_hand, notice.used = answer.received, answer.on_hand, answer.used
    notice.will_return, notice.remark = answer.will_return, (command.remark or "").strip() or None
    notice.passed_on = answer.passed_on or None
    session.add(notice)
    session.flush()
    named = recall_namings.name(session, recall, notice, command.receivers, command.by, now)
    data = {"recall_no": recall.recall_no, "notice": str(notice.public_id), **_named_now(named)}
    return Receipt(act="acknowledge", at=now, data=data)


def name_receivers(session: Session, command: NameReceivers, now: datetime) -> Receipt:
    """Who passed goods on says, after the answer, to whom; each of them gets a notice of their own."""
    recall, notice = _notice(session, command, now)
    if not command.name.strip():
        raise rules.NO_NAME()
    if not command.receivers:
        raise recall_receivers.NO_NAMES()
    _check_whole(session, notice, *(one.quantity for one in command.receivers))
    named = recall_namings.name(session, recall, notice, command.receivers, command.by, now)
    data = {"recall_no": recall.recall_no, "notice": str(notice.public_id), **_named_now(named)}
    return Receipt(act="name_receivers", at=now, data=data)


def _check_whole(session: Session, notice: RecallNotice, *quantities: Decimal) -> None:
    """UNI-005 where nothing of a notice comes in parts of a piece; an answer is as fine as the finest of its batches."""
    if all(one % 1 == 0 for one in quantities):
        return
    refusals = []
    for lot_no in dict.fromkeys(line["lot_no"] for line in notice.lines):
        try:
            lots.check_whole(session, lots.get(session, lot_no), *quantities)
        except Refusal as refusal:
            refusals.append(refusal)
        else:
            return
    raise refusals[0]


def _named_now(named: int) -> dict[str, int]:
    return {"receivers": named} if named else {}


def _notice(session: Session, command: Acknowledge | NameReceivers, now: datetime) -> tuple[Recall, RecallNotice]:
    """An open recall and its notice, locked in the order in which every act locks them.

    A link is good for its time, and for the customer whose notice it is; what is named by telephone is written down after
    it too.
    """
    known = session.exec(select(RecallNotice.recall_id).where(RecallNotice.public_id == command.notice)).first()
    if known is None:
        raise notice_links.NO_LINK()
    recall = recalls.lock(session, known)
    notice = session.exec(
        select(RecallNotice)
        .where(RecallNotice.public_id == command.notice)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if command.by.person_id == 0 and command.by.actor_id != _customer(session, notice):
        raise notice_links.NO_LINK()
    if notice.link_expires_at < now and (notice.acknowledged_at is None or command.by.person_id == 0):
        raise rules.LINK_OLD()
    if recall.status != "open":
        raise rules.CLOSED(recall=recall.recall_no)
    return recall, notice


def _customer(session: Session, notice: RecallNotice) -> str:
    """Who acts through the link of a notice: its customer, for receivers of theirs too."""
    return f"customer:{session.get_one(Customer, notice.customer_id).customer_no}"


ACTS = {"open_recall": begin, "acknowledge": acknowledge, "name_receivers": name_receivers}
