"""May the one who is named do this act?  Asked of the record at the moment of the act (21 CFR 11.10(d), 11.10(g), 11.100).

The API has asked before; whoever reaches Temporal past the API meets the same answer here: the person exists, is active
and holds a role that allows the act now, and the command carries the seal of a session of theirs.  What a service may
do without a person is named here, act by act, and is little.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from models.drill.messages import CheckTrace
from models.fault.messages import RetryFault
from models.kernel.store import who
from models.label.store import lot as lot_labels
from models.label.store import unit as unit_labels
from models.notice.rules import links as notice_links
from models.person.messages import is_sealed, key_of_service
from models.person.rules import auth
from models.person.rules.roles import Permission
from models.person.store import roles
from models.process.messages import commands
from models.process.messages.command import Permit
from models.process.messages.process import By, Receipt
from models.recall.messages.begin import OpenRecall
from models.scar import rules as scars

ActFunction = Callable[[Session, Any, datetime], Receipt]


PERMITS: dict[type, Permit] = {
    **{row.command: row.permit for row in commands.ACTS.values()},
    CheckTrace: Permit(Permission.TRACE_CHECK, services=frozenset({"service:schedule"})),
    RetryFault: Permit(Permission.FAULT_SETTLE),
}
"""Every command that an activity takes; one that is missing here is refused to everybody."""

LINKS: dict[str, Callable[[bytes, Any], str]] = {
    "customer": lambda secret, command: notice_links.make(secret, command.notice),
    "supplier": lambda secret, command: scars.make(secret, command.round),
}
"""Who acts through a link: its number and that of what it is for stand in many places, the link is theirs alone."""
WHO = text(who.WHO)


UNSEALED = frozenset({"service:schedule"})
"""Who asks without a seal: the engine's own Schedules.  Whoever reaches Temporal can start these as well, and what they ask for
is what the schedule does anyway: a look at the trace, a drill while none is open.  Neither touches goods, people or a recall."""


def permitted(session: Session, command: Any, do: ActFunction, now: datetime, secret: bytes | None = None) -> Receipt:
    """Do the act, if the one who is named may, and the labels that were scanned are of the batches that it names.

    `secret` is the server's; without it nobody is believed who has no session.
    """
    check(session, command, secret)
    differing = [*lot_labels.compare(session, command), *unit_labels.compare(session, command)]
    receipt = do(session, command, now)
    differing += unit_labels.packed(session, command)
    lot_labels.keep(session, differing, command.by)
    return receipt


def check(session: Session, command: Any, secret: bytes | None = None) -> None:
    """Refuse who is nobody here, has left, lacks the permission now, or is only named (AUTH-005, -025 to -028)."""
    by: By = command.by
    permit = PERMITS.get(type(command), Permit(people=False))
    if by.person_id == 0:
        _check_service(command, by, permit, secret)
        return
    if not permit.people:
        raise auth.NOT_A_PERSONS(who=by.name[:80])
    row = who.known(session, by.person_id)
    if row is None or row.session_id != by.session_id:
        row = _now(session, by)
    else:
        who.again(session, partial(_check_person, session, command, permit))
    _check_person(session, command, permit, row)


def _check_person(session: Session, command: Any, permit: Permit, row: who.Who | None) -> None:
    """Refuse who is nobody here, has left, has no session that sealed the command, or lacks the permission."""
    by: By = command.by
    if row is None or row.public_id != by.actor_id:
        raise auth.UNKNOWN_PERSON(person=by.name[:80])
    if not row.active:
        raise auth.LEFT(name=row.name)
    if not is_sealed(command, row.key or ""):
        raise auth.UNPROVEN(name=row.name)
    if permit.permission is not None:
        roles.keep_up(session, row.roles_digest)
        auth.check_held(roles.permissions_of(row.permissions), permit.permission)
        if by.on_behalf_of is not None:
            # a delegation passes on tasks, never permissions
            raise auth.NOT_FOR_ANOTHER(name=row.name)


def _now(session: Session, by: By) -> who.Who | None:
    """The person, where the act has not asked at its beginning."""
    found = session.connection().execute(WHO, {"person": by.person_id, "session": by.session_id}).mappings().first()
    return None if found is None else who.of(dict(found))


def _check_service(command: Any, by: By, permit: Permit, secret: bytes | None) -> None:
    kind = by.actor_id if by.actor_id.startswith("service:") else by.actor_id.partition(":")[0]
    if kind not in permit.services:
        raise auth.NOT_A_PERSONS(who=by.name[:80])
    if isinstance(command, OpenRecall) and command.mode != "drill":
        raise auth.NOT_A_PERSONS(who=by.name[:80])
    if kind in UNSEALED:
        return
    key = ""
    if secret is not None:
        link = LINKS.get(kind)
        key = link(secret, command) if link is not None else key_of_service(secret, kind)
    if not key or not is_sealed(command, key):
        raise auth.UNPROVEN(name=by.name[:80])
