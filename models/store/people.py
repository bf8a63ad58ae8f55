"""People, accounts, roles, qualifications and absences: what an administrator changes, and each person for themselves.

Serves REQUIREMENTS 112, 89, 68; 21 CFR 11.100, 11.300.  Functions take a session whose actor is set; each checks its
rule first and locks the person's row where two administrators could otherwise grant two roles that exclude each other.
"""

import re
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.rules import auth
from models.rules.auth import Principal
from models.rules.roles import Role
from models.store import sessions
from models.store.act import Actor, now
from models.store.passwords import UNUSABLE, hash_password, matches
from models.store.sessions import NewSession
from models.tables.people import Account, Delegation, Person, Qualification, RoleGrant, SecurityNotice, Site

GIVE_BACK = text(
    "update human_task set assignee_id = null, claimed_at = null"
    " where status = 'open' and assignee_id = :person and (cast(:role as text) is null or role = :role)"
)
"""Open tasks that somebody has claimed go back to their role: all of them, or those of one role."""
TOKEN_LASTS = timedelta(days=365)


def actor_of(principal: Principal, *, reason: str = "", on_behalf_of: str = "", source_ref: str = "") -> Actor:
    """The person as the actor of a transaction; `source` tells pages from machines."""
    return Actor(
        actor_id=principal.public_id,
        name=principal.name,
        source="web" if principal.session_kind == "cookie" else "api",
        source_ref=source_ref,
        on_behalf_of=on_behalf_of,
        reason=reason,
    )


def get(session: Session, ref: str | UUID, *, lock: bool = False) -> Person:
    """The person with that public id or login."""
    query = select(Person)
    if lock:
        query = query.with_for_update()
    try:
        query = query.where(Person.public_id == UUID(str(ref)))
    except ValueError:
        query = query.where(
            col(Person.id).in_(select(Account.person_id).where(Account.login == str(ref).strip().lower()))
        )
    found = session.exec(query).first()
    if found is None:
        raise auth.UNKNOWN_PERSON(person=str(ref)[:80])
    return found


def account(session: Session, login: str, *, lock: bool = False) -> Account:
    """The account with that login."""
    query = select(Account).where(Account.login == login.strip().lower())
    found = session.exec(query.with_for_update() if lock else query).first()
    if found is None:
        raise auth.UNKNOWN_ACCOUNT(login=login[:80])
    return found


def create(
    session: Session, name: str, *, kind: str = "human", email: str | None = None, site: str | None = None
) -> Person:
    """A new person (or service) without account and roles."""
    site_id = None
    if site is not None:
        site_id = session.exec(select(Site.id).where(Site.code == site)).first()
    person = Person(name=name, kind=kind, email=email, site_id=site_id)
    session.add(person)
    session.flush()
    session.refresh(person)
    return person


def add_account(
    session: Session, person: Person, login: str, password: str | None, *, must_change: bool = True
) -> Account:
    """A way in for a person.  A login that ever existed is never given again (21 CFR 11.100(a))."""
    login = login.strip().lower()
    if re.fullmatch(auth.LOGIN_PATTERN, login) is None:
        raise auth.LOGIN_SHAPE()
    if session.exec(select(Account.id).where(Account.login == login)).first() is not None:
        raise auth.LOGIN_TAKEN(login=login)
    if password is not None:
        auth.check_password_shape(password, login)
    made = Account(
        person_id=person.id,
        login=login,
        password_hash=UNUSABLE if password is None else hash_password(password),
        must_change_password=must_change and password is not None,
    )
    session.add(made)
    session.flush()
    return made


def set_active(session: Session, person: Person, *, active: bool) -> None:
    """Somebody leaves (accounts are disabled, sessions ended, claimed tasks go back to their queues) or comes back."""
    person.active = active
    session.add(person)
    if not active:
        session.connection().execute(GIVE_BACK, {"person": person.id, "role": None})
    for one in session.exec(select(Account).where(Account.person_id == person.id)).all():
        one.disabled = not active
        session.add(one)
        sessions.end_others(session, one.id, 0)
    session.flush()


