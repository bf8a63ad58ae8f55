"""People, accounts, roles, qualifications and absences: what an administrator changes, and each person for themselves.

Serves REQUIREMENTS 112, 89, 68; 21 CFR 11.100, 11.300.  Functions take a session whose actor is set; each checks its
rule first and locks the person's row where two administrators could otherwise grant two roles that exclude each other.
"""

import re
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.identifier.rules.identity import identity_key
from models.kernel.store.act import Actor, now
from models.kernel.time.reported import since_clocks
from models.person.rules import auth, credential, role_change
from models.person.rules.auth import Principal
from models.person.store import account_mails, credentials, sessions
from models.person.store import roles as stored_roles
from models.person.store.passwords import UNUSABLE, hash_password, matches
from models.person.store.sessions import NewSession
from models.person.tables import Account, Delegation, Person, Qualification, RoleGrant, RoleRecord, SecurityNotice, Site
from models.register.rules import check_names

ADMINISTRATORS = text("""
select p.id from person p
 where p.active and p.kind = 'human' and exists (
   select from role_grant g join role r on r.key = g.role and r.active
    where g.person_id = p.id and g.revoked_at is null and (g.valid_until is null or g.valid_until > now())
      and 'people.write' = any(r.permissions) and r.key <> :without)
   and exists (select from account a where a.person_id = p.id and not a.disabled)
""")
ONE_BY_ONE = text("select pg_advisory_xact_lock(hashtext('administrators'))")
GIVE_BACK = text("""
update human_task t set assignee_id = null, claimed_at = null
 where t.status = 'open' and t.assignee_id is not null
   and (cast(:person as bigint) is null or t.assignee_id = :person)
   and (cast(:task as bigint) is null or t.id = :task)
   and not (held_role(t.assignee_id, t.role, now()) and exists (
       select from person p join account a on a.person_id = p.id where p.id = t.assignee_id and p.active and not a.disabled))
""")
"""Open tasks go back to their role when whoever claimed them has left, can't log in, or doesn't hold the role any more."""
TOKEN_LASTS = timedelta(days=365)
SAME = text("""
select p.name, p.employee_no, mail_key(p.email) = mail_key(:email) as mail,
       identity_key(p.employee_no) = identity_key(:number) as number
  from person p
 where p.kind = 'human' and p.id <> :but and (mail_key(p.email) = mail_key(:email)
    or identity_key(p.employee_no) = identity_key(:number) or near_key(p.name) = near_key(:name))
 order by p.id
""")
"""Whoever might be the same person: by mail address, employee number or name, as people mean them."""


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
    session: Session,
    name: str,
    *,
    name_en: str | None = None,
    kind: str = "human",
    email: str | None = None,
    employee_no: str | None = None,
    site: str | None = None,
) -> Person:
    """A new person (or service) without account and roles; somebody who is registered already is refused."""
    check_names(name, name_en)
    credential.check_mail(email)
    if kind == "human":
        check_once(session, name, email, employee_no)
    site_id = None
    if site is not None:
        site_id = session.exec(select(Site.id).where(Site.code == site)).first()
    person = Person(name=name, name_en=name_en, kind=kind, email=email, employee_no=employee_no, site_id=site_id)
    session.add(person)
    session.flush()
    session.refresh(person)
    return person


def check_once(session: Session, name: str, email: str | None, number: str | None, but: int = 0) -> None:
    """Refuse a second entry of one person (21 CFR 11.100(a)); a namesake has another employee number."""
    values = {"email": email or "", "number": number or "", "name": name, "but": but}
    for row in session.connection().execute(SAME, values):
        if email and row.mail:
            raise credential.KNOWN_PERSON(what="邮箱", what_en="mail address", value=email, name=row.name)
        if number and identity_key(number) and row.number:
            raise credential.KNOWN_PERSON(what="工号", what_en="employee number", value=number, name=row.name)
        credential.check_namesake(name, number, row.name, row.employee_no)


def add_account(
    session: Session, by: Principal, person: Person, login: str, way: credential.Way | None, *, mails: bool
) -> Account:
    """A way in for a person, by a one-time code that goes to that person alone; for a machine, without any password.

    A login that ever existed is never given again (21 CFR 11.100(a)).
    """
    theirs = session.exec(select(Account).where(Account.person_id == person.id)).first()
    if person.kind != "human":
        return bare_account(session, person, login)
    if theirs is not None:
        raise credential.SECOND_LOGIN(name=person.name, login=theirs.login)
    if not person.email and not person.employee_no:
        raise credential.NO_ADDRESS_NO_NUMBER()
    made = bare_account(session, person, login)
    credentials.invite(session, by, made, way or ("mail" if person.email and mails else "hands"), mails=mails, new=True)
    return made


