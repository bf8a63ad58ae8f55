"""One-time codes and the first password: asked for by somebody else, used by the person alone (21 CFR 11.100, 11.200(a)(3)).

Nobody is ever shown a code whole but its owner: it is mailed to the address on record, or two people see one half each.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Engine, text
from sqlmodel import Session, col, select

from models.kernel.store.act import Actor, act, now, reading
from models.person.rules import account_mail, auth
from models.person.rules import credential as rules
from models.person.rules.auth import Principal
from models.person.store import account_mails, sessions
from models.person.store.passwords import UNUSABLE, hash_password
from models.person.store.sessions import NewSession
from models.person.tables import Account, Certification, Person, SecurityNotice, SignInCode

UNCERTIFIED = text("""
select p.public_id, said(p.name, p.name_en) as name, p.employee_no, a.login, a.last_login_at,
       c.at as certified_at,
       coalesce(e.at, f.at) as set_at, coalesce(e.actor_name, f.actor_name) as set_by,
       coalesce(e.actor_id, f.actor_id) is distinct from p.public_id::text as set_by_another
  from account a join person p on p.id = a.person_id
  left join lateral (select at from certification c where c.account_id = a.id order by c.id desc limit 1) c on true
  left join lateral (select e.at, e.actor_id, e.actor_name from audit_event e
     where e.table_name = 'account' and e.row_id = a.id and e.operation = 'update'
       and e.before ->> 'password_hash' is distinct from e.after ->> 'password_hash' order by e.id desc limit 1) e on true
  left join lateral (select f.at, f.actor_id, f.actor_name from audit_event f
     where f.table_name = 'account' and f.row_id = a.id and f.operation = 'insert' limit 1) f on true
 where p.kind = 'human' and p.active and not a.disabled and a.own_since is null
 order by a.id
""")


@dataclass(frozen=True)
class First:
    """What somebody gives at the first sign-in."""

    login: str
    code: str
    name: str | None
    binding: bool
    password: str


@dataclass(frozen=True)
class Owner:
    """For whom a code is, as its page shows."""

    login: str
    name: str
    public_id: str
    account_id: int
    code_id: int


@dataclass(frozen=True)
class Half:
    """One half of a code, for the eyes of one person, once."""

    login: str
    name: str
    half: str
    number: int
    until: datetime


def take_away(session: Session, account: Account) -> None:
    """The present password opens nothing any more, and every session ends."""
    account.password_hash, account.own_since, account.must_change_password = UNUSABLE, None, True
    account.failed_count, account.locked_at, account.locked_until = 0, None, None
    session.add(account)
    session.flush()
    sessions.end_others(session, account.id, 0)


def close(session: Session, account: Account) -> None:
    """Whoever leaves has nothing left to come in by: no password, no code; on their return they are identified anew (21 CFR 11.300(c))."""
    _void(session, account.id, now(session))
    take_away(session, account)


def invite(
    session: Session, by: Principal, account: Account, way: rules.Way, *, mails: bool, new: bool = False
) -> SignInCode:
    """A fresh one-time code; whatever code was under way is void.  `mails` tells whether anything can be mailed."""
    person = session.get_one(Person, account.person_id)
    rules.check_way(way, person.name, person.email, mails=mails)
    moment = now(session)
    _void(session, account.id, moment)
    made = SignInCode(account_id=account.id, way=way, made_by_id=by.person_id, expires_at=moment + rules.LASTS[way])
    session.add(made)
    session.flush()
    news: account_mail.News = "code" if way == "mail" else "new" if new else "reset"
    account_mails.ask(session, account, news, by.name, made.id if way == "mail" else None)
    return made


def print_code(session: Session, account: Account) -> str:
    """The code of a plant's first administrator, for whoever stands at the server; the wall lets it be until somebody is in."""
    code = _random(rules.HALF)
    session.add(
        SignInCode(
            account_id=account.id,
            way="console",
            first_hash=_hash(code),
            expires_at=now(session) + rules.LASTS["console"],
        )
    )
    session.flush()
    return rules.in_groups(code)


def print_again(session: Session) -> tuple[str, str]:
    """The login of the first administrator and a new code, as long as nobody has ever signed in; the one of before is void.

    Whoever lost the code that was printed at the founding, or let its three days pass, stands at the server again.
    """
    waiting = select(Account).join(SignInCode, col(SignInCode.account_id) == col(Account.id))
    account = session.exec(
        waiting.where(SignInCode.way == "console").order_by(col(SignInCode.id)).limit(1).with_for_update(of=Account)
    ).first()
    if account is None or session.exec(select(Certification.id).limit(1)).first() is not None:
        raise rules.NOBODY_TO_BEGIN()
    _void(session, account.id, now(session))
    return account.login, print_code(session, account)


def half(session: Session, by: Principal, login: str) -> Half:
    """Show one half: the first to whoever asks first, the second to somebody else, each once."""
    found = session.exec(select(Account).where(Account.login == login.strip().lower()).with_for_update()).first()
    code = None if found is None else _under_way(session, found.id, "hands")
    if found is None or code is None or code.second_hash is not None:
        raise rules.NO_HALF(login=login[:80])
    if found.person_id == by.person_id:
        raise auth.OWN_RIGHTS()
    shown, number = _random(rules.HALF), 1 if code.first_hash is None else 2
    if number == 1:
        code.first_hash, code.first_by_id = _hash(shown), by.person_id
    elif code.first_by_id == by.person_id:
        raise rules.SAME_HANDS()
    else:
        code.second_hash, code.second_by_id = _hash(shown), by.person_id
    session.add(code)
    session.flush()
    name = session.get_one(Person, found.person_id).name
    return Half(found.login, name, rules.in_groups(shown), number, code.expires_at)


