"""A recall or a drill begins, and customers answer its notices (REQUIREMENTS 74-82)."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, select

from models.messages.process import Acknowledge, OpenRecall, Receipt
from models.rules import lot as lot_rules
from models.rules import moments, notice_list
from models.rules import recall as rules
from models.store import lots, notice_intake, outward, runs
from models.tables.recalls import Recall, RecallNotice

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
    if session.exec(select(Recall.id).where(Recall.recall_no == command.recall_no)).first() is not None:
        raise rules.TWICE(recall=command.recall_no)
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
    notice = session.exec(
        select(RecallNotice)
        .where(RecallNotice.public_id == command.notice)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if notice is None:
        raise rules.NO_LINK()
    if notice.acknowledged_at is not None:
        raise rules.LINK_USED(at=moments.day(notice.acknowledged_at, lots.site_zone(session)))
    if notice.link_expires_at < now:
        raise rules.LINK_OLD()
    recall = session.get_one(Recall, notice.recall_id)
    if recall.status != "open":
        raise rules.CLOSED(recall=recall.recall_no)
    answer = rules.Acknowledged(command.received, command.on_hand, command.used, command.will_return, command.name)
    rules.check_acknowledgement(answer, notice.shipped)
    notice.status, notice.acknowledged_at, notice.acknowledged_by = "acknowledged", now, answer.name.strip()
    notice.received, notice.on_hand, notice.used = answer.received, answer.on_hand, answer.used
    notice.will_return, notice.remark = answer.will_return, (command.remark or "").strip() or None
    session.add(notice)
    session.flush()
    data = {"recall_no": recall.recall_no, "notice": str(notice.public_id)}
    return Receipt(act="acknowledge", at=now, data=data)
