"""Passwords: hashing, proving, and counting wrong ones (21 CFR 11.300).

A wrong password must be counted even though everything around it is refused, so proving a password is a transaction
of its own and commits by itself.  The password is compared before that transaction begins, for it takes long and a flood
of logins must not hold connections.  What came of it is told only after it was counted with the account's row locked:
of fifty guesses at the same instant the sixth finds the account locked and learns nothing, even where it was right.

Anybody can guess at the door, so what is guessed there closes the door and nothing else: whoever is at work goes on and signs.
Wrong passwords at signing come from within a session; they end it, and every other one.
"""

import threading
from dataclasses import dataclass
from typing import Any, Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Engine, Row, TextClause, text
from sqlmodel import Session

from models.kernel.store.act import Actor, act, begin, reading
from models.person.rules.auth import MAX_FAILURES, lock_time

Result = Literal["accepted", "wrong_password", "locked", "disabled", "must_change", "unknown"]
ACCEPTED: Result = "accepted"
UNUSABLE = "!"  # a machine's account has no password

HASHER = PasswordHasher(time_cost=1, memory_cost=47104, parallelism=1)  # OWASP: 46 MiB, one pass; some 40 ms
_at_once = threading.BoundedSemaphore(4)  # so a burst of logins can't take all memory
_NOBODYS = (
    f"$argon2id$v=19$m={HASHER.memory_cost},t={HASHER.time_cost},p={HASHER.parallelism}${'bm9ib2R5' * 2}${'A' * 43}"
)
"""A hash that no known password has, compared where nobody has the login; written down, for hashing one cost each start 70 ms."""
_DOOR = Actor(actor_id="service:auth", name="身份验证 / authentication", source="api", enters=True)

FIND = "select a.id, a.person_id, a.login, a.password_hash, a.failed_count, coalesce(a.locked_until > now(), false) as locked, a.disabled,"
FIND += " a.must_change_password or a.own_since is null as must_change, p.public_id::text as public_id, p.name, p.active, p.kind,"
FIND += " (select n.detail->>'purpose' from security_notice n where n.account_id = a.id and n.kind = 'locked' order by n.id desc limit 1) as guessed_at"
FIND += " from account a join person p on p.id = a.person_id where a.id = :id for update of a"
LOOK_BY_ID = text("select id, password_hash from account where id = :key")
LOOK_BY_LOGIN = text("select id, password_hash from account where login = :key")
COUNT = text(
    "update account set failed_count = failed_count + 1,"
    " locked_at = case when :lasts > interval '0' then now() else locked_at end,"
    " locked_until = case when :lasts > interval '0' then now() + :lasts else locked_until end"
    " where id = :id returning failed_count"
)
NOTICE = text(
    "insert into security_notice (account_id, kind, detail)"
    " values (:id, 'locked', jsonb_build_object('purpose', cast(:purpose as text), 'failures', cast(:failures as int)))"
)
END_SESSIONS = text("update login_session set ended_at = now() where account_id = :id and ended_at is null")


@dataclass(frozen=True)
class Proof:
    """What came of comparing a password; `left` tries remain before the account is locked."""

    result: Result
    left: int = 0
    account_id: int = 0
    person_id: int = 0
    kind: str = "human"

    @property
    def accepted(self) -> bool:
        """Whether the password was right and the account may be used without more."""
        return self.result == ACCEPTED


def hash_password(password: str) -> str:
    """The argon2id hash that is kept."""
    with _at_once:
        return HASHER.hash(password)


def matches(hashed: str, password: str) -> bool:
    """Whether the password belongs to the hash; an unusable hash belongs to none."""
    with _at_once:
        try:
            return HASHER.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False


def verify_for_signing(engine: Engine, account_id: int, password: str) -> Proof:
    """Prove the person anew at the moment of signing (21 CFR 11.200(a)(1)).

    `must_change` means the password was right but somebody else has set it, or its owner hasn't certified who it is, so it
    can't sign (11.100(b), 11.200(a)(3)).
    Never raises for a wrong password: the caller writes the signing attempt with the result and then refuses.
    """
    return _prove(engine, LOOK_BY_ID, account_id, password, "sign")


def verify_for_login(engine: Engine, login: str, password: str) -> Proof:
    """Prove a login; an unknown one takes as long as a known one."""
    return _prove(engine, LOOK_BY_LOGIN, login, password, "login")


def _prove(engine: Engine, look: TextClause, key: int | str, password: str, purpose: str) -> Proof:
    """Compare without a connection, then count; once more where the password was changed in between."""
    while True:
        with reading(engine) as session:
            seen = session.connection().execute(look, {"key": key}).one_or_none()
        right = matches(_NOBODYS if seen is None else seen.password_hash, password)
        if seen is None:
            return Proof("unknown")
        with act(engine, _DOOR) as session:
            row = session.connection().execute(text(FIND), {"id": seen.id}).one()
            if row.password_hash == seen.password_hash:
                return _count(session, row, password, purpose, right=right)


def _count(session: Session, row: Row[Any], password: str, purpose: str, *, right: bool) -> Proof:
    """What a comparison is worth, with the account's row locked: nothing while the account is locked."""
    who = (row.id, row.person_id, row.kind)
    if row.locked and not (purpose == "sign" and row.guessed_at == "login"):
        return Proof("locked", 0, *who)
    if not right:
        return _wrong(session, row, purpose)
    if row.disabled or not row.active:
        return Proof("disabled", 0, *who)
    begin(session, Actor(actor_id=row.public_id, name=row.name, source="api", source_ref=purpose, enters=True))
    _welcome(session, row.id, password, row.password_hash, failed=row.failed_count > 0, login=purpose == "login")
    if row.must_change and purpose == "sign":
        return Proof("must_change", MAX_FAILURES, *who)
    return Proof(ACCEPTED, MAX_FAILURES, *who)


def _wrong(session: Session, row: Row[Any], purpose: str) -> Proof:
    """Count a wrong password; the fifth locks for a while, and each that follows for twice as long.

    A lock leaves a notice (21 CFR 11.300(d)), and ends every session where the wrong ones came from within one.
    """
    lasts = lock_time(row.failed_count + 1)
    failures = session.connection().execute(COUNT, {"id": row.id, "lasts": lasts}).scalar_one()
    if not lasts:
        return Proof("wrong_password", MAX_FAILURES - failures, row.id, row.person_id)
    session.connection().execute(NOTICE, {"id": row.id, "purpose": purpose, "failures": failures})
    if purpose == "sign":
        session.connection().execute(END_SESSIONS, {"id": row.id})
    return Proof("locked", 0, row.id, row.person_id)


def _welcome(session: Session, account_id: int, password: str, hashed: str, *, failed: bool, login: bool) -> None:
    """Forget earlier failures, note the login, and hash again when the parameters have become stronger."""
    changes, values = [], {"id": account_id, "hash": ""}
    if failed:
        changes.append("failed_count = 0, locked_at = null, locked_until = null")
    if login:
        changes.append("last_login_at = now()")
    if HASHER.check_needs_rehash(hashed):
        changes.append("password_hash = :hash")
        values["hash"] = hash_password(password)
    if changes:
        session.connection().execute(text(f"update account set {', '.join(changes)} where id = :id"), values)  # noqa: S608 - our own words
