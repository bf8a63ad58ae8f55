"""A subject gets another owner, by a signed act (DESIGN 6a; ISO 13485 5.5.1).

The rule decides whose a subject is when it begins (`subject_owner`); afterwards only a signature changes it: of the owner, or of
somebody who gives out work.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, select

from models.kernel.refusal import Kind
from models.person.rules.roles import Permission
from models.person.store import people, roles
from models.person.tables import Person
from models.process.messages.owners import HandOver
from models.process.messages.process import Receipt
from models.process.queries.subject import UNKNOWN
from models.process.sign.signed_act import HAND_OVER
from models.process.store import signed_acts, signing
from models.process.store.signed_acts import Given, Shown
from models.process.tables.subject import Subject

CLAUSE = "ISO 13485 5.5.1"
NOT_YOURS = Kind(
    "OWN-001",
    CLAUSE,
    "只有负责人「{owner}」本人或有权改派待办的人可以变更负责人。",
    "Only its owner {owner}, or somebody who reassigns tasks, may hand this over.",
    403,
)
NOBODY = Kind(
    "OWN-002",
    CLAUSE,
    "「{name}」不能作为负责人：须是在职且有可用帐户的人员。",
    "{name} can't be an owner: it must be a person who works here and has an account that is in use.",
    422,
)
SAME = Kind("OWN-003", CLAUSE, "「{name}」已经是负责人。", "{name} is its owner already.")
NO_REASON = Kind("OWN-004", "21 CFR 11.10(e)", "变更负责人必须写明理由。", "A new owner needs a reason.", 422)
LOGS_IN = text("select exists (select from account a where a.person_id = :person and not a.disabled)")
COLLEAGUES = text("""
select min(a.login) as login, said(p.name, p.name_en) as name
  from person p join account a on a.person_id = p.id and not a.disabled
 where p.active and p.kind = 'human' and p.id is distinct from :owner group by p.id order by name, login
""")


def colleagues(session: Session, subject: UUID) -> list[tuple[str, str]]:
    """Who could be its owner: login and name of everybody who works here but whose it is."""
    row = _subject(session, subject)
    return [(one.login, one.name) for one in session.connection().execute(COLLEAGUES, {"owner": row.owner_id})]


def everybody(session: Session) -> list[tuple[str, str]]:
    """Login and name of everybody who works here and logs in."""
    return [(one.login, one.name) for one in session.connection().execute(COLLEAGUES, {"owner": None})]


def preview(session: Session, subject: UUID, to: str, person_id: int) -> Shown:
    """What handing it over is signed on; refuses what the act would refuse."""
    row = _subject(session, subject)
    return _shown(session, row, _checked(session, row, to, person_id))


def may(session: Session, owner_id: int | None, person_id: int) -> bool:
    """Whether this person may hand over what is that owner's."""
    return person_id == owner_id or Permission.TASK_REASSIGN in roles.permitted(session, person_id)


def hand_over(session: Session, command: HandOver, now: datetime) -> Receipt:
    """The subject is somebody else's from now on; what is open about it stays with whom it is."""
    if not command.reason.strip():
        raise NO_REASON()
    row = _subject(session, command.subject, lock=True)
    new = _checked(session, row, command.to, command.by.person_id)
    shown = _shown(session, row, new)
    given = Given(command.attempt_id, command.digest, command.meaning, command.reason)
    signature = signed_acts.sign(session, shown, command.by, given, str(new.public_id), now)
    row.owner_id = new.id
    session.add(row)
    session.flush()
    data = {
        "subject": str(row.public_id),
        "number": row.number,
        "owner": new.name,
        "signature": str(signature.public_id),
    }
    return Receipt(act="hand_over", at=now, data=data)


def _subject(session: Session, public_id: UUID, *, lock: bool = False) -> Subject:
    query = select(Subject).where(Subject.public_id == public_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = session.exec(query).one_or_none()
    if row is None:
        raise UNKNOWN()
    return row


def _checked(session: Session, row: Subject, to: str, person_id: int) -> Person:
    """Who gets it; refuses a stranger, who has left, a machine, who has it already, and who may not give it away."""
    owner = session.get(Person, row.owner_id) if row.owner_id else None
    if not may(session, row.owner_id, person_id):
        raise NOT_YOURS(owner=owner.name if owner else "")
    new = people.get(session, to)
    if (
        not new.active
        or new.kind != "human"
        or not session.connection().execute(LOGS_IN, {"person": new.id}).scalar_one()
    ):
        raise NOBODY(name=new.name)
    if owner is not None and new.id == owner.id:
        raise SAME(name=new.name)
    return new


def _shown(session: Session, row: Subject, new: Person) -> Shown:
    owner = session.get(Person, row.owner_id) if row.owner_id else None
    titled = session.get_one(Subject, row.titled_by_id) if row.titled_by_id else row
    record = {
        "record": "hand_over",
        "subject": str(row.public_id),
        "kind": row.kind,
        "number": row.number,
        "title": titled.title or "",
        "from": owner.name if owner else "",
        "from_person": str(owner.public_id) if owner else "",
        "to": new.name,
        "to_person": str(new.public_id),
    }
    return Shown(HAND_OVER, str(row.public_id), signing.canonical(record), subject_id=row.id)


ACTS = {"hand_over": hand_over}
"""By the word of its command."""