def half_at_server(session: Session, login: str) -> Half:
    """The second half for whoever is at the server, while the plant has nobody else who could hand it over."""
    found = session.exec(select(Account).where(Account.login == login.strip().lower()).with_for_update()).first()
    code = None if found is None else _under_way(session, found.id, "hands")
    if found is None or code is None or code.first_hash is None or code.second_hash is not None:
        raise rules.NO_HALF(login=login[:80])
    if session.connection().execute(text("select handing_over()")).scalar_one() > 1:
        raise rules.TWO_THERE()
    shown = _random(rules.HALF)
    code.second_hash = _hash(shown)
    session.add(code)
    session.flush()
    name = session.get_one(Person, found.person_id).name
    return Half(found.login, name, rules.in_groups(shown), 2, code.expires_at)


def owner(engine: Engine, secret: bytes, login: str, code: str) -> Owner:
    """Whose code that is, or AUTH-043, whatever is wrong with it."""
    with reading(engine) as session:
        return _find(session, secret, login, code)


def first_sign_in(engine: Engine, secret: bytes, given: First, source: str) -> NewSession:
    """Use a code: the own password, the certified identity, and a session, together or not at all."""
    found = owner(engine, secret, given.login, given.code)
    rules.check_certified(given.name, found.name, binding=given.binding)
    auth.check_password_shape(given.password, found.login)
    hashed = hash_password(given.password)
    with act(engine, Actor(found.public_id, found.name, source, "first sign-in")) as session:
        account = session.exec(select(Account).where(Account.id == found.account_id).with_for_update()).one()
        # once more, locked: a second use of the same code waits here and finds it used
        again = _find(session, secret, given.login, given.code)
        code = session.get_one(SignInCode, again.code_id)
        code.used_at = now(session)
        session.add(code)
        session.flush()
        certify(session, account, found.name, hashed, code.id)
        return sessions.open_session(session, account.id, kind="cookie", lasts=auth.ABSOLUTE)


def certify(
    session: Session, account: Account, name: str, hashed: str, code_id: int | None = None, *, keep: int = 0
) -> None:
    """The person has confirmed who it is: the password is the own one from now on, and every other session ends."""
    words = " / ".join(rules.CERTIFIED[language].format(name=name) for language in ("zh", "en"))
    session.add(
        Certification(account_id=account.id, person_id=account.person_id, code_id=code_id, name=name, statement=words)
    )
    session.flush()
    account.password_hash, account.must_change_password, account.own_since = hashed, False, now(session)
    account.failed_count, account.locked_at, account.locked_until = 0, None, None
    session.add(account)
    session.flush()
    sessions.end_others(session, account.id, keep)
    session.add(SecurityNotice(account_id=account.id, kind="own_password", detail={"by": name}))
    account_mails.ask(session, account, "own_password", name)


def uncertified(session: Session) -> list[dict[str, Any]]:
    """Logins that nobody has certified yet, with who set their password when: each for a person's decision."""
    return [dict(row) for row in session.connection().execute(UNCERTIFIED).mappings()]


def _void(session: Session, account_id: int, moment: datetime) -> None:
    rows = session.exec(
        select(SignInCode).where(
            SignInCode.account_id == account_id, col(SignInCode.used_at).is_(None), col(SignInCode.void_at).is_(None)
        )
    ).all()
    for row in rows:
        row.void_at = moment
        session.add(row)
    session.flush()


def _under_way(session: Session, account_id: int, way: str | None = None) -> SignInCode | None:
    query = select(SignInCode).where(
        SignInCode.account_id == account_id,
        col(SignInCode.used_at).is_(None),
        col(SignInCode.void_at).is_(None),
        col(SignInCode.expires_at) > now(session),
    )
    if way is not None:
        query = query.where(SignInCode.way == way)
    return session.exec(query.order_by(col(SignInCode.id).desc())).first()


def _find(session: Session, secret: bytes, login: str, code: str) -> Owner:
    """The owner of a usable code; the same refusal for a wrong login, a wrong code and one that is used."""
    if login:
        account = session.exec(select(Account).where(Account.login == login.strip().lower())).first()
        known = None if account is None else _under_way(session, account.id)
        if known is None or not _fits(secret, known, code):
            raise rules.WRONG_CODE()
    else:
        wanted = account_mail.read(secret, code.strip())
        known = session.exec(select(SignInCode).where(SignInCode.public_id == wanted)).first()
        account = session.get(Account, known.account_id) if known else None
        newest = _under_way(session, account.id) if account else None
        if known is None or newest is None or newest.id != known.id or known.way != "mail":
            raise rules.WRONG_CODE()
    person = session.get(Person, account.person_id) if account else None
    if account is None or person is None or account.disabled or not person.active or person.kind != "human":
        raise rules.WRONG_CODE()
    return Owner(account.login, person.name, str(person.public_id), account.id, known.id)


def _fits(secret: bytes, known: SignInCode, code: str) -> bool:
    if known.way == "mail":
        return hmac.compare_digest(account_mail.make(secret, known.public_id).encode(), code.strip().encode())
    typed = rules.as_typed(code)
    if known.way == "console":
        return hmac.compare_digest(_hash(typed), known.first_hash or "")
    if known.first_hash is None or known.second_hash is None:
        return False
    halves = (typed[: rules.HALF], typed[rules.HALF :])
    # whoever is handed two slips of paper types them in any order
    return any(
        hmac.compare_digest(_hash(one) + _hash(other), known.first_hash + known.second_hash)
        for one, other in (halves, halves[::-1])
    )


def _random(length: int) -> str:
    return "".join(secrets.choice(rules.ALPHABET) for _ in range(length))


def _hash(code: str) -> str:
    """79 random bits need no slow hash."""
    return sha256(code.encode()).hexdigest()
