"""Somebody asks for a change; its process begins in the same transaction (ISO 13485 7.3.9; REQUIREMENTS 45)."""

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, select

from models.change import rules
from models.change.messages import DoneAlready, ForATime, OpenChange
from models.change.rules import temporary as pure
from models.change.rules.temporary import End
from models.change.store import changes, emergency, temporary
from models.change.tables import Change
from models.kernel.time.reported import happened
from models.lot.store import lots
from models.person.store import people
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
    already = command.already
    if command.temporary is not None and (already is not None or command.permanent_of):
        raise pure.BOTH()
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
        permanent_of_id=_permanent(session, command.permanent_of, what.kind, target.number),
        **({} if already is None else _done(session, already, now)),
        **({} if command.temporary is None else _until(session, command.temporary, now)),
    )
    if already is not None:
        emergency.begin(session, row, command.by, now)
    elif row.temporary:
        changes.begin(session, row, command.by, now, rules.TEMPORARY)
    else:
        changes.begin(session, row, command.by, now)
    subject = session.get_one(Subject, row.subject_id)
    return Receipt(act=command.act, at=now, data={"number": row.change_no, "subject": str(subject.public_id)})


def _done(session: Session, already: DoneAlready, now: datetime) -> dict[str, Any]:
    """What was done before it was recorded, as the row keeps it."""
    rules.check_done_already(already.what, already.why)
    at = happened(already.happened_at, now, lots.site_zone(session), rules.NOT_THEN)
    assert at is not None  # noqa: S101 - it was told
    return {
        "happened_at": at,
        "happened_by_id": people.get(session, already.done_by).id,
        "happened": already.what.strip(),
        "urgent": already.why.strip(),
        "decide_by": emergency.decide_by(session, at),
    }


def _until(session: Session, said: ForATime, now: datetime) -> dict[str, Any]:
    """The end of a temporary change, as the row keeps it."""
    end = End(said.until, said.batches)
    pure.check_end(end, temporary.plant_today(session, now))
    return temporary.ending(session, end)


def _permanent(session: Session, number: str | None, kind: str, target: str) -> int | None:
    """The temporary change that this one makes permanent: of the same thing, and approved."""
    if not (number or "").strip():
        return None
    row = session.exec(select(Change).where(Change.change_no == str(number).strip())).one_or_none()
    if row is None or not row.temporary or row.approved_at is None:
        raise pure.NOT_TEMPORARY(number=str(number)[:80])
    if (row.kind, row.target) != (kind, target):
        raise pure.OTHER_TARGET(number=row.change_no)
    return row.id


ACTS = {"open_change": open_}