def add_own_account(session: Session, principal: Principal, login: str, password: str) -> Account:
    """The person's own act: one more way in for the same signer, with a password of their own from the first moment."""
    person = session.exec(select(Person).where(Person.id == principal.person_id).with_for_update()).one()
    auth.check_password_shape(password, login)
    made = bare_account(session, person, login)
    credentials.certify(session, made, person.name, hash_password(password))
    mine = session.get_one(Account, principal.account_id)
    session.add(SecurityNotice(account_id=mine.id, kind="second_login", detail={"by": person.name}))
    account_mails.ask(session, made, "second_login", person.name)
    return made


def bare_account(session: Session, person: Person, login: str) -> Account:
    """A login without a password."""
    login = login.strip().lower()
    if re.fullmatch(auth.LOGIN_PATTERN, login) is None:
        raise auth.LOGIN_SHAPE()
    if session.exec(select(Account.id).where(Account.login == login)).first() is not None:
        raise auth.LOGIN_TAKEN(login=login)
    made = Account(
        person_id=person.id, login=login, password_hash=UNUSABLE, must_change_password=person.kind == "human"
    )
    session.add(made)
    session.flush()
    return made


def rename(
    session: Session, by: Principal, ref: str | UUID, name: str, name_en: str | None, employee_no: str | None
) -> Person:
    """Another name on record; the person confirms it at the next sign-in, and can't sign until then.

    An employee number is written down once: it tells people apart who have one name.  An English name is for readers and
    nobody signs with it: it needs no confirmation, and saying none leaves it as it is.
    """
    check_names(name, name_en)
    person = get(session, ref, lock=True)
    number = person.employee_no or employee_no or None
    credential.check_number(person.employee_no, employee_no)
    check_once(session, name, None, number, but=person.id)
    other = credential.name_key(name) != credential.name_key(person.name)
    person.name, person.name_en, person.employee_no = name, name_en or person.name_en, number
    session.add(person)
    session.flush()
    for one in session.exec(select(Account).where(Account.person_id == person.id)).all() if other else ():
        one.own_since = None
        session.add(one)
        session.flush()
        notice(session, one.id, "renamed", by)
        account_mails.ask(session, one, "renamed", by.name)
    return person


def set_active(session: Session, person: Person, *, active: bool) -> None:
    """Somebody leaves (accounts are disabled, passwords and codes open nothing, sessions ended, claimed tasks go back) or comes back.

    Who comes back needs a new code and says anew who it is: with that person's old password somebody else could.
    """
    administers = _administers(session, person.id)
    person.active = active
    session.add(person)
    for one in session.exec(select(Account).where(Account.person_id == person.id)).all():
        one.disabled = not active
        session.add(one)
        if not active:
            credentials.close(session, one)
        sessions.end_others(session, one.id, 0)
    session.flush()
    if administers:
        _one_stays(session, person)
    give_back(session, person.id)


def give_back(session: Session, person_id: int | None = None, task_id: int | None = None) -> int:
    """Return what nobody can do who has claimed it, of one person or task, or everywhere; answers how many."""
    values = {"person": person_id, "task": task_id}
    return int(session.connection().execute(GIVE_BACK, values).rowcount)


def change_password(session: Session, principal: Principal, current: str, new: str, *, certified: bool = False) -> None:
    """The person's own act; every other session of the account ends.

    The caller has counted a wrong `current` password before (verify_for_signing); here it only must still hold.  Where
    somebody else had set the password, the person has `certified` who it is, and may sign from then on.
    """
    mine = session.exec(select(Account).where(Account.id == principal.account_id).with_for_update()).one()
    if not matches(mine.password_hash, current):
        raise auth.WRONG_LOGIN(failures=auth.MAX_FAILURES)
    auth.check_password_shape(new, mine.login)
    if new == current:
        raise auth.PASSWORD_SAME()
    if mine.own_since is None:
        if not certified:
            raise credential.NOT_CERTIFIED()
        credentials.certify(session, mine, principal.name, hash_password(new), keep=principal.session_id)
        return
    mine.password_hash = hash_password(new)
    mine.must_change_password = False
    session.add(mine)
    session.flush()
    sessions.end_others(session, mine.id, principal.session_id)


def reset_password(session: Session, by: Principal, login: str, way: credential.Way, *, mails: bool) -> None:
    """An administrator's act: the password opens nothing any more, and a one-time code goes to the person alone."""
    theirs = _others_account(session, by, login)
    person = session.get_one(Person, theirs.person_id)
    if person.kind != "human":
        raise auth.MACHINE()
    if not person.active:
        raise auth.INACTIVE(name=person.name)
    credentials.invite(session, by, theirs, way, mails=mails)
    credentials.take_away(session, theirs)
    notice(session, theirs.id, "password_reset", by)