def change_password(session: Session, principal: Principal, current: str, new: str) -> None:
    """The person's own act; every other session of the account ends.

    The caller has counted a wrong `current` password before (verify_for_signing); here it only must still hold.
    """
    mine = session.exec(select(Account).where(Account.id == principal.account_id).with_for_update()).one()
    if not matches(mine.password_hash, current):
        raise auth.WRONG_LOGIN(failures=auth.MAX_FAILURES)
    auth.check_password_shape(new, mine.login)
    if new == current:
        raise auth.PASSWORD_SAME()
    mine.password_hash = hash_password(new)
    mine.must_change_password = False
    session.add(mine)
    session.flush()
    sessions.end_others(session, mine.id, principal.session_id)


def reset_password(session: Session, by: Principal, login: str, temporary: str) -> None:
    """An administrator's act: the person has to change it before anything else (21 CFR 11.200(a)(3))."""
    theirs = _others_account(session, by, login)
    auth.check_password_shape(temporary, theirs.login)
    theirs.password_hash = hash_password(temporary)
    theirs.must_change_password = True
    theirs.failed_count, theirs.locked_at, theirs.locked_until = 0, None, None
    session.add(theirs)
    session.flush()
    sessions.end_others(session, theirs.id, 0)
    notice(session, theirs.id, "password_reset", by)


def unlock(session: Session, by: Principal, login: str) -> None:
    """An administrator's act, after having asked the person what happened."""
    theirs = _others_account(session, by, login)
    theirs.failed_count, theirs.locked_at, theirs.locked_until = 0, None, None
    session.add(theirs)
    session.flush()
    notice(session, theirs.id, "unlocked", by)


def unlock_by_operator(session: Session, login: str) -> None:
    """At the server, where no other administrator can: a lock that anybody can cause is never for good."""
    theirs = account(session, login, lock=True)
    theirs.failed_count, theirs.locked_at, theirs.locked_until = 0, None, None
    session.add(theirs)
    session.add(SecurityNotice(account_id=theirs.id, kind="unlocked", detail={"by": "operator"}))
    session.flush()


def set_disabled(session: Session, by: Principal, login: str, *, disabled: bool) -> None:
    """Close an account, or open it again; its login stays taken either way."""
    theirs = _others_account(session, by, login)
    theirs.disabled = disabled
    session.add(theirs)
    session.flush()
    sessions.end_others(session, theirs.id, 0)


def notice(session: Session, account_id: int, kind: str, by: Principal) -> None:
    """Something the account's owner must see."""
    session.add(SecurityNotice(account_id=account_id, kind=kind, detail={"by": by.name}))
    session.flush()


def see_notices(session: Session, account_id: int) -> int:
    """The owner has seen them."""
    moment = now(session)
    rows = session.exec(
        select(SecurityNotice).where(SecurityNotice.account_id == account_id, col(SecurityNotice.seen_at).is_(None))
    ).all()
    for row in rows:
        row.seen_at = moment
        session.add(row)
    session.flush()
    return len(rows)


def issue_token(session: Session, ref: str | UUID, lasts: timedelta = TOKEN_LASTS) -> NewSession:
    """A bearer token for a machine's account; it is shown once."""
    person = get(session, ref)
    if person.kind != "service":
        raise auth.MACHINE()
    if not person.active:
        raise auth.INACTIVE(name=person.name)
    its = session.exec(select(Account).where(Account.person_id == person.id).order_by(col(Account.id))).first()
    if its is None:
        raise auth.UNKNOWN_ACCOUNT(login=person.name)
    return sessions.open_session(session, its.id, kind="token", lasts=lasts)


def roles(session: Session, person_id: int) -> frozenset[Role]:
    """The roles a person holds now."""
    moment = now(session)
    rows = session.exec(
        select(RoleGrant.role).where(
            RoleGrant.person_id == person_id,
            col(RoleGrant.revoked_at).is_(None),
            col(RoleGrant.valid_until).is_(None) | (col(RoleGrant.valid_until) > moment),
        )
    ).all()
    return frozenset(Role(row) for row in rows if row in set(Role))


