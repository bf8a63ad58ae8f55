"""How many customers are asked whether the notice worked, and what they say (21 CFR 7.42(b)(3); REQUIREMENTS 79)."""

from datetime import datetime

from sqlmodel import Session

from models.process.messages.process import Receipt
from models.recall.messages.begin import DrawChecks, RecordCheck
from models.recall.rules import checks as rules
from models.recall.rules import recall as recall_rules
from models.recall.store import checks as recall_checks
from models.recall.store import recalls
from models.recall.tables.follow_up import RecallCheckAttempt
from models.recall.tables.recall import Recall


def draw(session: Session, command: DrawChecks, now: datetime) -> Receipt:
    """Choose the level where nobody has; once drawn, nobody draws again."""
    chosen = rules.strategy(command.level, command.share)
    recall = _open(session, command.recall_no)
    if recall_checks.view(session, recall.id).samples:
        raise rules.DRAWN(recall=recall.recall_no)
    if not recalls.notices(session, recall.id):
        raise rules.NOT_TOLD(recall=recall.recall_no)
    recall.check_level, recall.check_share = chosen.level, chosen.share
    session.add(recall)
    session.flush()
    drawn = recall_checks.draw(session, recall, command.by.person_id, now)
    return Receipt(
        act="draw_checks", at=now, data={"recall_no": recall.recall_no, "level": chosen.level, "drawn": drawn}
    )


def record(session: Session, command: RecordCheck, now: datetime) -> Receipt:
    """One try to reach a drawn customer; a later answer counts instead of an earlier one, which stays."""
    recall = _open(session, command.recall_no)
    check, notice = recall_checks.find(session, recall, command.check)
    attempt = rules.Attempt(
        command.reached,
        command.contacted_at,
        (command.spoken_with or "").strip() or None,
        command.notice_received,
        command.acted,
    )
    at = rules.check_attempt(attempt, notice.sent_at or recall.notified_at or recall.opened_at, now)
    recall_checks.keep(
        session,
        RecallCheckAttempt(
            check_id=check.id,
            reached=attempt.reached,
            channel=command.channel,
            spoken_with=attempt.spoken_with,
            contacted_at=at,
            notice_received=attempt.notice_received,
            acted=attempt.acted,
            remark=(command.remark or "").strip() or None,
            recorded_by_id=command.by.person_id,
            recorded_at=now,
        ),
    )
    progress = recall_checks.view(session, recall.id).progress
    data = {"recall_no": recall.recall_no, "check": str(check.public_id), **progress.as_dict()}
    return Receipt(act="record_check", at=now, data=data)


def _open(session: Session, recall_no: str) -> Recall:
    recall = recalls.get(session, recall_no, lock=True)
    if recall.status != "open":
        raise recall_rules.CLOSED(recall=recall.recall_no)
    return recall


ACTS = {"draw_checks": draw, "record_check": record}