def unlock(session: Session, by: Principal, login: str) -> None:
    """An administrator's act, after having asked the person what happened."""
    theirs = _others_account(session, by, login)
    theirs.failed_count, theirs.locked_at, theirs.locked_until = 0, None, None
    session.add(theirs)
    session.flush()
    notice(session, theirs.id, "unlocked", by)
    account_mails.ask(session, theirs, "unlocked", by.name)


def unlock_by_operator(session: Session, login: str) -> None:
    """At the server, where no other administrator can: a lock that anybody can cause is never for good."""
    theirs = account(session, login, lock=True)
    theirs.failed_count, theirs.locked_at, theirs.locked_until = 0, None, None
    session.add(theirs)
    session.add(SecurityNotice(account_id=theirs.id, kind="unlocked", detail={"by": "operator"}))
    account_mails.ask(session, theirs, "unlocked", "操作员 / operator")
    session.flush()


def set_disabled(session: Session, by: Principal, login: str, *, disabled: bool) -> None:
    """Close an account, or open it again; its login stays taken either way."""
    theirs = _others_account(session, by, login)
    administers = _administers(session, theirs.person_id)
    theirs.disabled = disabled
    session.add(theirs)
    session.flush()
    if administers:
        _one_stays(session, session.get_one(Person, theirs.person_id))
    sessions.end_others(session, theirs.id, 0)
    give_back(session, theirs.person_id)


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


def roles(session: Session, person_id: int) -> frozenset[str]:
    """The roles a person holds now, by their keys."""
    moment = now(session)
    rows = session.exec(
        select(RoleGrant.role)
        .join(RoleRecord, col(RoleRecord.key) == col(RoleGrant.role))
        .where(
            RoleGrant.person_id == person_id,
            col(RoleRecord.active).is_(True),
            col(RoleGrant.revoked_at).is_(None),
            col(RoleGrant.valid_until).is_(None) | (col(RoleGrant.valid_until) > moment),
        )
    ).all()
    return frozenset(rows)


def grant(session: Session, ref: str | UUID, role: str, valid_until: datetime | None = None) -> Person:
    """Give a role; one that clashes with a role held now is refused (AUTH-014)."""
    known = stored_roles.load(session)
    role_change.check_given(known, role)
    person = get(session, ref, lock=True)
    if not person.active:
        raise auth.INACTIVE(name=person.name)
    auth.check_roles(known, roles(session, person.id), role)
    held = _held(session, person.id, role)
    administers = held is not None and _administers(session, person.id)
    if held is not None:
        if held.valid_until == valid_until:
            return person
        _take(session, held)
    session.add(RoleGrant(person_id=person.id, role=role, valid_until=valid_until))
    session.flush()
    if administers:
        _one_stays(session, person)
    give_back(session, person.id)  # a role may be given until yesterday
    return person


def revoke(session: Session, ref: str | UUID, role: str) -> Person:
    """Take a role away, and what was claimed in it goes back to its queue; nothing happens when it isn't held."""
    person = get(session, ref, lock=True)
    held = _held(session, person.id, role)
    if held is not None:
        administers = _administers(session, person.id)
        _take(session, held)
        if administers:
            _one_stays(session, person)
        give_back(session, person.id)
    return person


def _administers(session: Session, person_id: int) -> bool:
    """Whether the person is an administrator who can log in."""
    return person_id in session.connection().execute(ADMINISTRATORS, {"without": ""}).scalars()


def _one_stays(session: Session, person: Person) -> None:
    if not one_stays(session):
        raise credential.ONE_STAYS(name=person.name)


def one_stays(session: Session, without: str = "") -> bool:
    """Whether somebody is left who can give an account or a role to anybody, by another role than `without`.

    Two who ask at once come one by one.
    """
    session.connection().execute(ONE_BY_ONE)
    return session.connection().execute(ADMINISTRATORS, {"without": without}).first() is not None


def _held(session: Session, person_id: int, role: str) -> RoleGrant | None:
    return session.exec(
        select(RoleGrant).where(
            RoleGrant.person_id == person_id, RoleGrant.role == role, col(RoleGrant.revoked_at).is_(None)
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
    start = since_clocks(valid_from or now(session))
    if valid_until is not None and valid_until <= start:
        raise auth.PERIOD()
    made = Qualification(person_id=person.id, code=code, document=document, valid_from=start, valid_until=valid_until)
    session.add(made)
    session.flush()
    return made


def skills(session: Session, person_id: int, at: datetime | None = None) -> frozenset[str]:
    """The skills that a person has proven and that are in force, now or at another moment."""
    moment = at or now(session)
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
        stored_roles.load(session),
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
