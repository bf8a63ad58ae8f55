"""Somebody asks for a change; its process begins in the same transaction (ISO 13485 7.3.9; REQUIREMENTS 45)."""

from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session

from models.change import rules
from models.change.messages import OpenChange
from models.change.store import changes
from models.lot.store import lots
from models.process import kinds
from models.process.messages.process import Receipt
from models.process.tables.subject import Subject


def open_(session: Session, command: OpenChange, now: datetime) -> Receipt:
    """Put it on record, whole or not at all."""
    rules.check_request(command.title, command.reason, command.first_step, command.first_seq)
    known = {one.kind: one for one in kinds.changeable()}
    rules.check_kind(command.kind, {key: one.title for key, one in known.items()})
    what = known[command.kind]
    target = session.connection().execute(text(what.find), {"number": command.target.strip()}).first()
    if target is None:
        raise rules.NO_TARGET(zh=what.title.zh, en=what.title.en, number=command.target[:80])
    row = changes.new(
        session,
        command.by,
        now,
        title=command.title.strip(),
        title_en=(command.title_en or "").strip() or None,
        reason=command.reason.strip(),
        kind=what.kind,
        target=target.number,
        also=[lots.get(session, one).lot_no for one in dict.fromkeys(command.lot_nos)],
        first_step=command.first_step,
        first_seq=command.first_seq if command.first_step == "operation" else 0,
        opened_by_id=command.by.person_id,
    )
    changes.begin(session, row, command.by, now)
    subject = session.get_one(Subject, row.subject_id)
    return Receipt(act=command.act, at=now, data={"number": row.change_no, "subject": str(subject.public_id)})


ACTS = {"open_change": open_}