def grant(session: Session, ref: str | UUID, role: Role, valid_until: datetime | None = None) -> Person:
    """Give a role; one that clashes with a role held now is refused (AUTH-014)."""
    person = get(session, ref, lock=True)
    if not person.active:
        raise auth.INACTIVE(name=person.name)
    auth.check_roles(roles(session, person.id), role)
    held = _held(session, person.id, role)
    if held is not None:
        if held.valid_until == valid_until:
            return person
        _take(session, held)
    session.add(RoleGrant(person_id=person.id, role=role.value, valid_until=valid_until))
    session.flush()
    return person


def revoke(session: Session, ref: str | UUID, role: Role) -> Person:
    """Take a role away, and what was claimed in it goes back to its queue; nothing happens when it isn't held."""
    person = get(session, ref, lock=True)
    held = _held(session, person.id, role)
    if held is not None:
        _take(session, held)
        session.connection().execute(GIVE_BACK, {"person": person.id, "role": role.value})
    return person


def _held(session: Session, person_id: int, role: Role) -> RoleGrant | None:
    return session.exec(
        select(RoleGrant).where(
            RoleGrant.person_id == person_id, RoleGrant.role == role.value, col(RoleGrant.revoked_at).is_(None)
        )
    ).first()


def _take(session: Session, held: RoleGrant) -> None:
    """End a grant; the row stays, so that it is known who held which role when."""
    held.revoked_at = now(session)
    session.add(held)
    session.flush()


def qualify(
    session: Session,
    ref: str | UUID,
    code: str,
    *,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
    document: str | None = None,
) -> Qualification:
    """Write down a proven skill (ISO 13485 6.2)."""
    person = get(session, ref)
    start = valid_from or now(session)
    if valid_until is not None and valid_until <= start:
        raise auth.PERIOD()
    made = Qualification(person_id=person.id, code=code, document=document, valid_from=start, valid_until=valid_until)
    session.add(made)
    session.flush()
    return made


def skills(session: Session, person_id: int) -> frozenset[str]:
    """The skills that a person has proven and that are in force."""
    moment = now(session)
    rows = session.exec(
        select(Qualification.code).where(
            Qualification.person_id == person_id,
            col(Qualification.valid_from) <= moment,
            col(Qualification.valid_until).is_(None) | (col(Qualification.valid_until) > moment),
        )
    ).all()
    return frozenset(rows)


def delegate(
    session: Session, principal: Principal, to: str | UUID, starts_at: datetime, ends_at: datetime, reason: str
) -> Delegation:
    """Name a deputy for an absence (REQ 89): somebody active who holds a role of the absent person and all their skills."""
    if ends_at <= starts_at or ends_at <= now(session):
        raise auth.PERIOD()
    deputy = get(session, to)
    if deputy.id == principal.person_id:
        raise auth.NO_DEPUTY(name=deputy.name, why_zh="就是您本人", why_en="that is you")
    if not deputy.active or deputy.kind != "human":
        raise auth.NO_DEPUTY(name=deputy.name, why_zh="不在职", why_en="not an active colleague")
    auth.check_deputy(
        deputy.name,
        roles(session, principal.person_id),
        roles(session, deputy.id),
        skills(session, principal.person_id),
        skills(session, deputy.id),
    )
    made = Delegation(
        from_person_id=principal.person_id, to_person_id=deputy.id, starts_at=starts_at, ends_at=ends_at, reason=reason
    )
    session.add(made)
    session.flush()
    return made


def end_delegation(session: Session, principal: Principal, delegation_id: int) -> None:
    """Back early: the absence ends now; one that hasn't begun never begins."""
    row = session.get(Delegation, delegation_id)
    moment = now(session)
    if row is None or row.from_person_id != principal.person_id:
        raise auth.UNKNOWN_PERSON(person=delegation_id)
    if row.ends_at > moment:
        row.starts_at = min(row.starts_at, moment - timedelta(microseconds=1))
        row.ends_at = moment
        session.add(row)
        session.flush()


def _others_account(session: Session, by: Principal, login: str) -> Account:
    theirs = account(session, login, lock=True)
    if theirs.person_id == by.person_id:
        raise auth.OWN_RIGHTS()
    return theirs
